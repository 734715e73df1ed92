"""Undoing what was done: the activities that compensate, one after the other, the last first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Place
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.model import Container, Element

if TYPE_CHECKING:
    from renkei.process.bpmn.run import Run

BESIDE = "beside"


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
    place.done = sorted(wanted, key=lambda one: one.order)
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


def go_on(run: "Run", place: Place) -> None:
    """Undo the next, or end."""
    while place.done:
        last = place.done.pop()
        element = run.process_of(place).by_id[last.element]
        undoer = element.compensation
        is_whole = getattr(element, "repetition", None) is not None and last.within
        if undoer is not None and not is_whole:
            place.tokens = 1
            run.happened(Happened.COMPENSATED, element.id, place.key, {"by": undoer.id})
            undo = run.open_place(undoer, place)
            undo.variables = dict(last.variables)
            run.happened(Happened.ENTERED, undoer.id, undo.key)
            undoer.resume(run, undo)
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
    element, scope = run.element(transaction), run.scope_of(transaction)
    catcher = next(
        (
            one
            for one in element.boundaries
            if any(
                trigger.tag == "cancelEventDefinition" for trigger in getattr(one, "triggers", ())
            )
        ),
        None,
    )
    run.cancel(transaction)
    if catcher is not None:
        run.happened(Happened.CAUGHT, catcher.id, transaction.key)
    run.leave(catcher or element, scope)
