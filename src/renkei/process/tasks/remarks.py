"""What people write about a case. The text is a row that can be erased; the event has its digest.

An event stays for ever, a person's data must not. The digest is over a salt that goes with the row,
so that nobody finds out a short text by trying.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from renkei import kit
from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.bpmn import Happened
from renkei.process.cases.open_history import OpenHistory
from renkei.process.tasks.errors import EraseNotYours, RemarkUnfit, RemarkUnknown
from renkei.process.tasks.task import Doer, Locked, Ref

sql = queries("renkei.process")

LONGEST = 4_000
SALT = 16


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment."""

    id: UUID
    element: str
    said: str
    said_by: str
    said_at: datetime


def salted(salt: bytes, content: bytes) -> str:
    """Return the digest of a content as events have it."""
    return sha256(salt + content).hexdigest()


def comment(
    conn: Connection, tenant: Tenant, ref: Ref, said: str, *, doer: Doer, at: datetime
) -> Remark:
    """Write something about a task, and so about its case."""
    held = Locked(conn, tenant, ref)
    held.task.check_may_see(doer)
    return keep_remark(held, said, by=doer.actor, at=at)


def keep_remark(held: Locked, said: str, *, by: str, at: datetime) -> Remark:
    """Keep a text with the case of a task, and tell of it in the history."""
    text = said.replace("\r\n", "\n").strip()
    if not 0 < len(text) <= LONGEST or any(is_unseen(letter) for letter in text):
        raise RemarkUnfit(most=LONGEST)
    salt = kit.random_bytes(SALT)
    remark = Remark(UUID(kit.timed_number()), held.task.element, text, by, at)
    about = {"id": str(remark.id), "digest": salted(salt, text.encode())}
    held.record(Happened.REMARKED, dict(about), actor=by, at=at)
    kept = {"id": remark.id, "element": remark.element, "said": text, "salt": salt}
    held.conn.execute(sql.keep_comment, {**held.named, **kept, "by": by, "at": at})
    return remark


def comments(conn: Connection, tenant: Tenant, case: UUID) -> list[Remark]:
    """Return what was written about a case, in order."""
    return [Remark(*row) for row in conn.execute(sql.comments, {"tenant": tenant, "case_id": case})]


def erase(
    conn: Connection, tenant: Tenant, id_: UUID, *, doer: Doer, basis: str, at: datetime
) -> None:
    """Erase the text of a comment, or a file; that it was there, and who erased it, stays.

    Who put it there may, and a manager.
    """
    asked = {"tenant": tenant, "id": id_}
    row = (
        conn.execute(sql.drop_comment, asked).fetchone()
        or conn.execute(sql.drop_attachment, asked).fetchone()
    )
    if row is None:
        raise RemarkUnknown
    case, element, by = row
    if not (doer.is_manager or doer.is_same(by)):
        raise EraseNotYours
    event = bpmn.Event(Happened.ERASED, element, 0, {"id": str(id_)})
    OpenHistory(conn, tenant, case).append(event, actor=doer.actor, basis=basis, at=at)


def is_unseen(letter: str) -> bool:
    """Tell whether a letter is not seen, and could turn what is read around."""
    return letter not in "\n\t" and unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
