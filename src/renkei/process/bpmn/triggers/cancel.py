"""The cancelling of a transaction: what was done in it is undone, then it is left."""

from typing import TYPE_CHECKING

from renkei.process.bpmn import undoing
from renkei.process.bpmn.case import Place
from renkei.process.bpmn.expressions import Problem
from renkei.process.bpmn.model import Element
from renkei.process.bpmn.shapes import CROSS, Icon
from renkei.process.bpmn.trigger import Trigger

if TYPE_CHECKING:
    from renkei.process.bpmn.run import Run


class CancelTrigger(Trigger):
    """At an end within a transaction, and at its boundary."""

    tag = "cancelEventDefinition"
    words = ("取消し", "cancel")
    ends = True
    meaning = ("まとまり全体の取消し", "the whole is called off")
    icon = Icon(CROSS)

    def throw(self, run: "Run", element: Element, scope: Place) -> bool:
        """Interrupt the transaction, undo it, then leave it."""
        if run.element(scope).tag != "transaction":
            raise Problem("cancel-outside-transaction", element.id)
        run.empty(scope)
        kept = run.mine(scope.key)
        kept.tokens = 1
        if not undoing.begin(run, element, kept, ""):
            undoing.leave_cancelled(run, kept)
        return False
