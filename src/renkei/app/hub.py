"""The doors of the hub: what a converter, the registrar and the log operator answer to members."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import msgspec

from renkei import exchange, federation, identity, kit
from renkei.app.errors import PathUnknown
from renkei.app.membership.keys import CONVERTER
from renkei.app.proofs.exchange_lists import EXCHANGES, told
from renkei.app.site import Site, now
from renkei.exchange import Answer
from renkei.federation import Caller, Channel

Handler = Callable[[Caller, datetime], Answer]


def with_state(site: Site, handle: Handler) -> Handler:
    """Return a handler that besides tells members what this one goes by, and what it entered."""

    def handler(caller: Caller, at: datetime) -> Answer:
        if (caller.question.method, caller.question.path) == ("GET", federation.STATE):
            return json_answer(200, msgspec.json.encode(federation.state(site.desk, at=at)))
        if (caller.question.method, caller.question.path) == ("GET", EXCHANGES):
            return told(site, caller)
        return handle(caller, at)

    return handler


def converter_handler(site: Site) -> Handler:
    """Return what a converter does with a member's message."""
    held = Held(site)

    def handle(caller: Caller, at: datetime) -> Answer:
        body, desk, keys = caller.question.body, site.desk, held.keys()
        match caller.question.path:
            case federation.CONVERT:
                carried = federation.parse_carried(body)
                with site.database.transaction(desk.tenant) as conn:
                    reply = federation.convert(conn, desk, keys, caller, carried, at=at)
                return reply_answer(reply)
            case federation.CONVERT_ISSUANCE:
                issued = federation.parse_issued(body)
                with site.database.transaction(desk.tenant) as conn:
                    done = federation.convert_issued(conn, desk, keys, caller, issued, at=at)
                return json_answer(200, msgspec.json.encode(done))
            case federation.CONVERT_TRANSFER:
                moved = federation.parse_transferred(body)
                with site.database.transaction(desk.tenant) as conn:
                    moved = federation.convert_transfer(conn, desk, keys, caller, moved, at=at)
                return json_answer(200, msgspec.json.encode(moved))
            case federation.QUOTIENT:
                asked = federation.parse_quotient_asked(body)
                with site.database.transaction(desk.tenant) as conn:
                    told = federation.hand_over(conn, desk, keys, caller, asked, at=at)
                return json_answer(200, identity.render(told))
            case path:
                raise PathUnknown(path=path[:80])

    return handle


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
    keys = site.keys.log()

    def handle(caller: Caller, at: datetime) -> Answer:
        body, desk = caller.question.body, site.desk
        match caller.question.path:
            case federation.RECEIPT:
                carried = federation.parse_carried(body)
                with site.database.transaction(desk.tenant) as conn:
                    reply = federation.receipt(conn, desk, keys, caller, carried, at=at)
                return reply_answer(reply)
            case federation.ENROL:
                issued = federation.parse_issued(body)
                with site.database.transaction(desk.tenant) as conn:
                    federation.enrol(conn, desk, keys, caller, issued, at=at)
                return json_answer(200, b"{}")
            case federation.RECEIPT_TRANSFER:
                moved = federation.parse_transferred(body)
                with site.database.transaction(desk.tenant) as conn:
                    moved = federation.receipt_transfer(conn, desk, keys, caller, moved, at=at)
                return json_answer(200, msgspec.json.encode(moved))
            case federation.CLOSE:
                issued = federation.parse_issued(body)
                with site.database.transaction(desk.tenant) as conn:
                    federation.close(conn, desk, keys, caller, issued, at=at)
                return json_answer(200, b"{}")
            case path:
                raise PathUnknown(path=path[:80])

    return handle


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
        adds = site.settings.registrar.adds
        with site.database.transaction(desk.tenant) as conn:
            people = federation.register(conn, desk, secrets, caller, acquisition, at=at, adds=adds)
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

    def handle(caller: Caller, at: datetime) -> Answer:
        match caller.question.path:
            case federation.ISSUE:
                return issue(caller, at)
            case federation.FOLLOWING:
                return follow(caller, at)
            case path:
                raise PathUnknown(path=path[:80])

    return handle


def reply_answer(reply: federation.Response) -> Answer:
    """Return a party's answer: a refusal is 403, and signed like every other answer."""
    status = 403 if isinstance(reply, federation.Refused) else 200
    return json_answer(status, federation.render(reply))


def json_answer(status: int, body: bytes, *more: tuple[str, str]) -> Answer:
    """Return an answer in JSON."""
    head: exchange.Fields = (("content-type", "application/json"), *more)
    return Answer(status, head, body)
