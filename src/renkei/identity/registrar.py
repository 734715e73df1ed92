"""The registrar's persons (付番機関): the only place where a number meets what codes come from."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from renkei.identity.errors import LengthWrong, NumberMalformed
from renkei.identity.group import framed
from renkei.identity.issuance import Pid
from renkei.identity.seal import Seal
from renkei.kit import Connection, Tenant, personal_number_ok, queries

TABLE = "identity_person"

sql = queries("renkei.identity")


@dataclass(frozen=True, slots=True)
class RegistrarSecrets:
    """The key of the number index and the sealing key; both stay outside the database."""

    index: bytes = field(repr=False)
    seal: Seal

    def __post_init__(self) -> None:
        if len(self.index) != 32:
            raise LengthWrong(what="index key", length=len(self.index), wanted=32)

    def find(self, tenant: Tenant, number: str) -> bytes:
        """Return what a number is found under: useless to whoever lacks the index key."""
        return hmac.digest(self.index, f"PFC1-number {tenant} {number}".encode(), hashlib.sha256)

    def mark(self, tenant: Tenant, what: str, *parts: bytes) -> bytes:
        """Return a keyed hash by which something is known again that must not be read."""
        about = framed(b"PFC1-mark", tenant.encode(), what.encode(), *parts)
        return hmac.digest(self.index, about, hashlib.sha256)

    def close(self, tenant: Tenant, number: str, pid: Pid) -> dict[str, bytes]:
        """Return the sealed columns of a number's row."""
        index, town = self.find(tenant, number), tenant.encode()
        return {
            "index": index,
            "number": self.seal.close(number.encode(), TABLE, town, b"number", index),
            "pid": self.close_pid(tenant, index, pid),
        }

    def close_pid(self, tenant: Tenant, index: bytes, pid: Pid) -> bytes:
        """Seal a pid for the row of a number."""
        return self.seal.close(pid.encoded, TABLE, tenant.encode(), b"pid", index)

    def open_pid(self, tenant: Tenant, index: bytes, sealed: bytes) -> Pid:
        """Open the pid of a number's row."""
        return Pid.parse(self.seal.open(sealed, TABLE, tenant.encode(), b"pid", index))

    def open_number(self, tenant: Tenant, index: bytes, sealed: bytes) -> str:
        """Open the number of a row."""
        return self.seal.open(sealed, TABLE, tenant.encode(), b"number", index).decode()


def pids_for(
    conn: Connection,
    tenant: Tenant,
    numbers: Sequence[str],
    *,
    organisation: Tenant,
    secrets: RegistrarSecrets,
) -> list[Pid | None]:
    """Return each number's pid in order, None for one not in use, and note who will hold the codes.

    Nothing is made here: a number that was never issued or taken in, or was closed, is nobody's.
    """
    if not all(personal_number_ok(number) for number in numbers):
        raise NumberMalformed
    indices = [secrets.find(tenant, number) for number in numbers]
    rows = conn.execute(sql.persons_kept, {"tenant": tenant, "indices": indices}).fetchall()
    pids = {
        bytes(index): secrets.open_pid(tenant, bytes(index), sealed) for index, sealed, _ in rows
    }
    persons = [person for *_, person in rows]
    conn.execute(sql.hold, {"tenant": tenant, "organisation": organisation, "persons": persons})
    return [pids.get(index) for index in indices]


def are_unknown(
    conn: Connection, tenant: Tenant, numbers: Sequence[str], *, secrets: RegistrarSecrets
) -> bool:
    """Tell whether none of the numbers was ever anybody's here."""
    indices = [secrets.find(tenant, number) for number in numbers]
    return not conn.execute(sql.standing, {"tenant": tenant, "indices": indices}).fetchall()


def pids_of(
    conn: Connection, tenant: Tenant, numbers: Sequence[str], *, secrets: RegistrarSecrets
) -> list[Pid | None]:
    """Return each number's pid in order, None for a number that is not in use."""
    indices = [secrets.find(tenant, number) for number in numbers]
    pids = {
        bytes(index): secrets.open_pid(tenant, bytes(index), sealed)
        for index, sealed in conn.execute(sql.pids, {"tenant": tenant, "indices": indices})
    }
    return [pids.get(index) for index in indices]
