"""The way of a notice (通知) of an own unit, whichever binding brought it, to its receipt."""

import time

from starlette.concurrency import run_in_threadpool

from renkei import exchange, kit, standard
from renkei.app.deliveries.notices import Notices
from renkei.app.operations.oversight import unit_of
from renkei.app.site import now
from renkei.app.units.questions import Questions, asked
from renkei.app.units.turns import USUAL
from renkei.standard import generate

TAKEN = 0
"""コード of a receipt; what is not taken is a fault."""


class NoticeDoor:
    """Lets notices in as questions are let in: by rate, in their unit's turn, counted."""

    def __init__(self, notices: Notices, questions: Questions) -> None:
        """Take what takes them in, and how questions are let in."""
        self._notices = notices
        self._questions = questions

    def check(self, envelope: exchange.Envelope, call: exchange.ServiceCall) -> None:
        """Refuse whoever may not tell this, and what comes too often, before it is read."""
        self._notices.check(envelope, call)
        self._questions.admit(envelope.client, call)

    async def take(
        self,
        envelope: exchange.Envelope,
        call: exchange.ServiceCall,
        interface: standard.Interface,
        notice: generate.Notice,
        urgency: int = USUAL,
    ) -> str:
        """Take a notice that was let in and return what its receipt says, in Japanese."""
        running, begun = self._questions.running, time.perf_counter()
        outcome, code = "failed", ""
        try:
            async with running.units.of(unit_of(envelope.client), urgency):
                await run_in_threadpool(self._notices.take, envelope, interface, notice, at=now())
            outcome = "taken"
        except Exception as error:
            code = kit.code_of(error)
            raise
        finally:
            series = asked(envelope.client, call, outcome, code)
            running.records.add(series, time.perf_counter() - begun)
        return kit.say("notice-taken", "ja")
