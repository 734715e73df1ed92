"""Records of any entity, from the catalogue alone: valid, unique, related, and lawful."""

import csv
from datetime import date
from pathlib import Path

import pytest

from renkei.standard import catalogue
from renkei.standard.judgement import judge
from renkei.standard.rules import is_valid
from renkei.standard.synthetic import Records, example_row, write_town
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.sheets import FILES

STANDARD = catalogue()
DAY = date(2026, 4, 1)
ENTITIES = [pytest.param(entity, id=entity.name) for entity in STANDARD.entities]


def made(entity, count: int = 60, seed: int = 1) -> list[dict[str, str]]:
    return list(Records(STANDARD, Dice("test", seed), DAY, ()).make(entity, count))


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_value_of_every_record_is_one_of_the_standard(entity):
    rows = made(entity)
    assert rows
    wrong = {
        (item.name, row[item.name])
        for row in [*rows, example_row(entity, STANDARD)]
        for item in entity.items
        if not is_valid(item, row[item.name])
    }
    assert wrong == set()


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_record_keeps_the_rules_of_its_entity(entity):
    breaches = judge(STANDARD, entity, made(entity), on=DAY)
    assert {(breach.rule.id, breach.items) for breach in breaches} == set()


@pytest.mark.parametrize("entity", ENTITIES)
def test_no_two_records_share_a_key(entity):
    rows = made(entity)
    assert len({tuple(row[name] for name in entity.key) for row in rows}) == len(rows)


@pytest.mark.parametrize("entity", ENTITIES)
def test_an_example_shows_every_item_it_may(entity):
    row = example_row(entity, STANDARD)
    assert set(row) == {item.name for item in entity.items}
    assert example_row(entity, STANDARD) == row
    assert all(row[item.name] for item in entity.items if item.required)


def test_the_same_seed_gives_the_same_records():
    entity = STANDARD.entity("child_allowance")
    assert made(entity) == made(entity)
    assert made(entity) != made(entity, seed=2)


@pytest.fixture(scope="module")
def whole_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("town")
    write_town("131016", people=300, seed=5, out=out, units=["all"])
    return out


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    entity = STANDARD.entity(name)
    lines = (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    reader = csv.reader([line for line in lines if not line.startswith("#")])
    assert next(reader) == [item.ja for item in entity.items]
    return [dict(zip((i.name for i in entity.items), cells, strict=True)) for cells in reader]


def test_a_whole_town_has_a_file_of_every_entity_in_force(whole_town):
    wanted = {
        entity.name for entity in STANDARD.entities if entity.until is None or entity.until >= DAY
    }
    assert {path.stem for path in whole_town.glob("*.csv")} == wanted
    assert wanted > set(FILES)
    assert all(rows_of(whole_town, name) for name in wanted)


def test_a_record_about_a_person_is_about_somebody_of_the_town(whole_town):
    known = {
        row["register_number"]: row
        for name in ("resident", "unregistered_person")
        for row in rows_of(whole_town, name)
    }
    for name in ("care_insurance", "national_pension", "health_insurance"):
        entity = STANDARD.entity(name)
        for row in rows_of(whole_town, name):
            person = known[row[entity.key[0]]]
            same = {"name", "kana", "sex", "address"} & set(row) & set(person)
            assert {n: row[n] for n in same if row[n]}.items() <= person.items()


def test_a_relation_names_a_record_that_is_there(whole_town):
    keys = {
        entity.name: {tuple(row[k] for k in entity.key) for row in rows_of(whole_town, entity.name)}
        for entity in STANDARD.entities
        if (whole_town / f"{entity.name}.csv").exists()
    }
    nowhere = [
        (entity.name, relation.to, named)
        for entity in STANDARD.entities
        for relation in entity.relations
        if entity.name in keys and relation.to in keys
        for row in rows_of(whole_town, entity.name)
        if all(named := tuple(row[name] for name in relation.items))
        and named not in keys[relation.to]
    ]
    assert nowhere == []


def test_households_are_those_of_the_residents(whole_town):
    residents = rows_of(whole_town, "resident")
    households = {row["household_number"]: row for row in rows_of(whole_town, "household")}
    assert households.keys() == {row["household_number"] for row in residents}
    for row in residents:
        household = households[row["household_number"]]
        if row["relationship"] == "世帯主":
            assert household["household_head_number"] == row["register_number"]
            assert household["household_head"] == row["name"]
        assert bool(household["household_ended_on"]) is (row["resident_status"] != "1")
