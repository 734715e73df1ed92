"""Valid rows and files to start from: a test changes the one thing it is about."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from renkei.kit import tenant
from renkei.kit.numbers import personal_check_digit, register_check_digit
from renkei.standard import Entity, catalogue

Row = Mapping[str, str]

RESIDENT = catalogue().entity("resident")
ALLOWANCE = catalogue().entity("child_allowance")
TOWN, OTHER_TOWN = tenant("131016"), tenant("131024")
DAY = date(2026, 4, 1)
NOW = datetime(2026, 4, 1, 20, 0, tzinfo=UTC)


def day(number: int) -> date:
    """Return the day that many days after the first one."""
    return DAY + timedelta(days=number)


def hour(number: int) -> datetime:
    """Return the time that many hours after the first one."""
    return NOW + timedelta(hours=number)


def register_number(number: int) -> str:
    body = f"{number:014d}"
    return f"{body}{register_check_digit(body)}"


def personal_number(number: int) -> str:
    body = f"{number:011d}"
    return f"{body}{personal_check_digit([int(digit) for digit in body])}"


def resident(number: int, **changes: str) -> Row:
    """Return a valid resident, with some items changed."""
    return {
        "register_number": register_number(number),
        "history_number": "1",
        "household_number": register_number(90000 + number),
        "name": f"見本　{number}号",
        "kana": "ミホン　ゴウ",
        "former_surname": "",
        "birth_date": "1980-02-29",
        "sex": "2",
        "relationship": "世帯主",
        "order_in_household": "1",
        "household_head": f"見本　{number}号",
        "registered_domicile": "見本県見本市見本町一丁目",
        "family_register_head": "見本　筆頭",
        "resident_since": "1980-03-00頃",
        "postal_code": "0000000",
        "address_code": "13101001001",
        "address": "見本町一丁目1番1号",
        "building": "",
        "address_since": "2001-01-01",
        "notified_on": "2001-01-02",
        "previous_address": "",
        "previous_municipality": "131024",
        "personal_number": personal_number(number),
        "resident_record_code": f"{number:011d}",
        "resident_status": "1",
        "resident_kind": "1",
        "change_reason": "11",
        "changed_on": "2001-01-01",
        "processed_on": "2001-01-02",
        "protected": "0",
    } | changes


def household(number: int, head: int, **changes: str) -> Row:
    """Return a valid household with its head, with some items changed."""
    return {
        "household_number": register_number(90000 + number),
        "household_head_number": register_number(head),
        "household_head": f"見本　{head}号",
        "postal_code": "0000000",
        "address_code": "13101001001",
        "address": "見本町一丁目1番1号",
        "household_kind": "1",
        "household_size": "1",
        "household_since": "2001-01-01",
    } | changes


def allowance(parent: int, child: int, **changes: str) -> Row:
    """Return a valid child allowance, with some items changed."""
    return {
        "register_number": register_number(parent),
        "child_number": register_number(child),
        "claimed_on": "2024-10-01",
        "paid_since": "2024-10",
        "allowance_class": "1",
        "monthly_amount": "10000",
        "paid_until": "",
        "end_reason": "",
    } | changes


def header(entity: Entity) -> str:
    return ",".join(item.ja for item in entity.items)


def lines(entity: Entity, rows: Iterable[Row]) -> list[str]:
    """Return the lines of a file: a comment, the header, the rows."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([row.get(item.name, "") for item in entity.items] for row in rows)
    return ["# 合成データ", header(entity), *out.getvalue().splitlines()]


def file(entity: Entity, rows: Iterable[Row]) -> io.BytesIO:
    """Return a file of the rows, in the standard's layout."""
    return of_lines(lines(entity, rows))


def of_lines(all_lines: Iterable[str]) -> io.BytesIO:
    return io.BytesIO("".join(f"{line}\n" for line in all_lines).encode())
