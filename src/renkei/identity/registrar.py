"""The registrar's persons (付番機関): the only place where a number meets what codes come from."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from renkei.identity.errors import LengthWrong, NumberMalformed
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


def register(
    conn: Connection,
    tenant: Tenant,
    numbers: Sequence[str],
    *,
    secrets: RegistrarSecrets,
    at: datetime,
) -> list[Pid]:
    """Return each number's pid in order, drawing one for every number not yet registered."""
    if not all(personal_number_ok(number) for number in numbers):
        raise NumberMalformed
    indices = [secrets.find(tenant, number) for number in numbers]
    town = tenant.encode()
    conn.execute(
        sql.register,
        {
            "tenant": tenant,
            "at": at,
            "indices": indices,
            "numbers": [
                secrets.seal.close(number.encode(), TABLE, town, b"number", index)
                for number, index in zip(numbers, indices, strict=True)
            ],
            "pids": [
                secrets.seal.close(Pid.random().encoded, TABLE, town, b"pid", index)
                for index in indices
            ],
        },
    )
    found = _found(conn, tenant, indices, secrets)
    return [found[index] for index in indices]


def pids_of(
    conn: Connection, tenant: Tenant, numbers: Sequence[str], *, secrets: RegistrarSecrets
) -> list[Pid | None]:
    """Return each number's pid in order, None for a number not registered."""
    indices = [secrets.find(tenant, number) for number in numbers]
    found = _found(conn, tenant, indices, secrets)
    return [found.get(index) for index in indices]


def renumber(
    conn: Connection, tenant: Tenant, old: str, new: str, *, secrets: RegistrarSecrets
) -> bool:
    """Give a person a new number; the pid stays, and so does every linkage code.

    False: the old number is not registered, or the new one is taken; nothing was changed.
    """
    if not personal_number_ok(new):
        raise NumberMalformed
    (pid,) = pids_of(conn, tenant, [old], secrets=secrets)
    if pid is None:
        return False
    index, town = secrets.find(tenant, new), tenant.encode()
    changed = conn.execute(
        sql.renumber,
        {
            "tenant": tenant,
            "old": secrets.find(tenant, old),
            "new": index,
            "number": secrets.seal.close(new.encode(), TABLE, town, b"number", index),
            "pid": secrets.seal.close(pid.encoded, TABLE, town, b"pid", index),
        },
    )
    return changed.rowcount == 1


def _found(
    conn: Connection, tenant: Tenant, indices: Sequence[bytes], secrets: RegistrarSecrets
) -> dict[bytes, Pid]:
    rows = conn.execute(sql.persons, {"tenant": tenant, "indices": indices})
    return {
        index: Pid.parse(secrets.seal.open(sealed, TABLE, tenant.encode(), b"pid", index))
        for index, sealed in rows
    }
