"""Cases kept in the database: definitions, commands, events, waits, and what comes and goes.

Words: *definition* (定義), *case* (案件), *event*, *wait*, *job*, *lease*, *fence*, *inbox*,
*proposal* (変更の提案).
Promise: exactly-once state, at-least-once delivery, effectively once for receivers that honour the
key. A command and everything it brings about stand in one transaction, or none of it does; a case
has one writer at a time; no event can be taken out of a history without its hashes showing it.
Trust: who may give which command is decided above, before; actor and basis are written as told.
"""

from renkei.process.cases.alone import alone
from renkei.process.cases.batch import Given
from renkei.process.cases.cases import (
    Begun,
    Taken,
    begin,
    event_under,
    forget_commands,
    take,
    take_all,
)
from renkei.process.cases.definitions import (
    Deployed,
    Library,
    by_hash,
    deploy,
    deployed,
    withdraw,
)
from renkei.process.cases.errors import (
    BusinessKeyTooLong,
    CalendarUnreadable,
    CaseNotTaken,
    CaseReasonMissing,
    CaseUnknown,
    CaseWentOn,
    CommandReused,
    ConditionUnreadable,
    DefinitionAltered,
    DefinitionUnsigned,
    LeaseLost,
    ProcessNotInForce,
    ProposalClosed,
    ProposalStale,
    ProposalUnknown,
    ProposalUnread,
    ProposerDecides,
)
from renkei.process.cases.histories import CaseRow, Past, case_of, history, is_whole, last_staff
from renkei.process.cases.searches import (
    CaseFound,
    Condition,
    Search,
    find,
    listed,
    search,
    search_all,
)
from renkei.process.cases.statistics import ElementFigures, Tally, figures, tallies

__all__ = [
    "Begun",
    "BusinessKeyTooLong",
    "CalendarUnreadable",
    "CaseFound",
    "CaseNotTaken",
    "CaseReasonMissing",
    "CaseRow",
    "CaseUnknown",
    "CaseWentOn",
    "CommandReused",
    "Condition",
    "ConditionUnreadable",
    "DefinitionAltered",
    "DefinitionUnsigned",
    "Deployed",
    "ElementFigures",
    "Given",
    "LeaseLost",
    "Library",
    "Past",
    "ProcessNotInForce",
    "ProposalClosed",
    "ProposalStale",
    "ProposalUnknown",
    "ProposalUnread",
    "ProposerDecides",
    "Search",
    "Taken",
    "Tally",
    "alone",
    "begin",
    "by_hash",
    "case_of",
    "deploy",
    "deployed",
    "event_under",
    "figures",
    "find",
    "forget_commands",
    "history",
    "is_whole",
    "last_staff",
    "listed",
    "search",
    "search_all",
    "take",
    "take_all",
    "tallies",
    "withdraw",
]
