"""Files that people put with a case. Of what kind one is, its content says, not its name.

A file is kept as it came, and given out as a download only: no browser shows it as a page of ours.
"""

import unicodedata
import zipfile
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from uuid import UUID

from renkei import kit
from renkei.kit import Connection, Tenant, queries
from renkei.process.bpmn import Happened
from renkei.process.tasks.errors import (
    AttachmentNameUnfit,
    AttachmentsTooMany,
    AttachmentTooLarge,
    AttachmentUnfit,
    RemarkUnknown,
)
from renkei.process.tasks.remarks import SALT, is_unseen, salted
from renkei.process.tasks.task import Doer, Locked, Ref

sql = queries("renkei.process")

LARGEST = 10 << 20
MOST = 100
LONGEST_NAME = 120
OFFICE = "application/vnd.openxmlformats-officedocument."
PLAIN = "text/plain"
SUFFIXES = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    f"{OFFICE}wordprocessingml.document": (".docx",),
    f"{OFFICE}spreadsheetml.sheet": (".xlsx",),
    PLAIN: (".txt", ".csv", ".tsv"),
}
"""The kinds that are kept, and how their names end; a name that ends otherwise gets the first."""
BEGINNINGS = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
MAIN_PARTS = {
    "word/document.xml": f"{OFFICE}wordprocessingml.document",
    "xl/workbook.xml": f"{OFFICE}spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file with a case, without its content."""

    id: UUID
    element: str
    name: str
    media: str
    size: int
    attached_by: str
    attached_at: datetime


def attach(
    conn: Connection,
    tenant: Tenant,
    ref: Ref,
    name: str,
    content: bytes,
    *,
    doer: Doer,
    at: datetime,
) -> Attachment:
    """Put a file with the case of a task."""
    held = Locked(conn, tenant, ref)
    held.task.check_may_see(doer)
    if len(content) > LARGEST:
        raise AttachmentTooLarge(mebibytes=LARGEST >> 20)
    if len(attachments(conn, tenant, ref.case)) >= MOST:
        raise AttachmentsTooMany(most=MOST)
    media = media_of(content)
    made = Attachment(
        UUID(kit.timed_number()),
        held.task.element,
        clean_name(name, media),
        media,
        len(content),
        doer.actor,
        at,
    )
    salt = kit.random_bytes(SALT)
    about = {"id": str(made.id), "digest": salted(salt, content), "media": media}
    held.record(Happened.ATTACHED, dict(about), actor=doer.actor, at=at)
    kept = {"id": made.id, "element": made.element, "name": made.name, "media": media}
    facts = {"content": content, "salt": salt, "by": doer.actor, "at": at}
    conn.execute(sql.keep_attachment, {**held.named, **kept, **facts})
    return made


def attachments(conn: Connection, tenant: Tenant, case: UUID) -> list[Attachment]:
    """Return the files with a case, in the order in which they came."""
    rows = conn.execute(sql.attachments, {"tenant": tenant, "case_id": case})
    return [Attachment(*row) for row in rows]


def content_of(conn: Connection, tenant: Tenant, case: UUID, id_: UUID) -> tuple[str, str, bytes]:
    """Return the name, the kind and the content of a file with a case."""
    asked = {"tenant": tenant, "case_id": case, "id": id_}
    row = conn.execute(sql.attachment, asked).fetchone()
    if row is None:
        raise RemarkUnknown
    name, media, content = row
    return name, media, bytes(content)


def media_of(content: bytes) -> str:
    """Return of what kind a content is; AttachmentUnfit for one that is not kept.

    >>> media_of("受付,2027-04-01".encode())
    'text/plain'
    """
    for beginning, media in BEGINNINGS.items():
        if content.startswith(beginning):
            return media
    found = _office(content) if content.startswith(b"PK\x03\x04") else _plain(content)
    if found is None:
        raise AttachmentUnfit(kinds=", ".join(one[0] for one in SUFFIXES.values()))
    return found


def _office(content: bytes) -> str | None:
    """Return which office document an archive is, by the names in it; one with macros is none."""
    try:
        names = set(zipfile.ZipFile(BytesIO(content)).namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    if any(one.lower().endswith("vbaproject.bin") for one in names):
        return None
    return next((media for part, media in MAIN_PARTS.items() if part in names), None)


def _plain(content: bytes) -> str | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp932")
        except UnicodeDecodeError:
            return None
    is_plain = all(letter in "\r\n\t\f" or ord(letter) >= 32 for letter in text)
    return PLAIN if text and is_plain else None


def clean_name(name: str, media: str) -> str:
    r"""Return a name that leads nowhere, turns nothing around, and ends as its kind does.

    >>> clean_name("../../申請書\u202egnp.exe", "application/pdf")
    '申請書gnp.exe.pdf'
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    seen = "".join(one for one in last if not is_unseen(one) and one not in '\n\t<>:"|?*')
    stem = seen.strip(" .\u3000")
    if not stem:
        raise AttachmentNameUnfit
    suffixes = SUFFIXES[media]
    ending = next((one for one in suffixes if stem.lower().endswith(one)), "")
    if ending:
        stem = stem[: -len(ending)].rstrip(" .") or "file"
    return stem[: LONGEST_NAME - 10] + (ending or suffixes[0])
