"""A task of people."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process import feel
from renkei.process.bpmn.activity import Activity
from renkei.process.bpmn.awaiting import Awaited
from renkei.process.bpmn.case import Kind, Place
from renkei.process.bpmn.document import extensions, foreign, local
from renkei.process.bpmn.expressions import Formula, text_or_formula
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.model import Container, Definition
from renkei.process.bpmn.shapes import Icon
from renkei.process.bpmn.times import day

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
DAYS = ("due", "follow_up")
"""Kept as days; one that cannot be read is an incident."""
WHO = ("assignee", "groups", "users")


class UserTask(Activity):
    """It waits until somebody says it is done. Its lane is its group where it names none."""

    tag = "userTask"
    awaits = Awaited.PEOPLE
    words = ("ユーザータスク", "user task")
    meaning = ("担当者が行います", "people do it")
    icon = Icon(
        "M12 2.5A4.7 4.7 0 1 1 11.99 2.5ZM3 22V18C3 14 7 12.5 12 12.5S21 14 21 18V22Z",
        "M7.5 18V22M16.5 18V22",
    )

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take who may do it, by when, with which form."""
        super().__init__(xml, reading, container)
        self.facts_said: dict[str, Formula] = {}
        for attribute, fact in FACTS.items():
            said = foreign(xml, attribute)
            for one in extensions(xml):
                if local(one) in {"assignmentDefinition", "taskSchedule", "formDefinition"}:
                    said = said or one.get(attribute, "")
            if said:
                self.facts_said[fact] = reading.check(text_or_formula(said, self.line))

    def facts(self) -> Iterator[Fact]:
        """Yield who does it, by when, with which form."""
        named = [self.facts_said[one].text for one in WHO if one in self.facts_said]
        who = named or [self.lane] * bool(self.lane)
        if who:
            yield About.WHO, "、".join(who)
        for fact, about in {"due": About.DUE, "form": About.FORM}.items():
            if fact in self.facts_said:
                yield about, self.facts_said[fact].text
        yield from super().facts()

    def defects(self, definition: Definition) -> Iterator[Defect]:
        """Somebody does it."""
        if not self.lane and not any(one in self.facts_said for one in WHO):
            yield "task-without-people", self.id

    def begin(self, run: "Run", place: Place) -> None:
        """Let somebody do it."""
        own = run.process_of(place).duties
        about: dict[str, feel.Value] = {"title": self.title, **dict(self.duties.facts(own))}
        if self.lane:
            about["groups"] = self.lane
        seen = run.variables(place)
        about |= {fact: said.value(seen, run.at) for fact, said in self.facts_said.items()}
        about |= {fact: day(about[fact], run.at) for fact in DAYS if fact in about}
        run.wait(place, Kind.TASK, self, name=self.id, about=about)
