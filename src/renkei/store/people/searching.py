"""Finding the pairs of a town: certain ones, conflicts, alerts, and the likely ones by score.

    found = search(registers, weights=None)

1. Both registers are folded (`registers`), records that share a key are paired (`blocking`), each
   pair is compared (`comparing`) and scored (`scoring`), piece by piece.
2. A number only one person has is equal: certain where nothing speaks against it, else a conflict.
3. The four basic items are equal: an alert. People look; the program merges nothing for that.
4. The rest is likely from a probability on that is the queue's own threshold.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import log2

import polars as pl

from renkei.store.people.blocking import BODY_KEYS, KEYS, blocks, pairs
from renkei.store.people.comparing import Comparer
from renkei.store.people.evidence import LEVELS, Ground, Kind, Level, Part
from renkei.store.people.registers import Registers
from renkei.store.people.scoring import (
    Scorer,
    Weights,
    by_chance,
    expected_pairs,
    learn,
    usual,
)

LIKELY = 0.05  # probability from which on a pair is shown to people
STEP = 0.25  # bits
KEPT_BELOW = 8.0  # bits below the threshold that stay until the threshold is known
KINDS = ("person", "body")
STRONGEST = {
    kind.value: place
    for place, kind in enumerate((Kind.certain, Kind.given, Kind.conflict, Kind.alert, Kind.likely))
}
PAIR = {"one": pl.String, "other": pl.String}


@dataclass(frozen=True, slots=True)
class Found:
    """The pairs of a search: register numbers, kind, ground, score and the level of each part."""

    pairs: pl.DataFrame
    records: int
    compared: int
    too_common: int
    weights: dict[str, Weights]


def search(
    registers: Registers,
    *,
    given: pl.DataFrame | None = None,
    weights: dict[str, Weights] | None = None,
    touched: pl.Series | None = None,
    progress: Callable[[int], object] = lambda _: None,
) -> Found:
    """Return the pairs of all records, or those of touched ones by weights learnt before.

    `given` are pairs (`one`, `other`) that a unit merged; `touched` holds register numbers;
    `progress` is told how many pairs were compared.
    """
    results, used, compared, common = [], {}, 0, 0
    for kind in KINDS:
        records = registers.records.filter(pl.col("is_body") == (kind == "body"))
        one = _Search(registers, records, kind, given, touched, progress)
        pieces, used[kind] = one.run((weights or {}).get(kind))
        results.append(pieces)
        compared += one.compared
        common += one.too_common
    return Found(pl.concat(results), registers.count, compared, common, used)


class _Search:
    """The search among the records of one kind."""

    def __init__(
        self,
        registers: Registers,
        records: pl.DataFrame,
        kind: str,
        given: pl.DataFrame | None,
        touched: pl.Series | None,
        progress: Callable[[int], object],
    ) -> None:
        self.registers = registers
        self.records = records
        self.comparer = Comparer(registers, records)
        found = blocks(records, BODY_KEYS if kind == "body" else KEYS)
        self.blocks = found
        self.too_common = found.too_common
        self.given = given
        self.touched = None if touched is None else records["register"].is_in(touched.implode())
        self.progress = progress
        self.compared = 0

    def run(self, weights: Weights | None) -> tuple[pl.DataFrame, Weights]:
        """Return the pairs worth keeping, and the weights they were scored by."""
        start = weights or self._learn()
        scorer = Scorer.of(start, self.registers, self.records)
        histogram: Counter[int] = Counter()
        lowest = -start.prior + _logit(LIKELY) - KEPT_BELOW
        kept = [self._given(scorer)]
        kept += [self._kept(scorer.score(piece), histogram, lowest) for piece in self._compared()]
        final = start if weights else expected_pairs(histogram, STEP, start)
        found = pl.concat(kept)
        threshold = -final.prior + _logit(LIKELY)
        likely = (pl.col("kind") != Kind.likely) | (pl.col("score") >= threshold)
        return self._named(found.filter(likely), final), final

    def _learn(self) -> Weights:
        """Learn the weights from this town."""
        start = usual(self.records.height)
        chance = self.comparer.compare(by_chance(self.records.height))
        equal = [self.comparer.compare(piece) for piece in self._equal_numbers()]
        same = pl.concat(equal) if equal else self.comparer.compare(by_chance(0))
        return learn(start, chance, same)

    def _equal_numbers(self) -> Iterator[pl.DataFrame]:
        names = [name for name in ("personal", "corporate") if name in self.blocks.keys.columns]
        numbers = type(self.blocks)(self.blocks.keys.select(names), 0)
        yield from pairs(numbers)

    def _compared(self) -> Iterator[pl.DataFrame]:
        for piece in pairs(self.blocks, self.touched):
            if piece.is_empty():
                continue
            register = self.records["register"]
            # A number in both registers is one already: a person who became a resident.
            piece = piece.filter(register.gather(piece["one"]) != register.gather(piece["other"]))
            self.compared += piece.height
            self.progress(self.compared)
            yield self.comparer.compare(piece)

    def _given(self, scorer: Scorer) -> pl.DataFrame:
        """Compare what a unit merged; two different 個人番号 make even that a conflict."""
        rows = self.records.select("register").with_row_index("row")
        given = self.given if self.given is not None else pl.DataFrame(schema=PAIR)
        for name in ("one", "other"):
            numbered = rows.select(
                pl.col("row").cast(pl.UInt32).alias(f"{name}_row"), register="register"
            )
            numbered = numbered.unique("register", keep="first")
            given = given.join(numbered, left_on=name, right_on="register")
        pairs = given.select(
            pl.min_horizontal("one_row", "other_row").alias("one"),
            pl.max_horizontal("one_row", "other_row").alias("other"),
        )
        scored = scorer.score(self.comparer.compare(pairs))
        kind = pl.when(pl.col("clash")).then(pl.lit(Kind.conflict.value))
        return scored.with_columns(kind.otherwise(pl.lit(Kind.given.value)).alias("kind"))

    def _kept(self, scored: pl.DataFrame, histogram: Counter[int], lowest: float) -> pl.DataFrame:
        judged = scored.with_columns(_kind().alias("kind"))
        likely = judged.filter(pl.col("kind") == Kind.likely)
        steps = (likely["score"] / STEP).floor().cast(pl.Int32).value_counts(name="count")
        histogram.update(dict(steps.iter_rows()))
        return judged.filter((pl.col("kind") != Kind.likely) | (pl.col("score") >= lowest))

    def _named(self, found: pl.DataFrame, weights: Weights) -> pl.DataFrame:
        """Put register numbers in the place of rows, and the ground beside the certain ones."""
        one, other = (self.records[found[name]] for name in ("one", "other"))
        numbers = pl.DataFrame({"a": one["register"], "b": other["register"]})
        named = found.with_columns(
            numbers.select(pl.min_horizontal("a", "b")).to_series().alias("one"),
            numbers.select(pl.max_horizontal("a", "b")).to_series().alias("other"),
            _ground(one, other),
            (pl.col("score") + weights.prior).alias("score"),
        ).with_columns(
            pl.when(pl.col("kind") == Kind.given)
            .then(pl.lit(Ground.given.value))
            .otherwise("ground")
            .alias("ground")
        )
        # One pair may be found by its numbers and be given by the unit: the strongest word counts.
        rank = pl.col("kind").replace_strict(STRONGEST, return_dtype=pl.UInt8)
        return named.sort(rank, maintain_order=True).unique(["one", "other"], keep="first")


def _logit(probability: float) -> float:
    return log2(probability / (1 - probability))


def _is(part: Part, *levels: Level) -> pl.Expr:
    places = [LEVELS[part].index(level) for level in levels]
    return pl.col(part.value).is_in(places).fill_null(value=False)


def _kind() -> pl.Expr:
    """Return what a compared pair is."""
    none = {part: pl.col(part.value).is_null() for part in Part}
    given = _is(Part.given, Level.same, Level.written, Level.read)
    # Without a given name to compare, the whole name stands as surname.
    named = given | (none[Part.given] & _is(Part.surname, Level.same))
    born = _is(Part.birth, Level.same, Level.partly) | none[Part.birth]
    consistent = named & born & ~_is(Part.sex, Level.differs) & ~pl.col("clash")
    four_items = (
        _is(Part.surname, Level.same, Level.written)
        & _is(Part.given, Level.same, Level.written)
        & _is(Part.birth, Level.same)
        & _is(Part.sex, Level.same)
        & _is(Part.address, Level.same)
    )
    return (
        pl.when(_is(Part.number, Level.same) & consistent)
        .then(pl.lit(Kind.certain.value))
        .when(_is(Part.number, Level.same))
        .then(pl.lit(Kind.conflict.value))
        .when(four_items)
        .then(pl.lit(Kind.alert.value))
        .otherwise(pl.lit(Kind.likely.value))
    )


def _ground(one: pl.DataFrame, other: pl.DataFrame) -> pl.Series:
    """Return which number is equal, the personal one first."""
    columns = {
        Ground.personal_number: "personal",
        Ground.record_code: "record_code",
        Ground.card_number: "card",
        Ground.corporate_number: "corporate",
    }
    both = pl.concat(
        [
            one.select(pl.col(name).alias(f"{name}_1") for name in columns.values()),
            other.select(pl.col(name).alias(f"{name}_2") for name in columns.values()),
        ],
        how="horizontal",
    )
    ground = pl.lit(None, dtype=pl.String)
    for name, column in reversed(columns.items()):
        equal = (pl.col(f"{column}_1") == pl.col(f"{column}_2")).fill_null(value=False)
        ground = pl.when(equal).then(pl.lit(name.value)).otherwise(ground)
    return both.select(ground.alias("ground")).to_series()
