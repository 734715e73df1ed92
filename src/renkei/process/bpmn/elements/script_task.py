"""A task that reckons."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Kind, Place
from renkei.process.bpmn.document import child, extensions, foreign, local, text
from renkei.process.bpmn.expressions import Formula, formula
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.job import JobActivity
from renkei.process.bpmn.model import Container, Definition
from renkei.process.bpmn.shapes import Icon

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run

FEEL = {"", "feel", "application/feel", "text/feel", "https://www.omg.org/spec/DMN/20191111/FEEL/"}


class ScriptTask(JobActivity):
    """A formula of FEEL; in another language it is a job of that name, and no text is run here."""

    tag = "scriptTask"
    words = ("スクリプトタスク", "script task")
    meaning = ("計算します", "something is reckoned")
    icon = Icon(
        "M7 2H20C16 6 16 8 18 12S20 18 17 22H4C8 18 8 16 6 12S4 6 7 2Z",
        "M9 7H15M9 11H15.5M10.5 15H17M9 19H15.5",
    )

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take the formula, and what its result is called."""
        super().__init__(xml, reading, container)
        self.formula: Formula | None = None
        self.result = foreign(xml, "resultVariable")
        self.language = xml.get("scriptFormat", "").strip().lower()
        held = child(xml, "script")
        if self.language in FEEL and text(held):
            self.formula = reading.formula(held)
        for one in extensions(xml):
            if local(one) == "script":
                self.formula = reading.check(formula(one.get("expression", ""), self.line))
                self.result = one.get("resultVariable", "")

    def facts(self) -> Iterator[Fact]:
        """Yield the formula."""
        if self.formula is not None:
            yield About.FORMULA, self.formula.text
        yield from super().facts()

    def defects(self, definition: Definition) -> Iterator[Defect]:
        """A text in another language is not run here."""
        if self.language not in FEEL and self.formula is None and self.type is None:
            yield "script-foreign", self.language

    def begin(self, run: "Run", place: Place) -> None:
        """Reckon; without a formula let somebody else do it, or nothing."""
        if self.formula is not None:
            value = run.value(self.formula, place)
            if self.result:
                self.done(run, place, {self.result: value})
            else:  # a context says what its parts are called
                self.done(run, place, value if isinstance(value, dict) else {})
        elif self.type is not None:
            super().begin(run, place)
        elif self.language in FEEL:
            self.done(run, place, {})
        else:
            run.wait(place, Kind.JOB, self, name=f"script:{self.language}")
