"""A unit fetches a token by an assertion, once each; whatever is not in order fetches none."""

import re
import time
import urllib.parse
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.oauth import (
    ENDPOINT,
    ISSUER,
    SECRET,
    Answered,
    Node,
    client_id,
    node,
)
from tests.app.test_viewing import serving
from tests.exchange.serving import exchange_bytes
from tests.exchange.serving import serving as serving_app

from renkei.app.settings import read_settings
from renkei.app.site import open_site
from renkei.app.units.token_door import TokenDoor
from renkei.exchange import ASSERTION_TYPE
from renkei.kit import Database

DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749, 5.2
__all__ = ["node"]  # the fixture
JAPANESE = re.compile("[぀-ヿ一-鿿]")


def refused(found: Answered, status: int, error: str, code: str) -> None:
    """See that this is the error of OAuth, in both languages, and no token."""
    assert (found.status, found.body["error"], found.body["code"]) == (status, error, code)
    assert set(found.body) == {"error", "error_description", "error_description_ja", "code"}
    assert DESCRIPTION.fullmatch(found.body["error_description"])
    assert JAPANESE.search(found.body["error_description_ja"])
    assert found.headers["cache-control"] == "no-store"
    assert found.headers["content-type"] == "application/json"


@pytest.mark.clause("RK-15.1", "RK-15.2")
@pytest.mark.parametrize("unit", ["15", "01", "06"])
def test_each_way_fetches_a_token_that_asks(node: Node, unit: str) -> None:
    found = node.fetch(unit)
    assert (found.status, found.headers["cache-control"]) == (200, "no-store")
    assert found.body.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert (found.body["token_type"], found.body["expires_in"]) == ("Bearer", 300)
    assert found.body["scope"] == "test"
    told = node.ask(unit, found.body["access_token"])
    assert told.headers["pf-outcome"] == ("subject-unknown" if unit == "15" else "refused")


def test_the_token_of_the_settings_is_still_taken(node: Node) -> None:
    assert node.ask("15", node.units["15"]).status == 404
    assert node.ask("15", node.units["01"]).body["code"] == "token-refused"


@pytest.mark.clause("RK-15.5")
def test_the_issuer_is_an_audience_too_and_a_client_id_may_stand_there(node: Node) -> None:
    form = node.form(node.assertion("15", aud=ISSUER), client_id=client_id("15"))
    assert node.post(form, content_type="application/x-www-form-urlencoded; charset=UTF-8").body[
        "access_token"
    ]


@pytest.mark.clause("RK-15.2")
def test_an_unknown_parameter_and_an_empty_one_say_nothing(node: Node) -> None:
    form = node.form(node.assertion("15"), resource="urn:x", scope="", client_secret="")
    assert node.post(form).status == 200


@pytest.mark.clause("RK-15.2")
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_tokens_are_fetched_with_post(node: Node, method: str) -> None:
    form = urllib.parse.urlencode(node.form(node.assertion("15")))
    found = node.send(method, f"/token?{form}", form.encode() if method != "GET" else b"")
    refused(found, 405, "invalid_request", "token-method-wrong")
    assert found.headers["allow"] == "POST"


@pytest.mark.clause("RK-15.2")
@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "", "multipart/form-data; boundary=x"]
)
def test_another_content_type_is_refused(node: Node, kind: str) -> None:
    found = node.post(node.form(node.assertion("15")), content_type=kind)
    refused(found, 400, "invalid_request", "form-malformed")


UNSUPPORTED = "grant-type-unsupported"
NOBODY = ("JP/MUN/131016/99", "JP/MUN/131016", "JP/MUN/131024/15", "XX/MUN/131016/15")
MISSPELT = ("15", "", "JP/MUN/131016/%31%35", "JP/MUN/131016/15/", "JP/mun/131016/15")
JUNK = [b"\xff\xfe", b"grant_type", b"&&&", b"a=%ff", b"x" * 100, b"=&" * 50, b'{"grant_type": 1}']


