"""Models that are wrong, endless or huge: a clear answer, and soon."""

import time

import pytest

from renkei.process import bpmn
from renkei.process.bpmn import Kind
from renkei.process.scenarios import Player
from renkei.process.scenarios import bpmn as drawn

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p">'
TAIL = "</process></definitions>"
SOON = 20.0
"""Processor seconds: the worst needs a fifth of them."""


def played(model: str) -> Player:
    return started(drawn(model))


def started(data: bytes) -> Player:
    begun = time.process_time()
    player = Player(bpmn.read(data))
    player.start({})
    assert time.process_time() - begun < SOON
    return player


def incidents(player: Player) -> set[tuple[str, str]]:
    return {(one.handler, one.name) for one in player.waiting(Kind.INCIDENT)}


def findings(inner: str) -> set[tuple[str, str, str]]:
    definition = bpmn.read((HEAD + inner + TAIL).encode())
    return {(one.clause, one.element, one.about) for one in definition.findings}


ENDLESS = {
    "gateways in a circle": "start s -> m\nxor m -> n\nxor n -> m",
    "a circle that forks": "start s -> m\nxor m -> g\nand g -> m, m",
    "tasks in a circle": "start s -> a\ntask a -> b\ntask b -> a",
    "links in a circle": "start s -> o\nthrow o link=L\ncatch c link=L -> o",
    "a loop without an end": 'start s -> a\ntask a while="true" -> e\nend e',
    "a sub-process again and again": 'start s -> a\nsub a while="true" -> e\n  task b\nend e',
    "loops in loops": "start s -> a\nsub a times=5000 -> e\n  task b times=5000\nend e",
    "a condition that feeds itself": (
        'start s -> a\nuser a\nboundary b on=a condition="x != null" beside -> c\n'
        'script c set="x := null" -> d\nscript d set="x := 1"\n'
        'boundary f on=a condition="x = null" beside -> g\nscript g set="x := 1"'
    ),
}


@pytest.mark.parametrize("model", ENDLESS.values(), ids=ENDLESS)
def test_what_has_no_end_becomes_an_incident_soon(model: str) -> None:
    player = played(model)
    assert {name for _, name in incidents(player)} <= {"too-many-steps"}
    player.do(bpmn.Cancel(player.at))
    assert player.case.status is bpmn.Status.CANCELLED


@pytest.mark.parametrize(
    "model",
    [
        "process p\nstart s -> c\ncall c of=p",
        "process p\ncall c of=q\nprocess q\ncall d of=p",
        "process p\nstart s -> g\nand g -> c, d\ncall c of=p\ncall d of=p",
    ],
    ids=["itself", "one another", "itself twice"],
)
def test_a_process_that_calls_itself_without_an_end_becomes_an_incident_soon(model: str) -> None:
    player = played(model)
    assert {name for _, name in incidents(player)} <= {"too-deep", "too-many-steps"}
    assert incidents(player)


@pytest.mark.parametrize("way", ["", " sequential"])
def test_ten_thousand_repetitions_are_done_and_one_more_is_an_incident(way: str) -> None:
    most = played(f"start s -> a\ntask a times=10000{way} -> e\nend e")
    assert most.case.status is bpmn.Status.COMPLETED
    more = played(f"start s -> a\ntask a times=10001{way} -> e\nend e")
    assert incidents(more) == {("a", "too-many-times")}


def test_ten_thousand_tasks_that_wait_are_cancelled_soon() -> None:
    player = played("start s -> a\nuser a times=10000 -> e\nend e")
    begun = time.process_time()
    player.do(bpmn.Cancel(player.at))
    assert time.process_time() - begun < SOON


def test_a_hundred_scopes_within_one_another_are_an_incident() -> None:
    lines = [f"{'  ' * n}sub s{n}" for n in range(100)]
    player = played("\n".join([*lines, "  " * 100 + "user a"]))
    assert {name for _, name in incidents(player)} == {"too-deep"}


