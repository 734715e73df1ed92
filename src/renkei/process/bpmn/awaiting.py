"""On whom time at an element is spent: what statistics and time lines tell apart."""

from enum import StrEnum


class Awaited(StrEnum):
    """On whom an element waits; a kind of element says it of itself."""

    PEOPLE = "people"
    """Somebody of the house does it."""
    MACHINES = "machines"
    """A service, a rule, a program does it."""
    OTHERS = "others"
    """Something comes from outside, or a time."""
    NOBODY = "nobody"
    """It is done at once, or what is in it waits."""
