"""Another process, called."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from renkei.process.bpmn.activity import Activity
from renkei.process.bpmn.case import Place, Variables
from renkei.process.bpmn.document import extensions, foreign, is_yes, local
from renkei.process.bpmn.expressions import Formula, Problem, as_text, formula, text_or_formula
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.model import Container, Definition
from renkei.process.bpmn.run import CALLED
from renkei.process.bpmn.shapes import TASK, Border, Form, Shape

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class CallActivity(Activity):
    """It is done when the called process is. That one sees what it is given, and gives back."""

    tag = "callActivity"
    words = ("コールアクティビティ", "call activity")
    meaning = ("別に定めた手順を行います", "another process is done here")
    shape = Shape(Form.BOX, Border.THICK, TASK.tint)

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take which process, and what it is given."""
        super().__init__(xml, reading, container)
        said = reading.unprefixed(xml.get("calledElement", ""))
        self.gives_all = self.takes_all = True
        self.given: list[tuple[str, Formula]] = []
        self.taken: list[tuple[str, Formula]] = []
        for one in extensions(xml):
            match local(one):
                case "calledElement":
                    said = one.get("processId", said)
                    self.gives_all = is_yes(one, "propagateAllParentVariables", otherwise=True)
                    self.takes_all = is_yes(one, "propagateAllChildVariables", otherwise=True)
        self._camunda([one for one in extensions(xml) if local(one) in {"in", "out"}], reading)
        self.called = reading.check(text_or_formula(said, self.line)) if said else None
        self.binding = foreign(xml, "calledElementBinding") or "latest"

    def facts(self) -> Iterator[Fact]:
        """Yield which process."""
        if self.called is not None:
            yield About.CALLS, self.called.text
        yield from super().facts()

    def defects(self, definition: Definition) -> Iterator[Defect]:
        """It names a process, and one that is known here."""
        if self.called is None:
            yield "call-unnamed", self.id
        elif (named := self.named) and definition.process(named) is None:
            yield "process-unknown", named

    @property
    def named(self) -> str:
        """Return the process it calls, if that is not reckoned while it runs."""
        return as_text(self.called.constant) if self.called is not None else ""

    def _camunda(self, said: list["Xml"], reading: "Reading") -> None:
        """Take the forms of Camunda 7: where there is one, nothing goes over but what they say."""
        if said:
            whole = {local(one) for one in said if one.get("variables") == "all"}
            self.gives_all, self.takes_all = "in" in whole, "out" in whole
        for one in said:
            words = one.get("sourceExpression", "") or one.get("source", "")
            if words:
                pair = one.get("target", ""), reading.check(formula(words, self.line))
                (self.given if local(one) == "in" else self.taken).append(pair)

    def begin(self, run: "Run", place: Place) -> None:
        """Begin the process in a scope of its own."""
        named = run.value(self.called, place) if self.called is not None else ""
        process = run.definition.process(str(named))
        if process is None:
            raise Problem("process-unknown", str(named))
        seen = run.variables(place)
        inner = run.open_place(process, place, of=process.id)
        place.tokens = 1
        inner.notes[CALLED] = self.id
        inner.variables = dict(seen) if self.gives_all else dict(place.variables)
        inner.variables |= {name: source.value(seen, run.at) for name, source in self.given}
        run.begin_in(inner, process)

    def returned(self, run: "Run", place: Place, called: Place) -> None:
        """Take what the called process gives back."""
        variables = called.variables
        told = dict(variables) if self.takes_all or self.mappings.outputs else Variables()
        told |= {name: source.value(variables, run.at) for name, source in self.taken}
        self.give(run, place, run.scope_of(place), told)
        run.close_place(called)
        place.tokens = 0
        self.over(run, place)
