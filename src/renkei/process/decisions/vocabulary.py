"""The names that may stand in an expression of a model, and the types they have."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from renkei.process import feel


@dataclass(slots=True)
class Vocabulary:
    """Names with their types; made once for all expressions that know the same names."""

    known: Mapping[str, feel.Type | None]
    types: Mapping[str, feel.Type]
    _names: feel.Names | None = field(default=None)

    @property
    def names(self) -> feel.Names:
        """Return the names as expressions read them."""
        if self._names is None:
            self._names = feel.Names(self.known, types=self.types)
        return self._names

    def plus(self, more: Mapping[str, feel.Type | None]) -> "Vocabulary":
        """Return these names and more, which hide those of the same spelling."""
        return Vocabulary({**self.known, **more}, self.types)
