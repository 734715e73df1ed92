"""The second register is the same every time, may be loaded, and its truth is complete."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from renkei.kit import personal_number_ok
from renkei.standard.synthetic import DoublesReport, Rates, write_doubles, write_town
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.miswriting import mistyped_number

CODE, SEED = "131016", 5


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    write_town(CODE, people=1500, seed=SEED, out=folder)
    return folder


def doubles(town: Path, out: Path, rates: Rates | None = None) -> DoublesReport:
    return write_doubles(town, out, code=CODE, seed=SEED, rates=rates)


def truth(folder: Path) -> dict[str, str]:
    with (folder / "truth.csv").open(encoding="utf-8") as lines:
        return {row["register_number"]: row["person"] for row in csv.DictReader(lines)}


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def test_the_same_arguments_give_the_same_bytes(town, tmp_path):
    for name in ("one", "two"):
        doubles(town, tmp_path / name)
    for file in ("unregistered_person.csv", "truth.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_truth_names_every_number_of_both_registers_once(town, tmp_path):
    report = doubles(town, tmp_path)
    known = truth(tmp_path)
    numbers = [row["宛名番号"] for row in rows(town / "resident.csv")]
    numbers += [row["宛名番号"] for row in rows(tmp_path / "unregistered_person.csv")]
    assert Counter(numbers) == Counter(dict.fromkeys(known, 1))
    sizes = Counter(known.values()).values()
    assert sum(size * (size - 1) // 2 for size in sizes) == report.true_pairs


def test_without_errors_everybody_is_written_as_they_are(town, tmp_path):
    never = Rates(**dict.fromkeys(Rates.__dataclass_fields__, 0.0))
    doubles(town, tmp_path, never)
    by_number = {row["宛名番号"]: row for row in rows(town / "resident.csv")}
    known = truth(tmp_path)
    for row in rows(tmp_path / "unregistered_person.csv"):
        resident = by_number[known[row["宛名番号"]]]
        for item in ("生年月日", "性別", "住所", "個人番号"):
            assert row[item] == resident[item]


def test_a_mistyped_number_is_another_one_whose_check_digit_fits():
    dice = Dice("mistyped", 1)
    wrong = {mistyped_number("983205673214", dice) for _ in range(50)}
    assert "983205673214" not in wrong
    assert all(personal_number_ok(number) for number in wrong)
