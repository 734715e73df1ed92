"""A case: where one runs through a process stands. Live places and what they wait for, no past.

Its size follows what is under way, never what has been: the past is in the events.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from renkei.process import feel

Variables = dict[str, feel.Value]

STOPS_CLOCK = "stops_clock"
"""What a wait is about during which the time a procedure may take (標準処理期間) stands still."""


class Status(StrEnum):
    """How it is with a case."""

    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """For what a place waits; who outside brings it."""

    TASK = "task"
    """Somebody does it."""
    JOB = "job"
    """A registered service does it."""
    TIMER = "timer"
    MESSAGE = "message"
    SIGNAL = "signal"
    CONDITION = "condition"
    """The case's own variables; looked at after each command."""
    CHOICE = "choice"
    """Of an ad-hoc sub-process: somebody says what is done next."""
    INCIDENT = "incident"
    """Something went wrong that a person must look at."""


class Wait(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing a place waits for. Its key is how the outside names it."""

    key: int
    kind: Kind
    place: int
    handler: str
    """The element that catches it: the place's own, one at its boundary, one within it."""
    name: str = ""
    """Of the message, the signal, the kind of job; of an incident its code."""
    correlation: str = ""
    due: datetime | None = None
    every: str = ""
    """Of a timer that comes again: the duration, ISO 8601."""
    left: int | None = None
    """How often it still comes after this; None is without end."""
    held: bool = False
    """Of a condition: whether it held when it was last looked at."""
    about: dict[str, feel.Value] = {}
    """What the outside must know: of a task its groups and form, of a job its headers."""
    trigger: int = 0
    """Which of the triggers of an event."""


class Loop(msgspec.Struct, omit_defaults=True):
    """How far the repetitions of an activity are."""

    total: int = -1
    """-1: not known before."""
    begun: int = 0
    ended: int = 0
    items: list[feel.Value] = []
    results: dict[int, feel.Value] = {}


class Done(msgspec.Struct, frozen=True, omit_defaults=True):
    """A completed activity that can be compensated: in which order, with what it knew."""

    element: str
    order: int
    variables: Variables = {}
    within: "tuple[Done, ...]" = ()
    """What was completed inside it."""


class Place(msgspec.Struct, omit_defaults=True):
    """An element at which a token rests. One that holds others is a scope."""

    key: int
    element: str
    parent: int = 0
    of: str = ""
    """The process it is in, where that is a called one: see `Definition.called`."""
    variables: Variables = {}
    waits: list[int] = []
    tokens: int = 0
    """Of a scope: how many are in it, resting or on their way."""
    arrived: dict[str, dict[str, int]] = {}
    """Of a scope: by joining gateway and flow, the tokens that wait there for others."""
    done: list[Done] = []
    loop: Loop | None = None
    turn: int = -1
    """Of a repetition: the how manieth, from 0."""
    notes: dict[str, str] = {}
    """What its element remembers."""


class Case(msgspec.Struct, omit_defaults=True):
    """Where one run through a process stands."""

    definition: str
    process: str
    status: Status = Status.RUNNING
    next_key: int = 1
    places: dict[int, Place] = {}
    waits: dict[int, Wait] = {}


def copied(place: Place) -> Place:
    """Return a place that can be changed without changing the one it comes from."""
    return Place(
        place.key,
        place.element,
        place.parent,
        place.of,
        dict(place.variables),
        list(place.waits),
        place.tokens,
        {gate: dict(flows) for gate, flows in place.arrived.items()} if place.arrived else {},
        list(place.done),
        _copied(place.loop),
        place.turn,
        dict(place.notes),
    )


def _copied(loop: Loop | None) -> Loop | None:
    return loop and Loop(loop.total, loop.begun, loop.ended, loop.items, dict(loop.results))
