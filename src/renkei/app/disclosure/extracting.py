"""Taking an extract: the law is asked, rows are read beside the look-ups, the release is entered.

The file is written in a folder of its own beside its place, and put there only after the entries
are committed: a run that fails or is stopped leaves neither a file nor half of one.
"""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

from renkei import audit, federation, identity, kit, law, standard, store
from renkei.app.disclosure.extract_process import Job, written_apart
from renkei.app.errors import ExtractsBusy
from renkei.app.rendering import JAPAN
from renkei.federation import Desk
from renkei.store import extracts
from renkei.store.extracts import Asker, Extract, Form, Granted, Plan

AT_ONCE = 2  # extracts a process runs; look-ups have the other connections to themselves
FOLDER = ".extract-"


@dataclass(frozen=True, slots=True)
class Bureau:
    """What every extract of one town needs: its database, its law, its standard, its seal."""

    desk_now: Callable[[], Desk]
    database: kit.Database
    standard: standard.Catalogue
    seal: identity.Seal
    room: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE)
    )
    overlays: tuple[Path, ...] = ()
    is_apart: bool = False  # files are written by a process of their own

    @property
    def desk(self) -> Desk:
        """Return the desk by the list in force now."""
        return self.desk_now()

    @property
    def tenant(self) -> kit.Tenant:
        """Return the town."""
        return self.desk.tenant

    def asker(self, unit: str, procedure: str, purpose: str) -> Asker:
        """Return who asks: a unit of the town, for one of its procedures."""
        kind = federation.KINDS[self.desk.me.member_class]
        return Asker(self.tenant, kind, unit, procedure, purpose)

    def permits(
        self, query: extracts.Query, asker: Asker, *, on: date
    ) -> tuple[Plan, tuple[Granted, ...] | law.Refusal]:
        """Return the plan of a query and what the law of a day says to it."""
        planned = extracts.plan(query, self.standard)
        return planned, extracts.permits(planned, asker, self.desk.provisions, on=on)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Give leave to run one extract, or say that too many run already."""
        if not self.room.acquire(blocking=False):
            raise ExtractsBusy(limit=AT_ONCE)
        try:
            yield
        finally:
            self.room.release()

    @contextmanager
    def reading(self) -> Iterator[kit.Connection]:
        """Give a connection for one extract, under the settings of extracts."""
        with (
            self.slot(),
            self.database.beside(size=1, settings=extracts.SETTINGS) as pool,
            pool.transaction(self.tenant) as conn,
        ):
            yield conn


@dataclass(frozen=True, slots=True)
class Order:
    """How an extract is taken: as which form, to which file, by whom, when, in which language."""

    form: Form
    out: Path
    by: str
    at: datetime
    language: kit.Language = "ja"
    limits: extracts.Limits = field(default_factory=extracts.Limits)


@dataclass(frozen=True, slots=True)
class Delivered:
    """A file in its place, and what stands in the log about it."""

    file: Path
    output: extracts.Output
    persons: int
    request: str


def save(
    bureau: Bureau, name: str, query: extracts.Query, asker: Asker, *, by: str, at: datetime
) -> int | law.Refusal:
    """Save a query under a name if the law permits it today; return its version."""
    _, answer = bureau.permits(query, asker, on=kit.day_of(at))
    if isinstance(answer, law.Refusal):
        return _refused(bureau, answer, asker, {"extract": name}, by=by, at=at)
    with bureau.database.transaction(bureau.tenant) as conn:
        return extracts.save(conn, name, query, asker=asker, by=by, at=at)


def count(
    bureau: Bureau, query: extracts.Query, asker: Asker, *, by: str, at: datetime
) -> int | law.Refusal:
    """Return how many rows a query finds, if the law permits its items; the look is entered."""
    today = kit.day_of(at)
    planned, answer = bureau.permits(query, asker, on=today)
    if isinstance(answer, law.Refusal):
        return _refused(bureau, answer, asker, {"extract": "-"}, by=by, at=at)
    with bureau.reading() as conn:
        rows = extracts.count(conn, bureau.tenant, planned, extracts.Moment.of(planned, today))
    occasion = _occasion(bureau, asker, {"use": "extract-count", "staff": by}, at)
    with bureau.database.transaction(bureau.tenant) as conn:
        for granted in answer:
            # A number of rows is about nobody by name: the head alone.
            store.disclose(
                *(conn, granted.permit, ()),
                tenant=bureau.tenant,
                records=rows,
                occasion=occasion,
                seal=bureau.seal,
            )
    return rows


def run(
    bureau: Bureau,
    extract: Extract,
    order: Order,
    *,
    clock: Callable[[], float],
    progress: Callable[[int], None],
) -> Delivered | law.Refusal:
    """Take an extract under the law of the day it runs on."""
    # 1. May the unit have every item, today, and has somebody approved this version?
    extract.check_approved()
    today = kit.day_of(order.at)
    asker = bureau.asker(extract.unit, extract.procedure, extract.purpose)
    planned, answer = bureau.permits(extract.query, asker, on=today)
    named = {"extract": extract.name, "version": str(extract.version)}
    if isinstance(answer, law.Refusal):
        return _refused(bureau, answer, asker, named, by=order.by, at=order.at)
    with _folder_beside(order.out) as folder:
        # 2. The rows, into a file nobody else sees.
        written = folder / f"extract{order.out.suffix}"
        job = Job(
            dsn=bureau.database.dsn,
            overlays=tuple(map(str, bureau.overlays)),
            tenant=bureau.tenant,
            path=str(written),
            query=planned.query,
            form=order.form,
            heading=_heading(bureau, extract, planned, order),
            today=today,
            limits=order.limits,
        )
        if bureau.is_apart:
            with bureau.slot():
                output = written_apart(job)
        else:
            with bureau.reading() as conn:
                output = job.write(conn, planned, clock=clock, progress=progress)
        _keep(written)
        # 3. The entries, and only then the file in its place.
        details = {**named, "form": order.form.value, "sha256": output.sha256, "staff": order.by}
        occasion = _occasion(bureau, asker, details, order.at)
        persons = _enter(bureau, answer, output, occasion, today)
        _put(written, order.out)
    return Delivered(order.out, output, persons, occasion.request)


def _enter(
    bureau: Bureau,
    answer: tuple[Granted, ...],
    output: extracts.Output,
    occasion: store.Occasion,
    today: date,
) -> int:
    """Enter the release under each permit; return how many persons it is about."""
    everyone: set[str] = set()
    with bureau.database.transaction(bureau.tenant) as conn:
        withheld = store.all_protected(conn, bureau.tenant, on=today, standard=bureau.standard)
        for granted in answer:
            persons = output.persons.of(granted.sources)
            if not withheld.isdisjoint(persons):
                raise extracts.ExtractOvertaken
            everyone.update(persons)
            store.disclose(
                *(conn, granted.permit, persons),
                tenant=bureau.tenant,
                records=output.rows,
                occasion=occasion,
                seal=bureau.seal,
            )
    return len(everyone)


def _refused(
    bureau: Bureau,
    refusal: law.Refusal,
    asker: Asker,
    details: dict[str, str],
    *,
    by: str,
    at: datetime,
) -> law.Refusal:
    """Enter a refusal, as every lawful answer, and return it."""
    occasion = _occasion(bureau, asker, {**details, "staff": by}, at)
    with bureau.database.transaction(bureau.tenant) as conn:
        store.enter_refusal(
            *(conn, refusal, None), tenant=bureau.tenant, occasion=occasion, seal=bureau.seal
        )
    return refusal


def _occasion(
    bureau: Bureau, asker: Asker, details: dict[str, str], at: datetime
) -> store.Occasion:
    return store.Occasion(
        request=_request(bureau),
        at=at,
        mode=audit.Mode(bureau.desk.mode),
        purpose=asker.purpose,
        details=details,
    )


def _request(bureau: Bureau) -> str:
    return f"{bureau.tenant}/extract/{uuid4()}"


def _heading(bureau: Bureau, extract: Extract, planned: Plan, order: Order) -> extracts.Heading:
    me = bureau.desk.me
    return extracts.Heading(
        name=f"{extract.name} ({extract.version})",
        town=me.ja if order.language == "ja" else me.en,
        by=order.by,
        at=order.at.astimezone(JAPAN),
        on=planned.query.on or kit.day_of(order.at),
        purpose=extract.purpose,
        language=order.language,
    )


@contextmanager
def _folder_beside(out: Path) -> Iterator[Path]:
    """Give a folder of our own beside a file that is to be, and remove it whatever happens."""
    if out.exists():
        raise extracts.TargetExists(file=str(out))
    try:
        _sweep(out.parent)
        folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-", dir=out.parent))
    except OSError as error:
        raise extracts.FolderUnwritable(
            folder=str(out.parent), reason=error.strerror or ""
        ) from error
    try:
        yield folder
    except OSError as error:  # the disk is full
        raise extracts.FolderUnwritable(
            folder=str(out.parent), reason=error.strerror or ""
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what a killed process of ours left: no personal data stay behind unseen."""
    for left in folder.glob(f"{FOLDER}*-*"):
        number = left.name.removeprefix(FOLDER).partition("-")[0]
        if number.isdigit() and not _runs(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _keep(file: Path) -> None:
    """Write a file through to the disk, for its owner alone."""
    file.chmod(0o600)
    with file.open("rb") as held:
        os.fsync(held.fileno())


def _put(written: Path, out: Path) -> None:
    """Give a file its name; another one that came meanwhile stays."""
    try:
        os.link(written, out)
    except FileExistsError as error:
        raise extracts.TargetExists(file=str(out)) from error
    except OSError:  # a file system without links
        written.rename(out)
    with suppress(OSError):
        handle = os.open(out.parent, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
