"""The reference models are linted, each with the findings it had before."""

from collections import Counter
from pathlib import Path

import pytest
from tests.process.pictures.reference import reference_models

from renkei.process import bpmn
from renkei.process.bpmn.linting import lint
from renkei.process.scenarios import bpmn as model_of

GOLDEN = Path(__file__).with_name("reference_models.tsv")


def counted(model: bpmn.Definition) -> list[str]:
    """Return a line for each clause: the file, the clause, how often."""
    times = Counter(one.clause for one in lint(model))
    return [f"{model.document.name}\t{clause}\t{count}" for clause, count in sorted(times.items())]


def test_the_reference_models_have_the_findings_they_had() -> None:
    models = reference_models()
    if not models:
        pytest.skip("the data of ../shared is not here")
    found = [line for model in models for line in counted(model)]
    assert found == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_the_same_model_has_the_same_findings() -> None:
    text = 'start s -> o\nor o -> a if "n > 1", b if "n > 2", c\n' + "\n".join(
        f"task {one} -> j" for one in "abc"
    )
    model = bpmn.read(model_of(f"{text}\nand j -> e\nend e"))
    assert lint(model) == lint(bpmn.read(model_of(f"{text}\nand j -> e\nend e")))


@pytest.mark.parametrize(
    "text",
    [
        "start s -> x\nxor x -> x",
        'start s -> x\nxor x -> x if "n > 1", y\nxor y -> x if "n > 2", y',
        "start s -> a\ncall a of=p -> e\nend e",
        "start s -> a\ntask a -> b\nand b -> a, a, a, a",
        "and x -> x",
        "event-sub e\n  start s cycle=R/PT1S beside -> f\n  end f",
    ],
    ids=["self", "rings", "calls-itself", "grows", "ring-of-joins", "only-events"],
)
def test_a_model_that_goes_in_circles_is_linted_in_bounded_time(text) -> None:
    assert lint(bpmn.read(model_of(text)))


def test_many_ways_at_once_are_no_growth_but_too_much_to_search() -> None:
    ways = [f"t{n}" for n in range(100)]
    tasks = "\n".join(f"task {one} -> j" for one in ways)
    text = f"start s -> x\nand x -> {', '.join(ways)}\n{tasks}\nand j -> e\nend e"
    clauses = {one.clause for one in lint(bpmn.read(model_of(text)))}
    assert clauses == {"not-searched", "name-missing"}
