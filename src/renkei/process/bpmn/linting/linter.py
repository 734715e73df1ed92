"""All rules on one model. What a search saw says more than what a rule of the form supposes."""

from collections.abc import Iterator

from renkei.process.bpmn.activity import Activity
from renkei.process.bpmn.findings import Finding
from renkei.process.bpmn.linting import duties, events, flow, forms, joins, names
from renkei.process.bpmn.linting.rules import at, elements_of
from renkei.process.bpmn.linting.search import Found, Search
from renkei.process.bpmn.model import Definition, Element
from renkei.process.bpmn.order import after
from renkei.standard import Catalogue


def lint(definition: Definition, known: Catalogue | None = None) -> list[Finding]:
    """Return everything that is wrong or doubtful in a model, by line.

    Forms are looked for in the standard given, else in the one that comes with the program.
    """
    form = [*flow.check(definition), *events.check(definition), *names.check(definition)]
    form += [*duties.check(definition), *forms.check(definition, known)]
    own = [
        at(element, clause, about)
        for element in elements_of(definition)
        for clause, about in element.defects(definition)
    ]
    unreached = {one.element for one in form if one.clause == "element-unreachable"}
    searched = list(_searched(definition, unreached))
    return sorted({*definition.findings, *form, *own, *searched})


def _searched(definition: Definition, unreached: set[str]) -> Iterator[Finding]:
    found = Search(definition).all()
    by_id = {one.id: one for one in elements_of(definition)}
    explained: set[str] = set()
    for join, finding in joins.check(definition):
        behind = {one.id for one in _behind(join)}
        if finding.clause == "join-waits-in-vain":
            is_so, what = join.id in found.stuck, {join.id}
        else:
            is_so, what = bool(behind & (found.twice | found.ends)), behind
        if is_so or not found.is_complete:
            explained |= what
            yield finding
    yield from _told(found, by_id, explained)
    if not found.is_complete:
        process = definition.main
        yield at(process, "not-searched", str(found.states))
        return
    for element in by_id.values():
        if not isinstance(element, Activity) or element.undoes:
            continue
        is_explained = _is_behind_stuck(element, found, by_id, unreached)
        if element.id not in found.seen and element.id not in unreached and not is_explained:
            yield at(element, "activity-dead")


def _told(found: Found, by_id: dict[str, Element], explained: set[str]) -> Iterator[Finding]:
    if found.grows:  # then everything is under way twice, sooner or later
        yield at(by_id[min(found.grows & set(by_id))], "tokens-unbounded")
        return
    for clause, ids in (
        ("deadlock", found.stuck),
        ("synchronisation-missing", found.twice),
        ("completion-improper", found.ends - found.twice),
        ("end-out-of-reach", found.endless),
    ):
        for id_ in sorted(ids - explained):
            if id_ in by_id and not (clause == "completion-improper" and found.twice):
                yield at(by_id[id_], clause)


def _behind(element: Element) -> set[Element]:
    """Return an element and everything that can come after it."""
    found: set[Element] = set()
    waiting = [element]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += after(one)
    return found


def _is_behind_stuck(
    element: Element, found: Found, by_id: dict[str, Element], unreached: set[str]
) -> bool:
    """Tell whether it is dead only since a case is stuck, or nothing leads there, before it."""
    causes = [by_id[id_] for id_ in (found.stuck | found.troubled | unreached) if id_ in by_id]
    around: set[Element] = set()
    one: Element | None = element
    while isinstance(one, Element):
        around.add(one)
        one = one.container if isinstance(one.container, Element) else None
    return any(around & _behind(cause) for cause in causes)
