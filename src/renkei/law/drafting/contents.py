"""What a draft says in one saved state, and what that would make of the table."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Literal

import msgspec

from renkei import kit
from renkei.law.drafting.effects import first_effect
from renkei.law.drafting.errors import (
    DraftFieldMissing,
    DraftFieldTooLong,
    DraftFieldUnclean,
)
from renkei.law.provisions import ProvisionTable, compiled
from renkei.standard import Finding
from renkei.standard.amending import amended

Scope = Literal["standard", "house"]
"""Whose table is changed: that of the standard, by its authority, or that of the own overlay."""

FIELDS: Mapping[str, int] = MappingProxyType(
    {"title": 120, "reason": 2_000, "retroactive": 1_000, "rows": 30_000}
)
"""The texts of a content, and their most letters."""


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One saved state: what is changed, why, from when, over which version of the table.

    `rows` is the text of the change, as `standard.amending` reads it; `retroactive` says why it is
    to be in force from a day already past, where it is.
    """

    scope: Scope
    title: str
    reason: str
    since: date
    retroactive: str
    base: str
    rows: str

    def check(self) -> None:
        """Refuse what cannot be kept; what is only unfinished can."""
        for field, most in FIELDS.items():
            text: str = getattr(self, field)
            if len(text) > most:
                raise DraftFieldTooLong(field=field, most=most, found=len(text))
            if any(_is_unclean(letter) for letter in text):
                raise DraftFieldUnclean(field=field)
        if not self.title.strip():
            raise DraftFieldMissing(field="title")


@dataclass(frozen=True, slots=True)
class Examined:
    """A content laid upon the table of today: the versions of both, defects, the first effect."""

    digest: str
    base: str
    result: str
    findings: tuple[Finding, ...]
    first: date | None
    table: ProvisionTable


def digest_of(content: Content) -> str:
    """Return the SHA-256 of everything a content says, in hex."""
    return kit.digest(msgspec.to_builtins(content)).hex()


def examine(
    content: Content,
    base: ProvisionTable,
    folder: Traversable,
    overlays: Sequence[Traversable],
) -> Examined:
    """Lay a content upon the catalogue folder, whose table as it stands is `base`."""
    found = amended(folder, overlays, content.rows)
    table = compiled(found.provisions, found.own_uses)
    first = first_effect(base, table)
    return Examined(digest_of(content), base.version, table.version, found.findings, first, table)


def person_of(number: str) -> str:
    """Return what tells one person from another, however their number is written or vouched for.

    >>> person_of("prefecture/1００1") == person_of(" 1001")
    True
    """
    return unicodedata.normalize("NFKC", number).casefold().rpartition("/")[2].strip()


def _is_unclean(letter: str) -> bool:
    """Tell whether a letter is a control: it is unseen, and could turn what is read around."""
    return letter not in "\n\t" and unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
