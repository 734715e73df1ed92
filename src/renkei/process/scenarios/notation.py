"""A model in plain text, as scenarios have it: a line an element, indented within what holds it.

    start s -> a
    user a -> x
    xor x -> b if "amount > 100", e
    boundary late on=a timer=PT24H beside -> c
    sub whole -> e
      start s2 -> inner
      user inner

An element is its kind, its id, what is special about it, and behind `->` where it leads. Of the
flows of a gateway the one without `if` is the default, unless it says `always`. What comes of it is
BPMN 2.0.

What is special: of an event its triggers (`message=NAME key=FORMULA`, `signal=`, `timer=`, `date=`,
`cycle=`, `error=CODE`, `escalation=CODE`, `condition=`, `compensate=ACTIVITY`, `link=`, `terminate`,
`cancel`), `all` of several, `on=` whose boundary it is at, `beside` where it interrupts nothing; of an
activity `in="NAME := FORMULA"`, `out=`, `undo=ACTIVITY`, `undoes`, `while=` `most=` `before`,
`each=LIST as=NAME` or `times=`, `sequential`, `enough=`, `collect=FORMULA into=LIST`, `takes=` and
`gives=` so many tokens, `begins` a process; of a script `set="NAME := FORMULA"`; of a call and of a rule
`of=` which; `closed` where a call hands over only what it says; of an ad-hoc sub-process `sequential`,
`until=`, `finishing`; of a complex gateway `until=`.
"""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"

TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
    "boundary": "boundaryEvent",
    "task": "task",
    "manual": "manualTask",
    "user": "userTask",
    "service": "serviceTask",
    "script": "scriptTask",
    "rule": "businessRuleTask",
    "send": "sendTask",
    "receive": "receiveTask",
    "call": "callActivity",
    "xor": "exclusiveGateway",
    "and": "parallelGateway",
    "or": "inclusiveGateway",
    "complex": "complexGateway",
    "first": "eventBasedGateway",
    "sub": "subProcess",
    "event-sub": "subProcess",
    "transaction": "transaction",
    "adhoc": "adHocSubProcess",
}
TRIGGERS = {
    "timer": "timerEventDefinition",
    "date": "timerEventDefinition",
    "cycle": "timerEventDefinition",
    "message": "messageEventDefinition",
    "signal": "signalEventDefinition",
    "error": "errorEventDefinition",
    "escalation": "escalationEventDefinition",
    "condition": "conditionalEventDefinition",
    "compensate": "compensateEventDefinition",
    "link": "linkEventDefinition",
    "terminate": "terminateEventDefinition",
    "cancel": "cancelEventDefinition",
}
TIMES = {"timer": "timeDuration", "date": "timeDate", "cycle": "timeCycle"}
ROOTS = {"message": "message", "signal": "signal", "error": "error", "escalation": "escalation"}
CODES = {"error": "errorCode", "escalation": "escalationCode"}
EVENTS = frozenset({"start", "end", "catch", "throw", "boundary"})


class NotationWrong(ValueError):
    """A line that is no element."""


@dataclass(slots=True)
class Line:
    """One element, as it was written."""

    kind: str
    id: str
    facts: list[tuple[str, str]]
    flows: list[tuple[str, str]]
    """Where to, and under which condition."""
    inner: list["Line"] = field(default_factory=list)

    def get(self, name: str, otherwise: str = "") -> str:
        """Return a fact of it."""
        return next((value for key, value in self.facts if key == name), otherwise)

    def has(self, name: str) -> bool:
        """Tell whether a fact is stated."""
        return any(key == name for key, _ in self.facts)


def bpmn(text: str) -> bytes:
    """Return the model of BPMN 2.0 that a text describes: its processes, the first the main one.

    A line `process ID` begins a process; without one all is one, called `p`.
    """
    processes = list(_processes(text.splitlines()))
    roots = _roots([line for _, lines in processes for line in _all(lines)])
    parts = [
        f'<process id="{id_}" isExecutable="true">{_body(ls)}</process>' for id_, ls in processes
    ]
    head = (
        f'<definitions xmlns="{MODEL}" xmlns:zeebe="{ZEEBE}" targetNamespace="urn:renkei:scenario">'
    )
    return (head + "".join(roots) + "".join(parts) + "</definitions>").encode()


def _processes(lines: Sequence[str]) -> Iterator[tuple[str, list[Line]]]:
    id_, held = "p", list[str]()
    for line in [*lines, "process"]:
        if line.startswith("process"):
            if held:
                yield id_, _read(held)
            id_, held = line.removeprefix("process").strip(), []
        elif line.strip() and not line.lstrip().startswith("#"):
            held.append(line)


