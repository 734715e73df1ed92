"""What an activity takes in and gives out: the forms of Zeebe and of Camunda 7 read alike."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from renkei.process import feel
from renkei.process.bpmn.case import Place, Variables
from renkei.process.bpmn.document import extensions, line_of, local, text
from renkei.process.bpmn.expressions import Formula, text_or_formula

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run

Mapping = tuple[str, Formula]
"""A name, and what it gets."""


@dataclass(frozen=True, slots=True)
class Mappings:
    """Both directions, in order: a later one sees what an earlier one gave."""

    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()

    @classmethod
    def read(cls, xml: "Xml", reading: "Reading") -> Self:
        """Read the mappings of an element."""
        inputs: list[Mapping] = []
        outputs: list[Mapping] = []
        for held in extensions(xml):
            for one in held:
                match local(held), local(one):
                    case "ioMapping", "input" | "output" as way:
                        source = text_or_formula(one.get("source", ""), line_of(one))
                        pair = one.get("target", ""), reading.check(source)
                    case "inputOutput", "inputParameter" | "outputParameter" as way:
                        words = text(one)
                        pair = one.get("name", ""), text_or_formula(words, line_of(one))
                    case _:
                        continue
                (inputs if way.startswith("input") else outputs).append(pair)
        return cls(tuple(inputs), tuple(outputs))

    def taken(self, run: "Run", place: Place) -> Variables:
        """Return what an activity begins with."""
        return self._made(self.inputs, run, place)

    def given(self, run: "Run", place: Place) -> Variables:
        """Return what its scope gets."""
        return self._made(self.outputs, run, place)

    @staticmethod
    def _made(mappings: tuple[Mapping, ...], run: "Run", place: Place) -> Variables:
        seen, made = dict(run.variables(place)), Variables()
        for name, source in mappings:
            head, *path = name.split(".")
            value = source.value(seen, run.at)
            if path:
                value = _within(made.get(head), path, value)
            made[head] = seen[head] = value
        return made


def _within(held: feel.Value, path: list[str], value: feel.Value) -> feel.Value:
    """Return a context with a value at a path in it, after the manner of Zeebe: `to.name`."""
    if not path:
        return value
    entries = held if isinstance(held, dict) else {}
    return {**entries, path[0]: _within(entries.get(path[0]), path[1:], value)}
