"""Every scenario comes out as it says, and together they show every element in every position."""

import pytest
from tests.process.contents import NOT_IN_BPMN, PAGE, PATTERNS, Found, page, scenarios
from tests.process.matrix import CELLS
from tests.process.watched import WatchedPlayer

from renkei.process.scenarios import NotationWrong, Scenario, ScenarioWrong, bpmn

FOUND = scenarios()


@pytest.mark.parametrize("found", FOUND, ids=[one.name for one in FOUND])
def test_a_scenario_comes_out_as_it_says(found: Found) -> None:
    for step, told in found.scenario.played(WatchedPlayer):
        refused = told.get("#", "")
        assert bool(refused) == ("#" in step.wanted), f"{step.words}: {refused}"
        assert step.wanted.get("#", "") in refused
        wanted = {sign: text for sign, text in step.wanted.items() if sign != "#"}
        assert {sign: told.get(sign, "") for sign in wanted} == wanted, step.words


def test_every_element_is_shown_in_every_position() -> None:
    shown = {one for found in FOUND for one in found.scenario.shows}
    assert set(CELLS) - shown == set()


def test_nothing_is_shown_that_has_no_place_in_the_table() -> None:
    patterns = {f"WCP-{number + 1}" for number in range(len(PATTERNS))}
    shown = {one for found in FOUND for one in found.scenario.shows}
    assert shown - set(CELLS) - patterns == set()


def test_every_workflow_pattern_is_shown_or_is_said_to_be_missing_in_bpmn() -> None:
    shown = {one for found in FOUND for one in found.scenario.shows}
    missing = {number for number in range(1, 44) if f"WCP-{number}" not in shown}
    assert missing == set(NOT_IN_BPMN)


def test_every_scenario_has_a_name_of_its_own_and_looks_at_something() -> None:
    assert len({one.name for one in FOUND}) == len(FOUND) >= 150
    assert [one.name for one in FOUND if not any(s.wanted for s in one.scenario.steps)] == []


def test_the_page_of_contents_is_as_the_files_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_a_scenario_is_written_as_it_is_read() -> None:
    for one in FOUND:
        again = Scenario.parse(one.scenario.text())
        assert again == one.scenario


@pytest.mark.parametrize("line", ["nothing a", "user", "-> b"])
def test_a_line_that_is_no_element_is_refused(line: str) -> None:
    with pytest.raises(NotationWrong):
        bpmn(line)


@pytest.mark.parametrize("words", ["begin", "done", "done a b", "move a"])
def test_a_step_that_is_none_is_refused(words: str) -> None:
    scenario = Scenario.parse(f"title: x\nmodel:\n  user a\nplay:\n  start\n  {words}\n")
    with pytest.raises(ScenarioWrong):
        list(scenario.played())
