"""How each entity stands: when its unit last delivered, what is overdue, what was found.

The book of loads says what is in force, the book of deliveries what came last; a rhythm in the
settings says when the next one is due. Nothing here is a personal value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from renkei import kit, standard, store

State = Literal["never", "kept-out", "overdue", "drifted", "good"]
URGENT: tuple[State, ...] = ("kept-out", "overdue", "drifted")
"""What somebody must look at, the most urgent first."""


@dataclass(frozen=True, slots=True)
class EntityStanding:
    """One entity: the load its records come from, the newest delivery, the newest comparison."""

    entity: standard.Entity
    load: store.LastLoad | None
    delivery: store.Delivery | None
    comparison: store.Reconciliation | None
    rhythm: int | None
    days_over: int

    @property
    def state(self) -> State:
        """Return what is to be said of it first."""
        if self.delivery is not None and not self.delivery.is_in:
            return "kept-out"
        if self.days_over > 0:
            return "overdue"
        if self.comparison is not None and not self.comparison.agrees:
            return "drifted"
        return "good" if self.load is not None else "never"


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """One unit and its entities."""

    unit: standard.Unit
    entities: tuple[EntityStanding, ...]

    def count(self, state: State) -> int:
        """Return how many entities stand so."""
        return sum(one.state == state for one in self.entities)

    @property
    def delivered(self) -> tuple[EntityStanding, ...]:
        """Return the entities of which records are in force or were."""
        return tuple(one for one in self.entities if one.load is not None)

    @property
    def records(self) -> int:
        """Return how many records the last loads stated."""
        return sum(one.load.records for one in self.entities if one.load is not None)

    @property
    def newest(self) -> store.LastLoad | None:
        """Return the newest load of the unit."""
        loads = (one.load for one in self.entities if one.load is not None)
        return max(loads, key=lambda load: load.loaded_at, default=None)

    @property
    def alerts(self) -> int:
        """Return how many findings the newest deliveries have."""
        newest = (one.delivery for one in self.entities if one.delivery is not None)
        return sum(sum(delivery.rules.values()) for delivery in newest)


def standing(
    conn: kit.Connection,
    tenant: kit.Tenant,
    known: standard.Catalogue,
    rhythm: Mapping[str, int],
    *,
    on: date,
) -> tuple[UnitStanding, ...]:
    """Return how every unit that keeps records stands on a day."""
    loads = store.last_loads(conn, tenant)
    newest = store.last_deliveries(conn, tenant)
    comparisons = store.last_reconciliations(conn, tenant)

    def of(entity: standard.Entity) -> EntityStanding:
        load = loads.get(entity.name)
        every = rhythm.get(entity.name, rhythm.get(entity.unit))
        return EntityStanding(
            entity,
            load,
            newest.get(entity.name),
            comparisons.get(entity.name),
            every,
            _days_over(load, every, on),
        )

    return tuple(
        UnitStanding(unit, tuple(map(of, entities)))
        for unit in known.units
        if (entities := _alive(known.entities_of(unit.id), on, loads))
    )


def _alive(
    entities: tuple[standard.Entity, ...], on: date, loads: Mapping[str, store.LastLoad]
) -> tuple[standard.Entity, ...]:
    """Return the entities that may still be delivered, and those that were."""
    return tuple(
        one for one in entities if one.until is None or one.until >= on or one.name in loads
    )


def _days_over(load: store.LastLoad | None, every: int | None, on: date) -> int:
    """Return how many days ago the next delivery was due; one that never came is a day late."""
    if every is None:
        return 0
    if load is None:
        return 1
    return max(0, (on - load.states_on - timedelta(days=every)).days)
