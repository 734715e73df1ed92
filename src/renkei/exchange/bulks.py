"""Inquiries about many persons (一括照会) as they wait: one list in parts, each asked and kept.

A unit hands a list over and gets a number (処理通番); the same message again is the same inquiry.
Whoever works claims one part at a time, of the inquiry served longest ago, so that no list of
thousands stands before another one. A worker that dies loses its lease and another asks again.
What is asked, the list and the answers are sealed where they wait.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from renkei.exchange.addresses import Client
from renkei.exchange.errors import RequestIdReused
from renkei.exchange.replay import first_use
from renkei.exchange.tasks import Accepted
from renkei.identity import Seal
from renkei.kit import Connection, Tenant, queries

sql = queries("renkei.exchange")

TABLE = "exchange_bulk"
SHOWN = 1_000


@dataclass(frozen=True, slots=True)
class Handed:
    """Some persons of a list, as they are kept until they are asked about."""

    persons: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class BulkPart:
    """A part that is ours to work on until the lease ends; `tries` counts this time too."""

    number: UUID
    part: int
    persons: int
    client: str
    question: bytes = field(repr=False)
    content: bytes = field(repr=False)
    tries: int
    lease: UUID
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class BulkState:
    """How an inquiry stands: about how many persons it is, and how many have an answer."""

    number: UUID
    client: str
    persons: int
    answered: int
    accepted_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    """When the last answer came that there is; None where there is none yet."""
    tries: int

    @property
    def is_whole(self) -> bool:
        """Tell whether every part has its answer."""
        return self.answered == self.persons

    def is_over(self, at: datetime) -> bool:
        """Tell whether nothing of it is asked any more."""
        return self.is_whole or self.expires_at <= at


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A part as it was handed over, and its answer once there is one."""

    content: bytes = field(repr=False)
    answer: bytes | None = field(repr=False)


def accept(
    conn: Connection,
    tenant: Tenant,
    client: Client,
    request_id: str,
    question: bytes,
    parts: Sequence[Handed],
    *,
    at: datetime,
    expires_at: datetime,
    seal: Seal,
) -> Accepted:
    """Keep a list to be asked about; another one under a used id raises `RequestIdReused`."""
    number, name = uuid4(), client.render()
    digest = hashlib.sha256(question)
    for one in parts:
        digest.update(hashlib.sha256(one.content).digest())
    asked = {
        "tenant": tenant,
        "number": number,
        "client": name,
        "request_id": request_id,
        "digest": digest.digest(),
        "question": _close(seal, question, tenant, number, "question"),
        "persons": sum(one.persons for one in parts),
        "at": at,
        "expires_at": expires_at,
    }
    if conn.execute(sql.accept_bulk, asked).rowcount:
        first_use(conn, tenant, client, request_id, at=at)
        lists = [
            _close(seal, one.content, tenant, number, f"list/{part}")
            for part, one in enumerate(parts, 1)
        ]
        given = {"persons": [one.persons for one in parts], "lists": lists}
        conn.execute(sql.add_bulk_parts, {**asked, **given})
        return Accepted(number, at, expires_at)
    row = conn.execute(sql.accepted_bulk, asked).fetchone()
    if row is None or bytes(row[1]) != digest.digest():
        raise RequestIdReused
    return Accepted(row[0], row[2], row[3])


def claim(
    conn: Connection, tenant: Tenant, *, at: datetime, until: datetime, seal: Seal
) -> BulkPart | None:
    """Claim the next part, of the inquiry served longest ago; None where nothing waits."""
    lease = uuid4()
    asked = {"tenant": tenant, "lease": lease, "at": at, "until": until}
    row = conn.execute(sql.claim_bulk, asked).fetchone()
    if row is None:
        return None
    number, part, persons, content, tries = row
    served = conn.execute(sql.served_bulk, {**asked, "number": number}).fetchone()
    assert served is not None  # noqa: S101  # a part has its inquiry: a foreign key says so
    client, question, accepted_at = served
    return BulkPart(
        number,
        part,
        persons,
        client,
        _open(seal, question, tenant, number, "question"),
        _open(seal, content, tenant, number, f"list/{part}"),
        tries,
        lease,
        accepted_at,
    )


def renew(conn: Connection, tenant: Tenant, part: BulkPart, *, until: datetime) -> bool:
    """Hold a part longer; False if the lease was lost."""
    return conn.execute(sql.renew_bulk, _of(tenant, part) | {"until": until}).rowcount == 1


def end(
    conn: Connection, tenant: Tenant, part: BulkPart, answer: bytes, *, at: datetime, seal: Seal
) -> bool:
    """Keep the answer of a part; False if the lease was lost and somebody else works on it."""
    sealed = _close(seal, answer, tenant, part.number, f"answer/{part.part}")
    asked = _of(tenant, part) | {"answer": sealed, "at": at}
    return conn.execute(sql.end_bulk_part, asked).rowcount == 1


def postpone(conn: Connection, tenant: Tenant, part: BulkPart, *, not_before: datetime) -> None:
    """Give a part back; it is tried again at a later time."""
    conn.execute(sql.postpone_bulk, _of(tenant, part) | {"not_before": not_before})


def states(
    conn: Connection,
    tenant: Tenant,
    *,
    number: UUID | None = None,
    client: Client | None = None,
) -> list[BulkState]:
    """Return how the inquiries stand, the newest first; or one of a number, of a client."""
    name = None if client is None else client.render()
    asked = {"tenant": tenant, "number": number, "client": name, "most": SHOWN}
    return [
        BulkState(one, who, persons, answered, accepted_at, expires_at, ended_at, tries or 0)
        for one, who, persons, accepted_at, expires_at, answered, ended_at, tries in conn.execute(
            sql.bulks, asked
        )
    ]


def kept(
    conn: Connection, tenant: Tenant, number: UUID, *, seal: Seal
) -> tuple[bytes, list[KeptPart]]:
    """Return what was asked, and every part in its order."""
    rows = conn.execute(sql.bulk_parts, {"tenant": tenant, "number": number}).fetchall()
    question = _open(seal, rows[0][0], tenant, number, "question")
    return question, [
        KeptPart(
            _open(seal, content, tenant, number, f"list/{part}"),
            None if answer is None else _open(seal, answer, tenant, number, f"answer/{part}"),
        )
        for _, part, content, answer in rows
    ]


def forget(conn: Connection, tenant: Tenant, *, before: datetime) -> int:
    """Delete what expired and was answered before a time; return how many."""
    return conn.execute(sql.forget_bulks, {"tenant": tenant, "before": before}).rowcount


def _of(tenant: Tenant, part: BulkPart) -> dict[str, object]:
    return {
        "tenant": tenant,
        "number": part.number,
        "part": part.part,
        "lease": part.lease,
    }


def _close(seal: Seal, plain: bytes, tenant: Tenant, number: UUID, part: str) -> bytes:
    return seal.close(plain, TABLE, tenant.encode(), number.bytes, part.encode())


def _open(seal: Seal, sealed: bytes, tenant: Tenant, number: UUID, part: str) -> bytes:
    return seal.open(bytes(sealed), TABLE, tenant.encode(), number.bytes, part.encode())
