"""名寄せ of two registers: recall of the queue (ratio), precision of the program's own mergers.

A town's residents stand once more in the register of unregistered persons, with the errors offices
make (`renkei.standard.synthetic.doubles`; the file's heading has the rates); its truth judges.
Queue: the true pairs the program did not merge and shows to people. The run fails too if fewer than
0.9999 of the pairs that became one identity are one person. `--splink PYTHON` names a Python that
has Splink and DuckDB: the same folded records, the same keys, the same length of the queue.
"""

import argparse
import hashlib
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from bench.measure import Detail, Ratio, Result, Sample, server, timed
from bench.towns import SEED, Town, town
from renkei import store
from renkei.kit import Database
from renkei.standard import catalogue
from renkei.standard.synthetic import Rates, write_doubles
from renkei.store import people
from renkei.store.people.registers import DICTIONARIES, read_registers

RATIO = Ratio(floor=0.98, baseline="truth of the simulator: true pairs not merged by the program")
PRECISION = 0.9999
DAY, LOADED, MATCHED = (
    date(2026, 4, 1),
    datetime(2026, 4, 1, tzinfo=UTC),
    datetime(2026, 4, 2, tzinfo=UTC),
)
SIDE = Path(__file__).with_name("splink_side.py")


class NotPrecise(Exception):
    """The program merged by itself what is not one person, more often than it may."""


def options(parser: argparse.ArgumentParser) -> None:
    """Add the size and where Splink is."""
    parser.add_argument("--people", type=int, default=1_000_000, help="residents (default 1 M)")
    parser.add_argument("--splink", type=Path, help="a Python that has splink and duckdb")
    parser.add_argument("--binaries", type=Path, help="PostgreSQL's programs, if not the usual")


def run(args: argparse.Namespace) -> Result:
    """Load both registers, match, and judge by the truth."""
    people_count = 30_000 if args.quick else args.people
    files = doubles(town(people_count))
    with server(["renkei.store"], args.binaries) as running, Database(running.dsn) as database:
        load(database, files)
        whole = matched(database, files, running.pid)
        truth = pl.read_csv(files.truth, infer_schema=False)
        judged = judge(database, files, truth)
        detail: dict[str, float | int | str] = {**judged.detail(), **whole}
        python = args.splink or (sys.executable if importlib.util.find_spec("splink") else None)
        if python is None:
            print("Splink is not importable here: its side did not run (--splink PYTHON)")
        else:
            detail |= splink(database, files, truth, Path(python))
    if judged.precision < PRECISION:
        raise NotPrecise(f"{judged.merged - judged.merged_right} of {judged.merged} pairs")
    return Result(judged.recall, detail)


@dataclass(frozen=True, slots=True)
class Files:
    """The two registers and the truth."""

    town: Town
    outsiders: Path
    truth: Path


def doubles(source: Town) -> Files:
    """Write the second register of a town once a machine and size, for these rates."""
    rates = hashlib.sha256(Rates().described().encode()).hexdigest()[:12]
    folder = source.resident.with_name(f"doubles-{rates}")
    if not folder.exists():
        fresh = folder.with_name(f"{folder.name}.new")
        report = write_doubles(source.resident.parent, fresh, code=source.code, seed=SEED)
        print(report, flush=True)
        fresh.rename(folder)
    return Files(source, folder / "unregistered_person.csv", folder / "truth.csv")


def load(database: Database, files: Files) -> None:
    """Load both registers."""
    for name, path in (("resident", files.town.resident), ("unregistered_person", files.outsiders)):
        start = time.perf_counter()
        with database.transaction(files.town.code) as conn:
            entity = catalogue().entity(name)
            report = store.load(conn, files.town.code, entity, path, on=DAY, at=LOADED)
        assert report.outcome is store.Outcome.loaded, report.findings.counts
        print(f"loaded {report.records} {name} in {time.perf_counter() - start:.1f} s", flush=True)


def matched(database: Database, files: Files, pid: int) -> Detail:
    """Match the town, and once more without news; tell what it took."""

    def match(at: datetime) -> people.MatchReport:
        with database.transaction(files.town.code) as conn:
            return people.match(conn, files.town.code, on=DAY, at=at)

    reports: list[people.MatchReport] = []
    whole = timed(lambda: reports.append(match(MATCHED)), {"server": pid})
    again = timed(lambda: reports.append(match(MATCHED.replace(hour=1))), {"server": pid})
    print(reports[0], flush=True)
    assert reports[1].compared == 0
    return {
        "records": reports[0].records,
        "compared_pairs": reports[0].compared,
        "seconds": round(whole.wall, 1),
        **cpu(whole),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "seconds_without_news": round(again.wall, 2),
    }


def cpu(sample: Sample) -> Detail:
    """Return the processor seconds by process tree."""
    return {f"cpu_seconds_{part}": round(seconds, 1) for part, seconds in sample.cpu.items()}


@dataclass(frozen=True, slots=True)
class Judged:
    """What the truth says of a match."""

    true_pairs: int
    merged: int
    merged_right: int
    queue: int
    queue_right: int

    @property
    def precision(self) -> float:
        """Return the share of the merged pairs that are one person."""
        return self.merged_right / max(1, self.merged)

    @property
    def recall(self) -> float:
        """Return the share of the true pairs left to people that people are shown."""
        return self.queue_right / max(1, self.left)

    @property
    def left(self) -> int:
        """Return how many true pairs the program left to people."""
        return self.true_pairs - self.merged_right

    def detail(self) -> dict[str, float | int | str]:
        """Return the figures."""
        return {
            "precision_of_mergers": round(self.precision, 6),
            "mergers": self.merged,
            "true_pairs": self.true_pairs,
            "true_pairs_left": self.left,
            "queue": self.queue,
            "queue_per_true_pair": round(self.queue / max(1, self.left), 3),
            "recall_of_all": round((self.merged_right + self.queue_right) / self.true_pairs, 4),
        }


