"""The doors of the hub: what a converter, the registrar and the log operator answer to members."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import msgspec

from renkei import exchange, federation, kit
from renkei.app.errors import PathUnknown
from renkei.app.openapi import members
from renkei.app.openapi.operation import Operation
from renkei.app.site import Site, now
from renkei.exchange import Answer
from renkei.federation import Caller, Channel

Handler = Callable[[Caller, datetime], Answer]


def with_state(site: Site, handle: Handler) -> Handler:
    """Return a handler that besides tells every member what this one goes by."""

    def handler(caller: Caller, at: datetime) -> Answer:
        if (caller.question.method, caller.question.path) == ("GET", federation.STATE):
            return json_answer(200, msgspec.json.encode(federation.state(site.desk, at=at)))
        return handle(caller, at)

    return handler


def by_path(*verbs: tuple[Operation, Handler]) -> Handler:
    """Return a handler that does what is described under the path that was asked."""
    known = {operation.path: verb for operation, verb in verbs}

    def handle(caller: Caller, at: datetime) -> Answer:
        verb = known.get(caller.question.path)
        if verb is None:
            raise PathUnknown(path=caller.question.path[:80])
        return verb(caller, at)

    return handle


def converter_handler(site: Site) -> Handler:
    """Return what a converter does with a member's message."""
    keys = site.keys.converter()

    def convert(caller: Caller, at: datetime) -> Answer:
        desk, carried = site.desk, federation.parse_carried(caller.question.body)
        with site.database.transaction(desk.tenant) as conn:
            reply = federation.convert(conn, desk, keys, caller, carried, at=at)
        return reply_answer(reply)

    def convert_issuance(caller: Caller, at: datetime) -> Answer:
        desk, issued = site.desk, federation.parse_issued(caller.question.body)
        with site.database.transaction(desk.tenant) as conn:
            done = federation.convert_issued(conn, desk, keys, caller, issued, at=at)
        return json_answer(200, msgspec.json.encode(done))

    return by_path((members.CONVERT, convert), (members.CONVERT_ISSUANCE, convert_issuance))


def log_handler(site: Site) -> Handler:
    """Return what the log operator does with a member's message."""
    keys = site.keys.log()

    def receipt(caller: Caller, at: datetime) -> Answer:
        desk, carried = site.desk, federation.parse_carried(caller.question.body)
        with site.database.transaction(desk.tenant) as conn:
            reply = federation.receipt(conn, desk, keys, caller, carried, at=at)
        return reply_answer(reply)

    def enrol(caller: Caller, at: datetime) -> Answer:
        desk, issued = site.desk, federation.parse_issued(caller.question.body)
        with site.database.transaction(desk.tenant) as conn:
            federation.enrol(conn, desk, keys, caller, issued, at=at)
        return json_answer(200, b"{}")

    return by_path((members.RECEIPT, receipt), (members.ENROL, enrol))


def registrar_handler(
    site: Site, channel: Channel, loop: Callable[[], asyncio.AbstractEventLoop]
) -> Handler:
    """Return what the registrar does with a member's message.

    It must ask the converters before it can answer; the loop is where its channel lives.
    """
    secrets = site.keys.registrar()

    def call(peer: kit.Tenant, path: str, body: bytes) -> bytes:
        headers = (("pf-mode", site.desk.mode),)
        asked = channel.call(peer, "POST", path, body, headers, at=now())
        reply = asyncio.run_coroutine_threadsafe(asked, loop()).result(federation.ISSUE_SECONDS)
        return federation.body_of(peer, reply)

    def issue(caller: Caller, at: datetime) -> Answer:
        acquisition, desk = federation.parse_acquisition(caller.question.body), site.desk
        with site.database.transaction(desk.tenant) as conn:
            people = federation.register(conn, desk, secrets, caller, acquisition, at=at)
        issued = federation.issue(
            desk,
            people,
            id_=acquisition.id,
            organisation=kit.tenant(caller.member.id),
            call=call,
            at=at,
        )
        return json_answer(200, msgspec.json.encode(issued))

    return by_path((members.ISSUE, issue))


def reply_answer(reply: federation.Response) -> Answer:
    """Return a party's answer: a refusal is 403, and signed like every other answer."""
    status = 403 if isinstance(reply, federation.Refused) else 200
    return json_answer(status, federation.render(reply))


def json_answer(status: int, body: bytes, *more: tuple[str, str]) -> Answer:
    """Return an answer in JSON."""
    head: exchange.Fields = (("content-type", "application/json"), *more)
    return Answer(status, head, body)
