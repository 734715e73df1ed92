"""団体内統合宛名 and 名寄せ: one identity per person and per body in a town, across its units.

Words: *register number* (宛名番号), *unified number* (団体内統合宛名番号), *identity* (the register
numbers of one person or body), *pair* (two register numbers that may be one), *evidence* (which
comparisons agreed and how), *decision*.
Promise: the program merges only what a number that one person has makes certain and nothing speaks
against; everything else is shown to people, the likeliest first. Every decision can be undone, and
what was is kept: who decided, when, why, on which evidence.
Trust: the units, for their numbers; the officials, for their decisions.
"""

from renkei.store.people.decisions import Decided, decide, undo
from renkei.store.people.errors import (
    DecisionContradicts,
    IdentityNotLater,
    IdentityUnknown,
    PairDecided,
    PairOfOne,
    PairUndecided,
    PairUnknown,
    ReasonMissing,
    RepresentativesInCircle,
    SecondPersonNeeded,
    StillTogether,
)
from renkei.store.people.evidence import Ground, Kind, Level, Part, State, Verdict
from renkei.store.people.identities import (
    Census,
    Identity,
    Membership,
    census,
    identities_of,
    identity,
    identity_of,
    memberships,
    merged_into,
    number_all,
)
from renkei.store.people.matches import MatchProgress, MatchReport, match
from renkei.store.people.pairs import (
    WAITING,
    Decision,
    Pair,
    decisions_of,
    last_decisions,
    pair,
    pairs_of,
    queue,
    standing,
)
from renkei.store.people.registrations import Capacity, Source
from renkei.store.people.reviewing import SHOWN, Review, Side, review, shown_items
from renkei.store.people.sending import Account, Destination, account, destination

__all__ = [
    "SHOWN",
    "WAITING",
    "Account",
    "Capacity",
    "Census",
    "Decided",
    "Decision",
    "DecisionContradicts",
    "Destination",
    "Ground",
    "Identity",
    "IdentityNotLater",
    "IdentityUnknown",
    "Kind",
    "Level",
    "MatchProgress",
    "MatchReport",
    "Membership",
    "Pair",
    "PairDecided",
    "PairOfOne",
    "PairUndecided",
    "PairUnknown",
    "Part",
    "ReasonMissing",
    "RepresentativesInCircle",
    "Review",
    "SecondPersonNeeded",
    "Side",
    "Source",
    "State",
    "StillTogether",
    "Verdict",
    "account",
    "census",
    "decide",
    "decisions_of",
    "destination",
    "identities_of",
    "identity",
    "identity_of",
    "last_decisions",
    "match",
    "memberships",
    "merged_into",
    "number_all",
    "pair",
    "pairs_of",
    "queue",
    "review",
    "shown_items",
    "standing",
    "undo",
]
