"""The members of staff who may use the console: their roles, and how they prove who they are.

They stand in the settings, or an issuer the settings name vouches for them (single sign-on). A
token is drawn at random, so its SHA-256 may be kept; a password is chosen by a person and kept as
scrypt.
"""

import hmac
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import scrypt, sha256
from typing import Literal

import msgspec

from renkei import law

StaffRole = Literal[
    "operator",
    "officer",
    "approver",
    "auditor",
    "oversight",
    "law-drafter",
    "law-reviewer",
    "law-approver",
]
"""operator: deliveries, findings, drift; officer: personal values for a purpose; approver: decides;
auditor: the access record; oversight: also what of it the law withholds; law-…: who drafts, reviews
and approves changes of the provision table, three different persons.

A member of staff may have several; none includes another. Whoever oversees has that role alone.
"""
EVERY_GROUP = "*"
"""Among somebody's groups: they do the tasks of all."""
OVERSIGHT_ALONE: frozenset[StaffRole] = frozenset({"oversight"})

COST, BLOCK, PARALLEL = 2**15, 8, 1  # of scrypt (RFC 7914): 32 MiB and about 0.1 s a try
MEMORY = 64 * 2**20
SALT, KEY = 16, 32  # bytes
FORM = re.compile(r"scrypt\$([0-9]{1,9})\$([A-Za-z0-9+/=]{24})\$([A-Za-z0-9+/=]{44})")


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff as the settings name them; `secret` is a digest, never the secret.

    `offices` are the units they work for, `groups` those whose tasks they do (担当の組織).
    """

    number: str
    name: str
    roles: frozenset[StaffRole]
    secret: str
    offices: frozenset[str] = frozenset({law.EVERY})
    groups: frozenset[str] = frozenset()

    def knows(self, given: str) -> bool:
        """Tell whether this is the password, or the token, of this member of staff."""
        if is_password_hash(self.secret):
            return _is_password(given, self.secret)
        return hmac.compare_digest(sha256(given.encode()).hexdigest(), self.secret)

    @property
    def official(self) -> law.Official:
        """Return them as the law sees them."""
        return law.Official(self.number, frozenset(self.roles), self.offices)


class Vouched(msgspec.Struct, frozen=True, array_like=True):
    """What an issuer said of somebody who signed in there: their number, name and groups there."""

    issuer: str
    number: str
    name: str
    groups: tuple[str, ...]

    @property
    def qualified(self) -> str:
        """Return the number as entries name it here: nobody of our own has one with a slash."""
        return f"{self.issuer}/{self.number}"


def may_go_together(roles: Collection[str]) -> bool:
    """Tell whether these roles may go together: a third party that looks has no power besides."""
    return "oversight" not in roles or set(roles) == OVERSIGHT_ALONE


NOBODY = Staff("", "", frozenset(), f"scrypt${COST}${'A' * 22}==${'A' * 43}=")
"""Whom nobody is: who gives a number that is not there waits as long as who errs in a password."""


def password_hash(password: str, *, salt: bytes = b"", cost: int = COST) -> str:
    """Return what is kept of a password; it says itself what a try at it costs.

    >>> is_password_hash(password_hash("correct horse", salt=bytes(16)))
    True
    """
    salt = salt or secrets.token_bytes(SALT)
    key = _derive(password, salt, cost)
    return f"scrypt${cost}${b64encode(salt).decode()}${b64encode(key).decode()}"


def is_password_hash(text: str) -> bool:
    """Tell whether a text is what `password_hash` returns."""
    return FORM.fullmatch(text) is not None


def _is_password(given: str, kept: str) -> bool:
    found = FORM.fullmatch(kept)
    if found is None:
        return False
    cost, salt, key = found.groups()
    return hmac.compare_digest(_derive(given, b64decode(salt), int(cost)), b64decode(key))


def _derive(password: str, salt: bytes, cost: int) -> bytes:
    return scrypt(
        password.encode(), salt=salt, n=cost, r=BLOCK, p=PARALLEL, maxmem=MEMORY, dklen=KEY
    )
