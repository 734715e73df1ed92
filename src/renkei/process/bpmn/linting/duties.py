"""Rules of people's tasks and of time: what is said must be something, and come to something."""

from collections.abc import Iterator

from renkei.process.bpmn.duties import LONGEST, Duties, whole
from renkei.process.bpmn.elements.user_task import UserTask
from renkei.process.bpmn.findings import Finding
from renkei.process.bpmn.linting.rules import at
from renkei.process.bpmn.model import Definition, Element, Process

WAITING = frozenset({"userTask", "receiveTask", "intermediateCatchEvent"})
PEOPLE = ("groups", "users", "assignee")


def check(definition: Definition) -> Iterator[Finding]:
    """Yield what is wrong with them."""
    for process in definition.processes.values():
        for element in (process, *process.inner()):
            yield from (at(element, clause, about) for clause, about in _unfit(element.duties))
            yield from _idle(element, process)
            if isinstance(element, UserTask):
                yield from _task(element, process)


def _unfit(duties: Duties) -> Iterator[tuple[str, str]]:
    """Yield what cannot be read: then it is not heeded."""
    if duties.period and duties.days is None:
        yield "period-unfit", duties.period
    if duties.due_days and whole(duties.due_days, 0, LONGEST) is None:
        yield "due-days-unfit", duties.due_days
    for step in duties.ladder:
        if not step.is_fit:
            yield "ladder-unfit", step.at
    names = [one[0] for one in duties.fields]
    for name in dict.fromkeys(names):
        if not name or names.count(name) > 1:
            yield "field-unfit", name


def _idle(element: Element, process: Process) -> Iterator[Finding]:
    """Yield what is said where it comes to nothing."""
    duties = element.duties
    is_process = isinstance(element, Process)
    if duties.stops_clock and (element.tag not in WAITING or process.duties.days is None):
        yield at(element, "clock-stop-idle")
    if duties.period and not is_process:
        yield at(element, "period-idle")
    is_task = isinstance(element, UserTask)
    if not is_task and (duties.four_eyes or duties.due_days or duties.fields):
        yield at(element, "duty-idle")
    if duties.ladder and not is_task and not is_process:
        yield at(element, "duty-idle")


def _task(task: UserTask, process: Process) -> Iterator[Finding]:
    said = {name: task.facts_said[name].text for name in PEOPLE if name in task.facts_said}
    is_for_several = task.lane or "groups" in said or "," in said.get("users", "")
    if task.duties.four_eyes and said and not is_for_several:
        yield at(task, "four-eyes-alone")
    if task.duties.four_eyes and not said and not task.lane:
        yield at(task, "four-eyes-anybody")
    is_due = "due" in task.facts_said or task.duties.due_days or process.duties.period
    if task.duties.ladder and not is_due:
        yield at(task, "ladder-without-due")
