"""Cases from the command line, and the keeper that lets them go on between two commands."""

import json
from datetime import timedelta

import pytest
from tests.app.conftest import AT
from tests.app.keeping import keeping

from renkei.app.deliveries.intake import site_database
from renkei.app.demo.ecosystem import A, ecosystem
from renkei.app.site import now, running_database
from renkei.process import cases
from renkei.process.scenarios import bpmn as model

MODEL = """
process 受付
  start s -> 審査
  user 審査 -> t
  boundary 期限 on=審査 timer=P7D -> 督促
  user 督促 -> e
  throw t signal=済 -> e
  end e
process 別
  start s2 -> w
  catch w signal=済 -> e2
  end e2
"""


@pytest.fixture(scope="module")
def settings(folder):
    """Give the settings of a town whose database runs as beside a node."""
    with ecosystem(folder / "sites", at=AT) as founded:
        found = founded.settings[A.name]
        with running_database(found):
            yield found, founded.file(A)


@pytest.fixture
def by() -> str:
    return "1002"


@pytest.fixture(scope="module")
def town(settings):
    (settings[1].parent / "m.bpmn").write_bytes(model(MODEL))
    return settings[1]


@pytest.fixture
def case(run, town, by):
    """Give a case that was begun by the definition of the day."""
    file = town.parent / "m.bpmn"
    said = told(run, town, "deploy", file, "--from", "2026-04-01", "--by", by)
    assert (said["process"], said["version"]) == ("受付", 1)
    return told(run, town, "begin", "受付", "amount=1.50", 'name="甲"', "--by", by, "--key", "R-1")[
        "case"
    ]


def told(run, town, *words):
    said = run("cases", *words, "--settings", town, "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def refused(run, town, *words, language="en"):
    said = run("cases", *words, "--settings", town, language=language)
    assert said.code == 1
    return said.err


def test_a_case_is_begun_found_led_on_and_shown(run, town, by, case):
    assert case in told(run, town, "list", "--at", "審査", "--having", "amount=1.50")["cases"][0]
    assert told(run, town, "list", "--having", "amount=2")["cases"] == []
    done = told(run, town, "done", case, "審査", "ok=true", "--by", by)
    assert done["status"] == "completed"
    shown = told(run, town, "show", case)
    assert shown["history_whole"] is True
    assert shown["events"][-1].endswith(f"(staff:{by})")


def test_a_command_that_cannot_be_taken_says_what_is_waited_for(run, town, by, case):
    assert "審査、期限" in refused(run, town, "done", case, "支払", "--by", by)
    assert "value-unreadable" in refused(run, town, "done", case, "審査", "x", "--by", by)
    assert "case-official-unknown" in refused(run, town, "done", case, "審査", language="ja")
    assert "process-not-in-force" in refused(
        run, town, "begin", "受付", "--by", by, "--on", "2020-01-01"
    )
    stuck = town.parent / "stuck.bpmn"
    stuck.write_bytes(model("start s -> g\nxor g -> j if 'a', j2\nand j -> e\nuser j2 -> j\nend e"))
    words = ("deploy", stuck, "--from", "2026-04-01", "--by", by)
    assert "model-defective" in refused(run, town, *words)
    assert told(run, town, *words, "--anyway")["process"] == "p"
    wrong = town.parent / "wrong.bpmn"
    wrong.write_bytes(b"<a/>")
    said = refused(run, town, "deploy", wrong, "--from", "2026-04-01", "--by", by)
    assert "process-model-unreadable" in said


def test_the_keeper_lets_time_pass_and_signals_reach(settings, town, case, run, by):
    tenant = A.tenant
    with site_database(settings[0]) as database:
        with keeping(settings[0], database, lambda: AT + timedelta(days=3_650)) as keeper:
            assert keeper.turn() >= 1
        with database.transaction(tenant) as conn:
            found = cases.find(conn, tenant, at="督促")
        assert case in {str(one.id) for one in found}


RULES = """
process 支給
  start s -> r
  rule r of="child_allowance/支給月額" into=月額 -> a
  user a -> e
  end e
"""


def test_a_rule_task_is_decided_by_the_rules_of_the_day_of_application(settings, town, run, by):
    (town.parent / "r.bpmn").write_bytes(model(RULES))
    told(run, town, "deploy", town.parent / "r.bpmn", "--from", "2020-04-01", "--by", by)
    known = ('基準日=date("2026-11-01")', '児童の生年月日=date("2020-05-01")', "第何子=1")
    case = told(run, town, "begin", "支給", *known, "--by", by, "--on", "2026-11-01")["case"]
    with site_database(settings[0]) as database:
        with keeping(settings[0], database, now) as keeper:
            keeper.turn()
        with database.transaction(A.tenant) as conn:
            [found] = cases.find(conn, A.tenant, at="a", process="支給")
            past = cases.history(conn, A.tenant, found.id)
            row = cases.case_of(conn, A.tenant, found.id)
    assert str(found.id) == case
    assert row.case.places[1].variables["月額"] == 10_000
    [basis] = {one.basis for one in past if one.actor == "rules"}
    assert basis.startswith("child_allowance/支給月額 ")
    assert "児童手当法" in basis
    definition = row.definition
    tried = told(run, town, "try", definition, f"start {' '.join(known)}", "--on", "2026-11-01")
    assert "児童手当法" in " ".join(tried["tried"]), "decided as it would be"
    assert tried["waits"] == ["user task (a): task"]


def test_cases_are_moved_to_another_version_after_a_trial_and_back(run, town, by, case):
    later = MODEL.replace("P7D", "P14D").replace("審査 -> t", "審査 -> u\n  user u -> t")
    (town.parent / "n.bpmn").write_bytes(model(later))
    new = told(run, town, "deploy", town.parent / "n.bpmn", "--from", "2026-12-01", "--by", by)
    old = told(run, town, "show", case)["definition"]
    assert new["definition"][:12] in " ".join(told(run, town, "definitions")["definitions"])
    words = ("move", old, new["definition"], "--by", by, "--basis", "改正")
    tried = told(run, town, *words)
    assert (tried["cases_that_can"] >= 1, told(run, town, "show", case)["definition"]) == (
        True,
        old,
    )
    told(run, town, *words, "--do")
    assert told(run, town, "show", case)["definition"] == new["definition"][:12]
    assert told(run, town, "back", case, "--by", by, "--basis", "誤り")["cases"] == [case]
    assert told(run, town, "show", case)["definition"] == old
    assert "definition-not-named" in refused(
        run, town, "move", "x", "y", "--by", by, "--basis", "改正"
    )


def test_a_decision_its_case_cannot_take_is_left_for_a_while(settings, town, run, by):
    text = RULES.replace("process 支給", "process 支給二")
    (town.parent / "d.bpmn").write_bytes(model(text))
    told(run, town, "deploy", town.parent / "d.bpmn", "--from", "2020-04-01", "--by", by)
    case = told(run, town, "begin", "支給二", "--by", by)["case"]
    with site_database(settings[0]) as database:
        with database.transaction(A.tenant) as conn:
            conn.execute("SET LOCAL ROLE NONE")
            changed = "UPDATE process_definition SET model = %s WHERE process = '支給二'"
            conn.execute(changed, [model("start s -> e\nend e")])
        with keeping(settings[0], database, now) as keeper:
            assert (keeper.turn(), keeper.turn()) == (1, 0)
        with database.transaction(A.tenant) as conn:
            held = conn.execute("SELECT trouble FROM process_wait WHERE case_id = %s", [case])
            assert "定義" in str(held.fetchone())
