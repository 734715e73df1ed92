"""Processes across bodies (団体間): public processes, letters between partners, and their fates.

Words: *public process* (公開プロセス: a collaboration of the standard), *party* (a participant),
*letter* (文書: a message between bodies), *procedure* (a number that two bodies share), *fate*,
*register* (往復簿), *receipt* (of a letter).
Promise: a letter is written once and has its effect once, however often it is sent; whatever comes
has one of a few fates, told truthfully and the same each time; no letter names a person, and none
is written or taken but by a provision in force, decided at both ends and entered at both.
Trust: a partner is believed for what it signed, and nothing of that but what the public process
lets it say; whom a procedure is about is known by the question it began with, proven by its
receipt.
"""

from renkei.process.partners import procedures, register, settling, trial
from renkei.process.partners.collaborations import Collaborations, read
from renkei.process.partners.errors import (
    CollaborationNotInForce,
    CollaborationUnfit,
    CollaborationUnknown,
    LetterMalformed,
    LetterReused,
    LetterSent,
    LetterTooLarge,
    LetterUnknown,
    LetterUnsettled,
    TrialUnready,
)
from renkei.process.partners.fitting import check
from renkei.process.partners.letters import (
    PATH,
    Letter,
    Receipt,
    parse_letter,
    parse_receipt,
    reason_in_words,
    render,
)
from renkei.process.partners.parties import Collaboration, LetterItem, LetterType, Party
from renkei.process.partners.plays import Plays, plays_of
from renkei.process.partners.procedures import Procedure
from renkei.process.partners.receiving import House, receive
from renkei.process.partners.register import Kept
from renkei.process.partners.sending import ACTOR, Ready, Unwritten, hear, refusal, write

__all__ = [
    "ACTOR",
    "PATH",
    "Collaboration",
    "CollaborationNotInForce",
    "CollaborationUnfit",
    "CollaborationUnknown",
    "Collaborations",
    "House",
    "Kept",
    "Letter",
    "LetterItem",
    "LetterMalformed",
    "LetterReused",
    "LetterSent",
    "LetterTooLarge",
    "LetterType",
    "LetterUnknown",
    "LetterUnsettled",
    "Party",
    "Plays",
    "Procedure",
    "Ready",
    "Receipt",
    "TrialUnready",
    "Unwritten",
    "check",
    "hear",
    "parse_letter",
    "parse_receipt",
    "plays_of",
    "procedures",
    "read",
    "reason_in_words",
    "receive",
    "refusal",
    "register",
    "render",
    "settling",
    "trial",
    "write",
]
