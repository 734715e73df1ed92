"""What a synthetic town's files promise, whoever is in them."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from renkei.kit import NodeError
from renkei.standard import catalogue
from renkei.standard.rules import is_valid
from renkei.standard.synthetic import (
    MunicipalityUnknown,
    NeighbourRefused,
    PeopleOutOfRange,
    TownReport,
    write_town,
)
from renkei.standard.synthetic.sheets import FILES

from .conftest import PEOPLE, A, B, Read

ALONE = """
import sys
from pathlib import Path
from renkei.standard.synthetic import write_town
write_town("131016", people=400, seed=3, out=Path(sys.argv[1]), neighbour="131024")
"""


def digest(folder: Path) -> str:
    files = sorted(folder.glob("*.csv"))
    assert len(files) == len(FILES)
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def test_the_same_arguments_give_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    digests = set()
    for hash_seed in ("1", "2"):
        out = tmp_path / hash_seed
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        subprocess.run([sys.executable, "-c", ALONE, str(out)], check=True, env=environment)
        digests.add(digest(out))
    write_town(A, people=400, seed=3, out=tmp_path / "here", neighbour=B)
    assert digests == {digest(tmp_path / "here")}
    write_town(A, people=400, seed=4, out=tmp_path / "other", neighbour=B)
    assert digest(tmp_path / "other") not in digests


@pytest.mark.parametrize("entity", FILES)
def test_every_file_says_that_nobody_in_it_is_real_and_how_to_make_it(
    folder: Path, read: Read, entity: str
) -> None:
    assert read(A, entity)
    lines = (folder / A / f"{entity}.csv").read_text(encoding="utf-8").splitlines()
    comment = [line for line in lines if line.startswith("#")]
    assert lines[: len(comment)] == comment
    text = "\n".join(comment)
    assert "合成データ" in text
    assert "no real person" in text
    assert f"--code {A} --people {PEOPLE} --seed 7 --day 2026-04-01 --neighbour {B}" in text
    assert "東京都千代田区" in text
    assert lines[len(comment)] == ",".join(item.ja for item in catalogue().entity(entity).items)


@pytest.mark.parametrize("code", [A, B])
@pytest.mark.parametrize("entity", FILES)
def test_every_value_is_one_of_the_standard(read: Read, code: str, entity: str) -> None:
    items = catalogue().entity(entity).items
    wrong = {
        (item.name, row[item.name])
        for row in read(code, entity)
        for item in items
        if not is_valid(item, row[item.name])
    }
    assert wrong == set()


@pytest.mark.parametrize("entity", FILES)
def test_every_key_is_there_once(read: Read, entity: str) -> None:
    key = catalogue().entity(entity).key
    keys = [tuple(row[name] for name in key) for row in read(A, entity)]
    assert len(keys) == len(set(keys))


def test_the_report_counts_what_is_in_the_files(
    read: Read, reports: tuple[TownReport, TownReport]
) -> None:
    report = reports[0]
    residents = read(A, "resident")
    assert report.rows == {entity: len(read(A, entity)) for entity in FILES}
    assert report.residents == PEOPLE
    assert sum(row["resident_status"] == "1" for row in residents) == PEOPLE
    assert report.former_residents == len(residents) - PEOPLE
    assert report.foreign == sum(row["resident_kind"] == "2" for row in residents)
    people = [*residents, *read(A, "unregistered_person")]
    assert report.protected == sum(row["protected"] == "1" for row in people)


def test_progress_is_told_up_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_town(
        A, people=2_100, seed=1, out=tmp_path, progress=lambda done, of: told.append((done, of))
    )
    assert told[-1] == (2_100, 2_100)
    assert told == sorted(told)


@pytest.mark.parametrize(
    ("code", "people", "neighbour", "error"),
    [
        ("130001", 100, None, MunicipalityUnknown),
        (A, 100, A, NeighbourRefused),
        (A, 99, None, PeopleOutOfRange),
        (A, 1_200_001, None, PeopleOutOfRange),
        ("141003", 3_800_001, None, PeopleOutOfRange),
    ],
)
def test_a_town_that_cannot_be_is_refused_in_both_languages(
    tmp_path: Path, code: str, people: int, neighbour: str | None, error: type[NodeError]
) -> None:
    with pytest.raises(error) as refused:
        write_town(code, people=people, seed=1, out=tmp_path, neighbour=neighbour)
    assert refused.value.text() != refused.value.text("ja")
    assert list(tmp_path.iterdir()) == []
