"""How much the agreement of two records says: bits for or against their being one (Fellegi-Sunter).

Each level of each part has two shares: among pairs that are one person (m) and among pairs that are
not (u). Its weight is log2 of m to u, and the weights of the parts add up. Both shares are learnt
from the town itself: u from pairs drawn by chance, m from pairs whose 個人番号 is equal; what a
small town cannot tell comes from `USUAL`. A rare name says more than a common one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import polars as pl

from renkei import kit
from renkei.store.people.evidence import LEVELS, Level, Part
from renkei.store.people.registers import Registers

Shares = dict[Part, dict[Level, tuple[float, float]]]

USUAL: Shares = {
    Part.surname: {
        Level.same: (0.90, 0.009),
        Level.written: (0.01, 0.0005),
        Level.read: (0.04, 0.003),
        Level.former: (0.02, 0.0005),
        Level.near: (0.01, 0.01),
        Level.differs: (0.02, 0.977),
    },
    Part.given: {
        Level.same: (0.90, 0.006),
        Level.written: (0.03, 0.0005),
        Level.read: (0.05, 0.006),
        Level.near: (0.019, 0.03),
        Level.differs: (0.001, 0.9575),
    },
    Part.birth: {
        Level.same: (0.95, 3.0e-5),
        Level.swapped: (0.01, 1.0e-5),
        Level.near: (0.025, 0.004),
        Level.partly: (0.013, 0.0003),
        Level.differs: (0.002, 0.9957),
    },
    Part.sex: {Level.same: (0.995, 0.5), Level.differs: (0.005, 0.5)},
    Part.address: {
        Level.same: (0.45, 1.0e-5),
        Level.before: (0.10, 1.0e-5),
        Level.near: (0.05, 0.002),
        Level.differs: (0.40, 0.998),
    },
    Part.number: {
        Level.same: (0.97, 1.0e-10),
        Level.near: (0.01, 1.0e-7),
        Level.differs: (0.02, 1.0),
    },
    Part.phone: {Level.same: (0.5, 1.0e-5), Level.differs: (0.5, 1.0)},
}
"""What holds where a town's own pairs say nothing yet; the simulated errors of `doubles` agree."""

