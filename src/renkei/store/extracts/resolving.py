"""Holding a query to the standard: every name found, every operator fit, every value parsed.

What is wrong comes back as defects, all of them at once.
"""

from renkei.standard import Catalogue
from renkei.store.extracts.comparing import Comparison, NotFit, comparison
from renkei.store.extracts.errors import Defect, QueryDefective
from renkei.store.extracts.plan import (
    Plan,
    Reading,
    Used,
    links,
    readable,
    shared_items,
)
from renkei.store.extracts.query import All, Any, Condition, Join, Not, Query, Source


def defects(query: Query, standard: Catalogue) -> tuple[Defect, ...]:
    """Return everything that is wrong with a query; code values count, retired or not."""
    return tuple(_Resolver(query, standard).defects)


def plan(query: Query, standard: Catalogue) -> Plan:
    """Return the plan of a query, or refuse it with every defect."""
    resolver = _Resolver(query, standard)
    if resolver.defects:
        raise QueryDefective(resolver.defects)
    return Plan(query, resolver.readings, tuple(resolver.comparisons), standard)


class _Resolver:
    """Goes through a query once and keeps what it finds and what is wrong."""

    def __init__(self, query: Query, standard: Catalogue) -> None:
        self._query, self._standard = query, standard
        self.defects: list[Defect] = []
        self.readings: dict[str, Reading] = {}
        self.comparisons: list[Comparison] = []
        self._resolve()

    def _resolve(self) -> None:
        self._read("leading", self._query.leading)
        for n, join in enumerate(self._query.joins, 1):
            known = set(self.readings)
            self._read(f"joins {n}", join)
            self._join(f"joins {n}", join, known)
        for n, column in enumerate(self._query.columns, 1):
            used = self._item(f"columns {n}", column.item)
            if used is not None and column.named and used.item.code_list is None:
                self._wrong(f"columns {n}", "no-code-list", item=column.item)
        self._condition("where", self._query.where)
        shown = {column.item for column in self._query.columns}
        for n, order in enumerate(self._query.order, 1):
            used = self._item(f"order {n}", order.item)
            if used is not None and self._query.distinct and order.item not in shown:
                self._wrong(f"order {n}", "order-not-shown", item=order.item)

    def _read(self, place: str, source: Source) -> None:
        entities = readable(source.entity, self._standard)
        if not entities:
            self._wrong(place, "entity-unknown", entity=source.entity)
            return
        if source.name in self.readings:
            self._wrong(place, "alias-twice", alias=source.name)
            return
        items = shared_items(entities)
        self.readings[source.name] = Reading(source, entities, items, entities[0].subject)

    def _join(self, place: str, join: Join, known: set[str]) -> None:
        if join.to not in known or join.to == join.name:
            self._wrong(place, "alias-unknown", alias=join.to)
            return
        if join.name not in self.readings:
            return
        left, right = self.readings[join.to], self.readings[join.name]
        for theirs, ours in join.pairs:
            for reading, item in ((left, theirs), (right, ours)):
                if item not in reading.items:
                    self._wrong(place, "item-unknown", item=f"{reading.name}.{item}")
                    return
        ways = links(left, join.entity, self._standard)
        if set(join.pairs) not in map(set, ways):
            self._wrong(place, "join-unknown", left=left.name, right=right.name)

    def _item(self, place: str, name: str) -> Used | None:
        alias, _, item = name.partition(".")
        reading = self.readings.get(alias)
        if reading is None:
            self._wrong(place, "alias-unknown", alias=alias)
            return None
        if item not in reading.items:
            self._wrong(place, "item-unknown", item=name)
            return None
        return Used(reading, reading.items[item])

    def _condition(self, place: str, condition: Condition) -> None:
        match condition:
            case All(of=parts) | Any(of=parts):
                for n, part in enumerate(parts, 1):
                    self._condition(f"{place} {n}", part)
            case Not(of=part):
                self._condition(place, part)
            case test:
                used = self._item(place, test.item)
                if used is None:
                    return
                match comparison(test, used.item, self._standard):
                    case NotFit(code=code):
                        self._wrong(place, code, item=test.item)
                    case found:
                        self.comparisons.append(found)

    def _wrong(self, place: str, code: str, **facts: str) -> None:
        self.defects.append(Defect(code, place, facts))
