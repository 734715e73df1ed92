"""One evaluation of a model: what FEEL needs to run, the problems with their places, the trace."""

from collections.abc import Mapping
from typing import TypeAlias

from renkei.process import feel
from renkei.process.decisions.findings import Problem
from renkei.process.decisions.places import Place
from renkei.process.decisions.trace import Reasons

NOWHERE = Place("", 0)

Inputs: TypeAlias = Mapping[str, feel.Value]


class Evaluation(feel.Run):
    """A run of FEEL that knows which element of the model is being evaluated.

    `reasons` collects why each decision came out as it did, if anybody wants to know.
    """

    __slots__ = ("inputs", "library", "place", "reasons", "troubles", "values")

    def __init__(
        self,
        inputs: Inputs,
        *,
        clock: feel.Clock | None = None,
        limits: feel.Limits = feel.LIMITS,
        reasons: Reasons | None = None,
        library: feel.Library = feel.CONFORMANCE,
    ) -> None:
        """Begin with inputs and nothing decided."""
        super().__init__(clock, limits)
        self.inputs = inputs
        self.library = feel.Scope(library.functions, self)
        self.place = NOWHERE
        self.troubles: list[Problem] = []
        self.reasons = reasons
        self.values: dict[str, feel.Value] = {}

    def note(self, code: str, place: feel.Place, facts: Mapping[str, object]) -> None:
        """Keep a problem of an expression, under the element it stands in."""
        if len(self.troubles) < self.limits.problems:
            inner = feel.Problem(code, place, facts)
            self.troubles.append(Problem(code, self.place, inner=inner))

    def tell(self, code: str, place: Place, /, **facts: object) -> None:
        """Keep a problem of an element; its value is null."""
        if len(self.troubles) < self.limits.problems:
            self.troubles.append(Problem(code, place, facts))
