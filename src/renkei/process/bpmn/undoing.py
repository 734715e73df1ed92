"""Undoing what was done: the activities that compensate, one after the other, the last first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from renkei.process.bpmn.case import Done, Place
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.model import Container, Element

if TYPE_CHECKING:
    from renkei.process.bpmn.event import CatchingEvent
    from renkei.process.bpmn.run import Run

BESIDE = "beside"
UNDOING = "undoing"
"""What a sub-process notes that is only there to undo itself."""


def begin(
    run: "Run", element: Element, scope: Place, activity: str, *, is_beside: bool = False
) -> bool:
    """Begin to undo what was done in a scope; tell whether there was anything.

    The token rests at the element that wants it until all is undone.
    """
    around = _around(run, scope)
    wanted = [one for one in around.done if not activity or one.element == activity]
    if not wanted:
        return False
    kept = run.mine(around.key)
    kept.done = [one for one in kept.done if one not in wanted]
    place = run.open_place(element, scope)
    place.done = wanted
    if is_beside:
        place.notes[BESIDE] = "1"
    go_on(run, place)
    return True


def _around(run: "Run", scope: Place) -> Place:
    """Return the scope that is meant: within an event sub-process the one around it."""
    at = scope
    while at.parent and run.element(at) in _events(run.element(run.scope_of(at))):
        at = run.scope_of(at)
    return at


def _events(element: Element) -> Sequence[Element]:
    return element.events if isinstance(element, Container) else ()


def _by_activity(run: "Run", place: Place, element: Element, last: Done) -> bool:
    """Begin the activity that undoes another, if there is one."""
    undoer = element.compensation
    if undoer is None:
        return False
    place.tokens = 1
    run.happened(Happened.COMPENSATED, element.id, place.key, {"by": undoer.id})
    undo = run.open_place(undoer, place)
    undo.variables = dict(last.variables)
    run.happened(Happened.ENTERED, undoer.id, undo.key)
    undoer.resume(run, undo)
    return True


def _by_itself(run: "Run", place: Place, last: Done) -> bool:
    """Begin what a sub-process holds to undo itself, in its scope as it was, if there is such."""
    element = run.process_of(place).by_id[last.element]
    start = undoing_start(element)
    if start is None:
        return False
    place.tokens = 1
    run.happened(Happened.COMPENSATED, element.id, place.key, {"by": start.id})
    again = run.open_place(element, place)
    again.variables, again.done = dict(last.variables), list(last.within)
    again.notes[UNDOING] = "1"
    start.overcome(run, again, {})
    return True


def undoing_start(element: Element) -> "CatchingEvent | None":
    """Return the start of the event sub-process by which a sub-process undoes itself."""
    for held in _events(element):
        for start in held.elements if isinstance(held, Container) else ():
            if start.tag == "startEvent" and has_trigger(start, "compensateEventDefinition"):
                return cast("CatchingEvent", start)
    return None


def has_trigger(element: Element, tag: str) -> bool:
    """Tell whether an event has a trigger of a kind."""
    return any(trigger.tag == tag for trigger in getattr(element, "triggers", ()))


def go_on(run: "Run", place: Place) -> None:
    """Undo the next, or end."""
    while place.done:
        last = place.done.pop()
        element = run.process_of(place).by_id[last.element]
        is_whole = any(one.element == last.element for one in last.within)  # of several
        if not is_whole and (
            _by_activity(run, place, element, last) or _by_itself(run, place, last)
        ):
            return
        place.done.extend(last.within)
    element, scope = run.element(place), run.scope_of(place)
    beside = place.notes.get(BESIDE)
    run.close_place(place)
    if beside:
        run.consume(scope)
    else:
        element.undone(run, scope)


def leave_cancelled(run: "Run", transaction: Place) -> None:
    """Leave a transaction that was cancelled, by the event at its boundary that says so."""
    whole = run.scope_of(transaction) if transaction.turn >= 0 else transaction
    element, scope = run.element(whole), run.scope_of(whole)
    cancels = (one for one in element.boundaries if has_trigger(one, "cancelEventDefinition"))
    catcher = next(cancels, None)
    run.cancel(whole)
    if catcher is not None:
        run.happened(Happened.CAUGHT, catcher.id, whole.key)
    run.leave(catcher or element, scope)
