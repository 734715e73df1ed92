"""Tasks from the command line: listed, claimed, done by two, with a calendar of the town."""

import json
from datetime import date, timedelta

import pytest
from tests.app.conftest import AT
from tests.app.keeping import keeping

from renkei.app.deliveries.intake import site_database
from renkei.app.demo.ecosystem import A, ecosystem
from renkei.app.site import now, running_database
from renkei.process import tasks
from renkei.process.scenarios import bpmn as model

STAFF = """
[staff."2001"]
name = "甲　見本"
roles = ["officer"]
token = "{0}"
groups = ["福祉課"]
[staff."2002"]
name = "乙　見本"
roles = ["officer"]
token = "{0}"
groups = ["福祉課"]
[staff."2003"]
name = "丙　見本"
roles = ["operator"]
token = "{0}"
[staff."2004"]
name = "丁　見本"
roles = ["auditor"]
token = "{0}"
"""
MODEL = """
process 審査手続 period=10
  start s -> a
  user a group=福祉課 days=5 eyes field="ok! flag 可" field="n number 数" step="0 remind=課長" -> e
  end e
"""


@pytest.fixture(scope="module")
def town(folder):
    """Give the settings of a town with staff in groups, whose database runs as beside a node."""
    with ecosystem(folder / "sites", at=AT) as founded:
        file = founded.file(A)
        with file.open("a", encoding="utf-8") as settings:
            settings.write(STAFF.format("a" * 64))
        with running_database(founded.settings[A.name]):
            yield file


@pytest.fixture
def task(run, town):
    """Give a task of a case that was just begun."""
    (town.parent / "m.bpmn").write_bytes(model(MODEL))
    deployed = run(
        *("cases", "deploy", town.parent / "m.bpmn", "--from", "2026-04-01", "--by", "2001"),
        *("--settings", town, "--json"),
    )
    assert deployed.code == 0, deployed.err
    said = run("cases", "begin", "審査手続", "--by", "2001", "--settings", town, "--json")
    case = json.loads(said.out)["case"]
    listed = told(run, town, "list", "--by", "2001")["tasks"]
    return next(one["task"] for one in listed if one["task"].startswith(case))


def told(run, town, *words):
    said = run("tasks", *words, "--settings", town, "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def refused(run, town, *words, language="en"):
    said = run("tasks", *words, "--settings", town, language=language)
    assert said.code != 0
    return said.err


def test_two_persons_do_a_task_and_the_case_goes_on(run, town, task):
    assert told(run, town, "claim", task, "--by", "2001")["assignee"] == "staff:2001"
    assert "task-claimed" in refused(run, town, "claim", task, "--by", "2002")
    entered = told(run, town, "done", task, "ok=true", "n=3", "--by", "2001")
    assert entered["state"] == "waits for a second look"
    assert "second-look-own" in refused(run, town, "confirm", task, "--by", "2001")
    assert told(run, town, "list", "--by", "2002", "--look", "second")["tasks"][0]["task"] == task
    assert told(run, town, "show", task, "--by", "2002")["entered"] == {"ok": True, "n": 3}
    assert told(run, town, "show", task, "--by", "2003")["entered"] is None
    told(run, town, "send-back", task, "違います", "--by", "2002")
    told(run, town, "done", task, "ok=false", "--by", "2001")
    confirmed = told(run, town, "confirm", task, "--by", "2002", "--basis", "規則第3条")
    assert confirmed["status"] == "completed"
    assert "task-not-open" in refused(run, town, "show", task, "--by", "2001")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("ok=1",), "wrong type"),
        (("n=1",), "wanted"),
        (("ok=true", "n=1.5"), "not written"),
        (("ok=true", "x=1"), "no such field"),
        (("ok",), "value-unreadable"),
    ],
)
def test_values_that_do_not_fit_the_form_are_refused(run, town, task, words, reason):
    assert reason in refused(run, town, "done", task, *words, "--by", "2001")
    case, _, _ = task.partition("/")
    said = run("cases", "done", case, "a", *words, "--by", "2001", "--settings", town)
    assert said.code == 1
    assert reason in said.err


def test_who_may_not_is_told_why(run, town, task):
    assert "task-not-offered" in refused(run, town, "claim", task, "--by", "2003")
    assert "担当は福祉課" in refused(run, town, "claim", task, "--by", "2003", language="ja")
    assert "staff-role-missing" in refused(run, town, "claim", task, "--by", "2004")
    assert "case-official-unknown" in refused(run, town, "claim", task, "--by", "9999")
    assert "case-official-unknown" in refused(
        run, town, "delegate", task, "staff:9999", "--by", "2001"
    )
    assert "--look" in refused(run, town, "list", "--by", "2001", "--look", "x")


def test_a_task_is_handed_on_put_off_commented_and_given_a_file(run, town, task):
    told(run, town, "delegate", task, "staff:2002", "--note", "頼みます", "--by", "2001")
    put_off = told(run, town, "postpone", task, "2026-12-01", "--by", "2002")
    assert (put_off["assignee"], put_off["follow_up"]) == ("staff:2002", "2026-12-01")
    (town.parent / "a.txt").write_text("添付", encoding="utf-8")
    told(run, town, "attach", task, town.parent / "a.txt", "--by", "2002")
    assert "file-unreadable" in refused(run, town, "attach", task, "nowhere", "--by", "2002")
    told(run, town, "comment", task, "確認中", "--by", "2002")
    shown = told(run, town, "show", task, "--by", "2003")
    assert [line.split()[-1] for line in shown["comments"]] == ["頼みます", "確認中"]
    number = shown["attachments"][0].split()[0]
    told(run, town, "erase", number, "--by", "2003", "--basis", "誤って添付")
    assert "remark-unknown" in refused(
        run, town, "erase", number, "--by", "2003", "--basis", "誤って添付"
    )
    assert told(run, town, "show", task, "--by", "2003")["attachments"] == []
    told(run, town, "release", task, "--by", "2003")
    lines = run("tasks", "list", "--by", "2001", "--settings", town, language="ja").out
    assert task in lines


def test_a_calendar_is_taken_over_and_all_days_follow_it(run, town, task):
    before = told(run, town, "show", task, "--by", "2001")
    due = date.fromisoformat(before["due_on"])
    file = town.parent / "days.tsv"
    file.write_text(f"{due}\t臨時の閉庁日\n", encoding="utf-8")
    told_of = told(run, town, "calendar", "load", file)
    assert told_of["closed_days"] == 1
    assert told(run, town, "calendar", "show")["closed_days"] == [f"{due} 臨時の閉庁日"]
    after = told(run, town, "show", task, "--by", "2001")
    assert date.fromisoformat(after["due_on"]) > due
    file.write_text("いつか\n", encoding="utf-8")
    assert "calendar-unreadable" in refused(run, town, "calendar", "load", file)


def test_the_keeper_climbs_ladders(run, town, task):
    from renkei.app.settings import read_settings

    with site_database(read_settings(town)) as database:
        later = now() + timedelta(days=60)
        with keeping(read_settings(town), database, lambda: later) as keeper:
            assert keeper.turn() >= 1
            assert keeper.turn() == 0
        with database.transaction(A.tenant) as conn:
            one = tasks.task_of(conn, A.tenant, tasks.Ref.parse(task))
    assert [offer.name for offer in one.offers if offer.reminded_on] == ["group 課長"]
