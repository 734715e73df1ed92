"""What must hold between the items of a record, or between records: rules with a clause.

A rule is data. `when` names the records it is about, `must` what holds for them; its clause, its
sentence and its remedy are what a person reads. `judgement` holds records to them.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec

from renkei.standard.model import Definition, ItemType, Provenance, Text

Names = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Level(StrEnum):
    """Whether a breach stops a registration (エラー) or may be confirmed (アラート), §11.1."""

    error = "error"
    alert = "alert"


class When(Definition, frozen=True, kw_only=True):
    """One condition on a record: an item has one of these values, or has any value, or none."""

    item: str
    one_of: tuple[str, ...] = ()
    filled: bool | None = None


class Requirement(Definition, frozen=True, kw_only=True, tag_field="must"):
    """What must hold; each kind says which items it is about."""


class BeFilled(Requirement, frozen=True, kw_only=True, tag="be_filled"):
    """Each of these items has a value."""

    items: Names


class BeEmpty(Requirement, frozen=True, kw_only=True, tag="be_empty"):
    """None of these items has a value."""

    items: Names


class BeOneOf(Requirement, frozen=True, kw_only=True, tag="be_one_of"):
    """The item, if it has a value, has one of these."""

    item: str
    values: Names


class BeInOrder(Requirement, frozen=True, kw_only=True, tag="be_in_order"):
    """Days and numbers do not fall from one item to the next; what is unknown is passed over."""

    items: Annotated[tuple[str, ...], msgspec.Meta(min_length=2)]


class BeWrittenAs(Requirement, frozen=True, kw_only=True, tag="be_written_as"):
    """These items, if they have a value, keep the grammar of an item type (`rules`)."""

    items: Names
    form: ItemType


class BeUnique(Requirement, frozen=True, kw_only=True, tag="be_unique"):
    """No two records agree in all these items."""

    items: Names


class OccurOnce(Requirement, frozen=True, kw_only=True, tag="occur_once"):
    """Among the records that share `by`, exactly one meets the conditions."""

    by: Names
    where: Annotated[tuple[When, ...], msgspec.Meta(min_length=1)]


class NumberVersions(Requirement, frozen=True, kw_only=True, tag="number_versions"):
    """The versions of a record that share `by` are numbered 1, 2, 3 … without a gap.

    The newest has the highest number, and every version states the whole record. An entity whose
    key lies in `by` states the newest version alone: its number is 1 or more.
    """

    item: str
    by: Names

    def is_of_newest(self, key: Iterable[str]) -> bool:
        """Tell whether records of that key are the newest versions alone."""
        return set(key) <= set(self.by)


class LeaveOnlyIf(Requirement, frozen=True, kw_only=True, tag="leave_only_if"):
    """A record goes to another system only if it meets the conditions (本登録)."""

    conditions: Annotated[tuple[When, ...], msgspec.Meta(min_length=1)]


class Use(StrEnum):
    """What a protected record is withheld from."""

    listing = "listing"  # 一覧・閲覧
    issuing = "issuing"  # 証明書の交付
    delivery = "delivery"  # 他業務・他団体への提供


class BeWithheldFrom(Requirement, frozen=True, kw_only=True, tag="be_withheld_from"):
    """The records `when` names are withheld from these uses (支援措置)."""

    uses: Annotated[tuple[Use, ...], msgspec.Meta(min_length=1)]


class NotMatch(Requirement, frozen=True, kw_only=True, tag="not_match"):
    """A new record does not agree in all these items with one that exists (再転入者の確認).

    Among the records of one set, each is new to those before it.
    """

    items: Names


Must: TypeAlias = (
    BeFilled
    | BeEmpty
    | BeOneOf
    | BeInOrder
    | BeWrittenAs
    | BeUnique
    | OccurOnce
    | NumberVersions
    | LeaveOnlyIf
    | BeWithheldFrom
    | NotMatch
)


class Rule(Definition, frozen=True, kw_only=True):
    """One rule of an entity, with the clause of the standard it comes from."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{2}-R[0-9]{3}$")]
    entity: str
    clause: Text
    level: Level
    ja: Text
    en: Text
    remedy_ja: Text
    remedy_en: Text
    when: tuple[When, ...] = ()
    then: Must
    since: date
    until: date | None = None
    provenance: Provenance
    source: Text


def conditions(rule: Rule) -> Iterator[When]:
    """Give every condition a rule holds, wherever it stands."""
    yield from rule.when
    match rule.then:
        case LeaveOnlyIf(conditions=more) | OccurOnce(where=more):
            yield from more
        case _:
            pass
