"""Publishing letters of the outbox to a NATS JetStream server, each once, in order.

The server knows an id again for some minutes only; an outage lasts longer. Whoever begins with a
claim therefore looks first what the stream holds last under the subject: letters go there one at a
time and in order, hence what is up to that one is there already. Each letter then names the place
it must come after, and the server refuses it to a sender whose claim is another's by now.

A server does not read a letter. That it takes none is never the letter's fault, but for its size.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from nats.errors import Error, MaxPayloadError
from nats.js import JetStreamContext
from nats.js.api import Header
from nats.js.errors import APIError, NotFoundError

from renkei.exchange.addresses import Member
from renkei.exchange.keys import SigningKey
from renkei.exchange.nats_line import Line
from renkei.exchange.outbox import Claim, Letter
from renkei.exchange.sending import Fate, Posted, signed_letter
from renkei.exchange.stream_plan import StreamPlan
from renkei.kit import NodeError

TOO_LARGE = 10054  # the server's code: longer than the stream takes
EXPECTED_LAST = "Nats-Expected-Last-Subject-Sequence"


@dataclass(slots=True)
class _Place:
    """The last message under a subject, and which letters of the claim are up to it."""

    last: int
    kept: frozenset[str]


class JetStream:
    """Publishes the letters of a town to its stream; the line is opened when a letter needs it."""

    def __init__(
        self,
        plan: StreamPlan,
        signing: Callable[[], SigningKey],
        clock: Callable[[], datetime],
        *,
        sender: Member,
        seconds: float,
    ) -> None:
        """Take what is needed; `seconds` bounds each letter, connecting included."""
        self._plan = plan
        self._signing = signing
        self._clock = clock
        self._sender = sender
        self._seconds = seconds
        self._line: Line | None = None
        self._opening = asyncio.Lock()
        self._places: dict[str, _Place] = {}

    async def carry(self, claim: Claim, letter: Letter) -> Posted:
        """Publish one letter of a claim and await the server's word that it is kept."""
        if letter is claim.letters[0]:
            self._places.pop(claim.destination, None)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._publish(claim, letter)
        except MaxPayloadError:
            return Posted(Fate.refused, "larger than the server takes")
        except NodeError as error:
            return Posted(Fate.away, error.code())
        except APIError as error:
            fate = Fate.refused if error.err_code == TOO_LARGE else Fate.away
            return Posted(fate, f"NATS {error.err_code}")
        except (Error, TimeoutError, OSError) as error:
            reason = "" if self._line is None else self._line.refusal(error).code()
            await self.close()
            return Posted(Fate.away, reason or type(error).__name__)

    async def close(self) -> None:
        """Say good-bye to the server; the next letter opens a new line."""
        line, self._line = self._line, None
        if line is not None:
            await line.close()

    async def _publish(self, claim: Claim, letter: Letter) -> Posted:
        stream = await self._stream()
        subject = self._plan.subject(claim.destination)
        place = self._places.get(claim.destination)
        if place is None:
            place = await self._look(stream, subject, claim)
            self._places[claim.destination] = place
        if letter.id in place.kept:
            return Posted(Fate.taken, "kept already")
        signed = signed_letter(
            letter, f"/{subject}", "", sender=self._sender, key=self._signing(), at=self._clock()
        )
        about = {Header.MSG_ID: letter.id, EXPECTED_LAST: str(place.last)}
        ack = await stream.publish(
            subject,
            letter.body,
            timeout=self._seconds,
            stream=self._plan.stream,
            headers={**dict(signed.fields), **about},
        )
        if ack.duplicate:  # it stands where it stood: look where the last one is
            del self._places[claim.destination]
            return Posted(Fate.taken, "kept already")
        place.last = ack.seq
        return Posted(Fate.taken)

    async def _look(self, stream: JetStreamContext, subject: str, claim: Claim) -> _Place:
        """Find the last message under a subject, and which letters of the claim are up to it."""
        try:
            found = await stream.get_last_msg(self._plan.stream, subject)
        except NotFoundError:
            return _Place(0, frozenset())
        last = (found.headers or {}).get(Header.MSG_ID, "")
        ids = [letter.id for letter in claim.letters]
        return _Place(found.seq or 0, frozenset(ids[: ids.index(last) + 1] if last in ids else ()))

    async def _stream(self) -> JetStreamContext:
        """Return the open line, or open one and see that the stream is fit."""
        async with self._opening:
            if self._line is not None and not self._line.client.is_connected:
                await self.close()
            if self._line is None:
                line = await Line.open(self._plan, self._seconds)
                try:
                    await line.prepare()
                except BaseException:
                    await line.close()
                    raise
                self._line = line
            return self._line.stream
