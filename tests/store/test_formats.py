"""Every format gives the same rows, whatever is in them."""

import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.standard import instances
from tests.store.deliveries import (
    DELIVERIES,
    csv_windows_31j,
    writable,
)
from tests.store.readings import in_order, read
from tests.store.rows import ALLOWANCE, RESIDENT, allowance, resident

from renkei.standard import catalogue
from renkei.store import Format, Limits, Severity
from renkei.store.formats import format_of

THREE = [resident(1, name='山"田",花', building="A棟、1,2"), resident(2), resident(3)]
ENTITIES = ["resident", "income", "shelter", "evacuation_information", "network_notice"]

each_format = pytest.mark.parametrize("kind", list(Format))


@each_format
def test_a_good_file_gives_its_rows_without_a_finding(kind: Format) -> None:
    done = read(DELIVERIES[kind](RESIDENT, THREE))
    assert done.found == []
    assert done.rows == in_order(RESIDENT, THREE)
    assert done.reading.records == 3
    assert not done.reading.is_blocked


@pytest.mark.parametrize("name", ENTITIES)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_valid_rows_are_the_same_in_every_format(name: str, data: st.DataObject) -> None:
    entity = catalogue().entity(name)
    rows = data.draw(st.lists(instances.rows(entity, catalogue()), min_size=1, max_size=4))
    plain = [writable(row) for row in rows]
    for kind, delivery in DELIVERIES.items():
        given_rows = plain if kind is Format.csv_windows_31j else rows
        done = read(delivery(entity, given_rows), entity)
        assert done.rows == in_order(entity, given_rows), kind
        errors = [one for one in done.findings.kept if one.severity is Severity.error]
        assert [one for one in errors if one.standard is None] == [], kind


@each_format
def test_the_format_is_seen_in_the_first_bytes(kind: Format) -> None:
    assert format_of(DELIVERIES[kind](RESIDENT, THREE), "resident.dat") is kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jsonl", Format.json_lines),
        ("a.XML", Format.xml),
        ("a.csv", Format.csv),
        ("a", Format.csv),
    ],
)
def test_the_name_tells_where_the_bytes_do_not(name: str, kind: Format) -> None:
    assert format_of(b" \n", name) is kind


def test_what_is_given_goes_before_what_is_seen() -> None:
    text = csv_windows_31j(RESIDENT, THREE)
    assert read(text, file_format=Format.csv).found == [("not-utf-8-but-windows-31j", 1, None)]


@each_format
def test_a_file_of_many_blocks_is_the_same_file(kind: Format) -> None:
    rows = [resident(number) for number in range(300)]
    limits = Limits(block_bytes=7_000, line_bytes=5_000)
    done = read(DELIVERIES[kind](RESIDENT, rows), limits=limits)
    assert done.rows == in_order(RESIDENT, rows)
    assert done.found == []


@each_format
def test_the_digest_is_that_of_the_files_own_bytes(kind: Format) -> None:
    text = DELIVERIES[kind](RESIDENT, THREE)
    assert read(text).reading.sha256 == hashlib.sha256(text).digest()


@each_format
def test_a_wrong_value_is_found_on_its_line(kind: Format) -> None:
    rows = [resident(1), resident(2, sex="9"), resident(3)]
    line = {Format.json_lines: 2, Format.xml: 5, Format.parquet: 2}.get(kind, 4)
    done = read(DELIVERIES[kind](RESIDENT, rows))
    assert done.found == [("code-unknown", line, "性別")]
    assert done.reading.is_blocked


@each_format
def test_the_line_of_each_row_can_be_asked(kind: Format) -> None:
    lines = {Format.json_lines: 1, Format.xml: 4, Format.parquet: 1}
    done = read(DELIVERIES[kind](RESIDENT, THREE))
    assert [done.reading.line_of(row) - lines.get(kind, 3) for row in (1, 2, 3)] == [0, 1, 2]


@each_format
def test_an_entity_with_two_key_items_is_read(kind: Format) -> None:
    rows = [allowance(1, 2), allowance(1, 3)]
    assert read(DELIVERIES[kind](ALLOWANCE, rows), ALLOWANCE).rows == in_order(ALLOWANCE, rows)
