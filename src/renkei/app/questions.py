"""The questions of the own units, whichever binding brought them: counted, asked, told by steps."""

from dataclasses import dataclass

from renkei import exchange, federation
from renkei.app.journal import Journal
from renkei.app.throttle import Throttle


@dataclass(frozen=True, slots=True)
class Questions:
    """Where they are asked, who is told their steps, and how many may come in a second."""

    counter: federation.Counter
    journal: Journal
    throttle: Throttle

    async def ask(
        self, envelope: exchange.Envelope, call: exchange.ServiceCall, number: str
    ) -> federation.Fact:
        """Ask a question that comes in now, or raise `QuestionsTooMany`."""
        self.throttle.enter(envelope.client, call)
        return await self.follow(envelope, call, number)

    async def follow(
        self, envelope: exchange.Envelope, call: exchange.ServiceCall, number: str
    ) -> federation.Fact:
        """Ask a question that was let in before, under our number for it."""
        asked = federation.Asked(envelope, call, number)
        return await self.journal.follow(self.counter, asked)
