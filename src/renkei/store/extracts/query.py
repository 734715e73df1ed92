"""A query as data: which entities, which items, under which conditions, as of when.

Items are named `alias.item`; an alias is the entity's own name unless the query gives another.
Values are text as in the standard's CSV layout. `docs/extracts.md` documents the JSON form.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, TypeAlias

import msgspec

from renkei import kit
from renkei.store.extracts.errors import QueryUnreadable

Alias = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=48)]
ItemName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
Value = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Values = Annotated[tuple[Value, ...], msgspec.Meta(min_length=1, max_length=1000)]
Age = Annotated[int, msgspec.Meta(ge=0, le=150)]
Year = Annotated[int, msgspec.Meta(ge=1000, le=9998)]

LONGEST = 262_144  # bytes of a query in JSON
DEEPEST = 16  # conditions within conditions
MOST_ROWS = 10_000_000


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a query; a member it does not know is refused."""


class Source(Part, frozen=True, kw_only=True):
    """An entity the query reads, or `person`: whoever a register number is, resident or not."""

    entity: str
    alias: Alias = ""

    @property
    def name(self) -> str:
        """Return what items of this source are named by."""
        return self.alias or self.entity


class Join(Source, frozen=True, kw_only=True):
    """A further entity, found from one before it by pairs of items: (its item, ours).

    An `optional` one may be missing: its items are then empty. Otherwise the row is left out.
    """

    to: str
    pairs: Annotated[tuple[tuple[str, str], ...], msgspec.Meta(min_length=1, max_length=8)]
    optional: bool = False


class Column(Part, frozen=True, kw_only=True):
    """A column of the outcome; `named` shows what a code value means instead of the value."""

    item: ItemName
    title: Annotated[str, msgspec.Meta(max_length=100)] = ""
    named: bool = False


class Order(Part, frozen=True, kw_only=True):
    """An item to sort by; what is empty comes last."""

    item: ItemName
    descending: bool = False


class OnItem(Part, frozen=True, kw_only=True, tag_field="is"):
    """A condition on one item. An item without a value meets `is_empty` and nothing else."""

    item: ItemName


class Equals(OnItem, frozen=True, kw_only=True, tag="equals"):
    """The item has this value."""

    value: Value


class OneOf(OnItem, frozen=True, kw_only=True, tag="one_of"):
    """The item has one of these values."""

    values: Values


class Between(OnItem, frozen=True, kw_only=True, tag="between"):
    """The item is not before or below the one and not after or above the other.

    Of a date that is not fully known, the known part is compared: 1935-03-00 lies between
    1935-03-20 and 1935-04-10.
    """

    least: Value | None = None
    most: Value | None = None


class BeginsWith(OnItem, frozen=True, kw_only=True, tag="begins_with"):
    """The item begins with this text."""

    value: Value


class Contains(OnItem, frozen=True, kw_only=True, tag="contains"):
    """The item holds this text."""

    value: Value


class IsEmpty(OnItem, frozen=True, kw_only=True, tag="is_empty"):
    """The item has no value."""


class AgeBetween(OnItem, frozen=True, kw_only=True, tag="age"):
    """Whoever was born on that day is so many full years old on another day.

    An age is reached on the birthday, not on the eve of it as the law counts (年齢計算に関する
    法律): who wants that gives the next day.
    """

    on: date
    least: Age | None = None
    most: Age | None = None


class InFiscalYear(OnItem, frozen=True, kw_only=True, tag="fiscal_year"):
    """The day, month or year lies in this 年度: 1 April to 31 March."""

    year: Year


class All(Part, frozen=True, kw_only=True, tag_field="is", tag="all"):
    """Every one of these holds; none at all holds too."""

    of: tuple["Condition", ...] = ()


class Any(Part, frozen=True, kw_only=True, tag_field="is", tag="any"):
    """At least one of these holds."""

    of: tuple["Condition", ...]


class Not(Part, frozen=True, kw_only=True, tag_field="is", tag="not"):
    """This does not hold."""

    of: "Condition"


Testing: TypeAlias = (
    Equals | OneOf | Between | BeginsWith | Contains | IsEmpty | AgeBetween | InFiscalYear
)
Condition: TypeAlias = (
    All
    | Any
    | Not
    | Equals
    | OneOf
    | Between
    | BeginsWith
    | Contains
    | IsEmpty
    | AgeBetween
    | InFiscalYear
)


class Query(Part, frozen=True, kw_only=True):
    """What to read. `on` is the day the values are in force, without one the day of the run.

    `known` is the moment whose knowledge counts; without one, what is known at the run.
    """

    leading: Source
    joins: Annotated[tuple[Join, ...], msgspec.Meta(max_length=7)] = ()
    columns: Annotated[tuple[Column, ...], msgspec.Meta(min_length=1, max_length=100)]
    where: Condition = All()
    order: Annotated[tuple[Order, ...], msgspec.Meta(max_length=10)] = ()
    on: date | None = None
    known: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    distinct: bool = False
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_ROWS)] | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return the leading entity and the joined ones, in their order."""
        return (self.leading, *self.joins)


_encoder = msgspec.json.Encoder()


def parse_query(data: bytes) -> Query:
    """Read a query from JSON; what is malformed is refused with the place of the defect."""
    if len(data) > LONGEST:
        raise QueryUnreadable(reason=f"> {LONGEST} bytes")
    try:
        query = kit.read_json(data, Query)
        if _depth(query.where) > DEEPEST:
            raise QueryUnreadable(reason=f"where: > {DEEPEST} levels")
    except (msgspec.DecodeError, RecursionError) as error:  # the latter of `_depth`
        raise QueryUnreadable(reason=_without_values(str(error))) from error
    return query


def render_query(query: Query) -> bytes:
    """Write a query as JSON; `parse_query` reads it back to an equal one."""
    return _encoder.encode(query)


def tests(condition: Condition) -> Iterator[Testing]:
    """Yield every test of a single item, in the order of the text."""
    match condition:
        case All(of=parts) | Any(of=parts):
            for part in parts:
                yield from tests(part)
        case Not(of=part):
            yield from tests(part)
        case _:
            yield condition


def _depth(condition: Condition) -> int:
    match condition:
        case All(of=parts) | Any(of=parts):
            return 1 + max((_depth(part) for part in parts), default=0)
        case Not(of=part):
            return 1 + _depth(part)
        case _:
            return 1


def _without_values(reason: str) -> str:
    """Keep the first line of a decoder's message, cut short: it names places and types."""
    return reason.split("\n", maxsplit=1)[0][:200]
