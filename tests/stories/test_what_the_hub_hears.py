"""Demonstration (a), on the stories' own towns: what both converters hear, to the byte."""

import pytest
from bench.demonstrate import hub_ear, unlinkable

pytestmark = pytest.mark.xdist_group("ecosystem-bodies")


@pytest.mark.clause("RK-46.1", "RK-46.2", "RK-46.3")
def test_the_hub_hears_no_word_of_a_unit_and_links_no_two_requests_of_a_person(stage, tmp_path):
    verdict = unlinkable.judged(stage, 100, tmp_path)
    assert verdict.holds, verdict.text()
    assert len(verdict.findings) == 4


def test_each_person_is_asked_about_in_other_words_and_each_time_in_the_same(stage):
    asks = hub_ear.wordings(stage, 40)
    said = {
        one.subject: {(a.purpose, a.user, a.on) for a in asks if a.subject == one.subject}
        for one in asks
    }
    assert all(len(one) == 1 for one in said.values())
    assert len({purpose for one in said.values() for purpose, *_ in one}) == len(said)
