"""An event on the way that lets something happen."""

from typing import TYPE_CHECKING

from renkei.process.bpmn import undoing
from renkei.process.bpmn.case import Place
from renkei.process.bpmn.event import EventElement
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.model import Flow
from renkei.process.bpmn.shapes import BETWEEN

if TYPE_CHECKING:
    from renkei.process.bpmn.run import Run


class ThrowEvent(EventElement):
    """It goes on at once, but after what is to be undone."""

    tag = "intermediateThrowEvent"
    words = ("中間スローイベント", "throwing event")
    meaning = ("知らせるなどして、すぐ次へ進みます", "lets something happen, and goes on at once")
    shape = BETWEEN
    is_full = True

    def enter(self, run: "Run", scope: Place, flow: Flow | None) -> None:
        """Let everything happen, and go on."""
        run.happened(Happened.COMPLETED, self.id, scope.key)
        if self.throw(run, scope):
            run.leave(self, scope)

    def emptied(self, run: "Run", place: Place) -> None:
        """One thing more is undone."""
        undoing.go_on(run, place)

    def undone(self, run: "Run", scope: Place) -> None:
        """All is undone: go on."""
        run.leave(self, scope)
