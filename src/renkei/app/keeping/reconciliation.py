"""The daily reconciliation: our log, the other party's and the log operator's, of one exchange.

Each node does it for itself, for each day that is over, and again until everybody concerned could
be asked. What does not agree is an alarm: nobody may have an answer the others know nothing of. The
log operator has a part of its own (`left_questions`).
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Protocol
from urllib.parse import urlencode

from renkei import audit, exchange, federation, kit
from renkei.app.keeping.findings_told import lacks_of, of_day, render, tell
from renkei.app.keeping.turns import TurnThread
from renkei.app.membership.keys import Keys
from renkei.app.proofs.exchange_lists import EXCHANGES, Kept, Listed, is_of, own_list, parse_listed
from renkei.app.proofs.proven_places import proven
from renkei.app.proofs.three_ways import UNKEPT, Lack, Three, Told, others_of
from renkei.app.settings import Settings
from renkei.app.site import (
    Site,
    now,
    prepare_database,
    read_desk,
    running_database,
    site_credentials,
)

log = logging.getLogger("renkei.app")

TURN_SECONDS = 600.0
SETTLED = timedelta(hours=2)
"""How long after midnight a day is compared: what began before it has ended, and is published."""
BACK = 7
"""So many days are gone back to where somebody could not be asked."""
MOST_PAGES = 10_000


def reconcile_day(site: Site, day: date, *, at: datetime) -> audit.Reconciliation:
    """Compare the exchanges of a day with everybody concerned; keep what was found, and say it."""
    tenant = site.desk.tenant
    with site.database.transaction(tenant) as conn:
        ours = list(own_list(conn, site, day))
        before = of_day(conn, tenant, day)
    told, unreached = asyncio.run(_all_told(site, day, ours))
    operators = {one.id for one in site.desk.members.of_kind("log")}
    three = Three(
        tenant,
        ours,
        {who: one for who, one in told.items() if who not in operators},
        {who: one for who, one in told.items() if who in operators},
        lambda request, entry: _knows(site, request, entry),
        at,
        {one.request for one in _own(before) if one.fault in UNKEPT},
    )
    lacks = three.lacks(lambda one: is_of(day, one))
    for one in lacks:
        log.error("the logs of %s disagree: %s", day, one.text("en"))
    # Whoever is named hears of it, and of the end of it; who cannot be told is asked again.
    named = {one.tenant for one in (*lacks, *_own(before))} - {tenant}
    unreached |= asyncio.run(_tell(site, day, named, lacks))
    for who in sorted(unreached):
        log.warning("the exchanges of %s could not be compared with %s yet", day, who)
    requests = {one.request for one in ours if is_of(day, one)}
    with site.database.transaction(tenant) as conn:
        newest = of_day(conn, tenant, day)
        others = [one for one in lacks_of(newest) if one.by] if newest else []
        text = render([*lacks, *others])
        found = audit.Reconciliation(day, at, len(requests), tuple(sorted(unreached)), text)
        audit.keep_reconciliation(conn, tenant, found)
    return found


def _own(found: audit.Reconciliation | None) -> list[Lack]:
    """Return what we found ourselves: others may tell us what they like."""
    return [one for one in lacks_of(found) if not one.by] if found else []


async def _tell(site: Site, day: date, named: set[str], lacks: Iterable[Lack]) -> set[str]:
    """Tell whoever is named what was found; return who could not be told."""
    missed: set[str] = set()
    async with federation.Channel(site.membership) as channel:
        for who in sorted(named):
            against = [one for one in lacks if one.tenant == who]
            try:
                await tell(channel, who, day, against, at=now())
            except kit.NodeError as error:
                log.info("%s could not be told what was found: %s", who, error.code())
                missed.add(who)
    return missed


class Compare(Protocol):
    """How a day is compared: a node's way, or the log operator's."""

    def __call__(self, site: Site, day: date, *, at: datetime) -> audit.Reconciliation:
        """Compare the day, and keep what was found."""


class ReconciliationKeeper(TurnThread):
    """One thread a node or log operator; other roles answer, and compare nothing themselves."""

    def __init__(
        self, site: Site, compare: Compare = reconcile_day, *, clock: Callable[[], datetime] = now
    ) -> None:
        """Take the site and how it compares; `start` begins."""
        super().__init__("reconciliation", TURN_SECONDS)
        self._site, self._compare, self._clock = site, compare, clock

    def turn(self) -> None:
        """Compare the days that are over and not compared with everybody yet, the newest first."""
        at = self._clock()
        last = kit.day_of(at - SETTLED) - timedelta(days=1)
        first = last - timedelta(days=BACK - 1)
        tenant = self._site.desk.tenant
        with self._site.database.transaction(tenant) as conn:
            found = audit.reconciliations(conn, tenant, first)
        done = {one.day for one in found if not one.unreached}
        for day in (last - timedelta(days=n) for n in range(BACK)):
            if day not in done and not self._ending.is_set():
                self._compare(self._site, day, at=at)


def _knows(site: Site, request: str, entry: str) -> bool:
    tenant = site.desk.tenant
    with site.database.transaction(tenant) as conn:
        if not entry:
            return audit.is_promised(conn, tenant, request)
        found = audit.entries_for_request(conn, tenant, request)
    cores = (audit.Leaf.parse(one.leaf).core_hash for one in found)
    return entry in map(exchange.encode, cores)


async def _all_told(
    site: Site, day: date, ours: Iterable[Kept]
) -> tuple[dict[str, Told], set[str]]:
    """Ask the log operators first: they know of exchanges that we know nothing of."""
    us, members = site.desk.tenant, site.desk.members
    operators = [one.id for one in members.of_kind("log")]
    told: dict[str, Told] = {}
    unreached: set[str] = set()

    async with federation.Channel(site.membership) as channel:

        async def ask(who: str) -> None:
            try:
                key = audit.Verifier.parse(members.by_id(who).log_key)
                told[who] = await told_of_day(channel, kit.tenant(who), day, key)
            except kit.NodeError as error:
                log.info("%s does not tell its exchanges: %s", who, error.code())
                unreached.add(who)

        await asyncio.gather(*map(ask, operators))
        parties = others_of(us, ours) | others_of(us, (k for t in told.values() for k in t.all))
        await asyncio.gather(*map(ask, sorted(parties - set(operators))))
    return told, unreached


async def told_of_day(
    channel: federation.Channel, peer: kit.Tenant, day: date, key: audit.Verifier
) -> Told:
    """Ask a member for its list of a day, page by page."""
    pages: list[Listed] = []
    after = ""
    for _ in range(MOST_PAGES):
        query = urlencode({"day": day.isoformat()} | ({"after": after} if after else {}))
        reply = await channel.call(peer, "GET", f"{EXCHANGES}?{query}", at=now())
        page = parse_listed(peer, day, federation.body_of(peer, reply))
        pages.append(page)
        after = page.after
        if not after:
            return Told((one for page in pages for one in page.exchanges), proven(pages, key))
    raise federation.ReplyUnexpected(peer=peer)


def reconcile_at(
    settings: Settings, day: date | None, compare: Compare = reconcile_day
) -> audit.Reconciliation:
    """Compare a day, yesterday by default, from the command line."""
    at, keys = now(), Keys(settings.keys, settings.tenant)
    desk = read_desk(settings)
    membership = federation.Membership(desk, site_credentials(settings, desk))
    with running_database(settings) as dsn:
        prepare_database(dsn, settings)
        with kit.Database(dsn, size=2) as database:
            site = Site(settings, keys, membership, keys.signer(), database, dsn)
            return compare(site, day or kit.day_of(at) - timedelta(days=1), at=at)