@pytest.mark.clause("RK-15.2")
@pytest.mark.parametrize("body", JUNK)
def test_junk_is_refused(node: Node, body: bytes) -> None:
    refused(node.send("POST", "/token", body), 400, "invalid_request", "form-malformed")


@pytest.mark.clause("RK-15.11")
def test_a_content_type_twice_is_refused(node: Node) -> None:
    body = urllib.parse.urlencode(node.form(node.assertion("15"))).encode()
    kind = b"content-type: application/x-www-form-urlencoded\r\n"
    head = b"POST /token HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + kind * 2
    port = urllib.parse.urlsplit(node.url).port or 0
    said = exchange_bytes(port, head + b"content-length: %d\r\n\r\n" % len(body) + body)
    status, _, rest = said.partition(b"\r\n")
    told = Answered(400, {}, rest.partition(b"\r\n\r\n")[2])
    assert status.startswith(b"HTTP/1.1 400 ")
    assert (told.body["error"], told.body["code"]) == ("invalid_request", "header-twice")


@pytest.mark.clause("RK-15.2")
def test_parameters_in_the_query_are_refused(node: Node) -> None:
    """An address is kept in logs, an assertion must not be."""
    form = urllib.parse.urlencode(node.form(node.assertion("15")))
    for path in (f"/token?{form}", "/token?x=1"):
        found = node.send("POST", path, form.encode())
        refused(found, 400, "invalid_request", "form-malformed")


@pytest.mark.clause("RK-15.2")
def test_a_body_too_large_is_refused(node: Node) -> None:
    found = node.post(node.form(node.assertion("15"), more="x" * (16 << 10)))
    refused(found, 413, "invalid_request", "body-too-large")


@pytest.mark.clause("RK-15.2")
@pytest.mark.parametrize(
    "name", ["grant_type", "scope", "client_id", "client_assertion_type", "client_assertion"]
)
def test_a_parameter_twice_is_refused(node: Node, name: str) -> None:
    """Even the same value, even an empty one."""
    form = node.form(node.assertion("15"), scope="test", client_id=client_id("15"))
    for value in (form[name], "", "other"):
        body = urllib.parse.urlencode([*form.items(), (name, value)]).encode()
        found = node.send("POST", "/token", body)
        refused(found, 400, "invalid_request", "parameter-twice")


