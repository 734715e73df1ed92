"""Where a case stands, place by place: what each waits for, since when, and what can be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from renkei import kit
from renkei.app.processes.case_desk import incident
from renkei.app.processes.interventions import can_skip
from renkei.process import bpmn, cases
from renkei.process.bpmn import Happened, Kind
from renkei.process.bpmn.words import called

BEGUN = (Happened.ENTERED, Happened.TROUBLED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing a place waits for, in words."""

    key: int
    kind: Kind
    title: str
    due: datetime | None
    about: str
    """The name of a message or signal; of an incident what went wrong."""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One place where a token rests."""

    key: int
    element: str
    title: str
    since: datetime | None
    waits: Sequence[Waiting]
    incidents: Sequence[int]
    """Waits under which it can be tried again."""
    choice: int | None
    """The wait under which something is chosen, and what."""
    choices: Sequence[tuple[str, str]]
    can_skip: bool
    targets: Sequence[tuple[str, str]]
    """Elements to which its token could be moved."""


def places_of(
    row: cases.CaseRow,
    past: Sequence[cases.Past],
    definition: bpmn.Definition,
    language: kit.Language,
) -> list[PlaceRow]:
    """Return every place of a case in which a token rests, the oldest first."""
    if row.status is not bpmn.Status.RUNNING:
        return []
    since = {one.event.place: one.at for one in past if one.event.kind in BEGUN}
    since |= {one.event.place: one.at for one in past if one.event.kind is Happened.ENTERED}
    found = (one for _, one in sorted(row.case.places.items()) if one.parent)
    return [_row(row, one, definition, language, since) for one in found]


def _row(
    row: cases.CaseRow,
    place: bpmn.Place,
    definition: bpmn.Definition,
    language: kit.Language,
    since: Mapping[int, datetime],
) -> PlaceRow:
    process = definition.process(place.of or row.process)
    by_id = process.by_id if process is not None else {}
    element = by_id.get(place.element)
    waits = [row.case.waits[key] for key in place.waits]
    choice = next((one for one in waits if one.kind is Kind.CHOICE), None)
    offered = choice.about.get("choices") if choice is not None else None
    container = element.container if element is not None else None
    others = container.elements if container is not None else []

    def title(id_: str) -> str:
        return called(by_id[id_], language) if id_ in by_id else id_

    return PlaceRow(
        place.key,
        place.element,
        title(place.element),
        since.get(place.key),
        [
            Waiting(one.key, one.kind, title(one.handler), one.due, _about(one, language))
            for one in waits
        ],
        [one.key for one in waits if one.kind is Kind.INCIDENT],
        choice.key if choice is not None else None,
        [(str(id_), title(str(id_))) for id_ in offered] if isinstance(offered, list) else [],
        can_skip(row, definition, place.key),
        [
            (one.id, title(one.id))
            for one in others
            if one.is_on_the_way and one.id != place.element
        ],
    )


def _about(wait: bpmn.Wait, language: kit.Language) -> str:
    match wait.kind:
        case Kind.INCIDENT:
            return incident(wait.name, language)
        case Kind.MESSAGE | Kind.SIGNAL:
            return wait.name
        case _:
            return ""