USUAL_COUNTS_PAIRS = 300  # as many pairs of the town weigh as much as the usual share m
USUAL_COUNTS_CHANCE = 20_000  # and of pairs drawn by chance, as much as the usual share u
SAMPLE = 1_000_000
STRIDE = 2_654_435_761  # a prime: rows are paired without any order
MOST_RARE = 16.0  # bits a rare name adds to the average one, at most
RARE = {Part.surname: "surname", Part.given: "given"}
LEARNT = tuple(part for part in Part if part is not Part.number)
"""How numbers go wrong is not seen in pairs whose numbers are equal."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The shares m and u of every level, and how many pairs of all are expected to be one."""

    shares: Shares
    expected: float  # pairs that are one, among `possible`
    possible: float

    def bits(self, part: Part, level: Level) -> float:
        """Return what a level says for (or against) the two being one."""
        m, u = self.shares[part][level]
        return math.log2(m / u)

    @property
    def prior(self) -> float:
        """Return log2 of the odds that two records drawn by chance are one."""
        return math.log2(max(self.expected, 1.0) / max(self.possible - self.expected, 1.0))

    def text(self) -> str:
        """Return the weights as the book of searches keeps them."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def read(cls, text: str) -> "Weights":
        """Read the weights back from the book."""
        return kit.read_json(text, cls)


def possible_pairs(records: int) -> float:
    """Return how many pairs so many records make."""
    return records * (records - 1) / 2


def usual(records: int) -> Weights:
    """Return the weights of a town that nothing is known of: one record in ten has a double."""
    return Weights(USUAL, records / 10, possible_pairs(records))


def by_chance(records: int) -> pl.DataFrame:
    """Return pairs of rows that have nothing to do with each other, the same every time."""
    if records < 2:
        return pl.DataFrame({"one": [], "other": []}, schema={"one": pl.UInt32, "other": pl.UInt32})
    count = min(SAMPLE, records * 20)
    index = pl.int_range(count, dtype=pl.UInt64, eager=True)
    one = index % records
    other = (index * STRIDE + index // records * 7_919 + 1) % records
    found = pl.DataFrame({"one": one.cast(pl.UInt32), "other": other.cast(pl.UInt32)})
    return found.filter(pl.col("one") != pl.col("other"))


def learn(start: Weights, chance: pl.DataFrame, equal_number: pl.DataFrame) -> Weights:
    """Learn the shares from compared pairs: drawn by chance, and of equal number.

    A number somebody else has was written into some of the latter; what speaks against them
    counts them out.
    """
    if equal_number.height:
        parts = pl.sum_horizontal(_bits(part, start) for part in LEARNT)
        trust = equal_number.select((1 / (1 + 2.0 ** -(parts + start.prior + 20))).alias("trust"))
        equal_number = equal_number.with_columns(trust)
    else:
        equal_number = equal_number.with_columns(pl.lit(1.0).alias("trust"))
    shares = dict(start.shares)
    for part in LEARNT:
        m = _counted(part, equal_number, "trust")
        u = _counted(part, chance.with_columns(pl.lit(1.0).alias("trust")), "trust")
        shares[part] = {
            level: (
                _smoothed(m, level, start.shares[part][level][0], USUAL_COUNTS_PAIRS),
                _smoothed(u, level, start.shares[part][level][1], USUAL_COUNTS_CHANCE),
            )
            for level in LEVELS[part]
        }
    return Weights(shares, start.expected, start.possible)


def _counted(part: Part, pairs: pl.DataFrame, by: str) -> dict[Level, float]:
    counts = pairs.drop_nulls(part.value).group_by(part.value).agg(pl.col(by).sum())
    return {LEVELS[part][place]: count for place, count in counts.iter_rows()}


def _smoothed(counts: Mapping[Level, float], level: Level, share: float, weight: int) -> float:
    total = sum(counts.values())
    return (counts.get(level, 0.0) + share * weight) / (total + weight)


def _bits(part: Part, weights: Weights) -> pl.Expr:
    places = LEVELS[part]
    return pl.col(part.value).replace_strict(
        list(range(len(places))),
        [weights.bits(part, level) for level in places],
        default=0.0,
        return_dtype=pl.Float32,
    )


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores compared pairs of one kind of records."""

    weights: Weights
    records: pl.DataFrame
    rarity: Mapping[str, pl.Series]

    @classmethod
    def of(cls, weights: Weights, registers: Registers, records: pl.DataFrame) -> "Scorer":
        """Count how rare every name is."""
        names = [name for own in RARE.values() for name in (own, f"{own}_read")]
        rarity = {name: _rarity(records[name], registers.texts[name].len()) for name in names}
        return cls(weights, records, rarity)

    def score(self, compared: pl.DataFrame) -> pl.DataFrame:
        """Return the pairs with `score`, in bits."""
        parts = compared.select(_bits(part, self.weights).alias(part.value) for part in Part)
        for part, name in RARE.items():
            parts = parts.with_columns(
                (parts[part.value] + self._rare(compared, part, name)).alias(part.value)
            )
        # Relatives share surname and address: to two of them with other given names (twins!)
        # neither says that they are one.
        relatives = (compared["given"] == LEVELS[Part.given].index(Level.differs)) & (
            compared["address"] == LEVELS[Part.address].index(Level.same)
        )
        parts = parts.with_columns(
            pl.when(relatives.fill_null(value=False))
            .then(pl.min_horizontal(part.value, 0.0))
            .otherwise(part.value)
            .alias(part.value)
            for part in (Part.surname, Part.address)
        )
        total = parts.select(pl.sum_horizontal(pl.all()).alias("score"))
        return pl.concat([compared, total], how="horizontal")

    def _rare(self, compared: pl.DataFrame, part: Part, name: str) -> pl.Series:
        """Return how much more (or less) than an average name this one says where it agrees."""
        places = LEVELS[part]
        level = compared[part.value]
        written, read = (
            self.rarity[n].gather(self.records[n].gather(compared["one"]).fill_null(0))
            for n in (name, f"{name}_read")
        )
        return pl.select(
            pl.when(level.is_in([places.index(Level.same), places.index(Level.written)]))
            .then(written)
            .when(level == places.index(Level.read))
            .then(read)
            .otherwise(0.0)
        ).to_series()


def _rarity(values: pl.Series, texts: int) -> pl.Series:
    """Return for every text how many bits rarer than the average it is."""
    counts = values.drop_nulls().value_counts(name="count")
    total = max(int(counts["count"].sum()), 1)
    shares = counts["count"] / total
    average = float((shares**2).sum()) or 1.0
    bits = ((average / shares).log(2)).clip(-MOST_RARE, MOST_RARE).cast(pl.Float32)
    all_texts = pl.DataFrame({"id": pl.int_range(max(texts, 1), dtype=pl.UInt32, eager=True)})
    known = pl.DataFrame({"id": counts[values.name], "bits": bits})
    joined = all_texts.join(known, on="id", how="left", maintain_order="left")
    return joined["bits"].fill_null(0.0)


def expected_pairs(histogram: Mapping[int, int], step: float, weights: Weights) -> Weights:
    """Return the weights with the number of pairs that are one, as the scores found suggest.

    `histogram` counts scores by their step; a few rounds of expectation and maximisation.
    """
    expected = max(weights.expected, 1.0)
    for _ in range(50):
        prior = expected / max(weights.possible - expected, 1.0)
        new = sum(
            count * (1 / (1 + 2.0 ** -(place * step) / prior)) for place, count in histogram.items()
        )
        if abs(new - expected) < 1e-3 * expected:
            break
        expected = max(new, 1.0)
    return Weights(weights.shares, expected, weights.possible)
