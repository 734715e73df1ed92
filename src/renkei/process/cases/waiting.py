"""What cases wait for outside of a transaction: timers that are due, and jobs for who does them.

Both are claimed many at once, and nobody claims what another has (`SKIP LOCKED`). A timer is due in
the transaction that claims it, with its case; so is a job that needs nothing but the database. Any
other is done outside, under a lease whose *fence* grows each time: who lost a lease brings nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.bpmn import Variables
from renkei.process.cases.batch import Given
from renkei.process.cases.cases import Locked, Taken, known_commands, locked_of, take_all
from renkei.process.cases.definitions import Library
from renkei.process.cases.encoding import unpacked, variables_of
from renkei.process.cases.errors import LeaseLost

sql = queries("renkei.process")

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(days=1)
"""How long a timer is left that its case could not take."""

MOST_TRIES = 3
"""How often a job is tried of which the model does not say it (`retries`)."""
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=10), timedelta(hours=1)
"""How long a job that failed is left."""
CLOCK = "clock"
"""The actor where time itself gives the command."""


@dataclass(frozen=True, slots=True)
class Lease:
    """By what a job is ours; without a fence it is held by the transaction that brings it."""

    case: UUID
    wait: int
    fence: int | None


@dataclass(frozen=True, slots=True)
class Job(Lease):
    """A job that is ours until the lease ends; `tries` counts this time too."""

    name: str
    element: str
    about: Variables
    tries: int


@dataclass(frozen=True, slots=True)
class Holding:
    """Jobs and their cases, which are ours as long as the transaction lasts."""

    jobs: list[Job]
    cases: Locked
    days: dict[UUID, date]
    """Of application, by case."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a job: variables, or a BPMN error the model knows, or trouble.

    Trouble ends the job as an incident. `key` is for what may be brought twice.
    """

    job: Lease
    variables: Variables
    error: str = ""
    trouble: str = ""
    key: str = ""
    code: str = "job-failed"
    """Of the trouble: what kind of incident it is."""
    basis: str = ""
    """Why it may be brought, or what it rests on."""


def is_anything_due(
    conn: Connection, tenant: Tenant, names: Sequence[str], *, at: datetime
) -> bool:
    """Tell by one look whether a timer, a job of these names, a letter or a message is due."""
    asked = {"tenant": tenant, "names": list(names), "at": at}
    row = conn.execute(sql.anything_due, asked).fetchone()
    return bool(row and row[0])


def fire_due(
    conn: Connection,
    tenant: Tenant,
    library: Library,
    *,
    at: datetime,
    most: int,
    apart: bool = False,
) -> list[Taken]:
    """Let timers that are due come, the longest due first; return what became of each.

    One whose case cannot take it is tried again later, each time twice as much, and stops no other;
    what was wrong stands with it.
    """
    rows = conn.execute(sql.claim_due, {"tenant": tenant, "at": at, "most": most}).fetchall()
    given = [Given(case, bpmn.Bring(max(at, due), key), CLOCK) for case, key, due, *_ in rows]
    locked = locked_of((case, *stands) for case, _, _, _, *stands in rows)
    taken = take_all(conn, tenant, given, library, at=at, apart=apart, locked=locked)
    for one, (case, key, _, tries, *_) in zip(taken, rows, strict=True):
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
    lease: timedelta,
    most: int,
) -> list[Job]:
    """Claim the next jobs of these names under a lease.

    Of one name the longest ready come first; which name comes first is chance, so that none is
    kept waiting by another of which there is always more.
    """
    asked = {"tenant": tenant, "names": list(names), "at": at, "most": most, "until": at + lease}
    rows = conn.execute(sql.claim_jobs, asked)
    return [
        Job(case, key, fence, name, element, variables_of(about), tries)
        for case, key, name, element, about, fence, tries in rows
    ]


def hold_jobs(
    conn: Connection, tenant: Tenant, names: Sequence[str], *, at: datetime, most: int
) -> Holding:
    """Hold the next jobs of these names, chosen as `claim_jobs` does, to bring them here at once.

    A job whose case somebody writes now is left for the next time.
    """
    asked = {"tenant": tenant, "names": list(names), "at": at, "most": most}
    rows = conn.execute(sql.hold_jobs, asked).fetchall()
    jobs = [
        Job(case, key, None, name, element, variables_of(about), tries)
        for case, key, name, element, about, tries, *_ in rows
    ]
    locked = locked_of((row[0], *row[6:9]) for row in rows)
    return Holding(jobs, locked, {row[0]: row[9] for row in rows})


def inputs_of(
    conn: Connection, tenant: Tenant, jobs: Sequence[Job]
) -> dict[tuple[UUID, int], Variables]:
    """Return of jobs, by case and wait, what the model maps into them: their own variables."""
    asked = {"tenant": tenant, "ids": list({one.case for one in jobs})}
    rows = conn.execute(sql.states, asked).fetchall() if jobs else []
    stands = {id_: unpacked(state) for id_, state in rows}
    return {
        (one.case, one.wait): case.places[case.waits[one.wait].place].variables
        for one in jobs
        if one.wait in (case := stands[one.case]).waits
    }


def names_of(conn: Connection, tenant: Tenant, leases: Sequence[Lease]) -> list[str]:
    """Return the names of these jobs, of those that are there still."""
    rows = conn.execute(sql.leased_jobs, _columns(tenant, leases)).fetchall()
    return [name for _, _, _, name in rows]


def bring_done(
    conn: Connection,
    tenant: Tenant,
    done: Sequence[Done],
    library: Library,
    *,
    actor: str,
    at: datetime,
    apart: bool = False,
    locked: Locked | None = None,
) -> list[Taken]:
    """Bring what came of jobs to their cases; a job whose lease was lost is refused.

    What was brought before, under its key, is there and not lost. `apart` and `locked` are those of
    `take_all`.
    """
    given = [Given(one.job.case, _command(one, at), actor, one.basis, one.key) for one in done]
    lost = _lost(conn, tenant, [one for one in done if one.job.fence is not None])
    ours = [one for one, what in zip(given, done, strict=True) if id(what) not in lost]
    taken = iter(take_all(conn, tenant, ours, library, at=at, apart=apart, locked=locked))
    return [
        Taken(one, 0, refused=LeaseLost()) if id(what) in lost else next(taken)
        for one, what in zip(given, done, strict=True)
    ]


def _lost(conn: Connection, tenant: Tenant, leased: Sequence[Done]) -> set[int]:
    """Return which of these are of jobs that are no more ours, and were not brought before."""
    if not leased:
        return set()
    asked = _columns(tenant, [one.job for one in leased])
    rows = conn.execute(sql.leased_jobs, asked).fetchall()
    fences = {(case, key): fence for case, key, fence, _ in rows}
    lost = [one for one in leased if fences.get((one.job.case, one.job.wait)) != one.job.fence]
    brought = known_commands(conn, tenant, [one.key for one in lost])
    return {id(one) for one in lost if one.key not in brought}


def _columns(tenant: Tenant, leases: Sequence[Lease]) -> dict[str, object]:
    ids, keys = [one.case for one in leases], [one.wait for one in leases]
    return {"tenant": tenant, "case_ids": ids, "keys": keys}


def _command(done: Done, at: datetime) -> bpmn.Command:
    if done.trouble:
        return bpmn.Trouble(at, done.job.wait, done.code, done.trouble)
    if done.error:
        return bpmn.Throw(at, done.job.wait, done.error, done.variables)
    return bpmn.Bring(at, done.job.wait, done.variables)


def postpone(
    conn: Connection, tenant: Tenant, job: Lease, *, until: datetime, trouble: str
) -> bool:
    """Let a job that failed be tried again later; tell whether it still was ours."""
    asked = {**_named(tenant, job), "not_before": until, "trouble": trouble}
    return conn.execute(sql.postpone_job, asked).rowcount == 1


def retry(conn: Connection, tenant: Tenant, job: Lease, *, at: datetime, trouble: str) -> bool:
    """Let a leased job that failed be tried again, later each time; tell whether it will be.

    It is not where its tries are used up, as many as the model says (`retries`) or `MOST_TRIES`, or
    the lease was lost.
    """
    pauses = {"most": MOST_TRIES, "first": FIRST_RETRY, "longest": LONGEST_RETRY}
    asked = {**_named(tenant, job), "at": at, "trouble": trouble, **pauses}
    return conn.execute(sql.retry_job, asked).rowcount == 1


def _named(tenant: Tenant, job: Lease) -> dict[str, object]:
    return {"tenant": tenant, "case_id": job.case, "key": job.wait, "fence": job.fence}


def pause_of(tries: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """Return how long to wait after so many failures: twice as long each time.

    >>> pause_of(3, first=timedelta(seconds=1), longest=timedelta(minutes=1))
    datetime.timedelta(seconds=4)
    """
    return min(first * float(2 ** min(tries - 1, 40)), longest)
