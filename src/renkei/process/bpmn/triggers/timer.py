"""A time: a day, after so long, or every so long."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process.bpmn import times
from renkei.process.bpmn.case import Kind, Place, Wait
from renkei.process.bpmn.document import child, line_of, text
from renkei.process.bpmn.expressions import Formula, text_or_formula
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.model import Element
from renkei.process.bpmn.shapes import RING, Icon
from renkei.process.bpmn.trigger import Trigger

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run

FORMS = ("timeDate", "timeDuration", "timeCycle")


class TimerTrigger(Trigger):
    """A formula or a text of ISO 8601 says when."""

    tag = "timerEventDefinition"
    words = ("タイマー", "timer")
    meaning = ("決めた日時や期間", "a day, or so long")
    icon = Icon(RING, "M12 6V12L16 14.5M12 2V4.5M22 12H19.5M12 22V19.5M2 12H4.5")
    waits = Kind.TIMER

    def __init__(self, xml: "Xml", reading: "Reading", owner: Element) -> None:
        """Take which form it has, and what it says."""
        super().__init__(xml, reading, owner)
        held = {form: child(xml, form) for form in FORMS}
        form = next((form for form, one in held.items() if one is not None), "")
        said = held.get(form)
        self.form = form
        self.when: Formula | None = (
            reading.check(text_or_formula(text(said), line_of(said)))
            if said is not None and text(said)
            else None
        )

    def facts(self) -> Iterator[Fact]:
        """Yield when."""
        if self.when is not None:
            yield About.AFTER, self.when.text

    def defects(self, event: Element) -> Iterator[Defect]:
        """It says a time, and one that is a time."""
        if self.when is None:
            yield "timer-without-time", event.id
        elif isinstance(said := self.when.constant, str) and not times.is_readable(self.form, said):
            yield "timer-unread", said

    def arm(self, run: "Run", place: Place, handler: Element) -> None:
        """Let a place wait for it."""
        said = None if self.when is None else run.value(self.when, place)
        due, every, left = times.due(self.form, said, run.at)
        run.wait(place, Kind.TIMER, handler, trigger=self.number, due=due, every=every, left=left)

    def again(self, run: "Run", place: Place, handler: Element, wait: Wait) -> None:
        """Let the place wait for the next of a cycle."""
        if wait.every and wait.left != 0:
            due = times.later(wait.due or run.at, wait.every)
            left = None if wait.left is None else wait.left - 1
            run.wait(
                place,
                Kind.TIMER,
                handler,
                trigger=self.number,
                due=due,
                every=wait.every,
                left=left,
            )
