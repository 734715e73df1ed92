"""Holding records to the rules of their entity.

A record is a row of the CSV layout: item name → text, empty for no value. What is found names the
rule, the row and the items; nobody's data is quoted. The store runs rules over a million rows its
own way; this is the meaning they have.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from msgspec.structs import replace

from renkei.standard.content import Catalogue
from renkei.standard.model import Entity
from renkei.standard.row_rules import (
    BeEmpty,
    BeFilled,
    BeInOrder,
    BeOneOf,
    BeUnique,
    BeWithheldFrom,
    BeWrittenAs,
    LeaveOnlyIf,
    Level,
    NotMatch,
    NumberVersions,
    OccurOnce,
    Rule,
    Use,
    When,
)
from renkei.standard.rules import is_valid

Row = Mapping[str, str]

COUNTED = "[1-9][0-9]*"  # the number of a version


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a row breaks: `row` counts from 0, `items` are those to look at."""

    rule: Rule
    row: int
    items: tuple[str, ...]

    @property
    def stops(self) -> bool:
        """Tell whether the record must not be registered until this is cured (エラー)."""
        return self.rule.level is Level.error


def judge(
    standard: Catalogue, entity: Entity, rows: Sequence[Row], *, on: date
) -> tuple[Breach, ...]:
    """Return every breach of the rules in force on a day, in the order of rules and rows."""
    found = []
    for rule in standard.rules_of(entity.name, on):
        about = [n for n, row in enumerate(rows) if meets(row, rule.when)]
        found += [
            Breach(rule, n, items) for n, items in _breaches(rule, entity, rows, about, standard)
        ]
    return tuple(found)


def may_leave(standard: Catalogue, entity: Entity, row: Row, *, on: date) -> Rule | None:
    """Return the rule that keeps a row from going to another system, or None if it may go."""
    for rule in standard.rules_of(entity.name, on):
        match rule.then:
            case LeaveOnlyIf(conditions=conditions):
                if meets(row, rule.when) and not meets(row, conditions):
                    return rule
            case _:
                pass
    return None


def withheld_from(standard: Catalogue, entity: Entity, row: Row, *, on: date) -> dict[Use, Rule]:
    """Return the uses a row is withheld from, each with its rule (支援措置)."""
    withheld: dict[Use, Rule] = {}
    for rule in standard.rules_of(entity.name, on):
        match rule.then:
            case BeWithheldFrom(uses=uses):
                if meets(row, rule.when):
                    withheld |= {use: rule for use in uses if use not in withheld}
            case _:
                pass
    return withheld


def matching(
    standard: Catalogue, entity: Entity, row: Row, known: Iterable[Row], *, on: date
) -> tuple[tuple[Rule, int], ...]:
    """Return the known rows a new one agrees with, by the rules of re-entry (再転入者の確認)."""
    rules = [rule for rule in standard.rules_of(entity.name, on) if isinstance(rule.then, NotMatch)]
    return tuple(
        (rule, n)
        for n, other in enumerate(known)
        for rule in rules
        if isinstance(rule.then, NotMatch)
        and all(row.get(name) and row.get(name) == other.get(name) for name in rule.then.items)
    )


def meets(row: Row, conditions: Iterable[When]) -> bool:
    """Tell whether a row meets every condition."""
    return all(_meets(row.get(one.item, ""), one) for one in conditions)


def _meets(value: str, condition: When) -> bool:
    if condition.one_of and value not in condition.one_of:
        return False
    return condition.filled is None or condition.filled is bool(value)


def _breaches(
    rule: Rule, entity: Entity, rows: Sequence[Row], about: list[int], standard: Catalogue
) -> list[tuple[int, tuple[str, ...]]]:
    match rule.then:
        case OccurOnce(by=by, where=where):
            return _occurring(rows, about, by, where)
        case NumberVersions(item=item, by=by) if not rule.then.is_of_newest(entity.key):
            return _misnumbered(rows, about, item, by)
        case BeUnique(items=items) | NotMatch(items=items):
            return _repeated(rows, about, items)
        case _:
            return [
                (n, items) for n in about if (items := wrong_items(rule, entity, rows[n], standard))
            ]


def wrong_items(rule: Rule, entity: Entity, row: Row, standard: Catalogue) -> tuple[str, ...]:
    """Return the items of one row that break a rule about single rows."""
    match rule.then:
        case BeFilled(items=items):
            return tuple(name for name in items if not row.get(name))
        case BeEmpty(items=items):
            return tuple(name for name in items if row.get(name))
        case BeOneOf(item=item, values=values):
            return (item,) if row.get(item) and row[item] not in values else ()
        case BeWrittenAs(items=items, form=form):
            filled = [(name, entity.item(name)) for name in items if row.get(name)]
            held = [(name, replace(item, type=form)) for name, item in filled if item]
            return tuple(name for name, item in held if not is_valid(item, row[name], standard))
        case BeInOrder(items=items):
            return _out_of_order(row, items)
        case NumberVersions(item=item) if rule.then.is_of_newest(entity.key):
            return () if re.fullmatch(COUNTED, row.get(item, "")) else (item,)
        case _:
            return ()


def _out_of_order(row: Row, items: Sequence[str]) -> tuple[str, ...]:
    known = [(name, row[name]) for name in items if row.get(name)]
    for (first, earlier), (second, later) in pairwise(known):
        one, other = sortable(earlier), sortable(later)
        length = min(len(one), len(other))
        if one[:length] > other[:length]:
            return (first, second)
    return ()


def sortable(value: str) -> tuple[int, ...]:
    """Return the known leading numbers of a day, a month, a time or a number.

    >>> sortable("1935-03-00頃"), sortable("2026-04-01")
    ((1935, 3), (2026, 4, 1))
    """
    if re.fullmatch(r"-?[0-9]+", value):
        return (int(value),)
    parts: list[int] = []
    for part in re.findall(r"[0-9]+", value.partition("から")[0]):
        if int(part) == 0 and len(parts) < 3:  # year, month, day
            break
        parts.append(int(part))
    return tuple(parts)


def _groups(
    rows: Sequence[Row], about: Iterable[int], by: Sequence[str]
) -> dict[tuple[str, ...], list[int]]:
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for n in about:
        groups[tuple(rows[n].get(name, "") for name in by)].append(n)
    return groups


def _occurring(
    rows: Sequence[Row], about: list[int], by: Sequence[str], where: Sequence[When]
) -> list[tuple[int, tuple[str, ...]]]:
    found = []
    named = tuple(condition.item for condition in where)
    for members in _groups(rows, about, by).values():
        meeting = [n for n in members if meets(rows[n], where)]
        if not meeting:
            found.append((members[0], named))
        found += [(n, named) for n in meeting[1:]]
    return sorted(found)


def _misnumbered(
    rows: Sequence[Row], about: list[int], item: str, by: Sequence[str]
) -> list[tuple[int, tuple[str, ...]]]:
    found = []
    for members in _groups(rows, about, by).values():
        numbered = sorted(
            members, key=lambda n: (len(rows[n].get(item, "")), rows[n].get(item, ""))
        )
        found += [
            (n, (item,))
            for wanted, n in enumerate(numbered, 1)
            if rows[n].get(item, "") != str(wanted)
        ]
    return sorted(found)


def _repeated(
    rows: Sequence[Row], about: list[int], items: Sequence[str]
) -> list[tuple[int, tuple[str, ...]]]:
    whole = [n for n in about if all(rows[n].get(name) for name in items)]
    groups = _groups(rows, whole, items).values()
    return sorted((n, tuple(items)) for members in groups for n in members[1:])
