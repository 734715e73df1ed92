"""The same process as Camunda 7 writes it and as Camunda 8 does runs the same."""

from decimal import Decimal
from typing import Any

import pytest

from renkei.process import bpmn
from renkei.process.bpmn import Kind
from renkei.process.scenarios import Player

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"><process id="p" isExecutable="true">'
)
TAIL = (
    "</process><process id='q'><userTask id='inner'/></process>"
    '<message id="m" name="answer"><extensionElements>'
    '<zeebe:subscription correlationKey="= who"/></extensionElements></message></definitions>'
)
BEGIN: bpmn.Variables = {
    "who": "taro",
    "amount": Decimal(150),
    "wait": "PT2H",
    "people": ["taro", "hanako"],
}

PAIRS = {
    "who does a task, by when, with which form": (
        (
            '<userTask id="a" camunda:assignee="${who}" camunda:candidateGroups="tax"'
            ' camunda:dueDate="2027-05-01" camunda:formKey="f1"/>'
        ),
        (
            '<userTask id="a"><extensionElements>'
            '<zeebe:assignmentDefinition assignee="= who" candidateGroups="tax"/>'
            '<zeebe:taskSchedule dueDate="2027-05-01"/><zeebe:formDefinition formKey="f1"/>'
            "</extensionElements></userTask>"
        ),
    ),
    "what a task takes in": (
        (
            '<userTask id="a"><extensionElements><camunda:inputOutput>'
            '<camunda:inputParameter name="x">${amount + 1}</camunda:inputParameter>'
            '<camunda:inputParameter name="y">as it is</camunda:inputParameter>'
            "</camunda:inputOutput></extensionElements></userTask>"
        ),
        (
            '<userTask id="a"><extensionElements><zeebe:ioMapping>'
            '<zeebe:input source="= amount + 1" target="x"/>'
            '<zeebe:input source="as it is" target="y"/>'
            "</zeebe:ioMapping></extensionElements></userTask>"
        ),
    ),
    "what a task gives out": (
        (
            '<scriptTask id="a" scriptFormat="feel" camunda:resultVariable="r"><extensionElements>'
            '<camunda:inputOutput><camunda:outputParameter name="z">${r * 2}'
            "</camunda:outputParameter></camunda:inputOutput></extensionElements>"
            "<script>amount / 3</script></scriptTask>"
            '<userTask id="b"/><sequenceFlow id="f" sourceRef="a" targetRef="b"/>'
        ),
        (
            '<scriptTask id="a"><extensionElements>'
            '<zeebe:script expression="= amount / 3" resultVariable="r"/>'
            '<zeebe:ioMapping><zeebe:output source="= r * 2" target="z"/></zeebe:ioMapping>'
            "</extensionElements></scriptTask>"
            '<userTask id="b"/><sequenceFlow id="f" sourceRef="a" targetRef="b"/>'
        ),
    ),
    "which decision is taken": (
        '<businessRuleTask id="a" camunda:decisionRef="fee" camunda:resultVariable="r"/>',
        (
            '<businessRuleTask id="a"><extensionElements>'
            '<zeebe:calledDecision decisionId="fee" resultVariable="r"/></extensionElements>'
            "</businessRuleTask>"
        ),
    ),
    "for each of a list": (
        (
            '<userTask id="a"><multiInstanceLoopCharacteristics isSequential="true"'
            ' camunda:collection="people" camunda:elementVariable="one">'
            "<completionCondition>${one == who}</completionCondition>"
            "</multiInstanceLoopCharacteristics></userTask>"
        ),
        (
            '<userTask id="a"><multiInstanceLoopCharacteristics isSequential="true">'
            '<extensionElements><zeebe:loopCharacteristics inputCollection="= people"'
            ' inputElement="one"/></extensionElements>'
            "<completionCondition>= one = who</completionCondition>"
            "</multiInstanceLoopCharacteristics></userTask>"
        ),
    ),
    "a call with all it knows": (
        (
            '<callActivity id="a" calledElement="q"><extensionElements>'
            '<camunda:in variables="all"/><camunda:out variables="all"/></extensionElements>'
            "</callActivity>"
        ),
        (
            '<callActivity id="a"><extensionElements><zeebe:calledElement processId="q"/>'
            "</extensionElements></callActivity>"
        ),
    ),
    "a call with what it says": (
        (
            '<callActivity id="a" calledElement="q"><extensionElements>'
            '<camunda:in source="who" target="name"/></extensionElements></callActivity>'
        ),
        (
            '<callActivity id="a"><extensionElements>'
            '<zeebe:calledElement processId="q" propagateAllParentVariables="false"'
            ' propagateAllChildVariables="false"/>'
            '<zeebe:ioMapping><zeebe:input source="= who" target="name"/></zeebe:ioMapping>'
            "</extensionElements></callActivity>"
        ),
    ),
    "a condition": (
        (
            '<exclusiveGateway id="x" default="g"/><userTask id="a"/><userTask id="b"/>'
            '<sequenceFlow id="f" sourceRef="x" targetRef="a"><conditionExpression>'
            "${amount &gt; 100 &amp;&amp; who == 'taro'}</conditionExpression></sequenceFlow>"
            '<sequenceFlow id="g" sourceRef="x" targetRef="b"/>'
        ),
        (
            '<exclusiveGateway id="x" default="g"/><userTask id="a"/><userTask id="b"/>'
            '<sequenceFlow id="f" sourceRef="x" targetRef="a"><conditionExpression>'
            '= amount &gt; 100 and who = "taro"</conditionExpression></sequenceFlow>'
            '<sequenceFlow id="g" sourceRef="x" targetRef="b"/>'
        ),
    ),
    "a time that is reckoned": (
        (
            '<intermediateCatchEvent id="a"><timerEventDefinition><timeDuration>${wait}'
            "</timeDuration></timerEventDefinition></intermediateCatchEvent>"
        ),
        (
            '<intermediateCatchEvent id="a"><timerEventDefinition><timeDuration>= wait'
            "</timeDuration></timerEventDefinition></intermediateCatchEvent>"
        ),
    ),
}


