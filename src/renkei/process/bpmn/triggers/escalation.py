"""An escalation: something others should know of while, or after, the work goes on."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process.bpmn import catching
from renkei.process.bpmn.case import Place
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.model import Element
from renkei.process.bpmn.shapes import Icon
from renkei.process.bpmn.trigger import Trigger

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class EscalationTrigger(Trigger):
    """Its code says which; one that catches without a code catches all."""

    tag = "escalationEventDefinition"
    words = ("エスカレーション", "escalation")
    meaning = ("上位への報告", "word to those above")
    icon = Icon("M12 2L20 22L12 14L4 22Z")

    def __init__(self, xml: "Xml", reading: "Reading", owner: Element) -> None:
        """Take the escalation it names."""
        super().__init__(xml, reading, owner)
        self.name = reading.code_of(xml.get("escalationRef", ""), "escalationCode")

    def facts(self) -> Iterator[Fact]:
        """Yield which one."""
        if self.name:
            yield About.CODE, self.name

    def defects(self, event: Element) -> Iterator[Defect]:
        """What throws it says which; what catches it may catch all."""
        if not self.name and event.is_full:
            yield "escalation-without-code", event.id

    def throw(self, run: "Run", element: Element, scope: Place) -> bool:
        """Let those around know; go on unless one of them interrupted this."""
        return not catching.escalate(run, scope, self.name, {}, by=element)
