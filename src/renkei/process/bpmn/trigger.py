"""What an event is about: a message, a time, an error … A kind is a file of `triggers`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from renkei.process.bpmn.case import Kind, Place, Wait
from renkei.process.bpmn.document import line_of
from renkei.process.bpmn.facts import Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.model import Element
from renkei.process.bpmn.shapes import Icon

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class Trigger:
    """One event definition."""

    tag: ClassVar[str] = ""
    words: ClassVar[tuple[str, str]] = ("", "")
    meaning: ClassVar[tuple[str, str]] = ("", "")
    """What it means, for whoever does not know the notation."""
    icon: ClassVar[Icon | None] = None
    waits: ClassVar[Kind | None] = None
    """As what it is waited for; None for what is looked for from where it is thrown."""
    stays: ClassVar[bool] = False
    """Whether the same wait can come again."""
    ends: ClassVar[bool] = False
    """Whether what it is thrown from ends by it, so that who catches it always interrupts."""

    def __init__(self, xml: "Xml", reading: "Reading", owner: Element) -> None:
        """Take what every one has; a kind takes more."""
        self.line = line_of(xml)
        self.name = ""
        self.number = 0
        """Which of the triggers of its event."""

    def facts(self) -> Iterator[Fact]:
        """Yield what people want to know of it."""
        yield from ()

    def defects(self, event: Element) -> Iterator[Defect]:
        """Yield what is wrong in it by itself."""
        yield from ()

    def arm(self, run: "Run", place: Place, handler: Element) -> None:
        """Let a place wait for it."""

    def again(self, run: "Run", place: Place, handler: Element, wait: Wait) -> None:
        """It came, and interrupted nothing: let the place wait for it again, if it comes again."""

    def holds(self, run: "Run", place: Place) -> bool:
        """Tell whether it is so now; only a condition is."""
        return False

    def throw(self, run: "Run", element: Element, scope: Place) -> bool:
        """Let it happen; tell whether the token at the element may go on."""
        return True
