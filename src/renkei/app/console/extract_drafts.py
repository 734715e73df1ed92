"""A query that is being built on a page: it travels in the form, and every button changes it.

Conditions stand in groups: every group must hold, and of a group at least one condition. What a
query says beyond that is kept as it is and shown, but not changed here.
"""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from renkei import kit
from renkei.app.errors import FormStale
from renkei.app.rendering import JAPAN
from renkei.store import extracts
from renkei.store.extracts import (
    All,
    Any,
    Column,
    Condition,
    Join,
    Not,
    Order,
    Query,
    Source,
    Testing,
)

Groups = tuple[tuple[Condition, ...], ...]


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What was chosen so far."""

    unit: str = ""
    procedure: str = ""
    purpose: str = ""
    name: str = ""
    leading: Source | None = None
    joins: tuple[Join, ...] = ()
    columns: tuple[Column, ...] = ()
    groups: Groups = ()
    order: tuple[Order, ...] = ()
    on: date | None = None
    known: datetime | None = None
    distinct: bool = False
    limit: int | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return the entities chosen so far."""
        return () if self.leading is None else (self.leading, *self.joins)

    def query(self) -> Query | None:
        """Return the query, or None as long as it shows nothing."""
        if self.leading is None or not self.columns:
            return None
        return Query(
            leading=self.leading,
            joins=self.joins,
            columns=self.columns,
            where=All(of=tuple(g[0] if len(g) == 1 else Any(of=g) for g in self.groups)),
            order=self.order,
            on=self.on,
            known=self.known,
            distinct=self.distinct,
            limit=self.limit,
        )

    def render(self) -> str:
        """Return the draft as a field of a form holds it."""
        return msgspec.json.encode(self).decode()


def read_draft(text: str) -> Draft:
    """Read a draft from a form; what we did not write is no form of ours."""
    if not text:
        return Draft()
    try:
        return kit.read_json(text, Draft)
    except msgspec.DecodeError as error:
        raise FormStale from error


def draft_of(extract: extracts.Extract) -> Draft:
    """Return the draft that leads to a saved query."""
    query = extract.query
    return Draft(
        unit=extract.unit,
        procedure=extract.procedure,
        purpose=extract.purpose,
        name=extract.name,
        leading=query.leading,
        joins=query.joins,
        columns=query.columns,
        groups=_groups(query.where),
        order=query.order,
        on=query.on,
        known=query.known,
        distinct=query.distinct,
        limit=query.limit,
    )


def _groups(condition: Condition) -> Groups:
    match condition:
        case All(of=parts):
            return tuple(part.of if isinstance(part, Any) else (part,) for part in parts)
        case Any(of=parts):
            return (parts,)
        case _:
            return ((condition,),)


def changed(draft: Draft, **parts: object) -> Draft:
    """Return the draft with some parts changed."""
    return msgspec.structs.replace(draft, **parts)


def without_source(draft: Draft, name: str) -> Draft:
    """Take an entity out, and all that was chosen of it or joined to it."""
    gone = {name}
    for join in draft.joins:
        if join.to in gone:
            gone.add(join.name)

    def stays(item: str) -> bool:
        return item.partition(".")[0] not in gone

    groups = (
        tuple(one for one in group if all(stays(test.item) for test in extracts.tests(one)))
        for group in draft.groups
    )
    return changed(
        draft,
        joins=tuple(join for join in draft.joins if join.name not in gone),
        columns=tuple(column for column in draft.columns if stays(column.item)),
        groups=tuple(group for group in groups if group),
        order=tuple(order for order in draft.order if stays(order.item)),
    )


def with_condition(draft: Draft, condition: Condition, group: int | None) -> Draft:
    """Add a condition as one more that must hold, or as another choice of a group."""
    if group is None or not 0 <= group < len(draft.groups):
        return changed(draft, groups=(*draft.groups, (condition,)))
    groups = [*draft.groups]
    groups[group] = (*groups[group], condition)
    return changed(draft, groups=tuple(groups))


def without_condition(draft: Draft, group: int, place: int) -> Draft:
    """Take a condition out, and its group if it was the last one."""
    groups = [
        tuple(one for m, one in enumerate(conditions) if (n, m) != (group, place))
        for n, conditions in enumerate(draft.groups)
    ]
    return changed(draft, groups=tuple(group for group in groups if group))


def moved(columns: tuple[Column, ...], place: int, by: int) -> tuple[Column, ...]:
    """Move a column to the left or to the right."""
    to = place + by
    if not (0 <= place < len(columns) and 0 <= to < len(columns)):
        return columns
    found = [*columns]
    found[place], found[to] = found[to], found[place]
    return tuple(found)


def condition_from(
    kind: str, item: str, *, values: Sequence[str], least: str, most: str, on: str, negated: bool
) -> Condition | None:
    """Return the condition a form describes, or None where it lacks something."""
    test = _test(kind, item, [value for value in values if value], least, most, on)
    if test is None:
        return None
    return Not(of=test) if negated else test


def _test(
    kind: str, item: str, values: list[str], least: str, most: str, on: str
) -> Testing | None:
    told: dict[str, object] = {"is": kind, "item": item}
    match kind:
        case "equals" | "begins_with" | "contains" if values:
            told["value"] = values[0]
        case "one_of" if values:
            told["values"] = values
        case "between" if least or most:
            told |= {"least": least or None, "most": most or None}
        case "age" if (least or most) and on:
            told |= {"on": on, "least": _whole(least), "most": _whole(most)}
        case "fiscal_year" if values:
            told["year"] = _whole(values[0])
        case "is_empty":
            pass
        case _:
            return None
    try:
        return kit.read_value(told, Testing)  # type: ignore[no-any-return]  # of a union
    except msgspec.ValidationError:
        return None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None


def moment_from(text: str) -> datetime | None:
    """Return a time of the clocks of Japan as a form's field writes it."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=JAPAN)
    except ValueError:
        return None


def day_from(text: str) -> date | None:
    """Return a day as a form's field writes it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
