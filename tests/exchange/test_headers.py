"""What a question says about itself is read whole, or the header at fault is named."""

import hashlib
from base64 import b64encode
from dataclasses import replace
from datetime import date
from urllib.parse import quote

import pytest

from renkei.audit import Mode
from renkei.exchange import (
    NODE_FIELDS,
    Envelope,
    Fields,
    HeaderMalformed,
    HeaderMissing,
    HeadersTooLarge,
    HeaderTwice,
    HeaderUnknown,
    Limits,
    PersonalNumberInHeader,
    Question,
    answer_fields,
    client,
    envelope,
    fields,
    kept_fields,
    passed_fields,
    request_hash,
    service,
)

CLIENT = ("x-road-client", "JP/MUN/131016/15")
FULL = Envelope(
    client=client("JP/MUN/131016/15"),
    id="m-1",
    user_id="staff-7",
    issue="2026-15",
    security_server="JP/MUN/131016/node1",
    represented_party="COM/4000012090001",
    procedure="JT99000000001501",
    purpose="児童手当の認定　所得",
    subject="000000000000019",
    consent="C-1",
    relation="household",
    mode=Mode.DRILL,
    on=date(2026, 4, 1),
    release="2026.2",
)


def read(*more: tuple[str, str]) -> Envelope:
    return envelope((CLIENT, *more), instance="JP")


def test_an_envelope_that_was_written_reads_back_the_same() -> None:
    assert envelope(FULL.fields(), instance="JP") == FULL


@pytest.mark.clause("RK-1.4")
def test_a_plain_client_needs_one_header_and_gets_an_id() -> None:
    plain = read()
    assert plain.id.startswith("JP-")
    assert plain.id_generated
    assert plain.mode is Mode.PRODUCTION


@pytest.mark.clause("RK-1.3")
def test_without_a_client_there_is_no_envelope() -> None:
    with pytest.raises(HeaderMissing) as caught:
        envelope((("x-road-id", "m-1"),), instance="JP")
    assert caught.value.facts == {"name": "x-road-client"}


@pytest.mark.clause("RK-1.6")
def test_the_last_client_counts_and_alone_travels_on() -> None:
    sent = (("x-road-client", "JP/MUN/131024"), CLIENT)
    assert envelope(sent, instance="JP").client == client(CLIENT[1])
    assert kept_fields(sent) == (CLIENT,)


@pytest.mark.clause("RK-1.6")
@pytest.mark.parametrize(
    "name", ["x-road-id", "x-road-userid", "pf-purpose", "pf-subject", "pf-mode"]
)
def test_any_other_header_read_here_stands_once(name: str) -> None:
    value = dict(FULL.fields())[name]
    with pytest.raises(HeaderTwice) as caught:
        read((name, value), (name, value))
    assert caught.value.facts == {"name": name}


@pytest.mark.clause("RK-1.5")
@pytest.mark.parametrize("name", ["pf-porpose", "pf-to"])
def test_a_pf_header_outside_the_list_is_refused_by_name(name: str) -> None:
    with pytest.raises(HeaderUnknown) as caught:
        read((name, "x"))
    assert caught.value.facts == {"name": name}


@pytest.mark.clause("RK-50.6")
def test_who_looks_along_is_told_to_the_own_node_alone() -> None:
    said = ("pf-second", "1003")
    assert read(said).second == "1003"
    assert passed_fields((CLIENT, said)) == (CLIENT,)
    with pytest.raises(HeaderUnknown) as caught:
        envelope((CLIENT, said), instance="JP", known=NODE_FIELDS)
    assert caught.value.facts == {"name": "pf-second"}


@pytest.mark.clause("RK-1.5", "RK-1.6")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("pf-purpose", value) for value in ("", "児", "%ff", "%0a", "a" * 201)],
        *[("pf-on", value) for value in ("2026-02-30", "20260401", "today")],
        ("pf-mode", "real"),
        ("pf-relation", "cousin"),
        ("pf-procedure", "a/b"),
        ("x-road-id", ""),
        ("x-road-userid", "é"),
        ("x-road-userid", "a" * 256),
        ("pf-second", "é"),
        ("pf-subject", "a" * 65),
        ("x-road-security-server", "JP/MUN/131016"),
        ("x-road-represented-party", "a/b/c"),
    ],
)
def test_a_value_without_its_form_is_refused_by_the_headers_name(name: str, value: str) -> None:
    with pytest.raises(HeaderMalformed) as caught:
        read((name, value))
    assert caught.value.facts == {"name": name}


