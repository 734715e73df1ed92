"""The core: of a case and a command, the next case, what happened, and what is to be done outside.

No clock, no chance, no database, no network: the same gives the same, so that a case can be
replayed, a change tried on it, and what would be if.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from renkei.process.bpmn import catching, commands
from renkei.process.bpmn.case import Case, Kind, Place, Status, Variables, Wait
from renkei.process.bpmn.errors import CommandUnfit
from renkei.process.bpmn.expressions import Problem
from renkei.process.bpmn.happenings import Happened, Outcome
from renkei.process.bpmn.model import Container, Definition, Element, Process
from renkei.process.bpmn.run import Run


def new_case(definition: Definition, process: str = "") -> Case:
    """Return a case that has not begun, of the process named or the main one."""
    found = definition.process(process) if process else definition.main
    if found is None:
        raise CommandUnfit("no-process", process=process, file=definition.document.name)
    return Case(definition.hash, found.id)


def advance(definition: Definition, case: Case, command: commands.Command) -> Outcome:
    """Return what becomes of a case by a command; the case given is left as it is.

    CommandUnfit for a command that does not fit where the case stands: then nothing happened.
    """
    if case.definition != definition.hash:
        raise CommandUnfit("other-definition", definition=case.definition[:12])
    if case.status is not Status.RUNNING:
        raise CommandUnfit(f"case-{case.status.value}")
    if isinstance(command, commands.Start) == bool(case.places):
        raise CommandUnfit("case-begun" if case.places else "case-not-begun")
    run = Run(definition, case, command.at)
    _take(run, command)
    run.work()
    return run.outcome()


def visible(definition: Definition, case: Case, wait: int) -> Variables:
    """Return what can be seen from where something is waited for."""
    held = case.waits.get(wait)
    if held is None:
        raise CommandUnfit("nothing-waits-under", key=wait)
    run = Run(definition, case, datetime.min.replace(tzinfo=UTC))
    return dict(run.variables(case.places[held.place]))


def catches(definition: Definition, case: Case, wait: int, code: str) -> bool:
    """Tell whether the model says what then, where a task or job ends with this error."""
    held = case.waits.get(wait)
    if held is None:
        raise CommandUnfit("nothing-waits-under", key=wait)
    run = Run(definition, case, datetime.min.replace(tzinfo=UTC))
    return catching.is_caught(run, case.places[held.place], code)


def _take(run: Run, command: commands.Command) -> None:
    match command:
        case commands.Start():
            _start(run, command)
        case commands.Bring():
            _bring(run, command)
        case commands.Throw():
            _throw(run, command)
        case commands.Trouble():
            _trouble(run, command)
        case commands.Resume():
            _resume(run, command)
        case commands.Skip():
            _skip(run, command)
        case commands.Choose():
            wait, place, handler = _found(run, command.wait, {Kind.CHOICE})
            handler.choose(run, place, wait, command.element)
        case commands.Change():
            _change(run, command)
        case commands.Move():
            _move(run, command)
        case commands.Cancel():
            run.end(Status.CANCELLED)


def _start(run: Run, command: commands.Start) -> None:
    process = run.definition.process(run.case.process)
    assert process is not None  # noqa: S101 # new_case looked
    element = _beginning(process, command.element)
    place = run.open_place(process, None)
    place.variables = dict(command.variables)
    run.happened(Happened.STARTED, process.id, place.key, dict(command.variables))
    if element is None:
        run.trying(place, process, lambda: run.begin_in(place, process))
        return
    run.trying(place, process, lambda: run.watch_over(place, process))
    place.tokens = 1
    element.begun(run, place)


def _beginning(process: Process, id_: str) -> Element | None:
    """Return the element named at which a process begins; none for its plain beginning."""
    if not id_:
        if process.elements and not process.beginnings:
            raise CommandUnfit("nothing-begins", process=process.id)
        return None
    element = process.by_id.get(id_)
    if element is None or element.container is not process or not _begins(element):
        raise CommandUnfit("no-beginning", process=process.id, element=id_)
    return element


def _begins(element: Element) -> bool:
    """Tell whether a process can begin here: at a start, or at an event that a gateway awaits."""
    before = [flow.source for flow in element.incoming]
    awaited = [one.tag == "eventBasedGateway" and not one.incoming for one in before]
    return element.woken or element.starts or (bool(awaited) and all(awaited))


def _found(run: Run, key: int, kinds: set[Kind]) -> tuple[Wait, Place, Element]:
    wait = run.waits.get(key)
    if wait is None or wait.kind not in kinds:
        raise CommandUnfit("nothing-waits-under", key=key)
    place = run.mine(wait.place)
    return wait, place, run.process_of(place).by_id[wait.handler]


OUTSIDE = {Kind.TASK, Kind.JOB, Kind.TIMER, Kind.MESSAGE, Kind.SIGNAL}


def _bring(run: Run, command: commands.Bring) -> None:
    wait, place, handler = _found(run, command.wait, OUTSIDE)
    if not handler.keeps(wait):
        run.spent(wait)
    try:
        handler.caught(run, place, wait, command.variables)
    except Problem as problem:
        if place.element != handler.id and command.variables:  # what came must not be lost
            raise CommandUnfit(
                "event-failed", element=handler.id, problem=problem.code, about=problem.reason
            ) from None
        run.trouble(run.mine(place.key), handler, problem.code, problem.reason)


def _throw(run: Run, command: commands.Throw) -> None:
    wait, place, handler = _found(run, command.wait, {Kind.TASK, Kind.JOB})
    if command.is_escalation:
        throw: Callable[..., object] = catching.escalate
    else:
        throw = catching.throw_error
    try:
        throw(run, place, command.code, command.variables, by=handler)
    except Problem as problem:
        if not command.is_escalation:
            run.spent(wait)
        run.trouble(run.mine(place.key), handler, problem.code, problem.reason)


def _trouble(run: Run, command: commands.Trouble) -> None:
    wait, place, handler = _found(run, command.wait, {Kind.TASK, Kind.JOB})
    run.spent(wait)
    run.trouble(place, handler, command.code, command.reason)


def _resume(run: Run, command: commands.Resume) -> None:
    """Try again: an activity at its place, anything else as if its token came anew."""
    wait, place, handler = _found(run, command.wait, {Kind.INCIDENT})
    run.spent(wait)
    if command.variables:
        run.assign(place, command.variables)
    run.happened(Happened.RESUMED, handler.id, place.key)
    run.resume(place, handler)


def _skip(run: Run, command: commands.Skip) -> None:
    place = _place(run, command.place)
    element = run.element(place)
    if element.duties.four_eyes:
        raise CommandUnfit("two-do-this", element=element.id)
    run.assign(run.scope_of(place), command.variables)
    run.happened(Happened.MOVED, element.id, place.key, {"skipped": True})
    element.skip(run, place)


def _change(run: Run, command: commands.Change) -> None:
    place = run.mine(command.place) if command.place in run.places else run.mine(min(run.places))
    if command.place and command.place != place.key:
        raise CommandUnfit("no-place", key=command.place)
    place.variables |= command.variables
    run.is_changed = True
    run.happened(Happened.CHANGED, place.element, place.key, dict(command.variables))


def _move(run: Run, command: commands.Move) -> None:
    place = _place(run, command.place)
    scope = run.scope_of(place)
    container = run.element(place).container
    target = run.process_of(place).by_id.get(command.element)
    is_fit = target is not None and target.container is container and target.is_on_the_way
    if target is None or not is_fit or not isinstance(run.element(scope), Container):
        raise CommandUnfit("not-in-scope", element=command.element, place=place.element)
    run.cancel(place)
    run.happened(Happened.MOVED, place.element, place.key, {"to": target.id})
    run.send(target, scope)


def _place(run: Run, key: int) -> Place:
    place = run.places.get(key)
    if place is None or not place.parent:
        raise CommandUnfit("no-token", key=key)
    return place
