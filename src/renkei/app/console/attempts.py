"""Failed sign-ins, counted by number and by address, so that nobody tries passwords at leisure."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

MOST = {"number": 5, "address": 20}
WITHIN = timedelta(minutes=5)
REMEMBERED = 10_000

Who = tuple[str, str]  # "number" or "address", and which


class Attempts:
    """Counts failures; `are_too_many` is asked before a password is looked at."""

    def __init__(self) -> None:
        """Begin with none."""
        self._failed: dict[Who, deque[datetime]] = {}

    def are_too_many(self, who: Iterable[Who], *, at: datetime) -> bool:
        """Tell whether one of these has failed too often of late."""
        return any(len(self._of_late(one, at)) >= MOST[one[0]] for one in who)

    def failed(self, who: Iterable[Who], *, at: datetime) -> None:
        """Count a failure for each."""
        for one in who:
            times = self._of_late(one, at)
            times.append(at)
            self._failed.pop(one, None)
            self._failed[one] = times
        while len(self._failed) > REMEMBERED:
            self._failed.pop(next(iter(self._failed)))

    def forget(self, who: Iterable[Who]) -> None:
        """Forget the failures of those who came in."""
        for one in who:
            self._failed.pop(one, None)

    def _of_late(self, one: Who, at: datetime) -> deque[datetime]:
        times = self._failed.get(one, deque())
        while times and at - times[0] > WITHIN:
            times.popleft()
        return times
