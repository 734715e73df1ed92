"""What someone waits for is kept, together with its mark or not at all, many at a time."""

import asyncio
from datetime import UTC, datetime

import psycopg
import pytest

from renkei import audit, kit
from renkei.app.passing.ledger import Ledger, Seen, Use
from renkei.exchange import Replayed, RequestIdReused

TOWN = kit.tenant("131016")
AT = datetime(2026, 4, 1, 9, tzinfo=UTC)


def entry(request: str, outcome: str = "asked") -> audit.Entry:
    return audit.Entry(
        kind=audit.Kind.REQUEST,
        request=request,
        at=AT,
        asker=TOWN,
        holder="131024",
        procedure="",
        outcome=outcome,
        mode=audit.Mode.TEST,
    )


def kept(database: kit.Database, prefix: str) -> int:
    with database.transaction(TOWN) as conn:
        row = conn.execute(
            "SELECT count(*) FROM audit_outbox WHERE request LIKE %s", [f"{prefix}%"]
        ).fetchone()
    return int(row[0]) if row else 0


def test_many_at_once_are_all_kept_each_once(database):
    async def many() -> None:
        async with Ledger(database, TOWN) as ledger:
            await asyncio.gather(
                *(ledger.enter(entry(f"many-{n}"), Use("JP/x", f"m{n}")) for n in range(500))
            )

    asyncio.run(many())
    assert kept(database, "many-") == 500


@pytest.mark.clause("RK-17.9")
@pytest.mark.parametrize(
    ("mark", "error"),
    [(Use("JP/x", "twice"), RequestIdReused), (Seen("k" * 16, "n" * 16, "twice"), Replayed)],
    ids=["use", "seen"],
)
def test_a_mark_met_before_keeps_nothing_whether_at_once_or_later(database, mark, error):
    name = type(mark).__name__

    async def twice() -> list[object]:
        async with Ledger(database, TOWN) as ledger:
            ends = await asyncio.gather(
                *(ledger.enter(entry(f"{name}-{n}"), mark) for n in range(5)),
                return_exceptions=True,
            )
            later = await asyncio.gather(
                ledger.enter(entry(f"{name}-later"), mark), return_exceptions=True
            )
            return [*ends, *later]

    ends = asyncio.run(twice())
    assert sum(end is None for end in ends) == 1
    assert sum(isinstance(end, error) for end in ends) == 5
    assert kept(database, f"{name}-") == 1


def test_what_cannot_be_kept_is_raised_to_its_owner_alone(database):
    spoilt = entry("spoilt-bad", outcome="x" * 40_000)

    async def mixed() -> list[object]:
        async with Ledger(database, TOWN) as ledger:
            first = asyncio.create_task(ledger.enter(entry("spoilt-0")))
            return await asyncio.gather(
                first,
                *(ledger.enter(entry(f"spoilt-{n}")) for n in range(1, 4)),
                ledger.enter(spoilt),
                return_exceptions=True,
            )

    ends = asyncio.run(mixed())
    assert ends[:4] == [None] * 4
    assert isinstance(ends[4], audit.EntryMalformed)
    assert kept(database, "spoilt-") == 4


def test_while_the_database_is_away_it_says_so_and_then_goes_on(database, dsn):
    async def away() -> None:
        gone = kit.Database(dsn.replace("host=", "host=/nonexistent-"))
        async with Ledger(gone, TOWN) as ledger:
            with pytest.raises(kit.DatabaseUnreachable):
                await ledger.enter(entry("away"))
        async with Ledger(database, TOWN) as ledger:
            await ledger.enter(entry("away"))

    asyncio.run(away())
    assert kept(database, "away") == 1


@pytest.mark.clause("RK-17.13")
def test_a_log_that_is_locked_is_said_in_time_and_goes_on_once_it_is_free(database, server_dsn):
    async def locked() -> None:
        async with Ledger(database, TOWN, lock_seconds=0.2) as ledger:
            with psycopg.connect(database.dsn) as other:
                other.execute("LOCK TABLE audit_outbox")
                with pytest.raises(kit.DatabaseUnreachable, match="LockNotAvailable"):
                    await ledger.enter(entry("locked"))
            await ledger.enter(entry("locked"))

    asyncio.run(locked())
    assert kept(database, "locked") == 1


def test_a_line_that_was_cut_is_opened_anew(database, server_dsn):
    line = kit.Line(database, TOWN)
    with line.transaction() as conn:
        pid = conn.info.backend_pid
    with database.transaction(TOWN) as conn:
        seen = conn.execute("SELECT current_setting('renkei.tenant', true)").fetchone()
    assert seen == (TOWN,)
    with psycopg.connect(server_dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with pytest.raises(kit.DatabaseUnreachable), line.transaction() as conn:
        conn.execute("SELECT 1").fetchone()
    with line.transaction() as conn:
        row = conn.execute("SELECT current_setting('renkei.tenant')").fetchone()
        assert (row, conn.info.backend_pid == pid) == ((TOWN,), False)
    line.close()
