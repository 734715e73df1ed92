"""The standard's rules about single rows, over the columns of a block of lines.

Nearly every row keeps every rule, so `suspect` is a cheap expression that is true wherever a row
breaks the rule, and perhaps elsewhere; only there `judgement` is asked, which says what the rule
means. What a rule repeats of the types of its items is left to their columns, which cite it; and a
wrong value is not compared with others, so that one fault is one finding.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import polars as pl
from msgspec.structs import replace

from renkei.standard import Catalogue, Entity, Item, ItemType, Rule
from renkei.standard.judgement import meets, wrong_items
from renkei.standard.row_rules import (
    BeEmpty,
    BeFilled,
    BeInOrder,
    BeOneOf,
    BeUnique,
    BeWithheldFrom,
    BeWrittenAs,
    LeaveOnlyIf,
    NotMatch,
    NumberVersions,
    OccurOnce,
    When,
)
from renkei.store.columns import column_of

# Days, months and times of these types sort as their texts do, as far as they are known.
SORTED_AS_TEXT = frozenset(
    {
        ItemType.date,
        ItemType.datetime,
        ItemType.uncertain_date,
        ItemType.month,
        ItemType.year,
    }
)


@dataclass(frozen=True, slots=True)
class RowRule:
    """One rule as an expression; it compares the values of `compared`, if they are right."""

    rule: Rule
    suspect: pl.Expr
    named: tuple[str, ...]
    compared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Broken:
    """A row of the block that breaks a rule, and the items to look at."""

    row: int
    items: tuple[str, ...]


def row_rules(entity: Entity, standard: Catalogue, on: date) -> tuple[RowRule, ...]:
    """Return the rules of a day that the columns do not hold already."""
    return tuple(
        made
        for rule in standard.rules_of(entity.name, on)
        if not held_by_columns(rule, entity)
        if (made := _row_rule(rule, entity, standard, on)) is not None
    )


def held_by_columns(rule: Rule, entity: Entity) -> bool:
    """Tell whether a rule asks no more than the types of its items do."""
    match rule.then:
        case BeFilled(items=items):
            return all(item.required for item in _items(entity, items))
        case BeWrittenAs(items=items, form=form):
            return all(item.type is form for item in _items(entity, items))
        case _:
            return False


def cited(rules: Iterable[Rule], entity: Entity) -> tuple[dict[str, Rule], dict[str, Rule]]:
    """Return by item the rules that columns hold: that it has a value, how the value is written."""
    filled: dict[str, Rule] = {}
    written: dict[str, Rule] = {}
    for rule in rules:
        match rule.then:
            case BeFilled(items=items) if not rule.when and held_by_columns(rule, entity):
                filled |= {name: rule for name in items if name not in filled}
            case BeWrittenAs(items=items) if not rule.when and held_by_columns(rule, entity):
                written |= {name: rule for name in items if name not in written}
            case _:
                pass
    return filled, written


def broken(
    one: RowRule, entity: Entity, standard: Catalogue, frame: pl.DataFrame, wrong: pl.Expr
) -> Iterator[Broken]:
    """Yield the rows that break a rule; where a value it compares is `wrong`, it is not asked."""
    suspects = (
        frame.lazy()
        .with_row_index("row of block")
        .filter(one.suspect)
        .filter(~wrong)
        .select("row of block", *one.named)
        .collect()
    )
    known: dict[Sequence[str | None], tuple[str, ...]] = {}
    for row, *values in suspects.iter_rows():
        texts = tuple(values)
        if texts not in known:
            said = {name: text or "" for name, text in zip(one.named, texts, strict=True)}
            about = meets(said, one.rule.when)
            known[texts] = wrong_items(one.rule, entity, said, standard) if about else ()
        if known[texts]:
            yield Broken(row, known[texts])


def _row_rule(rule: Rule, entity: Entity, standard: Catalogue, on: date) -> RowRule | None:
    compared: frozenset[str] = frozenset()
    names: tuple[str, ...]
    match rule.then:
        case BeFilled(items=names):
            broken = _any(pl.col(name).is_null() for name in names)
        case BeEmpty(items=names):
            broken = _any(pl.col(name).is_not_null() for name in names)
        case BeOneOf(item=name, values=values):
            names, broken = (name,), ~_is_one_of(pl.col(name), values)
        case BeWrittenAs(items=names, form=form):
            held = [replace(item, type=form, required=False) for item in _items(entity, names)]
            broken = _any(column_of(0, item, standard, on).suspect for item in held)
        case BeInOrder(items=names):
            broken, compared = _out_of_order(_items(entity, names)), frozenset(names)
        case NumberVersions(item=name) if rule.then.is_of_newest(entity.key):
            names, compared = (name,), frozenset([name])
            broken = pl.col(name).is_null() | (pl.col(name) < "1")
        case BeUnique() | OccurOnce() | NumberVersions() | NotMatch():
            return None  # between rows: `group_judging`
        case LeaveOnlyIf() | BeWithheldFrom():
            return None  # about giving records away, not about taking them in
    for condition in rule.when:
        broken = _meets(condition) & broken
    named = tuple(dict.fromkeys([*(condition.item for condition in rule.when), *names]))
    return RowRule(rule, broken, named, compared)


def _meets(condition: When) -> pl.Expr:
    value = pl.col(condition.item)
    wanted = pl.lit(value=True)
    if condition.one_of:
        text = value.fill_null("") if "" in condition.one_of else value
        wanted = _is_one_of(text, condition.one_of)
    match condition.filled:
        case None:
            return wanted
        case True:
            return value.is_not_null() & wanted
        case False:
            return value.is_null() & wanted


def _is_one_of(value: pl.Expr, texts: Sequence[str]) -> pl.Expr:
    return value == texts[0] if len(texts) == 1 else value.is_in(list(texts))


def _out_of_order(items: Sequence[Item]) -> pl.Expr:
    """Return where an item may fall below an earlier one, with none surely between them."""
    return _any(
        _falls(items[one], items[other])
        for one, other in combinations(range(len(items)), 2)
        if not any(item.required for item in items[one + 1 : other])
    )


def _falls(first: Item, second: Item) -> pl.Expr:
    earlier, later = pl.col(first.name), pl.col(second.name)
    if {first.type, second.type} <= SORTED_AS_TEXT:
        return earlier > later
    if {first.type, second.type} == {ItemType.number}:
        return earlier.cast(pl.Int64, strict=False) > later.cast(pl.Int64, strict=False)
    return earlier.is_not_null() & later.is_not_null()


def _items(entity: Entity, names: Iterable[str]) -> list[Item]:
    return [item for name in names if (item := entity.item(name)) is not None]


def _any(parts: Iterable[pl.Expr]) -> pl.Expr:
    found = pl.lit(value=False)
    for part in parts:
        found = found | part
    return found
