"""A gateway at which the first event decides."""

from typing import TYPE_CHECKING

from renkei.process.bpmn.awaiting import Awaited
from renkei.process.bpmn.case import Place
from renkei.process.bpmn.errors import CommandUnfit
from renkei.process.bpmn.expressions import Problem
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.model import Element, Flow
from renkei.process.bpmn.shapes import GATEWAY, Icon

if TYPE_CHECKING:
    from renkei.process.bpmn.run import Run


class EventBasedGateway(Element):
    """A token rests here until one of the events behind it comes; the others come too late."""

    tag = "eventBasedGateway"
    awaits = Awaited.OTHERS
    words = ("イベントゲートウェイ", "event-based gateway")
    meaning = ("先に起きた方の流れに進みます", "what comes first decides the way")
    shape = GATEWAY
    icon = Icon(
        "M12 1A11 11 0 1 1 11.99 1ZM12 3.5A8.5 8.5 0 1 1 11.99 3.5ZM12 7L17 10.6L15.1 16.4"
        "H8.9L7 10.6Z",
    )

    def enter(self, run: "Run", scope: Place, flow: Flow | None) -> None:
        """Wait for all of them."""
        place = run.open_place(self, scope)
        run.happened(Happened.ENTERED, self.id, place.key)
        run.trying(place, self, lambda: self._arm(run, place))

    def skip(self, run: "Run", place: Place) -> None:
        """Only a move can say where to."""
        raise CommandUnfit("event-awaited", element=self.id)

    def _arm(self, run: "Run", place: Place) -> None:
        if not self.outgoing:
            raise Problem("nothing-to-wait-for", self.id)
        for one in self.outgoing:
            one.target.arm(run, place)
