"""Activities that a registered service does."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process import feel
from renkei.process.bpmn.activity import Activity
from renkei.process.bpmn.awaiting import Awaited
from renkei.process.bpmn.case import Kind, Place
from renkei.process.bpmn.document import extensions, foreign, local
from renkei.process.bpmn.expressions import Formula, as_text, text_or_formula
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.model import Container

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run

NAMES = ("topic", "delegateExpression", "class", "expression")


class JobActivity(Activity):
    """It waits until the service has done it. Which service, its definition says, or its id."""

    awaits = Awaited.MACHINES

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take which service it is, and what that one is told beside the variables."""
        super().__init__(xml, reading, container)
        self.type: Formula | None = None
        self.headers: dict[str, feel.Value] = {}
        for one in extensions(xml):
            if local(one) == "taskDefinition":
                self.type = reading.check(text_or_formula(one.get("type", ""), self.line))
                self.headers["retries"] = one.get("retries", "")
            if local(one) == "taskHeaders":
                self.headers |= {held.get("key", ""): held.get("value", "") for held in one}
        named = next((said for name in NAMES if (said := foreign(xml, name))), "")
        self.job = named or xml.get("operationRef", "") or self.id

    def facts(self) -> Iterator[Fact]:
        """Yield which service does it, and how often."""
        named = self.type.text if self.type is not None else self.job
        if named != self.id:
            yield About.SERVICE, named
        yield from super().facts()

    def begin(self, run: "Run", place: Place) -> None:
        """Let the service do it."""
        name = self.job if self.type is None else as_text(run.value(self.type, place))
        run.wait(place, Kind.JOB, self, name=name, about=dict(self.headers))
