"""The entries of a year go when their time is over; what was proven with them stays proven."""

import json
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from tests.audit.kills import kill_everywhere
from tests.audit.years import Years, label, moment

from renkei import audit, kit
from renkei.audit import Defect, Finding
from renkei.kit import Database, Tenant

IN_2026, IN_2027, IN_2034 = (moment(f"{year}-06-01 09:00") for year in (2026, 2027, 2034))
CLOSED = moment("2027-01-08 00:00")
WORD = audit.Word("records office", "RT-40")


@pytest.fixture
def years(database: Database, tenant: Tenant, signer: audit.Signer) -> Years:
    """Give a log with three deeds of 2026, closed, and one of 2027."""
    years = Years(database, tenant, signer)
    for number in range(3):
        years.deed(f"old-{number}", IN_2026)
    years.turn(IN_2026)
    years.turn(CLOSED)
    years.deed("new", IN_2027)
    years.turn(IN_2027)
    return years


def rows(years: Years, table: str) -> int:
    with years.database.transaction(years.tenant) as conn:
        query = SQL("SELECT count(*) FROM {} WHERE year = 0").format(Identifier(table))
        found = conn.execute(query).fetchone()
    assert found is not None
    return int(found[0])


@pytest.mark.clause("RK-42.8")
def test_a_pruned_shard_has_no_entries_and_still_verifies(years: Years) -> None:
    years.prune(audit.FIRST, IN_2034)
    assert [rows(years, f"audit_{one}") for one in ("entry", "head", "map_tile")] == [0, 0, 0]
    assert rows(years, "audit_tile") > 0
    assert years.defects() == []


@pytest.mark.clause("RK-42.9")
def test_what_was_given_out_before_still_verifies(years: Years) -> None:
    before = years.bundle(label(IN_2026), label(IN_2027))
    with years.database.transaction(years.tenant) as conn:
        early = audit.newest(conn, years.tenant, audit.FIRST)
    years.prune(audit.FIRST, IN_2034)
    assert audit.verify_bundle(before, [years.signer.verifier]).whole
    with years.database.transaction(years.tenant) as conn:
        newest, proof = audit.consistency(conn, years.tenant, 1, year=audit.FIRST)
        assert early is not None
        assert newest.root == early.root == audit.LOG.tree(conn, years.tenant, 3).root()
        assert proof


@pytest.mark.clause("RK-42.10")
def test_that_a_shard_was_pruned_is_entered_once_by_whom_how_many_and_by_which_rule(
    years: Years,
) -> None:
    years.prune(audit.FIRST, IN_2034)
    years.prune(audit.FIRST, IN_2034)
    with years.database.transaction(years.tenant) as conn:
        name = f"pruned/{years.signer.name}"
        (entry,) = audit.entries_for_request(conn, years.tenant, name)
    told = entry.entry.details
    assert (told["by"], told["entries"], told["rule"]) == ("records office", "3", "RT-40")
    assert told["withheld"] == "0"


@pytest.mark.clause("RK-42.7")
def test_a_list_names_a_pruned_year_as_pruned_and_not_as_empty(years: Years) -> None:
    years.prune(audit.FIRST, IN_2034)
    verdict = audit.verify_bundle(years.bundle(label(IN_2027)), [years.signer.verifier])
    assert verdict.whole
    assert "were pruned at 2034-06-01" in verdict.text()
    assert "RT-40" in verdict.text("ja")
    assert [one.entry.request for one in verdict.entries] == ["new"]


def test_a_year_called_pruned_that_no_entry_says_is_named(years: Years) -> None:
    years.prune(audit.FIRST, IN_2034)
    wire = json.loads(years.bundle(label(IN_2027)))
    wire["shards"][0]["pruning"]["entry"] = wire["shards"][-1]["opening"]  # of the same shard
    verdict = audit.verify_bundle(kit.canonical(wire), [years.signer.verifier])
    assert verdict.broken == Finding(0, Defect.SHARD, 0)


@pytest.mark.parametrize("left_out", ["the oldest year", "a year's part", "a year's label"])
def test_a_list_that_leaves_out_a_year_is_refused(years: Years, left_out: str) -> None:
    wire = json.loads(years.bundle(label(IN_2026), label(IN_2027)))
    if left_out == "the oldest year":
        del wire["shards"][0]
    elif left_out == "a year's part":
        wire["shards"][0]["part"] = wire["shards"][1]["part"]
    else:  # the statements are those of what is left
        other = json.loads(years.bundle(label(IN_2027)))
        wire["shards"][0] = other["shards"][0]
        lines = {at: wire["statement"][at].split("\n")[1:] for at in ("ja", "en")}
        for at, rest in lines.items():
            part = other["statement"][at].split("\n")[0]
            wire["statement"][at] = "\n".join([part, *rest])
    with pytest.raises((audit.BundleMalformed, audit.KeyUnknown)):
        audit.verify_bundle(kit.canonical(wire), [years.signer.verifier])


def test_a_list_that_leaves_out_a_year_between_is_broken_there(years: Years) -> None:
    years.deed("third", moment("2028-03-01 09:00"))
    years.turn(moment("2028-03-01 09:00"))
    wire = json.loads(years.bundle(label(IN_2026)))
    del wire["shards"][1]
    wire["shards"][0]["closing"] = None  # it stood in the year that is gone
    verdict = audit.verify_bundle(kit.canonical(wire), [years.signer.verifier])
    assert verdict.broken == Finding(0, Defect.SHARD, 2028)


