"""A task of people."""

from typing import TYPE_CHECKING

from renkei.process import feel
from renkei.process.bpmn.activity import Activity
from renkei.process.bpmn.case import Kind, Place
from renkei.process.bpmn.document import extensions, foreign, local
from renkei.process.bpmn.expressions import Formula, text_or_formula
from renkei.process.bpmn.model import Container

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run

FACTS = {
    "assignee": "assignee",
    "candidateGroups": "groups",
    "candidateUsers": "users",
    "dueDate": "due",
    "followUpDate": "follow_up",
    "formKey": "form",
    "formId": "form",
    "priority": "priority",
}


class UserTask(Activity):
    """It waits until somebody says it is done. Its lane is its group where it names none."""

    tag = "userTask"
    words = ("ユーザータスク", "user task")

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take who may do it, by when, with which form."""
        super().__init__(xml, reading, container)
        self.facts: dict[str, Formula] = {}
        for attribute, fact in FACTS.items():
            said = foreign(xml, attribute)
            for one in extensions(xml):
                if local(one) in {"assignmentDefinition", "taskSchedule", "formDefinition"}:
                    said = said or one.get(attribute, "")
            if said:
                self.facts[fact] = reading.check(text_or_formula(said, self.line))
        self.lane = reading.lane_of(self.id)

    def begin(self, run: "Run", place: Place) -> None:
        """Let somebody do it."""
        about: dict[str, feel.Value] = {"title": self.title}
        if self.lane:
            about["groups"] = self.lane
        seen = run.variables(place)
        about |= {fact: said.value(seen, run.at) for fact, said in self.facts.items()}
        run.wait(place, Kind.TASK, self, name=self.id, about=about)
