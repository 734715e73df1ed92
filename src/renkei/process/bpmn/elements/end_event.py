"""Where a token ends."""

from typing import TYPE_CHECKING

from renkei.process.bpmn import undoing
from renkei.process.bpmn.case import Place
from renkei.process.bpmn.event import EventElement
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.model import Flow
from renkei.process.bpmn.shapes import END

if TYPE_CHECKING:
    from renkei.process.bpmn.run import Run


class EndEvent(EventElement):
    """It lets happen what it is about; the last token of a scope ends the scope."""

    tag = "endEvent"
    words = ("終了イベント", "end event")
    meaning = ("ここで流れが終わります", "the flow ends here")
    shape = END
    is_full = True

    def enter(self, run: "Run", scope: Place, flow: Flow | None) -> None:
        """Let everything happen, then end the token."""
        run.happened(Happened.COMPLETED, self.id, scope.key)
        if self.throw(run, scope):
            run.consume(scope)

    def emptied(self, run: "Run", place: Place) -> None:
        """One thing more is undone."""
        undoing.go_on(run, place)

    def undone(self, run: "Run", scope: Place) -> None:
        """All is undone: end the token, or leave the transaction."""
        if any(trigger.tag == "cancelEventDefinition" for trigger in self.triggers):
            undoing.leave_cancelled(run, run.mine(scope.key))
        else:
            run.consume(scope)
