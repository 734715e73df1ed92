"""A model without its data: every work is done by somebody, every condition may be so or not.

It is made of a copy of the file, so that the core runs it as it runs any other.
"""

from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from renkei.process import feel
from renkei.process.bpmn.activity import Activity
from renkei.process.bpmn.case import Variables
from renkei.process.bpmn.document import MODEL, Document, Xml, local
from renkei.process.bpmn.elements.ad_hoc_sub_process import AdHocSubProcess
from renkei.process.bpmn.elements.call_activity import CallActivity
from renkei.process.bpmn.expressions import Formula
from renkei.process.bpmn.linting.rules import elements_of
from renkei.process.bpmn.model import Container, Definition, Element, Flow
from renkei.process.bpmn.reading import define
from renkei.process.bpmn.triggers.conditional import ConditionalTrigger

DATA = frozenset({
    "extensionElements", "standardLoopCharacteristics", "multiInstanceLoopCharacteristics",
    "ioSpecification", "potentialOwner", "humanPerformer", "performer", "resourceRole",
})  # fmt: skip
MOST_ASKED = 24
"""Conditions looked at by one command; more of them are not all tried."""


class AskedTooMuch(Exception):
    """One command looks at more conditions than are tried."""


@dataclass(slots=True)
class Oracle:
    """Says of each condition whether it holds: first as it is told, then always no."""

    told: tuple[bool, ...] = ()
    said: list[bool] = field(default_factory=list)

    def begin(self, told: tuple[bool, ...]) -> None:
        """Begin anew."""
        self.told = told
        self.said = []

    def answer(self) -> bool:
        """Say whether the next condition holds."""
        if len(self.said) >= MOST_ASKED:
            raise AskedTooMuch
        self.said.append(self.told[len(self.said)] if len(self.said) < len(self.told) else False)
        return self.said[-1]

    def others(self) -> list[tuple[bool, ...]]:
        """Return what else could have been said, where it was not told."""
        told = len(self.told)
        return [(*self.said[:n], True) for n in range(told, len(self.said)) if not self.said[n]]


@dataclass(frozen=True, slots=True)
class Guess(Formula):
    """A formula that gives what an oracle says."""

    oracle: Oracle = field(default_factory=Oracle)

    def value(self, variables: Variables, at: datetime) -> feel.Value:
        """Ask."""
        return self.oracle.answer()


def abstracted(definition: Definition, oracle: Oracle) -> Definition:
    """Return the model without its data."""
    root = _stripped(definition)
    made = define(Document(definition.document.name, root))
    guess = Guess("", 0, oracle=oracle)
    for element in elements_of(made):
        for flow in element.outgoing:
            if flow.condition is not None or _is_to_choose(flow):
                flow.condition = guess
        for trigger in getattr(element, "triggers", ()):
            if isinstance(trigger, ConditionalTrigger):
                trigger.condition = guess
        if isinstance(element, AdHocSubProcess):
            element.condition = None
    return made


def _is_to_choose(flow: Flow) -> bool:
    """Tell whether one of several ways has no condition yet: it may be taken as well."""
    source = flow.source
    is_open = source.tag == "inclusiveGateway" and source.default is not None
    is_choice = (source.tag == "exclusiveGateway" or is_open) and len(source.outgoing) > 1
    return is_choice and flow is not source.default


def _stripped(definition: Definition) -> Xml:
    root = definition.document.root
    copy = etree.fromstring(etree.tostring(root))
    twins = dict(zip(root.iter(), copy.iter(), strict=True))
    for element in elements_of(definition):
        _make_plain(element, twins[element.xml], definition)
    for one in list(copy.iter()):
        parent = one.getparent()
        if parent is not None and local(one) in DATA:
            parent.remove(one)
        elif local(one) == "timerEventDefinition":
            for held in list(one):
                one.remove(held)
            etree.SubElement(one, f"{{{MODEL}}}timeDuration").text = "PT1H"
    return copy


def _make_plain(element: Element, xml: Xml, definition: Definition) -> None:
    """Let a task of any kind be one that somebody does; a called process stays if it is here."""
    is_filled = isinstance(element, Container) and (element.elements or element.events)
    if not isinstance(element, Activity) or is_filled:
        return
    if isinstance(element, CallActivity) and element.named in definition.processes:
        xml.set("calledElement", element.named)
        return
    if element.tag == "receiveTask":
        return
    xml.tag = f"{{{MODEL}}}userTask"
    for name in [str(one) for one in xml.attrib if str(one).startswith("{")]:
        del xml.attrib[name]
