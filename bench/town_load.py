r"""A whole town of every unit in one command against `psql \copy` of its files, rows/s.

The baseline copies each file into a table without index, key or check, all in one `psql` session.
"""

import argparse
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from bench.measure import BaselineMissing, Ratio, Result, Server, interleaved, server
from renkei.app.deliveries.receiving import Receiver
from renkei.app.deliveries.town import Town, load_town
from renkei.kit import Database, tenant
from renkei.standard import catalogue
from renkei.standard.synthetic import write_town

RATIO = Ratio(floor=0.1, baseline="psql \\copy of the same files into bare tables")
TOWN, SEED = tenant("131016"), 1
DAY = date(2026, 4, 1)


def options(parser: argparse.ArgumentParser) -> None:
    """Add size and rounds."""
    parser.add_argument("--people", type=int, default=200_000, help="residents (default 200,000)")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--binaries", type=Path, help="PostgreSQL's programs, if not the usual")


def run(args: argparse.Namespace) -> Result:
    """Measure rows per second of both over all files."""
    people = 20_000 if args.quick else args.people
    with _town(people) as folder, server(["renkei.store"], args.binaries) as running:
        baseline = Copying(running, folder)
        loaded: list[Town] = []
        with Database(running.dsn) as database:
            receiver = Receiver(database, TOWN, catalogue(), lambda: datetime.now(UTC))
            measured = interleaved(
                args.rounds,
                {
                    "copy": baseline.run,
                    "load": lambda: loaded.append(load_town(receiver, folder, on=DAY)),
                },
                {"server": running.pid},
                before=lambda _: empty(running.dsn),
            )
    (last, copy, ours) = loaded[-1], measured["copy"], measured["load"]
    assert last.is_whole
    rows = sum(part.delivery.records for part in last.parts)
    return Result(
        copy.wall / ours.wall,
        {
            "people": people,
            "units": len(last.units),
            "files": len(last.parts),
            "rows": rows,
            "load_seconds": round(ours.wall, 1),
            "load_rows_per_second": round(rows / ours.wall),
            "copy_rows_per_second": round(rows / copy.wall),
            "load_cpu_seconds": round(ours.cpu, 1),
            "copy_cpu_seconds": round(copy.cpu, 1),
            "cpus_busy_with_others": round(ours.others, 1),
        },
    )


@contextmanager
def _town(people: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="renkei-whole-town-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        print(f"writing a town of {people} people, all units …", flush=True)
        write_town(TOWN, people=people, seed=SEED, out=folder, units=["all"])
        yield folder


class Copying:
    """The baseline: `psql` copies every file into a table of text columns."""

    def __init__(self, running: Server, folder: Path) -> None:
        """Make the tables and the script; refuse where there is no psql."""
        beside = running.programs / "psql"
        found = str(beside) if beside.exists() else shutil.which("psql")
        if found is None:
            raise BaselineMissing("no psql beside the server's programs nor in the path")
        lines = []
        with psycopg.connect(running.dsn, autocommit=True) as conn:
            for entity in catalogue().entities:
                file = folder / f"{entity.name}.csv"
                if not file.exists():
                    continue
                names = (SQL("{} text").format(Identifier(item.name)) for item in entity.items)
                table = f"bench_{entity.name}"
                make = SQL("CREATE TABLE {} ({})").format(Identifier(table), SQL(", ").join(names))
                conn.execute(make)
                lines.append(f"\\copy {table} from '{_bare(file)}' csv header")
        script = folder / "copy.sql"
        script.write_text("\n".join(lines), encoding="utf-8")
        self._command = [found, running.dsn, "--quiet", "--no-psqlrc", "-f", str(script)]

    def run(self) -> None:
        """Copy every file once."""
        subprocess.run(self._command, check=True)


def _bare(file: Path) -> Path:
    """Write a file without its comment lines, as `psql` needs it."""
    bare = file.with_suffix(".bare")
    with file.open("rb") as source, bare.open("wb") as target:
        target.writelines(line for line in source if not line.startswith(b"#"))
    return bare


def empty(dsn: str) -> None:
    """Empty all tables and write everything out, so that each round starts alike."""
    ours = (
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
        " AND (starts_with(relname, 'store_') OR starts_with(relname, 'bench_'))"
    )
    with psycopg.connect(dsn, autocommit=True) as conn:
        names = [Identifier(name) for (name,) in conn.execute(ours).fetchall()]
        conn.execute(SQL("TRUNCATE {} CASCADE").format(SQL(", ").join(names)))
        conn.execute("CHECKPOINT")
