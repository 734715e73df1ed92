"""Cases kept: many commands at once, each case by one writer, everything of it in one transaction.

A command given a key has its effect once, however often it comes. One that does not fit is
refused by itself; the others of the batch go on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

import msgspec

from renkei import kit
from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn, feel
from renkei.process.bpmn.expressions import LONGEST_KEY
from renkei.process.cases.alone import alone
from renkei.process.cases.batch import Given, Held, KeptCommand, Written, hexed, note, write
from renkei.process.cases.deadlines import Deadline
from renkei.process.cases.definitions import Deployed, Library
from renkei.process.cases.encoding import BEGIN, unpacked
from renkei.process.cases.errors import BusinessKeyTooLong, CaseUnknown, CaseWentOn, CommandReused

sql = queries("renkei.process")


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


Locked = dict[UUID, Held]
"""Cases that this transaction has locked, as they stood then."""


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
    if any(len(one.business_key) > LONGEST_KEY for one in begun):
        raise BusinessKeyTooLong(most=LONGEST_KEY)
    held = {one.case: Held(bpmn.Case(one.held.hash, one.held.process), 0, BEGIN) for one in begun}
    written, taken = Written(), list[Taken]()
    for one in begun:
        written.begun[one.case] = one.business_key, one.applied_on
        period = library.get(conn, tenant, one.held.hash).main.duties.days
        may_take = None if period is None else Deadline(period, one.applied_on)
        written.tasks.begun[one.case] = may_take
        given = Given(one.case, one.start, one.actor, one.basis)
        taken.append(_one(conn, tenant, given, held, library, written))
        if (refused := taken[-1].refused) is not None:
            raise refused
    write(conn, tenant, held, written, at=at)
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
    conn: Connection,
    tenant: Tenant,
    all_given: Sequence[Given],
    library: Library,
    *,
    at: datetime,
    apart: bool = False,
    locked: Locked | None = None,
) -> list[Taken]:
    """Let cases take commands, those of one case in order; return what became of each.

    *Locked* are these cases where the caller has them; they stand as they are afterwards then.

    A failure nobody foresaw, such as a row the database refuses, is raised, and the transaction is
    lost. Taken *apart*, each by itself, one that fails is refused and the others go on: slower, and
    for those of a batch that failed.
    """
    if not all_given:
        return []
    if apart:
        return [_apart(conn, tenant, one, library, at=at) for one in all_given]
    held = _locked(conn, tenant, {one.case for one in all_given}) if locked is None else locked
    # After the lock: who held it may have kept one.
    known = known_commands(conn, tenant, [one.key for one in all_given])
    written, taken = Written(), list[Taken]()
    for given in all_given:
        if given.key in known:
            taken.append(_again(given, known[given.key]))
            continue
        one = _one(conn, tenant, given, held, library, written)
        taken.append(one)
        if given.key and one.refused is None:
            known[given.key] = about = given.case, _digest(given), one.seq
            case, digest, seq = about
            written.commands.append(KeptCommand(given.key, case, hexed(digest), seq))
    write(conn, tenant, held, written, at=at)
    return taken


def _apart(
    conn: Connection, tenant: Tenant, given: Given, library: Library, *, at: datetime
) -> Taken:
    taken = alone(conn, lambda: take_all(conn, tenant, [given], library, at=at)[0])
    return taken if isinstance(taken, Taken) else Taken(given, 0, refused=taken)


def event_under(conn: Connection, tenant: Tenant, case: UUID, key: str) -> int | None:
    """Return the last event of what this case took under a key; None where it took nothing."""
    of, _, seq = known_commands(conn, tenant, [key]).get(key, (None, b"", 0))
    return seq if of == case else None


def known_commands(
    conn: Connection, tenant: Tenant, keys: Sequence[str]
) -> dict[str, tuple[UUID, bytes, int]]:
    """Return of commands that were taken under these keys the case, the digest and the event."""
    asked = [one for one in keys if one]
    if not asked:
        return {}
    rows = conn.execute(sql.known_commands, {"tenant": tenant, "keys": asked})
    return {key: (case, bytes(digest), seq) for key, case, digest, seq in rows}


def forget_commands(conn: Connection, tenant: Tenant, *, before: datetime, most: int) -> int:
    """Forget the keys of commands taken before a time; return how many."""
    asked = {"tenant": tenant, "before": before, "most": most}
    return conn.execute(sql.forget_commands, asked).rowcount


def _locked(conn: Connection, tenant: Tenant, ids: set[UUID]) -> Locked:
    rows = conn.execute(sql.lock_cases, {"tenant": tenant, "ids": list(ids)})
    return locked_of((id_, state, seq, head) for id_, _, state, seq, head in rows)


def locked_of(rows: Iterable[tuple[UUID, bytes, int, bytes]]) -> Locked:
    """Return cases by their locked rows: id, state, number and hash of the last event."""
    return {id_: Held(unpacked(state), seq, head) for id_, state, seq, head in rows}


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
        note(given, kept, outcome, written)
    except kit.NodeError as error:
        return Taken(given, kept.seq, kept.case.status, refused=error)
    except UnicodeEncodeError:  # half of a pair
        return Taken(given, kept.seq, kept.case.status, refused=feel.FeelTextNotKept(place="$"))
    return Taken(given, kept.seq, kept.case.status)
