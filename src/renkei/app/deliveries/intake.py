"""What comes into a site from outside its doors: unit snapshots, and linkage codes."""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from renkei import federation, kit, standard, store
from renkei.app.deliveries.list_keeper import index_all
from renkei.app.deliveries.receiving import Arrival, Receiver
from renkei.app.errors import FileUnreadable, RoleWrong
from renkei.app.membership.keys import Keys
from renkei.app.settings import Settings, read_settings
from renkei.app.site import (
    issuing_channel,
    now,
    prepare_database,
    read_desk,
    running_database,
    site_standard,
)


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of one file."""

    file: Path
    delivery: store.Delivery
    entity: standard.Entity

    @property
    def is_blocked(self) -> bool:
        """Tell whether nothing of the file went in."""
        return not self.delivery.is_in

    @property
    def listing(self) -> store.Listing:
        """Return what was found in the file."""
        return self.delivery.listing(self.entity)

    def facts(self, language: kit.Language) -> dict[str, object]:
        """Return what to print."""
        made = self.delivery
        return {
            "entity": made.entity,
            "outcome": made.outcome,
            "on": made.states_on.isoformat(),
            "records": made.records,
            "changes": None if made.changes is None else asdict(made.changes),
            "errors": made.errors,
            "findings": [finding_line(finding, language) for finding in made.findings],
        }


def finding_line(finding: store.Finding, language: kit.Language) -> str:
    """Return a finding on one line: where, what, which shape, what to do."""
    place = finding.place
    where = [str(part) for part in (place.line, place.column) if part is not None]
    shown = f" [{finding.shape}]" if finding.shape else ""
    item = f" {place.item}" if place.item else ""
    severity = kit.say(f"severity-{finding.severity.value}", language)
    cited = f" ({finding.cites})" if finding.cites else ""
    return (
        f"{':'.join(where)}{item} {severity} {finding.rule}{cited}: "
        f"{finding.says(language)}{shown} {finding.remedy(language)}"
    ).strip()


def load_files(
    settings_file: Path,
    files: Sequence[tuple[Path, str]],
    *,
    on: date | None,
    difference: int | None,
    policy: store.Policy | None,
    allow_ending: bool,
    file_format: store.Format | None,
    quiet: bool,
) -> list[Intake]:
    """Load files (file, entity), each in a transaction of its own; `on` defaults to today.

    Without a format each file's own beginning tells.
    """
    settings = node_settings(settings_file)
    known = site_standard(settings)
    for file, entity in files:
        known.entity(entity)
        try:
            file.open("rb").close()
        except OSError as error:
            raise FileUnreadable(file=str(file), reason=error.strerror or "") from error
    intakes = []
    with site_database(settings, known) as database:
        receiver = Receiver.of(settings, database, known, gives_way=True)
        for file, entity in files:
            arrival = Arrival(
                entity,
                file.name,
                on or kit.day_of(now()),
                difference,
                allow_ending=allow_ending,
                policy=policy,
                file_format=file_format,
            )
            with _bar(file.name, file.stat().st_size, quiet=quiet) as bar:
                received = receiver.receive(arrival, file, progress=bar)
            if received.error is not None:
                raise received.error
            intakes.append(Intake(file, received.delivery, known.entity(entity)))
        index_all(database, settings.tenant, known, threading.Event())
    return intakes


def acquire_codes(settings_file: Path, persons: Path | None, *, quiet: bool) -> dict[str, object]:
    """Acquire codes for the persons of a file, or for everybody with a personal number."""
    settings = node_settings(settings_file)
    keys = Keys(settings.keys, settings.tenant)
    desk = read_desk(settings)
    wanted = None if persons is None else _numbers(persons)
    with site_database(settings) as database:
        with database.transaction(settings.tenant) as conn:
            people = [
                (number, personal)
                for number, personal in store.persons(conn, settings.tenant)
                if wanted is None or number in wanted
            ]
        with _bar("codes", len(people), quiet=quiet) as bar:

            async def run() -> federation.Acquired:
                async with issuing_channel(settings, desk) as channel:
                    return await federation.acquire(
                        desk, keys.node(), database, channel, iter(people), clock=now, progress=bar
                    )

            made = asyncio.run(run())
    missing = [] if wanted is None else sorted(wanted - {number for number, _ in people})
    return {
        "codes": made.kept,
        "shared": list(made.shared),
        "without_code": list(made.without),
        "unknown": missing,
    }


def node_settings(file: Path) -> Settings:
    """Read the settings of a node; the hub holds neither records nor codes."""
    settings = read_settings(file)
    if settings.role != "node":
        raise RoleWrong(role=settings.role, command="hub")
    return settings


@contextmanager
def node_transaction(file: Path) -> Iterator[tuple[Settings, kit.Connection]]:
    """Give the settings of a node and one transaction of its town, whether it runs or not."""
    read = node_settings(file)
    with site_database(read) as database, database.transaction(read.tenant) as conn:
        yield read, conn


def _numbers(file: Path) -> set[str]:
    """Read register numbers, one a line."""
    try:
        return set(file.read_text(encoding="ascii").split())
    except OSError as error:
        raise FileUnreadable(file=str(file), reason=error.strerror or "") from error
    except UnicodeDecodeError as error:
        raise FileUnreadable(file=str(file), reason="not ASCII digits") from error


@contextmanager
def site_database(
    settings: Settings, known: standard.Catalogue | None = None
) -> Iterator[kit.Database]:
    """Give the database of a site, migrated, whether its node runs or not."""
    with running_database(settings) as dsn:
        prepare_database(dsn, settings, known)
        with kit.Database(dsn) as database:
            yield database


@contextmanager
def _bar(title: str, total: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    hidden = quiet or not sys.stderr.isatty()
    with Progress(*columns, transient=True, disable=hidden) as progress:
        task = progress.add_task(title, total=total)
        yield lambda done: progress.update(task, completed=done)
