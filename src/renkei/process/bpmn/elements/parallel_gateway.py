"""A gateway at which all ways are taken, and all are waited for."""

from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Place
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.joins import arrive, depart
from renkei.process.bpmn.model import Element, Flow
from renkei.process.bpmn.shapes import GATEWAY, Icon

if TYPE_CHECKING:
    from renkei.process.bpmn.run import Run


class ParallelGateway(Element):
    """It waits for one token by each flow, then lets one go by each."""

    tag = "parallelGateway"
    words = ("並列ゲートウェイ", "parallel gateway")
    meaning = (
        "すべての流れに同時に進み、そろうのを待ちます",
        "all ways are taken at once, and all are waited for",
    )
    shape = GATEWAY
    icon = Icon("M10.8 3H13.2V10.8H21V13.2H13.2V21H10.8V13.2H3V10.8H10.8Z")
    is_full = True

    def enter(self, run: "Run", scope: Place, flow: Flow | None) -> None:
        """Wait for the others, or go on by all ways."""
        if len(self.incoming) > 1 and flow is not None:
            there = arrive(run, scope, self, flow)
            if len(there) < len(self.incoming):
                return
            depart(run, scope, self)
        flows = self.outgoing
        run.happened(Happened.PASSED, self.id, scope.key, {"flows": [one.id for one in flows]})
        if flows:
            run.leave_by(flows, scope)
        else:
            run.consume(scope)
