"""The records of a town as they are compared: folded, small, and in memory for one search.

A record is a row of numbers: every distinct text has a number of its own, so a million records take
about a hundred megabytes and comparing two of them compares numbers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl

from renkei.kit import Connection, Tenant
from renkei.standard import characters
from renkei.store.check_digits import corporate_digit_ok, personal_digit_ok
from renkei.store.people import folding
from renkei.store.people.statements import COMPARED, REGISTERS, compared

BLOCK = 32 * 2**20
BODY = "2"
SEXES = {"1": 1, "2": 2}

DICTIONARIES = {
    "surname": "surname",
    "former": "surname",
    "given": "given",
    "surname_read": "surname_read",
    "given_read": "given_read",
    "place": "place",
    "before": "place",
    "area": "area",
    "phone": "phone",
    "card": "card",
}
"""The columns whose texts are numbered, each by the dictionary of what it is compared with."""

OF_ONE_PERSON = ("personal", "record_code", "card")
MOST_OF_ONE_PERSON = 10
"""Records with one number of a person, at most: what more share was filled in for want of one."""


@dataclass(frozen=True, slots=True)
class Registers:
    """All records of a town that may be somebody's double, and the texts behind the numbers."""

    records: pl.DataFrame
    texts: dict[str, pl.Series] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Return how many records there are."""
        return self.records.height


def read_registers(
    conn: Connection, tenant: Tenant, progress: Callable[[int], object] = lambda _: None
) -> Registers:
    """Read both registers as they are now in force."""
    blocks = [block for name in REGISTERS for block in _blocks(conn, tenant, name, progress)]
    raw = pl.concat(blocks) if blocks else _empty()
    return fold(raw)


def _blocks(
    conn: Connection, tenant: Tenant, register: str, progress: Callable[[int], object]
) -> Iterator[pl.DataFrame]:
    """Yield the rows of a register in blocks, as text."""
    waiting = bytearray()
    with conn.cursor() as cursor, cursor.copy(compared(register), {"tenant": tenant}) as copy:
        for row in copy:
            waiting += row  # one row of the table each: a block never ends inside one
            if len(waiting) >= BLOCK:
                yield _parsed(waiting, progress)
                waiting.clear()
    if waiting:
        yield _parsed(waiting, progress)


def _parsed(block: bytearray, progress: Callable[[int], object]) -> pl.DataFrame:
    frame = pl.read_csv(
        bytes(block), has_header=False, new_columns=list(COMPARED), schema=_schema()
    )
    progress(frame.height)
    return frame


def _schema() -> dict[str, type[pl.String]]:
    return dict.fromkeys(COMPARED, pl.String)


def _empty() -> pl.DataFrame:
    return pl.DataFrame(schema=_schema())


def fold(raw: pl.DataFrame) -> Registers:
    """Fold the texts of records (columns as `COMPARED`) and number them."""
    is_body = pl.col("person_kind") == BODY
    names = raw.select(
        pl.col("register_number").alias("register"),
        pl.col("person_kind").eq(BODY).alias("is_body"),
        _person(folding.split(pl.col("name"), "surname")).alias("surname"),
        pl.when(is_body)
        .then("name")
        .otherwise(folding.split(pl.col("name"), "given"))
        .alias("given"),
        _person(folding.split(pl.col("kana"), "surname")).alias("surname_read"),
        pl.when(is_body)
        .then("kana")
        .otherwise(folding.split(pl.col("kana"), "given"))
        .alias("given_read"),
        pl.col("former_surname").alias("former"),
        folding.address(pl.col("address")).alias("place"),
        folding.address(pl.col("previous_address")).alias("before"),
        "phone",
        *folding.birth(pl.col("birth_date")),
        pl.col("sex").replace_strict(SEXES, default=None, return_dtype=pl.UInt8),
        *_numbers(),
        pl.col("postal_code").alias("area"),
    ).with_columns(pl.coalesce("area", folding.neighbourhood(pl.col("place"))).alias("area"))
    names = names.with_columns(_of_one_person(name) for name in OF_ONE_PERSON)
    return _numbered(_folded(names))


def _person(value: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("person_kind") != BODY).then(value)


def _of_one_person(name: str) -> pl.Expr:
    """Return a number where few enough records share it; else it stands for no number at all."""
    return pl.when(pl.len().over(name) <= MOST_OF_ONE_PERSON).then(pl.col(name)).alias(name)


def _numbers() -> list[pl.Expr]:
    """Return the numbers only one person or body has, where their check digit fits."""
    personal, corporate = pl.col("personal_number"), pl.col("corporate_number")
    return [
        pl.when(personal_digit_ok(personal)).then(folding.number(personal)).alias("personal"),
        folding.number(pl.col("resident_record_code")).alias("record_code"),
        pl.col("card_number").str.strip_chars().str.to_uppercase().alias("card"),
        pl.when(corporate_digit_ok(corporate)).then(folding.number(corporate)).alias("corporate"),
    ]


def _folded(names: pl.DataFrame) -> pl.DataFrame:
    """Fold each distinct name and reading once; a name without a space is split by the town's."""
    persons, bodies = names.filter(~pl.col("is_body")), names.filter(pl.col("is_body"))
    persons = persons.with_columns(
        *(
            folding.each(persons[name], characters.name_to_compare)
            for name in ("surname", "given", "former")
        ),
        *(
            folding.each(persons[name], characters.reading_to_compare)
            for name in ("surname_read", "given_read")
        ),
    )
    bodies = bodies.with_columns(
        folding.each(bodies["given"], characters.body_to_compare),
        folding.each(bodies["given_read"], characters.body_reading_to_compare),
    )
    whole = pl.concat([_spaced(persons), bodies])
    return whole.sort("is_body", "register", maintain_order=True)


def _spaced(persons: pl.DataFrame) -> pl.DataFrame:
    for surname, given in (("surname", "given"), ("surname_read", "given_read")):
        spaced = persons[given].is_not_null()
        known = frozenset(persons[surname].filter(spaced).drop_nulls().unique())
        found = folding.surname_of(persons[surname].filter(~spaced).drop_nulls().unique(), known)
        if not found:
            continue
        whole = pl.col(surname)
        first = whole.replace_strict(
            list(found), list(found.values()), default=None, return_dtype=pl.String
        )
        split = pl.col(given).is_null() & first.is_not_null()
        persons = persons.with_columns(
            pl.when(split).then(first).otherwise(whole).alias(surname),
            pl.when(split)
            .then(whole.str.slice(first.str.len_chars()))
            .otherwise(pl.col(given))
            .alias(given),
        )
    return persons


def _numbered(names: pl.DataFrame) -> Registers:
    """Give each distinct text a number; texts that are compared share a dictionary."""
    texts: dict[str, pl.Series] = {}
    for dictionary in dict.fromkeys(DICTIONARIES.values()):
        columns = [column for column, own in DICTIONARIES.items() if own == dictionary]
        distinct = pl.concat([names[c].drop_nulls().alias("text") for c in columns]).unique().sort()
        texts[dictionary] = distinct
        numbers = pl.DataFrame(
            {"text": distinct, "id": pl.int_range(distinct.len(), dtype=pl.UInt32, eager=True)}
        )
        for column in columns:
            ids = names.select(pl.col(column).alias("text")).join(
                numbers, on="text", how="left", maintain_order="left"
            )["id"]
            names = names.with_columns(ids.alias(column))
    return Registers(names, texts)
