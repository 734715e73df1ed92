"""An error: work that cannot be done, thrown to whatever around it says what then."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process.bpmn import catching
from renkei.process.bpmn.case import Place
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.model import Element
from renkei.process.bpmn.shapes import Icon
from renkei.process.bpmn.trigger import Trigger

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class ErrorTrigger(Trigger):
    """Its code says which; one that catches without a code catches all."""

    tag = "errorEventDefinition"
    words = ("エラー", "error")
    ends = True
    meaning = ("処理できない事態", "work that cannot be done")
    icon = Icon("M3 21L9 5L14 13L21 3L15 19L10 11Z")

    def __init__(self, xml: "Xml", reading: "Reading", owner: Element) -> None:
        """Take the error it names."""
        super().__init__(xml, reading, owner)
        self.name = reading.code_of(xml.get("errorRef", ""), "errorCode")

    def facts(self) -> Iterator[Fact]:
        """Yield which one."""
        if self.name:
            yield About.CODE, self.name

    def defects(self, event: Element) -> Iterator[Defect]:
        """What throws it says which; what catches it may catch all."""
        if not self.name and event.is_full:
            yield "error-without-code", event.id

    def throw(self, run: "Run", element: Element, scope: Place) -> bool:
        """End the scope by it; nobody that catches it is a Problem."""
        catching.throw_error(run, scope, self.name, {}, by=element)
        return False
