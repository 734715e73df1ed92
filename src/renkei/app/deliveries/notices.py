"""Notices of the own units (通知): what one says goes into the store like a delivered difference.

1. Only the unit whose interface it is may tell, to its own node, in the node's mode.
2. A message that was taken is taken again without a second effect; another one under its id is not.
3. Its id, the records and the line in the book of deliveries stand or fall together. What was not
   taken leaves the id free, and a line in the book.

Who subscribed is told, against a permit, as of any other delivery.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid5

import msgspec
import psycopg

from renkei import exchange, federation, kit, standard, store
from renkei.app.deliveries.receiving import Arrival, Receiver
from renkei.app.errors import NoticeBlocked, NoticeNotYours
from renkei.app.site import Site
from renkei.standard import generate

BY_MESSAGE = UUID("6d0f4c5e-3b0a-5c39-9d5b-8f1f9f3c7a21")  # ours; the number of a taken message


@dataclass(frozen=True, slots=True)
class Notices:
    """What takes the notices of one site in."""

    site: Site
    receiver: Receiver

    def check(self, envelope: exchange.Envelope, call: exchange.ServiceCall) -> None:
        """Refuse a notice of another unit's records, to somebody else, or in another mode."""
        provider, desk = call.service.provider, self.site.desk
        ours = desk.members.address(desk.tenant)
        if provider.organisation != ours or envelope.client != provider:
            raise NoticeNotYours(unit=f"{provider.organisation.code}/{provider.code}"[:80])
        if envelope.mode != desk.mode:
            raise federation.ModeDiffers(theirs=envelope.mode, ours=desk.mode)

    def take(
        self,
        envelope: exchange.Envelope,
        interface: standard.Interface,
        notice: generate.Notice,
        *,
        at: datetime,
    ) -> None:
        """Take a notice in as a whole, or raise why not."""
        receiver = self.receiver
        source = f"notify_{interface.service} {envelope.id} {_digest(interface, notice)}"
        arrival = Arrival(interface.entity, source, notice.on, notice.sequence)
        try:
            blocked = self._take(envelope, interface, notice, source, at)
        except exchange.RequestIdReused:
            raise
        except kit.NodeError as error:
            receiver.failed(arrival, error, at=at)
            raise
        if blocked is not None:
            made = store.delivered(blocked, arrival.number, source=source, at=at)
            receiver.keep(made)
            raise NoticeBlocked(errors=made.errors, first=_first(blocked))

    def _take(
        self,
        envelope: exchange.Envelope,
        interface: standard.Interface,
        notice: generate.Notice,
        source: str,
        at: datetime,
    ) -> store.LoadReport | None:
        """Return the report of what is blocked; of that nothing is kept."""
        receiver, tenant = self.receiver, self.receiver.tenant
        client = envelope.client.render()
        number = uuid5(BY_MESSAGE, f"{client} {envelope.id}")
        with receiver.database.transaction(tenant) as conn, conn.transaction() as deed:
            # Of two equal messages at once the second one waits here for the first.
            is_new = bool(exchange.first_uses(conn, tenant, [(client, envelope.id)], at=at))
            before = store.read_delivery(conn, tenant, number)
            if before is not None and before.source == source:
                return None
            if before is not None or not is_new:
                raise exchange.RequestIdReused
            report = store.amend(
                conn,
                tenant,
                receiver.standard.entity(interface.entity),
                _amendment(envelope.id, interface, notice),
                on=notice.on,
                at=at,
                policy=store.Policy.file,  # the receipt says that all of it was taken
                standard=receiver.standard,
                limits=receiver.limits,
            )
            made = store.delivered(report, number, source=source, at=at)
            if not made.is_in:
                raise psycopg.Rollback(deed)
            store.keep_delivery(conn, tenant, made)
        return None if made.is_in else report


def _amendment(
    message: str, interface: standard.Interface, notice: generate.Notice
) -> store.Amendment:
    return store.Amendment(
        message,
        interface.items,
        notice.records,
        notice.ended,
        None if notice.full else notice.sequence,
    )


def _digest(interface: standard.Interface, notice: generate.Notice) -> str:
    """Return the digest of what a message says, the same in every binding."""
    said = kit.canonical([interface.name, msgspec.to_builtins(notice)])
    return sha256(said).hexdigest()


def _first(report: store.LoadReport) -> str:
    """Return the rule of the first finding, and the item it is about."""
    found = next(
        (one for one in report.findings.kept if one.severity is store.Severity.error), None
    )
    return "" if found is None else f"{found.rule} {found.place.item or ''}".strip()
