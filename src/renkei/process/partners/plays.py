"""What part a definition of ours plays in a public process, and who its partners are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from renkei.process import bpmn
from renkei.process.bpmn.document import line_of, local, own
from renkei.process.bpmn.expressions import Formula, as_text, text_or_formula


@dataclass(frozen=True, slots=True)
class Plays:
    """The extension `plays` of a process: which public process, which participant.

    `partners` say for participants whom no question names which organisation they are.
    """

    collaboration: str
    role: str
    partners: Mapping[str, Formula]

    def organisation(self, role: str, known: bpmn.Variables, at: datetime) -> str:
        """Return which organisation plays a part in a case that knows this; or nothing."""
        formula = self.partners.get(role)
        return "" if formula is None else as_text(formula.value(known, at))


def plays_of(definition: bpmn.Definition) -> Plays | None:
    """Return what a definition plays; None for one that is the house's own affair."""
    held = own(definition.main.xml, "plays")
    if held is None:
        return None
    partners = {
        one.get("participant", ""): text_or_formula(one.get("organisation", ""), line_of(one))
        for one in held
        if isinstance(one.tag, str) and local(one) == "partner"
    }
    return Plays(held.get("collaboration", ""), held.get("participant", ""), partners)
