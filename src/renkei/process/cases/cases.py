"""Cases kept: many commands at once, each case by one writer, everything of it in one transaction.

A command given a key has its effect once, however often it comes. One that does not fit is
refused by itself; the others of the batch go on.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from renkei import kit
from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.bpmn import Closed, Ended, Opened, Outcome, Sent
from renkei.process.cases.definitions import Deployed, Library
from renkei.process.cases.encoding import (
    event_hash,
    json_of,
    moment_of,
    packed,
    unpacked,
)
from renkei.process.cases.errors import CaseUnknown, CommandReused
from renkei.process.cases.task_rows import Opening, TaskWrites, begin_clocks, is_still, write_tasks

sql = queries("renkei.process")


@dataclass(frozen=True, slots=True)
class Given:
    """A command for a case: by whom, on what basis, and under which key if it may come again."""

    case: UUID
    command: bpmn.Command
    actor: str
    basis: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a command."""

    given: Given
    seq: int
    """Of the last event of the case."""
    status: bpmn.Status = bpmn.Status.RUNNING
    refused: kit.NodeError | None = None
    """Why nothing happened."""
    is_again: bool = False
    """Whether it had been taken before."""


@dataclass(slots=True)
class Held:
    """A case while a batch is taken."""

    case: bpmn.Case
    seq: int
    head: bytes
    ended: Ended | None = None
    is_changed: bool = False


@dataclass(slots=True)
class Written:
    """What a batch writes, by table."""

    events: list[tuple[Any, ...]] = field(default_factory=list)
    opened: list[tuple[Any, ...]] = field(default_factory=list)
    closed: list[tuple[UUID, int]] = field(default_factory=list)
    outgoing: list[tuple[Any, ...]] = field(default_factory=list)
    commands: list[tuple[Any, ...]] = field(default_factory=list)
    tasks: TaskWrites = field(default_factory=TaskWrites)


@dataclass(frozen=True, slots=True)
class Begun:
    """A case to begin: by which definition, for which day of application, by whom, and how.

    `business_key` is the number by which people know it, such as that of a receipt.
    """

    case: UUID
    held: Deployed
    applied_on: date
    start: bpmn.Start
    actor: str
    basis: str = ""
    business_key: str = ""


def begin(
    conn: Connection, tenant: Tenant, begun: Sequence[Begun], library: Library, *, at: datetime
) -> list[Taken]:
    """Begin cases; where one of them cannot begin, raise why: then none has."""
    kept = {
        "tenant": tenant,
        "ids": [one.case for one in begun],
        "definitions": [one.held.hash for one in begun],
        "processes": [one.held.process for one in begun],
        "business_keys": [one.business_key for one in begun],
        "days": [one.applied_on for one in begun],
        "states": [packed(bpmn.Case(one.held.hash, one.held.process)) for one in begun],
        "at": at,
    }
    conn.execute(sql.begin_cases, kept)
    begin_clocks(conn, tenant, list(_periods(conn, tenant, begun, library)))
    given = [Given(one.case, one.start, one.actor, one.basis) for one in begun]
    taken = take_all(conn, tenant, given, library, at=at)
    for one in taken:
        if one.refused is not None:
            raise one.refused
    return taken


def _periods(
    conn: Connection, tenant: Tenant, begun: Sequence[Begun], library: Library
) -> Iterator[tuple[UUID, int, date]]:
    """Yield how many working days each case may take, where its model says so, from which day."""
    for one in begun:
        period = library.get(conn, tenant, one.held.hash).main.duties.days
        if period is not None:
            yield one.case, period, one.applied_on


def take(
    conn: Connection, tenant: Tenant, given: Given, library: Library, *, at: datetime
) -> Taken:
    """Let a case take a command; raise why it does not."""
    taken = take_all(conn, tenant, [given], library, at=at)[0]
    if taken.refused is not None:
        raise taken.refused
    return taken


def take_all(
    conn: Connection, tenant: Tenant, all_given: Sequence[Given], library: Library, *, at: datetime
) -> list[Taken]:
    """Let cases take commands, those of one case in order; return what became of each."""
    if not all_given:
        return []
    held = _locked(conn, tenant, {one.case for one in all_given})
    known = _known(conn, tenant, all_given)  # after the lock: who held it may have kept one
    written, taken = Written(), list[Taken]()
    for given in all_given:
        if given.key in known:
            taken.append(_again(given, known[given.key]))
            continue
        one = _one(conn, tenant, given, held, library, written)
        taken.append(one)
        if given.key and one.refused is None:
            known[given.key] = about = given.case, _digest(given), one.seq
            written.commands.append((given.key, *about))
    write(conn, tenant, held, written, at=at)
    return taken


def _known(
    conn: Connection, tenant: Tenant, all_given: Iterable[Given]
) -> dict[str, tuple[UUID, bytes, int]]:
    keys = [one.key for one in all_given if one.key]
    if not keys:
        return {}
    rows = conn.execute(sql.known_commands, {"tenant": tenant, "keys": keys})
    return {key: (case, bytes(digest), seq) for key, case, digest, seq in rows}


def _locked(conn: Connection, tenant: Tenant, ids: set[UUID]) -> dict[UUID, Held]:
    rows = conn.execute(sql.lock_cases, {"tenant": tenant, "ids": list(ids)})
    return {id_: Held(unpacked(state), seq, head) for id_, _, state, seq, head in rows}