@pytest.mark.clause("RK-15.2", "RK-15.3", "RK-15.10", "RK-15.11")
@pytest.mark.parametrize(
    ("changes", "status", "error", "code"),
    [
        ({"grant_type": ""}, 400, "invalid_request", "parameter-malformed"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", UNSUPPORTED),
        ({"grant_type": "Client_Credentials"}, 400, "unsupported_grant_type", UNSUPPORTED),
        ({"client_assertion": ""}, 401, "invalid_client", "client-unproven"),
        ({"client_assertion_type": ""}, 401, "invalid_client", "client-unproven"),
        ({"client_assertion_type": "urn:x"}, 401, "invalid_client", "client-unproven"),
        ({"client_assertion": "a.b.c"}, 401, "invalid_client", "client-assertion-malformed"),
        ({"client_assertion": "x" * 8193}, 401, "invalid_client", "client-assertion-malformed"),
        ({"client_secret": "x"}, 400, "invalid_request", "client-proof-not-alone"),
        ({"client_id": "JP/MUN/131016/01"}, 400, "invalid_request", "client-proof-not-alone"),
        ({"scope": "production"}, 400, "invalid_scope", "scope-unknown"),
        ({"scope": "openid"}, 400, "invalid_scope", "scope-unknown"),
        ({"scope": "test 06/income/2026"}, 400, "invalid_scope", "scope-unknown"),
        ({"scope": "住民"}, 400, "invalid_scope", "scope-unknown"),
    ],
)  # fmt: skip
def test_what_is_not_in_order_is_named(node: Node, changes, status, error, code) -> None:
    refused(node.post(node.form(node.assertion("15")) | changes), status, error, code)


@pytest.mark.clause("RK-15.3")
@pytest.mark.parametrize("proof", ["Basic eDp5", "Bearer x"])
def test_two_proofs_are_refused(node: Node, proof: str) -> None:
    found = node.post(node.form(node.assertion("15")), authorization=proof)
    refused(found, 400, "invalid_request", "client-proof-not-alone")


@pytest.mark.clause("RK-15.4")
@pytest.mark.parametrize(
    ("unit", "by"), [("15", "01"), ("01", "15"), ("01", "06"), ("06", "17"), ("17", "06")]
)
def test_the_key_or_algorithm_of_another_unit_is_refused(node: Node, unit: str, by: str) -> None:
    found = node.post(node.form(node.assertion(unit, by)))
    refused(found, 401, "invalid_client", "client-assertion-wrong")


@pytest.mark.clause("RK-15.4")
def test_an_unsigned_assertion_is_refused(node: Node) -> None:
    head = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    unsigned = f"{head}.{node.assertion('15').split('.')[1]}."
    refused(node.post(node.form(unsigned)), 401, "invalid_client", "client-assertion-wrong")


@pytest.mark.clause("RK-15.4", "RK-15.5")
@pytest.mark.parametrize("named", [*NOBODY, *MISSPELT])
def test_a_client_nobody_registered_hears_the_same_as_a_wrong_key(node: Node, named: str) -> None:
    unknown = node.post(node.form(node.assertion("15", iss=named, sub=named)))
    refused(unknown, 401, "invalid_client", "client-assertion-wrong")
    assert unknown.data == node.post(node.form(node.assertion("15", "01"))).data


def times() -> dict[str, dict[str, float]]:
    now = time.time()
    return {
        "expired": {"exp": now - 70},
        "far": {"exp": now + 400},
        "from the future": {"iat": now + 100},
        "not yet": {"nbf": now + 100},
    }


@pytest.mark.clause("RK-15.6")
@pytest.mark.parametrize("which", times())
def test_a_time_that_cannot_be_is_refused(node: Node, which: str) -> None:
    found = node.post(node.form(node.assertion("15", **times()[which])))
    refused(found, 401, "invalid_client", "client-assertion-time-wrong")


@pytest.mark.clause("RK-15.5")
@pytest.mark.parametrize(
    "audience",
    ["https://other.example/token", [ENDPOINT, "https://other.example"], f"{ENDPOINT}/", "", []],
)
def test_an_assertion_for_somebody_else_is_refused(node: Node, audience: object) -> None:
    found = node.post(node.form(node.assertion("15", aud=audience)))
    refused(found, 401, "invalid_client", "client-assertion-audience-wrong")


@pytest.mark.clause("RK-15.5", "RK-15.6", "RK-15.7")
@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "jti"])
def test_a_claim_that_is_not_there_is_refused(node: Node, claim: str) -> None:
    found = node.post(node.form(node.assertion("15", **{claim: None})))
    refused(found, 401, "invalid_client", "client-assertion-malformed")


@pytest.mark.clause("RK-15.7")
def test_an_assertion_serves_once_and_its_jti_too(node: Node) -> None:
    first = node.assertion("15", jti="the same")
    assert node.post(node.form(first)).status == 200
    for again in (first, node.assertion("15", jti="the same")):
        refused(node.post(node.form(again)), 401, "invalid_client", "replayed")
    assert node.post(node.form(node.assertion("01", jti="the same"))).status == 200


@pytest.mark.clause("RK-15.7")
def test_of_many_at_once_one_is_served(node: Node) -> None:
    form = node.form(node.assertion("15"))
    with ThreadPoolExecutor(8) as pool:
        found = [one.status for one in pool.map(lambda _: node.post(form), range(8))]
    assert sorted(found) == [200] + [401] * 7


