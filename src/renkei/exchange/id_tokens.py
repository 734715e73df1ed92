"""ID tokens (OpenID Connect Core, 2): who signed in, said by a provider to one client, once.

What a token says of its own algorithm is only compared with the one that was agreed on, and its key
comes from the provider, never from the token.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from renkei import kit
from renkei.exchange.assertions import LONGEST, SKEW_SECONDS, ClientKeys
from renkei.exchange.errors import ClientKeyMalformed, IdTokenWrong
from renkei.exchange.keys import SigningKey, encode

IdAlgorithm = Literal["ES256", "PS256", "RS256"]

OURS: IdAlgorithm = "ES256"
MOST_KEYS = 32
OLDEST_SECONDS = 600  # since a token was issued
_PUBLIC = ("kty", "crv", "x", "y", "n", "e")
_KINDS = {"ES256": "EC", "PS256": "RSA", "RS256": "RSA"}
_REGISTRY = jws.JWSRegistry(algorithms=[OURS])


class IdToken(msgspec.Struct, frozen=True, kw_only=True):
    """What we say of a member of staff to one client."""

    iss: str
    sub: str
    aud: str
    iat: int
    exp: int
    auth_time: int
    nonce: str
    name: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say to be meant for us, now: by whom, to whom, in answer to what."""

    issuer: str
    client: str
    nonce: str
    algorithm: IdAlgorithm


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says that holds."""

    subject: str
    _said: dict[str, object]

    def text(self, name: str) -> str:
        """Return a claim that is text, or nothing."""
        found = self._said.get(name)
        return found if isinstance(found, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a claim that is a list of texts, or one text; what is none is left out."""
        found = self._said.get(name)
        listed = found if isinstance(found, list) else [found]
        return tuple(one for one in listed if isinstance(one, str))


class _Read(msgspec.Struct, frozen=True):
    """The claims that every token is held against."""

    iss: str
    sub: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    aud: str | tuple[str, ...]
    exp: float
    iat: float
    nonce: str = ""
    azp: str = ""
    nbf: float | None = None
    at_hash: str | None = None


class _KeySet(msgspec.Struct, frozen=True):
    """A set of keys as a provider publishes it (RFC 7517)."""

    keys: tuple[dict[str, object], ...]


def sign_id_token(token: IdToken, key: SigningKey) -> str:
    """Return a token, signed."""
    header = {"alg": OURS, "typ": "JWT", "kid": key.name}
    return jwt.encode(header, msgspec.to_builtins(token), _jwk(key), registry=_REGISTRY)


def key_set(keys: Sequence[SigningKey]) -> dict[str, object]:
    """Return keys as they are published: the public parts."""
    return {"keys": [_jwk(key).as_dict(private=False) for key in keys]}


def read_id_token(
    text: str, published: bytes, expected: Expected, *, at: datetime, access_token: str = ""
) -> Claims:
    """Return what a token says, or raise `IdTokenWrong` with the part that does not hold."""
    # 1. One of the provider's keys, by the algorithm agreed on.
    signed, read, said = _parse(text)
    keys = _fitting(published, signed.headers().get("kid"), expected.algorithm)
    if not any(one.fit(signed) for one in keys):
        raise IdTokenWrong(part="signature")
    # 2. From whom, to whom, in answer to what, and when.
    audiences = (read.aud,) if isinstance(read.aud, str) else read.aud
    is_ours = audiences == (expected.client,) or read.azp == expected.client
    now = at.timestamp()
    holds = {
        "iss": read.iss == expected.issuer,
        "aud": expected.client in audiences and is_ours,
        "azp": read.azp in ("", expected.client),
        "nonce": bool(expected.nonce) and read.nonce == expected.nonce,
        "exp": now - SKEW_SECONDS < read.exp,
        "iat": now - OLDEST_SECONDS < read.iat <= now + SKEW_SECONDS,
        "nbf": read.nbf is None or read.nbf <= now + SKEW_SECONDS,
        "at_hash": read.at_hash in (None, _half(access_token)),
    }
    for part, is_well in holds.items():
        if not is_well:
            raise IdTokenWrong(part=part)
    return Claims(read.sub, said)


def _half(access_token: str) -> str:
    """Return `at_hash` of an access token; every algorithm here hashes by SHA-256."""
    return encode(hashlib.sha256(access_token.encode()).digest()[:16])


def _parse(text: str) -> tuple[jws.CompactSignature, _Read, dict[str, object]]:
    if len(text) > LONGEST:
        raise IdTokenWrong(part="length")
    try:
        signed = jws.extract_compact(text.encode("ascii"))
        read = kit.read_json(signed.payload or b"", _Read)
        said = kit.read_json(signed.payload or b"", dict[str, object])
        is_plain = "crit" not in signed.headers()
    except (JoseError, ValueError, TypeError, AttributeError, msgspec.MsgspecError):
        raise IdTokenWrong(part="form") from None
    if not is_plain:
        raise IdTokenWrong(part="crit")
    return signed, read, said


def _fitting(published: bytes, kid: object, algorithm: IdAlgorithm) -> Iterator[ClientKeys]:
    """Yield the published keys that may have made a signature; one that is none is passed over."""
    try:
        found = kit.read_json(published, _KeySet).keys[:MOST_KEYS]
    except msgspec.MsgspecError:
        raise IdTokenWrong(part="keys") from None
    for key in _usable(found, kid, algorithm):
        public = {name: key[name] for name in _PUBLIC if name in key}
        try:
            yield ClientKeys.parse(algorithm, [msgspec.json.encode(public).decode()])
        except ClientKeyMalformed:
            continue


def _usable(
    keys: Iterable[dict[str, object]], kid: object, algorithm: IdAlgorithm
) -> Iterator[dict[str, object]]:
    for key in keys:
        is_kind = key.get("kty") == _KINDS[algorithm] and key.get("alg") in (None, algorithm)
        is_named = kid is None or key.get("kid") in (None, kid)
        if is_kind and is_named and key.get("use") in (None, "sig"):
            yield key


def _jwk(key: SigningKey) -> ECKey:
    return ECKey.import_key(key.pem(), {"kid": key.name, "alg": OURS, "use": "sig"})