def _digest(given: Given) -> bytes:
    """Return what tells one command from another: all of it but when it was given."""
    said = {**msgspec.structs.asdict(given.command), "at": None}
    return sha256(repr((given.case, type(given.command).__name__, said)).encode()).digest()


def _again(given: Given, before: tuple[UUID, bytes, int]) -> Taken:
    case, digest, seq = before
    if (case, digest) != (given.case, _digest(given)):
        return Taken(given, 0, refused=CommandReused(key=given.key))
    return Taken(given, seq, is_again=True)


def _one(
    conn: Connection,
    tenant: Tenant,
    given: Given,
    held: dict[UUID, Held],
    library: Library,
    written: Written,
) -> Taken:
    kept = held.get(given.case)
    if kept is None:
        return Taken(given, 0, refused=CaseUnknown(case=str(given.case)))
    try:
        definition = library.get(conn, tenant, kept.case.definition)
        outcome = bpmn.advance(definition, kept.case, given.command)
    except kit.NodeError as error:
        return Taken(given, kept.seq, kept.case.status, refused=error)
    note(given, kept, outcome, written)
    return Taken(given, kept.seq, kept.case.status)


def note(given: Given, kept: Held, outcome: Outcome, written: Written) -> None:
    """Note what a command brought about, to be written with the rest of the batch."""
    id_, at = given.case, given.command.at
    gone = kept.case.waits.keys() - outcome.case.waits.keys()
    written.closed.extend((id_, key) for key in gone)
    tasks = written.tasks
    tasks.closed.extend((id_, key) for key in gone if kept.case.waits[key].kind is bpmn.Kind.TASK)
    if (still := is_still(outcome.case)) is not is_still(kept.case):
        tasks.turned.append((id_, kit.day_of(at), still))
    kept.case, kept.is_changed = outcome.case, True
    moment = moment_of(at)
    for event in outcome.events:
        kept.seq += 1
        about = {"actor": given.actor, "basis": given.basis, "at": moment}
        kept.head = event_hash(kept.head, id_, kept.seq, event, **about)
        data = json_of(event.data) if event.data else None
        row = (id_, kept.seq, event.kind.value, event.element, event.place, data)
        written.events.append((*row, given.actor, given.basis, at, kept.head))
    for number, effect in enumerate(outcome.effects):
        match effect:
            case Opened(wait):
                about_json = json_of(wait.about)
                named = wait.kind.value, wait.handler, wait.name, wait.correlation
                written.opened.append((id_, wait.key, *named, wait.due, about_json, at))
                if wait.kind is bpmn.Kind.TASK:
                    tasks.opened.append(Opening(id_, kept.case.process, wait, at))
            case Closed():  # with what the command itself brought, above
                pass
            case Sent():
                key = f"{id_}/{kept.seq}/{number}"
                named = effect.element, effect.kind, effect.name, effect.correlation
                written.outgoing.append((key, id_, *named, json_of(effect.variables), at))
            case Ended():
                kept.ended = effect


def write(
    conn: Connection, tenant: Tenant, held: dict[UUID, Held], written: Written, *, at: datetime
) -> None:
    """Write a batch: a statement a table."""
    opened_here = {(row[0], row[1]) for row in written.opened}
    gone = [one for one in written.closed if one not in opened_here]
    closed = set(written.closed)
    opened = [row for row in written.opened if (row[0], row[1]) not in closed]
    changed = {id_: one for id_, one in held.items() if one.is_changed}
    with conn.pipeline():  # none needs the answer of the one before
        if changed:
            conn.execute(sql.keep_cases, {"tenant": tenant, "at": at, **_cases(changed)})
        _many(conn, sql.keep_events, tenant, EVENT, written.events)
        _many(conn, sql.drop_waits, tenant, ("case_ids", "keys"), gone)
        _many(conn, sql.keep_waits, tenant, WAIT, opened)
        _many(conn, sql.keep_outgoing, tenant, LETTER, written.outgoing)
        names = ("keys", "case_ids", "digests", "seqs")
        _many(conn, sql.keep_commands, tenant, names, written.commands, at=at)
    write_tasks(conn, tenant, written.tasks)


EVENT = (
    *("case_ids", "seqs", "kinds", "elements", "places", "data", "actors", "bases", "ats"),
    "hashes",
)
WAIT = (
    *("case_ids", "keys", "kinds", "elements", "names", "correlations", "dues", "abouts"),
    "ats",
)
LETTER = ("keys", "case_ids", "elements", "kinds", "names", "correlations", "variables", "ats")


def _many(
    conn: Connection,
    statement: bytes,
    tenant: Tenant,
    names: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    **facts: object,
) -> None:
    """Execute a statement for many rows, given column by column."""
    if rows:
        columns = (list(column) for column in zip(*rows, strict=True))
        conn.execute(
            statement, {"tenant": tenant, **dict(zip(names, columns, strict=True)), **facts}
        )


def _cases(changed: dict[UUID, Held]) -> dict[str, list[Any]]:
    kept = list(changed.values())
    return {
        "ids": list(changed),
        "states": [packed(one.case) for one in kept],
        "variables": [json_of(_outermost(one)) for one in kept],
        "seqs": [one.seq for one in kept],
        "heads": [one.head for one in kept],
        "statuses": [one.case.status.value for one in kept],
    }


def _outermost(held: Held) -> bpmn.Variables:
    """Return what a case knows as a whole, also after its end."""
    if held.ended is not None:
        return held.ended.variables
    places = held.case.places
    return places[min(places)].variables if places else {}
