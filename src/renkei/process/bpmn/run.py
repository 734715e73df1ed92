"""One command's work on a case: tokens move until everything waits. The case given stays as it is.

A token on its way is an entry of the queue: to which element, in which scope, by which flow. A
scope counts its tokens; at none it is over. What was interrupted is gone from `places`, and what
still was on its way there is dropped when its turn comes.
"""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from renkei.process import feel
from renkei.process.bpmn.case import STOPS_CLOCK, Case, Kind, Place, Status, Variables, Wait, copied
from renkei.process.bpmn.expressions import LONGEST_KEY, Formula, Problem
from renkei.process.bpmn.happenings import (
    Closed,
    Effect,
    Ended,
    Event,
    Happened,
    Opened,
    Outcome,
    Sent,
)
from renkei.process.bpmn.model import BY, Container, Definition, Element, Flow, Process

MOST_STEPS = 100_000
"""Elements entered by one command; a model that needs more goes in circles without waiting."""
LEAVING = "leaving"
"""What a place notes whose element is done, and whose token knows no way on."""
CALLED = "called"
"""What the place of a called process notes: by which activity."""
ENDING = "ending"
"""What a scope notes that is empty, and could not be ended."""
DEEPEST = 64
"""Scopes within one another; a process that calls itself needs more."""


