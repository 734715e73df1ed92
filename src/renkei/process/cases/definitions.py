"""Definitions kept: which model a process runs by, from which day, signed; the models read once.

A definition is a signed note: whoever can write the table, but has not the organisation's key, puts
none in force and moves the days of none.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from renkei import audit
from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.cases.errors import DefinitionAltered, DefinitionUnsigned, ProcessNotInForce

sql = queries("renkei.process")

MOST = 256
"""Models a process of the node keeps read."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A definition as it was deployed."""

    hash: str
    process: str
    version: int
    valid_from: date
    valid_until: date | None
    name: str
    file: str
    model: bytes | None
    """None in a list."""
    deployed_at: datetime
    deployed_by: str
    note: str
    """What was signed of all this."""
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawn_why: str | None


def key_name(tenant: Tenant) -> str:
    """Return the name under which an organisation's key signs definitions."""
    return f"renkei.example/{tenant}/process-definition"


def _text(
    tenant: Tenant,
    hash_: str,
    process: str,
    version: int,
    days: tuple[date, date | None],
    by: str,
    at: datetime,
) -> str:
    """Return what is signed of a definition: a line for each fact."""
    since, until = days
    lines = (
        "renkei process definition",
        tenant,
        process,
        str(version),
        hash_,
        since.isoformat(),
        "-" if until is None else until.isoformat(),
        by,
        at.astimezone(UTC).isoformat(),
    )
    return "".join(f"{line}\n" for line in lines)


def deploy(
    conn: Connection,
    tenant: Tenant,
    definition: bpmn.Definition,
    *,
    valid_from: date,
    valid_until: date | None = None,
    by: str,
    signer: audit.Signer,
    at: datetime,
) -> Deployed:
    """Sign and keep a model as the next version of its process; the same again is the one there.

    `signer` is of the organisation's log key; here it signs under a name of its own.
    """
    conn.execute(sql.lock_definitions, {"tenant": tenant})
    main, hash_ = definition.main, definition.hash
    row = conn.execute(sql.next_version, {"tenant": tenant, "process": main.id}).fetchone()
    version = row[0] if row else 1
    text = _text(tenant, hash_, main.id, version, (valid_from, valid_until), by, at)
    kept = {
        "version": version,
        "note": signer.named(key_name(tenant)).sign_note(text),
        "tenant": tenant,
        "hash": hash_,
        "process": main.id,
        "valid_from": valid_from,
        "valid_until": valid_until,
        "name": main.title,
        "file": definition.document.name,
        "model": definition.document.xml(),
        "at": at,
        "by": by,
    }
    conn.execute(sql.keep_definition, kept)
    return by_hash(conn, tenant, hash_)


def by_hash(conn: Connection, tenant: Tenant, hash_: str) -> Deployed:
    """Return a definition by its hash."""
    row = conn.execute(sql.definition, {"tenant": tenant, "hash": hash_}).fetchone()
    if row is None:
        raise ProcessNotInForce(process=hash_[:12], day="–")
    return Deployed(*row)


def deployed(conn: Connection, tenant: Tenant) -> list[Deployed]:
    """Return every version of every process."""
    return [Deployed(*row) for row in conn.execute(sql.definitions, {"tenant": tenant})]


def withdraw(
    conn: Connection, tenant: Tenant, hash_: str, *, by: str, reason: str, at: datetime
) -> bool:
    """Let no case begin by a definition any more; tell whether one could before."""
    asked = {"tenant": tenant, "hash": hash_, "by": by, "reason": reason, "at": at}
    return conn.execute(sql.withdraw_definition, asked).rowcount == 1


class Library:
    """The models a program has read, the latest used kept. A definition never changes.

    It believes what one of the keys it was given signed, and nothing else that stands in the table.
    """

    def __init__(self, trusted: Iterable[audit.Verifier]) -> None:
        """Take the keys of the organisation's log, by which its definitions are signed too."""
        self._trusted = tuple(trusted)
        self._read: OrderedDict[tuple[Tenant, str], bpmn.Definition] = OrderedDict()

    def in_force(self, conn: Connection, tenant: Tenant, process: str, *, on: date) -> Deployed:
        """Return the definition by which a case of that day begins."""
        asked = {"tenant": tenant, "process": process, "day": on}
        row = conn.execute(sql.definition_on, asked).fetchone()
        if row is None:
            raise ProcessNotInForce(process=process, day=on.isoformat())
        held = Deployed(*row)
        self._check(tenant, held)
        return held

    def all_in_force(self, conn: Connection, tenant: Tenant, *, on: date) -> list[Deployed]:
        """Return of each process the definition by which a case of that day begins; no models."""
        rows = conn.execute(sql.definitions_in_force, {"tenant": tenant, "day": on}).fetchall()
        found = [Deployed(*row) for row in rows]
        for held in found:
            self._check(tenant, held)
        return found

    def get(self, conn: Connection, tenant: Tenant, hash_: str) -> bpmn.Definition:
        """Return a model; DefinitionAltered if it is not what was deployed."""
        key = tenant, hash_
        found = self._read.get(key)
        if found is None:
            held = by_hash(conn, tenant, hash_)
            self._check(tenant, held)
            found = bpmn.read(bytes(held.model or b""), held.file)
            if found.hash != hash_:
                raise DefinitionAltered(hash=hash_[:12])
            self._read[key] = found
        self._read.move_to_end(key)
        while len(self._read) > MOST:
            self._read.popitem(last=False)
        return found

    def _check(self, tenant: Tenant, held: Deployed) -> None:
        """Raise DefinitionUnsigned where what stands in the table is not what was signed."""
        keys = [audit.Verifier(key_name(tenant), one.public) for one in self._trusted]
        days = held.valid_from, held.valid_until
        by, at = held.deployed_by, held.deployed_at
        text = _text(tenant, held.hash, held.process, held.version, days, by, at)
        try:
            signed, _ = audit.open_note(held.note, keys)
        except (audit.NoteForged, audit.NoteMalformed, audit.KeyUnknown):
            signed = ""
        if signed != text:
            raise DefinitionUnsigned(hash=held.hash[:12])
