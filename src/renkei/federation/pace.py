"""The pace of a node: how long it lately took to answer, and how many questions wait for it.

A state machine without a clock or a network of its own, after the rule known as peak EWMA: a slow
answer counts at once, a quick one little by little, and what was measured long ago fades, so that a
node that was slow is looked at again.
"""

from collections.abc import Callable
from math import exp

FADES_SECONDS = 10.0
"""In so long a measure fades to about a third."""
LOST_SECONDS = 3.0
"""What a node counts for that was not reached or took nothing: as one that slow."""
LEAST_SECONDS = 0.001
UNKNOWN = 1e6
"""Who was not measured lately is asked one question, and the next ones wait for what it shows."""


class Pace:
    """The pace of one node.

    >>> now = [0.0]
    >>> quick, slow = Pace(lambda: now[0]), Pace(lambda: now[0])
    >>> quick.took(0.01); slow.took(0.5)
    >>> quick.cost() < slow.cost()
    True
    >>> now[0] = 60.0  # unasked for a minute: it is worth a look
    >>> quick.took(0.01); slow.cost() < quick.cost()
    True
    """

    __slots__ = ("_at", "_clock", "_seconds", "answers", "under_way")

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take a clock in seconds that never goes back."""
        self._clock = clock
        self._seconds = 0.0
        self._at: float | None = None  # never measured
        self.under_way = 0
        self.answers = 0

    @property
    def seconds(self) -> float | None:
        """Return how long it lately took to answer, or None: it was never measured."""
        return None if self._at is None else self._seconds

    def cost(self) -> float:
        """Return what one more question would wait for, about: the lower, the sooner asked."""
        age = FADES_SECONDS if self._at is None else self._clock() - self._at
        if self.under_way and age >= FADES_SECONDS:
            return UNKNOWN + max(self._seconds, LEAST_SECONDS) * (self.under_way + 1)
        return self._seconds * exp(-age / FADES_SECONDS) * (self.under_way + 1)

    def took(self, seconds: float) -> None:
        """Count how long an answer let wait."""
        self.answers += 1
        self._measured(seconds)

    def lost(self, seconds: float = 0.0) -> None:
        """Count a question that was not answered, after so long."""
        self._measured(max(seconds, LOST_SECONDS))

    def _measured(self, seconds: float) -> None:
        now = self._clock()
        if self._at is None or seconds > self._seconds:
            self._seconds = seconds
        else:
            kept = exp(-(now - self._at) / FADES_SECONDS)
            # As a step from the new towards the old: the sum of two parts can round above both.
            self._seconds = seconds + (self._seconds - seconds) * kept
        self._at = now
