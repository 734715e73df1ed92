"""How the end of a question is told in REST: a fact, or a fault spelled as the settings say."""

from dataclasses import dataclass

import msgspec

from renkei import exchange, kit, store
from renkei.app.errors import (
    BulkListEmpty,
    BulkListLarge,
    BulkListWrong,
    BulkPersonTwice,
    BulkSetSmall,
    BulkUnanswered,
    NodeBusy,
    NodeDraining,
    NoticeBlocked,
    QuestionsTooMany,
    TaskExpired,
    TaskUnknown,
    TokenRefused,
)
from renkei.app.hub import json_answer
from renkei.app.openapi.operation import Content, Named, Telling
from renkei.app.units.access import challenge
from renkei.exchange import Answer
from renkei.federation import Fact, PeerPaused
from renkei.standard import generate

STATUS: dict[str, int] = {
    "answered": 200,
    "not-held": 200,
    "refused": 403,
    "subject-unknown": 404,
    "code-not-issued": 409,
}
"""Outcome → HTTP status; what failed is a fault (docs/decisions/0008)."""


OWN_STATUS = (
    BulkListEmpty,
    BulkListLarge,
    BulkListWrong,
    BulkPersonTwice,
    BulkSetSmall,
    BulkUnanswered,
    exchange.AccessTokenExpired,
    exchange.AccessTokenWrong,
    exchange.ScopeInsufficient,
    NodeBusy,
    NodeDraining,
    NoticeBlocked,
    QuestionsTooMany,
    TaskExpired,
    TaskUnknown,
    TokenRefused,
    store.DifferenceMissing,
    store.DifferenceRepeated,
    store.SnapshotOlder,
)
"""What a unit is told with the error's own status: what comes next goes by it."""


def unit_status(kind: type[kit.NodeError]) -> int:
    """Return the status a unit is told an error with."""
    if issubclass(kind, OWN_STATUS):
        return kind.status
    # Faults go by the code alone; facts and texts are those of one that happened.
    return exchange.Fault(exchange.fault_type(kind.code()), "", "", "", "").status


FAULT = Telling(Content(Named("Fault", generate.FAULT)), unit_status)


@dataclass(frozen=True, slots=True)
class RestAnswers:
    """The answers of one site; `types` is the X-Road version whose spelling of faults it keeps."""

    types: str

    def told(self, fact: Fact, accept: str, more: exchange.Fields) -> Answer:
        """Return a fact as the unit reads it; a refusal is marked as access denied besides."""
        more = (*more, ("pf-outcome", fact.outcome), (exchange.RELEASE, fact.release))
        body = msgspec.json.encode(fact)
        if fact.outcome != "refused":
            return json_answer(STATUS[fact.outcome], body, *more)
        code = f"refusal-{fact.reason}"
        fault = exchange.Fault.refusal(
            fact.reason, kit.say(code, "en"), kit.say(code, "ja"), detail=fact.inquiry
        )
        more = (*more, ("pf-refused-by", fact.by), ("pf-provision", fact.provision))
        return self.fault(fault, accept, *more, status=403)

    def failed(self, error: kit.NodeError, detail: str, accept: str) -> Answer:
        """Return an error as a fault under its number, and what to do next."""
        more, status = _next(error)
        return self.fault(exchange.Fault.of(error, detail=detail), accept, *more, status=status)

    def fault(
        self,
        fault: exchange.Fault,
        accept: str,
        *more: tuple[str, str],
        status: int | None = None,
    ) -> Answer:
        """Return a fault, ours or another node's, spelled as the settings say."""
        return fault.spelt(self.types).answer(accept, *more, status=status)


def _next(error: kit.NodeError) -> tuple[exchange.Fields, int | None]:
    """Return the fields that say what to do next, and the error's own status where units go by it.

    Without a status that of the fault's type holds.
    """
    more = challenge(error)
    match error:
        case QuestionsTooMany() | NodeBusy() | NodeDraining() | PeerPaused():
            more = (("retry-after", str(error.facts["seconds"])),)
        case _:
            pass
    return more, error.status if isinstance(error, OWN_STATUS) else None
