"""A client assertion proves one registered client, by one registered way, to this node, for now."""

import hashlib
import hmac
import json
import warnings
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from renkei.exchange import (
    Algorithm,
    Assertion,
    ClientAssertionAudienceWrong,
    ClientAssertionMalformed,
    ClientAssertionTimeWrong,
    ClientAssertionWrong,
    ClientKeyMalformed,
    ClientKeys,
    draw_client_key,
    read_assertion,
)
from renkei.kit import NodeError

AT = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
NOW = int(AT.timestamp())
SECRET = "a secret of the unit, long enough by far"
ME, OTHER = "JP/MUN/131016/15", "JP/MUN/131016/06"
HERE = ("https://node.example/token", "https://node.example")
FIVE_MINUTES = timedelta(minutes=5)


@cache
def pair(algorithm: Algorithm) -> tuple[str, str]:
    return (SECRET, SECRET) if algorithm == "HS256" else draw_client_key(algorithm)


def key_of(algorithm: Algorithm) -> Any:
    kinds: dict[str, Any] = {"HS256": OctKey, "ES256": ECKey}
    return kinds.get(algorithm, RSAKey).import_key(pair(algorithm)[0])


def signed(algorithm: Algorithm = "HS256", **changes: object) -> str:
    """Return an assertion that holds, but for the changes; None takes a claim out."""
    said = {"iss": ME, "sub": ME, "aud": HERE[0], "exp": NOW + 60, "jti": "one", "iat": NOW}
    claims = {name: value for name, value in (said | changes).items() if value is not None}
    header = {"alg": algorithm}
    return jwt.encode(header, claims, key_of(algorithm), algorithms=[algorithm])


def read(text: str, algorithm: Algorithm = "HS256", at: datetime = AT) -> Assertion:
    keys = ClientKeys.parse(algorithm, [pair(algorithm)[1]])
    known: Callable[[str], ClientKeys | None] = {ME: keys}.get
    return read_assertion(text, known, audiences=HERE, longest=FIVE_MINUTES, at=at)


def b64(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize("algorithm", ["HS256", "ES256", "PS256", "RS256"])
def test_each_way_proves_a_client(algorithm: Algorithm) -> None:
    found = read(signed(algorithm), algorithm)
    assert (found.client, found.id) == (ME, "one")
    assert found.expires_at == AT + timedelta(seconds=60)


@pytest.mark.clause("RK-15.4")
@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "RS256"])
def test_a_public_key_is_no_secret(algorithm: Algorithm) -> None:
    """Whoever knows the public key cannot sign by HS256 with it."""
    public = pair(algorithm)[1].encode()
    head, body = b64({"alg": "HS256"}), signed().split(".")[1]
    mark = hmac.new(public, f"{head}.{body}".encode(), hashlib.sha256).digest()
    with pytest.raises(ClientAssertionWrong):
        read(f"{head}.{body}.{b64(mark)}", algorithm)


@pytest.mark.clause("RK-15.4")
@pytest.mark.parametrize("registered", ["HS256", "ES256", "PS256", "RS256"])
@pytest.mark.parametrize("used", ["HS256", "ES256", "PS256", "RS256"])
def test_another_algorithm_than_the_registered_one_is_refused(registered, used) -> None:
    if registered == used:
        return
    with pytest.raises(ClientAssertionWrong):
        read(signed(used), registered)


@pytest.mark.clause("RK-15.4")
def test_the_same_rsa_key_by_another_padding_is_refused() -> None:
    text = jwt.encode(
        {"alg": "RS256"},
        {"iss": ME, "sub": ME, "aud": HERE[0], "exp": NOW + 60, "jti": "1"},
        key_of("PS256"),
        algorithms=["RS256"],
    )
    with pytest.raises(ClientAssertionWrong):
        read(text, "PS256")


@pytest.mark.clause("RK-15.4")
@pytest.mark.parametrize("none", ["none", "None", "", "HS512", 256, None])
def test_an_unsigned_assertion_is_refused(none: object) -> None:
    _, body, mark = signed().split(".")
    for end in ("", mark):
        with pytest.raises((ClientAssertionWrong, ClientAssertionMalformed)):
            read(f"{b64({'alg': none})}.{body}.{end}")


@pytest.mark.clause("RK-15.5", "RK-15.6")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"sub": OTHER}, ClientAssertionWrong),
        ({"iss": OTHER}, ClientAssertionWrong),
        ({"iss": OTHER, "sub": OTHER}, ClientAssertionWrong),
        ({"aud": "https://other.example/token"}, ClientAssertionAudienceWrong),
        ({"aud": [*HERE]}, ClientAssertionAudienceWrong),
        ({"aud": [HERE[0], "https://other.example"]}, ClientAssertionAudienceWrong),
        ({"aud": []}, ClientAssertionAudienceWrong),
        ({"aud": f"{HERE[0]}/"}, ClientAssertionAudienceWrong),
        ({"exp": NOW - 60}, ClientAssertionTimeWrong),
        ({"exp": 0}, ClientAssertionTimeWrong),
        ({"exp": NOW + 361}, ClientAssertionTimeWrong),
        ({"exp": 1e300}, ClientAssertionTimeWrong),
        ({"iat": NOW + 61}, ClientAssertionTimeWrong),
        ({"nbf": NOW + 61}, ClientAssertionTimeWrong),
        ({"exp": None}, ClientAssertionMalformed),
        ({"exp": str(NOW + 60)}, ClientAssertionMalformed),
        ({"jti": None}, ClientAssertionMalformed),
        ({"jti": ""}, ClientAssertionMalformed),
        ({"jti": "x" * 256}, ClientAssertionMalformed),
        ({"jti": 7}, ClientAssertionMalformed),
        ({"aud": None}, ClientAssertionMalformed),
        ({"sub": None}, ClientAssertionMalformed),
        ({"more": "x" * 8192}, ClientAssertionMalformed),
    ],
)
def test_a_claim_that_does_not_hold_is_named_by_its_error(changes, error) -> None:
    assert read(signed())
    with pytest.raises(error):
        read(signed(**changes))


