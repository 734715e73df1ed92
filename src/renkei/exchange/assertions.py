"""Client assertions (RFC 7523, 3): signed JWTs by which units that fetch a token prove themselves.

`client_secret_jwt` is HS256 with a secret both sides know, `private_key_jwt` a signature by a key
the unit alone has. Which of them counts is registered, with one algorithm: what an assertion says
of itself is only compared with it.
"""

import hashlib
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, RSAKey

from renkei import kit
from renkei.exchange.errors import (
    ClientAssertionAudienceWrong,
    ClientAssertionMalformed,
    ClientAssertionTimeWrong,
    ClientAssertionWrong,
    ClientKeyMalformed,
)
from renkei.exchange.keys import encode

Algorithm = Literal["HS256", "ES256", "PS256", "RS256"]
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CLIENT_METHODS: dict[str, tuple[Algorithm, ...]] = {
    "client_secret_jwt": ("HS256",),
    "private_key_jwt": ("ES256", "PS256", "RS256"),
}
"""How a client may prove itself, and by which algorithms (OpenID Connect Core, 9)."""

LONGEST = 8192  # characters of an assertion
SKEW_SECONDS = 60  # that two clocks may differ
SHORTEST_SECRET = 32  # bytes (RFC 7518, 3.2)
RSA_BITS = (2048, 4096)
DRAWN_BITS = 3072
WANTED: dict[Algorithm, str] = {
    "HS256": f"a secret of at least {SHORTEST_SECRET} bytes that is no public key",
    "ES256": "the public key on P-256, as PEM or JWK",
    "PS256": "the public RSA key of 2048 to 4096 bits, as PEM or JWK",
    "RS256": "the public RSA key of 2048 to 4096 bits, as PEM or JWK",
}


class _Claims(msgspec.Struct, frozen=True):
    """What an assertion states. Times are seconds since 1970."""

    iss: str
    sub: str
    aud: str | tuple[str, ...]
    exp: float
    jti: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    iat: float | None = None
    nbf: float | None = None


@dataclass(frozen=True, slots=True)
class ClientKeys:
    """What a client's assertions are held against: one algorithm, and each key that counts now."""

    algorithm: Algorithm
    keys: tuple[OctKey | ECKey | RSAKey, ...]

    @classmethod
    def parse(cls, algorithm: Algorithm, texts: Sequence[str]) -> Self:
        """Parse secrets, for HS256, or public keys; while a key is changed two may count.

        >>> ClientKeys.parse("HS256", ["0123456789abcdef0123456789abcdef"]).algorithm
        'HS256'
        """
        try:
            return cls(algorithm, tuple(_key(algorithm, text) for text in texts))
        # Not `from error`: its text may quote the secret.
        except (JoseError, ValueError, TypeError, KeyError, msgspec.MsgspecError):
            raise ClientKeyMalformed(algorithm=algorithm, wanted=WANTED[algorithm]) from None

    def fit(self, signed: jws.CompactSignature) -> bool:
        """Tell whether one of the keys made the signature, by the algorithm registered."""
        try:
            return any(
                jws.validate_compact(signed, key, registry=_registry(self.algorithm))
                for key in self.keys
            )
        except (JoseError, ValueError):  # another algorithm, a key of another kind
            return False


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion that holds. `keyid` and `nonce` mark it as used (`first_time`)."""

    client: str
    id: str
    expires_at: datetime

    @property
    def keyid(self) -> str:
        """Return whose mark it leaves."""
        return f"assertion:{self.client}"[:128]

    @property
    def nonce(self) -> str:
        """Return what tells it from every other assertion of any client."""
        return encode(hashlib.sha256(f"{self.client}\n{self.id}".encode()).digest())


def read_assertion(
    text: str,
    registered: Callable[[str], ClientKeys | None],
    *,
    audiences: Sequence[str],
    longest: timedelta,
    at: datetime,
) -> Assertion:
    """Read an assertion and see that it holds; whether it was used before is not asked here.

    An unknown client and a wrong signature are one error, so that nobody learns who is registered.
    """
    signed, claims = _parse(text)
    keys = registered(claims.sub)
    if keys is None or claims.iss != claims.sub or not keys.fit(signed):
        raise ClientAssertionWrong
    named = (claims.aud,) if isinstance(claims.aud, str) else claims.aud
    if len(named) != 1 or named[0] not in audiences:
        # One of two audiences could use at the other what it was shown.
        raise ClientAssertionAudienceWrong(audience=audiences[0])
    now, most = at.timestamp(), longest.total_seconds()
    begun = {"iat": claims.iat, "nbf": claims.nbf}
    times = {name: time is None or time <= now + SKEW_SECONDS for name, time in begun.items()}
    times["exp"] = now - SKEW_SECONDS < claims.exp <= now + most + SKEW_SECONDS
    for name, holds in times.items():
        if not holds:
            raise ClientAssertionTimeWrong(claim=name, seconds=round(most))
    return Assertion(claims.sub, claims.jti, datetime.fromtimestamp(claims.exp, UTC))


def draw_client_key(algorithm: Algorithm) -> tuple[str, str]:
    """Draw a pair of keys for a client of `private_key_jwt`; return them as PEM, the private first.

    >>> ClientKeys.parse("ES256", draw_client_key("ES256")[1:]).algorithm
    'ES256'
    """
    key = ECKey.generate_key("P-256") if algorithm == "ES256" else RSAKey.generate_key(DRAWN_BITS)
    return key.as_pem(private=True).decode(), key.as_pem(private=False).decode()


def _parse(text: str) -> tuple[jws.CompactSignature, _Claims]:
    if len(text) > LONGEST:
        raise ClientAssertionMalformed(limit=LONGEST)
    try:
        signed = jws.extract_compact(text.encode("ascii"))
        claims = kit.read_json(signed.payload or b"", _Claims)
        is_plain = "crit" not in signed.headers()
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError, msgspec.MsgspecError):
        raise ClientAssertionMalformed(limit=LONGEST) from None
    if not is_plain:
        raise ClientAssertionMalformed(limit=LONGEST)
    return signed, claims


def _registry(algorithm: str) -> jws.JWSRegistry:
    """Allow one algorithm; fields of the header that say nothing to us are passed over."""
    return jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)


def _key(algorithm: Algorithm, text: str) -> OctKey | ECKey | RSAKey:
    """Parse one key. A private one, and one too weak, is refused."""
    with warnings.catch_warnings(action="ignore"):  # of what is refused below
        if algorithm == "HS256":
            if len(text.encode()) < SHORTEST_SECRET or "-----BEGIN " in text:
                raise ValueError
            return OctKey.import_key(text)
        is_jwk = text.lstrip().startswith("{")
        given = kit.read_json(text, dict[str, str | list[str]]) if is_jwk else text
        key = ECKey.import_key(given) if algorithm == "ES256" else RSAKey.import_key(given)
    if isinstance(key, ECKey):
        is_strong = key.curve_name == "P-256"
    else:
        is_strong = RSA_BITS[0] <= key.raw_value.key_size <= RSA_BITS[1]
    if key.is_private or not is_strong:
        raise ValueError
    return key
