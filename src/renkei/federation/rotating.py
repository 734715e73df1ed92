"""Rotating the codes of one organisation: each converter hands it a quotient, it changes its table.

The list in force names both versions of the converters' keys, and until when the old one holds.
Until the organisation's own row names the new one, all address it by the old one; so it may take
its time, end half way and go on.
"""

from collections.abc import Callable
from datetime import datetime

import msgspec

from renkei import audit, exchange, identity, kit
from renkei.federation.answering import NodeKeys
from renkei.federation.channel import Channel, body_of
from renkei.federation.desk import Desk
from renkei.federation.door import Caller
from renkei.federation.inquiry import parsed
from renkei.federation.issuing import entry_of_batch

QUOTIENT = "/hub/quotient"
STEP = 1000
"""Codes changed in one transaction: a twentieth of a second for others who wait."""


class QuotientAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an organisation asks each converter: from which of its versions to which."""

    id: str
    before: int
    after: int


def parse_quotient_asked(body: bytes) -> QuotientAsked:
    """Parse what an organisation asks."""
    return parsed(body, QuotientAsked)


def hand_over(
    conn: kit.Connection,
    desk: Desk,
    keys: identity.ConverterKeys,
    caller: Caller,
    asked: QuotientAsked,
    *,
    at: datetime,
) -> identity.Quotient:
    """Hand an organisation the quotient of two of its own versions; a converter's part.

    It may ask again while the old version holds: who was interrupted keeps no quotient.
    """
    desk.expect(caller.member, kind="organisation")
    exchange.first_time(conn, desk.tenant, caller.signature, request_id=asked.id, at=at)
    organisation = kit.tenant(caller.member.id)
    desk.directory.check_in_use(organisation, asked.before, at)
    quotient = identity.hand_over(keys, organisation, asked.before, asked.after, desk.directory)
    audit.append(conn, desk.tenant, _entry(desk, asked, organisation, "quotient", 0, at))
    return quotient


async def rotate(
    desk: Desk,
    keys: NodeKeys,
    database: kit.Database,
    channel: Channel,
    asked: QuotientAsked,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[int], None],
) -> int:
    """Give everybody's code its new version, and return how many were changed by this run."""
    quotients = []
    body, headers = msgspec.json.encode(asked), (("pf-mode", desk.mode),)
    for converter in desk.directory.converters:
        reply = await channel.call(converter, "POST", QUOTIENT, body, headers, at=clock())
        quotients.append(identity.parse(body_of(converter, reply), identity.Quotient))
    factor = identity.take_over(quotients, asked.before, asked.after, desk.directory, *keys.opening)
    changed, behind = 0, ""
    while True:
        with database.transaction(desk.tenant) as conn:
            step = identity.rotate_codes(
                conn,
                desk.tenant,
                asked.before,
                asked.after,
                factor,
                seal=keys.seal,
                behind=behind,
                limit=STEP,
            )
            if step.ends:
                entry = _entry(desk, asked, desk.tenant, "rotated", changed, clock())
                audit.append(conn, desk.tenant, entry)
                return changed
        changed, behind = changed + step.changed, step.last
        progress(changed)


def forget(conn: kit.Connection, desk: Desk, asked: QuotientAsked, *, at: datetime) -> int:
    """Delete our codes of a version that nobody converts any more, and enter it."""
    deleted = identity.forget_codes(conn, desk.tenant, asked.before)
    audit.append(conn, desk.tenant, _entry(desk, asked, desk.tenant, "forgotten", deleted, at))
    return deleted


def _entry(
    desk: Desk,
    asked: QuotientAsked,
    organisation: str,
    outcome: str,
    count: int,
    at: datetime,
) -> audit.Entry:
    versions = {"before": str(asked.before), "after": str(asked.after)}
    return entry_of_batch(desk, organisation, asked.id, count, at, outcome=outcome, more=versions)
