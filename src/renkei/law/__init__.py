"""Who may ask whom for what, under which provision, on which day.

Words: *provision* (根拠: a row of the law's table, or an ordinance notified as 独自利用事務),
*permit*, *refusal*, *ruling* (what a row says within a span of days), *relation* (whom it is about,
as the procedure sees them), *staff right*. Decisions are pure: no clock, no database, no network;
drafts of the table stand in the database (`law.drafting`).
Promise: a permit exists only because a provision in force on that day named every part of the
request (asking office, its procedure, answering office, each item) and every condition the
provision sets was met; of what a unit keeps itself, because the procedure is its own; of a person's
own access record, because a listed portal asks for that person. Anything
else is a refusal with its reason: deny by default. What a member of staff may do is a second
decision, and neither opens what the other refuses.
Trust: the table is data under review (the standard's `provisions.tsv` and `own_use.tsv`), versioned
by its content; the version stands in every entry, so any past decision can be repeated by a
stranger. The rows are a reference model of our own with `provenance` per row, never the official
text.
"""

from renkei.law.decisions import Permit, Reason, Refusal, Request, decide
from renkei.law.explanation import Explanation, Lack, Near, explain
from renkei.law.own_access import ACCESS_RECORD, OWN_ACCESS, decide_own_access
from renkei.law.own_records import decide_own_records
from renkei.law.provisions import ProvisionTable, compiled, provision_table, table_of
from renkei.law.simulation import Change, Past, Simulation, simulate
from renkei.law.staff_register import StaffRegister, Stated, decide_stated
from renkei.law.staff_rights import (
    EVERY,
    RIGHTS,
    OfficeHours,
    Official,
    StaffPermit,
    StaffReason,
    StaffRefusal,
    StaffRequest,
    StaffRight,
    decide_staff,
)
from renkei.law.wording import Words, sentences

__all__ = [
    "ACCESS_RECORD",
    "EVERY",
    "OWN_ACCESS",
    "RIGHTS",
    "Change",
    "Explanation",
    "Lack",
    "Near",
    "OfficeHours",
    "Official",
    "Past",
    "Permit",
    "ProvisionTable",
    "Reason",
    "Refusal",
    "Request",
    "Simulation",
    "StaffPermit",
    "StaffReason",
    "StaffRefusal",
    "StaffRegister",
    "StaffRequest",
    "StaffRight",
    "Stated",
    "Words",
    "compiled",
    "decide",
    "decide_own_access",
    "decide_own_records",
    "decide_staff",
    "decide_stated",
    "explain",
    "provision_table",
    "sentences",
    "simulate",
    "table_of",
]
