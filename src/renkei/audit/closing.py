"""Closing the shard of a year that is over: its last trees are signed, and said in the next one."""

from datetime import date, datetime, timedelta

from renkei import kit
from renkei.audit.entries import Mode
from renkei.audit.epochs import make_epoch
from renkei.audit.log import alone, append
from renkei.audit.notes import Signer
from renkei.audit.shard_entries import closed
from renkei.audit.shards import Closing, Shard, shard_name, shards
from renkei.audit.signed_tree import LOG, OUTPUT, sql
from renkei.kit import metered


@metered("log")
def close_shards(
    conn: kit.Connection,
    tenant: kit.Tenant,
    signer: Signer,
    *,
    grace: timedelta,
    mode: Mode,
    at: datetime,
) -> list[int]:
    """Close every shard whose last year has been over for so long; return their years.

    What waits for its place in one goes there first: it is closed another time. What comes later
    still goes to the next shard. All in the caller's transaction.
    """
    alone(conn, tenant)
    done = []
    for shard in shards(conn, tenant):
        if shard.closing is not None or at < _end(shard) + grace:
            continue
        facts = {"tenant": tenant, "through": shard.through}
        row = conn.execute(sql.pending_through, facts).fetchone()
        if row and row[0]:
            continue
        while make_epoch(conn, tenant, signer, at=at, year=shard.year) is not None:
            pass
        log, output = (one.of(shard.year).newest(conn, tenant) for one in (LOG, OUTPUT))
        if log is None or output is None:
            continue
        closing = Closing(at, log.size, log.root, output.size, output.root)
        conn.execute(
            sql.close_shard,
            {
                "tenant": tenant,
                "year": shard.year,
                "at": at,
                "size": closing.size,
                "root": closing.root,
                "output_size": closing.output_size,
                "output_root": closing.output_root,
            },
        )
        name = shard_name(signer.name, shard.year)
        append(conn, tenant, closed(tenant, name, closing, mode=mode, at=at))
        done.append(shard.year)
    return done


def _end(shard: Shard) -> datetime:
    """Return when the last year of a shard is over, in Japan."""
    return kit.midnight(date(shard.through + 1, 1, 1))