@pytest.mark.clause("RK-1.7")
def test_a_personal_number_does_not_travel_as_the_subject() -> None:
    with pytest.raises(PersonalNumberInHeader) as caught:
        read(("pf-subject", "983205673214"))
    assert "983205673214" not in caught.value.text()


NUMBER = "983205673214"
WIDE = "".join(chr(ord(digit) + 0xFEE0) for digit in NUMBER)


@pytest.mark.clause("RK-46.4")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pf-consent", NUMBER),
        ("pf-consent", f"C-{NUMBER}"),
        ("pf-procedure", NUMBER),
        ("pf-release", NUMBER),
        ("pf-purpose", quote(f"世帯 {NUMBER} の認定", safe="")),
        ("pf-purpose", quote(f"世帯{WIDE}の認定", safe="")),
        ("pf-purpose", quote("世帯 9832 0567 3214", safe="")),
        ("x-road-id", NUMBER),
        ("x-road-id", f"case/{NUMBER}/1"),
        ("x-road-userid", NUMBER),
        ("x-road-issue", f"no. {NUMBER}"),
        ("x-road-represented-party", NUMBER),
        ("pf-second", NUMBER),
    ],
)
def test_a_personal_number_stands_in_no_header_a_unit_words_itself(name: str, value: str) -> None:
    with pytest.raises(PersonalNumberInHeader) as caught:
        read((name, value))
    assert caught.value.facts == {"name": name}
    right = value.replace(NUMBER, "983205673215").replace(quote(WIDE), "").replace("3214", "3215")
    assert read((name, right))


@pytest.mark.clause("RK-46.4")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-road-id", f"JP-0193a0b0-0000-7000-8000-{NUMBER}"),
        ("x-road-id", f"f{NUMBER}a0"),
        ("pf-consent", f"1{NUMBER}"),
        ("pf-subject", "000000600000209"),
    ],
)
def test_a_longer_number_and_a_number_by_chance_are_none(name: str, value: str) -> None:
    assert read((name, value))


def test_what_belongs_to_one_hop_or_is_made_here_does_not_travel_on() -> None:
    dropped = (
        "connection host user-agent expect content-length te x-road-request-id x-road-request-hash"
    )
    sent: Fields = (
        CLIENT,
        *((name, "1") for name in dropped.split()),
        ("accept", "a"),
        ("x-other", "b"),
    )
    assert kept_fields(sent) == (CLIENT, ("accept", "a"), ("x-other", "b"))


def test_the_request_hash_is_that_of_the_protocol() -> None:
    question = Question(
        "POST", "/r1/a", "b=c", (CLIENT, ("host", "h"), ("x-road-id", "m-1")), b"{}"
    )
    head = (
        b"POST\r\n/r1/a?b=c\r\nx-road-client:JP/MUN/131016/15\r\nx-road-id:m-1\r\n"
        b"x-road-request-id:r-1\r\n"
    )
    digests = hashlib.sha512(head).digest() + hashlib.sha512(b"{}").digest()
    wanted = b64encode(hashlib.sha512(digests).digest()).decode()
    assert request_hash(question, envelope(question.fields, instance="JP"), "r-1") == wanted


def test_the_request_hash_ends_with_an_id_made_here_and_omits_an_empty_body() -> None:
    question = Question("GET", "/r1/a", fields=(CLIENT,))
    made = replace(read(), id="JP-1")
    head = (
        b"GET\r\n/r1/a\r\nx-road-client:JP/MUN/131016/15\r\n"
        b"x-road-request-id:r-1\r\nx-road-id:JP-1\r\n"
    )
    assert request_hash(question, made, "r-1") == b64encode(hashlib.sha512(head).digest()).decode()


def test_an_answer_says_what_it_answers() -> None:
    said = answer_fields(FULL, service("JP/MUN/131024/06/income"), request_id="r", request_hash="h")
    assert dict(said) == {
        "x-road-id": "m-1",
        "x-road-client": "JP/MUN/131016/15",
        "x-road-service": "JP/MUN/131024/06/income",
        "x-road-request-id": "r",
        "x-road-request-hash": "h",
    }


@pytest.mark.parametrize(
    "raw",
    [[(b"a", b"x")] * 65, [(b"a", b"x" * 20_000)]],
)
def test_more_headers_than_the_limit_are_refused(raw: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(HeadersTooLarge):
        fields(raw, Limits())


@pytest.mark.parametrize(
    "pair", [(b"a b", b"x"), (b"", b"x"), (b"a", b"x\r\ny: z"), (b"a", b"x\x00")]
)
def test_a_header_that_could_be_read_as_two_is_refused(pair: tuple[bytes, bytes]) -> None:
    with pytest.raises(HeaderMalformed):
        fields([pair])
