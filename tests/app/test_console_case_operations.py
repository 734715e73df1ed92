"""At the console a case is helped on by one, changed by two, and looked into for a purpose."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.seat import AT, Clock, Seat, staffed_site
from tests.exchange.serving import serving

from renkei import audit
from renkei.app.console import console
from renkei.app.demo.ecosystem import A
from renkei.process import bpmn, cases
from renkei.process.scenarios import bpmn as model

MODEL = """
process 支給
  start s -> 審査
  user 審査 -> x
  xor x -> 支払 if "ok", e
  boundary 期限 on=審査 timer=P30D beside -> 督促
  user 督促 -> e
  adhoc 支払 -> e
    user 振込
    user 通知
  end e
"""
SECRET = "秘密の値"
DAY = date(2026, 11, 1)
SIGNER = audit.Signer.from_seed("test.example/131016", bytes(32))
LIBRARY = cases.Library([SIGNER.verifier])


AWAITED = """
process 補正
  start s -> w
  first w -> 届いた, 遅れた
  catch 届いた message=補正書類 key="request" -> 確認
  catch 遅れた timer=P30D -> e
  user 確認 -> e
  end e
"""
PROCEDURE = b"""
INSERT INTO process_procedure (tenant, partner, id, role, partner_role, subject, procedure,
                               question, is_asker, items, consent, relation, case_id, opened_at,
                               until)
