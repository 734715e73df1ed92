"""A task of a system."""

from collections.abc import Iterator

from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.job import JobActivity
from renkei.process.bpmn.model import Definition
from renkei.process.bpmn.shapes import Icon


class ServiceTask(JobActivity):
    """It waits until a registered service has done it."""

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

    def defects(self, definition: Definition) -> Iterator[Defect]:
        """A service without a name goes by the id of its task, which redrawing may change."""
        if self.type is None and self.job == self.id:
            yield "service-unnamed", self.id
