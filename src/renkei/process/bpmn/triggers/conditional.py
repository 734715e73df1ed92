"""A condition: becomes true by what the case comes to know."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Kind, Place
from renkei.process.bpmn.document import child
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.model import Element
from renkei.process.bpmn.shapes import Icon
from renkei.process.bpmn.trigger import Trigger

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class ConditionalTrigger(Trigger):
    """It comes when the condition becomes true, not while it stays so."""

    tag = "conditionalEventDefinition"
    words = ("条件", "condition")
    meaning = ("条件が成り立つこと", "a condition comes true")
    icon = Icon("M4 2H20V22H4Z", "M7 6.5H17M7 10.2H17M7 13.9H17M7 17.6H17")
    waits = Kind.CONDITION
    stays = True

    def __init__(self, xml: "Xml", reading: "Reading", owner: Element) -> None:
        """Take the condition."""
        super().__init__(xml, reading, owner)
        self.condition = reading.formula(child(xml, "condition"))

    def facts(self) -> Iterator[Fact]:
        """Yield the condition."""
        if self.condition is not None:
            yield About.CONDITION, self.condition.text

    def defects(self, event: Element) -> Iterator[Defect]:
        """It has a condition."""
        if self.condition is None:
            yield "condition-absent", event.id

    def arm(self, run: "Run", place: Place, handler: Element) -> None:
        """Let a place wait for it; it is looked at when nothing moves any more."""
        run.wait(place, Kind.CONDITION, handler, trigger=self.number)
        run.is_changed = True

    def holds(self, run: "Run", place: Place) -> bool:
        """Tell whether it is so now; what is unknown is not."""
        return self.condition is not None and run.is_true(self.condition, place)
