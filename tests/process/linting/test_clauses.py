"""Every clause finds its small model, and nothing else in it."""

import pytest
from tests.process.linting.models import Model, models
from tests.process.misfits import MISFITS

from renkei.process.bpmn.linting import clauses, lint, told

MODELS = models()


@pytest.mark.parametrize(
    "model", [one for one in MODELS if one.at], ids=lambda one: f"{one.clause}-{one.at}"
)
def test_a_model_has_exactly_the_finding_it_was_made_for(model: Model) -> None:
    found = lint(model.read())
    assert [(one.clause, one.element) for one in found] == [(model.clause, model.at)]
    if model.about:
        assert found[0].about == model.about


def test_a_sound_model_has_no_finding() -> None:
    (sound,) = (one for one in MODELS if one.clause == "nothing")
    assert lint(sound.read()) == []


def test_every_clause_has_a_model() -> None:
    between_bodies = set(MISFITS)  # tried in test_fitting.py
    assert set(clauses()) == {one.clause for one in MODELS} - {"nothing"} | between_bodies


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_finding_says_what_is_wrong_and_what_to_do(language) -> None:
    for model in MODELS[:20]:
        for finding in lint(model.read()):
            said = told(finding, language)
            assert said.endswith(("。", "."))
            assert "{" not in said
