"""An activity done several times: for each of a list, so many times, or while something holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Optional

from renkei.process import feel
from renkei.process.bpmn.case import Loop, Place, Variables
from renkei.process.bpmn.document import child, extensions, foreign, is_yes, line_of, local, text
from renkei.process.bpmn.expressions import Formula, Problem, formula
from renkei.process.bpmn.facts import About, Fact
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.shapes import BESIDE, IN_TURN, LOOP, Icon

if TYPE_CHECKING:
    from renkei.process.bpmn.activity import Activity
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run

MOST = 10_000
"""Repetitions at once; more belong into a process of their own, or into a list."""

JUDGING = "judging"
"""What the activity as a whole notes while nobody can say whether it was the last repetition."""


@dataclass(frozen=True, slots=True)
class Repetition:
    """How an activity is repeated. Without `items` and `cardinality` it is a loop."""

    is_sequential: bool
    cardinality: Formula | None = None
    items: Formula | None = None
    item: str = ""
    """What each of the list is called inside."""
    output: Formula | None = None
    outputs: str = ""
    """What the list of the results is called outside."""
    until: Formula | None = None
    """When no more is wanted, of what is counted before."""
    condition: Formula | None = None
    """While it is done again, of a loop."""
    is_tested_before: bool = False

    @classmethod
    def read(cls, xml: "Xml", reading: "Reading") -> Optional["Repetition"]:
        """Read how an activity is repeated; None if it is not."""
        if (loop := child(xml, "standardLoopCharacteristics")) is not None:
            most = loop.get("loopMaximum", "")
            return cls(
                True,
                cardinality=reading.check(formula(most, line_of(loop))) if most else None,
                condition=reading.formula(child(loop, "loopCondition")),
                is_tested_before=is_yes(loop, "testBefore"),
            )
        several = child(xml, "multiInstanceLoopCharacteristics")
        return None if several is None else cls._several(several, reading)

    @classmethod
    def _several(cls, xml: "Xml", reading: "Reading") -> "Repetition":
        line = line_of(xml)
        said = {
            "inputCollection": "",
            "inputElement": "",
            "outputCollection": "",
            "outputElement": "",
        }
        for one in extensions(xml):
            if local(one) == "loopCharacteristics":
                said |= {str(name): str(value) for name, value in one.attrib.items()}
        collection = said["inputCollection"] or foreign(xml, "collection")
        element = said["inputElement"] or foreign(xml, "elementVariable")
        if not collection and (named := text(child(xml, "loopDataInputRef"))):
            collection = reading.data_name(named)
        if not element and (held := child(xml, "inputDataItem")) is not None:
            element = held.get("name", "") or held.get("id", "")
        outputs = said["outputCollection"]
        if not outputs and (named := text(child(xml, "loopDataOutputRef"))):
            outputs = reading.data_name(named)

        def read(words: str) -> Formula | None:
            return reading.check(formula(words, line)) if words else None

        return cls(
            is_yes(xml, "isSequential"),
            reading.formula(child(xml, "loopCardinality")),
            read(collection),
            element,
            read(said["outputElement"]),
            outputs,
            reading.formula(child(xml, "completionCondition")),
        )

    @property
    def icon(self) -> Icon:
        """Return the sign of it at the foot of the activity."""
        if not self.is_counted:
            return LOOP
        return IN_TURN if self.is_sequential else BESIDE

    def facts(self) -> Iterator[Fact]:
        """Yield how often, in whichever way that is said."""
        if self.items is not None:
            yield (About.EACH_IN_TURN if self.is_sequential else About.EACH), self.items.text
        elif self.cardinality is not None:
            yield (
                (About.TIMES_IN_TURN if self.is_sequential else About.TIMES),
                self.cardinality.text,
            )
        if self.condition is not None:
            yield About.WHILE, self.condition.text
        if self.until is not None:
            yield About.ENOUGH, self.until.text

    @property
    def is_counted(self) -> bool:
        """Tell whether it is known before how often: else it is a loop."""
        return self.condition is None and (self.cardinality is not None or self.items is not None)

    @property
    def collects(self) -> bool:
        """Tell whether each repetition gives something to a list."""
        return self.output is not None and bool(self.outputs)

    def begin(self, run: "Run", activity: "Activity", scope: Place) -> None:
        """Let a token rest at the activity as a whole, and begin what can begin."""
        body = run.open_place(activity, scope)
        run.happened(Happened.ENTERED, activity.id, body.key)
        self.go(run, activity, body)

    def go(self, run: "Run", activity: "Activity", body: Place) -> None:
        """Count, watch, and begin; what goes wrong waits here for a person."""
        run.trying(body, activity, lambda: self._set_out(run, activity, body))

    def _set_out(self, run: "Run", activity: "Activity", body: Place) -> None:
        loop = body.loop = self._counted(run, body) if self.is_counted else Loop()
        activity.watch(run, body)
        if self.is_counted:
            self._go_on(run, activity, body)
        elif self.is_tested_before and not self._again(run, body, loop):
            self._end(run, activity, body)
        else:
            self._next(run, activity, body)

    def _counted(self, run: "Run", body: Place) -> Loop:
        if self.items is not None:
            found = run.value(self.items, body)
            items: list[feel.Value] = []
            if isinstance(found, list):
                items = found
            elif found is not None:
                items = [found]
            total = len(items)
        else:
            assert self.cardinality is not None  # noqa: S101 # is_counted
            said = run.value(self.cardinality, body)
            if not isinstance(said, Decimal) or said < 0 or said != int(said):
                raise Problem("not-a-number-of-times", self.cardinality.text)
            items, total = [], int(said)
        if total > MOST:
            raise Problem("too-many-times", body.element, most=MOST)
        return Loop(total, items=items)

    def _go_on(self, run: "Run", activity: "Activity", body: Place) -> None:
        """Begin the next, or all, of a known number; after the last one it is over."""
        loop = body.loop
        assert loop is not None  # noqa: S101 # a body's
        if loop.ended == loop.total:
            self._end(run, activity, body)
        elif self.is_sequential:
            self._next(run, activity, body)
        elif loop.begun == 0:
            self._next(run, activity, body, loop.total)

    @staticmethod
    def _next(run: "Run", activity: "Activity", body: Place, times: int = 1) -> None:
        """Let tokens come to it within itself, one for each time."""
        run.send_times(activity, body, times)

    def turn(self, run: "Run", activity: "Activity", scope: Place) -> None:
        """Begin one repetition."""
        body = run.mine(scope.key)
        loop = body.loop
        assert loop is not None  # noqa: S101 # a body's
        turn, loop.begun = loop.begun, loop.begun + 1
        place = run.open_place(activity, body)
        place.turn = turn
        place.variables["loopCounter"] = Decimal(turn + 1)
        if self.item and turn < len(loop.items):
            place.variables[self.item] = loop.items[turn]
        if self.collects and self.output is not None:
            place.variables.setdefault(_name(self.output), None)
        run.happened(Happened.ENTERED, activity.id, place.key, {"turn": Decimal(turn + 1)})
        activity.go(run, place)

    def collect(self, run: "Run", place: Place, body: Place) -> None:
        """Take what a repetition gives to the list."""
        kept = run.mine(body.key)
        assert kept.loop is not None  # noqa: S101 # a body's
        assert self.output is not None  # noqa: S101 # collects
        kept.loop.results[place.turn] = run.value(self.output, place)

    def ended(self, run: "Run", activity: "Activity", scope: Place, known: Variables) -> None:
        """One repetition is over, that knew something of its own."""
        body = run.mine(scope.key)
        loop = body.loop
        assert loop is not None  # noqa: S101 # a body's
        loop.ended += 1
        body.tokens -= 1
        self.judge(run, activity, body, known)

    def judge(self, run: "Run", activity: "Activity", body: Place, known: Variables) -> None:
        """Look whether it was the last; what cannot be judged waits here for a person."""
        body.variables = known
        try:
            is_last = self._is_last(run, body)
        except Problem as problem:
            if JUDGING not in body.notes:  # else somebody is asked already
                body.notes[JUDGING] = "1"
                run.trouble(body, activity, problem.code, problem.reason)
            return
        body.variables = {}
        if is_last:
            run.empty(body)
            self._end(run, activity, body)
        elif self.is_counted:
            self._go_on(run, activity, body)
        else:
            self._next(run, activity, body)

    def _is_last(self, run: "Run", body: Place) -> bool:
        loop = body.loop
        assert loop is not None  # noqa: S101 # a body's
        if self.until is not None and self._is_enough(run, body, loop):
            return True
        if self.is_counted:
            return loop.ended == loop.total
        return not self._again(run, body, loop)

    def _is_enough(self, run: "Run", body: Place, loop: Loop) -> bool:
        assert self.until is not None  # noqa: S101 # the caller looked
        begun = loop.begun if self.is_sequential else loop.total  # those on their way begin, too
        counts = {
            "numberOfInstances": Decimal(loop.total),
            "numberOfActiveInstances": Decimal(begun - loop.ended),
            "numberOfCompletedInstances": Decimal(loop.ended),
            "numberOfTerminatedInstances": Decimal(0),
        }
        results = {self.outputs: _ordered(loop)} if self.collects else {}
        said = self.until.value({**run.variables(body), **results, **counts}, run.at)
        if not isinstance(said, bool):
            raise Problem("not-a-condition", self.until.text)
        return said

    def _again(self, run: "Run", body: Place, loop: Loop) -> bool:
        """Tell whether a loop is to be done once more."""
        if self.cardinality is not None:
            most = run.value(self.cardinality, body)
            if isinstance(most, Decimal) and loop.ended >= most:
                return False
        if self.condition is None:
            return loop.ended == 0 or self.cardinality is not None
        counter = {"loopCounter": Decimal(loop.ended)}
        said = self.condition.value({**run.variables(body), **counter}, run.at)
        if not isinstance(said, bool):
            raise Problem("not-a-condition", self.condition.text)
        return said

    def _end(self, run: "Run", activity: "Activity", body: Place) -> None:
        """The activity as a whole is done."""
        scope, loop = run.scope_of(body), body.loop
        assert loop is not None  # noqa: S101 # a body's
        if self.collects:
            run.assign(scope, {self.outputs: _ordered(loop)})
        activity.remember(run, body, scope)
        run.close_place(body)
        run.happened(Happened.COMPLETED, activity.id, body.key)
        activity.go_on(run, body, scope)


def _ordered(loop: Loop) -> list[feel.Value]:
    return [loop.results.get(turn) for turn in range(max(loop.total, loop.begun))]


def _name(output: Formula) -> str:
    return output.text.lstrip("= ").strip()
