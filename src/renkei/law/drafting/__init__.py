"""Drafts of the provision table (起案): written, tried, reviewed and approved before they are law.

Words: *draft*, *content* (one saved state), *digest* (of a content), *step* (of a draft's history),
*examined* (what a content would make of the table). Steps are only ever added.
Promise: what is approved was written by one, reviewed by another and approved by a third, each in a
role of their own; the approval is of one content by its digest, over one version of the table, and
ends with the next change of either. Whose step comes too late learns it, and nothing is done.
Trust: a person is known by their number as the console knows it; the same number at another issuer
is taken for the same person. Nothing becomes law here: the table is made from files, and its
authority's key releases it.
"""

from renkei.law.drafting.checks import MAY, OPEN, Hand
from renkei.law.drafting.contents import (
    FIELDS,
    Content,
    Examined,
    Scope,
    digest_of,
    examine,
    person_of,
)
from renkei.law.drafting.drafts import Act, Draft, State, Step, draft_of, drafts
from renkei.law.drafting.effects import Span, changed_rows, first_effect, spans_of
from renkei.law.drafting.errors import (
    CANNOT_BE_SAVED,
    DraftActUnknown,
    DraftBaseMoved,
    DraftDefective,
    DraftEffectEarlier,
    DraftFieldMissing,
    DraftFieldTooLong,
    DraftFieldUnclean,
    DraftFileWrong,
    DraftOtherContent,
    DraftOvertaken,
    DraftOwn,
    DraftRetroactive,
    DraftReviewedBySame,
    DraftRoleMissing,
    DraftStateWrong,
    DraftUnknown,
    DraftUntried,
    DraftWithoutEffect,
    FourEyesMissing,
)
from renkei.law.drafting.files import LARGEST_FILE, rows_of_file, with_rows
from renkei.law.drafting.steps import (
    approve,
    check_approved,
    enact,
    keep_trial,
    reject,
    review,
    save,
    send_back,
    submit,
    withdraw,
)

__all__ = [
    "CANNOT_BE_SAVED",
    "FIELDS",
    "LARGEST_FILE",
    "MAY",
    "OPEN",
    "Act",
    "Content",
    "Draft",
    "DraftActUnknown",
    "DraftBaseMoved",
    "DraftDefective",
    "DraftEffectEarlier",
    "DraftFieldMissing",
    "DraftFieldTooLong",
    "DraftFieldUnclean",
    "DraftFileWrong",
    "DraftOtherContent",
    "DraftOvertaken",
    "DraftOwn",
    "DraftRetroactive",
    "DraftReviewedBySame",
    "DraftRoleMissing",
    "DraftStateWrong",
    "DraftUnknown",
    "DraftUntried",
    "DraftWithoutEffect",
    "Examined",
    "FourEyesMissing",
    "Hand",
    "Scope",
    "Span",
    "State",
    "Step",
    "approve",
    "changed_rows",
    "check_approved",
    "digest_of",
    "draft_of",
    "drafts",
    "enact",
    "examine",
    "first_effect",
    "keep_trial",
    "person_of",
    "reject",
    "review",
    "rows_of_file",
    "save",
    "send_back",
    "spans_of",
    "submit",
    "with_rows",
    "withdraw",
]
