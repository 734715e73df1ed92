"""A site removes what is past its time when it is told to, and erases by order."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest
from tests.app.conftest import A, Run
from tests.store.archive import held, load, removed
from tests.store.rows import register_number

from renkei import audit, exchange, federation, kit
from renkei.app.bodies.expiry import expire_bodies
from renkei.app.bodies.place import BodyPlace
from renkei.app.bodies.plan import BodiesEntry, PolicyEntry, body_plan
from renkei.app.bodies.sealed_body import key_id
from renkei.app.keeping.retention import archive_dsn, retention_keeper, run_daily
from renkei.app.membership.keys import Keys
from renkei.app.settings import RetentionPlan, Settings
from renkei.app.site import now, prepare_database

ORDER = ("--order", "総務第12号", "--reason", "order", "--basis", "個人情報保護法98条")


@pytest.fixture(scope="module")
def filled(settings: Settings, running: str) -> str:
    """Give the site's database with two records past their time and one that is not."""
    prepare_database(running, settings)
    with kit.Database(running, size=1) as database, database.transaction(A) as conn:
        load(conn, [removed(1, "2001-01-01"), removed(2, "2002-01-01"), removed(3, "2026-04-01")])
    return running


def said(run: Run, settings_file, *words: object) -> Any:
    found = run(*words, "--settings", settings_file, "--json")
    assert found.code == 0, found.err
    return json.loads(found.out)


def test_retention_is_shown_counted_and_run_only_when_it_is_meant(founded, filled, run) -> None:
    shown = said(run, founded.settings, "retention", "show")
    assert [rule["due"] for rule in shown["rules"] if rule["id"] == "RT-01"] == [2]
    refused = run("retention", "run", "--settings", founded.settings)
    assert (refused.code, refused.err.startswith("retention-not-confirmed")) == (1, True)
    counted = said(run, founded.settings, "retention", "run", "--dry-run")
    assert counted["due"]["RT-01"] == {"removed_record": 2}
    assert said(run, founded.settings, "retention", "run", "--yes")["done"] == {"RT-01": 2}
    assert said(run, founded.settings, "retention", "run", "--yes")["done"] == {}
    with psycopg.connect(archive_dsn(filled)) as conn:
        assert conn.execute("SELECT count(*) FROM store_archived").fetchone() == (2,)


def test_an_order_erases_in_the_records_and_in_the_archive(founded, filled, run) -> None:
    words = ("erase", "person", register_number(3), *ORDER, "--by", "staff-7")
    done = said(run, founded.settings, *words)
    assert (done["records"], done["entities"]) == (1, ["removed_record"])
    wrong = run("erase", "person", register_number(3), *ORDER, "--by", "", "-s", founded.settings)
    assert (wrong.code, wrong.err.startswith("order-incomplete")) == (1, True)


def test_a_site_that_is_told_to_runs_it_daily_and_others_do_not(settings, filled) -> None:
    number = 10
    for plan, left in ((None, 1), (RetentionPlan(daily=True, rules=None), 0)):
        with kit.Database(filled, size=1) as database:
            if plan is None:
                with database.transaction(A) as conn:
                    load(conn, [removed(number, "2001-01-01")], on=100, at=now())
            with retention_keeper(replace(settings, retention=plan), filled):
                pass
            with database.transaction(A) as conn:
                assert held(conn).count(register_number(number)) == left


def test_kept_bodies_go_daily_even_where_records_wait_for_a_hand(settings, filled) -> None:
    key = federation.SealingKey.generate()
    entry = BodiesEntry((PolicyEntry("p", 1),), key.listed)
    plan = body_plan(entry, settings.state, settings.state)
    assert plan is not None
    place = BodyPlace(plan.place)
    for day in (date(2026, 1, 1), date(2999, 1, 1)):
        place.put([b"sealed"], day, key_id(key.public))
    with retention_keeper(replace(settings, bodies=plan, retention=None), filled):
        pass
    assert [until for _, until, _ in place.all()] == [date(2999, 1, 1)]
    wide = RetentionPlan(daily=True, rules=None)
    place.put([b"sealed too"], date(2026, 1, 1), key_id(key.public))
    done = run_daily(replace(settings, bodies=plan, retention=wide), filled)
    assert (done and done.bodies) == 1


@pytest.mark.clause("RK-9.14")
def test_a_body_is_entered_before_it_is_deleted_and_a_run_that_broke_off_is_done_again(
    settings, filled
) -> None:
    place = BodyPlace.of(settings)
    kept = place.put([b"kept"], date(2026, 1, 2), key_id(b""))
    file = place.find(kept)
    assert file is not None
    file.unlink()
    file.mkdir()  # which cannot be unlinked: the run breaks off after its entry
    with kit.Database(filled, size=1) as records:
        with pytest.raises(IsADirectoryError):
            expire_bodies(settings, records, now())
        assert deletions(records, settings) == [exchange.encode(kept.digest)]
        file.rmdir()
        file.touch()
        assert expire_bodies(settings, records, now()) == 1
        assert deletions(records, settings) == [exchange.encode(kept.digest)] * 2
    assert not file.exists()


def deletions(records: kit.Database, settings: Settings) -> list[str]:
    """Return the digests of bodies of this year's second day that were entered as deleted."""
    signer = Keys(settings.keys, A).signer()
    with records.transaction(A) as conn:
        audit.sequence(conn, A, signer, at=now())
        found = audit.search(conn, A, audit.Search(kind=audit.Kind.RETENTION))
    said = [one.entry.details for one in found]
    return [one["bodies"] for one in said if one.get("until") == "2026-01-02"]


def test_a_defective_file_of_rules_removes_nothing(settings, filled, tmp_path, caplog) -> None:
    (tmp_path / "own.tsv").write_text("id\tkind\n", encoding="utf-8")
    plan = RetentionPlan(daily=True, rules=tmp_path / "own.tsv")
    assert run_daily(replace(settings, retention=plan), filled) is None
    assert "own.tsv" in caplog.text