@pytest.mark.clause("RK-42.7")
def test_a_closed_year_is_shown_as_it_ended_and_said_to_be_closed(years: Years) -> None:
    data = years.bundle(label(IN_2026), label(IN_2027))
    verdict = audit.verify_bundle(data, [years.signer.verifier])
    assert verdict.text().count("This shard is closed") == 1
    wire = json.loads(data)
    wire["shards"][0]["closing"]["entry"] = wire["shards"][1]["opening"]
    broken = audit.verify_bundle(kit.canonical(wire), [years.signer.verifier]).broken
    assert broken == Finding(3, Defect.SHARD, audit.FIRST)


def test_an_older_state_of_a_closed_year_is_refused(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    years = Years(database, tenant, signer)
    years.deed("shown", IN_2026)
    years.turn(IN_2026)
    early = json.loads(years.bundle(label(IN_2026), label(IN_2027)))
    years.deed("left out", IN_2026)
    years.turn(IN_2026)
    years.turn(CLOSED)
    years.turn(IN_2027)
    wire = json.loads(years.bundle(label(IN_2026), label(IN_2027)))
    wire["shards"][0]["part"] = early
    broken = audit.verify_bundle(kit.canonical(wire), [signer.verifier]).broken
    assert broken == Finding(1, Defect.SHARD, audit.FIRST)


@pytest.mark.clause("RK-42.11")
def test_published_entries_go_and_the_minimum_index_says_so(years: Years, tmp_path: Path) -> None:
    years.turn(IN_2034, tmp_path)
    assert (tmp_path / "tile" / "entries").exists()
    years.prune(audit.FIRST, IN_2034, tmp_path)
    assert not (tmp_path / "tile" / "entries").exists()
    assert (tmp_path / "minimum-index").read_text() == "3\n"
    assert audit.verify_directory(tmp_path, years.signer.verifier) == []
    assert len(list(audit.published_entries(tmp_path, years.signer.verifier))) == 6
    assert audit.published_tree(tmp_path, 3).root()


def test_entries_that_are_gone_without_a_word_are_named(years: Years, tmp_path: Path) -> None:
    years.turn(IN_2034, tmp_path)
    (tmp_path / "minimum-index").write_text("3\n")
    (tmp_path / "tile" / "entries" / "000.p" / "3").unlink()
    found = audit.verify_directory(tmp_path, years.signer.verifier)
    assert Finding(0, Defect.REMOVED) in found


@pytest.mark.clause("RK-42.12")
@pytest.mark.parametrize("year", [audit.FIRST, 2027])
def test_the_application_removes_no_entry(years: Years, year: int) -> None:
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        years.database.transaction(years.tenant) as conn,
    ):
        conn.execute("DELETE FROM audit_entry WHERE year = %s", [year])


@pytest.mark.clause("RK-42.12")
def test_the_pruner_removes_only_what_was_entered_to_go(years: Years) -> None:
    with years.database.transaction(years.tenant) as conn:
        conn.execute("SET LOCAL ROLE renkei_pruner")
        assert conn.execute("DELETE FROM audit_entry").rowcount == 0
        assert conn.execute("DELETE FROM audit_head").rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("DELETE FROM audit_tile")


def test_nothing_goes_before_the_word_on_it_has_its_place(years: Years) -> None:
    with years.database.transaction(years.tenant) as conn:
        origin, mode = years.signer.name, audit.Mode.TEST
        audit.prune(conn, years.tenant, origin, audit.FIRST, word=WORD, mode=mode, at=IN_2034)
        assert audit.remove_pruned(conn, years.tenant, audit.FIRST) == 0
    assert rows(years, "audit_entry") == 3


def test_an_open_shard_is_not_pruned(years: Years) -> None:
    with pytest.raises(audit.ShardOpen):
        years.prune(2027, IN_2034)
    with pytest.raises(audit.ShardUnknown):
        years.prune(2031, IN_2034)


@pytest.mark.clause("RK-42.13")
def test_a_shard_that_is_held_stays_until_the_hold_is_lifted(years: Years) -> None:
    case = audit.Word("litigation desk", "総務第12号", "訴訟")
    facts = {"word": case, "mode": audit.Mode.TEST}
    with years.database.transaction(years.tenant) as conn:
        audit.hold(conn, years.tenant, years.signer.name, 0, at=IN_2027, **facts)  # type: ignore[arg-type]
    with pytest.raises(audit.ShardHeld):
        years.prune(audit.FIRST, IN_2034)
    with years.database.transaction(years.tenant) as conn:
        audit.lift_hold(conn, years.tenant, years.signer.name, 0, at=IN_2034, **facts)  # type: ignore[arg-type]
    years.prune(audit.FIRST, IN_2034)
    assert rows(years, "audit_entry") == 0
    assert len(years.places()[f"held/{years.signer.name}"]) == 1


def test_pruning_killed_at_any_statement_goes_on_where_it_was(years: Years, dsn: str) -> None:
    def mark(conn: kit.Connection) -> None:
        origin, mode = years.signer.name, audit.Mode.TEST
        audit.prune(conn, years.tenant, origin, audit.FIRST, word=WORD, mode=mode, at=IN_2034)

    def remove(conn: kit.Connection) -> None:
        audit.remove_pruned(conn, years.tenant, audit.FIRST, limit=2)

    kill_everywhere(dsn, years.tenant, mark)
    with years.database.transaction(years.tenant) as conn:
        mark(conn)
    years.turn(IN_2034)
    kill_everywhere(dsn, years.tenant, remove)
    years.prune(audit.FIRST, IN_2034)
    assert rows(years, "audit_entry") == 0
    assert years.defects() == []
    assert len(years.places()[f"pruned/{years.signer.name}"]) == 1
