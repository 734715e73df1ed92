"""The files of whole units, made from the catalogue for the people of a town already written."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from renkei.standard.compiled import catalogue
from renkei.standard.content import Catalogue
from renkei.standard.model import Entity, in_force
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.household_records import household_records
from renkei.standard.synthetic.records import Records
from renkei.standard.synthetic.request import Request
from renkei.standard.synthetic.sheets import FILES, STATEMENT

ALL = "all"
PEOPLE_PER_RECORD = 10
FEWEST = 20
CARDS = 20_000  # people the records are about, at most
HOUSEHOLD = "household"
REGISTERS = ("resident", "unregistered_person")


def write_units(
    out: Path, units: Sequence[str], request: Request, heading: Sequence[str]
) -> dict[str, int]:
    """Write a file for every entity of these units in force on the day; return rows by entity."""
    standard = catalogue()
    dice = Dice("records", request.code, request.seed)
    records = Records(standard, dice, request.day, list(_cards(out, standard)))
    for name in FILES:
        entity = standard.entity(name)
        for row in _rows(out, entity):
            records.remember(entity, row)
    wanted = [
        entity
        for number in ([unit.id for unit in standard.units] if ALL in units else units)
        for entity in standard.entities_of(standard.unit(number).id)
        if entity.name not in FILES and in_force(entity.since, entity.until, request.day)
    ]
    count = max(FEWEST, request.people // PEOPLE_PER_RECORD)
    return {
        entity.name: _write(out, entity, _made(out, entity, records, count), heading)
        for entity in records.in_order(wanted)
    }


def _made(out: Path, entity: Entity, records: Records, count: int) -> Iterator[dict[str, str]]:
    """Give the records of an entity: households as their people tell them, others by rule."""
    if entity.name != HOUSEHOLD:
        yield from records.make(entity, count)
        return
    for row in household_records(_rows(out, records.standard.entity("resident"))):
        records.remember(entity, row)
        yield row


def _write(
    out: Path, entity: Entity, made: Iterable[Mapping[str, str]], heading: Sequence[str]
) -> int:
    rows = 0
    with (out / f"{entity.name}.csv").open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"# {line}\n" for line in (*STATEMENT, *heading))
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(item.ja for item in entity.items)
        for row in made:
            writer.writerow(row[item.name] for item in entity.items)
            rows += 1
    return rows


def _cards(out: Path, standard: Catalogue) -> Iterator[Mapping[str, str]]:
    """Give what the town's registers say of each person or body, as far as they are taken."""
    for name in REGISTERS:
        for number, row in enumerate(_rows(out, standard.entity(name))):
            if number == CARDS:
                break
            yield row


def _rows(out: Path, entity: Entity) -> Iterator[dict[str, str]]:
    names = [item.name for item in entity.items]
    with (out / f"{entity.name}.csv").open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        next(lines)
        for cells in csv.reader(lines):
            yield dict(zip(names, cells, strict=True))
