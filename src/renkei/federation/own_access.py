"""The access record of a person, asked for by the portal of another house (利用記録の照会).

An ordinary inquiry: decided by all five, converted, receipted, entered at asker, log operator and
holder. What comes back is the bundle of all chains of that person, which proves itself; nobody's
number travels, and the holder needs no record of the person to answer.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from renkei import audit, exchange, identity, kit
from renkei.federation.desk import Desk
from renkei.federation.errors import ReplyUnexpected
from renkei.federation.inquiry import Disclosed, Inquiry
from renkei.federation.member import Member

USAGE_PERIOD = "/usage/period"


class Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From when on a house has entries."""

    since: datetime


def open_labels(
    conn: kit.Connection, tenant: kit.Tenant, history: identity.History, *, at: datetime
) -> tuple[bytes, ...]:
    """Return the labels of all a person's open chains, for each year there are entries of."""
    first = audit.first_at(conn, tenant) or at
    years: Iterable[int] = range(kit.day_of(first).year, kit.day_of(at).year + 1)
    return history.labels(years)


def disclose(
    conn: kit.Connection,
    desk: Desk,
    inquiry: Inquiry,
    history: identity.History,
    *,
    details: dict[str, str],
    witnessed: audit.Witnessed | None,
    at: datetime,
) -> Disclosed:
    """Return the open chains of a person with what proves them, and enter that they were shown."""
    key = audit.Verifier.parse(desk.me.log_key)
    labels = open_labels(conn, desk.tenant, history, at=at)
    bundle = audit.bundle(conn, desk.tenant, key, labels=labels, witnessed=witnessed)
    label = history.current.label(kit.day_of(at).year)
    shown = inquiry.entry(
        audit.Kind.VIEW, "answered", at=at, label=label, details={"as": "usage", **details}
    )
    promise = audit.append(conn, desk.tenant, shown)
    return Disclosed(msgspec.Raw(bundle), exchange.encode(promise))


def proven(holder: Member, bundle: bytes) -> tuple[audit.Logged, ...]:
    """Return the entries of a bundle that a holder disclosed, or raise where it does not hold."""
    try:
        verdict = audit.verify_bundle(bundle, [audit.Verifier.parse(holder.log_key)])
    except kit.NodeError as error:
        raise ReplyUnexpected(peer=holder.id) from error
    if not verdict.whole:
        raise ReplyUnexpected(peer=holder.id)
    return verdict.entries


def parse_period(peer: kit.Tenant, body: bytes) -> Period:
    """Parse from when on a house has entries, or raise `ReplyUnexpected`."""
    try:
        return kit.read_json(body, Period)
    except msgspec.DecodeError:
        raise ReplyUnexpected(peer=peer) from None
