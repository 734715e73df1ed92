"""Two small towns that people move between, written once, and a reader of their files."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from renkei.standard import catalogue
from renkei.standard.synthetic import TownReport, write_pair

A, B = "131016", "131024"
PEOPLE, SEED = 3_000, 7

Rows = list[dict[str, str]]
Read = Callable[[str, str], Rows]


def rows(path: Path, entity: str) -> Rows:
    """Read one file by the standard: item name → text."""
    names = [item.name for item in catalogue().entity(entity).items]
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    return [dict(zip(names, record, strict=True)) for record in csv.reader(lines[1:])]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("towns")


@pytest.fixture(scope="session")
def reports(folder: Path) -> tuple[TownReport, TownReport]:
    return write_pair(A, B, people=PEOPLE, seed=SEED, out=folder)


@pytest.fixture(scope="session")
def read(folder: Path, reports: tuple[TownReport, TownReport]) -> Read:
    """Return a reader: (code, entity) → rows, each file read once."""
    assert [report.code for report in reports] == [A, B]
    known: dict[tuple[str, str], Rows] = {}

    def reader(code: str, entity: str) -> Rows:
        if (code, entity) not in known:
            known[code, entity] = rows(folder / code / f"{entity}.csv", entity)
        return known[code, entity]

    return reader
