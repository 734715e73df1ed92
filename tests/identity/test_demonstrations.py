"""The demonstrations at a small size: promises hold, and controls find what they must."""

import pytest
from bench.demonstrate.__main__ import DEMONSTRATIONS
from bench.demonstrate.unlinkable import accuracy, unblinded
from bench.demonstrate.verdict import Verdict

SIZES = {"unlinkable": 100, "stolen-table": 6, "mixture": 6, "coalition": 4}


@pytest.mark.parametrize("name", DEMONSTRATIONS)
def test_a_demonstration_ends_well(name):
    demonstrate, _, _ = DEMONSTRATIONS[name]
    verdict = demonstrate(SIZES[name])
    assert verdict.holds, verdict.text()


def test_a_town_that_does_not_blind_is_found_out():
    assert accuracy(100, unblinded) > 0.8


@pytest.mark.parametrize(
    ("findings", "holds"), [([], False), ([True], True), ([True, False], False)]
)
def test_a_verdict_holds_only_if_every_finding_does_and_there_is_one(findings, holds):
    verdict = Verdict()
    for each in findings:
        verdict.add("こと", "a thing", holds=each)
    assert verdict.holds is holds
    assert ("不成立" in verdict.text()) is not holds
