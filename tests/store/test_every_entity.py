"""The store takes every entity of the standard, from the files of a synthetic town."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from renkei.kit import Connection, tenant
from renkei.standard import Entity, catalogue
from renkei.standard.synthetic import write_town
from renkei.store import Changes, Outcome, load, overlaps

from .rows import hour

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
def test_a_later_file_of_each_entity_is_compared_with_its_records(
    conn: Connection, town: Path, entity: Entity
) -> None:
    file = town / f"{entity.name}.csv"
    load(conn, TOWN, entity, file, on=DAY, at=hour(1))
    again = load(conn, TOWN, entity, file, on=DAY + timedelta(days=1), at=hour(2))
    assert again.changes == Changes(new=0, changed=0, gone=0, same=again.records)


def test_a_whole_town_breaks_no_rule_and_refers_to_what_is_there(
    conn: Connection, town: Path
) -> None:
    entities = [entity for entity in catalogue().entities if (town / f"{entity.name}.csv").exists()]
    for number in (0, 1):  # the second time, every reference can be asked
        findings = [
            (entity.name, finding.rule)
            for entity in entities
            for finding in load(
                conn,
                TOWN,
                entity,
                town / f"{entity.name}.csv",
                on=DAY + timedelta(days=number),
                at=hour(number),
            ).findings.kept
        ]
        assert findings == []
