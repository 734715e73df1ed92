"""A task of a system."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Kind, Place
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.inquiry import Inquiry
from renkei.process.bpmn.job import JobActivity
from renkei.process.bpmn.model import Container, Definition
from renkei.process.bpmn.shapes import Icon

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run

INQUIRY = "renkei:inquiry"
"""The job of asking another organisation."""


class ServiceTask(JobActivity):
    """It waits until a registered service has done it, or another organisation has answered."""

    tag = "serviceTask"
    words = ("サービスタスク", "service task")
    meaning = ("システムが処理します", "a system does it")
    icon = Icon(
        "M9.8 4.7L10.2 1.7H13.8L14.2 4.7L15.5 5.3L18.1 3.4L20.6 5.9L18.7 8.5L19.3 9.8"
        "L22.3 10.2V13.8L19.3 14.2L18.7 15.5L20.6 18.1L18.1 20.6L15.5 18.7L14.2 19.3"
        "L13.8 22.3H10.2L9.8 19.3L8.5 18.7L5.9 20.6L3.4 18.1L5.3 15.5L4.7 14.2L1.7 13.8V10.2"
        "L4.7 9.8L5.3 8.5L3.4 5.9L5.9 3.4L8.5 5.3Z",
        "M12 8.5A3.5 3.5 0 1 1 11.99 8.5Z",
    )

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take what another organisation is asked, if it is a question."""
        super().__init__(xml, reading, container)
        self.inquiry = Inquiry.read(xml, reading)

    def facts(self) -> Iterator[Fact]:
        """Yield what is asked, or which service does it."""
        if self.inquiry is not None:
            yield About.INQUIRY, self.inquiry.service
        yield from super().facts()

    def begin(self, run: "Run", place: Place) -> None:
        """Let the node ask, or the service do it."""
        if self.inquiry is None:
            super().begin(run, place)
            return
        run.wait(place, Kind.JOB, self, name=INQUIRY, about=self.inquiry.about(run, place))

    def defects(self, definition: Definition) -> Iterator[Defect]:
        """A service without a name goes by the id of its task, which redrawing may change."""
        if self.inquiry is not None:
            for name in self.inquiry.missing():
                yield "inquiry-incomplete", name
        elif self.type is None and self.job == self.id:
            yield "service-unnamed", self.id
