"""Making what runs of what was read. What is not understood is a finding, and stays in the file."""

from collections.abc import Iterator, Mapping

from renkei.process.bpmn import elements
from renkei.process.bpmn.document import (
    MODEL,
    Document,
    Xml,
    child,
    children,
    extensions,
    line_of,
    local,
    namespace,
    text,
)
from renkei.process.bpmn.errors import ProcessModelUnfit
from renkei.process.bpmn.expressions import LONGEST_KEY, Formula, formula
from renkei.process.bpmn.findings import Finding
from renkei.process.bpmn.model import (
    Container,
    Definition,
    Element,
    EventContainer,
    Flow,
    Message,
    Participant,
    Process,
)

BESIDE = frozenset({
    "association", "auditing", "category", "correlationSubscription", "dataInputAssociation",
    "dataObject", "dataObjectReference", "dataOutputAssociation", "dataStoreReference",
    "documentation", "extensionElements", "group", "incoming", "ioSpecification", "laneSet",
    "loopCharacteristics", "monitoring", "multiInstanceLoopCharacteristics", "outgoing", "property",
    "resourceRole", "potentialOwner", "humanPerformer", "performer", "sequenceFlow",
    "standardLoopCharacteristics", "supports", "textAnnotation", "completionCondition",
    "ioBinding",
})  # fmt: skip
"""What stands in a process and is nothing a token comes to."""
NAMED = frozenset({"message", "signal"})
"""What is told between cases by its name."""


def read(data: bytes, name: str = "") -> Definition:
    """Read a file of BPMN 2.0."""
    return define(Document.parse(data, name))


def define(document: Document, called: Mapping[str, Process] | None = None) -> Definition:
    """Return what runs of a document; `called` are the processes of other files it may call."""
    reading = Reading(document)
    processes = {one.id: one for one in reading.processes()}
    if not processes:
        line = line_of(document.root)
        raise ProcessModelUnfit(
            file=document.name, element="definitions", line=line, reason="no process"
        )
    return Definition(
        document,
        document.hash,
        processes,
        tuple(reading.participants()),
        called or {},
        tuple(sorted(reading.findings)),
    )


