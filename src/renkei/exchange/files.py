"""Files of questions (ファイル連携): each is accepted whole or not at all, and answered once.

The questions of a file are tasks, so that asking, asking again, expiry and answers are theirs. Here
stands which tasks a file is, and what is needed to write its answer: the same every time it is
written, since what has ended or expired does not change any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from renkei.exchange import tasks
from renkei.exchange.addresses import Client
from renkei.exchange.errors import FileIdReused, FileMessagesReused, FileUnknown
from renkei.identity import Seal
from renkei.kit import Connection, Tenant, queries

sql = queries("renkei.exchange")

TABLE = "exchange_file"
SHOWN = 10  # lines an error names


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as its client is told of it."""

    digest: bytes
    accepted_at: datetime
    expires_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class EndedFile:
    """A file of which every question has ended or expired."""

    client: str
    id: str
    folder: str


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """How one question of a file ended, and when; without an answer it expired."""

    number: UUID
    ended_at: datetime
    answer: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class FileProgress:
    """How far a file is, for those who run the node."""

    client: str
    id: str
    place: str
    folder: str
    lines: int
    ended: int
    expired: int
    accepted_at: datetime
    expires_at: datetime
    answered_at: datetime | None


def accept(
    conn: Connection,
    tenant: Tenant,
    client: Client,
    id_: str,
    handed: Sequence[tasks.Handed],
    *,
    digest: bytes,
    place: str,
    folder: str,
    content: bytes,
    at: datetime,
    expires_at: datetime,
    seal: Seal,
    priority: int,
) -> FileState:
    """Take a file with its questions; what cannot be taken whole raises, and nothing is taken."""
    context = (tenant.encode(), client.render().encode(), id_.encode())
    asked = {
        "tenant": tenant,
        "client": client.render(),
        "id": id_,
        "digest": digest,
        "place": place,
        "folder": folder,
        "content": seal.close(content, TABLE, *context),
        "lines": len(handed),
        "at": at,
        "expires_at": expires_at,
    }
    if not conn.execute(sql.accept_file, asked).rowcount:
        known = find(conn, tenant, client, id_)
        if known is None or known.digest != digest:
            raise FileIdReused(id=id_)
        return known
    numbers = tasks.accept_all(
        conn, tenant, client, handed, at=at, expires_at=expires_at, seal=seal, priority=priority
    )
    used = [line for line, number in enumerate(numbers, 1) if number is None]
    if used:
        raise FileMessagesReused(count=len(used), lines=", ".join(map(str, used[:SHOWN])))
    conn.execute(sql.add_file_lines, asked | {"numbers": numbers})
    return FileState(digest, at, expires_at, None)


def find(conn: Connection, tenant: Tenant, client: Client, id_: str) -> FileState | None:
    """Return how a file of this client stands, if it was accepted."""
    asked = {"tenant": tenant, "client": client.render(), "id": id_}
    row = conn.execute(sql.file, asked).fetchone()
    return None if row is None else FileState(bytes(row[0]), *row[1:])


def ended(conn: Connection, tenant: Tenant, place: str, *, at: datetime) -> list[EndedFile]:
    """Return the files whose answers can be written: nothing of them can change any more."""
    asked = {"tenant": tenant, "place": place, "at": at}
    return [EndedFile(*row) for row in conn.execute(sql.ended_files, asked).fetchall()]


def content(conn: Connection, tenant: Tenant, file: EndedFile, *, seal: Seal) -> bytes:
    """Return what stood in a file."""
    asked = {"tenant": tenant, "client": file.client, "id": file.id}
    row = conn.execute(sql.file_content, asked).fetchone()
    if row is None:
        raise FileUnknown(id=file.id)
    context = (tenant.encode(), file.client.encode(), file.id.encode())
    return seal.open(bytes(row[0]), TABLE, *context)


def answers(conn: Connection, tenant: Tenant, file: EndedFile, *, seal: Seal) -> list[LineAnswer]:
    """Return how each question of a file ended, in their order."""
    asked = {"tenant": tenant, "client": file.client, "id": file.id}
    return [
        LineAnswer(
            number, at, None if sealed is None else tasks.open_answer(seal, sealed, tenant, number)
        )
        for number, at, sealed in conn.execute(sql.file_answers, asked).fetchall()
    ]


def set_answered(
    conn: Connection, tenant: Tenant, client: str, id_: str, *, at: datetime | None
) -> None:
    """Note that the answer of a file was written; None: that it is to be written again."""
    conn.execute(sql.set_file_answered, {"tenant": tenant, "client": client, "id": id_, "at": at})


def progress(
    conn: Connection, tenant: Tenant, *, at: datetime, most: int = 1000
) -> list[FileProgress]:
    """Return how far the files are, the newest first."""
    rows = conn.execute(sql.files, {"tenant": tenant, "at": at, "most": most}).fetchall()
    return [FileProgress(*row) for row in rows]


def forget(conn: Connection, tenant: Tenant, *, before: datetime) -> int:
    """Delete files that expired and were answered before a time; return how many."""
    return conn.execute(sql.forget_files, {"tenant": tenant, "before": before}).rowcount
