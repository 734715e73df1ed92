"""`renkei decisions`: check, evaluate, conformance; for people and programs, in two languages."""

import json

import pytest
from tests.process.decisions.models import decision, definitions, given, literal, table
from typer.testing import CliRunner

from renkei.app.cli import app

INPUTS = '{"児童の生年月日": "2022-05-10", "第何子": 3}'


def ran(*words: str, language: str = "ja"):
    return CliRunner().invoke(app, ["decisions", *words], env={"RENKEI_LANG": language})


@pytest.fixture
def faulty(tmp_path):
    rules = table({"n": "number"}, ["< 1 => 1", "> 1 => 2"])
    path = tmp_path / "faulty.dmn"
    path.write_bytes(definitions(given(n="number") + decision("it", rules, "i-n")))
    return path


def test_findings_are_exit_status_two_and_name_their_line(faulty):
    found = ran("check", str(faulty))
    assert (found.exit_code, "faulty.dmn:1 decision it" in found.stdout) == (2, True)
    assert (
        json.loads(ran("check", str(faulty), "--json").stdout)["findings"][0]["code"] == "table-gap"
    )
    assert ran("check", "child_allowance").exit_code == 0


@pytest.mark.parametrize(("language", "words"), [("ja", "採られました"), ("en", "was taken")])
def test_a_decision_is_explained_as_of_a_day(language, words):
    asked = ("evaluate", "child_allowance", "--inputs", INPUTS, "--on", "2024-10-01", "--why")
    done = ran(*asked, language=language)
    assert (done.exit_code, words in done.stdout, "30000" in done.stdout) == (0, True, True)
    told = json.loads(ran(*asked, "--json").stdout)
    assert (told["since"], told["provenance"], told["decisions"][0]["value"]) == (
        "2024-10-01",
        "proposed",
        30_000,
    )


def test_what_was_in_force_is_told_and_that_nobody_has_verified_it():
    asked = ("evaluate", "child_allowance", "--inputs", INPUTS, "--on", "2024-10-01", "--why")
    said = ran(*asked).stdout
    assert "2024-10-01に施行されている版: 2024-10-01.dmn" in said
    assert "第三子以降の月額 = 30000 円/月" in said
    assert "未確認" in said


def test_the_towns_own_functions_may_be_used(tmp_path):
    path = tmp_path / "era.dmn"
    path.write_bytes(definitions(decision("it", literal('年度(date("2024-03-31"))'))))
    assert ran("evaluate", str(path)).stdout.strip() == "it: 2023"


def test_inputs_come_from_a_file_too_and_a_value_that_is_missing_is_exit_status_two(
    faulty, tmp_path
):
    given_file = tmp_path / "inputs.json"
    given_file.write_text('{"n": 5}', encoding="utf-8")
    done = ran("evaluate", str(faulty), "--inputs", f"@{given_file}", "--decision", "it")
    assert (done.exit_code, done.stdout.strip()) == (0, "it: 2")
    lacking = ran("evaluate", str(faulty), "--inputs", '{"n": 1}')
    assert (lacking.exit_code, "該当する規則がなく" in lacking.stdout) == (2, True)


def test_the_kits_cases_are_played_and_its_page_written(tmp_path):
    (tmp_path / "m.dmn").write_bytes(definitions(decision("it", literal("1"))))
    case = (
        '<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase" '
        'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><modelName>m.dmn</modelName>'
        '<testCase id="1"><resultNode name="it"><expected><value i:type="xsd:decimal">{}</value>'
        "</expected></resultNode></testCase></testCases>"
    )
    (tmp_path / "t.xml").write_text(case.format(1), encoding="utf-8")
    assert ran("conformance", str(tmp_path)).exit_code == 0
    (tmp_path / "t.xml").write_text(case.format(2), encoding="utf-8")
    page = tmp_path / "page.md"
    told = ran("conformance", str(tmp_path), "--json", "--out", str(page))
    assert (told.exit_code, json.loads(told.stdout)["misses"][0]["wanted"]) == (2, "2")
    assert "| 2 | 1 |" in page.read_text(encoding="utf-8")
