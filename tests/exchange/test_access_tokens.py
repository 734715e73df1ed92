"""A node believes its own tokens, for minutes, whichever process issued them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from renkei.exchange import (
    AccessToken,
    AccessTokenExpired,
    AccessTokenWrong,
    SigningKey,
    TokenIssuer,
    encode,
)

AT = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
LIFE = timedelta(seconds=300)
ME = "JP/MUN/131016/15"
KEY = SigningKey.generate()
NODE = "https://node.example"


def issuer(key: SigningKey = KEY, name: str = NODE) -> TokenIssuer:
    return TokenIssuer(key, name)


def issued(by: TokenIssuer | None = None) -> str:
    scope = ("test", "06/income")
    return (by or issuer()).issue(ME, scope, token_id="one", at=AT, life=LIFE)


@pytest.mark.clause("RK-15.9")
def test_another_process_with_the_key_believes_a_token() -> None:
    again = issuer(SigningKey.from_pem(KEY.pem()))
    assert again.read(issued(), at=AT) == AccessToken(ME, ("test", "06/income"))


@pytest.mark.clause("RK-15.9")
def test_a_token_lives_as_long_as_it_says() -> None:
    assert issuer().read(issued(), at=AT + LIFE - timedelta(seconds=1))
    with pytest.raises(AccessTokenExpired):
        issuer().read(issued(), at=AT + LIFE)


@pytest.mark.parametrize(
    "by", [issuer(SigningKey.generate()), issuer(name="https://other.example")]
)
def test_a_token_of_another_node_is_refused(by: TokenIssuer) -> None:
    with pytest.raises(AccessTokenWrong):
        issuer().read(issued(by), at=AT)


@pytest.mark.clause("RK-15.8")
@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+JWT2"])
def test_a_jwt_of_another_type_is_no_access_token(typ: str) -> None:
    key = ECKey.import_key(KEY.pem())
    claims = jwt.decode(issued(), key).claims
    other = jwt.encode({"alg": "ES256", "typ": typ}, claims, key)
    with pytest.raises(AccessTokenWrong):
        issuer().read(other, at=AT)


@given(st.text() | st.tuples(st.text(), st.text(), st.text()).map(".".join))
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(AccessTokenWrong):
        issuer().read(text, at=AT)


@pytest.mark.parametrize("part", [0, 1])
def test_a_token_that_nests_without_end_is_refused(part: int) -> None:
    parts = issued().split(".")
    parts[part] = encode(b'{"alg":"ES256","x":' + b"[" * 100_000)
    with pytest.raises(AccessTokenWrong):
        issuer().read(".".join(parts), at=AT)


@pytest.mark.clause("RK-15.8", "RK-15.13")
def test_a_stranger_verifies_a_token_by_the_published_key() -> None:
    """The claims of RFC 9068, and no private part in the key."""
    published = issuer().jwks()
    token = jwt.decode(issued(), KeySet.import_key_set(published))  # type: ignore[arg-type]  # read from JSON
    assert token.header == {"typ": "at+jwt", "alg": "ES256", "kid": KEY.name}
    assert set(token.claims) == {"iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope"}
    assert "d" not in published["keys"][0]  # type: ignore[index]  # read from JSON
