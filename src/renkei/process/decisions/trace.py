"""Why a decision came out as it did: rules that matched, what they saw, what they cite."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from renkei.process import feel
from renkei.process.decisions.model import Rule, TableBox
from renkei.process.decisions.places import Place

Named = tuple[tuple[str, feel.Value], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched, and what it gave; `counts` says whether the hit policy used it."""

    number: int
    id: str
    place: Place
    gave: Named
    counts: bool
    annotations: tuple[tuple[str, str], ...]
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableReason:
    """One table that was asked: its inputs by label, the rules that matched, what came of it."""

    place: Place
    policy: str
    saw: Named
    hits: tuple[Hit, ...]
    gave: feel.Value
    by_default: bool


@dataclass(frozen=True, slots=True)
class DecisionReason:
    """One decision: what it was given, the tables it asked, what it came to, what it rests on."""

    name: str
    question: str
    place: Place
    given: Named
    tables: tuple[TableReason, ...]
    value: feel.Value
    articles: tuple[str, ...]
    model: str
    version: str

    @property
    def cited(self) -> tuple[str, ...]:
        """Return the provisions of the rules that counted, then the decision's own."""
        rules = [a for t in self.tables for hit in t.hits if hit.counts for a in hit.articles]
        return tuple(dict.fromkeys((*rules, *self.articles)))


MOST_TABLES = 1_000
"""Tables told of one decision: a loop may ask a table more often than anybody reads."""


@dataclass(slots=True)
class Reasons:
    """What is collected while a model is evaluated, in the order in which decisions were made."""

    decisions: list[DecisionReason] = field(default_factory=list)
    tables: list[TableReason] = field(default_factory=list)

    def add(self, reason: TableReason) -> None:
        """Keep a table that was asked, up to a limit."""
        if len(self.tables) < MOST_TABLES:
            self.tables.append(reason)

    @contextmanager
    def collecting(self) -> Iterator[list[TableReason]]:
        """Keep the tables of one decision apart from those of the one that waits for it."""
        outer, self.tables = self.tables, []
        try:
            yield self.tables
        finally:
            self.tables = outer


def hit(table: TableBox, rule: Rule, gave: tuple[feel.Value, ...], *, counts: bool) -> Hit:
    """Return what is told of a rule that matched."""
    names = [clause.label or clause.name or table.label for clause in table.outputs]
    return Hit(
        number=rule.number,
        id=rule.id,
        place=rule.place,
        gave=tuple(zip(names, gave, strict=True)),
        counts=counts,
        annotations=rule.annotations,
        articles=rule.articles,
    )
