"""A right is for a client and endpoints; what is not given is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei import exchange
from renkei.exchange import AddressUnsafe, EndpointMalformed
from renkei.exchange.providers import Endpoint, Provider, check_client

UNIT, OTHER = "JP/MUN/131016/15", "JP/MUN/131016/17"


def provider(**rights: str) -> Provider:
    given = {
        name.replace("_", "/"): (Endpoint.parse(endpoint),) for name, endpoint in rights.items()
    }
    return Provider("31", "shelters", "http://127.0.0.1:1/", given)


def permits(one: Provider, client: str, method: str, path: str) -> bool:
    call = exchange.service_call(f"/r1/JP/MUN/131024/31/shelters{path}")
    return one.permits(exchange.client(client), method, call)


@pytest.mark.clause("RK-17.6")
@pytest.mark.parametrize(
    ("endpoint", "method", "path", "fits"),
    [
        ("GET /", "GET", "", True),
        ("GET /", "GET", "/", True),
        ("GET /", "GET", "/a", False),
        ("GET /a/*", "GET", "/a/b", True),
        ("GET /a/*", "GET", "/a/b/c", False),
        ("GET /a/*", "GET", "/a", False),
        ("GET /a/**", "GET", "/a", True),
        ("GET /a/**", "GET", "/a/b/c", True),
        ("GET /a/**", "GET", "/b", False),
        ("* /**", "DELETE", "/x", True),
        ("GET /**", "POST", "/x", False),
        ("GET /高", "GET", "/%E9%AB%98", True),
        ("GET /a", "GET", "/%61", True),
    ],
)
def test_an_endpoint_fits_by_method_and_decoded_segments(endpoint, method, path, fits):
    one = Provider("31", "shelters", "http://127.0.0.1:1/", {UNIT: (Endpoint.parse(endpoint),)})
    assert permits(one, UNIT, method, path) is fits


@pytest.mark.clause("RK-17.6")
def test_a_right_is_a_unit_s_or_its_organisation_s_or_everybody_s():
    organisation = {"JP/MUN/131016": (Endpoint.parse("GET /a"),)}
    everybody = {"*": (Endpoint.parse("GET /a"),)}
    for rights, ours, theirs in (
        ({UNIT: (Endpoint.parse("GET /a"),)}, (True, False), False),
        (organisation, (True, True), False),
        (everybody, (True, True), True),
        ({}, (False, False), False),
    ):
        one = Provider("31", "shelters", "http://127.0.0.1:1/", rights)
        assert tuple(permits(one, client, "GET", "/a") for client in (UNIT, OTHER)) == ours
        assert permits(one, "JP/MUN/131024/15", "GET", "/a") is theirs


@pytest.mark.clause("RK-17.6")
@pytest.mark.parametrize("path", ["/a%2Fb", "/a%5Cb", "/a%2fb"])
def test_an_encoded_slash_is_never_matched(path):
    with pytest.raises(AddressUnsafe):
        permits(provider(JP_MUN_131016_15="* /**"), UNIT, "GET", path)


@pytest.mark.parametrize(
    "text", ["", "GET", "GET a", "GET  /a", "get /a", "GET /a//b", "GET /**/a", "FETCH /a", "/a"]
)
def test_what_is_no_endpoint_is_refused(text):
    with pytest.raises(EndpointMalformed):
        Endpoint.parse(text)


@pytest.mark.parametrize("text", ["JP", "JP/MUN", "JP/MUN/131016/15/income", "**"])
def test_what_is_no_client_has_no_rights(text):
    with pytest.raises(EndpointMalformed):
        check_client(text)


@given(st.lists(st.text("ab*", min_size=1, max_size=3), max_size=4))
def test_what_is_given_below_a_path_never_reaches_beside_it(parts):
    path = "".join(f"/{part.replace('*', 'c')}" for part in parts)
    one = provider(JP_MUN_131016_15="GET /a/**")
    assert permits(one, UNIT, "GET", path) == (parts[:1] == ["a"])
