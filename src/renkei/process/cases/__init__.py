"""Cases kept in the database: definitions, commands, events, waits, and what comes and goes.

Words: *definition* (定義), *case* (案件), *event*, *wait*, *job*, *lease*, *fence*, *inbox*.
Promise: exactly-once state, at-least-once delivery, effectively once for receivers that honour the
key. A command and everything it brings about stand in one transaction, or none of it does; a case
has one writer at a time; no event can be taken out of a history without its hashes showing it.
Trust: who may give which command is decided above, before; actor and basis are written as told.
"""

from renkei.process.cases.batch import Given
from renkei.process.cases.cases import Begun, Taken, begin, forget_commands, take, take_all
from renkei.process.cases.definitions import (
    Deployed,
    Library,
    by_hash,
    deploy,
    deployed,
    withdraw,
)
from renkei.process.cases.errors import (
    CalendarUnreadable,
    CaseUnknown,
    CommandReused,
    DefinitionAltered,
    DefinitionUnsigned,
    LeaseLost,
    ProcessNotInForce,
)
from renkei.process.cases.histories import (
    CaseFound,
    CaseRow,
    Past,
    case_of,
    find,
    history,
    is_whole,
)
from renkei.process.cases.statistics import ElementFigures, Tally, figures, tallies

__all__ = [
    "Begun",
    "CalendarUnreadable",
    "CaseFound",
    "CaseRow",
    "CaseUnknown",
    "CommandReused",
    "DefinitionAltered",
    "DefinitionUnsigned",
    "Deployed",
    "ElementFigures",
    "Given",
    "LeaseLost",
    "Library",
    "Past",
    "ProcessNotInForce",
    "Taken",
    "Tally",
    "begin",
    "by_hash",
    "case_of",
    "deploy",
    "deployed",
    "figures",
    "find",
    "forget_commands",
    "history",
    "is_whole",
    "take",
    "take_all",
    "tallies",
    "withdraw",
]
