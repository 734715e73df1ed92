"""One task: what is known of it, to whom it is offered, and who may do what with it.

Whoever changes a task holds its case first, so that of two at once one comes second, and sees it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from renkei import kit
from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.bpmn import Variables
from renkei.process.cases.actors import person_of
from renkei.process.cases.encoding import variables_of
from renkei.process.cases.errors import CaseUnknown
from renkei.process.cases.open_history import OpenHistory
from renkei.process.cases.task_rows import EVERYBODY, Rung, group_named, read_ladder
from renkei.process.tasks.errors import TaskNotOffered, TaskNotOpen

sql = queries("renkei.process")

EVERY_GROUP = "*"
"""Whoever has this group has all of them."""


class State(StrEnum):
    """How far a task is."""

    OPEN = "open"
    ENTERED = "entered"
    """The first of two persons did it, and the second has not looked yet."""
    RETURNED = "returned"
    """The second sent it back."""


class Ref(NamedTuple):
    """Which task: of which case, under which number of its waits."""

    case: UUID
    key: int

    def __str__(self) -> str:
        return f"{self.case}/{self.key}"

    @classmethod
    def parse(cls, text: str) -> "Ref":
        """Read what `str` writes; TaskNotOpen for anything else."""
        case, _, key = text.partition("/")
        try:
            if key.isdecimal() and len(key) < 16:
                return cls(UUID(case), int(key))
        except ValueError:
            pass
        raise TaskNotOpen(task=text[:60])


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does something with tasks. A manager assigns what others do, of whatever group."""

    actor: str
    """As events name them, such as `staff:1002`."""
    groups: frozenset[str] = frozenset()
    is_manager: bool = False

    def has(self, name: str) -> bool:
        """Tell whether what is offered to this name is offered to them."""
        if name in (EVERYBODY, self.actor):
            return True
        named = {group_named(one) for one in self.groups}
        return name in named or (EVERY_GROUP in self.groups and name.startswith(group_named("")))

    def is_same(self, actor: str | None) -> bool:
        """Tell whether this is the same person, by whichever account."""
        return actor is not None and person_of(actor) == person_of(self.actor)


class Offer(NamedTuple):
    """To whom a task is offered, and when they were reminded."""

    name: str
    may_do: bool
    reminded_on: date | None


@dataclass(frozen=True, slots=True)
class Task:
    """An open task."""

    ref: Ref
    element: str
    process: str
    title: str
    business_key: str
    definition: str
    about: Variables
    opened_at: datetime
    assignee: str | None
    claimed_at: datetime | None
    due: date | None
    follow_up: date | None
    priority: int
    is_four_eyes: bool
    state: State
    entered_by: str | None
    entered_at: datetime | None
    entered: Variables
    salt: bytes
    ladder: tuple[Rung, ...]
    step: int
    step_on: date | None
    offers: tuple[Offer, ...]

    @property
    def since(self) -> datetime:
        """Return since when whoever does it does."""
        return self.claimed_at or self.opened_at

    @property
    def groups(self) -> list[str]:
        """Return the groups that may do it."""
        prefix = group_named("")
        named = [one.name for one in self.offers if one.may_do]
        return [name.removeprefix(prefix) for name in named if name.startswith(prefix)]

    def may_do(self, doer: Doer) -> bool:
        """Tell whether somebody may do it, as far as it was given to them."""
        offered = any(one.may_do and doer.has(one.name) for one in self.offers)
        return offered or doer.is_same(self.assignee)

    def may_see(self, doer: Doer) -> bool:
        """Tell whether somebody may look at it: also who was told of it, or entered something."""
        told = any(doer.has(one.name) for one in self.offers)
        return told or doer.is_manager or doer.is_same(self.assignee) or self.is_first(doer)

    def is_first(self, doer: Doer) -> bool:
        """Tell whether this is who entered what waits for a second look, or was sent back."""
        return doer.is_same(self.entered_by)

    def check_may_do(self, doer: Doer) -> None:
        """Raise TaskNotOffered where somebody may not do it."""
        if not self.may_do(doer):
            raise TaskNotOffered(who="、".join(self.groups) or "–")

    def check_may_see(self, doer: Doer) -> None:
        """Raise TaskNotOffered where somebody may not look at it."""
        if not self.may_see(doer):
            raise TaskNotOffered(who="、".join(self.groups) or "–")


