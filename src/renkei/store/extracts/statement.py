"""A plan as one SQL statement.

Identifiers come from the checked catalogue alone, every value is a parameter, and the tenant stands
in the WHERE of every table and in the condition of every join. Nothing a person typed is text of
the statement.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import LiteralString

from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder

from renkei.standard import Entity, ItemType
from renkei.store.extracts.comparing import (
    KNOWN_PART,
    Among,
    Begins,
    Comparison,
    Holds,
    Missing,
    Typed,
    Within,
)
from renkei.store.extracts.plan import Plan, Reading
from renkei.store.extracts.query import All, Any, Condition, Not

TYPED = frozenset({ItemType.number, ItemType.decimal, ItemType.date, ItemType.datetime})


@dataclass(frozen=True, slots=True)
class Statement:
    """The statement of a plan and its own parameters.

    Besides those it takes tenant, on, known and withheld: the persons no row may name. After the
    columns asked for a row holds one more for each place that names persons (`Plan.persons`), or
    an array for each where rows alike were made one.
    """

    rows: Composed
    count: Composed
    parameters: dict[str, Typed | list[Typed]]


def statement(planned: Plan) -> Statement:
    """Compile a plan."""
    return _Compiler(planned).compile()


@dataclass(slots=True)
class _Compiler:
    """Gathers parameters while the parts of the statement are made."""

    plan: Plan
    parameters: dict[str, Typed | list[Typed]] = field(default_factory=dict)

    def compile(self) -> Statement:
        query, persons = self.plan.query, self.plan.persons
        names = [Identifier(f"c{n}") for n in range(len(query.columns))]
        shown = [
            SQL("{} AS {}").format(_item(column.item), name)
            for column, name in zip(query.columns, names, strict=True)
        ]
        body = SQL(" FROM {} WHERE {} AND {}").format(
            self._sources(), self._open_to_listing(), self._condition(query.where, self._next())
        )
        if query.distinct:
            gathered = [
                SQL("array_agg({})").format(Identifier(alias, item)) for alias, item in persons
            ]
            asked = SQL("SELECT {}{} GROUP BY {}").format(
                _list([*shown, *gathered]), body, _list(_item(c.item) for c in query.columns)
            )
        else:
            numbers = [Identifier(alias, item) for alias, item in persons]
            asked = SQL("SELECT {}{}").format(_list([*shown, *numbers]), body)
        limited = SQL("{}{}{}").format(asked, self._order(), self._limit())
        count = SQL("SELECT count(*) FROM ({}) AS found").format(limited)
        return Statement(limited, count, self.parameters)

    def _sources(self) -> Composable:
        leading, *_ = self.plan.readings.values()
        parts = [self._source(leading)]
        for join in self.plan.query.joins:
            pairs = [
                SQL("{} = {}").format(Identifier(join.to, theirs), Identifier(join.name, ours))
                for theirs, ours in join.pairs
            ]
            parts.append(
                SQL("{} {} ON {}.tenant = {}.tenant AND {}").format(
                    SQL("LEFT JOIN" if join.optional else "JOIN"),
                    self._source(self.plan.readings[join.name]),
                    Identifier(join.to),
                    Identifier(join.name),
                    SQL(" AND ").join(pairs),
                )
            )
        return SQL(" ").join(parts)

    def _source(self, reading: Reading) -> Composable:
        items = self.plan.needed[reading.name]
        parts = [
            _in_force(entity, items, reading.entities[:n])
            for n, entity in enumerate(reading.entities)
        ]
        return SQL("({}) AS {}").format(SQL(" UNION ALL ").join(parts), Identifier(reading.name))

    def _open_to_listing(self) -> Composable:
        """Leave out every row that names a person whom the standard withholds from lists."""
        parts = [
            SQL("coalesce({} <> ALL (%(withheld)s::text[]), true)").format(Identifier(alias, item))
            for alias, item in self.plan.persons
        ]
        return SQL(" AND ").join(parts) if parts else SQL("true")

    def _next(self) -> Iterator[Comparison]:
        return iter(self.plan.comparisons)

    def _condition(self, condition: Condition, comparisons: Iterator[Comparison]) -> Composable:
        match condition:
            case All(of=parts):
                found = [self._condition(part, comparisons) for part in parts]
                return _joined(" AND ", found) if found else SQL("true")
            case Any(of=parts):
                found = [self._condition(part, comparisons) for part in parts]
                return _joined(" OR ", found) if found else SQL("false")
            case Not(of=part):
                # A test of no value is not met, so that its contrary is: never "unknown".
                return SQL("NOT coalesce({}, false)").format(self._condition(part, comparisons))
            case test:
                return self._test(test.item, next(comparisons))

    def _test(self, name: str, comparison: Comparison) -> Composable:
        item = _item(name)
        match comparison:
            case Among(values=values):
                return SQL("{} = ANY ({})").format(item, self._value(list(values)))
            case Within(least=least, most=most, by_known_part=by_known_part):
                ends = [(SQL(">="), least), (SQL("<="), most)]
                held = [(sign, end) for sign, end in ends if end is not None]
                return _joined(
                    " AND ", [self._end(item, sign, end, by_known_part) for sign, end in held]
                )
            case Begins(text=text):
                return SQL("starts_with({}, {})").format(item, self._value(text))
            case Holds(text=text):
                return SQL("strpos({}, {}) > 0").format(item, self._value(text))
            case Missing():
                return SQL("{} IS NULL").format(item)

    def _end(self, item: Composable, sign: SQL, end: Typed, by_known_part: bool) -> Composable:
        if not isinstance(end, str):
            return SQL("{} {} {}").format(item, sign, self._value(end))
        if not by_known_part:
            return SQL('{} COLLATE "C" {} {}').format(item, sign, self._value(end))
        known = SQL("substring({}, {})").format(item, self._value(KNOWN_PART))
        # As much of the day as is known of the date.
        return SQL('{} COLLATE "C" {} left({}, length({}))').format(
            known, sign, self._value(end), known
        )

    def _order(self) -> Composable:
        if not self.plan.query.order:
            return SQL("")
        parts = []
        for order in self.plan.query.order:
            typed = self.plan.used(order.item).item.type in TYPED
            parts.append(
                SQL("{}{}{} NULLS LAST").format(
                    _item(order.item),
                    SQL("" if typed else ' COLLATE "C"'),
                    SQL(" DESC" if order.descending else ""),
                )
            )
        return SQL(" ORDER BY {}").format(_list(parts))

    def _limit(self) -> Composable:
        if self.plan.query.limit is None:
            return SQL("")
        return SQL(" LIMIT {}").format(self._value(self.plan.query.limit))

    def _value(self, value: Typed | list[Typed]) -> Placeholder:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return Placeholder(name)


def _in_force(entity: Entity, items: tuple[str, ...], before: tuple[Entity, ...]) -> Composable:
    """Return the records of an entity in force on the day, as known at the moment.

    A person who stands in an entity `before` is not looked for in this one.
    """
    held = "tenant = %(tenant)s AND valid_from <= %(on)s"
    known = "known_from <= coalesce(%(known)s, 'infinity'::timestamptz)"
    open_then = "(known_to > coalesce(%(known)s, 'infinity'::timestamptz) OR valid_to > %(on)s)"
    columns = _list(Identifier(name) for name in items)
    absent = [_absent(entity, other) for other in before]
    parts = [
        SQL("SELECT tenant, {} FROM {} AS held WHERE {}{}").format(
            columns,
            Identifier(f"store_{entity.name}{table}"),
            SQL(" AND ").join(map(SQL, conditions)),
            SQL("").join(absent),
        )
        for table, conditions in (("", [held, known]), ("_history", [held, known, open_then]))
    ]
    return SQL(" UNION ALL ").join(parts)


def _absent(entity: Entity, other: Entity) -> Composable:
    return SQL(" AND NOT EXISTS (SELECT FROM ({}) AS earlier WHERE earlier.{} = held.{})").format(
        _in_force(other, (other.subject or "",), ()),
        Identifier(other.subject or ""),
        Identifier(entity.subject or ""),
    )


def _item(name: str) -> Identifier:
    return Identifier(*name.split(".", maxsplit=1))


def _joined(word: LiteralString, parts: list[Composable]) -> Composable:
    return SQL("({})").format(SQL(word).join(parts))


def _list(parts: Iterable[Composable]) -> Composable:
    return SQL(", ").join(parts)
