"""What a party says of one day's exchanges with another: numbers and digests, nothing of a person.

`GET /exchanges?day=…&after=…` on the line between members. Each is told of exchanges it took part
in itself, a log operator of the ends of those it promised, and nobody of others. Every entry told
stands with its place in the log, so that whoever asks need not believe that it is there.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import repeat
from typing import Annotated, Literal
from urllib.parse import parse_qs

import msgspec

from renkei import audit, exchange, federation, kit
from renkei.app.errors import ExchangesUnasked
from renkei.app.site import Site

EXCHANGES = "/exchanges"
PAGE = 5_000
"""How many entries are looked through for a page."""
MOST_TOLD = 400
"""How many are told with their proofs: what keeps an answer below a mebibyte."""
MARGIN = timedelta(hours=1)
"""How far beyond midnight a list goes: an exchange ends at one party after it did at another."""
GIVEN = frozenset({"answered", "not-held"})

Part = Literal["answer", "provision", "receipt", "question", "failure", "in-set"]
"""`failure` is what an asker enters of a question it says it got no answer to; `in-set` of one
whose answer came in a set in a secret order, so that it cannot say which it is."""
ENDS = frozenset[Part | None]({"answer", "provision", "failure", "in-set"})
"""The parts that are how a question ended."""


Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an entry stands: its leaf's hash, the path to a root told, since when it is signed."""

    index: Annotated[int, msgspec.Meta(ge=0)]
    leaf: str
    path: Annotated[tuple[str, ...], msgspec.Meta(max_length=63)]
    since: Moment
    year: Annotated[int, msgspec.Meta(ge=0, le=9999)] = audit.FIRST


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry about an exchange: its core's digest, and the digests of others that it names.

    `due` is when the receipt it names promised its own entry for.
    """

    request: Annotated[str, msgspec.Meta(max_length=200)]
    part: Part
    asker: str
    holder: str
    at: Moment
    entry: str
    holder_entry: str = ""
    receipt: str = ""
    due: Moment | None = None
    place: Place | None = None


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of a day's list; `after` is where the next one begins, nothing after the last.

    `checkpoints` are the roots that the places are proven under, one of each shard.
    """

    tenant: str
    day: date
    exchanges: Annotated[tuple[Kept, ...], msgspec.Meta(max_length=MOST_TOLD)]
    after: str = ""
    checkpoints: Annotated[tuple[str, ...], msgspec.Meta(max_length=16)] = ()


def told(site: Site, caller: federation.Caller) -> exchange.Answer:
    """Answer a member: a page of what is entered here about exchanges with it."""
    day, before = _asked(caller.question.query)
    with site.database.transaction(site.desk.tenant) as conn:
        found, after = _page(conn, site, day, before, caller.member)
        checkpoints, places = audit.places(conn, site.desk.tenant, found)
    with_them = _kept(found, _trusted(site), places)
    notes = tuple(one.note for one in checkpoints.values())
    listed = Listed(site.desk.tenant, day, tuple(with_them), after, notes)
    head = (("content-type", "application/json"),)
    return exchange.Answer(200, head, msgspec.json.encode(listed))


