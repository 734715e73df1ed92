"""What a party says of one day's exchanges with another: numbers and digests, nothing of a person.

`GET /exchanges?day=…&after=…` on the line between members. Each is told of exchanges it took part
in itself, and of no others.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import parse_qs

import msgspec

from renkei import audit, exchange, federation, kit
from renkei.app.errors import ExchangesUnasked
from renkei.app.site import Site

EXCHANGES = "/exchanges"
PAGE = 5_000
MARGIN = timedelta(hours=1)
"""How far beyond midnight a list goes: an exchange ends at one party after it did at another."""
GIVEN = frozenset({"answered", "not-held"})

Part = Literal["answer", "provision", "receipt", "question"]


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry about an exchange: its core's digest, and the digests of others that it names."""

    request: Annotated[str, msgspec.Meta(max_length=200)]
    part: Part
    asker: str
    holder: str
    at: datetime
    entry: str
    holder_entry: str = ""
    receipt: str = ""


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of a day's list; `after` is where the next one begins, nothing after the last."""

    tenant: str
    day: date
    exchanges: Annotated[tuple[Kept, ...], msgspec.Meta(max_length=PAGE)]
    after: str = ""


def told(site: Site, caller: federation.Caller) -> exchange.Answer:
    """Answer a member: a page of what is entered here about exchanges with it."""
    day, before = _asked(caller.question.query)
    # The log operator's entries are of two others: it looks through all of its day.
    partner = None if site.settings.role == "log" else caller.member.id
    with site.database.transaction(site.desk.tenant) as conn:
        page, place = _page(conn, site, day, before, partner)
    with_them = tuple(one for one in page if caller.member.id in (one.asker, one.holder))
    after = "" if place is None else place.render()
    listed = Listed(site.desk.tenant, day, with_them, after)
    head = (("content-type", "application/json"),)
    return exchange.Answer(200, head, msgspec.json.encode(listed))


def parse_listed(peer: kit.Tenant, day: date, body: bytes) -> Listed:
    """Parse a page a peer told, or raise `ReplyUnexpected`."""
    try:
        listed = kit.read_json(body, Listed)
    except msgspec.DecodeError:
        raise federation.ReplyUnexpected(peer=peer) from None
    if listed.tenant != peer or listed.day != day:
        raise federation.ReplyUnexpected(peer=peer)
    return listed


def own_list(conn: kit.Connection, site: Site, day: date) -> Iterator[Kept]:
    """Return what is entered here about the exchanges of a day and an hour about it."""
    found = audit.search_all(conn, site.desk.tenant, _about(day), page=PAGE, withheld=True)
    return _kept(found, _trusted(site))


def is_of(day: date, one: Kept) -> bool:
    """Tell whether an entry is of the day itself, not of the hour about it."""
    return kit.day_of(one.at) == day


def _page(
    conn: kit.Connection, site: Site, day: date, before: audit.Place | None, partner: str | None
) -> tuple[list[Kept], audit.Place | None]:
    found = audit.search(
        conn, site.desk.tenant, _about(day, partner), before=before, limit=PAGE, withheld=True
    )
    last = found[-1] if len(found) == PAGE else None
    place = None if last is None else audit.Place.of(last)
    return list(_kept(found, _trusted(site))), place


def _about(day: date, partner: str | None = None) -> audit.Search:
    """Return what finds the entries of a day and an hour about it."""
    since = kit.midnight(day)
    until = since + timedelta(days=1)
    return audit.Search(partner=partner, since=since - MARGIN, until=until + MARGIN)


def _trusted(site: Site) -> list[audit.Verifier]:
    """Return the keys by which receipts are believed."""
    return [audit.Verifier.parse(one.log_key) for one in site.desk.members.of_kind("log")]


def _kept(found: Iterable[audit.Logged], trusted: list[audit.Verifier]) -> Iterator[Kept]:
    for logged in found:
        entry = logged.entry
        if (part := _part(entry)) is None:
            continue
        yield Kept(
            request=entry.request,
            part=part,
            asker=entry.asker,
            holder=entry.holder,
            at=entry.at,
            entry=exchange.encode(audit.Leaf.parse(logged.leaf).core_hash),
            holder_entry=entry.details.get("holder_entry", ""),
            receipt=_promised(entry.details.get("receipt", ""), trusted),
        )


def _part(entry: audit.Entry) -> Part | None:
    """Return which part of a question of the standard an entry is; messages passed on are none."""
    if not entry.items:
        return None
    match entry.kind, entry.outcome:
        case audit.Kind.ANSWER, outcome if outcome in GIVEN:
            return "answer"
        case audit.Kind.PROVISION, outcome if outcome in GIVEN:
            return "provision"
        case audit.Kind.VIEW, "answered" if entry.asker != entry.holder:  # to another's portal
            return "provision"
        case audit.Kind.REQUEST, "receipted":
            return "receipt"
        case audit.Kind.REQUEST, "asked":
            return "question"
        case _:
            return None


def _promised(line: str, trusted: list[audit.Verifier]) -> str:
    """Return the digest a receipt promises; nothing for one that does not hold."""
    if not line:
        return ""
    try:
        return exchange.encode(audit.Receipt.read(line, trusted).core_hash)
    except kit.NodeError:
        return ""


def _asked(query: str) -> tuple[date, audit.Place | None]:
    said = parse_qs(query)
    after = said.get("after", [""])[0]
    try:
        day = date.fromisoformat(said.get("day", [""])[0])
        return day, audit.Place.parse(after) if after else None
    except ValueError:
        raise ExchangesUnasked from None
