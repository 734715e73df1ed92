"""Where a process or a sub-process begins."""

from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Place, Variables
from renkei.process.bpmn.document import is_yes
from renkei.process.bpmn.event import CatchingEvent
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.model import Container, EventContainer, Flow
from renkei.process.bpmn.shapes import START

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class StartEvent(CatchingEvent):
    """Plain, or woken by something; in an event sub-process it watches over the scope around."""

    tag = "startEvent"
    words = ("開始イベント", "start event")
    meaning = ("ここから始まります", "the flow begins here")
    shape = START

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take whether it interrupts the scope it watches over."""
        super().__init__(xml, reading, container)
        self.interrupts = self.ends or is_yes(xml, "isInterrupting", otherwise=True)

    @property
    def woken(self) -> bool:
        """Tell whether something wakes it."""
        return bool(self.triggers)

    def enter(self, run: "Run", scope: Place, flow: Flow | None) -> None:
        """The process begins."""
        run.assign(scope, self.taken(run, scope, {}))
        run.happened(Happened.COMPLETED, self.id, scope.key)
        run.leave(self, scope)

    def overcome(self, run: "Run", place: Place, told: Variables, *, name: str = "") -> None:
        """Begin its event sub-process in the scope it watches over."""
        sub_process = self.container
        assert isinstance(sub_process, EventContainer)  # noqa: S101 # only those are armed
        taken = self.taken(run, place, told)
        if self.interrupts:
            run.empty(place)
            run.stop_watching(place)
        self.happened(run, place, name)
        kept = run.mine(place.key)
        kept.tokens += 1
        sub_process.begin_by(run, kept, taken, self)