VALUES (%s, '131024', %s, '', '', '', '', '', true, '{}', '', '', %s, now(), 'infinity')
"""


def begin(database, number: int, *, of: str = MODEL, **variables) -> UUID:
    id_ = UUID(int=number)
    definition = bpmn.read(model(of), "支給.bpmn")
    with database.transaction(A.tenant) as conn:
        kept = cases.deploy(
            conn, A.tenant, definition, valid_from=date(2026, 4, 1), by="t", signer=SIGNER, at=AT
        )
        told: bpmn.Variables = {"note": SECRET, "amount": Decimal(number), **variables}
        one = cases.Begun(
            id_, kept, DAY, bpmn.Start(AT, told), "staff:1002", business_key=f"=R-{number}"
        )
        cases.begin(conn, A.tenant, [one], LIBRARY, at=AT)
    return id_


def stuck(database, number: int) -> UUID:
    """Begin a case that knows no way on."""
    id_ = begin(database, number, ok="?")
    with database.transaction(A.tenant) as conn:
        wait = next(
            key
            for key, one in cases.case_of(conn, A.tenant, id_).case.waits.items()
            if one.handler == "審査"
        )
        later = AT + timedelta(hours=3)
        given = cases.Given(id_, bpmn.Bring(later, wait), "staff:1002", "児童手当法 第8条")
        cases.take(conn, A.tenant, given, LIBRARY, at=later)
    return id_


@pytest.fixture(scope="module")
def port(folder, database) -> Iterator[int]:
    with staffed_site(folder / "sites", database) as site:
        site = replace(site, signer=SIGNER)
        app = Starlette(routes=[console(site, Clock(AT + timedelta(days=1)))])
        with serving(uvicorn.Config(app, "127.0.0.1", 0, log_config=None)) as number:
            yield number


@pytest.fixture(scope="module")
def seats(port) -> dict[str, Seat]:
    """Give an operator, an officer and an approver, each at a browser."""
    return {number: Seat(port).signed_in(number) for number in ("1001", "1002", "1003")}


def fields(page, **more):
    """Return the hidden fields of the first form of a case that has them, with more."""
    found = {
        name: re.search(f'name="{name}" value="([^"]+)"', page.text)
        for name in ("page", "seen", "wait", "place", "digest")
    }
    told = {name: one[1] for name, one in found.items() if one is not None}
    return {"form_token": page.form_token, **told, **more}


def press(seat, path, page, **more):
    return seat.post(f"/console/cases/{path}", **fields(page, **more))


def entries(conn) -> list[audit.Entry]:
    rows = conn.execute(b"SELECT core FROM audit_outbox ORDER BY q").fetchall()
    return [audit.Leaf(core).entry() for (core,) in rows]


def past(database, case):
    with database.transaction(A.tenant) as conn:
        return cases.history(conn, A.tenant, case)


def test_an_incident_is_tried_again_once_however_often_the_button_is_pressed(seats, database):
    case = stuck(database, 1)
    page = seats["1001"].get(f"/console/cases/{case}?lang=ja")
    first, again = (
        press(seats["1001"], f"{case}/retry", page, reason="回線の復旧") for _ in range(2)
    )
    assert (first.status, again.status) == (303, 303)
    resumed = [one for one in past(database, case) if one.event.kind is bpmn.Happened.RESUMED]
    assert [(one.actor, one.basis) for one in resumed] == [("staff:1001", "回線の復旧")]


def awaited(database, case) -> dict[str, int]:
    """Return what a case waits for, by what catches it."""
    with database.transaction(A.tenant) as conn:
        row = cases.case_of(conn, A.tenant, case)
    return {one.handler: key for key, one in row.case.waits.items()}


def test_what_came_at_the_counter_is_recorded_once_by_whoever_decides_about_people(seats, database):
    case = begin(database, 40, of=AWAITED, request="K-40")
    page = seats["1002"].get(f"/console/cases/{case}?lang=ja")
    assert "連絡待ち: 中間キャッチイベント(メッセージ)(届いた) – 補正書類" in page.plain
    waits = awaited(database, case)
    told = {"reason": "窓口で受領", "wait": str(waits["届いた"])}
    assert press(seats["1001"], f"{case}/arrived", page, **told).status == 403
    other = press(seats["1002"], f"{case}/arrived", page, **told | {"wait": str(waits["遅れた"])})
    assert other.status == 409, "a time comes by itself"
    came = [press(seats["1002"], f"{case}/arrived", page, **told).status for _ in range(2)]
    assert came == [303, 303]
    assert list(awaited(database, case)) == ["確認"]
    caught = [one for one in past(database, case) if one.event.kind is bpmn.Happened.CAUGHT]
    assert [(one.event.element, one.actor, one.basis) for one in caught] == [
        ("届いた", "staff:1002", "窓口で受領")
    ]


def test_a_letter_of_another_body_is_not_said_to_have_come(seats, database):
    case = begin(database, 41, of=AWAITED, request="K-41")
    with database.transaction(A.tenant) as conn:
        conn.execute(PROCEDURE, [A.tenant, "K-41", case])
    page = seats["1002"].get(f"/console/cases/{case}?lang=ja")
    wait = str(awaited(database, case)["届いた"])
    refused = press(seats["1002"], f"{case}/arrived", page, reason="x", wait=wait)
    assert refused.status == 409
    assert "他の団体からの文書" in refused.plain


def test_what_was_meant_for_where_the_case_stood_before_is_refused_and_said(seats, database):
    case = stuck(database, 2)
    before = seats["1002"].get(f"/console/cases/{case}?lang=ja")
    own = seats["1001"].get(f"/console/cases/{case}?lang=ja")
    press(seats["1001"], f"{case}/retry", own, reason="回線の復旧")
    late = press(seats["1002"], f"{case}/skip", before, reason="x", place="3")
    assert late.status == 409
    assert "案件が進みました" in late.plain


def test_who_runs_systems_skips_nothing_and_a_reason_is_wanted(seats, database):
    case = stuck(database, 3)
    page = seats["1001"].get(f"/console/cases/{case}?lang=ja")
    assert press(seats["1001"], f"{case}/skip", page, reason="x").status == 403
    assert press(seats["1001"], f"{case}/retry", page, reason="  ").status == 400
    assert "値を表示する" not in page.plain


def test_values_are_shown_for_a_purpose_alone_and_every_look_is_entered(seats, database):
    case = begin(database, 4)
    page = seats["1002"].get(f"/console/cases/{case}?lang=ja")
    assert SECRET not in page.text
    refused = press(seats["1002"], f"{case}/values", page, purpose=" ")
    assert SECRET not in refused.text
    assert press(seats["1001"], f"{case}/values", page, purpose="調査").status == 403
    shown = press(seats["1002"], f"{case}/values", page, purpose="申請者の申出")
    assert SECRET in shown.text
    with database.transaction(A.tenant) as conn:
        looks = [one for one in entries(conn) if one.details.get("of") == str(case)]
    assert [(one.purpose, one.details["staff"]) for one in looks] == [("申請者の申出", "1002")]


def test_why_a_case_is_stuck_is_said_in_detail_with_its_values_alone(seats, database):
    case = begin(database, 30)
    with database.transaction(A.tenant) as conn:
        waits = cases.case_of(conn, A.tenant, case).case.waits
        [wait] = (key for key, one in waits.items() if one.handler == "審査")
        trouble = bpmn.Trouble(AT, wait, "decision-failed", f"児童の生年月日: {SECRET}")
        cases.take(conn, A.tenant, cases.Given(case, trouble, "rules"), LIBRARY, at=AT)
    page = seats["1002"].get(f"/console/cases/{case}?lang=ja")
    assert "判定できません" in page.plain
    assert "「案件の値」の中に表示されます" in page.plain
    assert SECRET not in page.text
    shown = press(seats["1002"], f"{case}/values", page, purpose="要確認の調査")
    assert f"児童の生年月日: {SECRET}" in shown.plain


def test_a_value_is_changed_by_two_who_both_saw_old_and_new(seats, database):
    officer, approver = seats["1002"], seats["1003"]
    case = begin(database, 5)
    page = officer.get(f"/console/cases/{case}?lang=ja")
    shown = press(officer, f"{case}/values", page, purpose="訂正")
    names = dict(re.findall(r'name="(name-\d)" value="([^"]+)"', shown.text))
    number = next(key[-1] for key, name in names.items() if name == "amount")
    told = {f"name-{number}": "amount", f"value-{number}": "50"}
    made = press(officer, f"{case}/change", shown, reason="通知書の額", **told)
    assert made.status == 303, made.plain
    there = made.headers["location"].removeprefix("/console/cases/")
    own = officer.get(f"/console/cases/{there}?lang=ja")
    assert "自分の提案は自分で確認できません" in own.plain
    other = approver.get(f"/console/cases/{there}?lang=ja")
    assert "<ins>" not in other.text
    seen = press(approver, there, other, purpose="確認")
    assert "<del>5</del>" in seen.text
    assert "<ins>50</ins>" in seen.text
    done = press(approver, f"{there}/decide", seen, act="confirm")
    assert done.status == 303, done.plain
    last = past(database, case)[-1]
    assert (last.actor, last.basis) == ("staff:1002+staff:1003", "通知書の額")
    assert "業務　見本 → 承認　見本" in officer.get(f"/console/cases/{case}").text


def test_a_token_is_moved_by_two_and_a_proposal_that_came_too_late_says_so(seats, database):
    officer, approver = seats["1002"], seats["1003"]
    case = stuck(database, 6)
    page = officer.get(f"/console/cases/{case}?lang=ja")
    made = press(officer, f"{case}/move", page, element="支払", reason="判定済み")
    late = press(officer, f"{case}/cancel", page, reason="取下げの申出")
    there, other = (one.headers["location"].removeprefix("/console/cases/") for one in (made, late))
    seen = approver.get(f"/console/cases/{there}?lang=ja")
    assert seen.text.count("<svg") == 2
    assert press(approver, f"{there}/decide", seen, act="confirm").status == 303
    stale = approver.get(f"/console/cases/{other}?lang=ja").plain
    assert "案件が先に進んだため無効" in stale
    page = officer.get(f"/console/cases/{case}?lang=ja")
    chosen = press(officer, f"{case}/choose", page, element="振込", reason="期日")
    assert chosen.status == 303, chosen.plain
    assert "振込" in officer.get(f"/console/cases/{case}?lang=ja").plain


def test_who_proposed_cannot_decide_and_a_digest_of_something_else_confirms_nothing(
    seats, database
):
    case = begin(database, 7)
    page = seats["1002"].get(f"/console/cases/{case}?lang=ja")
    made = press(seats["1002"], f"{case}/cancel", page, reason="取下げの申出")
    there = made.headers["location"].removeprefix("/console/cases/")
    seen = seats["1003"].get(f"/console/cases/{there}")
    own = seats["1002"].get(f"/console/cases/{there}")
    digest = fields(seen)["digest"]
    assert press(seats["1002"], f"{there}/decide", own, act="confirm", digest=digest).status == 403
    assert press(seats["1003"], f"{there}/decide", seen, act="confirm", digest="0").status == 409
    assert press(seats["1003"], f"{there}/decide", seen, act="decline", reason="").status == 400
    assert press(seats["1003"], f"{there}/decide", seen, act="decline", reason="早い").status == 303
    assert "却下" in seats["1001"].get("/console/cases/" + there).plain


def test_cases_are_listed_by_what_they_are_and_the_list_is_a_safe_file(seats, database):
    begin(database, 8)
    seat = seats["1001"]
    said = seat.get("/console/cases?lang=ja&status=running&since=2026-11-24")
    assert "=R-8" in said.plain
    assert "=R-8" not in seat.get("/console/cases?lang=ja&since=2026-11-25").plain
    file = seat.get("/console/cases.csv?lang=ja&business_key=%3DR-8")
    assert file.body.startswith(b"\xef\xbb\xbf")
    [head, row] = csv.reader(io.StringIO(file.body.decode("utf-8-sig")))
    assert row[head.index("受付番号")] == "'=R-8"
    assert SECRET not in file.text


def test_what_cases_know_is_searched_for_a_purpose_and_entered_by_name_alone(seats, database):
    begin(database, 987)
    page = seats["1002"].get("/console/cases?lang=ja")
    asked = {"name-0": "amount", "sign-0": ">=", "value-0": "987"}
    found = press(seats["1002"], "by-values", page, purpose="照会", **asked)
    assert "=R-987" in found.plain
    assert "=R-5" not in found.plain
    assert press(seats["1002"], "by-values", page, purpose="", **asked).status == 403
    with database.transaction(A.tenant) as conn:
        looks = [one.details for one in entries(conn) if one.details.get("as") == "case-search"]
    assert looks[0]["by"] == "amount"
    assert "987" not in str(looks)


def test_statistics_say_what_takes_the_time_and_which_ways_cases_went(seats, database):
    case = begin(database, 9)
    with database.transaction(A.tenant) as conn:
        row = cases.case_of(conn, A.tenant, case)
        task = next(key for key, one in row.case.waits.items() if one.handler == "審査")
        later = AT + timedelta(hours=36)
        given = cases.Given(case, bpmn.Bring(later, task, {"ok": False}), "staff:1002")
        cases.take(conn, A.tenant, given, LIBRARY, at=later)
    seat, of = seats["1001"], row.definition
    said = seat.get(f"/console/cases/of/{of}/statistics?lang=ja")
    for word in (
        "半数が1.5日以内",
        "職員の作業",
        "ユーザータスク(審査) → 終了イベント(e)",
        "100.0%",
    ):
        assert word in said.plain, word
    assert SECRET not in said.text
    file = seat.get(f"/console/cases/of/{of}/statistics.csv?lang=ja").body.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(file)))
    assert next(one for one in rows if one["識別子"] == "審査")["待つ相手"] == "職員の作業"
    none = seat.get(f"/console/cases/of/{of}/statistics?lang=en&since=2020-01-01&until=2020-02-01")
    assert "There are no cases" in none.plain
    assert seat.get(f"/console/cases/of/{'0' * 64}/statistics").status == 404


def test_what_would_be_if_is_played_on_a_copy_and_nothing_is_written(seats, database):
    case, seat = begin(database, 10), seats["1001"]
    before = past(database, case)
    page = seat.get(f"/console/cases/{case}/try?lang=ja")
    assert "done 審査" in page.plain
    tried = press(seat, f"{case}/try", page, steps="pass P30D\ndone 審査 ok=true\nchoose 支払 振込")
    for word in ("(督促): 開始", "(支払): 開始", "(振込): 作業"):
        assert word in tried.plain, word
    assert tried.text.count("<svg") == 2
    assert past(database, case) == before
    wrong = press(seat, f"{case}/try", page, steps="done 支払\ndone 審査")
    assert "できません" in wrong.plain
    assert "nonsense" in press(seat, f"{case}/try", page, steps="nonsense").plain
    assert press(seat, f"{case}/try", page, steps="pass P1D\n" * 31).status == 400


def test_a_definition_is_tried_from_its_beginning(seats, database):
    case, seat = begin(database, 11), seats["1002"]
    with database.transaction(A.tenant) as conn:
        of = cases.case_of(conn, A.tenant, case).definition
    page = seat.get(f"/console/cases/of/{of}/try?lang=en")
    tried = press(seat, f"of/{of}/try", page, steps="start ok=false\ndone 審査")
    assert "completed" in tried.plain


RULES = """
process 児童手当
  start s -> r
  rule r of="child_allowance/支給月額" into=月額 -> a
  user a -> e
  end e
