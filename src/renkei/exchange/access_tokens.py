"""Access tokens (RFC 9068): a JWT the node signs for a unit, believed again for a few minutes.

Whoever has the node's key can tell that it is genuine: another process, the same node after a
restart. Nothing is kept of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from renkei import kit
from renkei.exchange.errors import AccessTokenExpired, AccessTokenWrong
from renkei.exchange.keys import SigningKey

TYPE, ALGORITHM = "at+jwt", "ES256"
_REGISTRY = jws.JWSRegistry(algorithms=[ALGORITHM])


class _Claims(msgspec.Struct, frozen=True):
    """The claims of RFC 9068, 2.2."""

    iss: str
    aud: str
    sub: str
    client_id: str
    iat: int
    exp: int
    jti: str
    scope: str


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a token says: who may ask, and for what."""

    client: str
    scope: tuple[str, ...]


class TokenIssuer:
    """A node as it issues tokens and takes them again."""

    def __init__(self, key: SigningKey, issuer: str) -> None:
        """Take the key, and the name of the node that stands in every token."""
        self._key = ECKey.import_key(key.pem(), {"kid": key.name, "alg": ALGORITHM, "use": "sig"})
        self._issuer = issuer

    def issue(
        self, client: str, scope: Sequence[str], *, token_id: str, at: datetime, life: timedelta
    ) -> str:
        """Return a new token."""
        issued = int(at.timestamp())
        claims = _Claims(
            iss=self._issuer,
            aud=self._issuer,
            sub=client,
            client_id=client,
            iat=issued,
            exp=issued + int(life.total_seconds()),
            jti=token_id,
            scope=" ".join(scope),
        )
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self._key.kid}
        return jwt.encode(header, msgspec.to_builtins(claims), self._key, registry=_REGISTRY)

    def read(self, text: str, *, at: datetime) -> AccessToken:
        """Return what a token says, or raise that it is none of ours, or past."""
        try:
            signed = jws.deserialize_compact(text, self._key, registry=_REGISTRY)
            claims = kit.read_json(signed.payload or b"", _Claims)
            is_ours = signed.headers().get("typ") == TYPE
        except (JoseError, ValueError, TypeError, AttributeError, msgspec.MsgspecError):
            raise AccessTokenWrong from None
        if not is_ours or not claims.iss == claims.aud == self._issuer:
            raise AccessTokenWrong
        if datetime.fromtimestamp(claims.exp, UTC) <= at:
            raise AccessTokenExpired
        return AccessToken(claims.sub, tuple(claims.scope.split()))

    def jwks(self) -> dict[str, object]:
        """Return the public key as the node publishes it."""
        return {"keys": [self._key.as_dict(private=False)]}
