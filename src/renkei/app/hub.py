"""The doors of the hub: what a converter, the registrar and the log operator answer to members."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import msgspec

from renkei import exchange, federation, identity, kit
from renkei.app.bulk.gate import BulkGate
from renkei.app.errors import PathUnknown
from renkei.app.keeping import findings_told
from renkei.app.membership.keys import CONVERTER
from renkei.app.openapi import members
from renkei.app.openapi.operation import Operation
from renkei.app.proofs import exchange_lists
from renkei.app.site import Site, now
from renkei.exchange import Answer
from renkei.federation import Caller, Channel

Handler = Callable[[Caller, datetime], Answer]


def with_state(site: Site, handle: Handler) -> Handler:
    """Return a handler that besides tells members what this one goes by, and what it entered."""

    def handler(caller: Caller, at: datetime) -> Answer:
        if (caller.question.method, caller.question.path) == ("GET", federation.STATE):
            return json_answer(200, msgspec.json.encode(federation.state(site.desk, at=at)))
        if (caller.question.method, caller.question.path) == ("GET", exchange_lists.EXCHANGES):
            return exchange_lists.told(site, caller)
        if (caller.question.method, caller.question.path) == ("POST", findings_told.FINDINGS):
            return findings_told.hear(site, caller, at)
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
    held, gate = Held(site), BulkGate(site.settings.bulk.at_once)

    def convert(caller: Caller, at: datetime) -> Answer:
        desk, carried = site.desk, federation.parse_carried(caller.question.body)
        with site.database.transaction(desk.tenant) as conn:
            reply = federation.convert(conn, desk, held.keys(), caller, carried, at=at)
        return reply_answer(reply)

    def convert_issuance(caller: Caller, at: datetime) -> Answer:
        desk, issued = site.desk, federation.parse_issued(caller.question.body)
        with site.database.transaction(desk.tenant) as conn:
            done = federation.convert_issued(conn, desk, held.keys(), caller, issued, at=at)
        return json_answer(200, msgspec.json.encode(done))

    def convert_transfer(caller: Caller, at: datetime) -> Answer:
        desk, moved = site.desk, federation.parse_transferred(caller.question.body)
        with site.database.transaction(desk.tenant) as conn:
            done = federation.convert_transfer(conn, desk, held.keys(), caller, moved, at=at)
        return json_answer(200, msgspec.json.encode(done))

    def convert_bulk(caller: Caller, at: datetime) -> Answer:
        desk = site.desk
        with gate.entered(), site.database.transaction(desk.tenant) as conn:
            carried = federation.parse_bulk(caller.question.body)
            reply = federation.convert_bulk(
                conn, desk, held.keys(), caller, carried, fewest=site.settings.bulk.fewest, at=at
            )
        return bulk_answer(reply)

    def quotient(caller: Caller, at: datetime) -> Answer:
        desk, asked = site.desk, federation.parse_quotient_asked(caller.question.body)
        with site.database.transaction(desk.tenant) as conn:
            told = federation.hand_over(conn, desk, held.keys(), caller, asked, at=at)
        return json_answer(200, identity.render(told))

    return by_path(
        (members.CONVERT, convert),
        (members.CONVERT_ISSUANCE, convert_issuance),
        (members.CONVERT_TRANSFER, convert_transfer),
        (members.CONVERT_BULK, convert_bulk),
        (members.QUOTIENT, quotient),
    )


class Held:
    """A converter's secrets as its file has them now: they change without a restart."""

    def __init__(self, site: Site) -> None:
        """Read them once; a site without them does not start."""
        self.site = site
        self.of = self.changed()
        self.read = site.keys.converter()

    def changed(self) -> int:
        """Tell when the file was written."""
        return (self.site.keys.folder / CONVERTER).stat().st_mtime_ns

    def keys(self) -> identity.ConverterKeys:
        """Return the secrets, read again if the file is another one."""
        if (of := self.changed()) != self.of:
            self.read, self.of = self.site.keys.converter(), of
        return self.read


def log_handler(site: Site) -> Handler:
    """Return what the log operator does with a member's message."""
    keys, gate = site.keys.log(), BulkGate(site.settings.bulk.at_once)

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

    def receipt_transfer(caller: Caller, at: datetime) -> Answer:
        desk, moved = site.desk, federation.parse_transferred(caller.question.body)
        with site.database.transaction(desk.tenant) as conn:
            done = federation.receipt_transfer(conn, desk, keys, caller, moved, at=at)
        return json_answer(200, msgspec.json.encode(done))

    def receipt_bulk(caller: Caller, at: datetime) -> Answer:
        desk = site.desk
        with gate.entered(), site.database.transaction(desk.tenant) as conn:
            carried = federation.parse_bulk(caller.question.body)
            reply = federation.receipt_bulk(
                conn, desk, keys, caller, carried, fewest=site.settings.bulk.fewest, at=at
            )
        return bulk_answer(reply)

    def close(caller: Caller, at: datetime) -> Answer:
        desk, issued = site.desk, federation.parse_issued(caller.question.body)
        with site.database.transaction(desk.tenant) as conn:
            federation.close(conn, desk, keys, caller, issued, at=at)
        return json_answer(200, b"{}")

    return by_path(
        (members.RECEIPT, receipt),
        (members.ENROL, enrol),
        (members.RECEIPT_TRANSFER, receipt_transfer),
        (members.RECEIPT_BULK, receipt_bulk),
        (members.CLOSE, close),
    )


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

    def follow(caller: Caller, at: datetime) -> Answer:
        asked, desk = federation.parse_following_asked(caller.question.body), site.desk
        with site.database.transaction(desk.tenant) as conn:
            found = federation.take_following(conn, desk, secrets, caller, asked, at=at)
        told = federation.tell_following(
            desk,
            found,
            id_=asked.id,
            organisation=kit.tenant(caller.member.id),
            call=call,
            at=at,
        )
        return json_answer(200, msgspec.json.encode(told))

    return by_path((members.ISSUE, issue), (members.FOLLOWING, follow))


def reply_answer(reply: federation.Response) -> Answer:
    """Return a party's answer: a refusal is 403, and signed like every other answer."""
    status = 403 if isinstance(reply, federation.Refused) else 200
    return json_answer(status, federation.render(reply))


def bulk_answer(reply: federation.BulkResponse) -> Answer:
    """Return a party's answer about many; a no to all of them is 403, as of one."""
    status = 403 if isinstance(reply, federation.Refused) else 200
    return json_answer(status, msgspec.json.encode(reply))


def json_answer(status: int, body: bytes, *more: tuple[str, str]) -> Answer:
    """Return an answer in JSON."""
    head: exchange.Fields = (("content-type", "application/json"), *more)
    return Answer(status, head, body)
