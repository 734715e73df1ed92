"""What all activities do alike: begin, be watched at the boundary, repeat, end, and be undone."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from renkei.process.bpmn.case import Done, Place, Variables, Wait
from renkei.process.bpmn.document import is_yes, quantity
from renkei.process.bpmn.expressions import Problem
from renkei.process.bpmn.facts import Fact
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.joins import gather, is_moving_before, merge
from renkei.process.bpmn.loops import JUDGING, Repetition
from renkei.process.bpmn.mappings import Mappings
from renkei.process.bpmn.model import Container, Element, Flow
from renkei.process.bpmn.shapes import REWIND, Icon, Picture
from renkei.process.bpmn.undoing import UNDOING

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class Activity(Element):
    """Work of some kind. A kind says in `begin` what its work is."""

    marker: ClassVar[Icon | None] = None
    """A sign of the kind at its foot."""

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take what every activity has."""
        super().__init__(xml, reading, container)
        self.repetition: Repetition | None = Repetition.read(xml, reading)
        self.mappings = Mappings.read(xml, reading)
        self.undoes = is_yes(xml, "isForCompensation")
        self.takes, self.gives = quantity(xml, "startQuantity"), quantity(xml, "completionQuantity")

    @property
    def picture(self) -> Picture:
        """Return how it is drawn, with what is special about it at the foot."""
        repeated = (self.repetition.icon,) if self.repetition is not None else ()
        undoing = (REWIND,) if self.undoes else ()
        own = (self.marker,) if self.marker is not None else ()
        markers = (*repeated, *undoing, *own)
        return Picture(self.shape, self.icon, self.is_full, markers=markers)

    def facts(self) -> Iterator[Fact]:
        """Yield how often it is done."""
        if self.repetition is not None:
            yield from self.repetition.facts()

    @property
    def starts(self) -> bool:
        """An activity that undoes another begins nothing."""
        return not self.incoming and not self.undoes

    @property
    def undoes_itself(self) -> bool:
        """Tell whether something inside undoes it."""
        return False

    @property
    def is_on_the_way(self) -> bool:
        """An activity that undoes another is not on the way."""
        return not self.undoes

    def enter(self, run: "Run", scope: Place, flow: Flow | None) -> None:
        """A token came: begin, as often as it is to be done."""
        if self.repetition is not None:
            if scope.element == self.id and scope.loop is not None:
                self.repetition.turn(run, self, scope)
                return
            if self._are_enough(run, scope, flow):
                self.repetition.begin(run, self, scope)
            return
        if not self._are_enough(run, scope, flow):
            return
        place = run.open_place(self, scope)
        run.happened(Happened.ENTERED, self.id, place.key)
        self.go(run, place)

    def _are_enough(self, run: "Run", scope: Place, flow: Flow | None) -> bool:
        return self.takes == 1 or flow is None or gather(run, scope, self, flow, self.takes)

    def settled(self, run: "Run", scope: Place) -> bool:
        """It wants more tokens than can come: begin with those that are there."""
        if is_moving_before(run, scope, self):
            return False
        merge(run, scope, self)
        run.send(self, scope)
        return True

    def go(self, run: "Run", place: Place) -> None:
        """Watch, and begin; what goes wrong waits here for a person."""
        try:
            self._set_out(run, place)
        except Problem as problem:
            run.trouble(place, self, problem.code, problem.reason)

    def _set_out(self, run: "Run", place: Place) -> None:
        if self.boundaries and place.turn < 0:
            self.watch(run, place)
        if self.mappings.inputs:
            place.variables |= self.mappings.taken(run, place)
        self.begin(run, place)

    def resume(self, run: "Run", place: Place) -> None:
        """Begin again at the same place."""
        if self.repetition is not None and place.notes.pop(JUDGING, ""):
            self.repetition.judge(run, self, place, place.variables)
            return
        run.empty(place)
        for key in list(place.waits):
            run.close_wait(run.waits[key])
        if self.repetition is not None and place.turn < 0:
            self.repetition.go(run, self, place)
        else:
            self.go(run, place)

    def skip(self, run: "Run", place: Place) -> None:
        """Go on as if it were done; of several, with the next."""
        scope = run.scope_of(place)
        run.cancel(place)
        self.go_on(run, place, scope)

    def go_on(self, run: "Run", place: Place, scope: Place) -> None:
        """Behind it: the next of several, the next to be undone, or the flows."""
        if place.turn >= 0 and self.repetition is not None:
            self.repetition.ended(run, self, scope, place.variables)
        elif self.undoes or place.notes.get(UNDOING):
            run.consume(scope)
        else:
            self.go_out(run, scope)

    def go_out(self, run: "Run", scope: Place) -> None:
        """Go on by the flows, with as many tokens as it gives."""
        if self.gives > 1:
            run.mine(scope.key).tokens += self.gives - 1
        for _ in range(self.gives):
            run.leave(self, scope)

    def watch(self, run: "Run", place: Place) -> None:
        """Let the events at the boundary wait."""
        for boundary in self.boundaries:
            boundary.arm(run, place)

    def begin(self, run: "Run", place: Place) -> None:
        """Begin the work at a place; where there is none it is done at once."""
        self.done(run, place, {})

    def caught(self, run: "Run", place: Place, wait: Wait, told: Variables) -> None:
        """Its own work is done."""
        self.done(run, place, told)

    def done(self, run: "Run", place: Place, told: Variables) -> None:
        """End it: give out what came of it, remember how it is undone, and go on."""
        self.give(run, place, run.scope_of(place), told)
        self.over(run, place)

    def over(self, run: "Run", place: Place) -> None:
        """It is done, and what came of it is given."""
        scope = run.scope_of(place)
        self.remember(run, place, scope)
        run.close_place(place)
        run.happened(Happened.COMPLETED, self.id, place.key)
        self.go_on(run, place, scope)

    def give(self, run: "Run", place: Place, scope: Place, told: Variables) -> None:
        """Give what came of it to the scope: by its mappings, or all that is not its own."""
        collects = place.turn >= 0 and self.repetition is not None and self.repetition.collects
        if self.mappings.outputs or collects:
            place.variables |= told
            told = self.mappings.given(run, place) if self.mappings.outputs else {}
        elif place.variables:
            told = {name: value for name, value in told.items() if name not in place.variables}
        if collects and self.repetition is not None:
            self.repetition.collect(run, place, scope)
        if told:
            run.assign(scope, told)

    def remember(self, run: "Run", place: Place, scope: Place) -> None:
        """Note that it can be undone, where the model says by what."""
        if self.compensation is not None or place.done or self.undoes_itself:
            seen = dict(run.variables(place)) if self.compensation is not None else {}
            run.mine(scope.key).done.append(Done(self.id, place.key, seen, tuple(place.done)))
