"""At the turn of a year a log goes on in a shard of its own, and the old one is closed."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.audit.samples import SEED
from tests.audit.years import Years, label, moment
from tests.conftest import FreshDsn

from renkei import audit, kit
from renkei.audit import Defect, Finding
from renkei.kit import Database, Tenant

EVE, MORNING = moment("2026-12-31 23:59:59.999"), moment("2027-01-01 00:00")
WEEK_LATER = moment("2027-01-08 00:00")
SEALED = bytes([9]) * 32


@pytest.fixture
def years(database: Database, tenant: Tenant, signer: audit.Signer) -> Years:
    """Give the log of an organisation in which nothing was done yet."""
    return Years(database, tenant, signer)


@pytest.fixture
def turned(years: Years) -> Years:
    """Give a log with a deed on either side of a New Year, the old shard still open."""
    years.deed("old", EVE)
    years.turn(EVE)
    years.deed("new", MORNING)
    years.turn(MORNING)
    return years


@pytest.mark.clause("RK-42.1")
def test_the_first_shard_bears_the_logs_name_and_the_next_one_its_year(turned: Years) -> None:
    with turned.database.transaction(turned.tenant) as conn:
        first = audit.newest(conn, turned.tenant, audit.FIRST)
        second = audit.newest(conn, turned.tenant)
    assert first is not None
    assert second is not None
    assert (first.origin, second.origin) == (turned.signer.name, f"{turned.signer.name}/2027")
    audit.Checkpoint.open(second.note, [audit.shard_verifier(turned.signer.verifier, 2027)])
    assert turned.defects() == []


@pytest.mark.clause("RK-42.3")
def test_a_deed_of_the_old_year_that_is_sequenced_in_the_new_one_stands_in_the_old_shard(
    turned: Years,
) -> None:
    turned.deed("late", EVE)
    turned.turn(moment("2027-01-03 09:00"))
    assert turned.places()["late"] == ["1"]


@pytest.mark.clause("RK-42.4")
def test_a_shard_begins_with_which_one_it_follows(turned: Years) -> None:
    name = f"opened/{turned.signer.name}/2027"
    assert turned.places() == {"old": ["0"], name: ["2027/0"], "new": ["2027/1"]}
    with turned.database.transaction(turned.tenant) as conn:
        (opening,) = audit.entries_for_request(conn, turned.tenant, name)
    assert opening.entry.details["follows"] == turned.signer.name
    assert opening.entry.details["size"] == "1"


@pytest.mark.clause("RK-42.5")
def test_a_shard_is_closed_once_its_grace_is_over_and_its_last_tree_stands_in_the_next(
    turned: Years,
) -> None:
    turned.turn(moment("2027-01-07 23:59"))
    assert f"closed/{turned.signer.name}" not in turned.places()
    turned.turn(WEEK_LATER)
    turned.turn(WEEK_LATER)
    assert turned.places()[f"closed/{turned.signer.name}"] == ["2027/2"]
    assert turned.defects() == []


@pytest.mark.clause("RK-42.6")
def test_a_deed_that_comes_after_its_shard_was_closed_is_taken_by_the_next_one(
    turned: Years,
) -> None:
    turned.turn(WEEK_LATER)
    turned.deed("very late", EVE)
    turned.turn(moment("2027-02-01 09:00"))
    assert turned.places()["very late"] == ["2027/3"]
    assert turned.defects() == []
    verdict = audit.verify_bundle(turned.bundle(label(EVE)), [turned.signer.verifier])
    assert verdict.whole
    assert [one.entry.request for one in verdict.entries] == ["old", "very late"]


def test_a_shard_in_which_nothing_followed_is_closed_and_the_next_one_begins_with_that(
    years: Years,
) -> None:
    years.deed("old", EVE)
    years.turn(EVE)
    years.turn(WEEK_LATER)
    assert years.places()[f"closed/{years.signer.name}"] == ["2027/1"]
    assert years.defects() == []


def test_what_waits_for_a_closed_shard_is_not_closed_out(years: Years) -> None:
    years.deed("old", EVE)
    years.turn(EVE)
    years.deed("waits", EVE)
    with years.database.transaction(years.tenant) as conn:
        closed = audit.close_shards(
            conn,
            years.tenant,
            years.signer,
            grace=WEEK_LATER - WEEK_LATER,
            mode=audit.Mode.TEST,
            at=WEEK_LATER,
        )
    assert closed == []


def test_nothing_is_signed_of_a_closed_shard(turned: Years) -> None:
    turned.turn(WEEK_LATER)
    with (
        pytest.raises(Exception, match="row-level security"),
        turned.database.transaction(turned.tenant) as conn,
    ):
        conn.execute(
            "INSERT INTO audit_checkpoint (tenant, year, size, root, note, at)"
            " SELECT tenant, year, size + 1, root, note, at FROM audit_checkpoint WHERE year = 0"
        )


@pytest.mark.clause("RK-42.7")
def test_a_list_over_two_years_is_complete_in_each(turned: Years) -> None:
    data = turned.bundle(label(EVE), label(MORNING))
    verdict = audit.verify_bundle(data, [turned.signer.verifier])
    assert verdict.whole
    assert [one.place for one in verdict.entries] == ["0", "2027/1"]
    assert verdict.text().count("that is all of them") == 2
    assert verdict.checkpoint.origin.endswith("/2027")
    assert [one.origin for one in verdict.older] == [turned.signer.name]


def test_a_request_on_both_sides_of_a_new_year_is_in_one_file(turned: Years) -> None:
    turned.deed("old", MORNING)
    turned.turn(MORNING)
    both = audit.verify_bundle(turned.bundle(request="old"), [turned.signer.verifier])
    assert both.whole
    assert [one.place for one in both.entries] == ["0", "2027/2"]
    alone = audit.verify_bundle(turned.bundle(request="new"), [turned.signer.verifier])
    assert [one.place for one in alone.entries] == ["2027/1"]


def test_a_year_far_ahead_is_taken_for_a_clock_that_is_wrong(turned: Years) -> None:
    turned.deed("ahead", moment("2091-05-05 12:00"))
    turned.turn(moment("2027-03-01 09:00"))
    assert turned.places()["ahead"] == ["2027/2"]


def test_within_a_shard_entries_stand_in_the_order_they_were_promised(years: Years) -> None:
    for number, at in enumerate((EVE, moment("2024-05-05 12:00"), EVE)):
        years.deed(f"deed-{number}", at)
    years.turn(EVE)
    assert years.places() == {"deed-0": ["0"], "deed-1": ["1"], "deed-2": ["2"]}


@pytest.mark.clause("RK-42.2")
def test_published_shards_lie_below_the_logs_folder_and_verify_together(
    turned: Years, tmp_path: Path
) -> None:
    turned.turn(WEEK_LATER, tmp_path)
    key = turned.signer.verifier
    assert audit.published_years(tmp_path) == [audit.FIRST, 2027]
    assert audit.verify_directory(tmp_path, key) == []
    assert len(list(audit.published_entries(tmp_path, key))) == 4


def test_a_published_year_that_is_missing_or_shortened_is_named(
    turned: Years, tmp_path: Path
) -> None:
    key = turned.signer.verifier
    turned.turn(WEEK_LATER, tmp_path)
    turned.deed("newest", moment("2028-02-01 09:00"))
    turned.turn(moment("2028-02-01 09:00"), tmp_path)
    (tmp_path / "2027").rename(tmp_path / "away")
    assert Finding(0, Defect.SHARD, 2028) in audit.verify_directory(tmp_path, key)


def test_the_newest_year_cannot_be_another_logs(
    turned: Years, tmp_path: Path, tenant: Tenant
) -> None:
    turned.turn(WEEK_LATER, tmp_path)
    (tmp_path / "2027" / "checkpoint").write_bytes((tmp_path / "checkpoint").read_bytes())
    with pytest.raises(audit.KeyUnknown):
        audit.verify_directory(tmp_path, turned.signer.verifier)


@pytest.fixture
def opened(turned: Years) -> bytes:
    """Give the list of a person of whom an entry of the closed year was released in the next."""
    turned.deed("sealed", EVE, label=SEALED, withheld=True)
    turned.turn(MORNING)
    turned.turn(WEEK_LATER)
    with turned.database.transaction(turned.tenant) as conn:
        (sealed,) = audit.entries_of(conn, turned.tenant, SEALED)
        audit.release(
            conn,
            turned.tenant,
            sealed,
            label=label(MORNING),
            by="staff-7",
            order="総務第12号",
            purpose="支援措置の終了",
            mode=audit.Mode.TEST,
            at=WEEK_LATER,
        )
    turned.turn(WEEK_LATER)
    return turned.bundle(label(EVE), label(MORNING))


@pytest.mark.clause("RK-42.7")
def test_what_is_released_in_a_later_year_is_shown_from_its_own(
    turned: Years, opened: bytes
) -> None:
    assert audit.verify_bundle(opened, [turned.signer.verifier]).whole
    wire = json.loads(opened)
    (shown,) = wire["opened"]
    assert (shown["shard"], shown["entry"]["index"]) == (turned.signer.name, 1)
    assert shown["entry"]["leaf"]["core"]["request"] == "sealed"


@pytest.mark.clause("RK-42.7")
@pytest.mark.parametrize("change", ["left out", "another", "moved"])
def test_a_release_of_a_later_year_and_what_it_opens_stand_together(
    turned: Years, opened: bytes, change: str
) -> None:
    wire = json.loads(opened)
    match change:
        case "left out":
            wire["opened"] = []
        case "another":
            wire["opened"].append({**wire["opened"][0], "entry": first_entry(wire)})
        case _:
            wire["opened"][0]["entry"]["index"] = 0
    verdict = audit.verify_bundle(kit.canonical(wire), [turned.signer.verifier])
    assert not verdict.whole


def first_entry(wire: dict[str, Any]) -> object:
    """Return an open entry of the first shard with its proof."""
    return wire["shards"][0]["part"]["entries"][0]


def test_a_log_from_before_there_were_shards_goes_on_as_the_first_one(fresh_dsn: FreshDsn) -> None:
    """Nothing it signed changes; at the end of this year it is closed like any other."""
    town = kit.tenant("131016")
    signer = audit.Signer.from_seed("town.example", SEED)
    step = files("renkei.audit") / "sql" / "migrations" / "0010_before_shards.sql"
    begins, ends = "ALTER TABLE audit_checkpoint NO FORCE", "ALTER TABLE audit_outbox ADD COLUMN"
    filling = begins + step.read_text().partition(begins)[2].partition(ends)[0]
    with fresh_dsn() as dsn:
        kit.migrate(dsn, ["renkei.audit"])
        with Database(dsn) as database:
            years = Years(database, town, signer)
            years.deed("before", EVE)
            years.turn(EVE)
            with psycopg.connect(dsn) as conn:
                conn.execute("DELETE FROM audit_shard")
                conn.execute("SET ROLE renkei_owner")
                conn.execute(filling.encode())
            with database.transaction(town) as conn:
                (first,) = audit.shards(conn, town)
            assert (first.year, first.closing) == (audit.FIRST, None)
            assert first.through >= 2026
            later = moment(f"{first.through + 1}-02-01 09:00")
            years.deed("after", later)
            years.turn(later)
            assert years.places()["after"] == [f"{later.year}/1"]
            assert years.defects() == []
