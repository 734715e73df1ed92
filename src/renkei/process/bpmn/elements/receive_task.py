"""A task that waits for a message."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process.bpmn.activity import Activity
from renkei.process.bpmn.awaiting import Awaited
from renkei.process.bpmn.case import Kind, Place, Variables, Wait
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.model import Container, Definition
from renkei.process.bpmn.shapes import ENVELOPE

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class ReceiveTask(Activity):
    """It waits for its message, also at the gateway before it."""

    tag = "receiveTask"
    awaits = Awaited.OTHERS
    words = ("受信タスク", "receive task")
    meaning = ("連絡が届くのを待ちます", "waits for word")
    icon = ENVELOPE

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take the message."""
        super().__init__(xml, reading, container)
        self.message = reading.message(xml, self)

    def facts(self) -> Iterator[Fact]:
        """Yield which message."""
        yield About.MESSAGE, self.message.name
        yield from super().facts()

    def defects(self, definition: Definition) -> Iterator[Defect]:
        """It names a message."""
        if not self.message.id:
            yield "message-unnamed", self.id

    def begun(self, run: "Run", scope: Place) -> None:
        """The process begins by its message."""
        self.done(run, run.open_place(self, scope), {})

    def begin(self, run: "Run", place: Place) -> None:
        """Wait."""
        self.arm(run, place)

    def arm(self, run: "Run", place: Place) -> None:
        """Let a place wait for the message."""
        key = self.message.correlation_key(run, place)
        run.wait(place, Kind.MESSAGE, self, name=self.message.name, correlation=key)

    def caught(self, run: "Run", place: Place, wait: Wait, told: Variables) -> None:
        """It came."""
        if place.element == self.id:
            self.done(run, place, told)
            return
        scope = run.scope_of(place)  # at the gateway before it
        run.close_place(place)
        own = run.open_place(self, scope)
        self.done(run, own, told)
