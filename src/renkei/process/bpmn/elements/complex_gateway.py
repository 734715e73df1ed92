"""A gateway that says itself when enough has come."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Place
from renkei.process.bpmn.document import child
from renkei.process.bpmn.elements.inclusive_gateway import InclusiveGateway
from renkei.process.bpmn.expressions import Problem
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.joins import arrive, depart, may_more_come
from renkei.process.bpmn.model import Container, Flow
from renkei.process.bpmn.shapes import Icon

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run

GONE = "gone:"
"""What the scope notes of a gateway that went on: by which flows a token came, then or since."""


class ComplexGateway(InclusiveGateway):
    """It goes on when its condition holds of `activationCount`; without one as an inclusive one."""

    tag = "complexGateway"
    words = ("複合ゲートウェイ", "complex gateway")
    meaning = ("決めた数がそろったら進みます", "goes on when enough has come")
    icon = Icon(
        "M10.8 2H13.2V9.1L18.2 4.1L19.9 5.8L14.9 10.8H22V13.2H14.9L19.9 18.2L18.2 19.9"
        "L13.2 14.9V22H10.8V14.9L5.8 19.9L4.1 18.2L9.1 13.2H2V10.8H9.1L4.1 5.8L5.8 4.1"
        "L10.8 9.1Z",
    )

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take the condition."""
        super().__init__(xml, reading, container)
        self.condition = reading.formula(child(xml, "activationCondition"))

    def facts(self) -> Iterator[Fact]:
        """Yield when enough has come."""
        if self.condition is not None:
            yield About.ENOUGH, self.condition.text

    def enter(self, run: "Run", scope: Place, flow: Flow | None) -> None:
        """Wait until enough came; what comes after that ends here, until one came by each flow."""
        if self.condition is None or len(self.incoming) < 2 or flow is None:
            super().enter(run, scope, flow)
            return
        gone = self._gone(scope)
        if gone and flow.id not in gone:
            self._note(run, scope, {*gone, flow.id})
            self._begin_anew(run, scope, {*gone, flow.id})
            run.consume(scope)
            return
        counts = Counter(scope.arrived.get(self.id, {}))
        is_enough = not gone and self._is_enough(run, scope, counts.total() + 1)
        arrive(run, scope, self, flow)
        if is_enough:
            self._go_on_with(run, scope)

    def settled(self, run: "Run", scope: Place) -> bool:
        """Only its condition is enough; to begin anew, what cannot come is not awaited."""
        if self.condition is None:
            return super().settled(run, scope)
        gone = self._gone(scope)
        if not gone or may_more_come(run, scope, self, gone):
            return False
        return self._begin_anew(run, scope, {one.id for one in self.incoming})

    def _begin_anew(self, run: "Run", scope: Place, gone: set[str]) -> bool:
        """Once one came by each flow, look at what waits since; tell whether it goes on."""
        if len(gone) < len(self.incoming):
            return False
        self._note(run, scope, set())
        waiting = sum(run.places[scope.key].arrived.get(self.id, {}).values())
        try:
            is_enough = waiting > 0 and self._is_enough(run, scope, waiting)
        except Problem:  # what cannot be said yet is not enough; the next that comes is in trouble
            is_enough = False
        if not is_enough:
            return False
        self._go_on_with(run, scope)
        return True

    def _is_enough(self, run: "Run", scope: Place, count: int) -> bool:
        assert self.condition is not None  # noqa: S101 # the callers looked
        seen = {**run.variables(scope), "activationCount": Decimal(count)}
        return self.condition.value(seen, run.at) is True

    def _go_on_with(self, run: "Run", scope: Place) -> None:
        """Let what waits go on as one token.

        By which flows it came is remembered while others can still come by the rest: where none
        can, the next that comes is of another round.
        """
        gone = set(run.places[scope.key].arrived[self.id])
        depart(run, scope, self)
        self._note(run, scope, gone if may_more_come(run, scope, self, gone) else set())
        try:
            self.go_on(run, scope)
        except Problem as problem:
            run.troubled(self, scope, problem)

    def _gone(self, scope: Place) -> set[str]:
        return set(scope.notes.get(GONE + self.id, "").split())

    def _note(self, run: "Run", scope: Place, gone: set[str]) -> None:
        notes = run.mine(scope.key).notes
        if 0 < len(gone) < len(self.incoming):
            notes[GONE + self.id] = " ".join(sorted(gone))
        else:
            notes.pop(GONE + self.id, None)
