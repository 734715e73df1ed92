"""What people want to know of an element, beside its name: each fact by the code of its label."""

from enum import StrEnum


class About(StrEnum):
    """Which fact it is; `texts.tsv` has what it is called."""

    WHO = "who"
    """Who does it: a lane, a group, a person."""
    DUE = "due"
    """By when it is to be done."""
    AFTER = "after"
    """When a time comes that is waited for."""
    FORM = "form"
    SERVICE = "service"
    DECISION = "decision"
    CALLS = "calls"
    MESSAGE = "message"
    PARTNER = "partner"
    """To whom a letter goes: a participant of the public process."""
    INQUIRY = "inquiry"
    """What another organisation is asked: the service."""
    SIGNAL = "signal"
    CODE = "code"
    """Of an error or an escalation."""
    CONDITION = "condition"
    FORMULA = "formula"
    LINK = "link"
    ACTIVITY = "activity"
    """Which one is undone."""
    EACH = "each"
    """For each of which list it is done, one beside the other."""
    EACH_IN_TURN = "each-in-turn"
    TIMES = "times"
    TIMES_IN_TURN = "times-in-turn"
    WHILE = "while"
    ENOUGH = "enough"


Fact = tuple[About, str]
"""Which fact, and how the model says it."""
