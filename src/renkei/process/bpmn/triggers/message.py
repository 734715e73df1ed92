"""A message: to one case, from a partner or from another process."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Kind, Place
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.happenings import Sent
from renkei.process.bpmn.model import Element
from renkei.process.bpmn.shapes import ENVELOPE
from renkei.process.bpmn.trigger import Trigger

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class MessageTrigger(Trigger):
    """It is waited for by its name, and by a key that says whom it concerns."""

    tag = "messageEventDefinition"
    words = ("メッセージ", "message")
    meaning = ("相手との連絡", "word from or to a partner")
    icon = ENVELOPE
    waits = Kind.MESSAGE
    stays = True

    def __init__(self, xml: "Xml", reading: "Reading", owner: Element) -> None:
        """Take the message it names; without one it is called as its event is."""
        super().__init__(xml, reading, owner)
        self.message = reading.message(xml, owner)
        self.name = self.message.name

    def facts(self) -> Iterator[Fact]:
        """Yield which message."""
        yield About.MESSAGE, self.name

    def defects(self, event: Element) -> Iterator[Defect]:
        """It names a message."""
        if not self.message.id:
            yield "message-unnamed", event.id

    def arm(self, run: "Run", place: Place, handler: Element) -> None:
        """Let a place wait for it."""
        key = self.message.correlation_key(run, place)
        run.wait(place, Kind.MESSAGE, handler, trigger=self.number, name=self.name, correlation=key)

    def throw(self, run: "Run", element: Element, scope: Place) -> bool:
        """Let it go out, with everything the case knows here."""
        key = self.message.correlation_key(run, scope)
        seen = dict(run.variables(scope))
        run.sent(Sent(element.id, "message", self.name, key, seen, scope.key))
        return True
