"""An issuer that is no member: found by its own description, asked over TLS."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlsplit

import aiohttp
import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from renkei import exchange, kit
from renkei.app.errors import FileUnreadable, IssuerAnswerWrong, IssuerUnreachable, KeysExposed
from renkei.app.sign_in.issuer import Redeemed, Where, guest, read_answer, vouched_for
from renkei.app.sign_in.plan import IssuerEntry, is_guarded
from renkei.app.sign_in.staff import EVERY_GROUP, Staff, Vouched

SECONDS = 10.0
LARGEST = 256 << 10
ASSERTION_SECONDS = 60
RSA_BITS = 2048
DISCOVERY = "/.well-known/openid-configuration"
JSON = "application/json"
_CODE = re.compile(r"[a-z_]{1,64}", re.ASCII)


class _Described(msgspec.Struct, frozen=True):
    """What a provider says of itself (OpenID Connect Discovery, 3), as far as we need it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    authorization_response_iss_parameter_supported: bool = False


class _Refused(msgspec.Struct, frozen=True):
    """An error of a token endpoint (RFC 6749, 5.2)."""

    error: str = ""


@dataclass(frozen=True, slots=True)
class WebIssuer:
    """A provider of the settings. `accounts` are our staff, where it names them by number."""

    id: str
    entry: IssuerEntry
    key: ECKey | RSAKey | None
    accounts: Mapping[str, Staff]

    @classmethod
    def of(cls, name: str, entry: IssuerEntry, folder: Path, staff: Mapping[str, Staff]) -> Self:
        """Take an entry of the settings, and read the key it names."""
        key = _read_key(folder / entry.key) if entry.key else None
        return cls(name, entry, key, staff if entry.accounts else {})

    @property
    def address(self) -> str:
        """Return its issuer identifier."""
        return self.entry.address

    @property
    def client(self) -> str:
        """Return our name there."""
        return self.entry.client

    @property
    def algorithm(self) -> exchange.IdAlgorithm:
        """Return what it signs by."""
        return self.entry.alg

    def called(self, language: kit.Language) -> str:
        """Return what the settings call it."""
        return self.entry.ja if language == "ja" else self.entry.en

    async def where(self) -> Where:
        """Return where to send a browser."""
        async with self._session() as session:
            found = await self._described(session)
        says = found.authorization_response_iss_parameter_supported
        return Where(found.authorization_endpoint, says_issuer=says)

    async def look(self) -> None:
        """Read its description and its keys as a sign-in does, or raise what would prevent one."""
        async with self._session() as session:
            found = await self._described(session)
            await self._get(session, found.jwks_uri, "keys")

    async def redeem(self, code: str, verifier: str, redirect: str, *, at: datetime) -> Redeemed:
        """Bring back a code and return the ID token, with the keys it is to be verified by."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
            "client_id": self.entry.client,
        }
        headers = {"Accept": JSON}
        async with self._session() as session:
            found = await self._described(session)
            if self.key is None:
                pair = (quote(one, safe="") for one in (self.entry.client, self.entry.secret))
                headers["Authorization"] = aiohttp.encode_basic_auth(*pair)
            else:
                form["client_assertion_type"] = exchange.ASSERTION_TYPE
                form["client_assertion"] = self._assertion(self.key, found.token_endpoint, at)
            asked = session.post(
                found.token_endpoint, data=form, headers=headers, allow_redirects=False
            )
            status, told = await self._told(asked, "token")
            if status != 200:
                raise IssuerUnreachable(issuer=self.id, reason=_error(told) or f"HTTP {status}")
            keys = await self._get(session, found.jwks_uri, "keys")
        return read_answer(self.id, told, keys)

    def vouched(self, claims: exchange.Claims) -> Vouched:
        """Return number, name and those groups that the settings name."""
        entry = self.entry
        number = claims.subject if entry.number == "sub" else claims.text(entry.number)
        groups = (one for one in claims.texts(entry.groups) if one in entry.roles)
        return vouched_for(self.id, number, claims.text(entry.name), groups)

    def staff(self, vouched: Vouched) -> Staff | None:
        """Return who that is here: the account of this number, or a guest with roles by group."""
        if self.entry.accounts:
            return self.accounts.get(vouched.number)
        groups = frozenset(vouched.groups) - {EVERY_GROUP}  # nobody elsewhere gives all of ours
        return guest(vouched, self.entry.roles, groups)

    async def _described(self, session: aiohttp.ClientSession) -> _Described:
        """Return what the provider says of itself, if it says it of itself."""
        address = self.entry.address.removesuffix("/") + DISCOVERY
        text = await self._get(session, address, "openid-configuration")
        try:
            found = kit.read_json(text, _Described)
        except msgspec.MsgspecError:
            raise IssuerAnswerWrong(issuer=self.id, part="openid-configuration") from None
        if found.issuer != self.entry.address:
            raise IssuerAnswerWrong(issuer=self.id, part="issuer")
        for place in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            address = getattr(found, place)
            if not is_guarded(address) or urlsplit(address).fragment:
                raise IssuerAnswerWrong(issuer=self.id, part=place)
        return found

    async def _get(self, session: aiohttp.ClientSession, address: str, part: str) -> bytes:
        asked = session.get(address, headers={"Accept": JSON}, allow_redirects=False)
        status, text = await self._told(asked, part)
        if status != 200:
            raise IssuerUnreachable(issuer=self.id, reason=f"{part}: HTTP {status}")
        return text

    async def _told(
        self, asked: "aiohttp.client._RequestContextManager", part: str
    ) -> tuple[int, bytes]:
        """Read an answer, of bounded length."""
        try:
            async with asked as answer:
                text = bytearray()
                async for chunk in answer.content.iter_any():
                    text += chunk
                    if len(text) > LARGEST:
                        raise IssuerAnswerWrong(issuer=self.id, part=part)
                return answer.status, bytes(text)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise IssuerUnreachable(issuer=self.id, reason=type(error).__name__) from error

    def _session(self) -> aiohttp.ClientSession:
        """Return a client that keeps nothing and goes nowhere it is not told to."""
        return aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=SECONDS), cookie_jar=aiohttp.DummyCookieJar()
        )

    def _assertion(self, key: ECKey | RSAKey, audience: str, at: datetime) -> str:
        """Return what proves us at the token endpoint (`private_key_jwt`)."""
        now = int(at.timestamp())
        claims = {
            "iss": self.entry.client,
            "sub": self.entry.client,
            "aud": audience,
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
            "jti": kit.random_bytes(16).hex(),
        }
        algorithm = "ES256" if isinstance(key, ECKey) else "RS256"
        header = {"alg": algorithm, "typ": "JWT", "kid": key.kid}
        return jwt.encode(header, claims, key, algorithms=[algorithm])


def _read_key(file: Path) -> ECKey | RSAKey:
    """Read a private key as PEM: on P-256, or RSA of 2048 bits or more."""
    try:
        if file.stat().st_mode & 0o077:
            raise KeysExposed(file=str(file))
        text = file.read_bytes()
        private = load_pem_private_key(text, password=None)
    except OSError as error:
        raise FileUnreadable(file=str(file), reason=error.strerror or "") from error
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise FileUnreadable(file=str(file), reason="no private key as PEM") from None
    match private:
        case ec.EllipticCurvePrivateKey() if isinstance(private.curve, ec.SECP256R1):
            key: ECKey | RSAKey = ECKey.import_key(text)
        case rsa.RSAPrivateKey() if private.key_size >= RSA_BITS:
            key = RSAKey.import_key(text)
        case _:
            raise FileUnreadable(file=str(file), reason="neither P-256 nor RSA of 2048 bits")
    key.ensure_kid()
    return key


def _error(told: bytes) -> str:
    """Return the code of an error, if it is one of RFC 6749."""
    try:
        found = kit.read_json(told, _Refused).error
    except msgspec.MsgspecError:
        return ""
    return found if _CODE.fullmatch(found) else ""
