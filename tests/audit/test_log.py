"""A deed and its entry stand or fall together; sequencing loses, doubles and reorders nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from hashlib import sha256
from importlib.resources import files

import psycopg
import pytest
from tests.audit.kills import kill_everywhere
from tests.audit.samples import AT, ENTRY, HANAKO, SEED, TARO, entries, tamper, write

from renkei import audit
from renkei.audit.signed_tree import LOG
from renkei.audit.tree import is_included, leaf_hash
from renkei.kit import Database, Tenant, migrate

FreshDsn = Callable[..., AbstractContextManager[str]]


def test_a_promise_is_the_hash_of_the_core_and_is_kept(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    with database.transaction(tenant) as conn:
        promise = audit.append(conn, tenant, ENTRY)
        assert audit.pending(conn, tenant) == 1
        audit.sequence(conn, tenant, signer, at=AT)
        (logged,) = audit.entries_for_request(conn, tenant, ENTRY.request)
        assert audit.pending(conn, tenant) == 0
    assert promise == sha256(ENTRY.core()).digest() == audit.Leaf.parse(logged.leaf).core_hash
    assert (logged.index, logged.seq, logged.prev, logged.entry) == (0, 1, None, ENTRY)


@pytest.mark.clause("RK-3.7")
def test_a_deed_rolled_back_leaves_no_entry(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    with database.transaction(tenant) as conn, conn.transaction(force_rollback=True):
        audit.append(conn, tenant, ENTRY)
    with database.transaction(tenant) as conn:
        assert audit.pending(conn, tenant) == 0
        assert audit.sequence(conn, tenant, signer, at=AT) is None


def test_a_log_without_entries_is_whole_and_has_nothing_to_show(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    with database.transaction(tenant) as conn:
        assert audit.append_many(conn, tenant, []) == []
        assert audit.sequence(conn, tenant, signer, at=AT) is None
        assert audit.newest(conn, tenant) is None
        assert audit.verify(conn, tenant, signer.verifier) == []
        with pytest.raises(audit.LogUnsigned):
            audit.bundle(conn, tenant, signer.verifier, labels=[HANAKO])
        with pytest.raises(audit.LogUnsigned):
            audit.consistency(conn, tenant, 0)


def test_refusals_and_failures_are_entries_like_any_other(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    kinds = [audit.Kind.REQUEST, audit.Kind.REFUSAL, audit.Kind.FAILURE]
    write(database, tenant, signer, [[replace(ENTRY, kind=kind) for kind in kinds]])
    with database.transaction(tenant) as conn:
        found = audit.entries_for_request(conn, tenant, ENTRY.request)
    assert [logged.entry.kind for logged in found] == kinds


@pytest.mark.clause("RK-9.2")
def test_the_chains_of_persons_run_through_all_batches(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    unnamed = replace(ENTRY, label=None, request="JP-none")
    hanako, taro = entries(9), entries(9, label=TARO)
    batches = [[hanako[n], unnamed, taro[n], hanako[n + 3]] for n in (0, 1, 2)]
    write(database, tenant, signer, batches)
    with database.transaction(tenant) as conn:
        found = audit.entries_of(conn, tenant, HANAKO)
        assert [logged.seq for logged in found] == [1, 2, 3, 4, 5, 6]
        assert [logged.index for logged in found] == [0, 3, 4, 7, 8, 11]
        assert [logged.prev for logged in found] == [None, *(one.hash for one in found[:-1])]
        assert [logged.seq for logged in audit.entries_of(conn, tenant, TARO)] == [1, 2, 3]
        none = audit.entries_for_request(conn, tenant, "JP-none")
        assert [(logged.seq, logged.prev) for logged in none] == [(None, None)] * 3
        assert audit.verify(conn, tenant, signer.verifier) == []


def test_batches_take_the_oldest_first_up_to_the_limit(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    with database.transaction(tenant) as conn:
        audit.append_many(conn, tenant, entries(5))
        sizes = []
        while checkpoint := audit.sequence(conn, tenant, signer, at=AT, limit=2):
            sizes.append(checkpoint.size)
        requests = [logged.entry.request for logged in audit.entries_of(conn, tenant, HANAKO)]
    assert sizes == [2, 4, 5]
    assert requests == [entry.request for entry in entries(5)]


def test_full_tiles_and_partial_ones_give_the_signed_roots_and_proofs(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    sizes = [1, 255, 256, 100, 44]
    batches = [entries(n, start=sum(sizes[:k])) for k, n in enumerate(sizes)]
    checkpoints = write(database, tenant, signer, batches)
    assert [checkpoint.size for checkpoint in checkpoints] == [1, 256, 512, 612, 656]
    with database.transaction(tenant) as conn:
        assert audit.verify(conn, tenant, signer.verifier, kept=checkpoints) == []
        last = checkpoints[-1]
        tree = LOG.tree(conn, tenant, last.size)
        for logged in audit.entries_of(conn, tenant, HANAKO)[::50]:
            proof, leaf = tree.inclusion(logged.index), leaf_hash(logged.leaf)
            assert is_included(leaf, logged.index, last.size, proof, last.root)
        for old in checkpoints:
            new, steps = audit.consistency(conn, tenant, old.size)
            audit.check_fork(old, new, steps)


@pytest.mark.clause("RK-9.4")
def test_sequencing_killed_at_any_statement_and_repeated_gives_the_same_bytes(
    database: Database, dsn: str, tenant: Tenant, signer: audit.Signer
) -> None:
    write(database, tenant, signer, [entries(300)])
    with database.transaction(tenant) as conn:
        audit.append_many(conn, tenant, entries(300, start=300))
    with database.transaction(tenant) as conn, conn.transaction(force_rollback=True):
        wanted = audit.sequence(conn, tenant, signer, at=AT)
    statements = kill_everywhere(
        dsn, tenant, lambda conn: audit.sequence(conn, tenant, signer, at=AT)
    )
    assert statements >= 8
    with database.transaction(tenant) as conn:
        assert audit.pending(conn, tenant) == 300
        assert audit.sequence(conn, tenant, signer, at=AT) == wanted
        assert audit.verify(conn, tenant, signer.verifier) == []


@pytest.mark.clause("RK-9.4")
def test_two_sequencers_at_once_make_one_log(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    def work(start: int) -> None:
        for n in range(start, start + 10):
            with database.transaction(tenant) as conn:
                audit.append_many(conn, tenant, entries(3, start=3 * n))
            with database.transaction(tenant) as conn:
                audit.sequence(conn, tenant, signer, at=AT, limit=4)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, (0, 10)))
    with database.transaction(tenant) as conn:
        while audit.sequence(conn, tenant, signer, at=AT):
            pass
        found = audit.entries_of(conn, tenant, HANAKO)
        assert audit.verify(conn, tenant, signer.verifier) == []
    assert [logged.index for logged in found] == list(range(60))
    assert len({logged.entry.request for logged in found}) == 60


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET leaf = leaf",
        "DELETE FROM audit_entry",
        "UPDATE audit_checkpoint SET note = note",
        "DELETE FROM audit_checkpoint",
        "UPDATE audit_tile SET hashes = hashes",
        "UPDATE audit_outbox SET core = core",
        "DELETE FROM audit_head",
        "TRUNCATE audit_entry",
    ],
)
def test_the_application_may_not_change_or_remove_what_is_kept(
    database: Database, tenant: Tenant, statement: str
) -> None:
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        database.transaction(tenant) as conn,
    ):
        conn.execute(statement.encode())


def test_the_application_may_not_remove_a_full_tile(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    write(database, tenant, signer, [entries(300)])
    with database.transaction(tenant) as conn, conn.transaction(force_rollback=True):
        assert conn.execute("DELETE FROM audit_tile").rowcount == 2
        assert conn.execute("SELECT width FROM audit_tile").fetchall() == [(256,)]


def test_another_organisation_sees_nothing_and_writes_nothing(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    write(database, tenant, signer, [entries(3)])
    other = Tenant("131024")
    tables = ("entry", "outbox", "head", "tile", "checkpoint")
    with database.transaction(tenant) as conn:
        audit.append(conn, tenant, ENTRY)
    with database.transaction(other) as conn:
        for table in tables:
            assert conn.execute(f"SELECT FROM audit_{table}".encode()).rowcount == 0
        assert audit.entries_of(conn, tenant, HANAKO) == []
        assert audit.newest(conn, tenant) is None
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        database.transaction(other) as conn,
    ):
        audit.append(conn, tenant, ENTRY)


def test_a_log_keeps_its_name_and_its_key(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    write(database, tenant, signer, [entries(1)])
    renamed = audit.Signer.from_seed("renkei.example/other", SEED)
    another = audit.Signer.from_seed(signer.name, bytes(32))
    for wrong, error in ((renamed, audit.OriginChanged), (another, audit.KeyUnknown)):
        with database.transaction(tenant) as conn, conn.transaction(force_rollback=True):
            audit.append(conn, tenant, ENTRY)
            with pytest.raises(error):
                audit.sequence(conn, tenant, wrong, at=AT)


def test_an_entry_stands_behind_the_one_before_it_in_its_chain_or_nowhere(
    database: Database, tenant: Tenant, signer: audit.Signer, dsn: str
) -> None:
    """Who writes past the sequencer, such as a program of before the column, is refused."""
    write(database, tenant, signer, [entries(3)])
    for before in ("NULL", "2", "9"):
        with pytest.raises(psycopg.errors.CheckViolation):
            tamper(dsn, tenant, f"UPDATE audit_entry SET prev_i = {before} WHERE i = 2")  # noqa: S608


def test_the_migration_says_of_each_entry_which_was_before_it(
    fresh_dsn: FreshDsn, signer: audit.Signer, tenant: Tenant
) -> None:
    step = files("renkei.audit") / "sql" / "migrations" / "0008_before_lighter_entries.sql"
    before = """
        SET ROLE renkei_owner;
        ALTER TABLE audit_entry DROP COLUMN prev_i, ADD COLUMN core_hash bytea;
        CREATE INDEX audit_entry_chain ON audit_entry (tenant, label, seq)
    """
    with fresh_dsn() as dsn:
        migrate(dsn, ["renkei.audit"])
        with Database(dsn) as database:
            write(database, tenant, signer, [entries(3), entries(2, label=TARO), entries(2)])
        with psycopg.connect(dsn) as conn:
            conn.execute(before.encode())
            conn.execute(step.read_bytes())
        with Database(dsn) as database, database.transaction(tenant) as conn:
            assert audit.verify(conn, tenant, signer.verifier) == []
            assert [one.index for one in audit.entries_of(conn, tenant, HANAKO)] == [0, 1, 2, 5, 6]
