"""Work lists: tasks in the order in which they are to be done, some at a time.

The highest priority comes first, then what is due first, so that what is overdue leads. Each way of
looking has its index; a list costs what it shows, not what there is.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from renkei.kit import Connection, Tenant, queries
from renkei.process.cases.task_rows import EVERYBODY, group_named
from renkei.process.tasks.task import EVERY_GROUP, Doer, Ref, State

sql = queries("renkei.process")

MOST = 50
COUNTED = 300
"""Up to how many are counted: beyond that it is many."""
MOST_GROUPS = 1_000


class Look(StrEnum):
    """Which tasks somebody looks at."""

    MINE = "mine"
    """That they do themselves."""
    GROUPS = "groups"
    """That they may claim."""
    SECOND = "second"
    """That somebody entered, and they may confirm."""
    TOLD = "told"
    """Of which a ladder told their group."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Line:
    """A task in a list."""

    ref: Ref
    process: str
    title: str
    business_key: str
    assignee: str | None
    claimed_at: datetime | None
    due: date | None
    follow_up: date | None
    priority: int
    state: State
    is_still: bool
    """Whether the clock of its case stands still."""
    case_due: date | None

    def is_overdue(self, on: date) -> bool:
        """Tell whether its day is past."""
        return self.due is not None and self.due < on


@dataclass(frozen=True, slots=True)
class Listed:
    """Some tasks, and behind which one the next are; None at the end."""

    lines: tuple[Line, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many tasks, up to `COUNTED`, and how many of them are past their day."""

    tasks: int
    overdue: int


NO_CASE = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind which task a list goes on."""

    turn: int = -1
    due: str = "-infinity"
    case: UUID = NO_CASE
    key: int = 0

    def __str__(self) -> str:
        return f"{self.turn}_{self.due}_{self.case}_{self.key}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read what `str` writes; anything else is the beginning."""
        parts = text.split("_")
        try:
            turn, due, case, key = parts
            if due != "infinity":
                date.fromisoformat(due)
            return cls(int(turn[:4]), due, UUID(case), int(key[:18]))
        except ValueError:
            return cls()


def tasks(
    conn: Connection,
    tenant: Tenant,
    look: Look,
    doer: Doer,
    *,
    process: str = "",
    after: str = "",
    most: int = MOST,
) -> Listed:
    """Return the tasks somebody looks at, of one process or of all; those they may see."""
    if look is Look.ALL and not doer.is_manager:
        look = Look.GROUPS
    at = Cursor.parse(after)
    asked = {
        "tenant": tenant,
        "me": doer.actor,
        "process": process,
        "turn": at.turn,
        "due": at.due,
        "case_id": at.case,
        "key": at.key,
        "most": most + 1,
    }
    match look:
        case Look.MINE:
            statement = sql.my_tasks
        case Look.ALL:
            statement = sql.all_tasks_of if process else sql.all_tasks
        case Look.TOLD:
            statement = sql.told_tasks
        case Look.GROUPS | Look.SECOND:
            statement = sql.offered_tasks_of if process else sql.offered_tasks
            asked["awaits"] = AWAITS[look]
    if look not in (Look.MINE, Look.ALL):
        asked["names"] = _names(conn, tenant, doer)
    rows = [Cursor(*row) for row in conn.execute(statement, asked).fetchall()]
    shown = rows[:most]
    last = None
    if len(rows) > most:
        last = str(shown[-1])
    return Listed(_lines(conn, tenant, [(one.case, one.key) for one in shown]), last)


AWAITS = {Look.GROUPS: "doing", Look.SECOND: "second look"}


def counts(conn: Connection, tenant: Tenant, doer: Doer, *, on: date) -> dict[Look, Count]:
    """Return how much there is to do for somebody."""
    asked = {"tenant": tenant, "me": doer.actor, "on": on, "most": COUNTED}
    found = {Look.MINE: conn.execute(sql.counted_mine, asked).fetchone()}
    names = _names(conn, tenant, doer)
    for look, awaits in AWAITS.items():
        asked_of = {**asked, "names": names, "awaits": awaits}
        found[look] = conn.execute(sql.counted_offers, asked_of).fetchone()
    return {look: Count(*(row or (0, 0))) for look, row in found.items()}


def _names(conn: Connection, tenant: Tenant, doer: Doer) -> list[str]:
    """Return by which names tasks are offered to somebody."""
    names = [EVERYBODY, doer.actor, *(group_named(one) for one in doer.groups)]
    if EVERY_GROUP in doer.groups:
        asked = {"tenant": tenant, "most": MOST_GROUPS}
        names += [name for (name,) in conn.execute(sql.all_offer_names, asked)]
    return names


def _lines(conn: Connection, tenant: Tenant, refs: list[tuple[UUID, int]]) -> tuple[Line, ...]:
    if not refs:
        return ()
    wanted = {"case_ids": [case for case, _ in refs], "keys": [key for _, key in refs]}
    rows = conn.execute(sql.task_lines, {"tenant": tenant, **wanted}).fetchall()
    return tuple(
        Line(
            *(Ref(case, key), process, title, business_key, assignee, claimed_at, due, follow_up),
            *(100 - turn, State(state), bool(is_still), case_due),
        )
        for case, key, process, title, business_key, assignee, claimed_at, due, follow_up, turn,
        state, is_still, case_due in rows
    )  # fmt: skip
