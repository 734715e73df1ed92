"""Compensation: what was done is undone, the last first."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process.bpmn import undoing
from renkei.process.bpmn.case import Place
from renkei.process.bpmn.document import is_yes
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.model import Element
from renkei.process.bpmn.shapes import REWIND
from renkei.process.bpmn.trigger import Trigger

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class CompensateTrigger(Trigger):
    """Of one activity if it names one, else of everything done in the scope."""

    tag = "compensateEventDefinition"
    words = ("補償", "compensation")
    meaning = ("済んだ作業の取消し", "what was done is undone")
    icon = REWIND

    def __init__(self, xml: "Xml", reading: "Reading", owner: Element) -> None:
        """Take of which activity, and whether the end is waited for."""
        super().__init__(xml, reading, owner)
        self.activity = xml.get("activityRef", "")
        self.waits_for_end = is_yes(xml, "waitForCompletion", otherwise=True)

    def facts(self) -> Iterator[Fact]:
        """Yield which activity is undone."""
        if self.activity:
            yield About.ACTIVITY, self.activity

    def throw(self, run: "Run", element: Element, scope: Place) -> bool:
        """Undo; the token goes on when it is done, or at once if that is not waited for."""
        if self.waits_for_end:
            return not undoing.begin(run, element, scope, self.activity)
        run.mine(scope.key).tokens += 1
        if not undoing.begin(run, element, scope, self.activity, is_beside=True):
            run.mine(scope.key).tokens -= 1
        return True
