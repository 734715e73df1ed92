"""Circuit breakers: a peer that cannot be reached is spared for a while, and so are its askers.

A state machine without clock, chance or network of its own. It counts what the line did, never what
a peer said: a fault that is signed came over a line that stands.
"""

from collections.abc import Callable
from typing import Literal

State = Literal["closed", "half-open", "open"]

MOST_FAILURES = 5  # in a row, until nothing is sent any more
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds; doubled with each probe that fails
PROBE_SECONDS = 15.0  # a probe that says nothing for so long keeps out nobody else


class Breaker:
    """The breaker of one peer.

    >>> now = [0.0]
    >>> breaker = Breaker(lambda: now[0], lambda: 1.0)
    >>> for _ in range(MOST_FAILURES):
    ...     breaker.failed(is_probe=breaker.enter() == "probe")
    >>> breaker.state, breaker.enter()
    ('open', 1.0)
    >>> now[0] = 1.0
    >>> breaker.enter(), breaker.state
    ('probe', 'half-open')
    >>> breaker.succeeded(); breaker.state
    'closed'
    """

    __slots__ = ("_chance", "_clock", "_due", "_failures", "_is_probing", "_pause")

    def __init__(self, clock: Callable[[], float], chance: Callable[[], float]) -> None:
        """Take a clock in seconds that never goes back, and what draws from 0 to 1."""
        self._clock = clock
        self._chance = chance
        self._failures = 0
        self._pause = 0.0  # the one now counting, before chance; none: closed
        self._due = 0.0
        self._is_probing = False

    @property
    def state(self) -> State:
        """Return how it stands."""
        if not self._pause:
            return "closed"
        return "half-open" if self._is_probing else "open"

    def enter(self) -> float | Literal["closed", "probe"]:
        """Let a question through, as one of many or as the probe; or return the seconds to wait."""
        if not self._pause:
            return "closed"
        now = self._clock()
        if now < self._due:
            return self._due - now
        self._is_probing = True
        self._due = now + PROBE_SECONDS
        return "probe"

    def succeeded(self) -> None:
        """Count an answer, whatever it said: the line stands."""
        self._failures = 0
        self._pause = 0.0
        self._is_probing = False

    def failed(self, *, is_probe: bool) -> None:
        """Count a failure of the line; what began before the pause does not lengthen it."""
        self._failures += 1
        if self._pause:
            if is_probe:
                self._open(min(self._pause * 2, LONGEST_PAUSE))
        elif self._failures >= MOST_FAILURES:
            self._open(FIRST_PAUSE)

    def gave_up(self, *, is_probe: bool) -> None:
        """Take back a question that ended without a word about the line; another may probe."""
        if is_probe and self._pause:
            self._is_probing = False
            self._due = self._clock()

    def _open(self, pause: float) -> None:
        """Pause; chance spreads those that failed together over half of it."""
        self._pause = pause
        self._is_probing = False
        self._due = self._clock() + pause * (0.5 + 0.5 * self._chance())
