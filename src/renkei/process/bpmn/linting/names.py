"""Rules of names and lanes: what people read must tell things apart, and say whose they are."""

from collections.abc import Iterator

from renkei.process.bpmn.activity import Activity
from renkei.process.bpmn.document import MODEL, child, children, text
from renkei.process.bpmn.findings import Finding
from renkei.process.bpmn.linting.rules import at, at_xml, containers_of, elements_of
from renkei.process.bpmn.model import Definition, Process

CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})


def check(definition: Definition) -> Iterator[Finding]:
    """Yield what is wrong with names and lanes."""
    for element in elements_of(definition):
        is_choice = element.tag in CHOOSING and len(element.outgoing) > 1
        if not element.name and (isinstance(element, Activity) or is_choice):
            yield at(element, "name-missing")
    for container in containers_of(definition):
        called: set[str] = set()
        for one in container.elements:
            if isinstance(one, Activity) and one.name:
                if one.name in called:
                    yield at(one, "name-twice", one.name)
                called.add(one.name)
    for process in definition.processes.values():
        if process.elements and not process.is_executable:
            yield at(process, "process-not-executable")
        yield from _lanes(process, definition)
    yield from _messages(definition)


def _lanes(process: Process, definition: Definition) -> Iterator[Finding]:
    lanes = list(process.xml.iter(f"{{{MODEL}}}lane"))
    held: set[str] = set()
    for lane in lanes:
        names = [text(one).rpartition(":")[2] for one in children(lane, "flowNodeRef")]
        held |= set(names)
        name = lane.get("name", "") or lane.get("id", "")
        if not names and child(lane, "childLaneSet") is None:
            yield at_xml(lane, "lane-empty", name)
        for one in names:
            if one not in process.by_id:
                yield at_xml(lane, "lane-unknown-element", one)
    if lanes:
        for element in process.elements:
            if element.id not in held and element.host is None:
                yield at(element, "lane-missing")


def _messages(definition: Definition) -> Iterator[Finding]:
    known = {one.id for one in definition.participants} | set(definition.processes)
    known |= {one.id for one in elements_of(definition)}
    for flow in definition.document.root.iter(f"{{{MODEL}}}messageFlow"):
        for end in ("sourceRef", "targetRef"):
            if flow.get(end, "").rpartition(":")[2] not in known:
                yield at_xml(flow, "message-flow-without-end", flow.get(end, ""))