def read(database: Database, files: Files, query: bytes, columns: list[str]) -> pl.DataFrame:
    """Read what a query gives as text."""
    statement = b"COPY (" + query + b") TO STDOUT WITH (FORMAT csv)"
    with (
        database.transaction(files.town.code) as conn,
        conn.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        text = b"".join(copy)
    schema = dict.fromkeys(columns, pl.String)
    return pl.read_csv(text, has_header=False, new_columns=columns, schema=schema)


def judge(database: Database, files: Files, truth: pl.DataFrame) -> Judged:
    """Hold identities and queue against the truth."""
    links = read(
        database,
        files,
        b"SELECT register_number, unified_number FROM store_identity_link",
        ["register_number", "identity"],
    ).join(truth, on="register_number")
    waiting = read(
        database,
        files,
        b"SELECT one, other FROM store_pair WHERE state = 'waiting'",
        ["one", "other"],
    )
    right = waiting.join(truth, left_on="one", right_on="register_number").join(
        truth, left_on="other", right_on="register_number", suffix="_other"
    )
    right = right.filter(pl.col("person") == pl.col("person_other"))
    return Judged(
        true_pairs=pairs_in(truth, ["person"]),
        merged=pairs_in(links, ["identity"]),
        merged_right=pairs_in(links, ["identity", "person"]),
        queue=waiting.height,
        queue_right=right.height,
    )


def pairs_in(rows: pl.DataFrame, by: list[str]) -> int:
    """Return how many pairs stand in the same group."""
    sizes = rows.group_by(by).len()["len"].cast(pl.UInt64)
    return int((sizes * (sizes - 1) // 2).sum())


def splink(database: Database, files: Files, truth: pl.DataFrame, python: Path) -> Detail:
    """Let Splink rank the pairs of persons, and compare both at the same length of the queue."""
    with database.transaction(files.town.code) as conn:
        registers = read_registers(conn, files.town.code)
    persons = registers.records.filter(~pl.col("is_body")).with_row_index("row")
    number = persons.select("row", "register", "personal").join(
        truth.rename({"register_number": "register"}), on="register", maintain_order="left"
    )
    with tempfile.TemporaryDirectory(prefix="renkei-bench-") as folder:
        source, target = (Path(folder) / name for name in ("in.parquet", "out.parquet"))
        month, day = (pl.col(name).cast(pl.Int32) for name in ("month", "day"))
        persons.select(
            "row",
            *("year", "month", "day", "sex", "record_code"),
            (pl.min_horizontal(month, day) * 100 + pl.max_horizontal(month, day)).alias("md"),
            pl.col("personal").cast(pl.String).str.zfill(12),
            *(
                registers.texts[dictionary].gather(persons[column]).alias(column)
                for column, dictionary in DICTIONARIES.items()
                if column not in {"phone", "card"}
            ),
        ).write_parquet(source)
        done = subprocess.run(
            [python, SIDE, source, target], stdout=subprocess.PIPE, text=True, check=True
        )
        theirs = pl.read_parquet(target).rename({"row_l": "one", "row_r": "other"})
    told = json.loads(done.stdout.splitlines()[-1])
    ours = read(
        database,
        files,
        b"SELECT one, other, score FROM store_pair WHERE state = 'waiting'"
        b" AND kind IN ('likely', 'alert')",
        ["one", "other", "score"],
    ).with_columns(pl.col("score").cast(pl.Float64))
    rows = number.select(pl.col("row"), pl.col("register"))
    ours = ours.join(rows.rename({"register": "one", "row": "a"}), on="one").join(
        rows.rename({"register": "other", "row": "b"}), on="other"
    )
    ours = ours.select(pl.col("a").alias("one"), pl.col("b").alias("other"), "score")
    theirs = theirs.select("one", "other", pl.col("match_weight").alias("score"))
    left = left_to_rank(number)
    detail: dict[str, float | int | str] = {
        "splink": told["version"],
        "splink_seconds": round(told["seconds"], 1),
        "splink_cpu_seconds": round(told["cpu_seconds"], 1),
        "splink_megabytes": told["megabytes"],
        "splink_pairs": theirs.height,
    }
    for share in (0.9, 0.95, 1.0, 1.05, 1.1):
        length = int(left * share)
        for side, ranked in (("ours", ours), ("splink", theirs)):
            found = true_among(ranked, number, length)
            detail[f"{side}_recall_at_{share}"] = round(found / left, 4)
    return detail


def left_to_rank(number: pl.DataFrame) -> int:
    """Return how many true pairs of persons have no equal 個人番号: what a ranking is for."""
    return pairs_in(number, ["person"]) - pairs_in(
        number.drop_nulls("personal"), ["person", "personal"]
    )


def true_among(ranked: pl.DataFrame, number: pl.DataFrame, length: int) -> int:
    """Return how many of the first pairs of a ranking, without equal numbers, are one person."""
    of = number.select("row", "personal", "person")
    both = ranked.join(of, left_on="one", right_on="row").join(
        of, left_on="other", right_on="row", suffix="_other"
    )
    open_ = both.filter((pl.col("personal") != pl.col("personal_other")).fill_null(value=True))
    first = open_.sort("score", descending=True).head(length)
    return first.filter(pl.col("person") == pl.col("person_other")).height
