"""From the command line, a case that does not go on is led on: by one, or by two."""

import json
from uuid import UUID

import pytest
from tests.app.conftest import AT
from tests.app.seat import STAFF

from renkei.app.demo.ecosystem import A, ecosystem
from renkei.app.site import running_database
from renkei.process.scenarios import bpmn as model

MODEL = """
process 支給
  start s -> 審査
  user 審査 -> x
  xor x -> 支払 if "ok", e
  adhoc 支払 -> e
    user 振込
    user 通知
  end e
"""


@pytest.fixture(scope="module")
def town(folder):
    with ecosystem(folder / "sites", at=AT) as founded:
        found, file = founded.settings[A.name], founded.file(A)
        lines = [
            f'"{one.number}" = {{ name = "{one.name}", roles = {json.dumps(sorted(one.roles))},'
            f' password = "{one.secret}" }}'
            for one in STAFF.values()
        ]
        text = file.read_text(encoding="utf-8")
        file.write_text(text + "\n[staff]\n" + "\n".join(lines) + "\n", encoding="utf-8")
        (file.parent / "m.bpmn").write_bytes(model(MODEL))
        with running_database(found):
            yield file


def said(run, town, *words, language="en"):
    return run("cases", *words, "--settings", town, "--json", language=language)


def told(run, town, *words):
    answer = said(run, town, *words)
    assert answer.code == 0, answer.err
    return json.loads(answer.out)


@pytest.fixture(scope="module")
def deployed(town):
    return town.parent / "m.bpmn"


@pytest.fixture
def case(run, town, deployed):
    told(run, town, "deploy", deployed, "--from", "2026-04-01", "--by", "1002")
    begun = told(run, town, "begin", "支給", 'ok="?"', "amount=1", "--by", "1002")["case"]
    told(run, town, "done", begun, "審査", "--by", "1002")
    return begun


WHY = ("--by", "1002", "--reason", "電話で確認")


def test_what_stopped_is_retried_once_its_values_were_changed_by_two(run, town, case):
    assert "event" in said(run, town, "retry", case, "x", *WHY, "--seen", "2").err
    made = told(run, town, "edit", case, "ok=true", *WHY)
    assert (made["values"], made["digest"]) == (["ok"], "")
    assert told(run, town, "proposal", made["proposal"]) == made
    looked = ("proposal", made["proposal"], "--purpose", "確認", "--by")
    assert "staff-right-missing" in said(run, town, *looked, "1001").err
    shown = told(run, town, *looked, "1003")
    assert shown["values"] == ['ok: "?" → true']
    by_another = ("confirm", made["proposal"], "--by", "1003", "--digest", shown["digest"])
    told(run, town, *by_another)
    assert told(run, town, *by_another)["again"] is True
    led = told(run, town, "retry", case, "x", *WHY, "--key", "once")
    assert led["status"] == "under way"
    assert told(run, town, "retry", case, "x", *WHY, "--key", "once")["again"] is True
    events = told(run, town, "show", case)["events"]
    assert any("(staff:1002+staff:1003)" in one for one in events)


def test_one_alone_cannot_and_each_needs_the_role_and_a_reason(run, town, case):
    made = told(run, town, "cancel", case, *WHY)
    alone = said(run, town, "confirm", made["proposal"], "--by", "1002", "--digest", made["digest"])
    assert "proposer-decides" in alone.err
    assert (
        "staff-role-missing"
        in said(run, town, "skip", case, "x", "--by", "1001", "--reason", "x").err
    )
    assert (
        "case-reason-missing"
        in said(run, town, "skip", case, "x", "--by", "1002", "--reason", " ").err
    )
    assert "nothing-waits-there" in said(run, town, "retry", case, "審査", *WHY).err
    assert told(run, town, "decline", made["proposal"], "--by", "1003", "--reason", "早い")
    assert (
        "proposal-closed"
        in said(run, town, "decline", made["proposal"], "--by", "1003", "--reason", "早い").err
    )


def test_a_token_is_moved_and_what_is_done_next_is_chosen(run, town, case):
    made = told(run, town, "move-token", case, "x", "支払", *WHY)
    assert made["proposal"] in " ".join(told(run, town, "proposals")["proposals"])
    told(run, town, "confirm", made["proposal"], "--by", "1003", "--digest", made["digest"])
    told(run, town, "choose", case, "支払", "--next", "振込", *WHY)
    told(run, town, "skip", case, "振込", *WHY)
    assert told(run, town, "choose", case, "支払", *WHY)["status"] == "completed"


def test_what_came_at_the_counter_is_said_and_the_case_goes_on(run, town):
    file = town.parent / "c.bpmn"
    text = 'process 補正\nstart s -> w\ncatch w message=書類 key="n" -> a\nuser a -> e\nend e'
    file.write_bytes(model(text))
    told(run, town, "deploy", file, "--from", "2026-04-01", "--by", "1002")
    case = told(run, town, "begin", "補正", "n=1", "--by", "1002")["case"]
    assert "nothing-waits-there" in said(run, town, "arrived", case, "a", *WHY).err
    told(run, town, "arrived", case, "w", "枚数=3", *WHY)
    assert told(run, town, "done", case, "a", "--by", "1002")["status"] == "completed"


def test_a_definition_is_withdrawn_and_its_cases_go_on(run, town):
    file = town.parent / "w.bpmn"
    file.write_bytes(model(MODEL.replace("process 支給", "process 別の支給")))
    of = told(run, town, "deploy", file, "--from", "2026-04-01", "--by", "1002")["definition"]
    case = told(run, town, "begin", "別の支給", "ok=false", "--by", "1002")["case"]
    done = told(run, town, "withdraw", of, *WHY)
    assert (done["withdrawn"], done["running"]) == (True, 1)
    assert "process-not-in-force" in said(run, town, "begin", "別の支給", "--by", "1002").err
    assert told(run, town, "done", case, "審査", "--by", "1002")["status"] == "completed"


def test_cases_are_listed_by_conditions_and_page_by_page(run, town, case):
    listed = ("list", "--having", "amount>=1", "--having", "ok", "--status", "stuck")
    look = ("--by", "1002", "--purpose", "照会")
    assert "staff-right-missing" in said(run, town, *listed, "--by", "1002").err
    assert case in " ".join(told(run, town, *listed, *look)["cases"])
    assert told(run, town, "list", "--having", "amount<1", *look)["cases"] == []
    first = told(run, town, "list", "--most", "1", "--oldest")["cases"][0].split()[0]
    rest = told(run, town, "list", "--oldest", "--after", first)["cases"]
    assert first not in " ".join(rest)
    assert len(rest) == len(told(run, town, "list")["cases"]) - 1
    assert "condition-unreadable" in said(run, town, "list", "--having", "=1").err


def test_how_cases_go_is_told(run, town, case):
    found = told(run, town, "statistics", "支給")
    assert found["begun"] >= 1
    assert {one["element"] for one in found["passages"]} >= {"審査"}
    assert "process-not-in-force" in said(run, town, "statistics", "なし").err
    shown = run("cases", "statistics", "支給", "--settings", town, language="ja")
    assert "時間の内訳" in shown.out


def test_where_nothing_is_proposed_nothing_is(run, town):
    unknown = said(run, town, "proposal", str(UUID(int=1)), language="ja").err
    assert "変更の提案" in unknown
