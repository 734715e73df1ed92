"""The oversight body's transactions: PostgreSQL lets them read, and refuses everything else."""

import os
from threading import Thread

import psycopg
import pytest
from psycopg import errors
from tests.audit.samples import entries, write

from renkei import audit
from renkei.kit import Database, LookingRightMissing, LookTooLong

CHANGES = [
    "UPDATE audit_entry SET outcome = 'answered'",
    "DELETE FROM audit_entry",
    "UPDATE audit_head SET count = 1",
    "DELETE FROM audit_outbox",
    "INSERT INTO audit_outbox (tenant, core, request) VALUES ('131016', '', 'x')",
    "DELETE FROM audit_reconciliation",
    "CREATE TABLE mine ()",
]


@pytest.fixture
def log(database, tenant, signer):
    write(database, tenant, signer, [entries(3)])
    return database


@pytest.mark.clause("RK-49.3")
def test_a_look_reads_what_is_entered_and_how_much_waits(log, tenant):
    with log.looking(tenant) as conn:
        assert len(audit.search(conn, tenant, audit.Search())) == 3
        assert audit.pending(conn, tenant) == 0
        assert conn.execute("SELECT current_user").fetchone() == ("renkei_overseer",)
    with log.transaction(tenant) as conn:
        assert conn.execute("SELECT current_user").fetchone() == ("renkei_application",)


@pytest.mark.clause("RK-49.3")
@pytest.mark.parametrize("change", CHANGES)
def test_every_change_under_a_look_is_refused_by_the_transaction(log, tenant, change):
    with pytest.raises(errors.ReadOnlySqlTransaction), log.looking(tenant) as conn:
        conn.execute(change.encode())


@pytest.mark.clause("RK-49.3")
@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_refused_by_the_role_as_well(log, tenant, change):
    with log.transaction(tenant) as conn:
        conn.execute("SET LOCAL ROLE renkei_overseer")
        with pytest.raises(errors.InsufficientPrivilege), conn.transaction():
            conn.execute(change.encode())


@pytest.mark.clause("RK-49.3")
@pytest.mark.parametrize(
    "escape", ["SET TRANSACTION READ WRITE", "SET LOCAL transaction_read_only = off"]
)
def test_a_look_cannot_be_made_to_write(log, tenant, escape):
    with pytest.raises(errors.ActiveSqlTransaction), log.looking(tenant) as conn:
        conn.execute(escape.encode())
    with log.looking(tenant) as conn:
        conn.execute("RESET ROLE")
        with pytest.raises(errors.ReadOnlySqlTransaction), conn.transaction():
            conn.execute(CHANGES[0].encode())


def test_a_look_sees_no_core_that_waits_and_no_other_tenant(log, tenant):
    with pytest.raises(errors.InsufficientPrivilege), log.looking(tenant) as conn:
        conn.execute("SELECT core FROM audit_outbox")
    with log.looking("131016") as conn:
        assert audit.search(conn, tenant, audit.Search()) == []


def test_a_look_that_takes_too_long_ends_with_what_to_do(log, tenant):
    with (
        pytest.raises(LookTooLong, match="Choose fewer days"),
        log.looking(tenant, seconds=0.05) as conn,
    ):
        conn.execute("SELECT pg_sleep(9)")


def test_looks_take_turns_so_that_work_goes_on(dsn, tenant):
    done = []

    def look():
        with database.looking(tenant):
            done.append("look")

    with Database(dsn, size=4) as database:
        waiting = Thread(target=look)
        with database.looking(tenant):
            waiting.start()
            with database.transaction(tenant) as conn:
                conn.execute("SELECT 1")
            done.append("work")
        waiting.join()
    assert done == ["work", "look"]


@pytest.mark.skipif("RENKEI_TEST_DSN" in os.environ, reason="makes a role on the whole server")
def test_a_login_without_the_right_is_told_so(dsn, tenant):
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("CREATE ROLE looks_at_nothing LOGIN IN ROLE renkei_application")
        try:
            own = psycopg.conninfo.make_conninfo(dsn, user="looks_at_nothing")
            with (
                Database(own, size=1) as database,
                pytest.raises(LookingRightMissing),
                database.looking(tenant),
            ):
                pass
        finally:
            owner.execute("DROP ROLE looks_at_nothing")
