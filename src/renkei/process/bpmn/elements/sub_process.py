"""A process within a process."""

from typing import TYPE_CHECKING

from renkei.process.bpmn.activity import Activity
from renkei.process.bpmn.case import Done, Place, Variables
from renkei.process.bpmn.document import is_yes
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.mappings import Mappings
from renkei.process.bpmn.model import Container, Element, EventContainer
from renkei.process.bpmn.shapes import Border, Form, Shape
from renkei.process.bpmn.undoing import UNDOING, undoing_start

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class SubProcess(Activity, Container):
    """It is done when the last token in it is gone."""

    tag = "subProcess"
    words = ("サブプロセス", "sub-process")
    meaning = ("いくつかの作業のまとまりです", "several steps as one")
    shape = Shape(Form.BOX, tint="#ffffff")

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take its own facts; the reader fills it."""
        Activity.__init__(self, xml, reading, container)
        Container.__init__(self)

    def begin(self, run: "Run", place: Place) -> None:
        """Begin inside."""
        run.begin_in(place, self)

    @property
    def undoes_itself(self) -> bool:
        """Tell whether it holds an event sub-process that undoes it."""
        return undoing_start(self) is not None

    def emptied(self, run: "Run", place: Place) -> None:
        """The last token is gone."""
        if place.notes.get(UNDOING):
            scope = run.scope_of(place)
            run.close_place(place)
            run.consume(scope)
        else:
            self.done(run, place, {})

    def remember(self, run: "Run", place: Place, scope: Place) -> None:
        """Note it, and, where it undoes itself, what it knew."""
        if self.compensation is None and self.undoes_itself and place.loop is None:
            done = Done(self.id, place.key, dict(place.variables), tuple(place.done))
            run.mine(scope.key).done.append(done)
        else:
            super().remember(run, place, scope)


class Transaction(SubProcess):
    """One that can be cancelled: what was done in it is undone then."""

    tag = "transaction"
    words = ("トランザクション", "transaction")
    meaning = (
        "全部できるか、全部取り消すかのまとまりです",
        "several steps that are all done, or all undone",
    )
    shape = Shape(Form.BOX, Border.DOUBLE, tint="#ffffff")


class EventSubProcess(EventContainer):
    """One that an event of the scope around it begins; no flow leads to it."""

    tag = "subProcess"
    words = ("イベントサブプロセス", "event sub-process")
    meaning = (
        "起きたときだけ始まるまとまりです",
        "several steps that begin only if something comes",
    )
    shape = Shape(Form.BOX, Border.DOTTED, tint="#ffffff")

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take its own facts; the reader fills it."""
        Element.__init__(self, xml, reading, container)
        Container.__init__(self)
        self.mappings = Mappings.read(xml, reading)

    @classmethod
    def fits(cls, xml: "Xml") -> bool:
        """Tell whether an element of this name is of this kind."""
        return is_yes(xml, "triggeredByEvent")

    @property
    def starts(self) -> bool:
        """No flow begins it."""
        return False

    def begin_by(self, run: "Run", scope: Place, told: Variables, start: Element) -> None:
        """Begin in a scope that gave it a token, behind the start event that came."""
        place = run.open_place(self, scope)
        run.happened(Happened.ENTERED, self.id, place.key)
        place.variables = dict(told)
        run.watch_over(place, self)
        place.tokens = 1
        run.leave(start, place)

    def emptied(self, run: "Run", place: Place) -> None:
        """The last token is gone, and with it the one the scope gave."""
        scope = run.scope_of(place)
        run.close_place(place)
        run.happened(Happened.COMPLETED, self.id, place.key)
        run.consume(scope)
