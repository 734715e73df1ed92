"""What a case can be told. Each says at which time: the core has no clock."""

from datetime import datetime

import msgspec

from renkei.process.bpmn.case import Variables


class Start(msgspec.Struct, frozen=True, tag="start"):
    """Begin. `element` is the start event that something woke; without one the plain beginning."""

    at: datetime
    variables: Variables = {}
    element: str = ""


class Bring(msgspec.Struct, frozen=True, tag="bring"):
    """What was waited for is there: a task or job is done, a timer is due, a message came."""

    at: datetime
    wait: int
    variables: Variables = {}


class Throw(msgspec.Struct, frozen=True, tag="throw"):
    """A task or job ends with a BPMN error, or escalates; the model says what then."""

    at: datetime
    wait: int
    code: str
    variables: Variables = {}
    is_escalation: bool = False


class Trouble(msgspec.Struct, frozen=True, tag="trouble"):
    """A job failed and will not be tried again by itself: an incident at its place."""

    at: datetime
    wait: int
    code: str
    reason: str = ""


class Resume(msgspec.Struct, frozen=True, tag="resume"):
    """Try again at an incident, with changed variables or without."""

    at: datetime
    wait: int
    variables: Variables = {}


class Skip(msgspec.Struct, frozen=True, tag="skip"):
    """Go on behind a place as if it were done."""

    at: datetime
    place: int
    variables: Variables = {}


class Choose(msgspec.Struct, frozen=True, tag="choose"):
    """Do this next in an ad-hoc sub-process, or, without an element, no more."""

    at: datetime
    wait: int
    element: str = ""


class Change(msgspec.Struct, frozen=True, tag="change"):
    """Set variables, of the case or of one scope."""

    at: datetime
    variables: Variables
    place: int = 0


class Move(msgspec.Struct, frozen=True, tag="move"):
    """Take the token at a place elsewhere in the same scope."""

    at: datetime
    place: int
    element: str


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """End the case here. Nothing is undone: that is what compensation is for."""

    at: datetime


Command = Start | Bring | Throw | Trouble | Resume | Skip | Choose | Change | Move | Cancel
