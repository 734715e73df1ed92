"""The change feed: what the loads did to the records of a town, in the order of their commits.

A reader asks for what came after a position and keeps the position it is given; reading may stop
anywhere, also within a load, and go on from there. A load gets its place under a lock it holds to
its commit, so a reader that sees one load has seen all before it: no event is lost, and none comes
late. An event says what became of a record, not its values; `changed_records` has those.
"""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from renkei.kit import Connection, Tenant, metered, queries
from renkei.standard import Catalogue, Entity, catalogue
from renkei.store.errors import ItemNotInEntity
from renkei.store.feed_statements import latest_of_keys, paging, records_of_events
from renkei.store.lookup import Value

sql = queries("renkei.store")

FEED_PAGE = 2000  # events
LOADS = 500  # looked at in one query
PASSED = 1000  # rows of a fill's entity passed at once, at least


class Became(StrEnum):
    """What a load did to a record."""

    new = "new"
    changed = "changed"
    gone = "gone"
    archived = "archived"  # what was gone went to the archive: nothing changes for a reader
    erased = "erased"  # by order: nobody keeps it


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader is: the loads it has read whole, and how far it is in the next one.

    Within a load `seen` tells how many of its events were read, and `mark` names the last one: by
    its number, or in a fill, whose events have none, by the record's key. Both are empty between
    loads.
    """

    load: int = 0
    mark: tuple[str, ...] = ()
    seen: int = 0

    def is_beyond(self, other: "Position") -> bool:
        """Tell whether a reader here has read more than one there."""
        return (self.load, self.seen) > (other.load, other.seen)


START = Position()


@dataclass(frozen=True, slots=True)
class Event:
    """What became of one record: by which load, from which day on, known since when."""

    position: int
    entity: str
    key: tuple[str, ...]
    became: Became
    on: date
    known_at: datetime


@dataclass(frozen=True, slots=True)
class FeedPage:
    """The next events, and where a reader that has them stands."""

    events: tuple[Event, ...]
    after: Position


@dataclass(frozen=True, slots=True)
class Changed:
    """The record of an event, as its load left it; of one that is gone, as it was last.

    `values` is None where the record is no longer kept at all.
    """

    event: Event
    values: dict[str, Value] | None


@metered("database")
def changes_since(
    conn: Connection,
    tenant: Tenant,
    position: Position = START,
    *,
    limit: int = FEED_PAGE,
    entities: Collection[str] = (),
    standard: Catalogue | None = None,
) -> FeedPage:
    """Return at most that many events after a position; of some entities only, if any are named.

    A page without events has reached the end of what is committed.
    """
    reader = _Reader(conn, tenant, standard or catalogue(), position, limit)
    for loads in reader.loads(frozenset(entities)):
        reader.read(loads)
        if reader.is_full:
            break
    return FeedPage(tuple(reader.events), reader.position)


@metered("database")
def changed_records(
    conn: Connection,
    tenant: Tenant,
    entity: Entity,
    events: Sequence[Event],
    items: Collection[str] = (),
) -> list[Changed]:
    """Return the records of events of one entity, in their order: these items of them, or all."""
    names = tuple(items) or tuple(item.name for item in entity.items)
    for name in names:
        if entity.item(name) is None:
            raise ItemNotInEntity(entity=entity.name, item=name)
    asked = _keys(entity, [event.key for event in events]) | {
        "tenant": tenant,
        "times": [event.known_at for event in events],
        "are_gone": [event.became is Became.gone for event in events],
    }
    found = {
        row[0]: dict(zip(names, row[1:], strict=True))
        for row in conn.execute(records_of_events(entity, names), asked)
    }
    return [Changed(event, found.get(place)) for place, event in enumerate(events, 1)]


@metered("database")
def latest_events(
    conn: Connection, tenant: Tenant, entity: Entity, keys: Sequence[tuple[str, ...]]
) -> list[Event]:
    """Return the last event of each record of these keys, in their order.

    A record that is held is told as changed, whether it is new to the reader or not.
    """
    asked = _keys(entity, keys) | {"tenant": tenant, "entity": entity.name}
    return [
        Event(
            position,
            entity.name,
            keys[place - 1],
            Became.gone if is_gone else Became.changed,
            on,
            at,
        )
        for place, position, on, at, is_gone in conn.execute(latest_of_keys(entity), asked)
    ]


def _keys(entity: Entity, keys: Sequence[tuple[str, ...]]) -> dict[str, object]:
    return {f"k{number}": [key[number] for key in keys] for number in range(len(entity.key))}


@dataclass(frozen=True, slots=True)
class _Load:
    """One line of the book of loads."""

    position: int
    entity: str
    is_fill: bool
    on: date
    at: datetime
    events: int
    wanted: bool


class _Reader:
    """One reading: the events so far, and where it stands."""

    def __init__(
        self, conn: Connection, tenant: Tenant, standard: Catalogue, position: Position, limit: int
    ) -> None:
        self._conn, self._tenant, self._standard = conn, tenant, standard
        self._limit = max(1, limit)
        self.position = position
        self.events: list[Event] = []

    @property
    def is_full(self) -> bool:
        return len(self.events) >= self._limit

    def loads(self, entities: frozenset[str]) -> Iterator[list[_Load]]:
        """Yield the loads to read next: a fill by itself, others in a row together."""
        # An entity that left the standard has events, but nobody to read them.
        known = {entity.name for entity in self._standard.entities}
        wanted = known & entities if entities else known
        while True:
            asked = {"tenant": self._tenant, "load": self.position.load, "limit": LOADS}
            rows = self._conn.execute(sql.loads_after, asked, prepare=True).fetchall()
            loads = [
                _Load(position, name, is_fill, on, at, events, wanted=name in wanted)
                for position, name, is_fill, on, at, events in rows
            ]
            for _, group in groupby(
                loads, key=lambda load: (load.wanted, load.is_fill and load.position)
            ):
                yield list(group)
            if len(rows) < LOADS:
                return

    def read(self, loads: list[_Load]) -> None:
        """Read loads to their end, or until enough is read."""
        if loads[0].wanted and loads[0].is_fill:
            self._read_fill(loads[0])
        elif loads[0].wanted:
            self._read_events(loads)
        if not self.is_full:
            self.position = Position(loads[-1].position)

    def _read_events(self, loads: list[_Load]) -> None:
        """Read whole loads together as long as they fit, then a part of one that does not.

        So each statement reads from the index just what it returns, with statistics or without.
        """
        waiting = deque(loads)
        while waiting and not self.is_full:
            room = self._limit - len(self.events)
            whole = []
            while waiting and waiting[0].events <= room and not self._is_within(waiting[0]):
                room -= waiting[0].events
                whole.append(waiting.popleft())
            if whole:
                asked = {"first": whole[0].position, "last": whole[-1].position}
                self._take_events(sql.events_of_loads, asked, whole)
            else:
                load = waiting.popleft()
                number = int(self.position.mark[0]) if self._is_within(load) else 0
                asked = {"position": load.position, "number": number, "limit": room}
                self._take_events(sql.events_within, asked, [load])

    def _is_within(self, load: _Load) -> bool:
        """Tell whether a part of a load was read before."""
        return self.position.load == load.position - 1 and bool(self.position.mark)

    def _take_events(
        self, statement: bytes, asked: Mapping[str, object], loads: list[_Load]
    ) -> None:
        by_position = {load.position: load for load in loads}
        rows = self._conn.execute(statement, {**asked, "tenant": self._tenant}, prepare=True)
        for position, number, key, became in rows:
            self._take(by_position[position], tuple(key), Became(became), (str(number),))

    def _read_fill(self, load: _Load) -> None:
        statements = paging(self._standard.entity(load.entity))
        passed = self.position.mark if self._is_within(load) else ()
        while not self.is_full and self.position.load < load.position:
            rows = max(PASSED, self._limit - len(self.events))
            asked: dict[str, object] = {"tenant": self._tenant, "at": load.at, "rows": rows}
            asked |= {f"k{number}": part for number, part in enumerate(passed)}
            statement = statements.next if passed else statements.first
            found = self._conn.execute(statement, asked, prepare=True).fetchall()
            begun = [tuple(key) for key, is_of_fill in found if is_of_fill]
            for key in begun[: self._limit - len(self.events)]:
                self._take(load, key, Became.new, key)
            if len(found) < rows:
                return
            passed = tuple(found[-1][0])

    def _take(
        self, load: _Load, key: tuple[str, ...], became: Became, mark: tuple[str, ...]
    ) -> None:
        self.events.append(Event(load.position, load.entity, key, became, load.on, load.at))
        before = self.position
        seen = before.seen + 1 if before.load == load.position - 1 else 1
        whole = seen == load.events
        at_end = Position(load.position)
        self.position = at_end if whole else Position(load.position - 1, mark, seen)
