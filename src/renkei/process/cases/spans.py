"""What a case did when: each step from its coming to its end, and where it was stuck meanwhile.

Read from the history alone, so that it is also told of a case that is over.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from renkei.process.bpmn import Happened
from renkei.process.cases.histories import Past


@dataclass(slots=True)
class Span:
    """One stay at an element; without an end it is there now."""

    element: str
    place: int
    begun: datetime
    ended: datetime | None = None
    is_interrupted: bool = False
    is_entered: bool = True
    """Else it only was there because it was stuck."""
    stuck: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    """From when until when it waited for a person to look at what went wrong."""


def spans_of(
    past: Sequence[Past], *, places: Collection[int] = (), deciding: Collection[str] = ()
) -> list[Span]:
    """Return the stays of a case in the order of their beginning.

    `places` are those that are live now; what has no end and is not there any more ended with the
    event after it. `deciding` are gateways that what they wait for ends.
    """
    found, live = list[Span](), dict[int, Span]()
    for one in past:
        event, span = one.event, live.get(one.event.place)
        match event.kind:
            case Happened.ENTERED:
                live[event.place] = span = Span(event.element, event.place, one.at)
                found.append(span)
            case Happened.TROUBLED:
                if span is None:
                    live[event.place] = span = Span(
                        event.element, event.place, one.at, is_entered=False
                    )
                    found.append(span)
                span.stuck.append((one.at, None))
            case Happened.RESUMED if span is not None:
                _freed(span, one.at)
                if not span.is_entered:
                    _over(span, one.at)
                    del live[event.place]
            case Happened.CANCELLED if span is not None:
                _over(span, one.at)
                span.is_interrupted = True
                del live[event.place]
            case Happened.COMPLETED | Happened.CAUGHT if span is not None:
                is_decided = event.kind is Happened.CAUGHT and span.element in deciding
                if event.element == span.element or is_decided:
                    _over(span, one.at)
                    del live[event.place]
            case _:
                pass
    for span in live.values():
        if span.place not in places and span.ended is None:
            after = (one.at for one in past if one.at > span.begun)
            _over(span, min(after, default=span.begun))
    return found


def _freed(span: Span, at: datetime) -> None:
    span.stuck[:] = [(since, at if until is None else until) for since, until in span.stuck]


def _over(span: Span, at: datetime) -> None:
    _freed(span, at)
    span.ended = at
