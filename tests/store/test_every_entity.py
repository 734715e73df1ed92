"""The store takes every entity of the standard in every format, from a synthetic town's files.

The suite takes every fourth of them; what is taken depends on the kinds of items alone.
"""

import csv
import io
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import pytest
from tests.sampling import some_of

from renkei.kit import Connection, tenant
from renkei.standard import Entity, catalogue
from renkei.standard.synthetic import write_town
from renkei.store import Changes, Format, Outcome, load, overlaps

from .deliveries import DELIVERIES, writable
from .rows import Row, day, hour

TOWN = tenant("131016")
DAY = date(2026, 4, 1)
IN_FORCE = [one for one in catalogue().entities if one.until is None or one.until >= DAY]
ENTITIES = [pytest.param(one, id=one.name) for one in some_of(IN_FORCE, every=4)]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the files of a whole town."""
    folder = tmp_path_factory.mktemp("whole-town")
    write_town(TOWN, people=200, seed=11, out=folder, units=["all"])
    return folder


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_file_of_each_entity_is_loaded_once(conn: Connection, town: Path, entity: Entity) -> None:
    file = town / f"{entity.name}.csv"
    report = load(conn, TOWN, entity, file, on=DAY, at=hour(1))
    assert report.findings.kept == []
    assert report.outcome is Outcome.loaded
    assert report.records > 0
    assert load(conn, TOWN, entity, file, on=DAY, at=hour(2)).outcome is Outcome.already_loaded
    assert overlaps(conn, TOWN, entity) == 0


def sample(file: Path, entity: Entity) -> list[Row]:
    """Return the first records of a file."""
    with file.open(encoding="utf-8", newline="") as text:
        lines = csv.reader(line for line in text if not line.startswith("#"))
        next(lines)
        names = [item.name for item in entity.items]
        return [dict(zip(names, line, strict=True)) for line in islice(lines, 40)]


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_records_of_each_entity_are_the_same_in_every_format(
    conn: Connection, town: Path, entity: Entity
) -> None:
    rows = [writable(row) for row in sample(town / f"{entity.name}.csv", entity)]
    for number, kind in enumerate(Format):
        source = io.BytesIO(DELIVERIES[kind](entity, rows))
        later = DAY + timedelta(number)
        report = load(conn, TOWN, entity, source, on=later, at=hour(number))
        assert report.findings.errors == 0, kind
        new, same = (len(rows), 0) if number == 0 else (0, len(rows))
        assert report.changes == Changes(new=new, changed=0, gone=0, same=same), kind


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_later_file_of_each_entity_is_compared_with_its_records(
    conn: Connection, town: Path, entity: Entity
) -> None:
    file = town / f"{entity.name}.csv"
    load(conn, TOWN, entity, file, on=DAY, at=hour(1))
    again = load(conn, TOWN, entity, file, on=DAY + timedelta(days=1), at=hour(2))
    assert again.changes == Changes(new=0, changed=0, gone=0, same=again.records)


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_second_file_of_each_entity_merges(conn: Connection, town: Path, entity: Entity) -> None:
    lines = (town / f"{entity.name}.csv").read_bytes().splitlines(keepends=True)
    load(conn, TOWN, entity, io.BytesIO(b"".join(lines)), on=DAY, at=hour(1))
    fewer = io.BytesIO(b"".join(lines[:-1]))
    report = load(conn, TOWN, entity, fewer, on=day(1), at=hour(2), allow_ending=True)
    assert report.changes is not None
    assert (report.changes.new, report.changes.changed, report.changes.gone) == (0, 0, 1)
    header = f"異動区分,{lines[_head(lines)].decode()}".encode()
    again = io.BytesIO(header + b"1," + lines[-1])
    report = load(conn, TOWN, entity, again, on=day(2), at=hour(3), difference=1)
    assert report.findings.kept == []
    assert report.changes is not None
    assert report.changes.new == 1
    assert overlaps(conn, TOWN, entity) == 0


def _head(lines: list[bytes]) -> int:
    return next(number for number, line in enumerate(lines) if not line.startswith(b"#"))
