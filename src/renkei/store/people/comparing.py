"""How two records agree, part by part: a level for each, or nothing where a value is missing.

A level is kept as its place in `LEVELS` of the part, the best first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from renkei.store.people.evidence import LEVELS, Level, Part
from renkei.store.people.registers import Registers

SHORTEST_NEAR = 3  # kana: one letter of two is another name
MOST_DIGITS_WRONG = 2
NUMBER_DIGITS = 12
BIRTH_PARTS = 3


def one_edit_apart(one: str, other: str) -> bool:
    """Tell whether one letter more, less, other, or two swapped make one text of the other.

    >>> one_edit_apart("ハナコ", "ハナヨ"), one_edit_apart("ハナコ", "ナハコ")
    (True, True)
    >>> one_edit_apart("ハナコ", "ハナミコ"), one_edit_apart("ハナコ", "タロウ")
    (True, False)
    """
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    shortest = min(len(one), len(other))
    while start < shortest and one[start] == other[start]:
        start += 1
    if len(one) != len(other):
        short, long = sorted((one[start:], other[start:]), key=len)
        return short == long[1:]
    rest, changed = one[start:], other[start:]
    if rest[1:] == changed[1:]:
        return True
    return rest[:2] == changed[1::-1] and rest[2:] == changed[2:]


@dataclass(slots=True)
class Comparer:
    """Compares records of one kind; remembers which readings are one letter apart."""

    registers: Registers
    records: pl.DataFrame
    _near: dict[str, dict[tuple[int, int], bool]] = field(default_factory=dict)

    def compare(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Return pairs (`one`, `other`: row numbers) with the level of every part as UInt8."""
        one, other = self.records[pairs["one"]], self.records[pairs["other"]]
        values = pl.concat(
            [
                one.rename({name: f"{name}_1" for name in one.columns}),
                other.rename({name: f"{name}_2" for name in other.columns}),
            ],
            how="horizontal",
        )
        near = [
            self._one_edit(values, name).alias(f"{name}_near")
            for name in ("surname_read", "given_read")
        ]
        values = values.with_columns(near)
        levels = values.select(_level(part).alias(part.value) for part in Part)
        clash = values.select(_clash().alias("clash"))
        return pl.concat([pairs.select("one", "other"), levels, clash], how="horizontal")

    def _one_edit(self, values: pl.DataFrame, name: str) -> pl.Series:
        """Tell where two readings that differ are one letter apart; each two are looked at once."""
        texts = self.registers.texts[name]
        known = self._near.setdefault(name, {})
        both = values.select(
            pl.min_horizontal(f"{name}_1", f"{name}_2").alias("a"),
            pl.max_horizontal(f"{name}_1", f"{name}_2").alias("b"),
        )
        differing = both.filter(pl.col("a") != pl.col("b")).unique()
        answers = []
        for key in zip(differing["a"].to_list(), differing["b"].to_list(), strict=True):
            if key not in known:
                a, b = texts[key[0]], texts[key[1]]
                long = min(len(a), len(b)) >= SHORTEST_NEAR
                known[key] = long and one_edit_apart(a, b)
            answers.append(known[key])
        told = differing.with_columns(pl.Series("near", answers, dtype=pl.Boolean))
        return both.join(told, on=["a", "b"], how="left", maintain_order="left")["near"].fill_null(
            value=False
        )


def _level(part: Part) -> pl.Expr:
    match part:
        case Part.surname:
            return _name("surname", former=True)
        case Part.given:
            return _name("given", former=False)
        case Part.birth:
            return _birth()
        case Part.sex:
            return _either(part, _equal("sex"), _missing("sex"))
        case Part.address:
            return _address()
        case Part.number:
            return _number()
        case Part.phone:
            return _either(part, _equal("phone"), _missing("phone"))


def _equal(name: str, of: str | None = None) -> pl.Expr:
    return (pl.col(f"{name}_1") == pl.col(f"{of or name}_2")).fill_null(value=False)


def _missing(name: str) -> pl.Expr:
    return pl.col(f"{name}_1").is_null() | pl.col(f"{name}_2").is_null()


def _either(part: Part, same: pl.Expr, missing: pl.Expr) -> pl.Expr:
    return _first(part, [(missing, None), (same, Level.same)])


def _first(part: Part, cases: Sequence[tuple[pl.Expr, Level | None]]) -> pl.Expr:
    """Return the place of the first level that holds; else that the values differ."""
    places = LEVELS[part]
    differs = pl.lit(places.index(Level.differs), dtype=pl.UInt8)
    expression = differs
    for holds, level in reversed(cases):
        place = pl.lit(None if level is None else places.index(level), dtype=pl.UInt8)
        expression = pl.when(holds).then(place).otherwise(expression)
    return expression


def _name(name: str, *, former: bool) -> pl.Expr:
    written, read = _equal(name), _equal(f"{name}_read")
    cases: list[tuple[pl.Expr, Level | None]] = [
        (_missing(name) & _missing(f"{name}_read"), None),
        (written & (read | _missing(f"{name}_read")), Level.same),
        (read & _missing(name), Level.same),
        (written, Level.written),
        (read, Level.read),
    ]
    if former:
        was = _equal("former", "surname") | _equal("surname", "former")
        cases.append((was, Level.former))
    cases.append((pl.col(f"{name}_read_near"), Level.near))
    return _first(Part.surname if former else Part.given, cases)


def _birth() -> pl.Expr:
    year, month, day = (_equal(part) for part in ("year", "month", "day"))
    unknown = [_missing(part) for part in ("year", "month", "day")]
    agree = pl.sum_horizontal(e.cast(pl.UInt8) for e in (year, month, day))
    known_agree = pl.all_horizontal(e | u for e, u in zip((year, month, day), unknown, strict=True))
    swapped = year & _equal("month", "day") & _equal("day", "month")
    return _first(
        Part.birth,
        [
            (unknown[0], None),
            (year & month & day, Level.same),
            (swapped, Level.swapped),
            (known_agree, Level.partly),
            (agree == BIRTH_PARTS - 1, Level.near),
        ],
    )


def _address() -> pl.Expr:
    before = _equal("place", "before") | _equal("before", "place")
    return _first(
        Part.address,
        [
            (_missing("place"), None),
            (_equal("place"), Level.same),
            (before, Level.before),
            (_equal("area"), Level.near),
        ],
    )


def _clash() -> pl.Expr:
    """Tell where both have a 個人番号 and not the same one, whatever else is equal."""
    return (pl.col("personal_1") != pl.col("personal_2")).fill_null(value=False)


def _number() -> pl.Expr:
    """Compare the numbers only one person or body has: the first kind that both records have."""
    wrong = pl.sum_horizontal(
        (pl.col("personal_1") // 10**place % 10 != pl.col("personal_2") // 10**place % 10).cast(
            pl.UInt8
        )
        for place in range(NUMBER_DIGITS)
    )
    kinds = ("personal", "record_code", "card", "corporate")
    same = pl.any_horizontal(_equal(kind) for kind in kinds)
    return _first(
        Part.number,
        [
            (same, Level.same),
            (_missing("personal") & _missing("corporate"), None),
            (~_missing("personal") & (wrong <= MOST_DIGITS_WRONG), Level.near),
        ],
    )
