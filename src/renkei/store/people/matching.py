"""Bringing the pairs of a town up to date: all of them, or those that loads touched since.

1. Every register number has its identity (`identities`).
2. The registers are read and searched; nothing is locked meanwhile (`searching`).
3. What the program merged and what now speaks against it is parted again, and waits for people.
4. Certain pairs and those a unit merged become one identity, unless that would join two that were
   decided to be different or are in conflict: then the pair itself is a conflict.
5. Likely pairs, alerts and conflicts wait; what nothing speaks for any more lapses.

A pair people decided once is theirs: the program changes neither its state nor what follows.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from renkei.kit import Connection, Tenant, queries
from renkei.store.people.evidence import LEVELS, PROGRAM, Part, State, Verdict
from renkei.store.people.identities import number_all, require_later, settle
from renkei.store.people.matches import MatchProgress, MatchReport
from renkei.store.people.registers import read_registers
from renkei.store.people.scoring import Weights
from renkei.store.people.searching import Found, search
from renkei.store.people.statements import REGISTERS, TOUCHING, filled_keys, given_mergers

sql = queries("renkei.store")

ROWS = 100_000  # of a copy, at once
WITHDRAWN = "the ground no longer holds"


def run(
    conn: Connection,
    tenant: Tenant,
    *,
    on: date,
    at: datetime,
    whole: bool,
    progress: Callable[[MatchProgress], object],
) -> MatchReport:
    """Do what `renkei.store.people.match` promises."""
    latest = conn.execute(sql.latest_of_all_links, {"tenant": tenant}).fetchone()
    require_later(latest, on=on, at=at)
    last = conn.execute(sql.last_match, {"tenant": tenant}).fetchone()
    if last is not None:
        require_later((last[1], last[0]), on=on, at=at)
    row = conn.execute(sql.last_position, {"tenant": tenant}).fetchone()
    position = row[0] if row else 0
    numbered = number_all(conn, tenant, on=on, at=at)
    touched = None
    if last is not None and not whole:
        touched = _touched(conn, tenant, last[2])
        if touched is not None and touched.is_empty():
            return MatchReport(False, numbered, 0, 0, 0, 0, 0, 0, 0)
    weights = None
    if last is not None and touched is not None:
        weights = {"person": Weights.read(last[3]), "body": Weights.read(last[4])}
    read = 0

    def reading(rows: int) -> None:
        nonlocal read
        read += rows
        progress(MatchProgress(read, 0))

    registers = read_registers(conn, tenant, reading)
    found = search(
        registers,
        given=_given(conn, tenant),
        weights=weights,
        touched=touched,
        progress=lambda compared: progress(MatchProgress(read, compared)),
    )
    writing = _Writing(conn, tenant, on, at)
    merged, withdrawn, lapsed = writing.write(found, touched)
    said = {
        "tenant": tenant,
        "at": at,
        "on": on,
        "position": position,
        "is_whole": touched is None,
        "records": found.records,
        "compared": found.compared,
        "found": found.pairs.height,
        "merged": merged,
        "lapsed": lapsed,
        "persons": found.weights["person"].text(),
        "bodies": found.weights["body"].text(),
    }
    conn.execute(sql.record_match, said)
    return MatchReport(
        touched is None,
        numbered,
        found.records,
        found.compared,
        found.pairs.height,
        merged,
        withdrawn,
        lapsed,
        found.too_common,
    )


def _touched(conn: Connection, tenant: Tenant, position: int) -> pl.Series | None:
    """Return the register numbers that loads touched since a position; None for all of them."""
    asked = {"tenant": tenant, "position": position, "entities": list(TOUCHING)}
    numbers = [number for (number,) in conn.execute(sql.touched_since, asked)]
    for entity, loaded_at in conn.execute(sql.fills_since, asked).fetchall():
        if entity in REGISTERS:
            return None
        filled = conn.execute(filled_keys(entity), {"tenant": tenant, "at": loaded_at})
        numbers += [number for (number,) in filled]
    return pl.Series("number", numbers, dtype=pl.String).unique()


def _given(conn: Connection, tenant: Tenant) -> pl.DataFrame:
    rows = conn.execute(given_mergers(), {"tenant": tenant}).fetchall()
    pairs = sorted({(min(a, b), max(a, b)) for a, b in rows if a != b})
    return pl.DataFrame(pairs, schema={"one": pl.String, "other": pl.String}, orient="row")


@dataclass(frozen=True, slots=True)
class _Writing:
    """Writes what a search found, under the lock of the deciders."""

    conn: Connection
    tenant: Tenant
    on: date
    at: datetime

    def write(self, found: Found, touched: pl.Series | None) -> tuple[int, int, int]:
        """Return how many pairs were merged, withdrawn and lapsed."""
        conn, said = self.conn, self._said()
        conn.execute(sql.one_decision_at_a_time, said)
        with self._tables(found, touched):
            withdrawn = self._withdraw()
            self._block_and_join()
            conn.execute(sql.keep_found, said)
            conn.execute(sql.enter_mergers, said)
            merged = conn.execute(sql.merge_pairs, said).rowcount
            lapsed = conn.execute(sql.lapse_pairs, {**said, "is_whole": touched is None}).rowcount
        return merged, withdrawn, lapsed

    def _said(self) -> dict[str, object]:
        return {"tenant": self.tenant, "on": self.on, "at": self.at, "by": PROGRAM}

    @contextmanager
    def _tables(self, found: Found, touched: pl.Series | None) -> Iterator[None]:
        conn = self.conn
        conn.execute(sql.drop_found)
        for make in (sql.make_found, sql.make_touched, sql.make_joined):
            conn.execute(make)
        self._copy(sql.copy_found, _rows(found.pairs))
        if touched is not None:
            self._copy(sql.copy_touched, [touched.to_frame()])
        conn.execute(sql.analyze_found)
        yield
        conn.execute(sql.drop_found)

    def _copy(self, statement: bytes, frames: Iterable[pl.DataFrame]) -> None:
        with self.conn.cursor() as cursor, cursor.copy(statement) as copy:
            for frame in frames:
                copy.write(frame.write_csv(include_header=False))

    def _withdraw(self) -> int:
        """Part what the program merged on a ground that no longer holds."""
        rows = self.conn.execute(sql.withdrawn, self._said()).fetchall()
        for one, other in rows:
            said = {
                **self._said(),
                "one": one,
                "other": other,
                "verdict": Verdict.undone,
                "is_proposed": False,
                "reason": WITHDRAWN,
                "state": State.waiting,
                "judged": False,
            }
            self.conn.execute(sql.enter_decision, said)
            self.conn.execute(sql.set_pair_state, said)
        numbers = {number for row in rows for number in row}
        if numbers:
            settle(self.conn, self.tenant, numbers, on=self.on, at=self.at)
        return len(rows)

    def _block_and_join(self) -> None:
        """Join the identities of certain pairs; where two must stay apart, none of theirs join."""
        joining = self._read(sql.joining, ["one", "other", "a", "b"])
        if joining.is_empty():
            return
        label = labels(joining.select("a", "b"))
        parted = self._read(sql.parted, ["a", "b"])
        known = dict(zip(label["identity"], label["label"], strict=True)) if parted.height else {}
        apart = {
            known.get(a, a) for a, b in parted.iter_rows() if known.get(a, a) == known.get(b, b)
        }
        blocked = label.filter(pl.col("label").is_in(list(apart)))
        if blocked.height:
            identities = blocked["identity"].to_list()
            self.conn.execute(sql.block_found, {**self._said(), "identities": identities})
        moved = label.filter(
            (pl.col("identity") != pl.col("label")) & ~pl.col("label").is_in(list(apart))
        )
        self._copy(sql.copy_joined, [moved.select("identity", "label")])
        said = self._said()
        latest = self.conn.execute(sql.latest_joined_links, said).fetchone()
        require_later(latest, on=self.on, at=self.at)
        self.conn.execute(sql.keep_joined_links, said)
        self.conn.execute(sql.join_links, said)

    def _read(self, statement: bytes, columns: Sequence[str]) -> pl.DataFrame:
        schema = dict.fromkeys(columns, pl.String)
        with self.conn.cursor() as cursor, cursor.copy(statement, self._said()) as copy:
            text = b"".join(copy)
        if not text:
            return pl.DataFrame(schema=schema)
        return pl.read_csv(text, has_header=False, new_columns=list(columns), schema=schema)


def labels(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return for every identity in pairs (`a`, `b`) the smallest one it is joined with.

    >>> found = labels(pl.DataFrame({"a": ["3", "2"], "b": ["2", "1"]}))
    >>> found.sort("identity")["label"].to_list()
    ['1', '1', '1']
    """
    both = pl.concat([pairs.select("a", "b"), pairs.select(pl.col("b").alias("a"), b="a")])
    found = both.select(pl.col("a").alias("identity")).unique().with_columns(label="identity")
    while True:
        near = (
            both.join(found, left_on="b", right_on="identity")
            .group_by("a")
            .agg(pl.col("label").min().alias("near"))
        )
        new = found.join(near, left_on="identity", right_on="a").select(
            "identity", pl.min_horizontal("label", "near").alias("label")
        )
        if new.sort("identity").equals(found.sort("identity")):
            return new
        found = new


def _rows(pairs: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the found pairs as the database takes them: evidence as an array of codes."""
    codes = [
        pl.col(part.value).replace_strict(
            list(range(len(LEVELS[part]))),
            [f"{part.value}-{level.value}" for level in LEVELS[part]],
            default=None,
            return_dtype=pl.String,
        )
        for part in Part
    ]
    for rows in pairs.iter_slices(ROWS):
        yield rows.select(
            "one",
            "other",
            "kind",
            "ground",
            "score",
            pl.format("{{{}}}", pl.concat_str(codes, separator=",", ignore_nulls=True)),
        )
