"""Definitions kept: which model a process runs by, from which day, and the models read once."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime

from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.cases.errors import DefinitionAltered, ProcessNotInForce

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
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawn_why: str | None


def deploy(
    conn: Connection,
    tenant: Tenant,
    definition: bpmn.Definition,
    *,
    valid_from: date,
    valid_until: date | None = None,
    by: str,
    at: datetime,
) -> Deployed:
    """Keep a model as the next version of its process; the same again is the one that is there."""
    conn.execute(sql.lock_definitions, {"tenant": tenant})
    main = definition.main
    kept = {
        "tenant": tenant,
        "hash": definition.hash,
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
    return by_hash(conn, tenant, definition.hash)


def by_hash(conn: Connection, tenant: Tenant, hash_: str) -> Deployed:
    """Return a definition by its hash."""
    row = conn.execute(sql.definition, {"tenant": tenant, "hash": hash_}).fetchone()
    if row is None:
        raise ProcessNotInForce(process=hash_[:12], day="–")
    return Deployed(*row)


def in_force(conn: Connection, tenant: Tenant, process: str, *, on: date) -> Deployed:
    """Return the definition by which a case of that day begins."""
    asked = {"tenant": tenant, "process": process, "day": on}
    row = conn.execute(sql.definition_on, asked).fetchone()
    if row is None:
        raise ProcessNotInForce(process=process, day=on.isoformat())
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
    """The models a program has read, the latest used kept. A definition never changes."""

    def __init__(self) -> None:
        """Begin empty."""
        self._read: OrderedDict[tuple[Tenant, str], bpmn.Definition] = OrderedDict()

    def get(self, conn: Connection, tenant: Tenant, hash_: str) -> bpmn.Definition:
        """Return a model; DefinitionAltered if it is not what was deployed."""
        key = tenant, hash_
        found = self._read.get(key)
        if found is None:
            held = by_hash(conn, tenant, hash_)
            found = bpmn.read(bytes(held.model or b""), held.file)
            if found.hash != hash_:
                raise DefinitionAltered(hash=hash_[:12])
            self._read[key] = found
        self._read.move_to_end(key)
        while len(self._read) > MOST:
            self._read.popitem(last=False)
        return found
