"""What is past its time moves to the archive, whole, once, and never by half."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from tests.store.archive import (
    AT,
    KEY,
    REMOVED,
    RULE,
    RULES,
    TEST,
    TODAY,
    archived,
    held,
    load,
    move,
    removed,
    run,
    versions,
)
from tests.store.rows import OTHER_TOWN, TOWN, register_number

from renkei import audit, law, store
from renkei.kit import Connection, Database, Tenant
from renkei.standard import catalogue
from renkei.store import archive as archives
from renkei.store.archive import Version

AT_BATCH, OTHER_BATCH = UUID(int=1), UUID(int=2)
OLD, YOUNG = "2021-05-31", "2021-06-01"  # five years before TODAY, and not quite


@pytest.fixture
def records(own_dsn: str) -> Iterator[Database]:
    """Give records of three people: one past the time, in two versions, and two who are not."""
    with Database(own_dsn, size=1) as opened:
        with opened.transaction(TOWN) as conn:
            load(conn, [removed(1, OLD), removed(2, YOUNG)])
            load(conn, [removed(1, OLD, moved_out_on=OLD), removed(2, YOUNG)], on=1)
        yield opened


def test_the_shipped_rules_fit_the_catalogue_and_say_where_they_are_from() -> None:
    assert all(rule.source and rule.ja and rule.en for rule in RULES.values())
    assert RULE.before(TODAY) == date(2021, 6, 1)
    proposed = [rule.id for rule in RULES.values() if rule.provenance == "proposed"]
    assert proposed == [name for name in RULES if name != "RT-01"]


@pytest.mark.parametrize(
    "change",
    [
        ("removed_on", "removal_occurred_on"),  # no calendar day
        ("removed_record", "no_such_entity"),
        ("\t5\tarchive", "\t0\tarchive"),
        ("archive", "forget"),
        ("2020-09-11", "yesterday"),
        ("RT-01\trecords", "RT-01\tbook"),
    ],
)
def test_a_defective_rule_is_an_error_with_its_line(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    shipped = Path(store.__file__).with_name("retention.tsv").read_text(encoding="utf-8")
    head, first, *_ = shipped.splitlines()
    own = tmp_path / "own.tsv"
    own.write_text(f"{head}\n{first.replace(*change)}\n", encoding="utf-8")
    with pytest.raises(store.RetentionRuleDefective, match="line 2"):
        store.retention_rules(catalogue(), own)


def test_a_sites_own_rule_takes_the_place_of_ours(tmp_path: Path) -> None:
    shipped = Path(store.__file__).with_name("retention.tsv").read_text(encoding="utf-8")
    head, first, *_ = shipped.splitlines()
    own = tmp_path / "own.tsv"
    changed = first.replace("5\tarchive", "7\tarchive")
    own.write_text(f"{head}\n{changed}\n", encoding="utf-8")
    rules = {rule.id: rule for rule in store.retention_rules(catalogue(), own)}
    assert rules["RT-01"].years == 7
    assert set(rules) == set(RULES)


def test_a_record_past_its_time_moves_with_all_its_versions(
    records: Database, archive: Database, archive_dsn: str
) -> None:
    with records.transaction(TOWN) as conn:
        assert store.due(conn, TOWN, RULE, catalogue(), on=TODAY) == {"removed_record": 1}
    assert run(records, archive) == 2
    with records.transaction(TOWN) as conn:
        assert held(conn) == [register_number(2)]
        assert versions(conn) == 0
        (balance,) = store.balances(conn, TOWN, catalogue())
        assert balance.held == balance.booked == 1
        assert store.due(conn, TOWN, RULE, catalogue(), on=TODAY) == {}
    with archived(archive_dsn) as kept:
        assert kept == [(register_number(1), True)] * 2
    assert run(records, archive) == 0


def test_the_feed_tells_that_it_was_archived_and_the_log_how_much(
    records: Database, archive: Database
) -> None:
    run(records, archive)
    with records.transaction(TOWN) as conn:
        audit.sequence(conn, TOWN, KEY, at=AT)
        assert audit.verify(conn, TOWN, KEY.verifier) == []
        event = conn.execute(
            "SELECT position, key, kind FROM store_event ORDER BY 1 DESC"
        ).fetchone()
        assert event == (3, [register_number(1), "1"], "archived")
        (leaf,) = conn.execute("SELECT leaf FROM audit_entry").fetchone() or (b"",)
    entry = audit.Leaf.parse(bytes(leaf)).entry()
    assert (entry.kind, entry.outcome, entry.provision) == ("retention", "archived", "RT-01")
    assert register_number(1) not in str(entry)


def test_what_its_unit_dropped_already_moves_too(
    records: Database, archive: Database, archive_dsn: str
) -> None:
    with records.transaction(TOWN) as conn:
        load(conn, [removed(2, YOUNG)], on=2)
    assert run(records, archive) == 2
    with archived(archive_dsn) as kept:
        assert kept == [(register_number(1), True)] * 2


def killed_between(own_dsn: str, archive_dsn: str) -> int:
    """Run one move in a process that kills itself between the two commits."""
    program = textwrap.dedent(f"""
        import os, signal
        from renkei.kit import Database
        from tests.store.archive import TOWN, move
        with Database({own_dsn!r}, size=1) as records:
            with Database({archive_dsn!r}, size=1, role="renkei_retention") as archive:
                with records.transaction(TOWN) as conn:
                    with archive.transaction(TOWN) as kept:
                        assert move(conn, kept) is not None
                    os.kill(os.getpid(), signal.SIGKILL)
    """)
    root = Path(__file__).parents[2]
    paths = os.pathsep.join([str(root), str(root / "src")])
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": paths}, check=False
    )
    return done.returncode


def test_a_move_killed_between_copy_and_delete_loses_nothing_and_doubles_nothing(
    records: Database, archive: Database, own_dsn: str, archive_dsn: str
) -> None:
    assert killed_between(own_dsn, archive_dsn) == -signal.SIGKILL
    with records.transaction(TOWN) as conn:
        assert held(conn) == [register_number(1), register_number(2)]
    with archived(archive_dsn) as kept:
        assert kept == [(register_number(1), False)] * 2
    assert run(records, archive) == 2
    with archived(archive_dsn) as kept:
        assert kept == [(register_number(1), True)] * 2
    with records.transaction(TOWN) as conn:
        assert held(conn) == [register_number(2)]


def test_a_killed_move_of_a_record_that_then_changed_leaves_no_copy(
    records: Database, archive: Database, own_dsn: str, archive_dsn: str
) -> None:
    killed_between(own_dsn, archive_dsn)
    with records.transaction(TOWN) as conn:  # the unit corrects the day: it is not due any more
        load(conn, [removed(1, YOUNG), removed(2, YOUNG)], on=2)
        conn.execute("SET LOCAL ROLE renkei_retention")
        conn.execute("DELETE FROM store_removed_record_history")  # nor are its versions there
    assert run(records, archive) == 0
    with archived(archive_dsn) as kept:
        assert kept == []


def test_the_archive_lets_go_after_its_own_time(
    records: Database, archive: Database, archive_dsn: str
) -> None:
    run(records, archive)
    for on, left in ((date(2171, 5, 31), 2), (date(2171, 6, 1), 0)):
        with archive.transaction(TOWN) as kept:
            assert store.expire(kept, TOWN, RULE, on=on) == 2 - left
        with archived(archive_dsn) as found:
            assert len(found) == left


def test_history_and_events_past_their_time_go(records: Database, archive: Database) -> None:
    later = AT.replace(year=2037)
    rules = RULES["RT-10"], RULES["RT-20"]
    with records.transaction(TOWN) as conn, archive.transaction(TOWN) as kept:
        found = [store.due(conn, TOWN, rule, catalogue(), on=later.date()) for rule in rules]
        assert found == [{"removed_record": 1}, {"store_event": 1}]
        facts: dict[str, Any] = {"batch": AT_BATCH, "mode": TEST, "at": AT, "on": later.date()}
        moved = store.move(conn, kept, TOWN, rules[0], REMOVED, **facts)
        gone = store.remove_rows(conn, TOWN, rules[1], **(facts | {"batch": OTHER_BATCH}))
        assert (moved, gone) == (
            store.Removed("RT-10", "removed_record", 0, 1),
            store.Removed("RT-20", "store_event", 1, 0),
        )
        assert versions(conn) == 0
        assert len(held(conn)) == 2


def test_the_application_can_neither_remove_history_nor_reach_the_archive(
    records: Database, archive_dsn: str
) -> None:
    with records.transaction(TOWN) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("DELETE FROM store_removed_record_history")
    with Database(archive_dsn, size=1) as application, application.transaction(TOWN) as conn:
        for table in ("store_archived", "store_archive_batch"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                conn.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table)))


def test_the_role_that_removes_touches_no_book(conn: Connection) -> None:
    found = conn.execute(
        "SELECT relname, verb FROM pg_class, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS verb"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        " AND has_table_privilege('renkei_retention', pg_class.oid, verb)"
        " AND NOT relname = any(%s)",
        [[f"store_{e.name}{tail}" for e in catalogue().entities for tail in ("", "_history")]],
    )
    assert {(name, verb) for name, verb in found} == {
        (name, "DELETE") for name in ("store_delivery", "store_event", "store_reconciliation")
    }


def test_another_town_sees_nothing_of_it(records: Database, archive: Database) -> None:
    with records.transaction(OTHER_TOWN) as conn, archive.transaction(OTHER_TOWN) as kept:
        assert store.due(conn, OTHER_TOWN, RULE, catalogue(), on=TODAY) == {}
        # Even where our own context is asked for: the rows are the other town's.
        assert move(conn, kept) is None
    run(records, archive)
    with archive.transaction(OTHER_TOWN) as kept:
        assert kept.execute("SELECT count(*) FROM store_archived").fetchone() == (0,)


INCOME = catalogue().entity("income")


def permit(holder: Tenant) -> law.Permit:
    """Return a permit for two items of a person's income."""
    asked = law.Request(
        asker=OTHER_TOWN,
        asker_kind="municipality",
        asker_unit="15",
        procedure="JT99000000001501",
        holder=holder,
        holder_kind="municipality",
        information="TM00000000000002",
        items=("06-1-013", "06-1-022"),
        year=2025,
    )
    decision = law.decide(asked, law.provision_table(), date(2026, 4, 1))
    assert isinstance(decision, law.Permit)
    return decision


