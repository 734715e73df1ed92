"""A unit's side of a question: send it to the own node, and read how it ended."""

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from uuid import uuid4

import aiohttp
import msgspec
from yarl import URL

from renkei import federation, kit
from renkei.app.demo.ecosystem import Ecosystem
from renkei.app.demo.scenarios import Ask
from renkei.app.proofs.books import Claim

SECONDS = 30


class _Body(msgspec.Struct):
    """The members of an answer that a unit reads, whichever form it has."""

    outcome: str = ""
    code: str = ""
    detail: str = ""
    inquiry: str = ""
    record: dict[str, str | int | None] | None = None
    receipt: str = ""
    entry: str = ""
    provision: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """How a question ended for the unit that asked."""

    ask: Ask
    outcome: str
    reason: str
    inquiry: str
    record: dict[str, str | int | None] | None
    provision: str
    receipt: str
    holder_entry: str
    ms: float

    @property
    def as_expected(self) -> bool:
        """Tell whether this is what the scenario is there to show."""
        wanted = self.ask.scenario
        return (self.outcome, self.reason) == (wanted.outcome, wanted.reason)

    def claim(self) -> Claim:
        """Return what the books must bear out."""
        return Claim(
            self.inquiry,
            self.ask.scenario.asker.tenant,
            self.ask.scenario.holder.tenant,
            self.outcome,
            self.receipt,
            self.holder_entry,
        )


class Asker:
    """A client of the units' doors of an ecosystem."""

    def __init__(self, ecosystem: Ecosystem, members: federation.Members) -> None:
        """Open nothing yet."""
        self._ecosystem = ecosystem
        self._members = members
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        self._session = aiohttp.ClientSession(timeout=timeout)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @staticmethod
    def new_message() -> str:
        """Return a message id no question had before."""
        return f"JP-{uuid4()}"

    async def ask(self, ask: Ask) -> Told:
        """Ask and wait for the end. A node that is away is an end too: nothing was told."""
        if self._session is None:
            raise RuntimeError("use `async with`")
        scenario = ask.scenario
        url = self._ecosystem.staff(scenario.asker) + ask.target(self._members)
        token = self._ecosystem.tokens[scenario.asker.name][scenario.unit]
        headers = ask.headers(self._members, token)
        started = time.perf_counter()
        try:
            async with self._session.get(URL(url, encoded=True), headers=headers) as answer:
                text = await answer.read()
                outcome = answer.headers.get("pf-outcome", "failed")
                body = kit.read_json(text, _Body) if text else _Body()
        except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError):
            outcome, body = "failed", _Body(code="node-away")
        return Told(
            ask=ask,
            outcome=outcome,
            reason=body.code,
            inquiry=body.inquiry or body.detail,
            record=body.record,
            provision=body.provision,
            receipt=body.receipt,
            holder_entry=body.entry,
            ms=(time.perf_counter() - started) * 1000,
        )
