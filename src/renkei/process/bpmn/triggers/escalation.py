"""An escalation: something others should know of while, or after, the work goes on."""

from typing import TYPE_CHECKING

from renkei.process.bpmn import catching
from renkei.process.bpmn.case import Place
from renkei.process.bpmn.model import Element
from renkei.process.bpmn.trigger import Trigger

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class EscalationTrigger(Trigger):
    """Its code says which; one that catches without a code catches all."""

    tag = "escalationEventDefinition"
    words = ("エスカレーション", "escalation")

    def __init__(self, xml: "Xml", reading: "Reading", owner: Element) -> None:
        """Take the escalation it names."""
        super().__init__(xml, reading, owner)
        self.name = reading.code_of(xml.get("escalationRef", ""), "escalationCode")

    def throw(self, run: "Run", element: Element, scope: Place) -> bool:
        """Let those around know; go on unless one of them interrupted this."""
        return not catching.escalate(run, scope, self.name, {}, by=element)