def test_the_archive_is_read_with_its_own_right_against_a_permit_leaving_an_entry(
    conn: Connection, archive: Database, archive_dsn: str
) -> None:
    names = [item.name for item in INCOME.items if item.id in {"06-1-013", "06-1-022"}]
    key = {name: str(number) for number, name in enumerate(INCOME.key)}
    record: dict[str, object] = dict.fromkeys([item.name for item in INCOME.items], "x")
    version = Version(tuple(key.values()), TODAY, AT, None, None, TODAY, record)
    with archive.transaction(TOWN) as kept:
        archives.keep(kept, TOWN, "income", [version], rule="RT-10", batch=AT_BATCH, at=AT)
        archives.settle(kept, TOWN, gone=[AT_BATCH], kept=[])
    facts: dict[str, Any] = {"request": "look-1", "by": "staff-7", "mode": TEST, "at": AT}
    with (
        Database(archive_dsn, size=1, role="renkei_archive") as reader,
        reader.transaction(TOWN) as kept,
    ):
        found = store.read_archived(conn, kept, TOWN, permit(TOWN), INCOME, key, **facts)
        assert [one.values for one in found] == [dict.fromkeys(names, "x")]
        with pytest.raises(store.PermitElsewhere):
            store.read_archived(conn, kept, TOWN, permit(OTHER_TOWN), INCOME, key, **facts)
        with pytest.raises(psycopg.errors.InsufficientPrivilege), kept.transaction():
            kept.execute("DELETE FROM store_archived")
    assert audit.pending(conn, TOWN) == 1
