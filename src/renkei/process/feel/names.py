"""The names that may stand in a text, so that "Monthly Income - 3" is read right.

A name may hold spaces, operators, keywords and any letters; what a text means therefore depends
on the names known where it stands. They are matched token by token, the longest first.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from renkei.process.feel.errors import FeelSyntaxError
from renkei.process.feel.lexer import tokens
from renkei.process.feel.types import ContextOf, FunctionOf, ListOf, Type

Spelling = tuple[str, ...]


LONGEST_NAME = 64  # tokens

# What a token that is no word, number or sign says, to a name: nothing a name could hold.
UNSAYABLE: Final = "\n"


class Names:
    """Known names with their types, and the names of types.

    >>> names = Names(["Monthly Income", "Monthly"])
    >>> names.longest(["Monthly", "Income", "-", "3"], 0)
    ('Monthly Income', 2)
    """

    __slots__ = ("_by_first", "_fields", "of", "types")

    def __init__(
        self,
        of: Mapping[str, Type | None] | Iterable[str] = (),
        *,
        types: Mapping[str, Type] | None = None,
    ) -> None:
        """Know these names, with their types where they are known."""
        known = of if isinstance(of, Mapping) else dict.fromkeys(of)
        self.of: dict[str, Type | None] = {}
        self.types: dict[str, Type] = dict(types or {})
        self._by_first: dict[str, dict[int, dict[Spelling, str]]] = {}
        self._fields: Names | None = None
        for name, type_ in known.items():
            self.learn(name, type_)

    def learn(self, name: str, of: Type | None) -> None:
        """Know one more name."""
        if name not in self.of:
            spelling = spelling_of(name)
            if 0 < len(spelling) <= LONGEST_NAME:
                by_length = self._by_first.setdefault(spelling[0], {})
                by_length.setdefault(len(spelling), {})[spelling] = name
        self.of[name] = of

    def longest(self, said: Sequence[str], at: int) -> tuple[str, int] | None:
        """Return the longest known name that stands at a token, and the token after it."""
        by_length = self._by_first.get(said[at])
        if by_length is None:
            return None
        for length in sorted(by_length, reverse=True):
            name = by_length[length].get(tuple(said[at : at + length]))
            if name is not None:
                return name, at + length
        return None

    @property
    def fields(self) -> "Names":
        """The names of all entries of all contexts among the types, however deep."""
        if self._fields is None:
            found: dict[str, Type | None] = {}
            for of in (*self.of.values(), *self.types.values()):
                _gather(of, found, 0)
            self._fields = Names(found)
        return self._fields


def entries_of(of: Type | None) -> Names | None:
    """Return the names within a value of a type: entries of a context, or of a list's items."""
    while isinstance(of, ListOf):
        of = of.item
    return Names(of.entries) if isinstance(of, ContextOf) else None


def _gather(of: Type | None, found: dict[str, Type | None], depth: int) -> None:
    if depth > 8:
        return
    if isinstance(of, ListOf):
        _gather(of.item, found, depth + 1)
    elif isinstance(of, ContextOf):
        for name, inner in of.entries.items():
            found.setdefault(name, inner)
            _gather(inner, found, depth + 1)
    elif isinstance(of, FunctionOf):
        _gather(of.result, found, depth + 1)


def spelling_of(name: str) -> Spelling:
    """Return a name as tokens: white space within it says nothing.

    >>> spelling_of("Extra days  case 1"), spelling_of("Approved/Declined")
    (('Extra', 'days', 'case', '1'), ('Approved', '/', 'Declined'))
    """
    try:
        return tuple(token.text for token in tokens(name)[:-1])
    except FeelSyntaxError:  # half a text stands in it: no expression can say such a name
        return ()


NO_NAMES: Final = Names()
