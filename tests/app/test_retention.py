"""A site removes what is past its time when it is told to, and erases by order."""

import json
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from tests.app.conftest import A, Run
from tests.store.archive import held, load, removed
from tests.store.rows import register_number

from renkei import kit
from renkei.app.retention import archive_dsn, retention_keeper, run_daily
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


def test_a_defective_file_of_rules_removes_nothing(settings, filled, tmp_path, caplog) -> None:
    (tmp_path / "own.tsv").write_text("id\tkind\n", encoding="utf-8")
    plan = RetentionPlan(daily=True, rules=tmp_path / "own.tsv")
    assert run_daily(replace(settings, retention=plan), filled) is None
    assert "own.tsv" in caplog.text
