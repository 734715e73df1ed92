"""What is laid over a picture: of one case where it is, of many how it goes."""

from collections import Counter
from collections.abc import Mapping

from renkei.process import bpmn
from renkei.process.bpmn import Kind
from renkei.process.bpmn.drawing import Mark


def marks_of(case: bpmn.Case) -> Mapping[str, Mark]:
    """Return where the tokens of a case are, and what of it waits for a person."""
    tokens = Counter(one.element for one in case.places.values() if one.parent)
    stuck = Counter(
        case.places[one.place].element for one in case.waits.values() if one.kind is Kind.INCIDENT
    )
    return {id_: Mark(tokens=tokens[id_], incidents=stuck[id_]) for id_ in tokens}
