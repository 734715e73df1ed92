"""The list of an inquiry about many: JSON or CSV, read whole or refused with the line at fault."""

import csv
import io
from collections.abc import Iterable, Iterator

import msgspec

from renkei import exchange, kit
from renkei.app.errors import (
    BulkListEmpty,
    BulkListLarge,
    BulkListWrong,
    BulkPersonTwice,
)
from renkei.app.files.question_file import decoded
from renkei.federation import BulkAsked, BulkPerson

SUBJECT, RELATION, CONSENT = "宛名番号", "対象者", "同意番号"
COLUMNS = {SUBJECT: "subject", RELATION: "relation", CONSENT: "consent"}
MOST_BYTES = 16 << 20


class _Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list in JSON."""

    persons: tuple[BulkPerson, ...]


def read_list(data: bytes, media: str, *, most: int) -> tuple[BulkPerson, ...]:
    """Return the persons of a list, in its order: each once, and no more than may be asked about.

    What each line says is checked by `check_list`, once it is known what is asked.
    """
    is_csv = media.split(";", 1)[0].strip().lower() == "text/csv"
    people = tuple(_of_csv(data, most)) if is_csv else _of_json(data)
    if not people:
        raise BulkListEmpty
    if len(people) > most:
        raise BulkListLarge(found=len(people), limit=most)
    first: dict[str, int] = {}
    for number, one in enumerate(people, 1):
        if first.setdefault(one.subject, number) != number:
            raise BulkPersonTwice(first=first[one.subject], second=number)
    return people


def check_list(asked: BulkAsked, *, instance: str) -> None:
    """Raise what is wrong with a person of a list, as the header of one question would have it."""
    for number, one in enumerate(asked.people, 1):
        try:
            exchange.envelope(asked.one(one).envelope.fields(), instance=instance)
            if not one.subject:
                raise exchange.HeaderMalformed(name="pf-subject")
        except kit.NodeError as error:
            raise BulkListWrong(person=number, reason=error.code()) from error


def parts_of(people: tuple[BulkPerson, ...], size: int) -> Iterator[tuple[BulkPerson, ...]]:
    """Yield a list in parts of a size, each as full as the others but for the last."""
    for start in range(0, len(people), size):
        yield people[start : start + size]


def _of_json(data: bytes) -> tuple[BulkPerson, ...]:
    try:
        return kit.read_json(data, _Listed).persons
    except msgspec.DecodeError as error:
        raise BulkListWrong(person=0, reason=str(error)[:200]) from error


def _of_csv(data: bytes, most: int) -> Iterator[BulkPerson]:
    """Yield the lines below the header, which names the columns that are there."""
    rows = csv.reader(io.StringIO(decoded(data).text, newline=""), strict=True)
    try:
        header = tuple(next(rows, ()))
        is_known = header[:1] == (SUBJECT,) and set(header) <= set(COLUMNS)
        if not is_known or len(set(header)) != len(header):
            reason = f"{SUBJECT}[,{RELATION}][,{CONSENT}]"
            raise BulkListWrong(person=0, reason=reason)
        for number, row in enumerate(rows, 1):
            if number > most:
                raise BulkListLarge(found=f"{most} +", limit=most)
            yield _person(header, row, number)
    except csv.Error as error:
        raise BulkListWrong(person=0, reason=str(error)) from error


def _person(header: Iterable[str], row: list[str], number: int) -> BulkPerson:
    try:
        said = {COLUMNS[name]: cell for name, cell in zip(header, row, strict=True) if cell}
        return kit.read_value(said, BulkPerson)
    except (ValueError, msgspec.ValidationError) as error:
        raise BulkListWrong(person=number, reason=str(error)[:200]) from error
