"""Writing an extract in a process of its own: a node that serves look-ups has other work to do.

Rows become cells in Python, and one process runs one piece of Python at a time. So the console has
the file written by `python -m renkei.app.disclosure.extract_process`, of low priority: what is to
be written comes in on its standard input, what became of it goes out on its standard output.
"""

import os
import subprocess
import sys
import time
from array import array
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec

from renkei import kit
from renkei.app.errors import ExtractStopped
from renkei.app.standards.catalogue import opened
from renkei.store import extracts
from renkei.store.extracts import Form, Heading, Limits, Output, Persons, Plan, Query, Written

NICE = 10
GRACE = 60.0  # seconds beyond the limit until the process is ended


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One file to write: of which town, by which query, where to, within which limits."""

    dsn: str
    overlays: tuple[str, ...]
    tenant: kit.Tenant
    path: str
    query: Query
    form: Form
    heading: Heading
    today: date
    limits: Limits

    def write(
        self,
        conn: kit.Connection,
        planned: Plan,
        *,
        clock: Callable[[], float],
        progress: Callable[[int], None],
    ) -> Output:
        """Write the file on a connection of extracts."""
        return extracts.write(
            *(conn, self.tenant, planned, Path(self.path)),
            form=self.form,
            heading=self.heading,
            moment=extracts.Moment.of(planned, self.today),
            limits=self.limits,
            clock=clock,
            progress=progress,
        )


class Done(msgspec.Struct, frozen=True, tag=True):
    """A file that was written; the persons of each source as their numbers' bytes."""

    rows: int
    size: int
    sha256: str
    persons: dict[str, bytes]
    written: Written


class Failed(msgspec.Struct, frozen=True, tag=True):
    """An error: its class, and what fills its text."""

    error: str
    facts: dict[str, str | int]


ERRORS: dict[str, type[kit.NodeError]] = {
    kind.__name__: kind
    for kind in (
        extracts.ExtractTooLarge,
        extracts.ExtractTooManyRows,
        extracts.ExtractTooSlow,
        extracts.FolderUnwritable,
        kit.DatabaseUnreachable,
    )
}
"""What may go wrong while a file is written; anything else is a defect of ours."""


def written_apart(job: Job) -> Output:
    """Write a file by another process; its errors are raised here."""
    command = [sys.executable, "-m", "renkei.app.disclosure.extract_process"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            asked = msgspec.msgpack.encode(job)
            said, _ = process.communicate(asked, timeout=job.limits.seconds + GRACE)
        except subprocess.TimeoutExpired as error:
            raise extracts.ExtractTooSlow(seconds=f"{job.limits.seconds:g}") from error
        finally:
            if process.poll() is None:
                process.kill()
    if process.returncode != 0:
        raise ExtractStopped(code=process.returncode)
    became: Done | Failed = kit.read_msgpack(said, Done | Failed)  # type: ignore[arg-type] # a union is no type to mypy
    match became:
        case Failed(error=name, facts=facts):
            raise ERRORS[name](**facts)
        case Done():
            persons = Persons()
            for source, numbers in became.persons.items():
                persons.found[source] = array("Q", numbers)
            return Output(*(became.rows, became.size, became.sha256, persons, became.written))


def _do(job: Job) -> Done | Failed:
    try:
        known = opened(None, tuple(map(Path, job.overlays)))
        planned = extracts.plan(job.query, known)
        with (
            kit.Database(job.dsn, size=1, settings=extracts.SETTINGS) as pool,
            pool.transaction(job.tenant) as conn,
        ):
            out = job.write(conn, planned, clock=time.monotonic, progress=lambda _: None)
    except tuple(ERRORS.values()) as error:
        return Failed(type(error).__name__, error.facts)
    except OSError as error:
        facts: dict[str, str | int] = {
            "folder": str(Path(job.path).parent),
            "reason": error.strerror or "",
        }
        return Failed("FolderUnwritable", facts)
    persons = {source: numbers.tobytes() for source, numbers in out.persons.found.items()}
    return Done(out.rows, out.size, out.sha256, persons, out.written)


def main() -> None:
    """Read a job, do it, and say what became of it."""
    os.nice(NICE)
    job = kit.read_msgpack(sys.stdin.buffer.read(), Job)
    sys.stdout.buffer.write(msgspec.msgpack.encode(_do(job)))


if __name__ == "__main__":
    main()