class Reading:
    """One file while it is read: what its elements ask for about it."""

    def __init__(self, document: Document) -> None:
        """Take the file."""
        self._document = document
        self._root = document.root
        self.findings: list[Finding] = []
        self._by_id: dict[str, Xml] = {}
        for one in self._root.iter():
            if isinstance(one.tag, str) and namespace(one) == MODEL and (id_ := one.get("id")):
                if id_ in self._by_id:
                    self.find("id-twice", one, id_)
                named = one.get("name", "") if local(one) in NAMED else ""
                if max(len(id_), len(named)) > LONGEST_KEY:
                    self.find("name-too-long", one, str(LONGEST_KEY))
                self._by_id.setdefault(id_, one)
        self._at = ""
        """The element being read: where a formula stands that cannot be."""
        self._made: dict[str, Element] = {}
        self._lanes = dict(self._lanes_by_element())

    def find(self, clause: str, xml: Xml, about: str = "") -> None:
        """Note a finding at an element of the file."""
        self.findings.append(Finding(line_of(xml), xml.get("id", local(xml)), clause, about))

    # Processes ------------------------------------------------------------------------------------

    def processes(self) -> Iterator[Process]:
        """Make every process of the file."""
        for xml in children(self._root, "process"):
            process = Process(xml, self)
            self._made[process.id] = process
            self._fill(process, xml)
            for element in process.inner():
                process.by_id[element.id] = element
                self._made[element.id] = element
            for element in list(process.by_id.values()):
                element.link(self)
            yield process

    def _fill(self, container: Container, xml: Xml) -> None:
        """Make what is in a process or a sub-process, and the flows between."""
        flows: list[Xml] = []
        by_id: dict[str, Element] = {}
        for one in xml:
            tag = local(one)
            if (
                not tag
                or namespace(one) != MODEL
                or self._by_id.get(one.get("id", ""), one) is not one
            ):
                continue  # what is not of BPMN, and what has the id of another: that is a finding
            if tag == "sequenceFlow":
                flows.append(one)
            elif (kind := elements.kind_of(one, tag)) is not None:
                self._at = one.get("id", "")
                made = kind(one, self, container)
                by_id[made.id] = made
                if isinstance(made, Container):
                    self._fill(made, one)
                if isinstance(made, EventContainer):
                    container.events.append(made)
                else:
                    container.elements.append(made)
            elif tag not in BESIDE:
                self.find("element-not-run", one, tag)
        for one in flows:
            self._join(one, by_id)
        for element in by_id.values():
            default = element.xml.get("default", "")
            element.default = next((f for f in element.outgoing if f.id == default), None)
            if default and element.default is None:
                self.find("default-unknown", element.xml, default)

    def _join(self, xml: Xml, by_id: Mapping[str, Element]) -> None:
        ends = xml.get("sourceRef", ""), xml.get("targetRef", "")
        source, target = (by_id.get(end) for end in ends)
        if source is None or target is None:
            self.find("flow-without-end", xml, " ".join(end for end in ends if end not in by_id))
            return
        self._at = self.id_of(xml)
        condition = self.formula(child(xml, "conditionExpression"))
        name = xml.get("name", "").strip()
        flow = Flow(self._at, name, source, target, condition, line_of(xml))
        source.outgoing.append(flow)
        target.incoming.append(flow)

    # What elements ask for ------------------------------------------------------------------------

    def id_of(self, xml: Xml) -> str:
        """Return the id of an element; one without gets one by its place in the file."""
        id_ = xml.get("id")
        if id_:
            return id_
        self.find("id-missing", xml, local(xml))
        return f"{local(xml)}-{xml.sourceline}"

    def element(self, id_: str) -> Element | None:
        """Return what was made of an element of the file."""
        return self._made.get(self.unprefixed(id_))

    def formula(self, xml: Xml | None) -> Formula | None:
        """Read the formula that stands in an element; nothing stands for none."""
        words = text(xml)
        return None if xml is None or not words else self.check(formula(words, line_of(xml)))

    def check(self, read: Formula) -> Formula:
        """Note a formula that cannot be read."""
        if read.trouble:
            self.findings.append(Finding(read.line, self._at, "formula-unread", read.text))
        return read

    def message(self, xml: Xml, owner: Element) -> Message:
        """Return the message an element names; without one it is called as the element is."""
        held = self._by_id.get(self.unprefixed(xml.get("messageRef", "")))
        if held is None:
            return Message("", owner.title)
        said = (one for where in (held, xml) for one in extensions(where))
        keys = (one.get("correlationKey", "") for one in said if local(one) == "subscription")
        key = next(filter(None, keys), "")
        read = self.check(formula(key, line_of(held))) if key else None
        return Message(held.get("id", ""), _name(held), read)

    def named(self, id_: str) -> str:
        """Return what a root element is called: its name, or its id."""
        held = self._by_id.get(self.unprefixed(id_))
        return "" if held is None else _name(held)

    def code_of(self, id_: str, attribute: str) -> str:
        """Return the code of an error or an escalation: as it says, or its name, or its id."""
        held = self._by_id.get(self.unprefixed(id_))
        return "" if held is None else held.get(attribute, "").strip() or _name(held)

    def data_name(self, id_: str) -> str:
        """Return the name of a data object or of a reference to one."""
        return self.named(id_) or id_

    def definitions_of(self, xml: Xml) -> list[Xml]:
        """Return the event definitions of an event, those that stand elsewhere too."""
        found = [one for one in xml if local(one).endswith("EventDefinition")]
        for named in children(xml, "eventDefinitionRef"):
            held = self._by_id.get(self.unprefixed(text(named)))
            if held is None:
                self.find("definition-unknown", xml, text(named))
            else:
                found.append(held)
        return found

    def associated(self, event: Element) -> Element | None:
        """Return the activity that an association of a compensation event leads to."""
        for one in self._root.iter(f"{{{MODEL}}}association"):
            if self.unprefixed(one.get("sourceRef", "")) == event.id:
                return self.element(one.get("targetRef", ""))
        return None

    def unprefixed(self, name: str) -> str:
        """Return a name of the file without the prefix of its namespace."""
        head, colon, tail = name.partition(":")
        return tail if colon and head in self._root.nsmap else name

    def lane_of(self, id_: str) -> str:
        """Return the name of the innermost lane an element is in."""
        return self._lanes.get(id_, "")

    def participants(self) -> Iterator[Participant]:
        """Yield the pools."""
        for one in self._root.iter(f"{{{MODEL}}}participant"):
            process = self.unprefixed(one.get("processRef", ""))
            yield Participant(one.get("id", ""), one.get("name", "").strip(), process)

    def _lanes_by_element(self) -> Iterator[tuple[str, str]]:
        for lane in self._root.iter(f"{{{MODEL}}}lane"):  # an inner lane comes after its outer one
            for held in children(lane, "flowNodeRef"):
                yield self.unprefixed(text(held)), _name(lane)


def _name(xml: Xml) -> str:
    """Return what people call an element of the file: its name, or its id."""
    return xml.get("name", "").strip() or xml.get("id", "")
