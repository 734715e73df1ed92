"""What a batch of commands brings about, noted as it comes and written by a statement or two.

A statement costs a round trip and a good part of a tenth of a millisecond here, so that six of them
would be most of what a step costs. The rows go as JSON, by position: an array of PostgreSQL's takes
twice the time to write for each value. The order of the fields is that of `keep_batch` and
`keep_lists`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import msgspec

from renkei import kit
from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn, feel
from renkei.process.bpmn import Closed, Ended, Opened, Outcome, Sent
from renkei.process.cases.encoding import EventFacts, chained, facts_of, packed
from renkei.process.cases.known import changes
from renkei.process.cases.task_rows import Opening, TaskWrites, is_still, task_rows, turn_clocks

sql = queries("renkei.process")


@dataclass(frozen=True, slots=True)
class Given:
    """A command for a case: by whom, on what basis, and under which key if it may come again."""

    case: UUID
    command: bpmn.Command
    actor: str
    basis: str = ""
    key: str = ""
    seen: int | None = None
    """The last event that was looked at: where the case has gone on since, it is refused."""


class KeptCase(msgspec.Struct, frozen=True, array_like=True):
    """A case as it stands behind the batch."""

    id: UUID
    state: str
    variables: feel.Json
    seq: int
    head: str
    status: str


@dataclass(slots=True)
class Held:
    """A case while a batch is taken."""

    case: bpmn.Case
    seq: int
    head: bytes
    ended: Ended | None = None
    row: KeptCase | None = None
    """What is written of it, once something happened."""
    knew: bpmn.Variables = field(init=False)
    """What it knew as a whole when the batch began."""

    def __post_init__(self) -> None:
        """Remember what it knew."""
        self.knew = _outermost(self.case, None)


class BegunCase(KeptCase, frozen=True, array_like=True):
    """A case that was not there before."""

    definition: str
    process: str
    business_key: str
    applied_on: date


class KeptHistory(msgspec.Struct, frozen=True, array_like=True):
    """What one command brought about."""

    case_id: UUID
    first: int
    events: list[EventFacts]
    actor: str
    basis: str
    at: datetime
    hash: str


class KeptWait(msgspec.Struct, frozen=True, array_like=True):
    """One thing a case waits for from now on."""

    case_id: UUID
    key: int
    kind: str
    element: str
    name: str
    correlation: str
    due: datetime | None
    about: feel.Json
    at: datetime


class KeptLetter(msgspec.Struct, frozen=True, array_like=True):
    """What leaves a case."""

    key: str
    case_id: UUID
    element: str
    kind: str
    name: str
    correlation: str
    variables: feel.Json
    at: datetime


class KeptCommand(msgspec.Struct, frozen=True, array_like=True):
    """A command that was given a key."""

    key: str
    case_id: UUID
    digest: str
    seq: int


class KeptValue(msgspec.Struct, frozen=True, array_like=True):
    """One value a case is found by, also as a number if it is one."""

    case_id: UUID
    name: str
    said: str
    number: str | None


@dataclass(slots=True)
class Written:
    """What a batch writes, by table."""

    begun: dict[UUID, tuple[str, date]] = field(default_factory=dict)
    """Of each case that was not there before: by which number it is known, and its day."""
    history: list[KeptHistory] = field(default_factory=list)
    opened: dict[tuple[UUID, int], KeptWait] = field(default_factory=dict)
    closed: list[tuple[UUID, int]] = field(default_factory=list)
    """What cases wait for no more."""
    letters: list[KeptLetter] = field(default_factory=list)
    commands: list[KeptCommand] = field(default_factory=list)
    tasks: TaskWrites = field(default_factory=TaskWrites)


def note(given: Given, kept: Held, outcome: Outcome, written: Written) -> None:
    """Note what a command brought about, to be written with the rest of the batch.

    What cannot be kept is raised before anything is noted.
    """
    id_, at = given.case, given.command.at
    seq = kept.seq + len(outcome.events)
    head, history = _happened(given, kept, outcome.events)
    opened, letters, tasks = list[KeptWait](), list[KeptLetter](), list[Opening]()
    ended = kept.ended
    for number, effect in enumerate(outcome.effects):
        match effect:
            case Opened(wait):
                opened.append(_opened(id_, wait, at))
                if wait.kind is bpmn.Kind.TASK:
                    tasks.append(Opening(id_, outcome.case.process, wait, at))
            case Closed():  # with what the command itself brought, below
                pass
            case Sent(element, kind, name, correlation, variables):
                same = f"{id_}/{seq}/{number}"  # the key by which its receiver knows it again
                told = feel.dump(variables)
                letters.append(KeptLetter(same, id_, element, kind, name, correlation, told, at))
            case Ended():
                ended = effect
    state, known = packed(outcome.case), feel.dump(_outermost(outcome.case, ended))
    for key in kept.case.waits.keys() - outcome.case.waits.keys():
        if written.opened.pop((id_, key), None) is None:  # else the table never had it
            written.closed.append((id_, key))
        if kept.case.waits[key].kind is bpmn.Kind.TASK:
            written.tasks.closed.append((id_, key))
    if (still := is_still(outcome.case)) is not is_still(kept.case):
        written.tasks.turned.append((id_, kit.day_of(at), still))
    written.tasks.opened += tasks
    if history.events:
        written.history.append(history)
    written.letters += letters
    written.opened.update({(id_, one.key): one for one in opened})
    kept.case, kept.seq, kept.head, kept.ended = outcome.case, seq, head, ended
    kept.row = KeptCase(id_, hexed(state), known, seq, history.hash, kept.case.status.value)


def _happened(given: Given, kept: Held, events: Sequence[bpmn.Event]) -> tuple[bytes, KeptHistory]:
    """Return the hash of the last of these events, and their row."""
    first, facts = kept.seq + 1, [facts_of(one) for one in events]
    by = given.actor, given.basis, given.command.at
    head = chained(kept.head, given.case, first, facts, *by)
    return head, KeptHistory(given.case, first, facts, *by, hexed(head))


def _opened(id_: UUID, wait: bpmn.Wait, at: datetime) -> KeptWait:
    about, named = feel.dump(wait.about), (wait.name, wait.correlation)
    return KeptWait(id_, wait.key, wait.kind.value, wait.handler, *named, wait.due, about, at)


def write(
    conn: Connection, tenant: Tenant, held: Mapping[UUID, Held], written: Written, *, at: datetime
) -> None:
    """Write a batch."""
    changed = {id_: one.row for id_, one in held.items() if one.row is not None}
    if not changed:
        return
    rows: dict[str, Sequence[object]] = {
        "begun": [_begun(changed[id_], held[id_], *about) for id_, about in written.begun.items()],
        "cases": [row for id_, row in changed.items() if id_ not in written.begun],
        "history": written.history,
        "closed": written.closed,
        "opened": list(written.opened.values()),
        "letters": written.letters,
        "commands": written.commands,
    }
    about = {"tenant": tenant, "ids": list(changed)}
    conn.execute(sql.keep_batch, {**about, "at": at, **_told(rows)})
    tasks = task_rows(conn, tenant, written.tasks)
    unknown, known = _known(changed, held)
    lists: dict[str, Sequence[object]] = {
        "clocks": tasks.begun,
        "tasks": tasks.opened,
        "done": tasks.closed,
        "known": known,
        "unknown": unknown,
    }
    if any(lists.values()):
        conn.execute(sql.keep_lists, {**about, **_told(lists)})
    turn_clocks(conn, tenant, tasks)


def _told(rows: Mapping[str, Sequence[object]]) -> dict[str, str]:
    return {name: msgspec.json.encode(some).decode() for name, some in rows.items()}


def _known(
    changed: Iterable[UUID], held: Mapping[UUID, Held]
) -> tuple[list[tuple[UUID, str]], list[KeptValue]]:
    """Return by what cases are found no more, and by what now; often nothing changed."""
    gone, new = list[tuple[UUID, str]](), list[KeptValue]()
    for id_ in changed:
        before, after = changes(held[id_].knew, _outermost(held[id_].case, held[id_].ended))
        gone += [(id_, name) for name in before]
        new += [KeptValue(id_, name, *one.written()) for name, one in after.items()]
    return gone, new


def _begun(row: KeptCase, held: Held, business_key: str, applied_on: date) -> BegunCase:
    facts = row.id, row.state, row.variables, row.seq, row.head, row.status
    return BegunCase(*facts, held.case.definition, held.case.process, business_key, applied_on)


def hexed(data: bytes) -> str:
    """Return bytes as PostgreSQL reads them from a text."""
    return f"\\x{data.hex()}"


def _outermost(case: bpmn.Case, ended: Ended | None) -> bpmn.Variables:
    """Return what a case knows as a whole, also after its end."""
    if ended is not None:
        return ended.variables
    return case.places[min(case.places)].variables if case.places else {}
