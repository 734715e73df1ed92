"""A log is searched by what its entries say; a page goes on where the one before ended."""

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from tests.audit.samples import AT, ENTRY, entries, write

from renkei import audit
from renkei.audit import Kind, Place, Search
from renkei.audit.columns import columns_of

B6, B15 = "JP/MUN/131024/06", "JP/MUN/131024/15"


@pytest.fixture
def log(database, tenant, signer):
    """Give a log of 60 entries, a minute apart; every tenth is a refusal, some are withheld."""

    def one(n, entry):
        details = {"message": f"m-{n // 2}", "client": "JP/MUN/131016/15"}
        details["service"] = f"{B6}/income" if n % 3 else f"{B15}/benefit"
        return replace(
            entry,
            at=AT + timedelta(minutes=n),
            asker=tenant if n % 2 else "131024",
            holder="131032" if n % 2 else tenant,
            kind=Kind.REFUSAL if n % 10 == 0 else Kind.REQUEST,
            outcome="refused" if n % 10 == 0 else "asked",
            withheld=n % 20 == 0,
            details=details,
        )

    write(database, tenant, signer, [[one(n, entry) for n, entry in enumerate(entries(60))]])

    def found(withheld=False, before=None, limit=100, **wanted):
        with database.transaction(tenant) as conn:
            return audit.search(
                conn, tenant, Search(**wanted), withheld=withheld, before=before, limit=limit
            )

    return found


def places(found) -> list[int]:
    return [logged.index for logged in found]


def test_the_newest_stand_first_and_what_is_withheld_is_for_oversight_only(log):
    open_ones = [n for n in range(59, -1, -1) if n % 20]
    assert places(log()) == open_ones
    assert places(log(withheld=True)) == list(range(59, -1, -1))


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({"name": "JP-0007"}, lambda n: n == 7),
        ({"name": "m-7"}, lambda n: n in (14, 15)),
        ({"partner": "131024"}, lambda n: n % 2 == 0),
        ({"partner": "131032"}, lambda n: n % 2 == 1),
        ({"kind": Kind.REFUSAL}, lambda n: n % 10 == 0),
        ({"outcome": "asked"}, lambda n: n % 10),
        ({"service": f"{B6}/income"}, lambda n: n % 3),
        ({"service": B15}, lambda n: n % 3 == 0),
        ({"service": "JP/MUN/131024"}, lambda n: True),
        ({"service": "JP/MUN/13102"}, lambda n: False),
        ({"client": "JP/MUN/131016/15"}, lambda n: True),
        ({"client": "JP/MUN/131016/1"}, lambda n: False),
        ({"since": AT + timedelta(minutes=50)}, lambda n: n >= 50),
        ({"until": AT + timedelta(minutes=5)}, lambda n: n < 5),
        ({"partner": "131024", "kind": Kind.REFUSAL, "service": B15}, lambda n: n % 30 == 0),
        ({"asker": "131024"}, lambda n: n % 2 == 0),
        ({"asker": "13102"}, lambda n: False),
        ({"holder": "131032"}, lambda n: n % 2),
        ({"asker": "131024", "holder": "131032"}, lambda n: False),
        ({"provision": "T-57"}, lambda n: True),
        ({"provision": "T-5"}, lambda n: False),
        ({"provision": "T-57", "kind": Kind.REFUSAL, "holder": "131032"}, lambda n: False),
    ],
)
def test_each_part_selects_what_it_says(log, wanted, fits):
    assert places(log(withheld=True, **wanted)) == [n for n in range(59, -1, -1) if fits(n)]


AWKWARD = ['"', "\\", '","items":[', ',"holder":"131032","items":[', "\0", "氏名", "%s", "é\n"]


@pytest.mark.parametrize("text", AWKWARD)
def test_whatever_a_text_says_it_is_found_as_itself_and_no_entry_by_it(
    database, tenant, signer, text
):
    one = replace(ENTRY, purpose=f',"holder":"131032","items":[{text}', provision=text)
    quoting = replace(one, request="quoting", provision="T-1", details={"holder": text, "x": text})
    write(database, tenant, signer, [[one, quoting]])
    with database.transaction(tenant) as conn:
        found = audit.search(conn, tenant, Search(provision=text))
        assert [one.entry.request for one in found] == [ENTRY.request]
        assert audit.search(conn, tenant, Search(holder=text)) == []
        assert audit.search(conn, tenant, Search(holder="131032")) == []
        assert len(audit.search(conn, tenant, Search(asker=ENTRY.asker))) == 2


def test_pages_follow_each_other_without_gap_or_repetition(log):
    seen, before = [], None
    while page := log(before=before, limit=7, partner="131032"):
        seen += places(page)
        before = Place(page[-1].entry.at, page[-1].index)
    assert seen == [n for n in range(59, -1, -1) if n % 2]


def test_entries_of_one_moment_are_paged_by_their_place(database, tenant, signer):
    write(database, tenant, signer, [entries(9)])
    with database.transaction(tenant) as conn:
        first = audit.search(conn, tenant, Search(), limit=4)
        place = Place(first[-1].entry.at, first[-1].index)
        rest = audit.search(conn, tenant, Search(), before=place)
    assert places([*first, *rest]) == list(range(8, -1, -1))


def test_no_other_organisations_entries_are_found(database, tenant, signer, log):
    with database.transaction(tenant) as conn:
        conn.execute("SELECT set_config('renkei.tenant', '131016', true)")
        assert audit.search(conn, tenant, Search(), withheld=True) == []


def test_the_migration_fills_the_columns_of_entries_there_before(fresh_dsn, signer):
    """Entries written before the columns were there get what the program would write."""
    from importlib.resources import files

    from renkei.kit import Database, migrate, tenant

    town = tenant("131016")
    with fresh_dsn() as dsn:
        migrate(dsn, ["renkei.audit"])
        own = audit.Signer.from_seed("town.example", bytes(32))
        told = {"message": "m-1", "client": "JP/MUN/131016/15", "service": f"{B6}/income"}
        with Database(dsn) as database:
            written = [replace(ENTRY, details=told), replace(ENTRY, asker="131024", holder=town)]
            write(database, town, own, [written])
        drop = "ALTER TABLE audit_entry " + ", ".join(
            f"DROP COLUMN {name} CASCADE" for name in columns_of(ENTRY.core(), town)._fields
        )
        step = files("renkei.audit") / "sql" / "migrations" / "0002_before_search.sql"
        with psycopg.connect(dsn) as conn:
            conn.execute("SET ROLE renkei_owner")
            conn.execute(drop.encode())
            conn.execute(step.read_bytes())
        with Database(dsn) as database, database.transaction(town) as conn:
            assert audit.verify(conn, town, own.verifier) == []
            assert len(audit.search(conn, town, Search(service=B6))) == 1
            conn.execute("SELECT set_config('renkei.tenant', '131024', true)")
            assert conn.execute("SELECT count(*) FROM audit_entry").fetchone() == (0,)
