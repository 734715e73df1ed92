"""A message that is passed on: from a unit through both nodes to a system, and its answer back.

It is about nobody: no code, no provision. What protects it is who it is from, what was signed, and
the right its provider gave (`exchange.Provider`). Its entries hold digests and signatures only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import aiohttp

from renkei import audit, exchange, kit
from renkei.exchange import Body, BodyLimits, Passed, Question, Signature
from renkei.federation.channel import Channel
from renkei.federation.errors import (
    AnswerNotBound,
    AnswerTooLarge,
    AnswerUntrusted,
    PeerSilent,
    RelayTooLarge,
)
from renkei.federation.lines import Line
from renkei.federation.member import Member
from renkei.federation.passage import MOST_SEALED
from renkei.federation.tls import Credentials

REQUEST_ID = "x-road-request-id"
SILENT_SECONDS = 60.0
"""How long a peer may be silent; the system behind it has less (`Provider.seconds`)."""

_NUMBER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Message:
    """A message under its number: X-Road-Request-Id, made by the asker's node."""

    number: str
    method: str
    envelope: exchange.Envelope
    call: exchange.ServiceCall

    @property
    def holder(self) -> str:
        """Return the number of the organisation it is for."""
        return self.call.service.provider.organisation.code

    def entry(
        self, kind: audit.Kind, outcome: str, *, at: datetime, details: Mapping[str, str]
    ) -> audit.Entry:
        """Return the entry of one step of it, at either party."""
        envelope = self.envelope
        client = envelope.client
        return audit.Entry(
            kind=kind,
            request=self.number,
            at=at,
            asker=client.organisation.code,
            holder=self.holder,
            procedure=envelope.procedure or "",
            outcome=outcome,
            mode=envelope.mode,
            unit=client.code if isinstance(client, exchange.Subsystem) else "",
            purpose=envelope.purpose or "",
            details={
                "message": envelope.id,
                "client": client.render(),
                "service": self.call.service.render(),
                "method": self.method,
                **details,
            },
        )


@dataclass(frozen=True, slots=True)
class Departure:
    """A message ready to go to a peer: signed, its body beside it."""

    peer: Member
    question: Question
    body: Body
    signature: Signature

    def facts(self) -> dict[str, str]:
        """Return what an entry keeps of it."""
        return message_facts("question", self.body, self.signature)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A peer's answer to a message, believed, its body beside it, and by which of its nodes.

    `fault` is what that node refused or could not do, or None if it answered.
    """

    passed: Passed
    signature: Signature
    peer: Member
    fault: exchange.Fault | None
    node: str = ""

    def facts(self) -> dict[str, str]:
        """Return what an entry keeps of it."""
        said = message_facts("answer", self.passed.body, self.signature)
        return said | self.peer.named(self.node)


def body_facts(of: str, body: Body) -> dict[str, str]:
    """Return what an entry keeps of the body of a question or an answer."""
    return {f"{of}_body": exchange.encode(body.sha256)}


def message_facts(of: str, body: Body, signature: Signature) -> dict[str, str]:
    """Return what an entry keeps of a question or an answer that was signed."""
    return body_facts(of, body) | signature.facts(of)


def number_of(question: Question) -> str:
    """Return the number the asker's node gave a message."""
    number = question.field(REQUEST_ID) or ""
    if not _NUMBER.fullmatch(number):
        raise exchange.HeaderMalformed(name=REQUEST_ID)
    return number


def depart(
    message: Message,
    peer: Member,
    given: exchange.Fields,
    body: Body,
    credentials: Credentials,
    *,
    at: datetime,
) -> Departure:
    """Sign a message for a peer. Of the given fields those that travel do."""
    envelope, call = message.envelope, message.call
    added = [(REQUEST_ID, message.number), ("pf-to", peer.id)]
    if envelope.id_generated:
        added.append(("x-road-id", envelope.id))
    fields = (*exchange.passed_fields(given), *added)
    path, _, query = call.render().partition("?")
    plain = Question(message.method, path, query, fields)
    signed, signature = exchange.sign_question(
        plain, credentials.signing, at=at, carried=body.sha256
    )
    return Departure(peer, signed, body, signature)


async def travel(
    channel: Channel, departure: Departure, limits: BodyLimits, folder: Path, *, at: datetime
) -> Arrival:
    """Send a message and return the peer's answer, or raise why there is none to believe.

    The signature is judged before the body is read, and the body against it before it is told.
    Through a relay both come at once, sealed, and no more than can be held in memory.
    """
    peer, question = departure.peer, departure.question
    if channel.relay_of(peer):
        return await _travel_sealed(channel, departure, at=at)

    async def use(line: Line) -> Arrival:
        body = departure.body
        fields = (*question.fields, *exchange.length_of(body))
        timeout = exchange.patience(SILENT_SECONDS, body)
        async with await line.ask(question, exchange.content(body), fields, timeout) as response:
            return await _read(channel, departure, response, limits, folder, line.node.url, at=at)

    return await channel.over(peer, SILENT_SECONDS, use, at=at)


async def _read(
    channel: Channel,
    departure: Departure,
    response: aiohttp.ClientResponse,
    limits: BodyLimits,
    folder: Path,
    node: str,
    *,
    at: datetime,
) -> Arrival:
    """Read an answer: its head is judged before its body."""
    peer = departure.peer
    try:
        fields = exchange.fields(response.raw_headers)
    except kit.NodeError as error:
        raise AnswerUntrusted(peer=peer.id, reason=error.code()) from error
    answer = exchange.Answer(response.status, fields)
    signature = _verified(channel, departure, answer, at=at)
    try:
        body = await Body.read(response.content.iter_any(), limits, folder)
    except exchange.BodyTooLarge as error:
        raise AnswerTooLarge(peer=peer.id, limit=limits.size) from error
    except exchange.BodyLate as error:
        raise PeerSilent(peer=peer.id, seconds=round(limits.seconds)) from error
    return _arrived(departure, answer, body, signature, node)


async def _travel_sealed(channel: Channel, departure: Departure, *, at: datetime) -> Arrival:
    if departure.body.size > MOST_SEALED:
        raise RelayTooLarge(limit=MOST_SEALED)
    data = b"".join([piece async for piece in departure.body.pieces()])
    whole = replace(departure.question, body=data)
    answer = await channel.through_relay(departure.peer, whole, at=at, seconds=SILENT_SECONDS)
    head = exchange.Answer(answer.status, answer.fields)
    signature = _verified(channel, departure, head, at=at)
    return _arrived(departure, head, Body.of(answer.body), signature)


def _verified(
    channel: Channel, departure: Departure, answer: exchange.Answer, *, at: datetime
) -> Signature:
    peer, question = departure.peer, departure.question
    signature = channel.verify(peer, question, answer, departure.signature, at=at, carried=True)
    if answer.field(REQUEST_ID) != question.field(REQUEST_ID):
        raise AnswerNotBound(peer=peer.id)
    return signature


def _arrived(
    departure: Departure,
    answer: exchange.Answer,
    body: Body,
    signature: Signature,
    node: str = "",
) -> Arrival:
    try:
        exchange.check_digest(answer.fields, body.sha256)
    except kit.NodeError as error:
        body.close()
        raise AnswerUntrusted(peer=departure.peer.id, reason=error.code()) from error
    fault = exchange.read_fault(replace(answer, body=body.data))
    return Arrival(Passed(answer, body), signature, departure.peer, fault, node)
