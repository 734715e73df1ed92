"""Who looked at a person's data here (利用記録), as the person it is about may see it.

What the usage protocol of Estonia's data tracker tells (`findUsage`, v2), and of each look its
outcome, the provision it rests on, the items, and its places in the log, which the bundle proves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import msgspec

from renkei import audit, exchange, federation, identity, kit, standard
from renkei.app.disclosure.permission import Office
from renkei.app.errors import PersonWithoutCode
from renkei.audit import Logged


class Usage(msgspec.Struct, frozen=True, rename="camel"):
    """One look, however many entries were made of it: what it came to is of the last one."""

    logtime: datetime
    action: str
    receiver_code: str
    receiver_name: str
    receiver_system: str
    holder_code: str
    outcome: str
    procedure: str
    provision: str
    items: tuple[str, ...]
    request: str
    entries: tuple[int, ...]
    years: tuple[int, ...]

    @classmethod
    def of(
        cls, logged: list[Logged], members: federation.Members, known: standard.Catalogue
    ) -> Self:
        """Join the entries of one request.

        The purpose in words stands at the asker alone (RK-46.2); elsewhere the procedure tells it.
        """
        first, last = logged[0].entry, logged[-1].entry
        asker = next((one for one in members.everyone if one.id == first.asker), None)
        return cls(
            logtime=first.at,
            action=last.purpose
            or last.details.get("as")
            or _procedure(known, first.procedure)
            or last.kind.value,
            receiver_code=first.asker,
            receiver_name=first.asker if asker is None else asker.ja,
            receiver_system=first.details.get("client", first.unit),
            holder_code=first.holder,
            outcome=last.outcome,
            procedure=first.procedure,
            provision=last.provision,
            items=first.items,
            request=first.request,
            entries=tuple(one.index for one in logged),
            years=tuple(one.year for one in logged),
        )


def _procedure(known: standard.Catalogue, code: str) -> str:
    """Return the official name of a procedure, or nothing."""
    try:
        return known.procedure(code).ja
    except standard.DefinitionUnknown:
        return ""


@dataclass(frozen=True, slots=True)
class Span:
    """The looks that are asked for: from, until, and which page."""

    since: datetime | None
    until: datetime | None
    offset: int
    limit: int

    def holds(self, at: datetime) -> bool:
        """Tell whether a time is in it; both ends are."""
        return (self.since is None or self.since <= at) and (self.until is None or at <= self.until)


class Usages(msgspec.Struct, frozen=True, rename="camel"):
    """A page of them, newest first, and how many there are."""

    total_usages: int
    usages: list[Usage]

    @classmethod
    def of(
        cls,
        entries: Iterable[Logged],
        members: federation.Members,
        known: standard.Catalogue,
        span: Span,
    ) -> Self:
        """Join the entries of each request, and cut the page that was asked for."""
        requests: dict[str, list[Logged]] = {}
        for one in entries:
            requests.setdefault(one.entry.request, []).append(one)
        found = [Usage.of(about, members, known) for about in requests.values()]
        held = [one for one in found if span.holds(one.logtime)]
        held.sort(key=lambda one: one.logtime, reverse=True)
        return cls(len(held), held[span.offset : span.offset + span.limit])


class UsagePeriod(msgspec.Struct, frozen=True, rename="camel"):
    """From when on entries are here; they end with the present."""

    period_start: datetime


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """The access record of one house, person by person."""

    office: Office
    members: federation.Members
    known: standard.Catalogue
    witnessed: audit.Witnessed | None = None

    def find(self, conn: kit.Connection, person: str, span: Span, *, at: datetime) -> Usages:
        """Return a page of the looks at a person; what the law withholds is under another label."""
        labels = self.labels(conn, person, at=at)
        entries = [
            one for label in labels for one in audit.entries_of(conn, self.office.tenant, label)
        ]
        entries.sort(key=lambda one: (one.year, one.index))  # a request may stand in two chains
        return Usages.of(entries, self.members, self.known, span)

    def bundle(
        self, conn: kit.Connection, person: str, key: audit.Verifier, *, at: datetime
    ) -> bytes:
        """Return all entries about a person with what proves them."""
        labels = self.labels(conn, person, at=at)
        return audit.bundle(conn, self.office.tenant, key, labels=labels, witnessed=self.witnessed)

    def period(self, conn: kit.Connection, *, at: datetime) -> UsagePeriod:
        """Return from when on entries are here."""
        return UsagePeriod(audit.first_at(conn, self.office.tenant) or at)

    def enter(
        self,
        conn: kit.Connection,
        person: str,
        envelope: exchange.Envelope,
        service: exchange.Service,
        *,
        for_another: bool,
        at: datetime,
    ) -> None:
        """Enter that the record was shown: to the person, or to somebody who acts for them."""
        audit.append(
            conn,
            self.office.tenant,
            audit.Entry(
                kind=audit.Kind.VIEW,
                request=self.office.new_id(),
                at=at,
                asker=self.office.tenant,
                holder=self.office.tenant,
                procedure="",
                outcome="answered",
                mode=self.office.mode,
                label=self._history(conn, person).current.label(kit.day_of(at).year),
                details={
                    "as": "usage-for-another" if for_another else "usage",
                    "client": envelope.client.render(),
                    "message": envelope.id,
                    "service": service.render(),
                },
            ),
        )

    def labels(self, conn: kit.Connection, person: str, *, at: datetime) -> tuple[bytes, ...]:
        """Return the labels of all a person's chains, for each year there are entries of."""
        history = self._history(conn, person)
        return federation.open_labels(conn, self.office.tenant, history, at=at)

    def _history(self, conn: kit.Connection, person: str) -> identity.History:
        """Return all chains of a person; without a code it is not known whether they are all."""
        tenant, seal = self.office.tenant, self.office.seal
        if identity.code_of(conn, tenant, person, seal=seal) is None:
            raise PersonWithoutCode
        return identity.history_of(conn, tenant, person, seal=seal)
