"""Joins that do not match the splits before them: all are waited for where one comes, or none."""

from collections.abc import Iterator

from renkei.process.bpmn.findings import Finding
from renkei.process.bpmn.linting.rules import at, elements_of, is_gateway
from renkei.process.bpmn.model import Definition, Element, Flow

ONE = frozenset({"exclusiveGateway", "eventBasedGateway"})
SOME = frozenset({"inclusiveGateway", "complexGateway"})


def check(definition: Definition) -> Iterator[tuple[Element, Finding]]:
    """Yield each join that does not match, with its finding."""
    for element in elements_of(definition):
        if len(element.incoming) < 2:
            continue
        split = _split_before(element)
        if split is None or split.tag in SOME or element.tag in SOME:
            continue
        if split.tag in ONE and element.tag == "parallelGateway":
            yield element, at(element, "join-waits-in-vain", split.title)
        elif split.tag not in ONE and element.tag != "parallelGateway" and _goes_all_ways(split):
            yield element, at(element, "join-lets-all-through", split.title)


def _goes_all_ways(split: Element) -> bool:
    return is_gateway(split) or not any(one.condition for one in split.outgoing)


def _split_before(join: Element) -> Element | None:
    """Return the nearest element that the ways to a join come from by different flows."""
    behind = [_behind(flow, join) for flow in join.incoming]
    found: list[tuple[int, int, Element]] = []
    common = {one for far in behind for one in far if len(one.outgoing) > 1}
    for turn, split in enumerate(sorted(common, key=lambda one: (one.line, one.id))):
        reached = [far for far in behind if split in far]
        if len(reached) > 1 and _parts(split, join, behind):
            found.append((sum(far[split] for far in reached), turn, split))
    return min(found, key=lambda one: one[:2])[2] if found else None


def _behind(flow: Flow, join: Element) -> dict[Element, int]:
    """Return what lies behind a flow, and how far, up to the join itself."""
    far: dict[Element, int] = {}
    waiting = [(flow.source, 1)]
    for element, steps in waiting:  # grows while it is gone through
        if element in far or element is join:
            continue
        far[element] = steps
        waiting += [(one.source, steps + 1) for one in element.incoming]
        if element.host is not None:
            waiting.append((element.host, steps + 1))
    return far


def _parts(split: Element, join: Element, behind: list[dict[Element, int]]) -> bool:
    """Tell whether different flows of a split lead to different flows of a join."""
    ways: list[set[int]] = []
    for number, far in enumerate(behind):
        if split not in far:
            continue
        direct = join.incoming[number]
        ways.append(
            {
                place
                for place, flow in enumerate(split.outgoing)
                if flow.target in far or flow is direct
            }
        )
    return len(ways) > 1 and any(len(one ^ other) for one in ways for other in ways)
