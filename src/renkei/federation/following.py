"""Codes that follow others: what the registrar tells an organisation about the codes it holds.

An organisation asks from where it was told last. What it gets are two issuances of one batch, the
old persons and the new ones, each pair under one acquisition number: so it sees its own two codes,
and neither the registrar nor a converter sees either. A pair without a new one ends a code.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec

from renkei import audit, exchange, identity, kit
from renkei.federation.answering import NodeKeys
from renkei.federation.channel import Channel, body_of
from renkei.federation.desk import Desk
from renkei.federation.door import Caller
from renkei.federation.errors import ReplyUnexpected
from renkei.federation.inquiry import parsed
from renkei.federation.issuing import (
    BATCH,
    Call,
    Header,
    Issued,
    convert_through,
    entry_of_batch,
    settle_at_log,
)

FOLLOWING = "/registrar/following"
NOTHING = msgspec.Raw(b"null")


class FollowingAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an organisation asks: everything behind the position it was told last (0: nothing)."""

    id: str
    after: Annotated[int, msgspec.Meta(ge=0)]


class Followed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One code: at which position, why it is no longer the person's, under which number."""

    position: int
    kind: identity.StepKind
    acquisition: str


class Following(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the registrar tells. Nothing followed: no issuances; `new` is null if no code does."""

    header: Header
    followed: tuple[Followed, ...]
    old: msgspec.Raw
    new: msgspec.Raw


@dataclass(frozen=True, slots=True)
class CodeFollowed:
    """One of our codes is from now on another of ours, or (None) nobody's; in order of position."""

    position: int
    kind: identity.StepKind
    old: identity.Nym
    new: identity.Nym | None


def parse_following_asked(body: bytes) -> FollowingAsked:
    """Parse what an organisation asks."""
    return parsed(body, FollowingAsked)


def take_following(
    conn: kit.Connection,
    desk: Desk,
    secrets: identity.RegistrarSecrets,
    caller: Caller,
    asked: FollowingAsked,
    *,
    at: datetime,
) -> Sequence[identity.Succession]:
    """Read what the caller has yet to be told and enter it; the conversions follow the commit."""
    desk.expect(caller.member, kind="organisation")
    exchange.first_time(conn, desk.tenant, caller.signature, request_id=asked.id, at=at)
    organisation = kit.tenant(caller.member.id)
    found = identity.successions(
        conn, desk.tenant, organisation, after=asked.after, limit=BATCH, secrets=secrets
    )
    if found:
        entry = entry_of_batch(desk, organisation, asked.id, len(found), at, outcome="followed")
        audit.append(conn, desk.tenant, entry)
    return found


def tell_following(
    desk: Desk,
    found: Sequence[identity.Succession],
    *,
    id_: str,
    organisation: kit.Tenant,
    call: Call,
    at: datetime,
) -> Following:
    """Settle all of it at the log operator first, then run the conversions of both sides."""
    drawn = [(identity.AcquisitionNumber.random(), one) for one in found]
    followed = tuple(
        Followed(one.position, one.kind, exchange.encode(number.encoded)) for number, one in drawn
    )
    header = Header(id_, desk.tenant, organisation, at)
    new = [(number, one.new) for number, one in drawn if one.new is not None]
    settle_at_log(desk, [(one.old, one.new) for one in found], id_=id_, call=call, at=at)

    def converted(
        people: Sequence[tuple[identity.AcquisitionNumber, identity.Pid]],
    ) -> msgspec.Raw:
        if not people:
            return NOTHING
        return convert_through(desk, people, id_, organisation, call, at).issuance

    old = [(number, one.old) for number, one in drawn]
    return Following(header, followed, converted(old), converted(new))


def open_following(desk: Desk, keys: NodeKeys, told: Following) -> list[CodeFollowed]:
    """Verify both issuances and open them; the organisation's part."""

    def opened(part: msgspec.Raw) -> dict[str, identity.Nym]:
        if part == NOTHING:
            return {}
        issuance = Issued(told.header, part).opened()
        verified = identity.verify_issuance(issuance, desk.directory, **told.header.parties)
        return {
            exchange.encode(number.encoded): nym
            for number, nym in identity.open_issuance(verified, *keys.opening)
        }

    old, new = opened(told.old), opened(told.new)
    ends = {one.acquisition for one in told.followed if one.kind in identity.ENDING}
    drawn = [one.acquisition for one in told.followed]
    if sorted(drawn) != sorted(old) or set(drawn) - ends != set(new):
        raise ReplyUnexpected(peer=desk.directory.registrar)
    return [
        CodeFollowed(one.position, one.kind, old[one.acquisition], new.get(one.acquisition))
        for one in told.followed
    ]


async def fetch_following(
    desk: Desk,
    keys: NodeKeys,
    channel: Channel,
    *,
    after: int,
    clock: Callable[[], datetime],
) -> list[CodeFollowed]:
    """Ask the registrar what became of our codes since a position, at most a batch of it.

    Whoever asks behind a position says that everything up to it is kept; the registrar drops it.
    """
    registrar = desk.directory.registrar
    asked = FollowingAsked(exchange.new_id(desk.members.instance), after)
    headers = (("pf-mode", desk.mode),)
    body = msgspec.json.encode(asked)
    reply = await channel.call(registrar, "POST", FOLLOWING, body, headers, at=clock())
    told = parsed(body_of(registrar, reply), Following)
    if (told.header.id, told.header.organisation) != (asked.id, desk.tenant):
        raise ReplyUnexpected(peer=registrar)
    return open_following(desk, keys, told)


async def follow(
    desk: Desk,
    keys: NodeKeys,
    database: kit.Database,
    channel: Channel,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[int], None],
) -> list[identity.SharedCode]:
    """Let our codes be what the registrar says they are by now, batch by batch, resumable.

    Returns whose new code is another person's here: one human stood under two register numbers.
    """
    shared: list[identity.SharedCode] = []
    after = done = 0
    while followed := await fetch_following(desk, keys, channel, after=after, clock=clock):
        pairs = [(one.old, one.new) for one in followed]
        request = exchange.new_id(desk.members.instance)
        with database.transaction(desk.tenant) as conn:
            shared += identity.follow_codes(conn, desk.tenant, pairs, seal=keys.seal)
            entry = entry_of_batch(
                desk, desk.tenant, request, len(pairs), clock(), outcome="followed"
            )
            audit.append(conn, desk.tenant, entry)
        after = followed[-1].position  # the next question says that these are kept
        done += len(pairs)
        progress(done)
    with database.transaction(desk.tenant) as conn:
        identity.note_follow_up(conn, desk.tenant, at=clock())
    return shared
