"""An issuer whose word on staff counts at this console: where it is asked, and what it answers.

It says where to sign in, takes back the code, and gives what it signed. What that is good for here
is said by our settings alone.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec

from renkei import exchange, kit
from renkei.app.errors import IssuerAnswerWrong
from renkei.app.sign_in.plan import Roles, granted
from renkei.app.sign_in.staff import Staff, Vouched

LONGEST = 100  # characters of a number or name
NOBODY = Vouched("", "", "", ())


@dataclass(frozen=True, slots=True)
class Where:
    """Where a browser signs in, and whether its answer says from whom it is (RFC 9207)."""

    authorize: str
    says_issuer: bool


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What came for a code: an ID token, not yet verified, and the keys to verify it by."""

    id_token: str
    access_token: str
    keys: bytes


class Issuer(Protocol):
    """One that vouches for staff."""

    @property
    def id(self) -> str:
        """Return the name it has here: in the settings, or its number as a member."""

    @property
    def address(self) -> str:
        """Return its issuer identifier."""

    @property
    def client(self) -> str:
        """Return our name there."""

    @property
    def algorithm(self) -> exchange.IdAlgorithm:
        """Return what it signs by."""

    def called(self, language: kit.Language) -> str:
        """Return what people call it."""

    async def where(self) -> Where:
        """Return where to send a browser."""

    async def redeem(self, code: str, verifier: str, redirect: str, *, at: datetime) -> Redeemed:
        """Bring back a code."""

    def vouched(self, claims: exchange.Claims) -> Vouched:
        """Return what an ID token says of somebody, as far as it matters here."""

    def staff(self, vouched: Vouched) -> Staff | None:
        """Return who that is here, or None: nobody with a role."""


def vouched_for(issuer: str, number: str, name: str, groups: Iterable[str]) -> Vouched:
    """Return what an issuer said, as far as it can stand in an entry and on a page.

    >>> vouched_for("131016", "1001", "", ()).name
    '1001'
    >>> vouched_for("131016", chr(10), "運用　見本", ()).number
    ''
    """
    if not _is_shown(number):
        return NOBODY
    return Vouched(issuer, number, name if _is_shown(name) else number, tuple(groups))


def _is_shown(text: str) -> bool:
    """Tell whether a text is of some length and has nothing that controls a line or a page."""
    controls = any(unicodedata.category(letter).startswith("C") for letter in text)
    return 0 < len(text) <= LONGEST and not controls


def guest(vouched: Vouched, roles: Roles, groups: frozenset[str] = frozenset()) -> Staff | None:
    """Return somebody who has no account here, with the roles of their groups, if there are any.

    `groups` are those whose tasks they do here.
    """
    found = granted(roles, vouched.groups)
    if not found or not vouched.number:
        return None
    return Staff(vouched.qualified, vouched.name, found, "", groups=groups)


class _Told(msgspec.Struct, frozen=True):
    """The answer of a token endpoint, as far as we need it (OpenID Connect Core, 3.1.3.3)."""

    id_token: str
    access_token: str = ""


def read_answer(issuer: str, told: bytes, keys: bytes) -> Redeemed:
    """Read the answer of a token endpoint."""
    try:
        found = kit.read_json(told, _Told)
    except msgspec.MsgspecError:
        raise IssuerAnswerWrong(issuer=issuer, part="token") from None
    return Redeemed(found.id_token, found.access_token, keys)
