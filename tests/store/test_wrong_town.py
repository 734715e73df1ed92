"""Another town's file is refused, whether it says so or its records do; one's own never is."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.store.deliveries import csv_utf_8, json_lines, parquet, xml
from tests.store.readings import Read, read
from tests.store.rows import RESIDENT, TOWN, Row, resident

from renkei.kit import Tenant, tenant
from renkei.standard import catalogue
from renkei.standard.synthetic import write_town
from renkei.store.whereabouts import TELLING

OTHER = "131024"
ROWS = [resident(number) for number in (1, 2, 3)]
STATED = "<!-- 団体コード: {} --><_住民 "


def stating(code: str) -> dict[str, bytes]:
    comment = f"# 団体コード：{code}\n".encode()
    about = json.dumps({"$organisation": code}).encode() + b"\n"
    return {
        "csv": comment + csv_utf_8(RESIDENT, ROWS),
        "windows": (comment + csv_utf_8(RESIDENT, ROWS)).decode().encode("cp932"),
        "json": about + json_lines(RESIDENT, ROWS),
        "xml": xml(RESIDENT, ROWS).decode().replace("<_住民 ", STATED.format(code)).encode(),
        "parquet": parquet(RESIDENT, ROWS, {"renkei:organisation": code}),
    }


@pytest.mark.parametrize("kind", list(stating(OTHER)))
def test_a_file_that_names_another_organisation_is_refused(kind: str) -> None:
    done = read(stating(OTHER)[kind])
    assert done.found == [("wrong-town", None, None)]
    assert dict(done.findings.kept[0].facts) == {"own": TOWN, "found": OTHER}
    assert (done.reading.is_blocked, done.rows) == (True, [])


@pytest.mark.parametrize("kind", list(stating(TOWN)))
def test_a_file_that_names_the_own_organisation_is_read(kind: str) -> None:
    done = read(stating(TOWN)[kind])
    assert done.found == []
    assert (len(done.rows), done.reading.records) == (3, 3)


def test_a_name_or_a_manifest_may_tell_it_too() -> None:
    text = csv_utf_8(RESIDENT, ROWS)
    assert read(text, name=f"{OTHER}_resident.csv").found == [("wrong-town", None, None)]
    assert read(text, organisation=OTHER).found == [("wrong-town", None, None)]
    assert read(text, name=f"{TOWN}_resident.csv", organisation=TOWN).found == []


@pytest.mark.parametrize(
    "name", ["resident.csv", "202604_resident.csv", "20260401.csv", "131025.csv"]
)
def test_a_name_that_begins_with_something_else_tells_nothing(name: str) -> None:
    assert read(csv_utf_8(RESIDENT, ROWS), name=name).found == []


def lying_in(*codes: str) -> list[Row]:
    return [
        resident(number, address_code=f"{codes[number % len(codes)]}001001")
        for number in range(100)
    ]


def told(rows: Sequence[Row], own: Tenant = TOWN) -> Read:
    return read(csv_utf_8(RESIDENT, rows), tenant=own)


def test_records_that_lie_in_another_town_are_refused() -> None:
    done = told(lying_in("13102"))
    assert done.found == [("wrong-town-in-records", None, "住所コード")]
    facts = {"own": TOWN, "found": OTHER, "percent": 100}
    assert dict(done.findings.kept[0].facts) == facts


def test_records_here_and_there_are_read() -> None:
    assert told(lying_in("13102", "13101")).found == []
    assert told(lying_in("13102", "13103", "14201")).found == []
    assert told(lying_in("13102")[:19]).found == []


@pytest.mark.parametrize("ward", ["14101", "14118", "14100"])
def test_the_wards_of_a_designated_city_are_its_own(ward: str) -> None:
    assert told(lying_in(ward), tenant("141003")).found == []
    assert [rule for rule, *_ in told(lying_in(ward), tenant("141305")).found] == [
        "wrong-town-in-records"
    ]


@pytest.mark.parametrize("own", ["130001", "398012", "1000020131016"])
def test_bodies_without_an_area_of_their_own_are_not_asked(own: str) -> None:
    done = told(lying_in("13102"), Tenant(own))
    assert done.found == []


@pytest.mark.parametrize("code", ["131016", "141003", "072095"])
def test_no_file_of_a_simulated_town_is_taken_for_anothers(code: str, tmp_path: Path) -> None:
    write_town(code, people=300, seed=5, out=tmp_path, units=["all"])
    for entity in catalogue().entities:
        file = tmp_path / f"{entity.name}.csv"
        if file.exists():
            done = read(file.read_bytes(), entity, tenant=tenant(code), name=file.name)
            assert not done.reading.is_blocked, (entity.name, done.found)


def test_a_simulated_neighbours_file_is_refused(tmp_path: Path) -> None:
    write_town(OTHER, people=300, seed=5, out=tmp_path)
    text = (tmp_path / "resident.csv").read_bytes()
    assert read(text).found == [("wrong-town", None, None)]
    bare = b"".join(line for line in text.splitlines(keepends=True) if line[:1] != b"#")
    assert read(bare).found == [("wrong-town-in-records", None, "住所コード")]


def test_what_tells_a_town_are_items_every_record_has() -> None:
    for entity, name in TELLING.items():
        item = catalogue().entity(entity).item(name)
        assert item is not None
        assert item.required
