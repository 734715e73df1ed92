"""A gateway that says itself when enough has come."""

from decimal import Decimal
from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Place
from renkei.process.bpmn.document import child
from renkei.process.bpmn.elements.inclusive_gateway import InclusiveGateway
from renkei.process.bpmn.joins import arrive, depart
from renkei.process.bpmn.model import Container, Flow

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class ComplexGateway(InclusiveGateway):
    """It goes on when its condition holds of `activationCount`; without one as an inclusive one."""

    tag = "complexGateway"
    words = ("複合ゲートウェイ", "complex gateway")

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take the condition."""
        super().__init__(xml, reading, container)
        self.condition = reading.formula(child(xml, "activationCondition"))

    def enter(self, run: "Run", scope: Place, flow: Flow | None) -> None:
        """Wait until enough came."""
        if self.condition is None or len(self.incoming) < 2 or flow is None:
            super().enter(run, scope, flow)
            return
        there = arrive(run, scope, self, flow)
        count = {"activationCount": Decimal(sum(there.values()))}
        if self.condition.value({**run.variables(scope), **count}, run.at) is True:
            depart(run, scope, self)
            self.go_on(run, scope)

    def settled(self, run: "Run", scope: Place) -> bool:
        """With a condition of its own nothing else is enough."""
        return self.condition is None and super().settled(run, scope)
