"""What one command brought about: events, which are kept, and effects, which go outside."""

from enum import StrEnum

import msgspec

from renkei.process import feel
from renkei.process.bpmn.case import Case, Status, Variables, Wait


class Happened(StrEnum):
    """Kinds of events."""

    STARTED = "started"
    """A case."""
    ENTERED = "entered"
    COMPLETED = "completed"
    PASSED = "passed"
    """A gateway: by which flows."""
    CAUGHT = "caught"
    THROWN = "thrown"
    CANCELLED = "cancelled"
    COMPENSATED = "compensated"
    CHANGED = "changed"
    """Variables."""
    TROUBLED = "troubled"
    """An incident."""
    RESUMED = "resumed"
    """An incident that is over."""
    MOVED = "moved"
    """A person moved a token, or the case to another version."""
    ENDED = "ended"
    """The case."""
    CLAIMED = "claimed"
    """A task, by who does it."""
    RELEASED = "released"
    DELEGATED = "delegated"
    POSTPONED = "postponed"
    """A task: to be looked at again on a day."""
    PROPOSED = "proposed"
    """Done by the first of two persons."""
    CONFIRMED = "confirmed"
    """By the second."""
    SENT_BACK = "sent-back"
    """From the second to the first."""
    REMARKED = "remarked"
    ATTACHED = "attached"
    ERASED = "erased"
    """The text of a comment, or an attachment."""
    ESCALATED = "escalated"
    """A step of a ladder, when its day came."""


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened, at which element, at which place."""

    kind: Happened
    element: str
    place: int
    data: dict[str, feel.Value] = {}


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """The outside shall bring this: a task, a job, a timer, a message …"""

    wait: Wait


class Closed(msgspec.Struct, frozen=True, tag="closed"):
    """The outside shall not bring this any more."""

    wait: Wait


class Sent(msgspec.Struct, frozen=True, tag="sent"):
    """A message or a signal leaves the case."""

    element: str
    kind: str
    """`message` or `signal`."""
    name: str
    correlation: str
    variables: Variables
    place: int


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """The case is over."""

    status: Status
    variables: Variables


Effect = Opened | Closed | Sent | Ended


class Outcome(msgspec.Struct, frozen=True):
    """Where the case stands now, what happened, and what the outside must do."""

    case: Case
    events: list[Event]
    effects: list[Effect]
