"""`renkei law`: why yes or no in words and parts, exit status for a lawful no, defects by line."""

import json
from pathlib import Path

import pytest
from tests.standard.folder import write
from typer.testing import CliRunner

from renkei.app.cli import app

ASK = ("131016/15", "JT99000000001501", "06/income", "--holder", "131024", "--on", "2026-04-01")


def ran(*words: str, language: str = "ja"):
    return CliRunner().invoke(app, ["law", *words], env={"RENKEI_LANG": language})


@pytest.mark.parametrize(
    ("language", "yes", "no"),
    [
        ("ja", "許可されます", "年度が 2025、2026"),
        ("en", "It is permitted", "the year were one of: 2025"),
    ],
)
def test_a_decision_is_explained_and_a_refusal_is_exit_status_two(language, yes, no):
    items = ("--items", "total_income")
    permitted = ran("explain", *ASK, *items, "--year", "2025", language=language)
    assert (permitted.exit_code, yes in permitted.stdout) == (0, True)
    refused = ran("explain", *ASK, *items, "--year", "2020", language=language)
    assert (refused.exit_code, no in refused.stdout) == (2, True)


def test_the_parts_of_an_explanation_are_json():
    refused = ran("explain", *ASK, "--relation", "minor", "--items", "06-1-013", "--json")
    told = json.loads(refused.stdout)
    assert (told["decision"], told["reason"]) == ("refused", "person-not-named")
    assert told["near"][0]["lacks"] == {
        "person-not-named": ["applicant", "household"],
        "year-not-named": ["2025", "2026"],
    }


def test_a_row_is_shown_and_an_unknown_one_is_an_error():
    assert "applicant household" in ran("show", "NA-074").stdout
    assert ran("show", "XX").exit_code == 1
    assert "NA2-074" not in ran("show", "--on", "2026-04-01").stdout


def test_two_tables_are_compared_field_by_field(tmp_path: Path):
    old = write(tmp_path / "old")
    new = write(tmp_path / "new", "provisions.tsv", "2029-03-31", "2028-03-31")
    told = json.loads(ran("diff", str(old), str(new), "--json").stdout)
    assert told["altered"] == {"P-3": {"until": "2029-03-31 → 2028-03-31"}}
    assert told["before"] != told["after"]
    assert (told["made"], told["gone"]) == ([], [])


def test_findings_of_the_table_are_told_by_file_and_line(tmp_path: Path):
    assert ran("check", str(write(tmp_path / "good"))).exit_code == 0
    bad = write(tmp_path / "bad", "provisions.tsv", "consent own-use", "consent")
    told = ran("check", str(bad))
    assert (told.exit_code, "own_use.tsv:2" in told.stdout) == (2, True)
