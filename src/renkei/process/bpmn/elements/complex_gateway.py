"""A gateway that says itself when enough has come."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Place
from renkei.process.bpmn.document import child
from renkei.process.bpmn.elements.inclusive_gateway import InclusiveGateway
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.joins import arrive, depart
from renkei.process.bpmn.model import Container, Flow
from renkei.process.bpmn.shapes import Icon

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class ComplexGateway(InclusiveGateway):
    """It goes on when its condition holds of `activationCount`; without one as an inclusive one."""

    tag = "complexGateway"
    words = ("複合ゲートウェイ", "complex gateway")
    icon = Icon(
        "M10.8 2H13.2V9.1L18.2 4.1L19.9 5.8L14.9 10.8H22V13.2H14.9L19.9 18.2L18.2 19.9"
        "L13.2 14.9V22H10.8V14.9L5.8 19.9L4.1 18.2L9.1 13.2H2V10.8H9.1L4.1 5.8L5.8 4.1"
        "L10.8 9.1Z",
    )

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take the condition."""
        super().__init__(xml, reading, container)
        self.condition = reading.formula(child(xml, "activationCondition"))

    def facts(self) -> Iterator[Fact]:
        """Yield when enough has come."""
        if self.condition is not None:
            yield About.ENOUGH, self.condition.text

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
