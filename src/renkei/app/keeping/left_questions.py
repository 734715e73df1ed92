"""The log operator's part of the daily reconciliation: questions of which nobody took an end.

It gave a receipt for each and sees no answer. So it asks the parties for the ends they entered of
what it promised (RK-49.1), and keeps which questions neither has one of. It alarms nobody: a
question may be left for many a reason, and whoever oversees looks at it.
"""

import asyncio
import logging
from collections.abc import Collection
from datetime import date, datetime

from renkei import audit, federation, kit
from renkei.app.keeping.findings_told import lacks_of, of_day, render
from renkei.app.keeping.reconciliation import told_of_day
from renkei.app.proofs.exchange_lists import ENDS, is_of, own_list
from renkei.app.proofs.three_ways import left_open, others_of
from renkei.app.site import Site

log = logging.getLogger("renkei.app")

AT_ONCE = 16
"""How many members are asked at the same time."""


def compare_ends(site: Site, day: date, *, at: datetime) -> audit.Reconciliation:
    """Ask the parties of a day's receipts for the ends, and keep which questions have none."""
    tenant = site.desk.tenant
    with site.database.transaction(tenant) as conn:
        every = [one for one in own_list(conn, site, day) if is_of(day, one)]
    receipts = [one for one in every if one.part == "receipt"]
    ended, unreached = asyncio.run(_ended(site, day, others_of(tenant, receipts)))
    lacks = left_open(receipts, ended)
    if lacks:
        log.warning("nobody took an end of %s questions of %s", len(lacks), day)
    with site.database.transaction(tenant) as conn:
        kept = of_day(conn, tenant, day)
        others = [one for one in lacks_of(kept) if one.by] if kept else []
        text, missed = render([*lacks, *others]), tuple(sorted(unreached))
        found = audit.Reconciliation(day, at, len(receipts), missed, text)
        audit.keep_reconciliation(conn, tenant, found)
    return found


async def _ended(
    site: Site, day: date, parties: Collection[str]
) -> tuple[dict[str, Collection[str]], set[str]]:
    """Return which requests each party has an end of, and who could not be asked."""
    members, gate = site.desk.members, asyncio.Semaphore(AT_ONCE)
    ended: dict[str, Collection[str]] = {}
    unreached: set[str] = set()

    async with federation.Channel(site.membership) as channel:

        async def ask(who: str) -> None:
            try:
                key = audit.Verifier.parse(members.by_id(who).log_key)
                async with gate:
                    told = await told_of_day(channel, kit.tenant(who), day, key)
                ended[who] = {one.request for one in told.all if one.part in ENDS}
            except kit.NodeError as error:
                log.info("%s does not tell its ends: %s", who, error.code())
                unreached.add(who)

        await asyncio.gather(*map(ask, sorted(parties)))
    return ended, unreached
