"""An event at the boundary of an activity."""

from typing import TYPE_CHECKING

from renkei.process.bpmn.activity import Activity
from renkei.process.bpmn.case import Place, Variables
from renkei.process.bpmn.document import is_yes
from renkei.process.bpmn.event import CatchingEvent
from renkei.process.bpmn.model import Container
from renkei.process.bpmn.shapes import BETWEEN

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class BoundaryEvent(CatchingEvent):
    """It watches while the activity is under way, and takes its token over, or one more."""

    tag = "boundaryEvent"
    words = ("境界イベント", "boundary event")
    meaning = (
        "作業の途中で起きたときの対応です",
        "what to do if this comes while the work is under way",
    )
    shape = BETWEEN

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take whether it interrupts."""
        super().__init__(xml, reading, container)
        self.attached_to = xml.get("attachedToRef", "")
        self.interrupts = self.ends or is_yes(xml, "cancelActivity", otherwise=True)

    @property
    def starts(self) -> bool:
        """Nothing begins at a boundary."""
        return False

    @property
    def is_on_the_way(self) -> bool:
        """No flow leads to a boundary."""
        return False

    def link(self, reading: "Reading") -> None:
        """Join the activity, and the one that undoes it."""
        activity = reading.element(self.attached_to)
        if not isinstance(activity, Activity) or activity.container is not self.container:
            reading.find("boundary-without-activity", self.xml, self.attached_to)
            return
        self.host = activity
        if any(trigger.tag == "compensateEventDefinition" for trigger in self.triggers):
            activity.compensation = self._undoer(reading)
        else:
            activity.boundaries.append(self)

    def _undoer(self, reading: "Reading") -> Activity | None:
        """Return the activity that its association leads to."""
        found = reading.associated(self)
        if isinstance(found, Activity) and found.container is self.container:
            return found
        reading.find("compensation-without-activity", self.xml)
        return None

    def overcome(self, run: "Run", place: Place, told: Variables, *, name: str = "") -> None:
        """Go on from here: instead of the activity, or beside it."""
        scope = run.scope_of(place)
        taken = self.taken(run, scope, told)
        if self.interrupts:
            run.cancel(place)
        else:
            run.mine(scope.key).tokens += 1
        self.happened(run, place, name)
        run.assign(scope, taken)
        run.leave(self, scope)
