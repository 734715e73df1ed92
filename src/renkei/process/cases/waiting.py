"""What cases wait for outside of a transaction: timers that are due, and jobs for who does them.

Both are claimed many at once, and nobody claims what another has (`SKIP LOCKED`). A timer is due in
the transaction that claims it; a job is done outside, under a lease whose *fence* grows each time:
who lost a lease brings nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.bpmn import Variables
from renkei.process.cases.cases import Given, Taken, take_all
from renkei.process.cases.definitions import Library
from renkei.process.cases.encoding import variables_of
from renkei.process.cases.errors import LeaseLost

sql = queries("renkei.process")

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(days=1)
"""How long a timer is left that its case could not take."""

CLOCK = "clock"
"""The actor where time itself gives the command."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job that is ours until the lease ends; `tries` counts this time too."""

    case: UUID
    wait: int
    name: str
    element: str
    about: Variables
    fence: int
    tries: int


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a job: variables, or a BPMN error the model knows, or trouble."""

    job: Job
    variables: Variables
    error: str = ""
    trouble: str = ""
    code: str = "job-failed"
    """Of the trouble: what kind of incident it is."""


def is_anything_due(
    conn: Connection, tenant: Tenant, names: Sequence[str], *, at: datetime
) -> bool:
    """Tell by one look whether a timer, a job of these names, a letter or a message is due."""
    asked = {"tenant": tenant, "names": list(names), "at": at}
    row = conn.execute(sql.anything_due, asked).fetchone()
    return bool(row and row[0])


def fire_due(
    conn: Connection, tenant: Tenant, library: Library, *, at: datetime, most: int
) -> list[Taken]:
    """Let timers that are due come, the longest due first; return what became of each.

    One whose case cannot take it is tried again later, each time twice as much, and stops no other;
    what was wrong stands with it.
    """
    rows = conn.execute(sql.claim_due, {"tenant": tenant, "at": at, "most": most}).fetchall()
    given = [Given(case, bpmn.Bring(max(at, due), key), CLOCK) for case, key, due, _ in rows]
    taken = take_all(conn, tenant, given, library, at=at)
    for one, (case, key, _, tries) in zip(taken, rows, strict=True):
        if one.refused is not None:
            pause = pause_of(tries + 1, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
            trouble = one.refused.text("ja")
            postponed = {"case_id": case, "key": key, "not_before": at + pause, "trouble": trouble}
            conn.execute(sql.postpone_timer, {"tenant": tenant, **postponed})
    return taken


def claim_jobs(
    conn: Connection,
    tenant: Tenant,
    names: Sequence[str],
    *,
    at: datetime,
    lease: timedelta | None,
    most: int,
) -> list[Job]:
    """Claim the next jobs of these names; without a lease for as long as the transaction lasts.

    What is done in the database alone needs no lease: it is brought in the same transaction.
    """
    asked: dict[str, object] = {"tenant": tenant, "names": list(names), "at": at, "most": most}
    if lease is None:
        rows = conn.execute(sql.hold_jobs, asked).fetchall()
    else:
        rows = conn.execute(sql.claim_jobs, {**asked, "until": at + lease}).fetchall()
    return [
        Job(case, key, name, element, variables_of(about), fence, tries)
        for case, key, name, element, about, fence, tries in rows
    ]


def bring_done(
    conn: Connection,
    tenant: Tenant,
    done: Sequence[Done],
    library: Library,
    *,
    actor: str,
    at: datetime,
    basis: str = "",
) -> list[Taken]:
    """Bring what came of jobs to their cases; a job whose lease was lost is refused."""
    asked = {
        "tenant": tenant,
        "case_ids": [one.job.case for one in done],
        "keys": [one.job.wait for one in done],
    }
    fences = {
        (case, key): fence
        for case, key, fence, _ in conn.execute(sql.leased_jobs, asked).fetchall()
    }
    held = [one for one in done if fences.get((one.job.case, one.job.wait)) == one.job.fence]
    given = {id(one): Given(one.job.case, _command(one, at), actor, basis) for one in held}
    taken = iter(take_all(conn, tenant, list(given.values()), library, at=at))
    return [
        next(taken)
        if id(one) in given
        else Taken(Given(one.job.case, _command(one, at), actor), 0, refused=LeaseLost())
        for one in done
    ]


def _command(done: Done, at: datetime) -> bpmn.Command:
    if done.trouble:
        return bpmn.Trouble(at, done.job.wait, done.code, done.trouble)
    if done.error:
        return bpmn.Throw(at, done.job.wait, done.error, done.variables)
    return bpmn.Bring(at, done.job.wait, done.variables)


def postpone(conn: Connection, tenant: Tenant, job: Job, *, until: datetime, trouble: str) -> bool:
    """Let a job that failed be tried again later; tell whether it still was ours."""
    asked = {
        "tenant": tenant,
        "case_id": job.case,
        "key": job.wait,
        "fence": job.fence,
        "not_before": until,
        "trouble": trouble,
    }
    return conn.execute(sql.postpone_job, asked).rowcount == 1


def pause_of(tries: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """Return how long to wait after so many failures: twice as long each time.

    >>> pause_of(3, first=timedelta(seconds=1), longest=timedelta(minutes=1))
    datetime.timedelta(seconds=4)
    """
    return min(first * float(2 ** min(tries - 1, 40)), longest)
