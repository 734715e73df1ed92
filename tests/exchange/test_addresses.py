"""An address means one thing, or it is refused."""

import unicodedata
from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renkei.exchange import (
    AddressIncomplete,
    AddressMalformed,
    AddressUnsafe,
    MemberClassUnknown,
    MemberCodeWrong,
    Service,
    ServiceCall,
    Subsystem,
    client,
    member,
    service,
    service_call,
)
from renkei.kit import NodeError

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
A_CITY = "/r1/JP/MUN/131016/06/income"


def _can_be_a_name(text: str) -> bool:
    return (
        text not in (".", "..")
        and unicodedata.is_normalized("NFC", text)
        and not any(unicodedata.category(sign)[0] in "CZ" for sign in text)
    )


names = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="%:;/\\"),
    min_size=1,
    max_size=40,
).filter(_can_be_a_name)
members = st.sampled_from(
    [
        member("JP", "MUN", "131016"),
        member("JP-TEST", "PREF", "130001"),
        member("JP", "GOV", "4000012090001"),
    ]
)
services = st.builds(Service, st.builds(Subsystem, members, names), names)
paths = st.lists(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="%/\\")))


@pytest.mark.clause("RK-1.1")
@patient
@given(services, paths, st.text("abc=&%20", max_size=0) | st.just("limit=5&x=%E9%83%BD"))
def test_an_address_that_was_rendered_parses_to_itself(
    named: Service, parts: list[str], query: str
) -> None:
    path = "".join(
        f"/{quote(part, safe='')}" for part in parts if part.split(";")[0] not in ("", ".", "..")
    )
    call = ServiceCall(named, path, query)
    assert service_call(f"/r1/{named.render()}{path}", query) == call
    assert call.render() == f"/r1/{named.render()}{path}" + (f"?{query}" if query else "")
    assert service(named.render()) == named
    assert client(named.provider.render()) == named.provider


@patient
@given(st.text(max_size=60) | st.text("/.%2ef1rJPMUN0", max_size=60))
def test_any_text_is_an_address_or_is_refused_with_a_reason(text: str) -> None:
    for parse in (client, service, service_call):
        with suppress(NodeError):
            parse(text)


DOTS = [".", "..", "%2e", "%2E%2e", ".%2e", "%252e%252e", "..;", "..;a=b", "%2e%2e%3b"]
SLASHES = ["/", "%2f", "%2F", "%5c", "%5C"]


@pytest.mark.clause("RK-1.2")
@patient
@given(
    st.lists(st.sampled_from(["a", "2026", "%E9%83%BD"]), max_size=3),
    st.sampled_from(DOTS),
    st.sampled_from(SLASHES),
    st.sampled_from(["", "secret"]),
)
def test_no_path_that_climbs_gets_through(
    before: list[str], dots: str, slash: str, after: str
) -> None:
    with pytest.raises((AddressUnsafe, AddressMalformed)):
        service_call("/".join([A_CITY, *before, f"{dots}{slash}{after}"]))
    with pytest.raises((AddressUnsafe, AddressMalformed, MemberClassUnknown, AddressIncomplete)):
        service_call(f"/r1/JP/MUN/131016/{dots}{slash}06/income")


@pytest.mark.clause("RK-1.2")
@pytest.mark.parametrize(
    "path", ["//", "/a//b", "/a/%252e%252e/b", "/a/%00", "/a/%0a", "/a/%E2%80%A8"]
)
def test_a_path_two_servers_could_read_differently_is_refused(path: str) -> None:
    with pytest.raises((AddressUnsafe, AddressMalformed)):
        service_call(A_CITY + path)


@pytest.mark.parametrize("path", ["", "/", "/2026", "/2026/", "/a%2Fb", "/100%25", "/.well-known"])
def test_a_plain_path_travels_untouched(path: str) -> None:
    assert service_call(A_CITY + path).path == path


def test_rights_are_matched_on_segments_decoded_once() -> None:
    assert service_call(f"{A_CITY}/%E9%83%BD/a%2Fb").segments() == ("都", "a/b")


NOT_NAMES = [
    *("", "%", "%zz", "%ff", "a b", "a%20b", "a%2Fb", "a%5Cb", "%00", "a%3Ab", "%25", "日"),
    *("a;b", "a%3Bb", "a:b", "a%2525"),
    *("x" * 256, "%E3%80%80", "e%CC%81"),
]


@pytest.mark.clause("RK-1.2")
@pytest.mark.parametrize("name", NOT_NAMES)
def test_a_name_that_is_not_plain_is_refused(name: str) -> None:
    with pytest.raises(AddressMalformed):
        service(f"JP/MUN/131016/06/{name}")


@pytest.mark.clause("RK-1.1")
@pytest.mark.parametrize(
    ("member_class", "code"),
    [("MUN", "131017"), ("MUN", "13101"), ("MUN", "130001"), ("PREF", "131016"),
     ("GOV", "5000012090001"), ("COM", "131016"), ("MUN", "１３１０１６")],
)  # fmt: skip
def test_a_member_code_must_be_a_number_of_its_class(member_class: str, code: str) -> None:
    with pytest.raises(MemberCodeWrong):
        client(f"JP/{member_class}/{quote(code)}")


@pytest.mark.clause("RK-1.1")
def test_a_class_outside_the_list_is_refused() -> None:
    with pytest.raises(MemberClassUnknown):
        client("JP/NGO/131016")


@pytest.mark.clause("RK-1.1")
@pytest.mark.parametrize("path", ["/r1", "/r1/JP/MUN/131016/06", "r1/JP/MUN/131016/06/income", "/"])
def test_an_address_with_a_part_missing_is_refused(path: str) -> None:
    with pytest.raises(AddressIncomplete):
        service_call(path)


@pytest.mark.parametrize("query", ["a b", "a=\x7f", "a=%", "a=都", "a" * 5000])
def test_a_query_that_is_not_plain_is_refused(query: str) -> None:
    with pytest.raises(AddressMalformed):
        service_call(A_CITY, query)
