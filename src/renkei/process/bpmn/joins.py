"""Tokens that wait at a joining gateway, and which others could still come to it."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Place
from renkei.process.bpmn.model import Element, Flow

if TYPE_CHECKING:
    from renkei.process.bpmn.run import Run


def arrive(run: "Run", scope: Place, gate: Element, flow: Flow) -> Mapping[str, int]:
    """Let a token wait at a gateway; return how many wait there by each flow."""
    there = run.mine(scope.key).arrived.setdefault(gate.id, {})
    there[flow.id] = there.get(flow.id, 0) + 1
    return there


def depart(run: "Run", scope: Place, gate: Element) -> None:
    """Let one token of those that wait go on for one by each flow."""
    kept = run.mine(scope.key)
    there = kept.arrived[gate.id]
    kept.tokens -= len(there) - 1
    left = {flow: count - 1 for flow, count in there.items() if count > 1}
    if left:
        kept.arrived[gate.id] = left
    else:
        del kept.arrived[gate.id]


def gather(run: "Run", scope: Place, element: Element, flow: Flow, wanted: int) -> bool:
    """Let a token wait until so many are there, by whichever flows; then let them go on as one."""
    there = arrive(run, scope, element, flow)
    if sum(there.values()) < wanted:
        return False
    merge(run, scope, element)
    return True


def merge(run: "Run", scope: Place, element: Element) -> None:
    """Let all tokens that wait at an element go on as one."""
    kept = run.mine(scope.key)
    kept.tokens -= sum(kept.arrived.pop(element.id).values()) - 1


def may_more_come(
    run: "Run", scope: Place, gate: Element, there: Collection[str] | None = None
) -> bool:
    """Tell whether a token elsewhere in the scope could still come by a flow where none waits.

    A token that could also come by a flow where one waits does not count (BPMN 2.0.2, 13.4.3).
    Where tokens wait, or came before, `there` says otherwise.
    """
    there = scope.arrived[gate.id] if there is None else there
    empty = _before(gate, [one for one in gate.incoming if one.id not in there])
    if not empty:
        return False
    filled = _before(gate, [one for one in gate.incoming if one.id in there])
    return any(one in empty and one not in filled for one in _standing(run, scope, gate))


def is_moving_before(run: "Run", scope: Place, element: Element) -> bool:
    """Tell whether something is under way from which a token could still come to an element."""
    before = _before(element, element.incoming)
    by_id = run.process_of(scope).by_id
    return any(by_id[one.element] in before for one in run.within(scope))


def _standing(run: "Run", scope: Place, gate: Element) -> set[Element]:
    """Return the elements of a scope at which tokens rest, or to which one is on its way."""
    by_id = run.process_of(scope).by_id
    resting = {by_id[one.element] for one in run.within(scope)}
    waiting = {by_id[other] for other in scope.arrived if other != gate.id}
    return resting | waiting | run.moving(scope)


def _before(gate: Element, flows: list[Flow]) -> set[Element]:
    """Return every element from which a token can come by these flows, not through the gateway."""
    found: set[Element] = set()
    waiting = [flow.source for flow in flows]
    while waiting:
        element = waiting.pop()
        if element in found or element is gate:
            continue
        found.add(element)
        waiting += element.before
    return found
