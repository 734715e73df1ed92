"""The outline says what the picture shows, in the order of the flow, in both languages."""

import pytest
from tests.process.pictures.reference import EXAMPLES, example, reference_models, scenario_models

from renkei.process import bpmn
from renkei.process.bpmn.outline import Outline
from renkei.process.scenarios import bpmn as model_of


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_example_is_told_as_the_manual_has_it(language) -> None:
    kept = EXAMPLES / f"child-allowance.{language}.txt"
    assert Outline(example(), language).text() == kept.read_text(encoding="utf-8")


def test_every_element_stands_in_the_outline_once() -> None:
    for model in (*scenario_models(), *reference_models()):
        told = [entry.element.id for entry in Outline(model).entries]
        held = [one.id for process in model.processes.values() for one in process.inner()]
        undoing = {
            one.id
            for process in model.processes.values()
            for one in process.inner()
            if one.host is not None and one not in one.host.boundaries
        }
        assert sorted(told) == sorted(set(held) - undoing), model.document.name


def test_a_way_back_is_called_one() -> None:
    model = bpmn.read(model_of('start s -> a\ntask a -> x\nxor x -> a if "n > 1", e\nend e'))
    entries = {entry.element.id: entry for entry in Outline(model).entries}
    assert entries["x"].ways == ["「n > 1」のとき戻る: 2 タスク", "それ以外のとき: 4 終了イベント"]


def test_what_nothing_leads_to_comes_last() -> None:
    model = bpmn.read(model_of("task lost -> e\nstart s -> a\ntask a -> e\nend e"))
    assert [entry.element.id for entry in Outline(model).entries] == ["s", "a", "e", "lost"]


def test_a_long_process_is_told_without_recursion() -> None:
    steps = "\n".join(f"task t{n} -> t{n + 1}" for n in range(3000))
    model = bpmn.read(model_of(f"start s -> t0\n{steps}\nend t3000"))
    assert sum(1 for _ in Outline(model).entries) == 3002


def test_a_cycle_of_ways_is_told_once() -> None:
    model = bpmn.read(model_of("start s -> a\ntask a -> b\ntask b -> a"))
    assert [entry.number for entry in Outline(model).entries] == ["1", "2", "3"]
