"""A signal: to every case that waits for it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Kind, Place
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.happenings import Sent
from renkei.process.bpmn.model import Element
from renkei.process.bpmn.shapes import Icon
from renkei.process.bpmn.trigger import Trigger

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class SignalTrigger(Trigger):
    """It is waited for by its name alone."""

    tag = "signalEventDefinition"
    words = ("シグナル", "signal")
    meaning = ("全体への知らせ", "word to everybody")
    icon = Icon("M12 3L22 20H2Z")
    waits = Kind.SIGNAL
    stays = True

    def __init__(self, xml: "Xml", reading: "Reading", owner: Element) -> None:
        """Take the signal it names; without one it is called as its event is."""
        super().__init__(xml, reading, owner)
        named = reading.named(xml.get("signalRef", ""))
        self.is_named = bool(named)
        self.name = named or owner.title

    def facts(self) -> Iterator[Fact]:
        """Yield which signal."""
        yield About.SIGNAL, self.name

    def defects(self, event: Element) -> Iterator[Defect]:
        """It names a signal."""
        if not self.is_named:
            yield "signal-unnamed", event.id

    def arm(self, run: "Run", place: Place, handler: Element) -> None:
        """Let a place wait for it."""
        run.wait(place, Kind.SIGNAL, handler, trigger=self.number, name=self.name)

    def throw(self, run: "Run", element: Element, scope: Place) -> bool:
        """Let it go out, also to this case."""
        seen = dict(run.variables(scope))
        run.sent(Sent(element.id, "signal", self.name, "", seen, scope.key))
        return True
