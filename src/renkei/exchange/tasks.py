"""Tasks: questions nobody waits for (非同期), asked later, their answers kept to be fetched.

A unit hands its question over and gets a number (処理通番); the same message again is the same
task. Whoever works claims tasks by priority, in turn of the clients, so that no client's thousand
stand before another's one. A worker that dies loses its lease and another asks again. Questions and
answers are sealed where they wait.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from renkei.exchange.addresses import Client
from renkei.exchange.errors import RequestIdReused
from renkei.identity import Seal
from renkei.kit import Connection, Tenant, queries

sql = queries("renkei.exchange")

TABLE = "exchange_task"
PRIORITIES = range(8)
USUAL = 3
"""The urgency of RFC 9218: 0 goes first, 3 is the usual one."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A task as its client is told of it."""

    number: UUID
    accepted_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """A task that is ours to work on until the lease ends; `tries` counts this time too."""

    number: UUID
    client: str
    question: bytes = field(repr=False)
    tries: int
    lease: UUID
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Handed:
    """A question handed over among others; `same` is what tells it from another one."""

    request_id: str
    question: bytes = field(repr=False)
    same: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TaskState:
    """How a task stands; the answer, once it has ended."""

    accepted_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    answer: bytes | None = field(repr=False)


def accept(
    conn: Connection,
    tenant: Tenant,
    client: Client,
    request_id: str,
    question: bytes,
    *,
    at: datetime,
    expires_at: datetime,
    seal: Seal,
    priority: int = USUAL,
    same: bytes | None = None,
) -> Accepted:
    """Take a question to be asked later; another one under a used id raises `RequestIdReused`.

    `same` is what tells one question from another, where the question holds more than that.
    """
    number, name = uuid4(), client.render()
    digest = hashlib.sha256(question if same is None else same).digest()
    asked = {
        "tenant": tenant,
        "number": number,
        "client": name,
        "request_id": request_id,
        "digest": digest,
        "priority": priority,
        "question": _close(seal, question, tenant, number, "question"),
        "at": at,
        "expires_at": expires_at,
    }
    if conn.execute(sql.accept_task, asked).rowcount:
        return Accepted(number, at, expires_at)
    row = conn.execute(sql.accepted_task, asked).fetchone()
    if row is None or bytes(row[1]) != digest:
        raise RequestIdReused
    return Accepted(row[0], row[2], row[3])


def accept_all(
    conn: Connection,
    tenant: Tenant,
    client: Client,
    handed: Sequence[Handed],
    *,
    at: datetime,
    expires_at: datetime,
    seal: Seal,
    priority: int = USUAL,
) -> list[UUID | None]:
    """Take many questions at once and return their numbers; None for one under a used id."""
    numbers = [uuid4() for _ in handed]
    digests = [hashlib.sha256(one.same).digest() for one in handed]
    asked = {
        "tenant": tenant,
        "client": client.render(),
        "numbers": numbers,
        "request_ids": [one.request_id for one in handed],
        "digests": digests,
        "priority": priority,
        "questions": [
            _close(seal, one.question, tenant, number, "question")
            for one, number in zip(handed, numbers, strict=True)
        ],
        "at": at,
        "expires_at": expires_at,
    }
    conn.execute(sql.accept_tasks, asked)
    rows = conn.execute(sql.accepted_tasks, asked).fetchall()
    return [
        number if bytes(known) == digest else None
        for (number, known), digest in zip(rows, digests, strict=True)
    ]


def claim(
    conn: Connection, tenant: Tenant, *, at: datetime, until: datetime, most: int, seal: Seal
) -> list[Task]:
    """Claim the next tasks, the most urgent first, of each client in turn."""
    lease = uuid4()
    asked = {"tenant": tenant, "lease": lease, "at": at, "until": until, "most": most}
    rows = conn.execute(sql.claim_tasks, asked).fetchall()
    return [
        Task(number, client, _open(seal, sealed, tenant, number, "question"), tries, lease, since)
        for number, client, sealed, tries, _, since in sorted(rows, key=lambda row: row[4:])
    ]


def end(
    conn: Connection, tenant: Tenant, task: Task, answer: bytes, *, at: datetime, seal: Seal
) -> bool:
    """Keep the answer of a task; False if the lease was lost and somebody else works on it."""
    sealed = _close(seal, answer, tenant, task.number, "answer")
    asked = {
        "tenant": tenant,
        "number": task.number,
        "lease": task.lease,
        "answer": sealed,
        "at": at,
    }
    return conn.execute(sql.end_task, asked).rowcount == 1


def postpone(conn: Connection, tenant: Tenant, task: Task, *, not_before: datetime) -> None:
    """Give a task back; it is tried again at a later time."""
    asked = {
        "tenant": tenant,
        "number": task.number,
        "lease": task.lease,
        "not_before": not_before,
    }
    conn.execute(sql.postpone_task, asked)


def find(
    conn: Connection, tenant: Tenant, client: Client, number: UUID, *, seal: Seal
) -> TaskState | None:
    """Return how a task of this client stands; of anybody else's there is none."""
    asked = {"tenant": tenant, "client": client.render(), "number": number}
    row = conn.execute(sql.task, asked).fetchone()
    if row is None:
        return None
    accepted_at, expires_at, ended_at, sealed, _ = row
    answer = None if sealed is None else _open(seal, sealed, tenant, number, "answer")
    return TaskState(accepted_at, expires_at, ended_at, answer)


def waiting(conn: Connection, tenant: Tenant, *, at: datetime) -> int:
    """Return how many tasks have no answer yet and did not expire."""
    row = conn.execute(sql.waiting_tasks, {"tenant": tenant, "at": at}).fetchone()
    return int(row[0]) if row else 0


def forget(conn: Connection, tenant: Tenant, *, before: datetime) -> int:
    """Delete the tasks that expired before a time, not those of a file; return how many."""
    return conn.execute(sql.forget_tasks, {"tenant": tenant, "before": before}).rowcount


def _close(seal: Seal, plain: bytes, tenant: Tenant, number: UUID, part: str) -> bytes:
    return seal.close(plain, TABLE, tenant.encode(), number.bytes, part.encode())


def open_answer(seal: Seal, sealed: bytes, tenant: Tenant, number: UUID) -> bytes:
    """Open the kept answer of a task."""
    return _open(seal, sealed, tenant, number, "answer")


def _open(seal: Seal, sealed: bytes, tenant: Tenant, number: UUID, part: str) -> bytes:
    return seal.open(bytes(sealed), TABLE, tenant.encode(), number.bytes, part.encode())
