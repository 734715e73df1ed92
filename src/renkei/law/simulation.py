"""What another table would have said to what was asked: a change tried before it is law."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from renkei.law.decisions import Permit, Request, decide
from renkei.law.provisions import ProvisionTable

MOST_EXAMPLES = 5


class Past(NamedTuple):
    """A decision as the log has it: the entry's own name, what was asked, and what was said.

    `reason` is empty where it was permitted; `provision` is the row then named.
    """

    entry: str
    request: Request
    on: date
    provision: str
    reason: str


class Change(NamedTuple):
    """A kind of difference: between whom, of which procedure and unit, from what, to what.

    Before and after are a row that permits, or a reason with a row that was near.
    """

    asker: str
    holder: str
    procedure: str
    unit: str
    holder_kind: str
    information: str
    before: str
    before_reason: str
    after: str
    after_reason: str


@dataclass(slots=True)
class Simulation:
    """Counts, and examples by the names of entries; nothing of a person stands here."""

    same: int = 0
    newly_permitted: int = 0
    newly_refused: int = 0
    otherwise: int = 0
    changes: Counter[Change] = field(default_factory=Counter)
    examples: dict[Change, list[str]] = field(default_factory=dict)

    @property
    def asked(self) -> int:
        """Return how many decisions were taken again."""
        return self.same + self.newly_permitted + self.newly_refused + self.otherwise


def simulate(
    past: Iterable[Past], table: ProvisionTable, *, law_of: date | None = None
) -> Simulation:
    """Decide what was asked once more, by another table.

    Each is decided on its own day; with `law_of` by what the table says on that day, as if it had
    been law already. Years are counted from the own day either way.
    """
    found = Simulation()
    for one in past:
        decision = decide(one.request, table, one.on, law_of=law_of)
        reason = "" if isinstance(decision, Permit) else decision.reason.value
        if bool(one.reason) is bool(reason):
            if (one.reason, one.provision) == (reason, decision.provision):
                found.same += 1
                continue
            found.otherwise += 1
        elif reason:
            found.newly_refused += 1
        else:
            found.newly_permitted += 1
        asked = one.request
        change = Change(
            *(asked.asker, asked.holder),
            *(asked.procedure, asked.asker_unit, asked.holder_kind, asked.information),
            *(one.provision, one.reason, decision.provision, reason),
        )
        found.changes[change] += 1
        examples = found.examples.setdefault(change, [])
        if len(examples) < MOST_EXAMPLES:
            examples.append(one.entry)
    return found
