"""A gateway at which every way is taken that fits, and only what comes is waited for."""

from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Place
from renkei.process.bpmn.expressions import Problem
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.joins import arrive, depart, may_more_come
from renkei.process.bpmn.model import Element, Flow
from renkei.process.bpmn.shapes import GATEWAY, Icon

if TYPE_CHECKING:
    from renkei.process.bpmn.run import Run


class InclusiveGateway(Element):
    """It goes on when no token that is still under way could come to it."""

    tag = "inclusiveGateway"
    words = ("包含ゲートウェイ", "inclusive gateway")
    meaning = (
        "条件に合う流れすべてに進み、そろうのを待ちます",
        "every way that fits is taken, and waited for",
    )
    shape = GATEWAY
    icon = Icon("M12 3A9 9 0 1 1 11.99 3ZM12 5.4A6.6 6.6 0 1 0 12.01 5.4Z")
    is_full = True

    def enter(self, run: "Run", scope: Place, flow: Flow | None) -> None:
        """Wait for the others, or go on."""
        if len(self.incoming) > 1 and flow is not None:
            arrive(run, scope, self, flow)
        else:
            self.go_on(run, scope)

    def settled(self, run: "Run", scope: Place) -> bool:
        """Go on with what is there, if no more can come."""
        if may_more_come(run, scope, self):
            return False
        depart(run, scope, self)
        try:
            self.go_on(run, scope)
        except Problem as problem:
            run.troubled(self, scope, problem)
        return True

    def go_on(self, run: "Run", scope: Place) -> None:
        """Take every way that fits, else the default."""
        if not self.outgoing:
            run.consume(scope)
            return
        chosen = [one for one in self.outgoing if one is not self.default and run.holds(one, scope)]
        if not chosen and self.default is not None:
            chosen = [self.default]
        if not chosen:
            raise Problem("no-flow-holds", self.id)
        run.happened(Happened.PASSED, self.id, scope.key, {"flows": [one.id for one in chosen]})
        run.leave_by(chosen, scope)
