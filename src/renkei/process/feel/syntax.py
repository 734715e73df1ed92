"""The parts of a text once read: what the parser makes and the compiler takes."""

from dataclasses import dataclass, field
from typing import Literal as One

from renkei.process.feel.running import Place
from renkei.process.feel.types import Type
from renkei.process.feel.values import Value

Comparison = One["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression; `type` is its type where the text alone tells."""

    place: Place = field(compare=False)
    type: Type | None = field(default=None, kw_only=True, compare=False)


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A value written down."""

    value: Value


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable; `known` if the names given to the parser hold it."""

    name: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Path(Node):
    """A part of a value: of a context, a date, a range, or of each item of a list."""

    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """The items of a list that pass, or the one at a position."""

    base: Node
    test: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function called with arguments in order, or by name."""

    function: Node
    arguments: tuple[Node, ...] = ()
    named: tuple[tuple[str, Node], ...] | None = None


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Operators of one rank from left to right: a + b - c."""

    first: Node
    rest: tuple[tuple[str, Place, Node], ...]


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """And, or: three-valued."""

    operator: One["and", "or"]
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """The opposite number or duration."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """Two values compared."""

    operator: Comparison
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """A value between two others, both ends included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """A value that passes one of some tests."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """A value of a type; None is one that is not wholly named, such as a bare `list`."""

    value: Node
    of: Type | None


@dataclass(frozen=True, slots=True)
class If(Node):
    """Conditions with what holds under the first that is true, and what holds otherwise."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator(Node):
    """A variable that goes through a list, a range, or from one whole number to another."""

    name: str
    domain: Node
    end: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """A list of what the body gives for each turn."""

    iterators: tuple[Iterator, ...]
    body: Node
    looks_back: bool  # the body speaks of `partial`


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """Some or every turn satisfies the body."""

    kind: One["some", "every"]
    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Definition(Node):
    """A function written down; `body` is None for one kept outside, which is refused."""

    parameters: tuple[tuple[str, Type], ...]
    body: Node | None


@dataclass(frozen=True, slots=True)
class ListOfNodes(Node):
    """A list written down."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOfNodes(Node):
    """A context written down: each entry sees those before it."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeOfNodes(Node):
    """A range written down; an end that is None is open to infinity."""

    start: Node | None
    end: Node | None
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True)
class Against(Node):
    """A test by an operator and a value: > 5."""

    operator: Comparison
    value: Node


@dataclass(frozen=True, slots=True)
class Passing(Node):
    """A test by an expression: equal to it, within it, or true by it."""

    expression: Node
    asks: bool  # the expression speaks of the tested value itself, as `?`


@dataclass(frozen=True, slots=True)
class BadMoment(Node):
    """An at-literal that is no date, time or duration: null, and why."""

    said: str
