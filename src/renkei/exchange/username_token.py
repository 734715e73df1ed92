"""WS-Security UsernameToken (OASIS, profile 1.0): who a SOAP client says it is, and the proof.

`PasswordDigest` = base64 of SHA-1(nonce + created + password): the password does not travel, each
token serves once and for five minutes. `PasswordText` is the bearer token in another place.
"""

import hashlib
import hmac
from base64 import b64decode, b64encode, urlsafe_b64encode
from binascii import Error as NoBase64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from renkei.exchange.errors import UsernameTokenExpired, UsernameTokenMalformed
from renkei.exchange.signatures import WINDOW_SECONDS
from renkei.exchange.soap import Element

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_SECEXT = f"{{{_OASIS}wssecurity-secext-1.0.xsd}}"
_UTILITY = f"{{{_OASIS}wssecurity-utility-1.0.xsd}}"
SECURITY = f"{_SECEXT}Security"
_PROFILE = f"{_OASIS}username-token-profile-1.0#"
LONGEST = 512


@dataclass(frozen=True, slots=True)
class UsernameToken:
    """A token as it was sent. `keyid` and `nonce` mark it as used (`first_time`)."""

    username: str
    password: str
    is_digest: bool
    raw_nonce: bytes = b""
    created: str = ""

    @property
    def keyid(self) -> str:
        """Return whose mark it leaves."""
        return f"wsse:{self.username}"[:128]

    @property
    def nonce(self) -> str:
        """Return what tells it from every other token of its user."""
        digest = hashlib.sha256(self.raw_nonce + self.created.encode()).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")

    def fits(self, password: str) -> bool:
        """Tell whether a digest was made with this password."""
        return hmac.compare_digest(self.password, digest_of(self.raw_nonce, self.created, password))

    def check_time(self, at: datetime) -> None:
        """Refuse a digest made more than five minutes away from our own time."""
        try:
            made = datetime.fromisoformat(self.created)
        except ValueError:
            raise UsernameTokenMalformed(part="wsu:Created") from None
        if made.tzinfo is None:
            made = made.replace(tzinfo=UTC)  # the profile wants UTC
        if abs(at - made) > timedelta(seconds=WINDOW_SECONDS):
            raise UsernameTokenExpired(seconds=WINDOW_SECONDS)


def digest_of(nonce: bytes, created: str, password: str) -> str:
    """Return the digest of a password.

    >>> digest_of(b"0123456789abcdef", "2026-04-01T00:00:00Z", "secret")
    'rvwG3PbOP/3/mG3Y6d/tLzYwAgQ='
    """
    text = nonce + created.encode() + password.encode()
    return b64encode(hashlib.sha1(text, usedforsecurity=True).digest()).decode()  # noqa: S324  # the profile's


def read_username_token(security: Element) -> UsernameToken:
    """Read the token of a Security header."""
    tokens = security.findall(f"{_SECEXT}UsernameToken")
    if len(tokens) != 1:
        raise UsernameTokenMalformed(part="wsse:UsernameToken")
    token = tokens[0]
    password = token.find(f"{_SECEXT}Password")
    kind = "" if password is None else password.get("Type", f"{_PROFILE}PasswordText")
    if kind not in (f"{_PROFILE}PasswordText", f"{_PROFILE}PasswordDigest"):
        raise UsernameTokenMalformed(part="wsse:Password/@Type")
    username, given = _text(token, f"{_SECEXT}Username"), _text(token, f"{_SECEXT}Password")
    if kind.endswith("Text"):
        return UsernameToken(username, given, is_digest=False)
    try:
        nonce = b64decode(_text(token, f"{_SECEXT}Nonce"), validate=True)
    except (NoBase64, ValueError):
        raise UsernameTokenMalformed(part="wsse:Nonce") from None
    if not nonce:
        raise UsernameTokenMalformed(part="wsse:Nonce")
    created = _text(token, f"{_UTILITY}Created")
    return UsernameToken(username, given, is_digest=True, raw_nonce=nonce, created=created)


def _text(token: Element, name: str) -> str:
    found = token.findall(name)
    text = (found[0].text or "").strip() if len(found) == 1 and not len(found[0]) else ""
    if not 0 < len(text) <= LONGEST:
        raise UsernameTokenMalformed(part=name.rpartition("}")[2])
    return text
