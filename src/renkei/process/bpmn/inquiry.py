"""A question to another organisation as a step: what the model says about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from renkei.process import feel
from renkei.process.bpmn.case import Place
from renkei.process.bpmn.document import line_of, own
from renkei.process.bpmn.expressions import Formula, text_or_formula

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run

NEEDED = ("service", "organisation", "subject", "procedure", "unit")
MORE = ("items", "year", "consent", "relation", "purpose", "to", "result")


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Of whom (`organisation`), which service, about whom, for which procedure and unit.

    What comes is known under `result`. With `to` a procedure begins by it: letters to that
    participant of the public process are about the same person.
    """

    said: Mapping[str, Formula]

    @classmethod
    def read(cls, xml: "Xml", reading: "Reading") -> Self | None:
        """Read the extension of ours; None where there is none."""
        held = own(xml, "inquiry")
        if held is None:
            return None
        given = {name: held.get(name, "") for name in (*NEEDED, *MORE)}
        return cls(
            {
                name: reading.check(text_or_formula(words, line_of(held)))
                for name, words in given.items()
                if words
            }
        )

    @property
    def service(self) -> str:
        """Return which service is asked, as the model says it."""
        return self.said["service"].text if "service" in self.said else ""

    def missing(self) -> Iterator[str]:
        """Yield what the model should say and does not."""
        yield from (name for name in NEEDED if name not in self.said)

    def about(self, run: "Run", place: Place) -> dict[str, feel.Value]:
        """Return what is asked from a place."""
        seen = run.variables(place)
        return {name: formula.value(seen, run.at) for name, formula in self.said.items()}
