"""Around New Year nothing is lost and nothing stands twice, whatever is killed or goes back."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from tests.audit.kills import kill_everywhere
from tests.audit.samples import SEED
from tests.audit.years import GRACE, Years, label, moment

from renkei import audit, kit
from renkei.audit.shards import Closing, shard_year, taking
from renkei.kit import Database, Tenant

tenants = (
    kit.tenant(f"{body}{check}")
    for body in range(98000, 99999)
    for check in range(10)
    if kit.organisation_code_ok(f"{body}{check}")
)
"""Organisations no other test writes to: one for each example."""

MIDNIGHT = moment("2027-01-01 00:00")
EVE = MIDNIGHT - timedelta(seconds=1)


@pytest.fixture
def years(database: Database, tenant: Tenant, signer: audit.Signer) -> Years:
    """Give the log of an organisation in which nothing was done yet."""
    return Years(database, tenant, signer)


def test_a_sequencer_killed_at_any_statement_of_the_turn_takes_everything_once(
    years: Years, dsn: str
) -> None:
    years.deed("first", EVE)
    years.turn(EVE)
    for number in range(3):
        years.deed(f"old-{number}", EVE)
        years.deed(f"new-{number}", MIDNIGHT)

    def sequence(conn: kit.Connection) -> None:
        audit.sequence(conn, years.tenant, years.signer, at=MIDNIGHT)

    assert kill_everywhere(dsn, years.tenant, sequence) > 15
    years.turn(MIDNIGHT)
    places = years.places()
    assert [places[f"old-{n}"] for n in range(3)] == [["1"], ["2"], ["3"]]
    assert [places[f"new-{n}"] for n in range(3)] == [["2027/1"], ["2027/2"], ["2027/3"]]
    assert years.defects() == []


def test_closing_killed_at_any_statement_closes_once(years: Years, dsn: str) -> None:
    years.deed("old", EVE)
    years.turn(EVE)

    def close(conn: kit.Connection) -> None:
        audit.close_shards(
            conn,
            years.tenant,
            years.signer,
            grace=GRACE,
            mode=audit.Mode.TEST,
            at=MIDNIGHT + GRACE,
        )

    kill_everywhere(dsn, years.tenant, close)
    years.turn(MIDNIGHT + GRACE)
    assert len(years.places()[f"closed/{years.signer.name}"]) == 1
    assert years.defects() == []


def test_a_clock_that_goes_back_over_new_year_splits_nothing(years: Years) -> None:
    years.deed("ahead", MIDNIGHT)
    years.turn(MIDNIGHT)
    years.deed("back", EVE)
    years.turn(EVE)
    years.deed("again", MIDNIGHT)
    years.turn(MIDNIGHT)
    assert years.places() == {"ahead": ["0"], "back": ["1"], "again": ["2"]}
    assert years.defects() == []


def test_a_clock_that_goes_back_after_the_turn_writes_into_the_old_shard(years: Years) -> None:
    for name, at in (("old", EVE), ("new", MIDNIGHT), ("back", EVE), ("on", MIDNIGHT)):
        years.deed(name, at)
        years.turn(at)
    places = years.places()
    assert (places["back"], places["on"]) == (["1"], ["2027/2"])
    assert years.defects() == []


def test_publication_killed_between_the_shards_is_made_up_for(years: Years, tmp_path: Path) -> None:
    years.deed("old", EVE)
    years.turn(EVE, tmp_path)
    years.deed("more", EVE)
    years.deed("new", MIDNIGHT)
    (tmp_path / "2027").write_text("no folder can be made here")
    with pytest.raises(OSError, match="2027"):
        years.turn(MIDNIGHT, tmp_path)
    (tmp_path / "2027").unlink()
    years.turn(MIDNIGHT)
    years.turn(MIDNIGHT, tmp_path)
    assert audit.verify_directory(tmp_path, years.signer.verifier) == []
    assert len(list(audit.published_entries(tmp_path, years.signer.verifier))) == 4


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=some.data())
def test_every_deed_around_new_year_stands_once_in_one_shard_and_in_its_list(
    database: Database, data: some.DataObject
) -> None:
    """Deeds and turns in any order, within some weeks of New Year."""
    tenant = next(tenants)
    signer = audit.Signer.from_seed(f"renkei.example/{tenant}/access-log", SEED)
    years = Years(database, tenant, signer)
    days = some.floats(min_value=-20, max_value=20)
    wanted: list[str] = []
    for number in range(data.draw(some.integers(1, 8))):
        at = MIDNIGHT + timedelta(days=data.draw(days))
        years.deed(f"deed-{number}", at, data.draw(some.integers(1, 2)))
        wanted.append(f"deed-{number}")
        if data.draw(some.booleans()):
            years.turn(MIDNIGHT + timedelta(days=data.draw(days)))
    years.turn(MIDNIGHT + timedelta(days=30))
    places = years.places()
    assert [len(places[one]) for one in wanted] == [1] * len(wanted)
    assert years.defects() == []
    lists = [
        audit.verify_bundle(
            years.bundle(label(EVE, person), label(MIDNIGHT, person)), [signer.verifier]
        )
        for person in (1, 2)
    ]
    assert all(one.whole for one in lists)
    assert sorted(one.entry.request for told in lists for one in told.entries) == sorted(wanted)


@given(year=some.integers(1, 9999), closed=some.lists(some.booleans(), max_size=5))
def test_there_is_always_a_shard_for_a_deed_and_never_a_closed_one(
    year: int, closed: list[bool]
) -> None:
    at = moment("2030-06-01 00:00")
    ended = Closing(at, 1, bytes(32), 1, bytes(32))
    known = [
        audit.Shard(audit.FIRST if n == 0 else 2025 + n, 2025 + n, at, ended if is_so else None)
        for n, is_so in enumerate(closed)
    ]
    found = taking(known, year, at=at)
    assert found.closing is None
    assert found in known or all(one.through < found.through for one in known)
    assert found.through >= min(year, 2031) or year > 2031


@given(rest=some.text(max_size=12) | some.sampled_from(["/2027", "/0027", "/2027/output", ""]))
def test_only_a_year_of_four_digits_behind_a_logs_name_is_a_shard_of_it(rest: str) -> None:
    found = shard_year("log.example/a", f"log.example/a{rest}")
    assert found == {"": 0, "/2027": 2027}.get(rest, int(rest[1:]) if is_year(rest) else None)


def is_year(rest: str) -> bool:
    digits = rest[1:]
    return (
        rest[:1] == "/"
        and len(digits) == 4
        and digits.isascii()
        and digits.isdigit()
        and digits[0] != "0"
    )
