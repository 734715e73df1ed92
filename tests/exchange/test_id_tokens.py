"""An ID token counts only as agreed on: by one key, to one client, in answer to it, and now."""

import hmac
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey

from renkei import exchange
from renkei.exchange import Expected, IdTokenWrong, SigningKey, read_id_token

KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "k1"})
EXPECTED = Expected("https://id.example", "renkei", "n-1", "RS256")
Claims = dict[str, Any]


def published(*keys: Any) -> bytes:
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


def claims(**changes: Any) -> Claims:
    now = int(time.time())
    said = {"iss": EXPECTED.issuer, "sub": "17", "aud": "renkei", "iat": now, "exp": now + 300}
    return said | {"nonce": "n-1", "name": "見本"} | changes


def signed(said: Claims, alg: str = "RS256", key: Any = KEY, **header: Any) -> str:
    head = {"alg": alg, "kid": "k1"} | header
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    return jwt.encode(head, said, key, registry=registry)


def read(text: str, keys: bytes = published(KEY), **changes: Any) -> exchange.Claims:
    at, expected = datetime.now(UTC), replace(EXPECTED, **changes)
    return read_id_token(text, keys, expected, at=at, access_token="t")


def _without(name: str) -> Callable[[Claims, Any], str]:
    return lambda said, key: signed({n: one for n, one in said.items() if n != name}, key=key)


def _with(**changes: Any) -> Callable[[Claims, Any], str]:
    return lambda said, key: signed(said | changes, key=key)


def _by_hand(said: Claims, alg: str, secret: bytes | None) -> str:
    """Return a token the library would not make."""
    head = json.dumps({"alg": alg, "kid": "k1"}).encode()
    text = f"{exchange.encode(head)}.{exchange.encode(json.dumps(said).encode())}"
    mark = b"" if secret is None else hmac.digest(secret, text.encode(), "sha256")
    return f"{text}.{exchange.encode(mark)}"


def _by_public_key(said: Claims, key: RSAKey) -> str:
    return _by_hand(said, "HS256", key.as_pem(private=False))


LIES: dict[str, Callable[[Claims, Any], str]] = {
    "alg none": lambda said, _: _by_hand(said, "none", None),
    "HS256 with the public key": _by_public_key,
    "another algorithm": lambda said, key: signed(said, "PS256", key),
    "another key": lambda said, _: signed(said, key=OTHER),
    "a key of its own": lambda said, _: signed(said, key=OTHER, jwk=OTHER.as_dict(private=False)),
    "crit": lambda said, key: signed(said, key=key, crit=["kid"]),
    "expired": _with(exp=int(time.time()) - 61),
    "issued long ago": _with(iat=int(time.time()) - 601),
    "issued to come": _with(iat=int(time.time()) + 3600, exp=int(time.time()) + 7200),
    "not before to come": _with(nbf=int(time.time()) + 3600),
    "another audience": _with(aud="other"),
    "two audiences": _with(aud=["renkei", "renkei-b", "other"]),
    "for another party": _with(azp="other"),
    "another issuer": _with(iss="https://evil.example"),
    "another nonce": _with(nonce="n-2"),
    "another access token": _with(at_hash="x" * 22),
    "no subject": _with(sub=""),
    "a number as subject": _with(sub=17),
    **{f"without {name}": _without(name) for name in ("iss", "sub", "aud", "exp", "iat", "nonce")},
}
"""What a provider, or somebody between, may say instead; by the key that others sign with."""


def lie(name: str, said: Claims, key: RSAKey) -> str:
    """Return a token that says something else than it should."""
    return LIES[name](said, key)


def test_a_token_says_who_signed_in():
    found = read(signed(claims(groups=["tax", 3], at_hash=None)))
    assert (found.subject, found.text("name"), found.texts("groups")) == ("17", "見本", ("tax",))
    assert (found.text("exp"), found.texts("missing")) == ("", ())


@pytest.mark.clause("RK-30.9")
@pytest.mark.parametrize("name", LIES)
def test_a_token_that_does_not_hold_is_refused(name):
    with pytest.raises(IdTokenWrong):
        read(lie(name, claims(), KEY))


@pytest.mark.parametrize("text", ["", ".", "a.b.c", "é.é.é", "e30.e30.", "x" * 9000])
def test_what_is_no_token_is_refused(text):
    with pytest.raises(IdTokenWrong):
        read(text)


@pytest.mark.parametrize(
    "keys", [b"", b"[]", b"{}", b'{"keys": []}', b'{"keys": [{"kty": "RSA"}]}']
)
def test_without_a_key_no_token_holds(keys):
    with pytest.raises(IdTokenWrong):
        read(signed(claims()), keys)


def test_a_key_for_sealing_and_one_that_is_too_short_count_for_nothing():
    sealing = KEY.as_dict(private=False) | {"use": "enc"}
    with pytest.raises(IdTokenWrong, match="signature"):
        read(signed(claims()), json.dumps({"keys": [sealing]}).encode())
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505  # too short on purpose
    numbers = short.public_key().public_numbers()
    public = {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
    head, body, _ = signed(claims()).split(".")
    mark = short.sign(f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(IdTokenWrong, match="signature"):
        read(f"{head}.{body}.{exchange.encode(mark)}", json.dumps({"keys": [public]}).encode())


def _number(number: int) -> str:
    return exchange.encode(number.to_bytes((number.bit_length() + 7) // 8))


def test_one_bad_key_among_others_spoils_nothing():
    odd = {"kty": "OKP", "crv": "X25519", "x": "AA"}
    keys = {"keys": [odd, {"kty": "RSA", "n": 1}, KEY.as_dict(private=False)]}
    assert read(signed(claims()), json.dumps(keys).encode()).subject == "17"


def test_several_audiences_are_taken_when_it_is_said_that_we_asked():
    assert read(signed(claims(aud=["renkei", "other"], azp="renkei"))).subject == "17"


@pytest.mark.clause("RK-30.8")
def test_ours_are_read_by_a_library_of_others_and_by_us():
    key = SigningKey.generate()
    now = int(time.time())
    token = exchange.IdToken(
        iss=EXPECTED.issuer,
        sub="1001",
        aud="renkei",
        iat=now,
        exp=now + 300,
        auth_time=now,
        nonce="n-1",
        name="見本",
        groups=("operator",),
    )
    text, keys = exchange.sign_id_token(token, key), exchange.key_set([key])
    assert read(text, json.dumps(keys).encode(), algorithm="ES256").texts("groups") == ("operator",)
    known = json.loads(json.dumps(keys))["keys"][0]
    assert "d" not in known
    assert jwt.decode(text, ECKey.import_key(known), algorithms=["ES256"]).header["typ"] == "JWT"
