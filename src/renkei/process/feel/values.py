"""The values of FEEL: numbers, ranges and functions; the rest are Python's own or `temporal`'s."""

import decimal
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Union

from renkei.process.feel.durations import DaysTime, YearsMonths
from renkei.process.feel.temporal import Date, DateTime, Time

if TYPE_CHECKING:
    from renkei.process.feel.running import Refused, Run
    from renkei.process.feel.types import Type

Value = Union[
    None,
    bool,
    Decimal,
    str,
    Date,
    Time,
    DateTime,
    YearsMonths,
    DaysTime,
    list["Value"],
    dict[str, "Value"],
    "Range",
    "Function",
]

# IEEE 754-2008 decimal128, as DMN wants it (10.3.2.3.1). Nothing is trapped: what is no number
# becomes null where it arises.
NUMBERS = decimal.Context(
    prec=34, rounding=decimal.ROUND_HALF_EVEN, Emin=-6143, Emax=6144, clamp=1, traps=[]
)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Range:
    """Everything between two ends of one kind; an end that is None is open to infinity."""

    start: Value
    end: Value
    start_included: bool = True
    end_included: bool = True


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function: its name, its type, and what may be missing."""

    name: str
    type: "Type"
    may_be_null: bool = True
    may_be_absent: bool = False
    takes_rest: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """What can be called: parameters, the result's type, and what runs.

    `call` gets the run and one value per parameter, already handed over to their types; `frames` is
    how deep it stands in Python's stack at most, so that recursion ends by our count, not Python's.
    `others` are further ways to call it, tried in their order. `written` is what a text says of it
    and where it was said: functions said alike in one place are equal.
    """

    parameters: tuple[Parameter, ...]
    result: "Type"
    call: "Callable[[Run, list[Any]], Value | Refused]"
    frames: int = 8
    name: str = ""
    others: "tuple[Function, ...]" = ()
    written: tuple[object, object] | None = None
