"""A task that sends a message."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process import feel
from renkei.process.bpmn.case import Kind, Place
from renkei.process.bpmn.document import own
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.happenings import Sent
from renkei.process.bpmn.job import JobActivity
from renkei.process.bpmn.model import Container, Definition
from renkei.process.bpmn.shapes import ENVELOPE

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


LETTER = "renkei:letter"
"""The job of sending a letter to a partner, and of hearing that it was taken."""


class SendTask(JobActivity):
    """It sends the message it names and is done; without one a service sends something.

    A letter to a partner (`letter` of ours) is waited with until the partner has taken it.
    """

    tag = "sendTask"
    words = ("送信タスク", "send task")
    meaning = ("連絡を送ります", "sends word")
    icon = ENVELOPE
    is_full = True

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take the message, if it names one."""
        super().__init__(xml, reading, container)
        self.message = reading.message(xml, self) if xml.get("messageRef") else None
        letter = own(xml, "letter")
        self.partner = "" if letter is None else letter.get("to", "")

    def facts(self) -> Iterator[Fact]:
        """Yield which message."""
        if self.message is not None:
            yield About.MESSAGE, self.message.name
        if self.partner:
            yield About.PARTNER, self.partner
        yield from super().facts()

    def defects(self, definition: Definition) -> Iterator[Defect]:
        """It names a message, or a service that sends one."""
        if self.message is None and self.type is None and self.job == self.id:
            yield "message-unnamed", self.id

    def begin(self, run: "Run", place: Place) -> None:
        """Send."""
        if self.message is None or self.type is not None:
            super().begin(run, place)
            return
        if self.partner:
            about: dict[str, feel.Value] = {"letter": self.message.name, "to": self.partner}
            run.wait(place, Kind.JOB, self, name=LETTER, about=about)
            return
        key = self.message.correlation_key(run, place)
        seen = dict(run.variables(place))
        run.sent(Sent(self.id, "message", self.message.name, key, seen, place.key))
        self.done(run, place, {})
