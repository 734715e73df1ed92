"""A link: the flow goes on elsewhere on the page."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Place
from renkei.process.bpmn.expressions import Problem
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.model import Element
from renkei.process.bpmn.shapes import ARROW
from renkei.process.bpmn.trigger import Trigger

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class LinkTrigger(Trigger):
    """What throws it goes on at what catches the same name, in the same scope."""

    tag = "linkEventDefinition"
    words = ("リンク", "link")
    meaning = ("図の別の場所への続き", "the flow goes on elsewhere")
    icon = ARROW

    def __init__(self, xml: "Xml", reading: "Reading", owner: Element) -> None:
        """Take its name."""
        super().__init__(xml, reading, owner)
        self.name = xml.get("name", "") or owner.title

    def facts(self) -> Iterator[Fact]:
        """Yield which link."""
        yield About.LINK, self.name

    def defects(self, event: Element) -> Iterator[Defect]:
        """Each end has its other one in the same scope."""
        container = event.container
        others = (one for one in container.elements if one.tag != event.tag) if container else ()
        ends = (trigger for one in others for trigger in getattr(one, "triggers", ()))
        if not any(isinstance(one, LinkTrigger) and one.name == self.name for one in ends):
            yield "link-without-end", self.name

    def throw(self, run: "Run", element: Element, scope: Place) -> bool:
        """Let the token go on there."""
        container = element.container
        for one in container.elements if container is not None else ():
            if one is not element and one.tag == "intermediateCatchEvent":
                for trigger in getattr(one, "triggers", ()):
                    if isinstance(trigger, LinkTrigger) and trigger.name == self.name:
                        run.send(one, scope)
                        return False
        raise Problem("link-without-end", self.name)
