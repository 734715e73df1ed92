"""FEEL, the expression language of decisions (DMN 1.5, chapter 10), compiled to closures.

Words: *expression*, *unary tests* (a cell of a decision table), *names* (what may stand in a text),
*value*, *problem* (why a value is null), *library* (the functions a text may call), *run*.
Promise: a text reaches nothing but its context, its library and, if given one, a clock; it ends
within its limits of steps, size and depth; whatever goes wrong is a value with its reason.
"""

from renkei.process.feel.calling import call_by_name
from renkei.process.feel.comparing import equal, order
from renkei.process.feel.durations import DaysTime, YearsMonths
from renkei.process.feel.errors import (
    FeelFunctionNotKept,
    FeelSyntaxError,
    FeelTextNotKept,
    FeelTextTooDeep,
    FeelTextTooLong,
    FeelValueUnreadable,
)
from renkei.process.feel.expressions import Expression, Result, Tests, expression, unary_tests
from renkei.process.feel.functions.library import CONFORMANCE, Library
from renkei.process.feel.json_form import Json, dump, load
from renkei.process.feel.literals import literal
from renkei.process.feel.names import NO_NAMES, Names
from renkei.process.feel.running import (
    LIMITS,
    NOWHERE,
    Clock,
    Code,
    Exhausted,
    Limits,
    Place,
    Problem,
    Refused,
    Run,
    Scope,
)
from renkei.process.feel.temporal import Date, DateTime, Time
from renkei.process.feel.testing import Test
from renkei.process.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DAYS_TIME,
    NAMED,
    NULL,
    NUMBER,
    STRING,
    TIME,
    YEARS_MONTHS,
    ContextOf,
    FunctionOf,
    ListOf,
    RangeOf,
    Type,
    coerced,
    conforms,
    type_of,
)
from renkei.process.feel.values import NUMBERS, Function, Parameter, Range, Value

__all__ = [
    "ANY",
    "BOOLEAN",
    "CONFORMANCE",
    "DATE",
    "DATE_TIME",
    "DAYS_TIME",
    "LIMITS",
    "NAMED",
    "NOWHERE",
    "NO_NAMES",
    "NULL",
    "NUMBER",
    "NUMBERS",
    "STRING",
    "TIME",
    "YEARS_MONTHS",
    "Clock",
    "Code",
    "ContextOf",
    "Date",
    "DateTime",
    "DaysTime",
    "Exhausted",
    "Expression",
    "FeelFunctionNotKept",
    "FeelSyntaxError",
    "FeelTextNotKept",
    "FeelTextTooDeep",
    "FeelTextTooLong",
    "FeelValueUnreadable",
    "Function",
    "FunctionOf",
    "Json",
    "Library",
    "Limits",
    "ListOf",
    "Names",
    "Parameter",
    "Place",
    "Problem",
    "Range",
    "RangeOf",
    "Refused",
    "Result",
    "Run",
    "Scope",
    "Test",
    "Tests",
    "Time",
    "Type",
    "Value",
    "YearsMonths",
    "call_by_name",
    "coerced",
    "conforms",
    "dump",
    "equal",
    "expression",
    "literal",
    "load",
    "order",
    "type_of",
    "unary_tests",
]
