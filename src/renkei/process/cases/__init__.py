"""Cases kept in the database: definitions, commands, events, waits, and what comes and goes.

Words: *definition* (定義), *case* (案件), *event*, *wait*, *job*, *lease*, *fence*, *inbox*.
Promise: exactly-once state, at-least-once delivery, effectively once for receivers that honour the
key. A command and everything it brings about stand in one transaction, or none of it does; a case
has one writer at a time; no event can be taken out of a history without its hashes showing it.
Trust: who may give which command is decided above, before; actor and basis are written as told.
"""

from renkei.process.cases.cases import Begun, Given, Taken, begin, take, take_all
from renkei.process.cases.definitions import (
    Deployed,
    Library,
    by_hash,
    deploy,
    deployed,
    in_force,
    withdraw,
)
from renkei.process.cases.errors import (
    CaseUnknown,
    CommandReused,
    DefinitionAltered,
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
    last_staff,
)
from renkei.process.cases.statistics import ElementFigures, Tally, figures, tallies

__all__ = [
    "Begun",
    "CaseFound",
    "CaseRow",
    "CaseUnknown",
    "CommandReused",
    "DefinitionAltered",
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
    "history",
    "in_force",
    "is_whole",
    "last_staff",
    "take",
    "take_all",
    "tallies",
    "withdraw",
]
