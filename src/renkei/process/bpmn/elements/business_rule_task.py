"""A task that decides by rules."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Kind, Place
from renkei.process.bpmn.document import extensions, foreign, local
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.job import JobActivity
from renkei.process.bpmn.model import Container, Definition
from renkei.process.bpmn.shapes import Icon

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run

DECISION = "decision:"


class BusinessRuleTask(JobActivity):
    """It names a decision, which a job of that name takes, and what the result is called."""

    tag = "businessRuleTask"
    words = ("業務ルールタスク", "business rule task")
    meaning = ("決められた規則で判定します", "rules decide")
    icon = Icon("M2 4H22V20H2Z", "M2 8.5H22M2 14.2H22M8.5 8.5V20")

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take which decision, and what its result is called."""
        super().__init__(xml, reading, container)
        self.decision = foreign(xml, "decisionRef")
        self.result = foreign(xml, "resultVariable")
        for one in extensions(xml):
            if local(one) == "calledDecision":
                self.decision = one.get("decisionId", "")
                self.result = one.get("resultVariable", "")

    def facts(self) -> Iterator[Fact]:
        """Yield which decision."""
        if self.decision:
            yield About.DECISION, self.decision
        yield from super().facts()

    def defects(self, definition: Definition) -> Iterator[Defect]:
        """It names a decision, or a service that decides."""
        if not self.decision and self.type is None and self.job == self.id:
            yield "decision-unnamed", self.id

    def begin(self, run: "Run", place: Place) -> None:
        """Let the decision be taken."""
        if not self.decision:
            super().begin(run, place)
            return
        about = {"decision": self.decision, "result": self.result}
        run.wait(place, Kind.JOB, self, name=DECISION + self.decision, about=about)
