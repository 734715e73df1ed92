"""A gateway at which one way is taken."""

from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Place
from renkei.process.bpmn.expressions import Problem
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.model import Element, Flow
from renkei.process.bpmn.shapes import GATEWAY, Icon

if TYPE_CHECKING:
    from renkei.process.bpmn.run import Run


class ExclusiveGateway(Element):
    """The first flow whose condition holds is taken, else the default. It joins without waiting."""

    tag = "exclusiveGateway"
    words = ("排他ゲートウェイ", "exclusive gateway")
    meaning = ("条件により一つの流れに進みます", "one way is taken, by a condition")
    shape = GATEWAY
    icon = Icon("M7 4H9.5L12 9L14.5 4H17L13.3 12L17 20H14.5L12 15L9.5 20H7L10.7 12Z")
    is_full = True

    def enter(self, run: "Run", scope: Place, flow: Flow | None) -> None:
        """Take one way."""
        if not self.outgoing:
            run.consume(scope)
            return
        chosen = self._chosen(run, scope)
        run.happened(Happened.PASSED, self.id, scope.key, {"flows": [chosen.id]})
        run.send(chosen.target, scope, chosen)

    def _chosen(self, run: "Run", scope: Place) -> Flow:
        for flow in self.outgoing:
            if flow is not self.default and run.holds(flow, scope):
                return flow
        if self.default is None:
            raise Problem("no-flow-holds", self.id)
        return self.default
