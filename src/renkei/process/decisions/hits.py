"""Hit policies: which of the rules that match decide, and what they come to together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from renkei.process import feel
from renkei.process.decisions.closures import running
from renkei.process.decisions.model import TableBox
from renkei.process.feel import Scope, Value

Gave: TypeAlias = tuple[Value, ...]
"""What a rule gave, a value for each output."""

Row: TypeAlias = Callable[[int, Scope], Gave]
Rank: TypeAlias = Callable[[Gave], tuple[int, ...]]

_AGGREGATES = {
    sign: feel.expression(f"{name}(items)", feel.Names(["items"])).code
    for sign, name in (("+", "sum"), ("<", "min"), (">", "max"), ("#", "count"))
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What a table came to, and what the rules gave that counted for it."""

    value: Value
    counted: Mapping[int, Gave] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HitPolicy:
    """The hit policy of one table: how rules give rows, and how rows are ranked."""

    table: TableBox
    row: Row
    rank: Rank

    def decide(self, hits: Sequence[int], scope: Scope) -> Decided:
        """Return what the rules that matched, of which there is one at least, come to."""
        match self.table.policy:
            case "U":
                return self._unique(hits, scope)
            case "A":
                return self._any(hits, scope)
            case "F":
                return self._of_one(hits[0], self.row(hits[0], scope))
            case "P":
                rows = [self.row(hit, scope) for hit in hits]
                best = min(range(len(rows)), key=lambda at: self.rank(rows[at]))
                return self._of_one(hits[best], rows[best])
            case "O":
                given = [(self.row(hit, scope), hit) for hit in hits]
                given.sort(key=lambda one: self.rank(one[0]))
                return Decided([self._value(row) for row, _ in given], {h: row for row, h in given})
            case "R" | "C":
                rows = [self.row(hit, scope) for hit in hits]
                return Decided(self._collected(rows, scope), dict(zip(hits, rows, strict=True)))

    def _unique(self, hits: Sequence[int], scope: Scope) -> Decided:
        if len(hits) == 1:
            return self._of_one(hits[0], self.row(hits[0], scope))
        self._tell(scope, "decision-several-rules", hits)
        return Decided(None)

    def _of_one(self, hit: int, row: Gave) -> Decided:
        return Decided(self._value(row), {hit: row})

    def _any(self, hits: Sequence[int], scope: Scope) -> Decided:
        rows = [self.row(hit, scope) for hit in hits]
        for other in rows[1:]:
            if not all(
                feel.equal(a, b, scope.run) is True for a, b in zip(rows[0], other, strict=True)
            ):
                self._tell(scope, "decision-results-differ", hits)
                return Decided(None)
        return Decided(self._value(rows[0]), dict(zip(hits, rows, strict=True)))

    def _collected(self, rows: list[Gave], scope: Scope) -> Value:
        values = [self._value(row) for row in rows]
        sign = self.table.aggregator
        if not sign or self.table.policy == "R":
            return values
        if len(self.table.outputs) > 1 and sign != "#":
            self._tell(scope, "decision-aggregate-compound", [])
            return None
        running(scope).place = self.table.place
        return _AGGREGATES[sign](Scope({"items": values}, scope.run, running(scope).library))

    def _value(self, row: Gave) -> Value:
        """Return one value as it is, several as a context by the names of the outputs."""
        if len(row) == 1:
            return row[0]
        return {one.name: value for one, value in zip(self.table.outputs, row, strict=True)}

    def _tell(self, scope: Scope, code: str, hits: Sequence[int]) -> None:
        numbers = ", ".join(str(self.table.rules[hit].number) for hit in hits)
        running(scope).tell(code, self.table.place, rules=numbers)
