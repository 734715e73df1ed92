"""Throttling: how many questions a unit may ask, and a service may be asked, in a second.

The generic cell rate algorithm: one time per key, no queue and no timer. A key may use up a
second's worth at once and then goes at its pace. Counted in this process alone: behind several
processes each lets through its own share.
"""

from collections.abc import Callable, Mapping
from math import ceil

from renkei import exchange
from renkei.app.errors import QuestionsTooMany
from renkei.app.operations.oversight import unit_of


class Throttle:
    """The limits of one site: a unit's number, or `unit/service` of what is asked → a second."""

    def __init__(self, rates: Mapping[str, int], clock: Callable[[], float]) -> None:
        """Take the limits and a clock in seconds that never goes back."""
        self._rates = rates
        self._clock = clock
        self._due: dict[str, float] = {}  # only keys of the settings: it does not grow

    def enter(self, client: exchange.Client, call: exchange.ServiceCall) -> None:
        """Let a question in, or raise `QuestionsTooMany`; one that is kept out counts for none."""
        service = f"{call.service.provider.code}/{call.service.code}"
        now = self._clock()
        keys = [key for key in (unit_of(client), service) if key in self._rates]
        due = {key: max(self._due.get(key, 0.0), now) + 1 / self._rates[key] for key in keys}
        late = {key: at - now - 1.0 for key, at in due.items() if at - now > 1.0 + 1e-9}
        if late:
            key = max(late, key=lambda one: late[one])
            raise QuestionsTooMany(key=key, rate=self._rates[key], seconds=max(1, ceil(late[key])))
        self._due.update(due)
