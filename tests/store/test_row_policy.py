"""Under the policy `row` bad rows are kept out by their keys, and what is about the file is not."""

import json

import pytest
from tests.store.deliveries import DELIVERIES, csv_utf_8, json_lines
from tests.store.readings import Read, in_order, read
from tests.store.rows import ALLOWANCE, RESIDENT, Row, allowance, register_number, resident

from renkei.store import Format, Limits, Policy

BAD = [resident(1), resident(2, sex="9"), resident(3), resident(4, kana="みほん", sex="8")]
each_format = pytest.mark.parametrize("kind", list(Format))


def by_row(data: bytes, limits: Limits | None = None) -> Read:
    return read(data, policy=Policy.row, limits=limits)


@each_format
def test_only_rows_without_an_error_go_on(kind: Format) -> None:
    done = by_row(DELIVERIES[kind](RESIDENT, BAD))
    assert done.rows == in_order(RESIDENT, [BAD[0], BAD[2]])
    assert not done.reading.is_blocked
    assert done.reading.records == 4
    assert done.findings.errors == 3


@each_format
def test_the_keys_of_the_rows_kept_out_are_handed_over(kind: Format) -> None:
    done = by_row(DELIVERIES[kind](RESIDENT, BAD))
    assert done.blocked_keys == [[register_number(2)], [register_number(4)]]
    assert (done.reading.blocked, done.reading.unnamed) == (2, 0)


def test_a_key_of_two_items_is_handed_over_whole() -> None:
    rows = [allowance(1, 2, monthly_amount="x"), allowance(1, 3)]
    done = read(csv_utf_8(ALLOWANCE, rows), ALLOWANCE, policy=Policy.row)
    assert done.blocked_keys == [[register_number(1), register_number(2)]]


@each_format
@pytest.mark.parametrize("key", ["", "000000000000018", "x"])
def test_a_row_whose_key_is_bad_is_counted_as_unnamed(kind: Format, key: str) -> None:
    rows = [resident(1), resident(2, register_number=key)]
    done = by_row(DELIVERIES[kind](RESIDENT, rows))
    assert (done.reading.blocked, done.reading.unnamed) == (1, 1)
    assert done.blocked_keys == []
    assert len(done.rows) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line + b",",
        lambda line: line.replace("見本".encode(), b'"', 1),
        lambda line: line.replace("見本".encode(), b"\0", 1),
        lambda line: line.replace("見本".encode(), b"a\rb", 1),
        lambda line: b"",
    ],
)
def test_a_line_of_csv_that_is_no_row_is_unnamed_and_the_next_ones_go_on(spoil) -> None:
    lines = csv_utf_8(RESIDENT, [resident(n) for n in (1, 2, 3)]).split(b"\n")
    lines[3] = spoil(lines[3])
    done = by_row(b"\n".join(lines))
    assert done.rows == in_order(RESIDENT, [resident(1), resident(3)])
    assert (done.reading.blocked, done.reading.unnamed) == (1, 1)
    assert [done.reading.line_of(row) for row in (1, 2)] == [3, 5]


def test_a_flawed_object_is_kept_out_by_its_key() -> None:
    lines = json_lines(RESIDENT, [resident(n) for n in (1, 2, 3)]).splitlines()
    lines[1] = json.dumps(json.loads(lines[1]) | {"shoe": "x"}).encode()
    done = by_row(b"\n".join([*lines, b""]))
    assert done.blocked_keys == [[register_number(2)]]
    assert len(done.rows) == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-30],
        lambda text: text.replace("氏名".encode(), b"x", 1),
        lambda text: text.replace("見本　2号".encode(), b"\x8c", 1),
    ],
    ids=["cut off", "no such column", "not UTF-8"],
)
def test_what_is_wrong_with_the_file_keeps_all_of_it_out(spoil) -> None:
    done = by_row(spoil(csv_utf_8(RESIDENT, BAD)))
    assert done.reading.is_blocked


def test_rows_of_many_blocks_are_kept_out_one_by_one() -> None:
    rows: list[Row] = [resident(n, sex="9" if n % 7 == 0 else "1") for n in range(500)]
    done = by_row(csv_utf_8(RESIDENT, rows), Limits(block_bytes=5_000))
    assert done.rows == in_order(RESIDENT, [row for row in rows if row["sex"] == "1"])
    assert len(done.blocked_keys) == done.reading.blocked == 72


def test_many_keys_are_set_aside_on_disk() -> None:
    rows = [resident(n, sex="9") for n in range(80_000)]
    done = by_row(csv_utf_8(RESIDENT, rows))
    assert len(done.blocked_keys) == 80_000
    assert done.rows == []


def test_an_alert_keeps_no_row_out() -> None:
    done = by_row(b"\xef\xbb\xbf" + csv_utf_8(RESIDENT, [resident(1)]))
    assert len(done.rows) == 1
    assert done.reading.blocked == 0
