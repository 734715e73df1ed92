"""A task that sends a message."""

from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Place
from renkei.process.bpmn.happenings import Sent
from renkei.process.bpmn.job import JobActivity
from renkei.process.bpmn.model import Container

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class SendTask(JobActivity):
    """It sends the message it names and is done; without one a service sends something."""

    tag = "sendTask"
    words = ("送信タスク", "send task")

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take the message, if it names one."""
        super().__init__(xml, reading, container)
        self.message = reading.message(xml, self) if xml.get("messageRef") else None

    def begin(self, run: "Run", place: Place) -> None:
        """Send."""
        if self.message is None or self.type is not None:
            super().begin(run, place)
            return
        key = self.message.correlation_key(run, place)
        seen = dict(run.variables(place))
        run.sent(Sent(self.id, "message", self.message.name, key, seen, place.key))
        self.done(run, place, {})