def _read(lines: Sequence[str]) -> list[Line]:
    """Read lines into the elements they describe, by how far they are indented."""
    top: list[Line] = []
    stack: list[tuple[int, list[Line]]] = [(-1, top)]
    for line in lines:
        depth = len(line) - len(line.lstrip())
        while stack[-1][0] >= depth:
            stack.pop()
        element = _element(line)
        stack[-1][1].append(element)
        stack.append((depth, element.inner))
    return top


def _element(line: str) -> Line:
    head, _, tail = line.partition("->")
    words = shlex.split(head)
    if len(words) < 2 or words[0] not in TAGS:  # kind and id
        raise NotationWrong(line)
    facts = [(name, value) for name, _, value in (word.partition("=") for word in words[2:])]
    flows = [_flow(part) for part in _parts(tail)]
    return Line(words[0], words[1], facts, flows)


def _parts(tail: str) -> list[str]:
    """Split at commas outside of quotes."""
    parts, inside = [""], False
    for char in tail:
        inside ^= char == '"'
        if char == "," and not inside:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]


def _flow(part: str) -> tuple[str, str]:
    target, _, condition = part.partition(" if ")
    return target.strip(), condition.strip().strip('"').replace("'", '"')


def _is_always(flow: tuple[str, str]) -> bool:
    return flow[0].endswith(" always")


def _all(lines: Sequence[Line]) -> Iterator[Line]:
    for line in lines:
        yield line
        yield from _all(line.inner)


