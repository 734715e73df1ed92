"""A few people in both registers of a town, to be found as one or kept apart."""

from collections.abc import Iterable
from datetime import date, datetime

from msgspec.structs import replace
from tests.store.rows import (
    DAY,
    NOW,
    RESIDENT,
    TOWN,
    Row,
    file,
    personal_number,
    register_number,
    resident,
)

from renkei import store
from renkei.kit import Connection, Tenant
from renkei.standard import Catalogue, catalogue

OUTSIDER = catalogue().entity("unregistered_person")
MERGE = catalogue().entity("addressee_merge")
OUTSIDE = 5_000
"""Where the numbers of the unregistered persons of these tests begin."""


def person(number: int, **changes: str) -> dict[str, str]:
    """Return a resident with a name and a birth date of their own."""
    own = resident(
        number,
        name=f"見本{number}　花子",
        kana=f"{kana(number)}　ハナコ",
        birth_date=f"19{number % 90 + 10}-0{number % 9 + 1}-1{number % 9}",
        address=f"見本町{number % 9 + 1}丁目{number}番1号",
    )
    return {**own, **changes}


def kana(number: int) -> str:
    """Return a reading that belongs to a number."""
    letters = "カキクケコサシスセソ"
    return "".join(letters[int(digit)] for digit in f"{number:03d}")


def outsider(number: int, like: Row, **changes: str) -> dict[str, str]:
    """Return an unregistered person who is written down like a resident."""
    copied = ("name", "kana", "birth_date", "sex", "postal_code", "address", "personal_number")
    return {
        **{name: like[name] for name in copied},
        "register_number": outside(number),
        "person_kind": "1",
        "registration_reason": "土地・家屋の所有",
        "registration_affair": "固定資産税",
        "valid_since": "2020-04-01",
        "protected": "0",
    } | changes


def outside(number: int) -> str:
    """Return the register number of an unregistered person."""
    return register_number(OUTSIDE + number)


UNRULED = Catalogue("unruled", replace(catalogue().content, rules=()))


def load(
    conn: Connection,
    residents: Iterable[Row],
    outsiders: Iterable[Row],
    *,
    town: Tenant = TOWN,
    on: date = DAY,
    at: datetime = NOW,
) -> None:
    """Load both registers; every file must go in, as if from before there were rules of records."""
    for entity, rows in ((RESIDENT, residents), (OUTSIDER, outsiders)):
        source = file(entity, rows)
        report = store.load(
            conn, town, entity, source, on=on, at=at, allow_ending=True, standard=UNRULED
        )
        assert report.outcome is not store.Outcome.blocked, report.findings.kept


__all__ = ["load", "outside", "outsider", "person", "personal_number", "register_number"]
