"""Two towns: members with real credentials, and a real door of B for A to knock at."""

import asyncio
import http.client
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from starlette.types import ASGIApp
from tests.exchange.serving import serving

from renkei import audit, exchange, identity, law
from renkei.app.demo.ecosystem import free_port
from renkei.exchange import Answer, Fields, Limits, Question
from renkei.federation.channel import Channel
from renkei.federation.desk import Desk
from renkei.federation.door import Caller, Handle, door
from renkei.federation.listener import server_config
from renkei.federation.member import Member
from renkei.federation.members import Members, read_members, sign_members
from renkei.federation.membership import Membership
from renkei.federation.tls import Credentials, client_context
from renkei.kit import tenant

A, B, C = tenant("131016"), tenant("131024"), tenant("131032")
AUTHORITY = audit.Signer.from_seed("authority.example", bytes(32))
LIMITS = Limits(body=1 << 16, seconds=0.5)
CLIENT = "JP/MUN/131016/15"

T = TypeVar("T")


def clock() -> datetime:
    return datetime.now(UTC)


def row(credentials: Credentials, port: int = 1) -> Member:
    """Return a member's row with what it publishes."""
    return Member(
        id=credentials.id,
        kind="organisation",
        member_class="MUN",
        ja="市",
        en="City",
        url=f"https://127.0.0.1:{port}",
        certificates=(credentials.certificate,),
        signing_keys=(exchange.public_text(credentials.signing.public),),
    )


def listed(*rows: Member, version: int = 1) -> Members:
    """Return the list as everyone reads it: signed, then read."""
    text = sign_members(rows, AUTHORITY, instance="JP", version=version, at=clock())
    return read_members(text, AUTHORITY.verifier)


def desk(credentials: Credentials, members: Members) -> Desk:
    """Return a desk for the line alone: nobody here has identity keys."""
    nobody = identity.Directory.checked(
        [], converters=(), registrar=credentials.id, log_operator=credentials.id
    )
    return Desk(credentials.id, "test", members, nobody, law.provision_table())


def membership(credentials: Credentials, members: Members) -> Membership:
    """Return the membership of a member."""
    return Membership(desk(credentials, members), credentials)


def hello(caller: Caller, _at: datetime) -> Answer:
    """Say who asked for what, and how much came."""
    said = f"{caller.member.id} {caller.question.target} {len(caller.question.body)}"
    return Answer(200, (("content-type", "text/plain"),), said.encode())


@dataclass(frozen=True)
class Site:
    """A, B and their members list; C has credentials and is not on it."""

    members: Members
    a: Credentials
    b: Credentials
    c: Credentials
    port: int

    @classmethod
    def create(cls, directory: Path) -> "Site":
        a, b, c = (Credentials.create(directory / each, each, at=clock()) for each in (A, B, C))
        port = free_port()
        return cls(listed(row(a), row(b, port)), a, b, c, port)

    def door(self, handle: Handle = hello) -> ASGIApp:
        """Return B's door."""
        ours = membership(self.b, self.members)
        return door(handle, membership=ours, clock=clock, limits=LIMITS)

    @contextmanager
    def open(self, app: ASGIApp | None = None) -> Iterator[None]:
        """Serve B's door, or another application with B's certificate."""
        config = server_config(
            app or self.door(),
            "127.0.0.1",
            self.port,
            membership=membership(self.b, self.members),
            limits=LIMITS,
        )
        with serving(config):
            yield

    def converse(
        self,
        talk: Callable[[Channel], Awaitable[T]],
        *,
        seconds: float = 5.0,
        limits: Limits | None = None,
    ) -> T:
        """Let A talk on a channel of its own and close it."""

        async def conversation() -> T:
            ours = membership(self.a, self.members)
            async with Channel(ours, seconds=seconds, limits=limits) as channel:
                return await talk(channel)

        return asyncio.run(conversation())

    def question(self, body: bytes = b"{}", *more: tuple[str, str], to: str = B) -> Question:
        """Return a question of A to B, not signed yet."""
        fields: Fields = (
            ("content-type", "application/json"),
            ("x-road-client", CLIENT),
            ("x-road-id", "m-1"),
            ("pf-to", to),
            *more,
        )
        return Question("POST", "/inquiry", "", fields, body)

    def signed(self, body: bytes = b"{}", *more: tuple[str, str], to: str = B) -> Question:
        """Return the question with A's signature of now."""
        return exchange.sign_question(
            self.question(body, *more, to=to), self.a.signing, at=clock()
        )[0]

    def send(self, question: Question, credentials: Credentials | None = None) -> Answer:
        """Send a question as it is, over A's line or another's, and believe the answer unread."""
        context = client_context(credentials or self.a, self.members.by_id(B))
        line = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=10)
        try:
            line.putrequest(question.method, question.target, skip_accept_encoding=True)
            for name, value in question.fields:
                line.putheader(name, value)
            line.putheader("content-length", str(len(question.body)))
            line.endheaders(question.body)
            response = line.getresponse()
            fields = tuple((name.lower(), value) for name, value in response.getheaders())
            return Answer(response.status, fields, response.read())
        finally:
            line.close()

    def refusal(
        self, question: Question, credentials: Credentials | None = None
    ) -> tuple[int, str]:
        """Send a question and return status and code of B's signed fault."""
        answer = self.send(question, credentials)
        signature = dict(question.fields).get("signature")
        if signature is not None:
            exchange.verify_answer(answer, self.members.key, question=signature, at=clock())
        fault = exchange.read_fault(answer)
        assert fault is not None
        assert fault.message_ja
        return answer.status, fault.code


def altered(app: ASGIApp, **changes: object) -> ASGIApp:
    """Return the application behind someone who changes its answers on the way."""

    async def between(
        scope: exchange.Scope, receive: exchange.Receive, send: exchange.Send
    ) -> None:
        async def changing(message: MutableMapping[str, Any]) -> None:
            await send({**message, **{k: v for k, v in changes.items() if k in message}})

        await app(scope, receive, changing)

    return between
