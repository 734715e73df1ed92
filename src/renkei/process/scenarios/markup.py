"""Lines of the notation as BPMN 2.0 XML, with the extensions of Zeebe where BPMN has no word."""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from renkei.process.scenarios.line import TAGS, Line

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"

OURS = "urn:renkei:process"

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
MARKED = {
    "undoes": 'isForCompensation="true"',
    "begins": 'instantiate="true"',
    "all": 'parallelMultiple="true"',
}
ASSIGNED = {
    "group": "candidateGroups",
    "person": "assignee",
    "due": "dueDate",
    "priority": "priority",
    "form": "formKey",
}
DUTIES = {"period": "period", "days": "dueDays", "article": "article"}
EVENTS = frozenset({"start", "end", "catch", "throw", "boundary"})


def roots(lines: Sequence[Line]) -> Iterator[str]:
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
        tag, name = ROOTS[kind], quoteattr(value)
        yield f'<{tag} id="{kind}-{value}" name={name}{code}>{inner}</{tag}>'


def _plain(formula: str) -> str:
    return formula.replace("'", '"')


def body(lines: Sequence[Line]) -> str:
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
    inner = [_extensions(line), *_triggers(line), _repetition(line), body(line.inner)]
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
    if line.kind == "adhoc":
        yield 'ordering="Sequential"' * line.has("sequential")
        yield 'cancelRemainingInstances="false"' * line.has("finishing")
    yield from (said for name, said in MARKED.items() if line.has(name))
    for name, attribute in (("takes", "startQuantity"), ("gives", "completionQuantity")):
        if line.has(name):
            yield f'{attribute}="{line.get(name)}"'
    if line.kind in {"send", "receive"} and line.has("message"):
        yield f'messageRef="message-{line.get("message")}"'
    yield from duties(line)


def duties(line: Line) -> Iterator[str]:
    """Yield what a line says of people's part in it, and of time."""
    if line.kind == "user":
        for name, attribute in ASSIGNED.items():
            if line.has(name):
                yield f"zeebe:{attribute}={quoteattr(line.get(name))}"
        if line.has("into") and not (line.has("each") or line.has("times")):
            yield f"renkei:into={quoteattr(line.get('into'))}"
    for name, attribute in DUTIES.items():
        if line.has(name):
            yield f"renkei:{attribute}={quoteattr(line.get(name))}"
    if line.has("eyes"):
        yield 'renkei:fourEyes="true"'
    if line.has("stops"):
        yield 'renkei:stopsClock="true"'


def steps_of(line: Line) -> str:
    """Return the steps of a ladder and the fields of a form, as extensions."""
    parts = _steps(line)
    return _extended(parts) if parts else ""


def _steps(line: Line) -> str:
    parts = []
    for said in (value for name, value in line.facts if name == "step"):
        at, *does = said.split()
        pairs = (one.partition("=") for one in does)
        attributes = "".join(f" {name}={quoteattr(value)}" for name, _, value in pairs)
        parts.append(f"<renkei:step at={quoteattr(at)}{attributes}/>")
    for said in (value for name, value in line.facts if name == "field"):
        name, kind, *label = said.split()
        required = ' required="true"' * name.endswith("!")
        facts = f'name={quoteattr(name.rstrip("!"))} type="{kind}" ja={quoteattr(" ".join(label))}'
        parts.append(f"<renkei:field {facts}{required}/>")
    return "".join(parts)


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
    mappings = [_mapping(way, value) for way, value in line.facts if way in {"in", "out"}]
    if mappings:
        parts.append(f"<zeebe:ioMapping>{''.join(mappings)}</zeebe:ioMapping>")
    parts.append(_steps(line))
    return _extended("".join(parts)) if any(parts) else ""


def _mapping(way: str, said: str) -> str:
    name, _, formula = said.partition(":=")
    source, target = quoteattr("=" + _plain(formula)), quoteattr(name.strip())
    return f"<zeebe:{way}put source={source} target={target}/>"


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


def _is_always(flow: tuple[str, str]) -> bool:
    return flow[0].endswith(" always")
