"""What a person sees while a whole town is loaded: the bar over all files, then the table."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from renkei import kit, standard, store
from renkei.app.commands.terminal import print_facts
from renkei.app.deliveries.intake import finding_line, node_settings, site_database
from renkei.app.deliveries.list_keeper import index_all
from renkei.app.deliveries.receiving import Receiver
from renkei.app.deliveries.town import Part, Town, load_town
from renkei.app.deliveries.town import Progress as Tell
from renkei.app.site import now, site_standard

FINDINGS_SHOWN = 3
WIDE = 110  # columns of a table that goes to a file


def load_folder(
    settings_file: Path,
    folder: Path,
    *,
    on: date | None,
    policy: store.Policy | None,
    allow_ending: bool,
    quiet: bool,
) -> Town:
    """Load every file of a folder into a site's store."""
    settings = node_settings(settings_file)
    known = site_standard(settings)
    with site_database(settings, known) as database, _bar(quiet=quiet) as tell:
        receiver = Receiver.of(settings, database, known, gives_way=True)
        town = load_town(
            receiver,
            folder,
            on=on or kit.day_of(now()),
            policy=policy,
            allow_ending=allow_ending,
            progress=tell,
        )
        index_all(database, settings.tenant, known, threading.Event())
    return town


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Tell]:
    columns = (
        *(TextColumn("{task.description:<32}"), BarColumn(), DownloadColumn()),
        *(TimeElapsedColumn(), TimeRemainingColumn()),
    )
    console = Console(stderr=True)
    hidden = quiet or not sys.stderr.isatty()
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task("", total=None)
        yield lambda name, done, total: progress.update(
            task, description=name, completed=done, total=total
        )


def show_town(town: Town, language: kit.Language, *, as_json: bool) -> None:
    """Print the summary: a table for a person, JSON for a program."""
    if as_json:
        print_facts(facts(town), as_json=True)
        return
    units = standard.catalogue().units
    print_town(town, {one.id: f"{one.id} {_named(one, language)}" for one in units}, language)


def _named(unit: standard.Unit, language: kit.Language) -> str:
    return unit.ja if language == "ja" else unit.en


def facts(town: Town) -> dict[str, object]:
    """Return the summary for a program: one object a file, and the whole."""
    return {
        "seconds": round(town.seconds, 2),
        "whole": town.is_whole,
        "files": [_facts(part) for part in town.parts],
        "strange": list(town.strange),
        "records": _records(town.parts),
    }


def _facts(part: Part) -> dict[str, object]:
    made, changes = part.delivery, part.delivery.changes
    return {
        "file": part.file.name,
        "unit": part.unit,
        "entity": made.entity,
        "outcome": made.outcome,
        "error": made.error,
        "records": made.records,
        "new": changes.new if changes else None,
        "changed": changes.changed if changes else None,
        "gone": changes.gone if changes else None,
        "errors": made.errors,
        "findings": dict(made.rules),
        "seconds": round(part.seconds, 3),
    }


def print_town(town: Town, known_names: dict[str, str], language: kit.Language) -> None:
    """Print a line a unit, the whole, and what did not go in with its first findings."""
    console = Console()
    if not console.is_terminal:
        console.width = WIDE
    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column(kit.say("town-unit", language))
    heads = ("files", "records", "new", "changed", "gone", "findings", "seconds", "rate")
    for name in heads:
        table.add_column(kit.say(f"town-{name}", language), justify="right", no_wrap=True)
    for unit in town.units:
        table.add_row(known_names.get(unit, unit), *_cells(town.of_unit(unit)))
    table.add_section()
    whole = sum(part.seconds for part in town.parts)
    table.add_row(kit.say("town-all", language), *_cells(town.parts, max(whole, town.seconds)))
    console.print(table)
    for part in town.parts:
        if not part.delivery.is_in:
            _print_reasons(console, part, language)
    if town.strange:
        names = ", ".join(town.strange[:20])
        console.print(kit.say("town-strange", language, count=len(town.strange), names=names))


def _print_reasons(console: Console, part: Part, language: kit.Language) -> None:
    made = part.delivery
    outcome = kit.say(f"delivery-{made.outcome}", language)
    console.print(f"{part.file.name}: {outcome}", style="red", markup=False)
    if part.received.error is not None:
        console.print(f"  {part.received.error.text(language)}", markup=False)
    for finding in made.findings[:FINDINGS_SHOWN]:
        console.print(f"  {finding_line(finding, language)}", markup=False)


def _cells(parts: tuple[Part, ...], seconds: float | None = None) -> list[str]:
    took = sum(part.seconds for part in parts) if seconds is None else seconds
    changes = [one for part in parts if (one := part.delivery.changes) is not None]
    read = sum(part.delivery.records for part in parts)
    return [
        f"{sum(part.delivery.is_in for part in parts)}/{len(parts)}",
        f"{read:,}",
        f"{sum(one.new for one in changes):,}",
        f"{sum(one.changed for one in changes):,}",
        f"{sum(one.gone for one in changes):,}",
        f"{sum(sum(part.delivery.rules.values()) for part in parts):,}",
        f"{took:,.1f}",
        f"{read / took:,.0f}" if took else "–",
    ]


def _records(parts: tuple[Part, ...]) -> int:
    return sum(part.delivery.records for part in parts)
