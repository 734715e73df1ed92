"""An event on the way that is waited for."""

from typing import TYPE_CHECKING

from renkei.process.bpmn.awaiting import Awaited
from renkei.process.bpmn.case import Place, Variables
from renkei.process.bpmn.event import CatchingEvent, EventElement
from renkei.process.bpmn.expressions import Problem
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.model import Element, Flow
from renkei.process.bpmn.shapes import BETWEEN

if TYPE_CHECKING:
    from renkei.process.bpmn.run import Run


class CatchEvent(CatchingEvent):
    """A token rests here, or at the gateway before it, until it comes."""

    tag = "intermediateCatchEvent"
    awaits = Awaited.OTHERS
    words = ("中間キャッチイベント", "catching event")
    meaning = ("起きるまでここで待ちます", "the case waits here until it comes")
    shape = BETWEEN
    interrupts = True

    @property
    def is_link(self) -> bool:
        """Tell whether a flow only goes on here from elsewhere on the page."""
        return any(trigger.tag == "linkEventDefinition" for trigger in self.triggers)

    @property
    def before(self) -> list[Element]:
        """Return from where a token can come here: also from what throws the same link."""
        container = self.container
        if not self.is_link or container is None:
            return super().before
        names = {one.name for one in self.triggers}
        return [
            one
            for one in container.elements
            if isinstance(one, EventElement) and one is not self
            if any(held.tag == self.triggers[0].tag and held.name in names for held in one.triggers)
        ]

    @property
    def starts(self) -> bool:
        """No process begins where a link arrives."""
        return not self.incoming and not self.is_link

    def unarmed(self) -> None:
        """A token would wait here for ever."""
        raise Problem("nothing-to-wait-for", self.id)

    def begun(self, run: "Run", scope: Place) -> None:
        """The process begins by this event, of those its first gateway awaits."""
        self.happened(run, scope, "")
        run.leave(self, scope)

    def enter(self, run: "Run", scope: Place, flow: Flow | None) -> None:
        """Wait; without anything to wait for go on."""
        if self.is_link or not self.triggers:
            run.happened(Happened.COMPLETED, self.id, scope.key)
            run.leave(self, scope)
            return
        place = run.open_place(self, scope)
        run.happened(Happened.ENTERED, self.id, place.key)
        run.trying(place, self, lambda: self.arm(run, place))

    def overcome(self, run: "Run", place: Place, told: Variables, *, name: str = "") -> None:
        """Go on from here, also from the gateway before it."""
        scope = run.scope_of(place)
        taken = self.taken(run, scope, told)
        run.close_place(place)
        self.happened(run, place, name)
        run.assign(scope, taken)
        run.leave(self, scope)
