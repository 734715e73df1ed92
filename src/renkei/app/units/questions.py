"""The questions of the own units, whichever binding brought them: counted, asked, told by steps."""

import time
from dataclasses import dataclass
from datetime import datetime

import msgspec

from renkei import exchange, federation, kit
from renkei.app.errors import NodeBusy
from renkei.app.operations.operational_records import Series
from renkei.app.operations.oversight import unit_of
from renkei.app.operations.running import Running
from renkei.app.units.journal import Journal
from renkei.app.units.throttle import Throttle
from renkei.app.units.turns import USUAL


@dataclass(frozen=True, slots=True)
class Questions:
    """Where they are asked, who is told their steps, and how many may come in a second."""

    counter: federation.Counter
    journal: Journal
    throttle: Throttle
    running: Running

    def admit(self, client: exchange.Client, call: exchange.ServiceCall) -> None:
        """Let in what comes now, or raise `QuestionsTooMany` or `NodeDraining`."""
        try:
            self.running.drain.check()
            self.throttle.enter(client, call)
        except kit.NodeError as error:
            self.running.records.add(asked(client, call, "failed", error.code()), 0.0)
            raise

    async def ask(
        self,
        envelope: exchange.Envelope,
        call: exchange.ServiceCall,
        number: str,
        urgency: int = USUAL,
        *,
        handed_at: datetime | None = None,
        opens: bool = False,
    ) -> federation.Fact:
        """Ask a question that comes in now, in its client's turn, or raise why it is not taken."""
        self.admit(envelope.client, call)
        try:
            async with self.running.units.of(unit_of(envelope.client), urgency):
                return await self.follow(envelope, call, number, handed_at=handed_at, opens=opens)
        except NodeBusy as error:
            self.running.records.add(asked(envelope.client, call, "failed", error.code()), 0.0)
            raise

    async def follow(
        self,
        envelope: exchange.Envelope,
        call: exchange.ServiceCall,
        number: str,
        *,
        is_own_access: bool = False,
        handed_at: datetime | None = None,
        opens: bool = False,
    ) -> federation.Fact:
        """Ask a question that was let in before, under our number for it."""
        question = federation.Asked(envelope, call, number, is_own_access, handed_at, opens)
        begun, records = time.perf_counter(), self.running.records
        try:
            fact = await self.journal.follow(self.counter, question)
        except Exception as error:
            ended = asked(envelope.client, call, "failed", kit.code_of(error))
            records.add(ended, time.perf_counter() - begun)
            raise
        ended = asked(envelope.client, call, fact.outcome, fact.reason)
        # In the form of REST, whichever binding brought the question: sizes can be compared.
        told = fact.bundle if isinstance(fact, federation.OwnAccess) else msgspec.json.encode(fact)
        records.add(ended, time.perf_counter() - begun, 0, len(told))
        return fact


def asked(
    client: exchange.Client, call: exchange.ServiceCall, outcome: str, error: str = ""
) -> Series:
    """Return what a question or message of an own unit is counted under."""
    provider = call.service.provider
    service = f"{provider.code}/{call.service.code}"
    return Series(
        "asked", service, provider.organisation.code, unit_of(client), outcome, error[:64]
    )
