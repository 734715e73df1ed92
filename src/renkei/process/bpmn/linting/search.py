"""Every way a case can take, by the core itself: each command, each answer, until none is new."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from renkei.process.bpmn import commands
from renkei.process.bpmn.advance import advance, new_case
from renkei.process.bpmn.case import Case, Status
from renkei.process.bpmn.commands import Command
from renkei.process.bpmn.errors import CommandUnfit
from renkei.process.bpmn.expressions import Problem
from renkei.process.bpmn.happenings import Event, Happened, Outcome
from renkei.process.bpmn.linting.abstraction import AskedTooMuch, Oracle, abstracted
from renkei.process.bpmn.linting.states import MOMENT, Choices, Key, key_of
from renkei.process.bpmn.model import Definition, Element, Process

MOST_STATES = 3_000
MOST_RUNS, MOST_STEPS = 12_000, 120_000
"""Of the core, for one model: commands, and what they move through and bring about."""
ROOT = 1
"""The key of the place of the case itself: the first that opens."""
MOST_PLACES = 40
"""A case with more tokens than that, and two for each element, gets ever more of them."""


@dataclass(slots=True)
class Found:
    """What a search saw, by the ids of elements."""

    seen: set[str] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    """Joins at which a case waits in vain."""
    twice: set[str] = field(default_factory=set)
    """What is under way twice at once."""
    ends: set[str] = field(default_factory=set)
    """Ends that are reached more than once."""
    endless: set[str] = field(default_factory=set)
    """From where no end can be reached."""
    troubled: set[str] = field(default_factory=set)
    """Where a case would need a person."""
    grows: set[str] = field(default_factory=set)
    states: int = 0
    is_complete: bool = True


@dataclass(slots=True)
class _State:
    """Where a case can stand, and what can come of it."""

    case: Case
    fired: frozenset[str]
    """Events beside the work that came already: each is tried once."""
    ended: frozenset[str]
    followers: list["_State"] = field(default_factory=list)
    is_end: bool = False
    """Whether nothing is to be looked for behind it."""


Reach = Callable[[_State, Outcome], None]


class Search:
    """A search through the processes of a model."""

    def __init__(self, definition: Definition) -> None:
        """Take the model without its data."""
        self._oracle = Oracle()
        self._definition = abstracted(definition, self._oracle)
        self._elements = {
            one.id: one
            for process in self._definition.processes.values()
            for one in process.inner()
        }
        self._runs = self._steps = 0
        self.found = Found()

    def all(self) -> Found:
        """Search everything."""
        for process in self._definition.processes.values():
            if process.elements:
                self._process(process)
        return self.found

    def _process(self, process: Process) -> None:
        states: dict[tuple[Key, frozenset[str], frozenset[str]], _State] = {}
        queue: deque[_State] = deque()
        first = _State(new_case(self._definition, process.id), frozenset(), frozenset())

        def reach(state: _State, outcome: Outcome) -> None:
            after = self._after(state, outcome)
            if after is None:
                state.is_end = True  # tried before: no dead end
                return
            key = (key_of(after.case), after.fired, after.ended)
            if key not in states:
                states[key] = after
                queue.append(after)
            state.followers.append(states[key])

        for command in _starts(process):
            for outcome in self._outcomes(first.case, command):
                reach(first, outcome)
        while queue:
            if len(states) > MOST_STATES:
                self.found.is_complete = False
            if not self.found.is_complete:
                break
            self._go_on(queue.popleft(), reach)
        self.found.states += len(states)
        if self.found.is_complete:
            self._look_for_endless(list(states.values()))

    def _go_on(self, state: _State, reach: Reach) -> None:
        case = state.case
        if case.status is not Status.RUNNING:
            state.is_end = True
            return
        if len(case.places) > MOST_PLACES + 2 * len(self._elements):
            self.found.grows |= {place.element for place in case.places.values() if place.parent}
            state.is_end = True
            return
        choices = list(Choices(self._definition, case).commands())
        if not any(helps for _, helps in choices):
            gates = {gate for place in case.places.values() for gate in place.arrived}
            self.found.stuck |= gates
            state.is_end = True
        for command, _ in choices:
            for outcome in self._outcomes(case, command):
                reach(state, outcome)

    def _outcomes(self, case: Case, command: Command) -> Iterator[Outcome]:
        """Yield what can come of a command, by what conditions give."""
        waiting: list[tuple[bool, ...]] = [()]
        while waiting:
            if self._runs > MOST_RUNS or self._steps > MOST_STEPS:
                self.found.is_complete = False
                return
            self._oracle.begin(waiting.pop())
            self._runs += 1
            try:
                outcome = advance(self._definition, case, command)
            except CommandUnfit:
                return
            except (AskedTooMuch, Problem):
                self.found.is_complete = False
                continue
            finally:
                waiting += self._oracle.others()
            self._steps += len(outcome.events) + len(case.places)
            if not any(_is_no_way(event) for event in outcome.events):
                yield outcome

    def _after(self, state: _State, outcome: Outcome) -> _State | None:
        """Return the state a case is in then; None if something beside the work comes once more."""
        fired, ended = set(state.fired), set(state.ended)
        root = ROOT
        for event in outcome.events:
            self.found.seen.add(event.element)
            element = self._elements.get(event.element)
            if element is None:
                continue
            if event.kind is Happened.TROUBLED:
                self.found.troubled.add(element.id)
            if event.kind is Happened.CAUGHT and element.picture.is_dashed:
                if element.id in fired:
                    return None
                fired.add(element.id)
            elif _is_end(event, element) and event.place == root and not fired:
                if element.id in ended:
                    self.found.ends.add(element.id)
                ended.add(element.id)
        if not fired:
            self.found.twice |= set(_twice(outcome.case))
        return _State(outcome.case, frozenset(fired), frozenset(ended))

    def _look_for_endless(self, states: list[_State]) -> None:
        """Find where a case goes round and round, without a way to its end."""
        before: dict[int, list[_State]] = {}
        for state in states:
            for follower in state.followers:
                before.setdefault(id(follower), []).append(state)
        good = [one for one in states if one.is_end]
        known = {id(one) for one in good}
        while good:
            for one in before.get(id(good.pop()), ()):
                if id(one) not in known:
                    known.add(id(one))
                    good.append(one)
        lost = next((one for one in states if id(one) not in known), None)
        if lost is not None:
            resting = {place.element for place in lost.case.places.values() if place.waits}
            self.found.endless |= {min(resting)} if resting else set()


def _starts(process: Process) -> Iterator[Command]:
    """Yield how a case of a process can begin."""
    starts = [one for one in process.elements if one.tag == "startEvent"]
    if not any(getattr(one, "triggers", ()) for one in starts):
        yield commands.Start(MOMENT)
        return
    for one in starts:
        yield commands.Start(MOMENT, {}, one.id)


def _is_end(event: Event, element: Element) -> bool:
    return event.kind is Happened.COMPLETED and element.tag == "endEvent"


def _is_no_way(event: Event) -> bool:
    """Tell whether none of the ways was taken: `default-missing` says that already."""
    return event.kind is Happened.TROUBLED and event.data.get("code") == "no-flow-holds"


def _twice(case: Case) -> Iterator[str]:
    held: set[tuple[int, str]] = set()
    for place in case.places.values():
        if place.turn < 0 and place.waits and (place.parent, place.element) in held:
            yield place.element
        held.add((place.parent, place.element))
        for gate, flows in place.arrived.items():
            if any(count > 1 for count in flows.values()):
                yield gate
