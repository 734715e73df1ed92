"""The types of FEEL, what conforms to them, and which type is at home in which."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from renkei.process.feel.durations import DaysTime, YearsMonths
from renkei.process.feel.temporal import Date, DateTime, Time
from renkei.process.feel.values import Function, Range, Value


class Type:
    """A set of values; null stands in every set when a value is handed over."""

    __slots__ = ()
    is_null: ClassVar[bool] = False

    @property
    def is_deep(self) -> bool:
        """Whether the parts of a value are looked at to tell whether it is of this type."""
        return False

    def holds(self, value: Value) -> bool:
        """Say whether a value other than null is of this type."""
        raise NotImplementedError

    def accepts(self, other: "Type") -> bool:
        """Say whether every value of the other type is of this one."""
        return self == other


@dataclass(frozen=True, slots=True)
class Plain(Type):
    """A type without parts: number, string, boolean, the temporal ones."""

    name: str
    python: type

    def holds(self, value: Value) -> bool:
        return type(value) is self.python

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class AnyType(Type):
    """Any: every value."""

    def holds(self, value: Value) -> bool:
        return True

    def accepts(self, other: Type) -> bool:
        return True

    def __str__(self) -> str:
        return "Any"


@dataclass(frozen=True, slots=True)
class NullType(Type):
    """Null: nothing but null."""

    is_null: ClassVar[bool] = True

    def holds(self, value: Value) -> bool:
        return value is None

    def __str__(self) -> str:
        return "Null"


@dataclass(frozen=True, slots=True)
class ListOf(Type):
    """list<T>."""

    item: Type

    @property
    def is_deep(self) -> bool:
        return self.item is not ANY

    def holds(self, value: Value) -> bool:
        if self.item is ANY:
            return type(value) is list
        return type(value) is list and all([conforms(item, self.item) for item in value])  # noqa: C419  # a list is faster

    def accepts(self, other: Type) -> bool:
        return isinstance(other, ListOf) and self.item.accepts(other.item)

    def __str__(self) -> str:
        return f"list<{self.item}>"


@dataclass(frozen=True, slots=True)
class RangeOf(Type):
    """range<T>."""

    item: Type

    def holds(self, value: Value) -> bool:
        return (
            type(value) is Range
            and conforms(value.start, self.item)
            and conforms(value.end, self.item)
        )

    def accepts(self, other: Type) -> bool:
        return isinstance(other, RangeOf) and self.item.accepts(other.item)

    def __str__(self) -> str:
        return f"range<{self.item}>"


@dataclass(frozen=True, slots=True)
class ContextOf(Type):
    """context<a: T, …>: at least these entries."""

    entries: Mapping[str, Type] = field(default_factory=dict)

    @property
    def is_deep(self) -> bool:
        return any(of.is_deep for of in self.entries.values())

    def holds(self, value: Value) -> bool:
        return type(value) is dict and all(
            name in value and conforms(value[name], of) for name, of in self.entries.items()
        )

    def accepts(self, other: Type) -> bool:
        return isinstance(other, ContextOf) and all(
            name in other.entries and of.accepts(other.entries[name])
            for name, of in self.entries.items()
        )

    def __str__(self) -> str:
        return "context<" + ", ".join(f"{n}: {t}" for n, t in self.entries.items()) + ">"


@dataclass(frozen=True, slots=True)
class FunctionOf(Type):
    """function<T, …> -> U: what takes these and gives that."""

    parameters: tuple[Type, ...] | None
    result: Type

    def holds(self, value: Value) -> bool:
        return type(value) is Function and self.accepts(
            FunctionOf(tuple(p.type for p in value.parameters), value.result)
        )

    def accepts(self, other: Type) -> bool:
        if not isinstance(other, FunctionOf) or not _meets(self.result, other.result):
            return False
        if self.parameters is None or other.parameters is None:
            return True
        return len(self.parameters) == len(other.parameters) and all(
            _meets(theirs, ours)
            for ours, theirs in zip(self.parameters, other.parameters, strict=True)
        )

    def __str__(self) -> str:
        return f"function<{', '.join(map(str, self.parameters or ()))}> -> {self.result}"


ANY = AnyType()
NULL = NullType()
NUMBER = Plain("number", Decimal)
STRING = Plain("string", str)
BOOLEAN = Plain("boolean", bool)
DATE = Plain("date", Date)
TIME = Plain("time", Time)
DATE_TIME = Plain("date and time", DateTime)
YEARS_MONTHS = Plain("years and months duration", YearsMonths)
DAYS_TIME = Plain("days and time duration", DaysTime)

# By the names of FEEL, and those that DMN's typeRef also uses.
NAMED: dict[str, Type] = {
    "Any": ANY,
    "Null": NULL,
    "number": NUMBER,
    "string": STRING,
    "boolean": BOOLEAN,
    "date": DATE,
    "time": TIME,
    "date and time": DATE_TIME,
    "dateTime": DATE_TIME,
    "years and months duration": YEARS_MONTHS,
    "yearMonthDuration": YEARS_MONTHS,
    "days and time duration": DAYS_TIME,
    "dayTimeDuration": DAYS_TIME,
    "list": ListOf(ANY),
    "context": ContextOf(),
    "range": RangeOf(ANY),
    "function": FunctionOf(None, ANY),
}


def conforms(value: Value, to: Type) -> bool:
    """Say whether a value may be handed over as one of this type: null always may.

    >>> conforms([Decimal(1), None], ListOf(NUMBER)), conforms("1", NUMBER)
    (True, False)
    """
    return value is None or to.holds(value)


def coerced(value: Value, to: Type) -> tuple[bool, Value]:
    """Hand a value over to a type, as DMN 1.5 converts (10.3.2.9.4).

    As it is; as the one item of a list; as a list of one; a day as its midnight in Greenwich.

    >>> coerced(["a"], STRING), coerced("a", ListOf(STRING)), coerced("a", NUMBER)
    ((True, 'a'), (True, ['a']), (False, None))
    """
    if value is None or to.holds(value):
        return True, value
    if type(value) is list:
        if len(value) == 1 and value[0] is not None and to.holds(value[0]):
            return True, value[0]
    elif isinstance(to, ListOf) and to.item.holds(value):
        return True, [value]
    elif to is DATE_TIME and type(value) is Date:
        return True, DateTime(value, Time(0, 0))
    return False, None


def type_of(value: Value) -> Type:
    """Return the narrowest plain name for a value's type, as said in a problem."""
    if value is None:
        return NULL
    for known in NAMED.values():
        if known is not ANY and known.holds(value):
            return known
    return ANY


def _meets(wanted: Type, given: Type) -> bool:
    """A part whose type is not written down is taken at its word."""
    return isinstance(given, AnyType) or wanted.accepts(given)
