"""The register of letters (往復簿): what went to partners, what came, and how it stands with it."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from renkei.kit import Connection, Tenant, queries
from renkei.process.partners.letters import Letter, Receipt

sql = queries("renkei.process")

Direction = Literal["in", "out"]
MOST = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """One letter as the register has it.

    `fate` is where it is now: of one that came as we know it, of one that left as the partner last
    told it. `case` is that from which it left or to which it went.
    """

    partner: str
    direction: Direction
    id: str
    name: str
    collaboration: str
    procedure: str
    case: UUID | None
    element: str
    counters: str
    digest: bytes
    body: bytes | None
    at: datetime
    reply_by: datetime | None
    expires_at: datetime
    answer: str
    reason: str
    fate: str
    told_at: datetime | None
    settled_by: str
    settled_why: str
    trouble: str

    @property
    def is_dead(self) -> bool:
        """Tell whether it came, reached no case, and waits for a person."""
        return (
            self.direction == "in"
            and not self.settled_by
            and self.fate in ("late", "expired", "refused")
            and self.answer == "taken"
        )


def digest_of(body: bytes) -> bytes:
    """Return by what two letters under one number are told apart."""
    return sha256(body).digest()


def keep(
    conn: Connection,
    tenant: Tenant,
    letter: Letter,
    body: bytes,
    *,
    direction: Direction,
    at: datetime,
    answer: str = "",
    reason: str = "",
    case: UUID | None = None,
    element: str = "",
) -> None:
    """Enter a letter; of one that leaves its bytes are kept until it is answered."""
    kept = {
        "tenant": tenant,
        "partner": letter.receiver if direction == "out" else letter.sender,
        "direction": direction,
        "id": letter.id,
        "name": letter.name,
        "collaboration": letter.collaboration,
        "procedure_id": letter.procedure,
        "case_id": case,
        "element": element,
        "counters": letter.counters,
        "digest": digest_of(body),
        "body": body if direction == "out" else None,
        "at": at,
        "reply_by": letter.reply_by,
        "expires_at": letter.expires_at,
        "answer": answer,
        "reason": reason,
    }
    conn.execute(sql.keep_letter, kept)


def one(
    conn: Connection, tenant: Tenant, partner: str, id_: str, direction: Direction
) -> Kept | None:
    """Return a letter by its number."""
    asked = {"tenant": tenant, "partner": partner, "id": id_, "direction": direction}
    row = conn.execute(sql.letter, asked).fetchone()
    return None if row is None else _read(row)


def letters(
    conn: Connection,
    tenant: Tenant,
    *,
    partner: str = "",
    id_: str = "",
    procedure: str = "",
    most: int = MOST,
) -> list[Kept]:
    """Return letters, the newest first: all, of a partner, of a procedure."""
    asked = {
        "tenant": tenant,
        "partner": partner,
        "id": id_,
        "procedure_id": procedure,
        "most": most,
    }
    return [_read(row) for row in conn.execute(sql.letters, asked)]


def of_case(conn: Connection, tenant: Tenant, case: UUID, *, most: int = MOST) -> list[Kept]:
    """Return the letters of the procedures of a case, the newest first."""
    asked = {"tenant": tenant, "case_id": case, "most": most}
    return [_read(row) for row in conn.execute(sql.letters_of_case, asked)]


def dead(conn: Connection, tenant: Tenant, *, most: int = MOST) -> list[Kept]:
    """Return the letters that reached no case and wait for a person, the newest first."""
    asked = {"tenant": tenant, "most": most}
    return [_read(row) for row in conn.execute(sql.dead_letters, asked)]


def answered(
    conn: Connection, tenant: Tenant, partner: str, receipt: Receipt, *, at: datetime
) -> None:
    """Note what a partner answered to a letter."""
    said = {
        "tenant": tenant,
        "partner": partner,
        "id": receipt.id,
        "answer": "taken" if receipt.taken else "refused",
        "reason": receipt.reason,
        "told": receipt.fate,
        "at": at,
        "is_over": not receipt.taken or receipt.fate in ("delivered", "started"),
    }
    conn.execute(sql.answer_letter, said)


def to_ask(
    conn: Connection, tenant: Tenant, *, at: datetime, before: datetime, most: int
) -> list[tuple[str, str, bytes]]:
    """Return letters that were taken, and of which we lately heard that they wait for their case.

    Partner, number and bytes of each: sent again they tell how it stands, and have no effect.
    """
    asked = {"tenant": tenant, "at": at, "before": before, "most": most}
    rows = conn.execute(sql.claim_to_ask, asked).fetchall()
    return [(partner, id_, bytes(body)) for partner, id_, body in rows]


def last_named(conn: Connection, tenant: Tenant, partner: str, procedure: str, name: str) -> str:
    """Return the number of the last letter of a type that we wrote in a procedure, or nothing."""
    asked = {"tenant": tenant, "partner": partner, "procedure_id": procedure, "name": name}
    row = conn.execute(sql.last_letter_named, asked).fetchone()
    return "" if row is None else str(row[0])


def countering(conn: Connection, tenant: Tenant, letter: Letter) -> str:
    """Return the number of one that came before and takes a letter back, or nothing."""
    asked = {
        "tenant": tenant,
        "partner": letter.sender,
        "id": letter.id,
        "procedure_id": letter.procedure,
    }
    row = conn.execute(sql.countering, asked).fetchone()
    return "" if row is None else str(row[0])


def _read(row: tuple[Any, ...]) -> Kept:
    partner, direction, id_, name, collaboration, procedure, case, *more = row
    element, counters, digest, body, at, reply_by, expires_at, answer, reason, *rest = more
    told, told_at, settled_by, settled_why, fate, inbox_case, trouble = rest
    return Kept(
        partner,
        direction,
        id_,
        name,
        collaboration,
        procedure,
        inbox_case or case,
        element,
        counters,
        bytes(digest),
        None if body is None else bytes(body),
        at,
        reply_by,
        expires_at,
        answer,
        reason,
        fate or told,
        told_at,
        settled_by or "",
        settled_why or "",
        trouble or "",
    )
