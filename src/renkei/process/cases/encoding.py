"""A case as bytes and back, an event as what its hash is of."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from renkei import kit
from renkei.process import feel
from renkei.process.bpmn import Event, Happened
from renkei.process.bpmn.case import Case, Done, Kind, Loop, Place, Status, Variables, Wait

FORM = 1
_FACTS = msgspec.json.Encoder(order="sorted")
EventFacts = tuple[str, str, int, Any]
"""What is kept of an event: kind, element, place, and its data as JSON."""
BEGIN = bytes(32)
"""The hash before the first event of a case."""


def packed(case: Case) -> bytes:
    """Return a case as MessagePack."""
    places = [_place(one) for one in case.places.values()]
    waits = [_wait(one) for one in case.waits.values()]
    held = [FORM, case.definition, case.process, case.status.value, case.next_key, places, waits]
    return msgspec.msgpack.encode(held)


def unpacked(data: bytes) -> Case:
    """Return the case that these bytes are."""
    held = kit.read_msgpack(data, list[Any])
    form, definition, process, status, next_key, places, waits = held
    if form != FORM:
        raise ValueError(form)
    return Case(
        definition,
        process,
        Status(status),
        next_key,
        {one[0]: _read_place(one) for one in places},
        {one[0]: _read_wait(one) for one in waits},
    )


def _place(one: Place) -> list[object]:
    return [
        one.key,
        one.element,
        one.parent,
        one.of,
        feel.dump(one.variables),
        one.waits,
        one.tokens,
        one.arrived,
        [_done(done) for done in one.done],
        None if one.loop is None else _loop(one.loop),
        one.turn,
        one.notes,
    ]


def _read_place(held: list[Any]) -> Place:
    key, element, parent, of, variables, waits, tokens, arrived, done, loop, turn, notes = held
    return Place(
        key,
        element,
        parent,
        of,
        _variables(variables),
        waits,
        tokens,
        arrived,
        [_read_done(one) for one in done],
        None if loop is None else _read_loop(loop),
        turn,
        notes,
    )


def _done(one: Done) -> list[object]:
    within = [_done(inner) for inner in one.within]
    return [one.element, one.order, feel.dump(one.variables), within]


def _read_done(held: list[Any]) -> Done:
    element, order, variables, within = held
    return Done(element, order, _variables(variables), tuple(_read_done(one) for one in within))


def _loop(one: Loop) -> list[object]:
    items = [feel.dump(item) for item in one.items]
    results = [[turn, feel.dump(value)] for turn, value in one.results.items()]
    return [one.total, one.begun, one.ended, items, results]


def _read_loop(held: list[Any]) -> Loop:
    total, begun, ended, items, results = held
    loaded = [feel.load(one) for one in items]
    return Loop(total, begun, ended, loaded, {k: feel.load(v) for k, v in results})


def _wait(one: Wait) -> list[object]:
    return [
        one.key,
        one.kind.value,
        one.place,
        one.handler,
        one.name,
        one.correlation,
        one.due,
        one.every,
        one.left,
        one.held,
        feel.dump(one.about),
        one.trigger,
    ]


def _read_wait(held: list[Any]) -> Wait:
    key, kind, place, handler, name, correlation, due, every, left, is_held, about, trigger = held
    return Wait(
        key,
        Kind(kind),
        place,
        handler,
        name,
        correlation,
        due,
        every,
        left,
        is_held,
        _variables(about),
        trigger,
    )


def _variables(held: object) -> Variables:
    if not held:  # as most places have none
        return {}
    found = feel.load(held)
    assert isinstance(found, dict)  # noqa: S101 # as it was packed
    return found


def json_of(variables: Variables) -> str:
    """Return variables as JSON; FeelTextNotKept for a text that no database keeps."""
    return text_of(feel.dump(variables))


def text_of(held: object) -> str:
    """Return what is kept as JSON; FeelTextNotKept for a text that no database keeps."""
    try:
        return msgspec.json.encode(held).decode()
    except UnicodeEncodeError:  # half of a pair
        raise feel.FeelTextNotKept(place="$") from None


def variables_of(text: str | bytes) -> Variables:
    """Return the variables that a JSON text holds."""
    return _variables(kit.read_json(text, dict[str, Any]))


def columns(rows: Sequence[tuple[Any, ...]], names: tuple[str, ...]) -> dict[str, list[Any]]:
    """Return rows column by column, as a statement with `unnest` takes them."""
    turned = (list(column) for column in zip(*rows, strict=True))
    return dict(zip(names, turned, strict=True))


def facts_of(event: Event) -> EventFacts:
    """Return what is kept of an event."""
    data = feel.dump(event.data) if event.data else {}
    return event.kind.value, event.element, event.place, data


def event_of(facts: EventFacts) -> Event:
    """Return the event that this was kept of."""
    kind, element, place, data = facts
    return Event(Happened(kind), element, place, _variables(data))


@lru_cache(maxsize=64)
def _moment(at: datetime) -> str:
    """Return a moment as it is hashed; the commands of a batch have the same."""
    return at.astimezone(UTC).isoformat()


def chained(
    before: bytes,
    case: UUID,
    first: int,
    events: Iterable[EventFacts],
    actor: str,
    basis: str,
    at: datetime,
) -> bytes:
    """Return the hash of the last of some events, the first of which has this number.

    Each is of a JSON array without blanks behind the hash before it: case, number, what is kept of
    the event, actor, basis, moment in UTC; the members of an object in the order of their names.
    """
    encode, by = _FACTS.encode, (actor, basis, _moment(at))
    for seq, one in enumerate(events, first):
        before = sha256(before + encode((case, seq, *one, *by))).digest()
    return before
