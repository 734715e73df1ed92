"""Drafts as their steps tell them: what one says now, how far it is, who did what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from types import MappingProxyType
from typing import Literal

from renkei import kit
from renkei.law.drafting.contents import Content, person_of
from renkei.law.drafting.errors import DraftUnknown

sql = kit.queries("renkei.law")

Act = Literal["save", "try", "submit", "return", "review", "approve", "reject", "withdraw", "enact"]
State = Literal[
    "drafted", "submitted", "returned", "reviewed", "approved", "rejected", "withdrawn", "enacted"
]
AFTER: Mapping[Act, State] = MappingProxyType(
    {
        "save": "drafted",
        "submit": "submitted",
        "return": "returned",
        "review": "reviewed",
        "approve": "approved",
        "reject": "rejected",
        "withdraw": "withdrawn",
        "enact": "enacted",
    }
)
"""The state after each act; a trial leaves it as it was."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was done, by whom, when, to which saved state; a save holds its content."""

    number: int
    act: Act
    by: str
    at: datetime
    saved: int
    digest: str
    base: str
    result: str
    remarks: str
    content: Content | None
    trial: str | None


@dataclass(frozen=True)
class Draft:
    """A draft and its history, the oldest step first; the first one is always a save."""

    number: int
    steps: Sequence[Step]

    @cached_property
    def save(self) -> Step:
        """Return the newest save."""
        return next(step for step in reversed(self.steps) if step.act == "save")

    @property
    def content(self) -> Content:
        """Return what the draft says now."""
        content = self.save.content
        assert content is not None  # noqa: S101  # a constraint of the table
        return content

    @property
    def digest(self) -> str:
        """Return the digest of what the draft says now."""
        return self.save.digest

    @property
    def last(self) -> int:
        """Return the number of the newest step."""
        return self.steps[-1].number

    @property
    def state(self) -> State:
        """Return how far the draft is: what is saved anew is a draft again."""
        return next(AFTER[step.act] for step in reversed(self.steps) if step.act in AFTER)

    @property
    def writers(self) -> frozenset[str]:
        """Return every person whose hand is in it, in any state of it."""
        hands = [step.by for step in self.steps if step.act in ("save", "submit")]
        return frozenset(map(person_of, hands))

    def newest(self, act: Act) -> Step | None:
        """Return the newest step of a kind that is about what the draft says now."""
        since = self.save.number
        return next((s for s in reversed(self.steps) if s.act == act and s.saved == since), None)


def draft_of(conn: kit.Connection, tenant: kit.Tenant, number: int) -> Draft:
    """Return a draft with its history."""
    facts = {"tenant": tenant, "draft": number}
    steps = [_step(*row) for row in conn.execute(sql.steps_of_draft, facts)]
    if not steps:
        raise DraftUnknown(draft=number)
    return Draft(number, steps)


def drafts(conn: kit.Connection, tenant: kit.Tenant) -> list[Draft]:
    """Return all drafts, the newest first, without their trials."""
    rows = conn.execute(sql.steps_of_drafts, {"tenant": tenant}).fetchall()
    found = [
        Draft(number, [_step(*row[1:]) for row in steps])
        for number, steps in groupby(rows, key=lambda row: row[0])
    ]
    return found[::-1]


def _step(
    step: int,
    act: Act,
    by: str,
    at: datetime,
    saved: int,
    digest: str,
    base: str,
    result: str,
    remarks: str,
    content: str | None,
    trial: str | None,
) -> Step:
    read = None if content is None else kit.read_json(content.encode(), Content)
    return Step(step, act, by, at, saved, digest, base, result, remarks, read, trial)
