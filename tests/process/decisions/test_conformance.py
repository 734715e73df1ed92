"""The cases of the DMN compatibility kit: the bars, and the page that lists every miss."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from tests.house.source import ROOT

from renkei.process import decisions

CASES = ROOT.parent / "shared" / "data" / "dmn-tck"
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"no cases at {CASES.name}")


@cache
def tallies():
    return tuple(decisions.play(CASES, clock=lambda: NOON))


def test_every_case_of_level_two_passes():
    level = decisions.figures(tallies())["compliance-level-2"]
    assert level["passed"] == level["cases"] > 100


def test_level_three_passes_but_for_what_would_call_java():
    level = decisions.figures(tallies())["compliance-level-3"]
    assert level["passed"] >= 0.95 * level["cases"] > 1000
    assert level["valued_passed"] >= 0.95 * level["valued"] > 500
    missed = {miss.folder for tally in tallies() for miss in tally.misses}
    assert missed == {"compliance-level-3/0076-feel-external-java"}


def test_every_miss_stands_with_its_reason_on_the_page():
    page = Path(ROOT / "docs" / "decisions-conformance.md").read_text(encoding="utf-8")
    assert page == decisions.report(tallies())
    assert all(miss.reason for tally in tallies() for miss in tally.misses)


def test_a_case_that_must_fail_fails(tmp_path):
    folder = CASES / "compliance-level-2" / "0001-input-data-string"
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8").replace("Hello John Doe", "Hello Jane Doe")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    (tally,) = decisions.play(tmp_path)
    assert (tally.passed < tally.cases, len(tally.misses) > 0) == (True, True)


def test_a_kit_without_its_model_is_all_misses(tmp_path):
    folder = CASES / "compliance-level-2" / "0001-input-data-string"
    (path,) = folder.glob("*-test-01.xml")
    (tmp_path / path.name).write_bytes(path.read_bytes())
    (tally,) = decisions.play(tmp_path)
    assert tally.passed == 0
    assert "0001-input-data-string.dmn" in tally.misses[0].reason
