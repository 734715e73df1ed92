"""Cases kept: many commands at once, each case by one writer, everything of it in one transaction.

A command given a key has its effect once, however often it comes. One that does not fit is
refused by itself; the others of the batch go on.
"""

from collections.abc import Iterable, Sequence
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
from renkei.process.cases import known as knowing
from renkei.process.cases.definitions import Deployed, Library
from renkei.process.cases.encoding import (
    event_hash,
    json_of,
    moment_of,
    packed,
    unpacked,
)
from renkei.process.cases.errors import CaseUnknown, CaseWentOn, CommandReused

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
    knew: bpmn.Variables = field(init=False)
    """What it knew as a whole when the batch began."""

    def __post_init__(self) -> None:
        """Remember what it knew."""
        self.knew = _outermost(self)


@dataclass(slots=True)
class Written:
    """What a batch writes, by table."""

    events: list[tuple[Any, ...]] = field(default_factory=list)
    opened: list[tuple[Any, ...]] = field(default_factory=list)
    closed: list[tuple[UUID, int]] = field(default_factory=list)
    outgoing: list[tuple[Any, ...]] = field(default_factory=list)
    commands: list[tuple[Any, ...]] = field(default_factory=list)


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
    given = [Given(one.case, one.start, one.actor, one.basis) for one in begun]
    taken = take_all(conn, tenant, given, library, at=at)
    for one in taken:
        if one.refused is not None:
            raise one.refused
    return taken


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


def event_under(conn: Connection, tenant: Tenant, case: UUID, key: str) -> int | None:
    """Return the last event of what this case took under a key; None where it took nothing."""
    rows = conn.execute(sql.known_commands, {"tenant": tenant, "keys": [key]})
    return next((seq for _, of, _, seq in rows if of == case), None)


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
    if given.seen not in (None, kept.seq):
        refused = CaseWentOn(seen=given.seen, seq=kept.seq)
        return Taken(given, kept.seq, kept.case.status, refused=refused)
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
        _write_known(conn, tenant, changed)
        names = ("keys", "case_ids", "digests", "seqs")
        _many(conn, sql.keep_commands, tenant, names, written.commands, at=at)


def _write_known(conn: Connection, tenant: Tenant, changed: dict[UUID, Held]) -> None:
    """Let cases be found by what they know now."""
    gone, new = list[tuple[UUID, str]](), list[tuple[Any, ...]]()
    for id_, held in changed.items():
        before, after = knowing.changes(held.knew, _outermost(held))
        gone += [(id_, name) for name in before]
        new += [(id_, name, one.said, one.number) for name, one in after.items()]
    _many(conn, sql.drop_known, tenant, ("case_ids", "names"), gone)
    _many(conn, sql.keep_known, tenant, ("case_ids", "names", "said", "numbers"), new)


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
