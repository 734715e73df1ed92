"""What a witness remembers: of each log the checkpoint it cosigned last, in one SQLite file.

Everything rests on this file: a witness that forgets cosigns a second history. So looking and
writing are one transaction that excludes all others, on the disk before anybody is answered.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from renkei import audit, kit
from renkei.app.errors import WitnessStateBusy

sql = kit.queries("renkei.app.witness")

WAIT_SECONDS = 10.0
MOST_CONFLICTS = 100
"""How many signed checkpoints that do not fit are kept of a log."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something a log signed that does not continue what was cosigned."""

    origin: str
    known: int
    sent: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class WitnessedLog:
    """What was cosigned last of a log."""

    origin: str
    size: int
    root: bytes
    at: datetime


class WitnessState:
    """The file; each call opens it anew, from any thread or process."""

    def __init__(self, file: Path) -> None:
        """Take the file, made at first use."""
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        with self._writing() as conn:
            conn.execute(sql.prepare.decode())
            conn.execute(sql.prepare_conflicts.decode())

    def cosign(
        self,
        submission: audit.Submission,
        keys: Collection[audit.NoteKey],
        cosigners: Sequence[audit.Cosigner],
        clock: Callable[[], datetime],
    ) -> str:
        """Judge, cosign and remember in one step; return our lines, or raise why not."""
        try:
            with self._writing() as conn:
                known = _known(conn, submission.origin)
                checkpoint = audit.judge(submission, keys, known)
                # The clock is read behind the lock: a later line is of a later look.
                at = clock()
                lines = "".join(one.cosign(checkpoint.note, at=at) for one in cosigners)
                conn.execute(
                    sql.keep.decode(),
                    {
                        "origin": checkpoint.origin,
                        "size": checkpoint.size,
                        "root": checkpoint.root,
                        "note": checkpoint.note + lines,
                        "at": at.isoformat(),
                    },
                )
        except audit.CheckpointInconsistent:
            self._keep_conflict(submission, known, clock())
            raise
        return lines

    def note(self, origin: str) -> str | None:
        """Return the checkpoint cosigned last of a log, with our lines."""
        with self._reading() as conn:
            row = conn.execute(sql.note.decode(), {"origin": origin}).fetchone()
        return None if row is None else str(row[0])

    def standing(self) -> list[WitnessedLog]:
        """Return what was cosigned last, log by log."""
        with self._reading() as conn:
            rows = conn.execute(sql.standing.decode()).fetchall()
        return [
            WitnessedLog(origin, size, root, datetime.fromisoformat(at))
            for origin, size, root, at in rows
        ]

    def conflicts(self) -> list[Conflict]:
        """Return what was kept of logs that do not continue themselves."""
        with self._reading() as conn:
            rows = conn.execute(sql.conflicts.decode()).fetchall()
        return [
            Conflict(origin, known, sent, datetime.fromisoformat(at))
            for origin, known, sent, at in rows
        ]

    def _keep_conflict(
        self, submission: audit.Submission, known: audit.Known, at: datetime
    ) -> None:
        """Keep what a log's own key signed and cannot prove: it may be the second history."""
        sent = submission.render()
        with self._writing() as conn:
            conn.execute(
                sql.keep_conflict.decode(),
                {
                    "origin": submission.origin,
                    "digest": sha256(submission.note.encode()).digest(),
                    "known": known.size,
                    "sent": sent,
                    "at": at.isoformat(),
                    "most": MOST_CONFLICTS,
                },
            )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give the file to one writer, from before it looks until what it wrote is on the disk."""
        with self._reading() as conn:
            conn.execute("PRAGMA synchronous = EXTRA")
            try:
                conn.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise WitnessStateBusy(reason=str(error)) from error
            try:
                yield conn
            except BaseException:
                conn.execute("ROLLBACK")
                raise
            conn.execute("COMMIT")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            opened = sqlite3.connect(self._file, timeout=WAIT_SECONDS, isolation_level=None)
        except sqlite3.OperationalError as error:
            raise WitnessStateBusy(reason=str(error)) from error
        with closing(opened) as conn:
            yield conn


def _known(conn: sqlite3.Connection, origin: str) -> audit.Known:
    row = conn.execute(sql.known.decode(), {"origin": origin}).fetchone()
    return audit.Known() if row is None else audit.Known(row[0], bytes(row[1]))