def waited(inner: str) -> list[tuple[Any, ...]]:
    """Return what is waited for and known after the beginning, and after the first is done."""
    player = Player(bpmn.read((HEAD + inner + TAIL).encode()))
    player.start(dict(BEGIN))
    found = [*state(player)]
    for wait in player.waiting(Kind.TASK):
        player.do(bpmn.Bring(player.at, wait.key, {"name": "jiro"}))
        break
    return [*found, *state(player), (player.ended,)]


def state(player: Player) -> list[tuple[Any, ...]]:
    waits = [(w.kind, w.handler, w.name, w.due, w.about) for w in player.case.waits.values()]
    known = [one.variables for one in player.case.places.values() if one.element in {"p", "q"}]
    return [*waits, *((one,) for one in known)]


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_both_makers_forms_run_the_same(pair: tuple[str, str]) -> None:
    first, second = (waited(one) for one in pair)
    assert first == second
    assert Kind.INCIDENT not in {kind for kind, *_ in first if isinstance(kind, Kind)}


def only_wait(inner: str) -> bpmn.Wait:
    player = Player(bpmn.read((HEAD + inner + TAIL).encode()))
    player.start(dict(BEGIN))
    (wait,) = player.case.waits.values()
    return wait


@pytest.mark.parametrize(
    "attributes",
    [
        'camunda:type="external" camunda:topic="pay"',
        'camunda:delegateExpression="pay"',
        'camunda:class="pay"',
    ],
)
def test_a_service_is_known_by_its_topic_or_its_class(attributes: str) -> None:
    assert only_wait(f'<serviceTask id="a" {attributes}/>').name == "pay"


def test_a_service_has_what_its_definition_says() -> None:
    wait = only_wait(
        '<serviceTask id="a"><extensionElements>'
        '<zeebe:taskDefinition type="= &quot;pay-&quot; + who" retries="5"/>'
        '<zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>'
        "</extensionElements></serviceTask>"
    )
    assert (wait.name, wait.about) == ("pay-taro", {"retries": "5", "k": "v"})


def test_a_message_is_found_by_the_key_its_subscription_says() -> None:
    wait = only_wait('<receiveTask id="a" messageRef="m"/>')
    assert (wait.name, wait.correlation) == ("answer", "taro")


def test_a_task_belongs_to_its_innermost_lane_unless_it_says_otherwise() -> None:
    lanes = (
        '<laneSet id="l"><lane id="l1" name="税務課"><flowNodeRef>a</flowNodeRef><childLaneSet>'
        '<lane id="l2" name="賦課係"><flowNodeRef>a</flowNodeRef></lane></childLaneSet></lane>'
        "</laneSet>"
    )
    assert only_wait(lanes + '<userTask id="a"/>').about["groups"] == "賦課係"
    own = only_wait(lanes + '<userTask id="a" camunda:candidateGroups="窓口"/>')
    assert own.about["groups"] == "窓口"


def test_a_script_of_another_language_is_a_job_and_is_not_run() -> None:
    script = '<scriptTask id="a" scriptFormat="python"><script>import os</script></scriptTask>'
    assert only_wait(script).name == "script:python"
