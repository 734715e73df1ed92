"""The end of everything in its scope at once."""

from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Place
from renkei.process.bpmn.model import Element
from renkei.process.bpmn.shapes import RING, Icon
from renkei.process.bpmn.trigger import Trigger

if TYPE_CHECKING:
    from renkei.process.bpmn.run import Run


class TerminateTrigger(Trigger):
    """What is still under way in the scope ends; what is around it goes on."""

    tag = "terminateEventDefinition"
    words = ("強制終了", "terminate")
    meaning = ("残りの流れをすべて終えること", "all that is left ends too")
    icon = Icon(RING)

    def throw(self, run: "Run", element: Element, scope: Place) -> bool:
        """Interrupt everything in the scope, and end it."""
        run.empty(scope)
        run.finish(run.mine(scope.key))
        return False
