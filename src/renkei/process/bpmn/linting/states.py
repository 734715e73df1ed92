"""Where a case can stand, as the search tells states apart: by what is under way, not by keys."""

from collections.abc import Iterator
from datetime import UTC, datetime

from renkei.process.bpmn import commands
from renkei.process.bpmn.case import Case, Kind, Place, Wait
from renkei.process.bpmn.commands import Command
from renkei.process.bpmn.model import Container, Definition, Element, EventContainer

MOMENT = datetime(2027, 4, 1, tzinfo=UTC)
"""When everything happens: time is no part of a state."""
CATCHING = {"errorEventDefinition": False, "escalationEventDefinition": True}

Key = tuple[object, ...]


def key_of(case: Case) -> Key:
    """Return a state without its keys: the same for cases that go on alike."""
    inner: dict[int, list[Place]] = {}
    for place in case.places.values():
        inner.setdefault(place.parent, []).append(place)

    def one(place: Place) -> Key:
        waits = [case.waits[key] for key in place.waits]
        return (
            place.element,
            place.of,
            tuple(sorted((gate, *sorted(flows.items())) for gate, flows in place.arrived.items())),
            tuple(sorted(place.notes.items())),
            tuple(sorted((str(w.kind), w.handler, w.name, w.held) for w in waits)),
            tuple(sorted({done.element for done in place.done})),
            tuple(sorted(map(one, inner.get(place.key, ())), key=repr)),
        )

    return (str(case.status), *(one(place) for place in inner.get(0, ())))


class Choices:
    """What can be told to a case where it stands."""

    def __init__(self, definition: Definition, case: Case) -> None:
        """Take the case."""
        self._definition, self._case = definition, case

    def element(self, place: Place, id_: str) -> Element:
        """Return an element of the process a place is in."""
        process = self._definition.process(place.of or self._case.process)
        assert process is not None  # noqa: S101 # the case runs in it
        return process.by_id[id_]

    def commands(self) -> Iterator[tuple[Command, bool]]:
        """Yield them, each with whether it alone makes the case go on.

        What only begins something beside the work does not.
        """
        is_looked_at = False
        for wait in self._case.waits.values():
            place = self._case.places[wait.place]
            match wait.kind:
                case Kind.TASK | Kind.JOB:
                    yield commands.Bring(MOMENT, wait.key), True
                    for code, is_escalation in sorted(set(self._thrown(place))):
                        yield commands.Throw(MOMENT, wait.key, code, {}, is_escalation), True
                case Kind.TIMER | Kind.MESSAGE | Kind.SIGNAL:
                    yield commands.Bring(MOMENT, wait.key), self._helps(place, wait)
                case Kind.CONDITION:
                    if not is_looked_at:
                        yield commands.Change(MOMENT, {}), self._helps(place, wait)
                    is_looked_at = True
                case Kind.CHOICE:
                    yield from ((one, True) for one in self._choices(place, wait))
                case Kind.INCIDENT:
                    yield commands.Skip(MOMENT, wait.place), True

    def _helps(self, place: Place, wait: Wait) -> bool:
        handler = self.element(place, wait.handler)
        is_beside = isinstance(handler.container, EventContainer) and handler.picture.is_dashed
        return not is_beside

    def _choices(self, place: Place, wait: Wait) -> Iterator[Command]:
        if place.tokens > 1:  # one after the other: what is beside another is tried elsewhere
            return
        yield commands.Choose(MOMENT, wait.key)
        choices = wait.about["choices"]
        for one in choices if isinstance(choices, list) else ():
            yield commands.Choose(MOMENT, wait.key, str(one))

    def _thrown(self, place: Place) -> Iterator[tuple[str, bool]]:
        """Yield the errors and escalations that somebody around a place catches."""
        at: Place | None = place
        while at is not None:
            element = self.element(at, at.element)
            events = list(element.boundaries)
            if isinstance(element, Container):
                events += [start for sub in element.events for start in sub.elements]
            for trigger in (one for event in events for one in getattr(event, "triggers", ())):
                if trigger.tag in CATCHING:
                    yield trigger.name or "any", CATCHING[trigger.tag]
            at = self._case.places.get(at.parent)