@pytest.mark.clause("RK-15.7")
def test_what_was_refused_marks_nothing(node: Node) -> None:
    """Who guesses an id keeps its owner from nothing."""
    refused_first = node.post(node.form(node.assertion("15", "01", jti="guessed")))
    assert refused_first.status == 401
    assert node.post(node.form(node.assertion("15", jti="guessed"))).status == 200


@pytest.mark.clause("RK-15.7", "RK-15.9")
def test_a_second_process_of_the_node_knows_tokens_and_marks(node: Node) -> None:
    used = node.assertion("15")
    token = node.post(node.form(used)).body["access_token"]
    settings = replace(read_settings(node.settings), database=node.site.dsn)
    with open_site(settings) as second, serving(second) as url:
        other = replace_url(node, url)
        assert other.ask("15", token).status == 404
        refused(other.post(other.form(used)), 401, "invalid_client", "replayed")
        fetched = other.token("15")
    assert node.ask("15", fetched).status == 404


def replace_url(node: Node, url: str) -> Node:
    return Node(node.folder, node.settings, node.units, node.keys, url)


@pytest.mark.clause("RK-15.10")
@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("", "test 06/income tasks"),
        ("test", "test 06/income tasks"),
        ("tasks", "test tasks"),
        ("tasks  06/income test tasks", "test tasks 06/income"),
    ],
)
def test_a_scope_is_what_the_settings_allow_or_less(node: Node, asked: str, granted: str) -> None:
    assert node.fetch("17", scope=asked).body["scope"] == granted


@pytest.mark.clause("RK-15.10")
@pytest.mark.parametrize("asked", ["06/other", "changes", "drill", "06/income production"])
def test_more_than_the_settings_allow_is_refused(node: Node, asked: str) -> None:
    refused(node.fetch("17", scope=asked), 400, "invalid_scope", "scope-unknown")


@pytest.mark.clause("RK-15.8", "RK-15.13")
def test_the_node_describes_itself(node: Node) -> None:
    found = node.send("GET", "/.well-known/oauth-authorization-server")
    assert found.headers["content-type"] == "application/json"
    assert found.body == {
        "issuer": ISSUER,
        "token_endpoint": ENDPOINT,
        "jwks_uri": f"{ISSUER}/.well-known/jwks.json",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": ["test"],
        "token_endpoint_auth_methods_supported": ["client_secret_jwt", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["HS256", "ES256", "PS256", "RS256"],
    }
    (key,) = node.send("GET", "/.well-known/jwks.json").body["keys"]
    assert key["kid"] != node.site.credentials.signing.name  # RK-15.8: it signs nothing else
    assert (key["kty"], key["crv"], key["alg"], "d" in key) == ("EC", "P-256", "ES256", False)


@pytest.mark.clause("RK-15.7", "RK-15.11")
def test_a_node_without_its_database_issues_nothing(node: Node) -> None:
    """What cannot be marked is not answered."""
    with Database("host=/nowhere dbname=renkei", size=1) as nowhere:
        app = Starlette(routes=TokenDoor(replace(node.site, database=nowhere)).routes())
        with serving_app(uvicorn.Config(app, "127.0.0.1", 0, log_level="error")) as port:
            found = replace_url(node, f"http://127.0.0.1:{port}").fetch("15")
    refused(found, 503, "temporarily_unavailable", "database-unreachable")


@pytest.mark.clause("RK-15.11")
def test_nothing_of_a_secret_or_an_assertion_is_logged(node: Node, caplog) -> None:
    node.post(node.form(node.assertion("15", jti="a private id", aud="https://a.private")))
    assert "client-assertion-audience-wrong" in caplog.text
    for hidden in (SECRET, "a private id", "a.private", ASSERTION_TYPE):
        assert hidden not in caplog.text