def parse_listed(peer: kit.Tenant, day: date, body: bytes) -> Listed:
    """Parse a page a peer told, or raise `ReplyUnexpected`."""
    try:
        listed = kit.read_json(body, Listed)
    except msgspec.DecodeError:
        raise federation.ReplyUnexpected(peer=peer) from None
    since, until = _window(day)
    is_about = all(since <= one.at < until for one in listed.exchanges)
    if listed.tenant != peer or listed.day != day or not is_about:
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
    conn: kit.Connection,
    site: Site,
    day: date,
    before: audit.Place | None,
    member: federation.Member,
) -> tuple[list[audit.Logged], str]:
    """Return what a page tells a member, and where the next one begins."""
    # The log operator takes part in no exchange: it, and whoever tells it, looks through the day.
    is_operator = member in site.desk.members.of_kind("log")
    partner = None if is_operator or site.settings.role == "log" else member.id
    found = audit.search(
        conn, site.desk.tenant, _about(day, partner), before=before, limit=PAGE, withheld=True
    )
    if is_operator:
        key = audit.Verifier.parse(member.log_key)
        told = [one for one in found if _is_end(one.entry, key)]
    else:
        with_them = [one for one in found if member.id in (one.entry.asker, one.entry.holder)]
        told = [one for one in with_them if _part(one.entry) is not None]
    if len(told) > MOST_TOLD:
        return told[:MOST_TOLD], audit.Place.of(told[MOST_TOLD - 1]).render()
    return told, audit.Place.of(found[-1]).render() if len(found) == PAGE else ""


def _is_end(entry: audit.Entry, operator: audit.Verifier) -> bool:
    """Tell whether an entry is how a question ended that a log operator gave its receipt for.

    A failure and an answer in a set name no receipt; what was refused before it had one is not its.
    """
    if _part(entry) not in ENDS:
        return False
    if line := entry.details.get("receipt", ""):
        return _promised(line, [operator]) is not None
    return entry.kind is audit.Kind.FAILURE or entry.outcome == federation.IN_SET


def _about(day: date, partner: str | None = None) -> audit.Search:
    """Return what finds the entries of a day and an hour about it."""
    since, until = _window(day)
    return audit.Search(partner=partner, since=since, until=until)


def _window(day: date) -> tuple[datetime, datetime]:
    midnight = kit.midnight(day)
    return midnight - MARGIN, midnight + timedelta(days=1) + MARGIN


def _trusted(site: Site) -> list[audit.Verifier]:
    """Return the keys by which receipts are believed."""
    return [audit.Verifier.parse(one.log_key) for one in site.desk.members.of_kind("log")]


def _kept(
    found: Iterable[audit.Logged],
    trusted: list[audit.Verifier],
    places: Iterable[audit.Proven | None] = repeat(None),
) -> Iterator[Kept]:
    for logged, proven in zip(found, places, strict=False):
        entry = logged.entry
        if (part := _part(entry)) is None:
            continue
        promised = _promised(entry.details.get("receipt", ""), trusted)
        yield Kept(
            request=entry.request,
            part=part,
            asker=entry.asker,
            holder=entry.holder,
            at=entry.at,
            entry=exchange.encode(audit.Leaf.parse(logged.leaf).core_hash),
            holder_entry=entry.details.get("holder_entry", ""),
            receipt="" if promised is None else exchange.encode(promised.core_hash),
            due=None if promised is None else promised.due,
            place=None if proven is None else _place(proven),
        )


def _place(proven: audit.Proven) -> Place:
    leaf, path = exchange.encode(proven.leaf), tuple(map(exchange.encode, proven.path))
    return Place(proven.index, leaf, path, proven.since, proven.year)


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
        case audit.Kind.ANSWER, federation.IN_SET:
            return "in-set"
        case (audit.Kind.FAILURE, "failed") | (audit.Kind.REFUSAL, "refused"):
            return "failure"
        case audit.Kind.REQUEST, "receipted":
            return "receipt"
        case audit.Kind.REQUEST, "asked":
            return "question"
        case _:
            return None


def _promised(line: str, trusted: list[audit.Verifier]) -> audit.Receipt | None:
    """Return the receipt; nothing for one that does not hold."""
    if not line:
        return None
    try:
        return audit.Receipt.read(line, trusted)
    except kit.NodeError:
        return None


def _asked(query: str) -> tuple[date, audit.Place | None]:
    said = parse_qs(query)
    after = said.get("after", [""])[0]
    try:
        day = date.fromisoformat(said.get("day", [""])[0])
        return day, audit.Place.parse(after) if after else None
    except ValueError:
        raise ExchangesUnasked from None