def test_a_model_of_twenty_thousand_elements_is_read_and_run_soon() -> None:
    flows = "".join(
        f'<task id="t{n}"/><sequenceFlow id="f{n}" sourceRef="t{n}" targetRef="t{n + 1}"/>'
        for n in range(20_000)
    )
    player = started((HEAD + flows + '<task id="t20000"/>' + TAIL).encode())
    assert player.case.status is bpmn.Status.COMPLETED


def test_an_id_that_is_there_twice_is_found_and_the_first_counts() -> None:
    inner = '<userTask id="a"/><task id="b"/><scriptTask id="a"/>'
    assert ("id-twice", "a", "a") in findings(inner)
    player = started((HEAD + inner + TAIL).encode())
    assert [one.handler for one in player.waiting(Kind.TASK)] == ["a"]


@pytest.mark.parametrize(
    ("inner", "finding"),
    [
        ('<task id="a"/><sequenceFlow id="f" sourceRef="a"/>', ("flow-without-end", "f")),
        (
            '<task id="a"/><sequenceFlow id="f" sourceRef="a" targetRef="x"/>',
            ("flow-without-end", "f"),
        ),
        ('<task id="a" default="x"/>', ("default-unknown", "a")),
        ('<boundaryEvent id="b" attachedToRef="x"/>', ("boundary-without-activity", "b")),
        ('<boundaryEvent id="b" attachedToRef="b"/>', ("boundary-without-activity", "b")),
        (
            '<exclusiveGateway id="x"/><boundaryEvent id="b" attachedToRef="x"/>',
            ("boundary-without-activity", "b"),
        ),
        (
            ('<task id="a"/><boundaryEvent id="b" attachedToRef="a">'
            "<compensateEventDefinition/></boundaryEvent>"),
            ("compensation-without-activity", "b"),
        ),
        ('<choreographyTask id="c"/>', ("element-not-run", "c")),
        (('<intermediateCatchEvent id="c"><eventDefinitionRef>x</eventDefinitionRef>'
         "</intermediateCatchEvent>"), ("definition-unknown", "c")),
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_found_and_does_not_stop_the_rest(
    inner: str, finding: tuple[str, str]
) -> None:
    assert finding in {(clause, element) for clause, element, _ in findings(inner)}
    player = started((HEAD + inner + '<userTask id="last"/>' + TAIL).encode())
    assert "last" in {one.handler for one in player.waiting(Kind.TASK)}


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("x +", "formula-unread"),
        ("__import__('os').system('id')", "formula-unread"),
        ("nobody + 1", "formula-failed"),
        ("1 / 0", "formula-failed"),
        ("count(for i in 1..100000000 return i)", "formula-failed"),
        ("(" * 10_000 + "1" + ")" * 10_000, "formula-unread"),
        ("function(f) f(f)", "formula-failed"),
    ],
)
def test_a_formula_that_fails_is_an_incident_where_it_stands(formula: str, code: str) -> None:
    inner = f'<scriptTask id="a"><script><![CDATA[{formula}]]></script></scriptTask>'
    player = started((HEAD + inner + TAIL).encode())
    found = incidents(player)
    assert found <= {("a", code)}
    assert found or player.case.status is bpmn.Status.COMPLETED


@pytest.mark.parametrize(
    "inner",
    [
        '<eventBasedGateway id="a"/>',
        (
            '<eventBasedGateway id="a"/><task id="t"/>'
            '<sequenceFlow id="f" sourceRef="a" targetRef="t"/>'
        ),
        '<intermediateCatchEvent id="a"><errorEventDefinition/></intermediateCatchEvent>',
        '<intermediateCatchEvent id="a"><timerEventDefinition/></intermediateCatchEvent>',
        '<intermediateThrowEvent id="a"><linkEventDefinition name="x"/></intermediateThrowEvent>',
        '<callActivity id="a"/>',
        (
            '<subProcess id="a"><task id="t"/><task id="u"/>'
            '<sequenceFlow id="f" sourceRef="t" targetRef="u"/>'
            '<sequenceFlow id="g" sourceRef="u" targetRef="t"/></subProcess>'
        ),
    ],
)
def test_an_element_that_cannot_run_is_an_incident_and_not_a_silence(inner: str) -> None:
    player = started((HEAD + inner + TAIL).encode())
    assert {handler for handler, _ in incidents(player)} == {"a"}
