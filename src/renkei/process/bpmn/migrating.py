"""Moving a case to another version of its process: planned by what changed, tried, then done.

A *plan* says which element of the new version stands for which of the old one; what has the same id
in the same kind of scope needs no saying. A case can move if every place of it has an element to
stand at, of the same kind, in the scope that stands for its scope. What is watched is then as the
new version says: new events at a boundary wait, those that are gone wait no more. A task under way
stays the task that was given.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from renkei.process.bpmn.case import Case, Kind, Place, Wait, copied
from renkei.process.bpmn.event import CatchingEvent
from renkei.process.bpmn.expressions import Problem
from renkei.process.bpmn.happenings import Happened, Outcome
from renkei.process.bpmn.model import Container, Definition, Element, Process
from renkei.process.bpmn.run import Run


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why a case cannot move: at which element, and the code of the reason (`migration-…`)."""

    element: str
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Which element of the new version stands for which of the old one, beside equal ids."""

    old: Definition
    new: Definition
    to: Mapping[str, str]

    @classmethod
    def propose(cls, old: Definition, new: Definition) -> "Plan":
        """Return the plan that the two versions suggest: by id, else by name and kind if unique."""
        there = {element.id: element for element in _all(new)}
        by_name = _unique_names(new)
        to: dict[str, str] = {}
        for element in _all(old):
            same = there.get(element.id)
            if same is not None and type(same) is type(element):
                continue
            named = by_name.get((type(element), element.name)) if element.name else None
            if named is not None and named.id not in {one.id for one in _all(old)}:
                to[element.id] = named.id
        return cls(old, new, to)

    def element(self, place: Place, process: Process) -> Element | None:
        """Return where a place of the old version stands in a process of the new one."""
        return process.by_id.get(self.to.get(place.element, place.element))

    def gone(self) -> list[str]:
        """Return the elements at which a case can rest that the new version has nothing for."""
        there = {element.id for element in _all(self.new)}
        return [one.id for one in _all(self.old) if self.to.get(one.id, one.id) not in there]


def blocked(plan: Plan, case: Case) -> list[Blocked]:
    """Return everything that keeps a case from moving; nothing if it can."""
    found: list[Blocked] = []
    for place in case.places.values():
        old = _process(plan.old, case, place).by_id[place.element]
        process = _target(plan, case, place)
        new = None if process is None else plan.element(place, process)
        if new is None:
            found.append(Blocked(place.element, "gone"))
        elif type(new) is not type(old):
            found.append(Blocked(place.element, "other-kind"))
        elif not _is_in_place(plan, case, place, new):
            found.append(Blocked(place.element, "other-scope"))
        elif _repeats(old) != _repeats(new):
            found.append(Blocked(place.element, "other-repetition"))
        found += [Blocked(gate, "join-gone") for gate in _lost_joins(plan, place, new)]
    return found


def migrate(plan: Plan, case: Case, at: datetime) -> Outcome:
    """Return a case as it stands in the new version, and what is to be waited for now.

    The caller has looked that nothing keeps it from moving.
    """
    moved = Case(
        plan.new.hash,
        _new_id(plan, case.process),
        case.status,
        case.next_key,
        {key: _moved(plan, place) for key, place in case.places.items()},
        {key: _renamed(plan, wait) for key, wait in case.waits.items()},
    )
    run = Run(plan.new, moved, at)
    known = {plan.to.get(one.id, one.id) for one in _all(plan.old)}
    for place in list(run.places.values()):
        _watch_anew(run, place, known)
    root = min(run.places)
    run.happened(
        Happened.MOVED, moved.process, root, {"from": case.definition, "to": plan.new.hash}
    )
    run.work()
    return run.outcome()


def _watch_anew(run: Run, place: Place, known: set[str]) -> None:
    """Let what watches over a place be what the version says: what is new, and nothing gone.

    What was known before and does not wait any more has come already.
    """
    element = run.element(place)
    wanted = {one.id: one for one in _watchers(element, place)}
    for key in list(place.waits):
        wait = run.waits[key]
        handler = run.process_of(place).by_id.get(wait.handler)
        is_watched = handler is not element and wait.kind is not Kind.INCIDENT
        if handler is None or (is_watched and wait.handler not in wanted and place.waits):
            run.close_wait(wait)
    held = {run.waits[key].handler for key in run.places[place.key].waits}
    for id_, watcher in wanted.items():
        if id_ not in held and id_ not in known:
            run.trying(run.mine(place.key), watcher, partial(watcher.arm, run, place))


def _watchers(element: Element, place: Place) -> Iterator[Element]:
    """Yield what waits over a place: events at its boundary, event sub-processes, what follows."""
    if place.turn < 0:
        yield from (one for one in element.boundaries if _waits(one))
    if isinstance(element, Container) and place.loop is None:  # each of several has its own
        for sub_process in element.events:
            yield from (
                one for one in sub_process.elements if one.tag == "startEvent" and _waits(one)
            )
    if element.tag == "eventBasedGateway":
        yield from (flow.target for flow in element.outgoing)


def _waits(event: Element) -> bool:
    """Tell whether an event waits, and is not looked for from where it is thrown."""
    return isinstance(event, CatchingEvent) and any(one.waits for one in event.triggers)


def _moved(plan: Plan, place: Place) -> Place:
    found = copied(place)
    found.element = plan.to.get(place.element, place.element)
    if found.of:
        found.of = _new_id(plan, found.of)
    found.arrived = {plan.to.get(gate, gate): dict(flows) for gate, flows in found.arrived.items()}
    return found


def _renamed(plan: Plan, wait: Wait) -> Wait:
    handler = plan.to.get(wait.handler, wait.handler)
    if handler == wait.handler:
        return wait
    facts = {name: getattr(wait, name) for name in wait.__struct_fields__}
    return Wait(**{**facts, "handler": handler})


def _new_id(plan: Plan, id_: str) -> str:
    return plan.to.get(id_, id_)


def _process(definition: Definition, case: Case, place: Place) -> Process:
    process = definition.process(place.of or case.process)
    if process is None:
        raise Problem("process-unknown", place.of or case.process)
    return process


def _target(plan: Plan, case: Case, place: Place) -> Process | None:
    return plan.new.process(_new_id(plan, place.of or case.process))


def _is_in_place(plan: Plan, case: Case, place: Place, new: Element) -> bool:
    """Tell whether an element lies right in what stands for the scope of its place."""
    parent = case.places.get(place.parent)
    if parent is None or isinstance(new, Process):
        return True
    if parent.element == place.element:
        return True  # one repetition within the whole of them
    holder = new.container
    wanted = plan.to.get(parent.element, parent.element)
    return getattr(holder, "id", "") == wanted or _is_undoing(new)


def _is_undoing(element: Element) -> bool:
    """Tell whether an activity undoes another: it rests where that was thrown."""
    return bool(getattr(element, "undoes", False))


def _repeats(element: Element) -> bool:
    return getattr(element, "repetition", None) is not None


def _lost_joins(plan: Plan, place: Place, new: Element | None) -> Iterator[str]:
    """Yield the gateways at which tokens wait by flows that the new version has not."""
    elements: Sequence[Element] = new.elements if isinstance(new, Container) else ()
    inside = {one.id: one for one in elements}
    for gate, flows in place.arrived.items():
        there = inside.get(plan.to.get(gate, gate))
        if there is None or not flows.keys() <= {flow.id for flow in there.incoming}:
            yield gate


def _all(definition: Definition) -> Iterator[Element]:
    for process in definition.processes.values():
        yield from process.by_id.values()


def _unique_names(definition: Definition) -> dict[tuple[type[Element], str], Element]:
    found: dict[tuple[type[Element], str], list[Element]] = {}
    for element in _all(definition):
        if element.name:
            found.setdefault((type(element), element.name), []).append(element)
    return {key: elements[0] for key, elements in found.items() if len(elements) == 1}
