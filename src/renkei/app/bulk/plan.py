"""What a site allows an inquiry about many persons: how many, how fast, how few in a set."""

from typing import Annotated

import msgspec

from renkei import federation, identity

MOST_RELAYED = 1_000
"""Persons of a batch that somebody relays: a relay carries 4 MiB and waits a minute."""

Persons = Annotated[int, msgspec.Meta(ge=1, le=identity.BATCH)]


class BulkPlan(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The table `bulk`.

    `most` persons a list, `step` a batch in order, `rate` a second; of a set at least `fewest`.
    `at_once` batches of other members are under way here at a time.
    """

    most: Persons = identity.BATCH
    step: Persons = 2_000
    rate: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 500
    fewest: Annotated[int, msgspec.Meta(ge=2, le=identity.BATCH)] = federation.FEWEST
    at_once: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1

    def step_of(self, order: federation.Order, *, is_relayed: bool) -> int:
        """Return how many persons go in one batch; a set is never divided."""
        if order == "shuffled":
            return self.most
        return min(self.step, MOST_RELAYED) if is_relayed else self.step
