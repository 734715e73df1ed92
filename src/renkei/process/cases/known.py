"""What cases are found by: single values they know as a whole, by name or by path.

A path leads through contexts (`child.age`); a list is known to be there, not what is in it. The
comparisons of texts and of numbers are those that row-level security lets an index answer.
"""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from renkei.process import feel
from renkei.process.bpmn import Variables

LONGEST = 200
"""Of a name, and of a value; a longer value is cut, and found by no equal one."""
DEEPEST = 5
MOST = 300
"""Values a case is found by."""


class Known(NamedTuple):
    """A value as it is looked for: as text, and of a number as one."""

    said: str
    number: float | None = None

    @classmethod
    def of(cls, value: feel.Value) -> "Known":
        """Return a value as it is looked for; one without an order is only there.

        >>> Known.of(Decimal("600.0")), Known.of(True)
        (Known(said='600', number=600.0), Known(said='true', number=None))
        """
        match value:
            case bool():
                return cls(str(value).lower())
            case Decimal():
                return cls(format(value.normalize(), "f")[:LONGEST], float(value))
            case str():
                return cls(value if len(value) <= LONGEST else f"{value[:LONGEST]}…")
            case feel.Date() | feel.DateTime() | feel.Time():
                return cls(str(value))
            case _:
                return cls("")

    def written(self) -> tuple[str, str | None]:
        """Return it as JSON carries it, which has no number without bounds."""
        return self.said, None if self.number is None else str(self.number)


def known(variables: Variables) -> dict[str, Known]:
    """Return what a case is found by, by name or path."""
    found: dict[str, Known] = {}
    for name, value in _values("", variables, 1):
        if len(found) == MOST:
            break
        found[name] = Known.of(value)
    return found


def _values(
    before: str, variables: Mapping[str, feel.Value], depth: int
) -> Iterator[tuple[str, feel.Value]]:
    for name, value in variables.items():
        path = f"{before}{name}"
        if len(path) > LONGEST or "\0" in path:
            continue
        yield path, value
        if isinstance(value, dict) and depth < DEEPEST:
            yield from _values(f"{path}.", value, depth + 1)


def changes(before: Variables, after: Variables) -> tuple[Collection[str], Mapping[str, Known]]:
    """Return the names by which nothing is found any more, and what is new or found otherwise."""
    if before == after:
        return (), {}
    was, now = known(before), known(after)
    new = {name: one for name, one in now.items() if was.get(name) != one}
    return was.keys() - now.keys(), new
