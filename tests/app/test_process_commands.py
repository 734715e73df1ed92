"""`renkei process …`: a model is linted, drawn, told, laid out; a scenario is played."""

import json
from pathlib import Path

import pytest
from lxml import etree
from typer.testing import CliRunner, Result

from renkei import kit
from renkei.app.cli import app
from renkei.process import bpmn
from renkei.process.bpmn.diagram import diagrams
from renkei.process.scenarios import bpmn as model_of

EXAMPLE = Path(__file__).parents[2] / "docs" / "processes" / "examples" / "child-allowance.bpmn"


def run(*words: str, language: str = "ja") -> Result:
    return CliRunner().invoke(app, ["process", *words], env={"RENKEI_LANG": language})


def model(folder: Path, text: str) -> str:
    file = folder / "m.bpmn"
    file.write_bytes(model_of(text))
    return str(file)


def test_a_sound_model_ends_with_0_and_says_so() -> None:
    result = run("lint", str(EXAMPLE))
    assert result.exit_code == 0
    assert result.output.endswith("child-allowance.bpmn: 指摘はありません。\n")


def test_an_error_ends_with_2_and_says_where_what_and_what_to_do(tmp_path) -> None:
    result = run(
        "lint", model(tmp_path, "start s -> a\nsub a -> e\n  start t -> f\n  end f cancel\nend e")
    )
    assert result.exit_code == 2
    assert "m.bpmn:1: 誤り [cancel-outside] f: 取消しの終了は、" in result.output
    assert "強制終了にするか、" in result.output


def test_findings_are_given_to_programs_in_both_languages(tmp_path) -> None:
    result = run("lint", "--json", "--least", "error", model(tmp_path, "start s -> a\ntask a"))
    assert json.loads(result.output) == {str(tmp_path / "m.bpmn"): []}
    result = run("lint", "--json", model(tmp_path, "start s -> a\ntask a"))
    (first, *_) = json.loads(result.output)[str(tmp_path / "m.bpmn")]
    assert {"line", "element", "clause", "severity", "ja", "en"} <= first.keys()


@pytest.mark.parametrize("data", [b"", b"<a/>", b"\xff\xfe", b"<!DOCTYPE x><x/>"])
def test_a_file_that_is_no_model_is_refused_with_a_reason(tmp_path, data) -> None:
    file = tmp_path / "m.bpmn"
    file.write_bytes(data)
    result = run("lint", str(file))
    assert isinstance(result.exception, bpmn.ProcessModelUnreadable)
    assert isinstance(run("lint", str(tmp_path / "none")).exception, kit.NodeError)


def test_a_model_is_drawn_with_what_is_known_of_it(tmp_path) -> None:
    marks = tmp_path / "marks.json"
    marks.write_text('{"Check": {"tokens": 3, "duration": "P2D"}}')
    out = tmp_path / "m.svg"
    assert run("draw", str(EXAMPLE), "-o", str(out), "--marks", str(marks)).exit_code == 0
    assert etree.parse(out).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert "現在ここに3件、所要2日" in out.read_text(encoding="utf-8")


def test_a_page_holds_the_picture_its_signs_and_the_outline_and_no_script(tmp_path) -> None:
    out = tmp_path / "m.html"
    assert run("draw", str(EXAMPLE), "-o", str(out)).exit_code == 0
    page = etree.HTML(out.read_bytes())
    ids = {str(one.get("id")) for one in page.iter() if one.get("id")}
    aims = {str(one.get("href"))[1:] for one in page.iter("a")}
    assert aims <= ids
    assert {"element-Check", "outline-Check"} <= ids
    assert list(page.iter("script")) == []


def test_marks_that_are_none_are_refused(tmp_path) -> None:
    marks = tmp_path / "marks.json"
    marks.write_text('{"Check": {"tokens": "many"}}')
    result = run("draw", str(EXAMPLE), "-o", str(tmp_path / "m.svg"), "--marks", str(marks))
    assert isinstance(result.exception, kit.NodeError)
    assert not (tmp_path / "m.svg").exists()


def test_the_outline_is_told_to_people_and_to_programs() -> None:
    assert "15 user task" in run("outline", str(EXAMPLE), language="en").output
    (_, town) = json.loads(run("outline", "--json", str(EXAMPLE)).output)["parts"]
    assert town["entries"][0]["element"] == "Received"


def test_a_diagram_is_added_and_never_lost_unasked(tmp_path) -> None:
    out, again = tmp_path / "a.bpmn", tmp_path / "b.bpmn"
    assert run("layout", str(EXAMPLE), "-o", str(out)).exit_code == 0
    assert len(diagrams(bpmn.read(out.read_bytes()).document)) == 1
    assert isinstance(run("layout", str(out), "-o", str(again)).exception, kit.NodeError)
    assert not again.exists()
    assert run("layout", str(out), "-o", str(again), "--again").exit_code == 0
    assert again.read_bytes() == out.read_bytes()


SCENARIO = """title: 審査して終わる
shows: task user
model:
  start s -> a
  user a -> e
  end e
play:
  start
    = s a+
  done a
    = {wanted}
"""


@pytest.mark.parametrize(("wanted", "code"), [("a e .", 0), ("a f .", 2)])
def test_a_scenario_is_played_and_compared(tmp_path, wanted, code) -> None:
    file = tmp_path / "s.txt"
    file.write_text(SCENARIO.format(wanted=wanted), encoding="utf-8")
    result = run("play", str(file))
    assert result.exit_code == code
    assert ("期待: a f ." in result.output) == bool(code)
    (told,) = json.loads(run("play", "--json", str(file)).output)["scenarios"]
    assert told["as_wanted"] == (code == 0)


@pytest.mark.parametrize("text", ["", "nothing", "title: x\nmodel:\n  what\nplay:\n  start\n"])
def test_a_scenario_that_cannot_be_read_is_refused(tmp_path, text) -> None:
    file = tmp_path / "s.txt"
    file.write_text(text, encoding="utf-8")
    assert isinstance(run("play", str(file)).exception, kit.NodeError)