"""


def test_a_definition_tells_its_rules_with_articles_since_when_it_counts_and_who_withdrew_it(
    seats, database
):
    officer, definition = seats["1002"], bpmn.read(model(RULES), "手当.bpmn")
    with database.transaction(A.tenant) as conn:
        kept = cases.deploy(
            conn, A.tenant, definition, valid_from=DAY, by="staff:1002", signer=SIGNER, at=AT
        )
    page = officer.get(f"/console/cases/of/{kept.hash}?lang=ja")
    for word in ("現在施行中", "児童手当法第6条第1項第1号", "三歳未満", "第1版", "手当.bpmn"):
        assert word in page.plain, word
    assert "style=" not in page.text
    assert press(officer, f"of/{kept.hash}/withdraw", page, reason="").status == 400
    assert press(seats["1001"], f"of/{kept.hash}/withdraw", page, reason="x").status == 403
    assert press(officer, f"of/{kept.hash}/withdraw", page, reason="条例の廃止").status == 303
    said = seats["1001"].get(f"/console/cases/of/{kept.hash}?lang=ja").plain
    assert "条例の廃止" in said
    assert "現在施行中" not in said


def test_whatever_is_typed_is_shown_as_text_and_what_does_not_fit_is_said(seats, database):
    case, officer = begin(database, 12), seats["1002"]
    page = officer.get(f"/console/cases/{case}?lang=ja")
    made = press(officer, f"{case}/cancel", page, reason="<script>alert(1)</script>")
    shown = officer.get(made.headers["location"])
    assert "<script" not in shown.text
    assert "&lt;script&gt;" in shown.text
    for path, told in {
        "skip": {"place": "9999"},
        "retry": {"wait": "x"},
        "move": {"place": "2", "element": "nowhere"},
        "choose": {"wait": "-1"},
        "change": {"place": "1", "name-0": "amount", "value-0": "1 +"},
    }.items():
        answer = press(officer, f"{case}/{path}", page, reason="x", **told)
        assert answer.status in (400, 409), path
    assert officer.get("/console/cases/proposed/nothing").status == 404
    assert officer.get("/console/cases?after=nonsense&since=x&status=y&at=%00").status == 200
    assert len(past(database, case)) == 3, "nothing of it happened"


def test_a_form_of_another_session_does_nothing(seats, database):
    case = begin(database, 13)
    page = seats["1002"].get(f"/console/cases/{case}?lang=ja")
    told = fields(page, reason="x", place="2") | {"form_token": "another"}
    assert seats["1002"].post(f"/console/cases/{case}/skip", **told).status >= 400
    assert len(past(database, case)) == 3
