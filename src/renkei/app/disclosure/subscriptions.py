"""Subscriptions: a unit is told what changed, against a permit of the day, through the outbox.

Events come from the store's feed, leave from the law, letters go to the exchange's outbox, entries
to the log, and the consumer moves on: all in one transaction, so that what is told is told once in
the books and never lost. `courier` runs it and posts the letters.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

import msgspec

from renkei import audit, kit, law, standard, store
from renkei.app.disclosure.permission import Office, everyone_in, leaving, withheld_persons
from renkei.app.errors import ConsumerMoved, UrlUnusable
from renkei.exchange import NATS, outbox

EVENTS = 500  # of one subscription told in one transaction
LETTER = 100  # events in one letter


class Told(msgspec.Struct, frozen=True):
    """One event as a unit reads it; of a record that is gone there are no values.

    A receiver that knows a record from a later position has newer values and leaves it as it is.
    """

    position: int
    became: store.Became
    key: dict[str, str]
    on: date
    known_at: datetime
    values: dict[str, store.Plain] | None


class Notice(msgspec.Struct, frozen=True):
    """The body of a letter: what became of records of one entity."""

    subscription: str
    interface: str
    entity: str
    mode: audit.Mode
    provision: str
    events: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Served:
    """What serving a subscription once came to."""

    events: int = 0
    letters: int = 0
    refused: str = ""


def subscribe(
    conn: kit.Connection,
    office: Office,
    subscription: store.Subscription,
    url: str,
    *,
    since: store.Position,
    at: datetime,
) -> law.Permit | law.Refusal:
    """Keep a subscription if the law permits it today; yes and no are both entered."""
    check_url(url)
    interface = office.interface(subscription.interface)
    request = office.request(
        subscription.unit, interface, subscription.procedure, subscription.items
    )
    decision = office.decide(request, kit.day_of(at))
    _enter(conn, office, subscription, decision, at=at)
    if decision:
        store.subscribe(
            conn, office.tenant, subscription, entity=interface.entity, since=since, at=at
        )
        outbox.register(conn, office.tenant, subscription.name, url)
    return decision


def unsubscribe(conn: kit.Connection, office: Office, name: str) -> None:
    """End a subscription; what waits for it is not sent any more."""
    store.unsubscribe(conn, office.tenant, name)
    outbox.unregister(conn, office.tenant, name)


def check_url(url: str) -> None:
    """Refuse what no letter can be sent to, or what would show a password to who lists it."""
    if url == NATS:
        return
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or "@" in parts.netloc or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise UrlUnusable(url=url[:200] if "@" not in url else "…")


def serve(
    conn: kit.Connection, office: Office, subscription: store.Subscription, *, at: datetime
) -> Served:
    """Tell a subscription what came next, as of today's law; nothing is told of whom it may not be.

    1. What was withheld and is not any more comes first, then the next events.
    2. The law of today is asked; a refusal is entered, and the events wait.
    3. What may not leave is left out; of whom is withheld, the record is remembered.
    4. Letters, entries and the consumer's new position stand or fall together.
    """
    tenant, name, on = office.tenant, subscription.name, kit.day_of(at)
    interface = office.interface(subscription.interface)
    entity = office.catalogue.entity(interface.entity)
    before = store.position_of(conn, tenant, name)
    if before is None:  # ended meanwhile
        return Served()
    freed = _freed(conn, office, subscription, on)
    page = store.changes_since(
        conn, tenant, before, limit=EVENTS, entities=[entity.name], standard=office.catalogue
    )
    keys = [one.key for one in freed]
    events = [*store.latest_events(conn, tenant, entity, keys), *page.events]
    letters = 0
    if events:
        items = subscription.items
        request = office.request(subscription.unit, interface, subscription.procedure, items)
        decision = office.decide(request, on)
        if isinstance(decision, law.Refusal):
            return _refused(conn, office, subscription, decision, at=at)
        if subscription.refused is not None:
            store.keep_refusal(conn, tenant, name, on=None, reason=None)
        store.release_withheld(conn, tenant, name, freed)
        protected = subscription.with_protected
        found = leaving(conn, office, entity, events, items, on=on, with_protected=protected)
        store.withhold(conn, tenant, name, found.withheld)
        for start in range(0, len(found.records), LETTER):
            some = found.records[start : start + LETTER]
            _tell(conn, office, subscription, decision, entity, some, at=at)
            letters += 1
    if page.after != before:
        _advance(conn, office, name, before, page.after, at=at)
    return Served(len(events), letters)


def _freed(
    conn: kit.Connection, office: Office, subscription: store.Subscription, on: date
) -> list[store.Withheld]:
    """Return what the subscription was not told of and may be told of now."""
    kept = store.withheld(conn, office.tenant, subscription.name)
    if not kept:
        return []
    still = withheld_persons(
        conn,
        office,
        {one.person for one in kept},
        on=on,
        with_protected=subscription.with_protected,
    )
    return [one for one in kept if one.person not in still][:EVENTS]


def _tell(
    conn: kit.Connection,
    office: Office,
    subscription: store.Subscription,
    permit: law.Permit,
    entity: standard.Entity,
    changed: Sequence[store.Changed],
    *,
    at: datetime,
) -> None:
    """Put one letter and enter it: whom it is about, and as which letter it left."""
    notice = Notice(
        subscription.name,
        subscription.interface,
        entity.name,
        office.mode,
        permit.provision,
        tuple(_told(entity, subscription, one) for one in changed),
    )
    letter = outbox.Letter(office.new_id(), msgspec.json.encode(notice))
    outbox.put(conn, office.tenant, subscription.name, [letter], at=at, seal=office.seal)
    store.disclose(
        conn,
        permit,
        everyone_in(entity, subscription.items, changed),
        tenant=office.tenant,
        records=len(changed),
        occasion=store.Occasion(
            request=letter.id,
            at=at,
            mode=office.mode,
            details={"as": "subscription", "subscription": subscription.name},
        ),
        seal=office.seal,
    )


def _told(
    entity: standard.Entity, subscription: store.Subscription, changed: store.Changed
) -> Told:
    event, values = changed.event, changed.values
    is_gone = event.became is store.Became.gone or values is None
    return Told(
        event.position,
        event.became,
        dict(zip(entity.key, event.key, strict=True)),
        event.on,
        event.known_at,
        None
        if is_gone or values is None
        else {name: store.plain_value(values[name]) for name in subscription.items},
    )


def _advance(
    conn: kit.Connection,
    office: Office,
    name: str,
    before: store.Position,
    after: store.Position,
    *,
    at: datetime,
) -> None:
    """Move the consumer on, or take everything back: another process told these events."""
    if not store.advance(conn, office.tenant, name, before, after, at=at):
        raise ConsumerMoved(name=name)


def _refused(
    conn: kit.Connection,
    office: Office,
    subscription: store.Subscription,
    refusal: law.Refusal,
    *,
    at: datetime,
) -> Served:
    """Keep and enter that the law does not let a subscription be served today."""
    reason = refusal.reason.value
    on = subscription.refused_on or kit.day_of(at)
    store.keep_refusal(conn, office.tenant, subscription.name, on=on, reason=reason)
    _enter(conn, office, subscription, refusal, at=at)
    return Served(refused=reason)


def _enter(
    conn: kit.Connection,
    office: Office,
    subscription: store.Subscription,
    decision: law.Permit | law.Refusal,
    *,
    at: datetime,
) -> None:
    """Enter a decision about a subscription; it is about nobody in particular."""
    match decision:
        case law.Permit():
            kind, outcome, details = audit.Kind.REQUEST, "subscribed", {}
        case law.Refusal():
            kind, outcome = audit.Kind.REFUSAL, "refused"
            details = {"by": str(office.tenant), "reason": decision.reason.value}
    asked = decision.request
    audit.append(
        conn,
        office.tenant,
        audit.Entry(
            kind=kind,
            request=office.new_id(),
            at=at,
            asker=asked.asker,
            holder=asked.holder,
            procedure=asked.procedure,
            outcome=outcome,
            mode=office.mode,
            unit=asked.asker_unit,
            items=asked.items,
            provision=decision.provision,
            table=decision.table,
            details={"subscription": subscription.name, **details},
        ),
    )