class Run:
    """The case as it becomes, and what happened on the way."""

    def __init__(self, definition: Definition, case: Case, at: datetime) -> None:
        """Begin with a case; it is copied where it changes."""
        self.definition = definition
        self.at = at
        self.case = Case(
            case.definition,
            case.process,
            case.status,
            case.next_key,
            dict(case.places),
            dict(case.waits),
        )
        self.places = self.case.places
        self.waits = self.case.waits
        self.events: list[Event] = []
        self.effects: list[Effect] = []
        self.is_changed = False
        """Whether variables changed since conditions were looked at."""
        self._mine: set[int] = set()
        self._queue: deque[tuple[Element, int, Flow | None]] = deque()
        self._steps = 0
        self._first_key = case.next_key
        self._unheard: set[int] = set()
        """Waits that this command opened and closed: nobody outside hears of them."""

    def outcome(self) -> Outcome:
        """Return what came of it."""
        if self._unheard:
            self.effects = [one for one in self.effects if not self._is_unheard(one)]
        return Outcome(self.case, self.events, self.effects)

    def _is_unheard(self, effect: Effect) -> bool:
        return isinstance(effect, Opened) and effect.wait.key in self._unheard

    # Places ---------------------------------------------------------------------------------------

    def mine(self, key: int) -> Place:
        """Return a place that may be changed."""
        if key in self._mine:
            return self.places[key]
        place = self.places[key] = copied(self.places[key])
        self._mine.add(key)
        return place

    def element(self, place: Place) -> Element:
        """Return the element at which a place is."""
        return self.process_of(place).by_id[place.element]

    def process_of(self, place: Place) -> Process:
        """Return the process a place is in."""
        process = self.definition.process(place.of or self.case.process)
        assert process is not None  # noqa: S101 # a case is only run with its own definition
        return process

    def open_place(
        self, element: Element, scope: Place | None, *, of: str = "", is_scope: bool = True
    ) -> Place:
        """Let a token rest at an element; the token that came is this place from now on."""
        key = self.case.next_key
        self.case.next_key = key + 1
        inherited = scope.of if scope is not None else ""
        parent = scope.key if scope is not None else 0
        if is_scope and scope is not None and isinstance(element, Container):
            self._check_depth(element, scope)
        place = Place(key, element.id, parent, of or inherited, {}, [], 0, {}, [], None, -1, {})
        self.places[key] = place
        self._mine.add(key)
        return place

    def _check_depth(self, element: Element, scope: Place) -> None:
        if sum(1 for _ in self.scopes(scope)) > DEEPEST:
            raise Problem("too-deep", element.id, most=DEEPEST)

    def close_place(self, place: Place) -> None:
        """Take a place away, with what it waits for and everything in it."""
        for inner in self.within(place):
            self.cancel(inner)
        for wait in place.waits:
            self._drop(wait)
        del self.places[place.key]

    def cancel(self, place: Place) -> None:
        """Interrupt a place."""
        self.close_place(place)
        self.happened(Happened.CANCELLED, place.element, place.key)

    def within(self, place: Place) -> list[Place]:
        """Return the places right in this one, the oldest first."""
        if place.tokens == 0 and place.loop is None:
            return []
        return [one for one in self.places.values() if one.parent == place.key]

    def moving(self, scope: Place) -> set[Element]:
        """Return the elements to which tokens of this scope are on their way."""
        return {element for element, key, _ in self._queue if key == scope.key}

    def empty(self, scope: Place) -> None:
        """Interrupt everything in a scope, at rest or on its way."""
        for inner in self.within(scope):
            self.cancel(inner)
        others = [one for one in self._queue if one[1] != scope.key]
        self._queue.clear()
        self._queue.extend(others)
        kept = self.mine(scope.key)
        kept.arrived = {}
        kept.tokens = 0

    def scope_of(self, place: Place) -> Place:
        """Return the scope a place lies in."""
        return self.places[place.parent]

    def scopes(self, place: Place) -> Iterator[Place]:
        """Yield a place and the scopes around it, up to the case, as they are now."""
        at: Place | None = self.places.get(place.key, place)
        while at is not None:
            yield at
            at = self.places.get(at.parent)

    # Waiting --------------------------------------------------------------------------------------

    def wait(self, place: Place, kind: Kind, handler: Element, **facts: object) -> Wait:
        """Let a place wait for something that `handler` catches."""
        if len(str(facts.get("name", ""))) > LONGEST_KEY:
            raise Problem("name-too-long", most=LONGEST_KEY)
        key = self.case.next_key
        self.case.next_key = key + 1
        if handler.duties.stops_clock:
            facts["about"] = {**facts.get("about", {}), STOPS_CLOCK: True}  # type: ignore[dict-item] # a Wait's own
        wait = Wait(key, kind, place.key, handler.id, **facts)  # type: ignore[arg-type] # a Wait's own
        self.waits[key] = wait
        self.mine(place.key).waits.append(key)
        if kind is not Kind.CONDITION:
            self.effects.append(Opened(wait))
        return wait

    def close_wait(self, wait: Wait) -> None:
        """Wait for this no more."""
        self.mine(wait.place).waits.remove(wait.key)
        self._drop(wait.key)

    def spent(self, wait: Wait) -> None:
        """What was waited for came, and comes no second time: nothing is to be told outside."""
        self.mine(wait.place).waits.remove(wait.key)
        del self.waits[wait.key]

    def _drop(self, key: int) -> None:
        wait = self.waits.pop(key)
        if wait.kind is Kind.CONDITION:
            return
        if key >= self._first_key:
            self._unheard.add(key)
        else:
            self.effects.append(Closed(wait))

    # Scopes ---------------------------------------------------------------------------------------

    def begin_in(self, place: Place, container: Container) -> None:
        """Let tokens into a scope where it begins, and its event sub-processes watch."""
        self.watch_over(place, container)
        beginnings = container.beginnings
        place.tokens = len(beginnings)
        for element in beginnings:
            self.send(element, place)
        if not beginnings and container.elements:
            raise Problem("nothing-begins", place.element)
        if not beginnings:
            self.finish(place)

    def watch_over(self, place: Place, container: Container) -> None:
        """Let the event sub-processes of a scope wait for their events."""
        for sub_process in container.events:
            for start in sub_process.elements:
                if start.tag == "startEvent":
                    start.arm(self, place)

    def stop_watching(self, place: Place) -> None:
        """Let no event sub-process of a scope begin any more."""
        by_id = self.process_of(place).by_id
        for key in list(place.waits):
            wait = self.waits[key]
            if by_id[wait.handler].tag == "startEvent":
                self.close_wait(wait)

    # Tokens ---------------------------------------------------------------------------------------

    def send(self, element: Element, scope: Place, flow: Flow | None = None) -> None:
        """Let a token of a scope come to an element next."""
        self._queue.append((element, scope.key, flow))

    def send_times(self, element: Element, scope: Place, times: int) -> None:
        """Let so many more tokens of a scope come to an element."""
        if len(self._queue) + times > MOST_STEPS:
            raise Problem("too-many-steps", element.id, most=MOST_STEPS)
        self.mine(scope.key).tokens += times
        self._queue.extend([(element, scope.key, None)] * times)

    def add(self, element: Element, scope: Place) -> None:
        """Let one more token into a scope, at an element."""
        self.mine(scope.key).tokens += 1
        self.send(element, scope)

    def leave(self, element: Element, scope: Place) -> None:
        """Let the token at an element go on by its flows; by none it is gone."""
        flows = element.outgoing
        if len(flows) == 1 and flows[0].condition is None:
            self._queue.append((flows[0].target, scope.key, flows[0]))
            return
        if not flows:
            self.consume(scope)
            return
        try:
            chosen = self._chosen(element, scope)
        except Problem as problem:
            self.troubled(element, scope, problem, is_leaving=True)
        else:
            self.leave_by(chosen, scope)

    def _chosen(self, element: Element, scope: Place) -> list[Flow]:
        """Return the flows that are taken: each whose condition holds, else the default."""
        flows = [one for one in element.outgoing if one is not element.default]
        chosen = [one for one in flows if self.holds(one, scope)]
        if element.default is not None and not any(one.condition for one in chosen):
            chosen.append(element.default)
        if not chosen:
            raise Problem("no-flow-holds", element.id)
        return chosen

    def leave_by(self, flows: list[Flow], scope: Place) -> None:
        """Let the token go on by these flows, one by each."""
        if len(flows) > 1:
            self.mine(scope.key).tokens += len(flows) - 1
        for flow in flows:
            self._queue.append((flow.target, scope.key, flow))

    def holds(self, flow: Flow, scope: Place) -> bool:
        """Tell whether a flow may be taken."""
        return flow.condition is None or self.truth(flow.condition, scope)

    def consume(self, scope: Place, tokens: int = 1) -> None:
        """Take tokens out of a scope; after the last one it is over."""
        kept = self.mine(scope.key)
        kept.tokens -= tokens
        if kept.tokens == 0:
            self.finish(kept)

    def finish(self, scope: Place) -> None:
        """End a scope in which nothing is left; what goes wrong then waits there for a person."""
        element = self.element(scope)
        try:
            element.emptied(self, scope)
        except Problem as problem:
            scope.notes[ENDING] = "1"
            self.trouble(scope, element, problem.code, problem.reason)

    def work(self) -> None:
        """Move tokens until everything waits."""
        queue = self._queue
        while True:
            while queue:
                element, key, flow = queue.popleft()
                scope = self.places.get(key)
                if scope is None:
                    continue
                self._steps += 1
                noted, sent = len(self.events), len(self.effects)
                try:
                    self._check_steps(element)
                    element.enter(self, scope, flow)
                except Problem as problem:  # before it changed anything: what it told is not so
                    del self.events[noted:]
                    self._take_back(sent)
                    self.troubled(element, scope, problem, flow=flow)
            if not self._settle() and not self._look_at_conditions():
                return

    def _take_back(self, since: int) -> None:
        said = self.effects[since:]
        self.effects[since:] = [one for one in said if not isinstance(one, Sent)]

    def _check_steps(self, element: Element) -> None:
        if self._steps > MOST_STEPS:
            raise Problem("too-many-steps", element.id, most=MOST_STEPS)

    def _settle(self) -> bool:
        """Let gateways go on that needed to know that nothing else moves."""
        for scope in list(self.places.values()):
            for gate in list(scope.arrived):
                element = self.process_of(scope).by_id[gate]
                if scope.key in self.places and element.settled(self, scope):
                    return True
        return False

    def _look_at_conditions(self) -> bool:
        """Look at what waits for a condition, if variables changed; tell whether one came true."""
        if not self.is_changed:
            return False
        self.is_changed = False
        for wait in [one for one in self.waits.values() if one.kind is Kind.CONDITION]:
            if self.waits.get(wait.key) is not wait:
                continue
            place = self.places[wait.place]
            handler = self.process_of(place).by_id[wait.handler]
            self.trying(place, handler, partial(handler.look, self, place, wait))
        return bool(self._queue)

    # Ends -----------------------------------------------------------------------------------------

    def completed(self, place: Place) -> None:
        """A process is at its end: the case is over, or the activity that called it is done."""
        if not place.parent:
            self.end(Status.COMPLETED)
            return
        caller = self.mine(place.parent)
        self.element(caller).returned(self, caller, place)

    def end(self, status: Status) -> None:
        """End the case."""
        root = self.places[min(self.places)]
        variables = dict(root.variables)
        if status is Status.COMPLETED:
            self.close_place(root)
        else:
            self.cancel(root)
        self._queue.clear()
        self.case.status = status
        self.happened(Happened.ENDED, self.case.process, root.key, {"status": status.value})
        self.effects.append(Ended(status, variables))

    # Variables ------------------------------------------------------------------------------------

    def variables(self, place: Place) -> Variables:
        """Return what can be seen from a place: the innermost of a name counts.."""
        held = [scope.variables for scope in self._seen_from(place) if scope.variables]
        if len(held) < 2:
            return held[0] if held else {}
        seen: Variables = {}
        for variables in reversed(held):
            seen.update(variables)
        return seen

    def _seen_from(self, place: Place) -> list[Place]:
        """Return the scopes of the same process, the inner first: a called one sees no further."""
        places = self.places
        at = places.get(place.key, place)
        seen = [at]
        while at.parent and CALLED not in at.notes:
            at = places[at.parent]
            seen.append(at)
        return seen

    def assign(self, place: Place, values: Variables) -> None:
        """Set variables where they are known from here, else in the outermost scope."""
        if not values:
            return
        scopes = self._seen_from(place)
        for name, value in values.items():
            scope = next((one for one in scopes if name in one.variables), scopes[-1])
            self.mine(scope.key).variables[name] = value
        self.is_changed = True

    def value(self, formula: Formula, place: Place) -> feel.Value:
        """Return what a formula gives at a place, or raise a Problem."""
        return formula.value(self.variables(place), self.at)

    def is_true(self, formula: Formula, place: Place) -> bool:
        """Tell whether a condition that is watched holds; what cannot be said does not hold yet."""
        try:
            return self.value(formula, place) is True
        except Problem:
            return False

    def truth(self, formula: Formula, place: Place) -> bool:
        """Tell whether a condition holds; what is neither true nor false is a Problem."""
        found = self.value(formula, place)
        if not isinstance(found, bool):
            raise Problem("not-a-condition", formula.text)
        return found

    # What happened --------------------------------------------------------------------------------

    def happened(
        self,
        kind: Happened,
        element: str,
        place: int,
        data: dict[str, feel.Value] | None = None,
    ) -> None:
        """Note an event."""
        self.events.append(Event(kind, element, place, data or {}))

    def sent(self, effect: Sent) -> None:
        """Let a message or a signal go out."""
        self.effects.append(effect)
        self.happened(Happened.THROWN, effect.element, effect.place, {"name": effect.name})

    def troubled(
        self,
        element: Element,
        scope: Place,
        problem: Problem,
        *,
        is_leaving: bool = False,
        flow: Flow | None = None,
    ) -> None:
        """Let the token wait at an element that could not go on, for a person."""
        place = self.open_place(element, scope, is_scope=False)
        if is_leaving:
            place.notes[LEAVING] = "1"
        if flow is not None:
            place.notes[BY] = flow.id
        self.trouble(place, element, problem.code, problem.reason)

    def resume(self, place: Place, handler: Element) -> None:
        """Try again where something went wrong."""
        if place.notes.get(LEAVING):
            scope = self.scope_of(place)
            self.close_place(place)
            self.leave(handler, scope)
        elif place.notes.pop(ENDING, ""):
            self.finish(place)
        else:
            handler.resume(self, place)

    def trying(self, place: Place, element: Element, step: Callable[[], object]) -> None:
        """Take a step at a place; what goes wrong waits there for a person."""
        try:
            step()
        except Problem as problem:
            self.trouble(place, element, problem.code, problem.reason)

    def trouble(self, place: Place, element: Element, code: str, reason: str) -> None:
        """Open an incident at a place."""
        self.wait(place, Kind.INCIDENT, element, name=code, about={"reason": reason})
        self.happened(Happened.TROUBLED, element.id, place.key, {"code": code, "reason": reason})
