"""Work whose order nobody knows before: people say what is done next."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Kind, Place, Variables, Wait
from renkei.process.bpmn.document import child, is_yes
from renkei.process.bpmn.elements.sub_process import SubProcess
from renkei.process.bpmn.errors import CommandUnfit
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.model import Container
from renkei.process.bpmn.shapes import Icon

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class AdHocSubProcess(SubProcess):
    """It is done when its condition holds, or when somebody says that no more is to be done."""

    tag = "adHocSubProcess"
    words = ("アドホックサブプロセス", "ad-hoc sub-process")
    meaning = (
        "中の作業を、順序を決めずに必要なだけ行います",
        "what is in it is done as needed, in any order",
    )
    marker = Icon(lines="M2 15C5 6 9 7 12 12S19 18 22 9")

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take its order and when it is done."""
        super().__init__(xml, reading, container)
        self.condition = reading.formula(child(xml, "completionCondition"))
        self.is_sequential = xml.get("ordering", "") == "Sequential"
        self.cancels = is_yes(xml, "cancelRemainingInstances", otherwise=True)

    def facts(self) -> Iterator[Fact]:
        """Yield when it is enough."""
        if self.condition is not None:
            yield About.ENOUGH, self.condition.text
        yield from super().facts()

    def begin(self, run: "Run", place: Place) -> None:
        """Let somebody choose; one token stands for that."""
        place.tokens = 1
        choices = [one.id for one in self.beginnings]
        run.wait(place, Kind.CHOICE, self, name=self.id, about={"choices": list(choices)})
        if self.condition is not None:
            run.wait(place, Kind.CONDITION, self)
            run.is_changed = True

    def choose(self, run: "Run", place: Place, wait: Wait, chosen: str) -> None:
        """Begin what was chosen; nothing means that no more is to be done."""
        if not chosen:
            run.close_wait(wait)
            run.consume(place)
            return
        element = next((one for one in self.beginnings if one.id == chosen), None)
        if element is None:
            raise CommandUnfit("not-to-choose", chosen=chosen, element=self.id)
        if self.is_sequential and run.places[place.key].tokens > 1:
            raise CommandUnfit("one-at-a-time", element=self.id)
        run.add(element, place)

    def look(self, run: "Run", place: Place, wait: Wait) -> None:
        """End when the condition holds: at once, or after what is under way."""
        if self.condition is None or not run.is_true(self.condition, place):
            return
        if self.cancels or place.tokens == 1:
            run.empty(place)
            run.finish(run.mine(place.key))
            return
        for key in list(place.waits):
            held = run.waits[key]
            if held.handler == self.id:
                run.close_wait(held)
        run.consume(place)

    def caught(self, run: "Run", place: Place, wait: Wait, told: Variables) -> None:
        """It waits for nothing else."""
        raise CommandUnfit("choice-awaited", element=self.id)
