"""A gateway at which the first event decides."""

from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Place
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.model import Element, Flow

if TYPE_CHECKING:
    from renkei.process.bpmn.run import Run


class EventBasedGateway(Element):
    """A token rests here until one of the events behind it comes; the others come too late."""

    tag = "eventBasedGateway"
    words = ("イベントゲートウェイ", "event-based gateway")

    def enter(self, run: "Run", scope: Place, flow: Flow | None) -> None:
        """Wait for all of them."""
        place = run.open_place(self, scope)
        run.happened(Happened.ENTERED, self.id, place.key)
        run.trying(place, self, lambda: self._arm(run, place))

    def _arm(self, run: "Run", place: Place) -> None:
        for one in self.outgoing:
            one.target.arm(run, place)