def _roots(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the messages, signals, errors and escalations that are named."""
    named = dict.fromkeys(
        (kind, value)
        for line in lines
        for kind, value in line.facts
        if kind in ROOTS and value and (line.kind in EVENTS or line.kind in {"send", "receive"})
    )
    keys = {line.get("message"): line.get("key") for line in lines if line.has("key")}
    for kind, value in named:
        code = f" {CODES[kind]}={quoteattr(value)}" if kind in CODES else ""
        inner = ""
        if kind == "message" and value in keys:
            key = quoteattr("=" + _plain(keys[value]))
            inner = _extended(f"<zeebe:subscription correlationKey={key}/>")
        yield f'<{ROOTS[kind]} id="{kind}-{value}" name={quoteattr(value)}{code}>{inner}</{ROOTS[kind]}>'


def _plain(formula: str) -> str:
    return formula.replace("'", '"')


def _body(lines: Sequence[Line]) -> str:
    parts: list[str] = []
    for line in lines:
        parts.append(_xml(line))
        for number, (target, condition) in enumerate(line.flows):
            inner = f"<conditionExpression>{escape(condition)}</conditionExpression>" * bool(
                condition
            )
            ends = f'sourceRef="{line.id}" targetRef="{_target(target)}"'
            parts.append(
                f'<sequenceFlow id="{_flow_id(line, number)}" {ends}>{inner}</sequenceFlow>'
            )
        if line.has("undo"):
            guard = f'<boundaryEvent id="{line.id}-undo" attachedToRef="{line.id}">'
            parts.append(guard + "<compensateEventDefinition/></boundaryEvent>")
            ends = f'sourceRef="{line.id}-undo" targetRef="{line.get("undo")}"'
            parts.append(f'<association id="{line.id}-undone" associationDirection="One" {ends}/>')
    return "".join(parts)


def _flow_id(line: Line, number: int) -> str:
    target = _target(line.flows[number][0])
    twice = [_target(to) for to, _ in line.flows].count(target) > 1
    return f"{line.id}-{target}" + (f"-{number}" if twice else "")


def _target(said: str) -> str:
    return said.removesuffix(" always").strip()


def _xml(line: Line) -> str:
    tag = TAGS[line.kind]
    attributes = [f'id="{line.id}"', *_attributes(line)]
    inner = [_extensions(line), *_triggers(line), _repetition(line), _body(line.inner)]
    if line.kind in {"adhoc", "complex"} and line.has("until"):
        name = "completionCondition" if line.kind == "adhoc" else "activationCondition"
        inner.append(f"<{name}>{escape(_plain(line.get('until')))}</{name}>")
    return f"<{tag} {' '.join(attributes)}>{''.join(inner)}</{tag}>"


def _attributes(line: Line) -> Iterator[str]:
    plain = [n for n, one in enumerate(line.flows) if not one[1] and not _is_always(one)]
    if line.kind not in EVENTS and plain and any(condition for _, condition in line.flows):
        yield f'default="{_flow_id(line, plain[0])}"'
    if line.kind == "boundary":
        yield f'attachedToRef="{line.get("on")}"'
        yield f'cancelActivity="{str(not line.has("beside")).lower()}"'
    if line.kind == "start" and line.has("beside"):
        yield 'isInterrupting="false"'
    if line.kind == "event-sub":
        yield 'triggeredByEvent="true"'
    if line.kind == "adhoc" and line.has("sequential"):
        yield 'ordering="Sequential"'
    if line.kind == "adhoc" and line.has("finishing"):
        yield 'cancelRemainingInstances="false"'
    if line.has("undoes"):
        yield 'isForCompensation="true"'
    if line.has("begins"):
        yield 'instantiate="true"'
    for name, attribute in (("takes", "startQuantity"), ("gives", "completionQuantity")):
        if line.has(name):
            yield f'{attribute}="{line.get(name)}"'
    if line.has("all"):
        yield 'parallelMultiple="true"'
    if line.kind in {"send", "receive"} and line.has("message"):
        yield f'messageRef="message-{line.get("message")}"'


def _triggers(line: Line) -> Iterator[str]:
    """Yield what an event is about, in the order it was written."""
    if line.kind not in EVENTS:
        return
    for name, value in line.facts:
        tag = TRIGGERS.get(name)
        if tag is None:
            continue
        attributes = inner = ""
        if name in TIMES:
            inner = f"<{TIMES[name]}>{escape(_plain(value))}</{TIMES[name]}>"
        elif name in ROOTS and value:
            attributes = f' {ROOTS[name]}Ref="{name}-{value}"'
        elif name == "condition":
            inner = f"<condition>{escape(_plain(value))}</condition>"
        elif name == "compensate":
            attributes = f' activityRef="{value}"' * bool(value)
            attributes += ' waitForCompletion="false"' * line.has("beside")
        elif name == "link":
            attributes = f" name={quoteattr(value)}"
        yield f"<{tag}{attributes}>{inner}</{tag}>"


def _extensions(line: Line) -> str:
    parts: list[str] = []
    if line.kind == "script" and line.has("set"):
        result, _, formula = line.get("set").partition(":=")
        said = quoteattr("=" + _plain(formula.strip()))
        parts.append(
            f"<zeebe:script expression={said} resultVariable={quoteattr(result.strip())}/>"
        )
    if line.kind == "call":
        called = quoteattr(line.get("of"))
        parts.append(f"<zeebe:calledElement processId={called}{_propagation(line)}/>")
    if line.kind == "rule":
        facts = f'decisionId="{line.get("of")}" resultVariable="{line.get("into")}"'
        parts.append(f"<zeebe:calledDecision {facts}/>")
    mappings = [
        f"<zeebe:{way}put source={quoteattr('=' + _plain(formula))} target={quoteattr(name.strip())}/>"
        for way, value in line.facts
        if way in {"in", "out"}
        for name, _, formula in [value.partition(":=")]
    ]
    if mappings:
        parts.append(f"<zeebe:ioMapping>{''.join(mappings)}</zeebe:ioMapping>")
    return _extended("".join(parts)) if parts else ""


def _propagation(line: Line) -> str:
    given = ' propagateAllParentVariables="false"' * line.has("closed")
    return given + ' propagateAllChildVariables="false"' * line.has("closed")


def _extended(inner: str) -> str:
    return f"<extensionElements>{inner}</extensionElements>"


def _repetition(line: Line) -> str:
    if line.has("while") or line.has("most"):
        most = f' loopMaximum="{line.get("most")}"' * line.has("most")
        before = ' testBefore="true"' * line.has("before")
        condition = f"<loopCondition>{escape(_plain(line.get('while')))}</loopCondition>"
        return (
            f"<standardLoopCharacteristics{before}{most}>{condition * line.has('while')}"
            "</standardLoopCharacteristics>"
        )
    if not line.has("each") and not line.has("times"):
        return ""
    facts = {
        "inputCollection": "=" + _plain(line.get("each")) if line.has("each") else "",
        "inputElement": line.get("as"),
        "outputCollection": line.get("into") if line.kind != "rule" else "",
        "outputElement": "=" + _plain(line.get("collect")) if line.has("collect") else "",
    }
    said = " ".join(f"{name}={quoteattr(value)}" for name, value in facts.items() if value)
    inner = _extended(f"<zeebe:loopCharacteristics {said}/>") if said else ""
    if line.has("times"):
        inner += f"<loopCardinality>{escape(_plain(line.get('times')))}</loopCardinality>"
    if line.has("enough"):
        condition = escape(_plain(line.get("enough")))
        inner += f"<completionCondition>{condition}</completionCondition>"
    order = f'isSequential="{str(line.has("sequential")).lower()}"'
    tag = "multiInstanceLoopCharacteristics"
    return f"<{tag} {order}>{inner}</{tag}>"
