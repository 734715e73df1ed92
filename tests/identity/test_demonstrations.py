"""The demonstrations at a small size: promises hold, and controls find what they must.

(a) and (f) are tried among the stories, on their towns; (b) with the log, in tests/app.
"""

import secrets

import pytest
from bench.demonstrate.__main__ import DEMONSTRATIONS, main
from bench.demonstrate.unlinkable import accuracy
from bench.demonstrate.verdict import Verdict


@pytest.mark.parametrize(("letter", "size"), [("c", 6), ("d", 6), ("e", 4)])
def test_a_demonstration_ends_well(letter, size):
    verdict = DEMONSTRATIONS[letter].demonstrate(size)
    assert verdict.holds, verdict.text()


def test_they_are_called_by_letter_or_name_and_nothing_else(capsys):
    assert "".join(DEMONSTRATIONS) == "abcdef"
    assert main(["coalition", "d", "--size", "3"]) == 0
    said = capsys.readouterr().out
    assert said.count("判定 / verdict: 成立 / it holds") == 2
    with pytest.raises(SystemExit) as caught:
        main(["g"])
    assert caught.value.code == 2


def requests(**same: str) -> list[dict[str, str]]:
    """Return two requests of one person: some fields are the same, one is new each time."""
    return [{**same, "fresh": secrets.token_hex(16)} for _ in range(2)]


def test_the_classifier_finds_what_two_requests_of_a_person_share_and_nothing_else():
    everybody = [requests(asker="131016") for _ in range(200)]
    assert 0.25 < accuracy(everybody) < 0.75
    named = [requests(asker="131016", consent=secrets.token_hex(8)) for _ in range(200)]
    assert accuracy(named) > 0.95


def test_the_classifier_finds_what_only_some_say():
    said = [requests(**({"on": "2026-04-01"} if n % 2 else {})) for n in range(200)]
    assert accuracy(said) > 0.95


@pytest.mark.parametrize(
    ("findings", "holds"), [([], False), ([True], True), ([True, False], False)]
)
def test_a_verdict_holds_only_if_every_finding_does_and_there_is_one(findings, holds):
    verdict = Verdict()
    for each in findings:
        verdict.add("こと", "a thing", holds=each)
    assert verdict.holds is holds
    assert ("不成立" in verdict.text()) is not holds
