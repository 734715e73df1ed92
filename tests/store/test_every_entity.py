"""The store takes every entity of the standard, from the files of a synthetic town."""

import io
from datetime import date
from pathlib import Path

import pytest

from renkei.kit import Connection, tenant
from renkei.standard import Entity, catalogue
from renkei.standard.synthetic import write_town
from renkei.store import Outcome, load, overlaps

from .rows import day, hour

TOWN = tenant("131016")
DAY = date(2026, 4, 1)
ENTITIES = [
    pytest.param(entity, id=entity.name)
    for entity in catalogue().entities
    if entity.until is None or entity.until >= DAY
]


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
