"""One turn over a place of files of questions: each file once in effect, whatever stops in between.

1. A manifest says that its file is whole. One that is wrong is answered with an error; nothing of
   its file is used, and the file stays its owner's.
2. A file that was accepted before is acknowledged again, its answer written again if it is gone.
3. A new one is judged whole; then its questions are accepted as tasks in one transaction.
4. The acknowledgement is written, then file and manifest are deleted, in this order: whatever is
   left by a crash is seen as accepted at the next turn.
5. A file whose questions all ended or expired is answered: file, then manifest, then it is noted.

What says nothing about the file (no database, no store) leaves it where it is for the next turn.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import msgspec
import psycopg
from msgspec import Struct

from renkei import exchange, federation, identity, kit, standard
from renkei.app.errors import (
    FileManifestMalformed,
    FileMissing,
    FileNotPlain,
    PlaceUnreachable,
)
from renkei.app.files.answer_file import answer_file, in_lines
from renkei.app.files.place import (
    ACK,
    ANSWER,
    ANSWER_MANIFEST,
    ANSWERS,
    QUESTIONS,
    Drop,
    FilePlace,
)
from renkei.app.files.question_file import (
    Asking,
    Check,
    Defects,
    QuestionFile,
    decoded,
    questions_of,
)
from renkei.app.files.question_manifest import MOST_BYTES, MOST_OF_FILE, FileClaim, Manifest
from renkei.app.files.replies import Acknowledgement, Refusal
from renkei.exchange import files, tasks

log = logging.getLogger("renkei.app")

PATIENCE_SECONDS = 900
"""How long a manifest may wait for its file."""
SETTLE_SECONDS = 5
"""How old a manifest must be before it is called malformed: it may still be written."""


class _Kept(Struct, frozen=True):
    """What an accepted file was, to write its answer by."""

    drop: tuple[str, str, str, str]
    said: Manifest
    data: bytes


class _FileRefused(Exception):
    """A file is not accepted; it carries what is wrong with it."""

    def __init__(self, defects: Defects) -> None:
        super().__init__()
        self.defects = defects


@dataclass(frozen=True, slots=True)
class FileOffice:
    """Who takes files in: the desk, the database, the seal, the clock."""

    desk_now: Callable[[], federation.Desk]
    database: kit.Database
    seal: identity.Seal
    clock: Callable[[], datetime]

    @property
    def desk(self) -> federation.Desk:
        """Return the desk by the list in force now."""
        return self.desk_now()

    @property
    def units(self) -> tuple[str, ...]:
        """Return the units whose files are taken: those the members list says we run."""
        return self.desk.members.by_id(self.desk.tenant).units


class FileSweep:
    """The turns over one place."""

    def __init__(self, office: FileOffice, place: FilePlace) -> None:
        """Take who takes files in, and the place."""
        self._office = office
        self._place = place
        self._known = standard.catalogue()

    def turn(self) -> list[str]:
        """Take what lies ready and answer what has ended; return what was done, for the log."""
        done = []
        for drop in self._place.drops(self._office.units):
            with _alone(f"{drop.folder}/{drop.name}"):
                done += self._take(drop)
        for file in self._ended():
            with _alone(f"{file.folder}/{file.id}"):
                self._answer(file)
                done.append(f"answered {file.id}")
        return done

    def tidy(self, *, before: float) -> int:
        """Delete what was written before a time."""
        return self._place.tidy(self._office.units, before=before)

    def _take(self, drop: Drop) -> list[str]:
        """Take one manifest to its end; nothing is done where its file may still come."""
        at = self._office.clock()
        defects = Defects()
        try:
            manifest = self._read(drop, drop.name, MOST_BYTES)
        except FileNotFoundError:  # gone meanwhile
            return []
        try:
            claim, state = self._accepted(drop, manifest, at)
        except FileNotFoundError:
            if at.timestamp() - drop.written_at < PATIENCE_SECONDS:
                return []
            minutes = PATIENCE_SECONDS // 60
            defects.add(FileMissing(file=f"{drop.stem[:100]}.csv", minutes=minutes))
        except _FileRefused as refused:
            defects = refused.defects
        except (kit.DatabaseUnreachable, PlaceUnreachable):
            raise
        except kit.NodeError as error:
            is_young = 0 <= at.timestamp() - drop.written_at < SETTLE_SECONDS
            if is_young and isinstance(error, FileManifestMalformed):
                return []
            defects.add(error)
        else:
            self._write(drop, f"{claim.id}{ACK}", Acknowledgement.of(claim, state))
            self._place.delete(drop.folder, ANSWERS, drop.error)
            self._place.delete(drop.folder, QUESTIONS, claim.file, drop.name)
            return [f"accepted {claim.id}"]
        self._write(drop, drop.error, Refusal.of(drop, defects, at))
        self._place.delete(drop.folder, QUESTIONS, drop.name)
        return [f"refused {drop.stem}"]

    def _accepted(
        self, drop: Drop, manifest: bytes | None, at: datetime
    ) -> tuple[FileClaim, files.FileState]:
        """Return how an accepted file stands, accepted now or before; or raise what is wrong."""
        office, tenant = self._office, self._office.desk.tenant
        claim = FileClaim.read(drop, manifest)
        service = claim.check_place(drop, office.desk.members.address(tenant))
        client = exchange.client(claim.said.client)
        with office.database.transaction(tenant) as conn:
            known = files.find(conn, tenant, client, claim.id)
        if known is not None:
            return claim, self._again(drop, claim, known)
        expires_at = claim.expires_at(at)
        found = self._read(drop, claim.file, MOST_OF_FILE)
        if found is None:
            raise FileNotPlain(file=claim.file)
        claim.check_bytes(found)
        handed = self._questions(claim, service, decoded(found), at)
        kept = _Kept((drop.unit, drop.pair, drop.service, drop.name), claim.said, found)
        with office.database.transaction(tenant) as conn:
            state = files.accept(
                conn,
                tenant,
                client,
                claim.id,
                handed,
                digest=claim.digest,
                place=self._place.name,
                folder=drop.folder,
                content=msgspec.msgpack.encode(kept),
                at=at,
                expires_at=expires_at,
                seal=office.seal,
                priority=claim.said.priority,
            )
        return claim, state

    def _again(self, drop: Drop, claim: FileClaim, known: files.FileState) -> files.FileState:
        """Return how a file stands that was accepted before; another one is refused."""
        if known.digest != claim.digest:
            raise exchange.FileIdReused(id=claim.id)
        try:
            found = self._read(drop, claim.file, MOST_OF_FILE)
        except FileNotFoundError:  # deleted before a crash
            found = None
        if found is not None:
            claim.check_bytes(found)
        if known.answered_at is not None and not self._place.has(
            drop.folder, ANSWERS, f"{claim.id}{ANSWER_MANIFEST}"
        ):
            self._note(claim.said.client, claim.id, None)
        return known

    def _questions(
        self, claim: FileClaim, service: exchange.Service, file: QuestionFile, at: datetime
    ) -> list[tasks.Handed]:
        """Return the questions of a file, judged whole."""
        asking = self._asking(claim, service)
        check = Check(self._office.desk, claim.id, at)
        defects = Defects()
        handed = questions_of(file, asking, check, defects)
        if defects.count:
            raise _FileRefused(defects)
        claim.check_count(len(handed))
        return handed

    def _asking(self, claim: FileClaim, service: exchange.Service) -> Asking:
        unit, code = service.provider.code, service.code
        try:
            interface = self._known.shared_interface(unit, code)
        except standard.DefinitionUnknown as error:
            raise federation.ServiceUnknown(service=f"{unit}/{code}") from error
        return Asking(claim, service, interface, self._known)

    def _ended(self) -> list[files.EndedFile]:
        office, tenant = self._office, self._office.desk.tenant
        with office.database.transaction(tenant) as conn:
            return files.ended(conn, tenant, self._place.name, at=office.clock())

    def _answer(self, file: files.EndedFile) -> None:
        """Write the answer of a file, its manifest last, and note that it is written."""
        office, tenant = self._office, self._office.desk.tenant
        with office.database.transaction(tenant) as conn:
            held = files.content(conn, tenant, file, seal=office.seal)
            lines = files.answers(conn, tenant, file, seal=office.seal)
        kept = kit.read_msgpack(held, _Kept)
        drop = Drop(*kept.drop, 0.0)
        claim = FileClaim.read(drop, msgspec.json.encode(kept.said))
        service = claim.check_place(drop, office.desk.members.address(tenant))
        asking = self._asking(claim, service)
        data, manifest = answer_file(asking, decoded(kept.data), lines)
        self._place.write(file.folder, ANSWERS, f"{file.id}{ANSWER}", data)
        self._place.write(file.folder, ANSWERS, f"{file.id}{ANSWER_MANIFEST}", manifest)
        self._note(file.client, file.id, office.clock())

    def _note(self, client: str, id_: str, at: datetime | None) -> None:
        office, tenant = self._office, self._office.desk.tenant
        with office.database.transaction(tenant) as conn:
            files.set_answered(conn, tenant, client, id_, at=at)

    def _read(self, drop: Drop, name: str, most: int) -> bytes | None:
        return self._place.read(drop.folder, QUESTIONS, name, most=most)

    def _write(self, drop: Drop, name: str, facts: Struct) -> None:
        self._place.write(drop.folder, ANSWERS, name, in_lines(facts))


@contextmanager
def _alone(what: str) -> Iterator[None]:
    """Let what goes wrong with one file stop no other; without a database all of them wait."""
    try:
        yield
    except (kit.DatabaseUnreachable, psycopg.Error):
        raise
    except Exception:
        log.exception("%s waits for the next turn", what)
