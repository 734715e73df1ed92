"""Drift found is what differs between the owner's file and the records, and nothing else."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.rows import (
    DAY,
    NOW,
    OTHER_TOWN,
    RESIDENT,
    TOWN,
    Row,
    day,
    file,
    hour,
    register_number,
    resident,
)

# Before the first example: Hypothesis draws from the constants of whatever is imported by then.
import renkei.store.formats.records
import renkei.store.validation  # noqa: F401
from renkei import store
from renkei.kit import Connection, Tenant
from renkei.standard import Entity, catalogue
from renkei.standard.synthetic import write_town
from renkei.store import Findings
from renkei.store.digests import IN_A_BLOCK, blocks_for

LATER = hour(9)

Rows = dict[int, str]  # number of a resident → building


def written(folder: Path, entity: Entity, rows: list[Row]) -> Path:
    path = folder / f"{entity.name}.csv"
    path.write_bytes(file(entity, rows).getvalue())
    return path


def residents(rows: Rows) -> list[Row]:
    return [resident(number, building=text) for number, text in rows.items()]


def digests(
    path: Path,
    entity: Entity = RESIDENT,
    *,
    on: date = DAY,
    blocks: int | None = None,
    town: Tenant = TOWN,
):
    found = Findings()
    made = store.digests_of(
        entity, path, tenant=town, standard=catalogue(), on=on, findings=found, blocks=blocks
    )
    assert found.errors == 0
    assert made is not None
    return made


def compared(
    conn: Connection,
    path: Path,
    *,
    on: date = DAY,
    blocks: int | None = None,
    town: Tenant = TOWN,
    at: datetime = LATER,
) -> tuple[store.Reconciliation, store.Drift]:
    theirs = digests(path, on=on, blocks=blocks, town=town)
    outcome = store.reconcile(conn, town, RESIDENT, theirs, source=path.name, at=at)
    rows = store.rows_of(
        RESIDENT, path, tenant=town, standard=catalogue(), on=on, findings=Findings()
    )
    return outcome, store.drift(conn, town, RESIDENT, rows, outcome)


ROWS = st.dictionaries(st.integers(1, 60), st.sampled_from(["", "見本荘", "見本ビル２階"]))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(here=ROWS, there=ROWS, blocks=st.sampled_from([1, 4, 64]))
def test_drift_is_the_symmetric_difference(
    conn: Connection, tmp_path: Path, here: Rows, there: Rows, blocks: int
) -> None:
    with conn.transaction(force_rollback=True):
        loaded = file(RESIDENT, residents(here))
        store.load(conn, TOWN, RESIDENT, loaded, on=DAY, at=NOW, allow_ending=True)
        path = written(tmp_path, RESIDENT, residents(there))
        outcome, drift = compared(conn, path, blocks=blocks)
    assert (outcome.here, outcome.there) == (len(here), len(there))
    assert outcome.agrees == (here == there)

    def keys(numbers: set[int]) -> set[tuple[str, ...]]:
        return {(register_number(number),) for number in numbers}

    changed = {number for number in here.keys() & there.keys() if here[number] != there[number]}
    assert set(drift.missing_here) == keys(there.keys() - here.keys())
    assert set(drift.missing_there) == keys(here.keys() - there.keys())
    assert set(drift.different) == keys(changed)


def test_a_day_is_compared_as_it_was_whatever_came_later(conn: Connection, tmp_path: Path) -> None:
    before, after = residents({1: "", 2: ""}), residents({1: "見本荘", 3: ""})
    for number, rows in enumerate([before, after]):
        loaded = file(RESIDENT, rows)
        store.load(conn, TOWN, RESIDENT, loaded, on=day(number), at=hour(number), allow_ending=True)
    for number, rows in enumerate([before, after]):
        path = written(tmp_path, RESIDENT, rows)
        assert compared(conn, path, on=day(number), at=hour(10 + number))[0].agrees
        other = compared(conn, path, on=day(1 - number), at=hour(20 + number))[0]
        assert not other.agrees


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole-town")
    write_town(TOWN, people=200, seed=12, out=folder, units=["all"])
    return folder


@pytest.mark.parametrize("entity", catalogue().entities, ids=lambda entity: entity.name)
def test_what_was_loaded_agrees_for_every_entity_of_the_standard(
    conn: Connection, town: Path, entity: Entity
) -> None:
    path = town / f"{entity.name}.csv"
    if not path.exists():
        pytest.skip("the entity ended before this day")
    conn.execute("SET LOCAL datestyle = 'SQL, DMY'")
    store.load(conn, TOWN, entity, path, on=DAY, at=NOW)
    theirs = digests(path, entity)
    assert theirs.records > 0
    assert store.reconcile(conn, TOWN, entity, theirs, source=path.name, at=hour(1)).agrees


def test_a_file_of_digests_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = digests(written(tmp_path, RESIDENT, residents({1: "", 2: "見本荘"})), blocks=8)
    assert store.read_digests(made.written()) == made


def test_the_order_of_lines_does_not_matter(tmp_path: Path) -> None:
    rows = residents(dict.fromkeys(range(50), ""))
    forth = digests(written(tmp_path, RESIDENT, rows), blocks=4)
    assert digests(written(tmp_path, RESIDENT, rows[::-1]), blocks=4) == forth


def a_file_of(blocks: str) -> bytes:
    whose = '"organisation":"131016","entity":"resident"'
    head = f'"type":"renkei-digests-1",{whose},"states_on":"2026-04-01","items":[]'
    return f'{{{head},"blocks":[{blocks}]}}'.encode()


ONE = f'[1,"{"0" * 32}"]'


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"{}", b"[]", b"\xff", b'{"type":"renkei-digests-2"}'),
        *(a_file_of(""), a_file_of('[1,"00"]'), a_file_of('[-1,"{"0" * 32}"]')),
        *(a_file_of(f"{ONE},{ONE},{ONE}"), a_file_of(ONE)[:-2]),
    ],
)
def test_what_is_no_file_of_digests_is_refused(text: bytes) -> None:
    assert store.read_digests(a_file_of(ONE)).records == 1
    with pytest.raises(store.DigestsMalformed):
        store.read_digests(text)


def test_digests_of_other_items_or_of_another_town_are_refused(
    conn: Connection, tmp_path: Path
) -> None:
    made = digests(written(tmp_path, RESIDENT, residents({1: ""})))
    fewer = replace(made, items=made.items[1:])
    for other in (fewer, replace(made, organisation=OTHER_TOWN)):
        with pytest.raises(store.DigestsElsewhere):
            store.reconcile(conn, TOWN, RESIDENT, other, source="x", at=NOW)


def test_a_file_with_errors_has_findings_and_no_digests(tmp_path: Path) -> None:
    path = written(tmp_path, RESIDENT, [resident(1, birth_date="昨日")])
    found = Findings()
    made = store.digests_of(
        RESIDENT, path, tenant=TOWN, standard=catalogue(), on=DAY, findings=found
    )
    assert (made, found.errors) == (None, 1)


def test_a_block_holds_about_a_thousand_records() -> None:
    for records in (1, 999, 1_001, 50_000, 3_700_000):
        blocks = blocks_for(records)
        assert blocks & (blocks - 1) == 0
        assert records / blocks <= IN_A_BLOCK
        assert blocks == 1 or records / blocks > IN_A_BLOCK / 4


@pytest.mark.parametrize("bypass", [False, True], ids=["row-security", "no-row-security"])
def test_no_other_town_is_compared_with_or_read(
    conn: Connection, tmp_path: Path, bypass: bool
) -> None:
    store.load(conn, TOWN, RESIDENT, file(RESIDENT, residents({1: ""})), on=DAY, at=NOW)
    path = written(tmp_path, RESIDENT, residents({1: ""}))
    assert compared(conn, path)[0].agrees
    if bypass:
        conn.execute("SET LOCAL ROLE NONE")  # the login of the tests is a superuser
    else:
        conn.execute("SELECT set_config('renkei.tenant', %s, true)", [OTHER_TOWN])
    assert store.last_reconciliations(conn, OTHER_TOWN) == {}
    outcome, drift = compared(conn, path, town=OTHER_TOWN)
    assert (outcome.here, len(drift.missing_here)) == (0, 1)