def task_of(conn: Connection, tenant: Tenant, ref: Ref) -> Task:
    """Return an open task; TaskNotOpen where there is none."""
    asked = {"tenant": tenant, "case_id": ref.case, "key": ref.key}
    row = conn.execute(sql.task, asked).fetchone()
    if row is None:
        raise TaskNotOpen(task=str(ref))
    offers = tuple(Offer(*one) for one in conn.execute(sql.offers_of, asked))
    return _read(row, offers)


def tasks_of(conn: Connection, tenant: Tenant, case: UUID) -> list[Task]:
    """Return the open tasks of a case."""
    rows = conn.execute(sql.tasks_of, {"tenant": tenant, "case_id": case}).fetchall()
    return [task_of(conn, tenant, Ref(case, key)) for (key,) in rows]


def _read(row: tuple[Any, ...], offers: tuple[Offer, ...]) -> Task:
    case, key, element, process, title, business_key, definition, about, opened_at = row[:9]
    assignee, claimed_at, due, follow_up, priority, is_four_eyes, state = row[9:16]
    entered_by, entered_at, entered, salt, ladder, step, step_on = row[16:]
    return Task(
        ref=Ref(case, key),
        element=element,
        process=process,
        title=title,
        business_key=business_key,
        definition=definition,
        about=variables_of(about),
        opened_at=opened_at,
        assignee=assignee,
        claimed_at=claimed_at,
        due=due,
        follow_up=follow_up,
        priority=priority,
        is_four_eyes=is_four_eyes,
        state=State(state),
        entered_by=entered_by,
        entered_at=entered_at,
        entered=variables_of(entered) if entered else {},
        salt=bytes(salt or b""),
        ladder=tuple(read_ladder(ladder)),
        step=step,
        step_on=step_on,
        offers=offers,
    )


class Locked:
    """A task whose case nobody else changes until the end of the transaction."""

    def __init__(self, conn: Connection, tenant: Tenant, ref: Ref) -> None:
        """Take hold of it; TaskNotOpen where it is gone by then."""
        self.conn, self.tenant, self.ref = conn, tenant, ref
        try:
            self.history = OpenHistory(conn, tenant, ref.case)
        except CaseUnknown:
            raise TaskNotOpen(task=str(ref)) from None
        self.task = task_of(conn, tenant, ref)

    @property
    def named(self) -> dict[str, object]:
        """Return what names it in a statement."""
        return {"tenant": self.tenant, "case_id": self.ref.case, "key": self.ref.key}

    def record(
        self, kind: bpmn.Happened, data: Variables, *, actor: str, at: datetime, basis: str = ""
    ) -> None:
        """Put what happened with it into the history of its case."""
        place = self.history.case.waits[self.ref.key].place
        event = bpmn.Event(kind, self.task.element, place, data)
        self.history.append(event, actor=actor, basis=basis, at=at)

    def settle(self) -> None:
        """Let those it is offered to see what it waits for now."""
        asked = {"tenant": self.tenant, "case_ids": [self.ref.case]}
        self.conn.execute(sql.settle_offers, asked)

    def hand(self, assignee: str | None, at: datetime | None) -> None:
        """Let somebody do it from now on, or nobody."""
        self.conn.execute(sql.hand_task, {**self.named, "assignee": assignee, "claimed_at": at})
        self.settle()


def day_said(moment: datetime) -> str:
    """Return a moment as a refusal names it: in Japan, to the minute."""
    return kit.in_japan(moment).strftime("%Y-%m-%d %H:%M")
