"""What officials and operators do with cases from the command line, a transaction each."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from renkei import audit, kit
from renkei.app.errors import (
    CaseOfficialUnknown,
    DefinitionNotNamed,
    NothingWaitsThere,
    StaffRoleMissing,
    ValueUnreadable,
)
from renkei.app.membership.keys import Keys
from renkei.app.settings import Settings
from renkei.app.sign_in.staff import EVERY_GROUP, Staff, StaffRole
from renkei.app.site import site_standard
from renkei.process import bpmn, cases, feel, tasks
from renkei.process.bpmn import Kind
from renkei.process.bpmn.migrating import Blocked, Plan
from renkei.process.cases import migrations

WORK = (Kind.TASK, Kind.JOB)
BATCH = 200
"""Cases moved a transaction."""
WORKERS: frozenset[StaffRole] = frozenset({"operator", "officer"})
"""Who works on tasks."""


def actor(settings: Settings, number: str) -> str:
    """Return who gives a command, as events name them.

    CaseOfficialUnknown where the site names its staff and this is none of them, or nobody is named.
    """
    if not number or (settings.staff and number not in settings.staff):
        raise CaseOfficialUnknown(number=number[:20])
    return f"staff:{number}"


def signer_of(settings: Settings) -> audit.Signer:
    """Return the key by which this organisation signs its definitions."""
    return Keys(settings.keys, settings.tenant).signer()


def library_of(settings: Settings) -> cases.Library:
    """Return the definitions of this organisation."""
    return cases.Library([signer_of(settings).verifier])


def doer(settings: Settings, number: str) -> tasks.Doer:
    """Return who does something with tasks, by their number; a site without staff trusts its shell.

    StaffRoleMissing for who has no role in it.
    """
    named = settings.staff.get(number)
    if named is None:
        return tasks.Doer(actor(settings, number), frozenset({EVERY_GROUP}), is_manager=True)
    if not named.roles & WORKERS:
        raise StaffRoleMissing(roles=" / ".join(sorted(WORKERS)))
    return doer_of(named)


def colleague(settings: Settings, to: str) -> None:
    """See that a person somebody hands a task to is one: CaseOfficialUnknown if not."""
    if to.startswith("staff:"):
        actor(settings, to.removeprefix("staff:"))


def doer_of(staff: Staff) -> tasks.Doer:
    """Return a member of staff as the tasks know them; who runs the site assigns, too."""
    return tasks.Doer(f"staff:{staff.number}", staff.groups, is_manager="operator" in staff.roles)


def variables_of(given: list[str]) -> bpmn.Variables:
    """Read variables as a command takes them.

    >>> variables_of(["n=1", 'name="x"'])
    {'n': Decimal('1'), 'name': 'x'}
    """
    told: bpmn.Variables = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or not name.strip():
            raise ValueUnreadable(given=one[:80])
        told[name.strip()] = value_of(value, given=one)
    return told


def value_of(text: str, *, given: str) -> feel.Value:
    """Read a value: FEEL and nothing else, so that 12 and "12" are told apart.

    ValueUnreadable, which shows what was given, for anything else.
    """
    try:
        result = feel.expression(text).evaluate({})
    except kit.NodeError:
        raise ValueUnreadable(given=given[:80]) from None
    if result.problems:
        raise ValueUnreadable(given=given[:80])
    return result.value


def pair_of(given: str) -> tuple[str, str]:
    """Read `OLD=NEW`."""
    old, sign, new = given.partition("=")
    if not (old and sign and new):
        raise ValueUnreadable(given=given[:80])
    return old, new


def begin(
    conn: kit.Connection,
    settings: Settings,
    process: str,
    variables: bpmn.Variables,
    *,
    by: str,
    on: date,
    business_key: str,
    at: datetime,
) -> UUID:
    """Begin a case by the definition in force on the day of the application."""
    tenant = settings.tenant
    library = library_of(settings)
    held = library.in_force(conn, tenant, process, on=on)
    id_ = UUID(kit.timed_number())
    start = bpmn.Start(at, variables)
    begun = cases.Begun(id_, held, on, start, actor(settings, by), business_key=business_key)
    cases.begin(conn, tenant, [begun], library, at=at)
    return id_


def do(
    conn: kit.Connection,
    settings: Settings,
    case: UUID,
    element: str,
    variables: bpmn.Variables,
    *,
    by: str,
    at: datetime,
) -> cases.Taken | None:
    """Say that the task or job at an element is done; None where a second person must look.

    A task is done by whoever may, as at the console.
    """
    row = cases.case_of(conn, settings.tenant, case)
    waits = sorted(row.case.waits.values(), key=lambda one: one.key)
    fitting = [one for one in waits if one.handler == element and one.kind in WORK]
    if not fitting:
        there = "、".join(sorted({one.handler for one in waits})) or "–"
        raise NothingWaitsThere(element=element[:80], waits=there)
    library = library_of(settings)
    if fitting[0].kind is Kind.TASK:
        who = doer(settings, by)
        about = (tasks.Ref(case, fitting[0].key), variables, library)
        known = site_standard(settings)
        return tasks.complete(conn, settings.tenant, *about, known, doer=who, at=at)
    command = bpmn.Bring(at, fitting[0].key, variables)
    given = cases.Given(case, command, actor(settings, by))
    return cases.take(conn, settings.tenant, given, library, at=at)


def _why(reason: Blocked, reader: kit.Language) -> str:
    return f"{reason.element}: {kit.say(f'migration-{reason.why}', reader)}"


def shown(row: cases.CaseRow, past: list[cases.Past], reader: kit.Language) -> Mapping[str, object]:
    """Return a case as it stands, and what happened, a line each."""
    return {
        "case": str(row.id),
        "process": row.process,
        "business_key": row.business_key,
        "status": kit.say(f"case-status-{row.status.value}", reader),
        "definition": row.definition[:12],
        "started_at": kit.in_japan(row.started_at).isoformat(timespec="seconds"),
        "waits": [_wait(one, reader) for one in row.case.waits.values()],
        "history_whole": cases.is_whole(past, row),
        "events": [_event(one, reader) for one in past],
    }


def incident(code: str, reader: kit.Language) -> str:
    """Return in words why a token waits for a person; a code of somebody else's as it is.

    >>> incident("too-deep", "en"), incident("K-17", "en")
    ('scopes lie too deep in one another', 'K-17')
    """
    known = kit.texts_of().get(f"incident-{code}")
    return known[reader] if known else code


def _wait(wait: bpmn.Wait, reader: kit.Language) -> str:
    kind = kit.say(f"case-wait-{wait.kind.value}", reader)
    due = "" if wait.due is None else kit.in_japan(wait.due).isoformat(timespec="minutes")
    name = "" if wait.name == wait.handler else wait.name
    if wait.kind is Kind.INCIDENT:
        name = f"{incident(wait.name, reader)}: {wait.about.get('reason', '')}"
    return " ".join(filter(None, (kind, wait.handler, name, wait.correlation, due)))


def _event(past: cases.Past, reader: kit.Language) -> str:
    at = kit.in_japan(past.at).isoformat(timespec="seconds")
    kind = kit.say(f"case-event-{past.event.kind.value}", reader)
    return f"{past.seq} {at} {past.event.element} {kind} ({past.actor})"


def case_number(given: str) -> UUID | None:
    """Return the case a person gave the number of; None for anything else."""
    try:
        return UUID(given)
    except ValueError:
        return None


def hash_of(conn: kit.Connection, settings: Settings, given: str) -> str:
    """Return the hash of a definition that a person gave the beginning of."""
    known = [one.hash for one in cases.deployed(conn, settings.tenant)]
    found = [one for one in known if one.startswith(given)]
    if len(found) != 1 or not given:
        raise DefinitionNotNamed(given=given[:64], count=len(found))
    return found[0]


def moved(
    database: kit.Database,
    settings: Settings,
    plan: Plan,
    *,
    by: str,
    basis: str,
    at: datetime,
    is_trial: bool,
    progress: Callable[[int], None],
) -> list[migrations.Trial]:
    """Move the cases of a definition, some a transaction; return of each whether it could."""
    who, after = actor(settings, by), None
    found: list[migrations.Trial] = []
    while True:
        with database.transaction(settings.tenant) as conn:
            ids = migrations.running_by(
                conn, settings.tenant, plan.old.hash, after=after, most=BATCH
            )
            if not ids:
                return found
            found += migrations.move(
                conn,
                settings.tenant,
                ids,
                plan,
                actor=who,
                basis=basis,
                at=at,
                is_trial=is_trial,
            )
        after = ids[-1]
        progress(len(found))


def said_of(trials: Sequence[migrations.Trial], reader: kit.Language) -> dict[str, object]:
    """Return how many could move, and of those that could not why, a line each."""
    stuck = [one for one in trials if not one.can]
    return {
        "cases_that_can": len(trials) - len(stuck),
        "cases_that_cannot": [
            f"{one.case} " + ", ".join(_why(reason, reader) for reason in one.reasons)
            for one in stuck
        ],
    }