@pytest.mark.clause("RK-15.6")
@pytest.mark.parametrize("changes", [{"exp": NOW - 59}, {"exp": NOW + 360}, {"nbf": NOW + 60}])
def test_clocks_may_differ_by_a_minute(changes) -> None:
    assert read(signed(**changes))


@pytest.mark.parametrize("audience", [*HERE, [HERE[0]]])
def test_the_endpoint_and_the_issuer_are_audiences(audience) -> None:
    assert read(signed(aud=audience))


def test_two_keys_count_while_one_is_changed() -> None:
    old, new = draw_client_key("ES256"), pair("ES256")
    keys = ClientKeys.parse("ES256", [old[1], new[1]])
    found = read_assertion(
        signed("ES256"), {ME: keys}.get, audiences=HERE, longest=FIVE_MINUTES, at=AT
    )
    assert found.client == ME


def test_a_key_may_be_a_jwk() -> None:
    jwk = ECKey.import_key(pair("ES256")[1]).as_dict(private=False, kid="2026", use="sig")
    keys = ClientKeys.parse("ES256", [json.dumps(jwk)])
    assert keys.fit(jws.extract_compact(signed("ES256").encode()))


@pytest.mark.clause("RK-15.4")
@pytest.mark.parametrize(
    ("algorithm", "text"),
    [
        ("HS256", "x" * 31),
        ("HS256", draw_client_key("ES256")[1]),
        ("HS256", draw_client_key("ES256")[0]),
        ("ES256", draw_client_key("ES256")[0]),
        ("ES256", ECKey.generate_key("P-384").as_pem(private=False).decode()),
        ("ES256", "{}"),
        ("ES256", '{"kty":"EC","crv":"P-999","x":"AA","y":"AA"}'),
        ("ES256", "[" * 5000),
        ("ES256", "{" + '"a":{' * 5000),
        ("PS256", draw_client_key("ES256")[1]),
        ("RS256", ""),
        ("RS256", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"),
    ],
)
def test_a_key_that_is_weak_private_or_of_another_kind_is_refused(algorithm, text) -> None:
    with pytest.raises(ClientKeyMalformed) as caught:
        ClientKeys.parse(algorithm, [text])
    assert text[:20] == "" or text[:20] not in str(caught.value)


@pytest.mark.clause("RK-15.4")
def test_a_short_rsa_key_is_refused() -> None:
    with warnings.catch_warnings(action="ignore"):
        short = RSAKey.generate_key(1024).as_pem(private=False).decode()
    with pytest.raises(ClientKeyMalformed):
        ClientKeys.parse("RS256", [short])


@pytest.mark.clause("RK-15.4")
@pytest.mark.parametrize(
    "head", [{"alg": "HS256", "crit": ["b64"], "b64": False}, {"alg": "HS256", "crit": []}]
)
def test_an_extension_that_must_be_understood_is_refused(head) -> None:
    with pytest.raises(ClientAssertionMalformed):
        read(f"{b64(head)}.{signed().split('.', 1)[1]}")


def test_a_field_that_says_nothing_to_us_is_passed_over() -> None:
    claims = {"iss": ME, "sub": ME, "aud": HERE[0], "exp": NOW + 60, "jti": "1", "more": [1]}
    free = jws.JWSRegistry(algorithms=["HS256"], strict_check_header=False)
    header = {"alg": "HS256", "kid": "2026", "vendor": "x"}
    assert read(jwt.encode(header, claims, key_of("HS256"), registry=free))


JUNK = [
    "",
    ".",
    "..",
    "...",
    "a.b",
    "a.b.c.d",
    "\0.\0.\0",
    "あ.い.う",
    "é",
    "e30.e30.",
    "W10.W10.W10",
]


@pytest.mark.parametrize("text", [*JUNK, f"{b64({'alg': 'HS256'})}.{b64(b'[' * 4000)}.AA"])
def test_junk_is_refused_as_malformed(text: str) -> None:
    with pytest.raises(ClientAssertionMalformed):
        read(text)


@given(st.one_of(st.text(), st.tuples(*[st.binary()] * 3).map(lambda p: ".".join(map(b64, p)))))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(NodeError):
        read(text)


@given(st.integers(0, 300), st.integers(1, 255))
def test_an_assertion_changed_anywhere_proves_nobody(place: int, by: int) -> None:
    text = signed()
    place %= len(text)
    changed = text[:place] + chr((ord(text[place]) + by) % 256) + text[place + 1 :]
    try:
        found = read(changed)
    except NodeError:
        return
    # The last character of base64url holds bits that say nothing.
    assert found.client == ME
    assert place == len(text) - 1


def test_a_mark_is_of_one_client_and_one_id() -> None:
    marks = {read(signed(jti=one)).nonce for one in ("a", "b")}
    marks.add(Assertion(OTHER, "a", AT).nonce)
    assert len(marks) == 3
    assert {len(mark) for mark in marks} == {43}
