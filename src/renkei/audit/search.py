"""Searching a log: what an entry is found by, and one page of it, newest first.

Nothing of a person is among the columns: nobody is looked for by the chain of their entries. That
the columns repeat what the leaf says is held against the leaf by `verify`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self

import msgspec

from renkei import kit
from renkei.audit.encoding import whole_number
from renkei.audit.entries import Kind
from renkei.audit.log import Logged, logged_entries, sql
from renkei.audit.shards import FIRST, YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for; a part left out selects nothing.

    `name` is the request's or the message's; `client` and `service` are addresses, a whole one or
    the beginning of some (an organisation, a unit); times from `since` on, before `until`. By
    `asker`, `holder` and `provision` every entry that else fits is looked through: say some days.
    """

    name: str | None = None
    partner: str | None = None
    kind: Kind | None = None
    outcome: str | None = None
    client: str | None = None
    service: str | None = None
    asker: str | None = None
    holder: str | None = None
    provision: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def stated(self) -> dict[str, bytes | None]:
        """Return how the leaf of an entry that fits says its asker, holder and provision.

        Each with the member that follows it: quotes within a text are escaped, details hold texts
        alone and never both a provision and a purpose, so nothing else in a leaf looks like that.
        """
        forms = {
            "asker": (b'{"core":{"asker":%b,"at":', self.asker),
            "holder": (b',"holder":%b,"items":[', self.holder),
            "provision": (b',"provision":%b,"purpose":', self.provision),
        }
        return {
            name: None if text is None else form % msgspec.json.encode(text)
            for name, (form, text) in forms.items()
        }


class Place(NamedTuple):
    """Where a page ended: the next one goes on before it."""

    at: datetime
    number: int
    year: int = FIRST

    @classmethod
    def of(cls, logged: Logged) -> Self:
        """Return the place of an entry."""
        return cls(logged.entry.at, logged.index, logged.year)

    def render(self) -> str:
        """Return it as one word, for the address of the next page.

        >>> Place(datetime.fromisoformat("2027-03-01T09:00:00+00:00"), 7, 2027).render()
        '2027/7@2027-03-01T09:00:00+00:00'
        """
        place = str(self.number) if self.year == FIRST else f"{self.year}/{self.number}"
        return f"{place}@{self.at.isoformat()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `render` writes; ValueError for anything else."""
        place, _, moment = text.partition("@")
        year, _, number = place.rpartition("/")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None or (year and not YEAR.fullmatch(year)):
            raise ValueError("not a place")
        return cls(at, whole_number(number), int(year or FIRST))


def search(
    conn: kit.Connection,
    tenant: kit.Tenant,
    wanted: Search,
    *,
    before: Place | None = None,
    limit: int = 50,
    withheld: bool = False,
) -> Sequence[Logged]:
    """Return a page of the sequenced entries that fit, newest first.

    `withheld` shows those withheld by law too; it is for the oversight body.
    """
    facts = {
        "tenant": tenant,
        "withheld": withheld,
        "name": wanted.name,
        "partner": wanted.partner or _other(wanted.asker, tenant),
        "kind": wanted.kind and wanted.kind.value,
        "outcome": wanted.outcome,
        "clients": _below(conn, sql.clients_below, tenant, wanted.client),
        "services": _below(conn, sql.services_below, tenant, wanted.service),
        "since": wanted.since,
        "until": wanted.until,
        "before_at": before and before.at,
        "before": before and before.number,
        "before_year": before and before.year,
        "limit": limit,
        **wanted.stated(),
    }
    return list(logged_entries(conn.execute(sql.search, facts, prepare=False)))


def search_all(
    conn: kit.Connection,
    tenant: kit.Tenant,
    wanted: Search,
    *,
    page: int,
    withheld: bool = False,
) -> Iterator[Logged]:
    """Yield all sequenced entries that fit, newest first, read a page at a time."""
    before: Place | None = None
    while True:
        found = search(conn, tenant, wanted, before=before, limit=page, withheld=withheld)
        yield from found
        if len(found) < page:
            return
        before = Place.of(found[-1])


def first_at(conn: kit.Connection, tenant: kit.Tenant) -> datetime | None:
    """Return when the first of the sequenced entries that are here was made; None without any."""
    row = conn.execute(sql.first_at, {"tenant": tenant}).fetchone()
    first: datetime | None = row[0] if row else None
    return first


def _other(asker: str | None, tenant: kit.Tenant) -> str | None:
    """Return the partner that an asker is to whoever is another one: found by an index."""
    return None if asker == tenant else asker


def _below(
    conn: kit.Connection, query: bytes, tenant: kit.Tenant, address: str | None
) -> list[str] | None:
    """Return the addresses meant by one that may be the beginning of some."""
    if address is None:
        return None
    return [row[0] for row in conn.execute(query, {"tenant": tenant, "address": address})]
