"""An official finds in the morning what is theirs to do, does it, and a second person confirms."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from urllib.parse import quote
from uuid import UUID

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.seat import AT, STAFF, Clock, Seat, staffed_site
from tests.exchange.serving import serving

from renkei import law
from renkei.app.console import console
from renkei.app.demo.ecosystem import A
from renkei.process import bpmn, cases, tasks
from renkei.process.cases import closed_days
from renkei.process.feel import Date
from renkei.process.scenarios import bpmn as model

FORM = "15/child_allowance_payment: payment_amount, payment_due_on"
MODEL = f"""
process 審査手続 period=10 article=児童手当法第8条
  start s -> 審査
  user 審査 group=福祉課 days=3 eyes form="{FORM}" FIELDS -> 補正
  user 補正 group=窓口 stops -> e
  end e
"""
MODEL = MODEL.replace("FIELDS", 'field="ok! flag 支給する" into=決定 step="0 add=福祉課長"')
FIRST, SECOND = (UUID(int=n) for n in (1, 2))
PLACE = "秘密の住所"
GROUPS = {"1001": ("福祉課",), "1002": ("福祉課", "窓口")}


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock(AT)


@pytest.fixture(scope="module")
def port(folder, database, clock) -> Iterator[int]:
    with staffed_site(folder / "sites", database) as site:
        staff = {
            number: replace(one, groups=frozenset(GROUPS.get(number, ())))
            for number, one in STAFF.items()
        }
        staff["1010"] = replace(STAFF["1001"], number="1010", name="運用二　見本")
        staff["1009"] = replace(staff["1002"], number="1009", name="第二　見本")
        settings = replace(
            site.settings, staff=staff, office_hours=law.OfficeHours.of("1-5 08:00-20:00")
        )
        site = replace(site, settings=settings)
        fill(database, site.signer)
        app = Starlette(routes=[console(site, clock)])
        with serving(uvicorn.Config(app, "127.0.0.1", 0, log_config=None)) as number:
            yield number


def fill(database, signer) -> None:
    """Begin two cases that wait for an official."""
    definition = bpmn.read(model(MODEL), "審査.bpmn")
    with database.transaction(A.tenant) as conn:
        closed_days.keep_closed_days(conn, A.tenant, {date(2026, 11, 27): "市制記念日"})
        since = date(2026, 4, 1)
        kept = cases.deploy(
            conn, A.tenant, definition, valid_from=since, by="t", signer=signer, at=AT
        )
        start = bpmn.Start(AT, {"住所": PLACE})
        begun = [
            cases.Begun(id_, kept, date(2026, 11, 20), start, "t", business_key=f"R-{id_.int}")
            for id_ in (FIRST, SECOND)
        ]
        cases.begin(conn, A.tenant, begun, cases.Library([signer.verifier]), at=AT)


@pytest.fixture(scope="module")
def officer(port) -> Seat:
    return Seat(port).signed_in("1002")


@pytest.fixture(scope="module")
def other(port) -> Seat:
    seat = Seat(port)
    assert seat.sign_in("1009", "the officer's").status == 303
    return seat


@pytest.fixture(scope="module")
def operator(port) -> Seat:
    return Seat(port).signed_in("1001")


def place(database, case=FIRST) -> str:
    with database.transaction(A.tenant) as conn:
        [task] = tasks.tasks_of(conn, A.tenant, case)
    return f"/console/tasks/{task.ref}"


def act(seat, path, name, **more):
    return seat.post(path, form_token=seat.get(path).form_token, act=name, **more)


def enter(seat, path, **typed):
    fields = {f"field-{name}": text for name, text in typed.items()}
    page = seat.get(path).form_token
    body = {"form-token": page, "act": "done", **fields}
    encoded = "&".join(f"{quote(k)}={quote(v)}" for k, v in body.items()).encode()
    return seat.ask("POST", path, encoded, content_type="application/x-www-form-urlencoded")


def test_what_there_is_to_do_is_the_first_thing_in_the_morning(officer, database):
    front = officer.get("/console/?lang=ja")
    assert front.text.index("/console/tasks") < front.text.index("/console/cases")
    assert "引き受けられるもの2件" in front.plain
    said = officer.get("/console/tasks?lang=ja").plain
    for words in (
        "引き受けられるタスク 2件",
        "審査",
        "R-1",
        "2026-11-30",
        "残り3開庁日",
        "福祉課、窓口",
    ):
        assert words in said
    assert "There is no task" not in officer.get("/console/tasks?lang=en").plain
    listed = officer.get(f"/console/tasks?look=groups&process={quote('審査手続')}&lang=ja")
    assert "R-2" in listed.plain


def views(database) -> int:
    with database.transaction(A.tenant) as conn:
        row = conn.execute(b"SELECT count(*) FROM audit_outbox").fetchone()
    return int(row[0]) if row else 0


def test_a_task_says_by_when_why_and_where_and_the_look_is_entered(officer, database):
    before = views(database)
    said = officer.get(place(database) + "?lang=ja")
    for words in (PLACE, "児童手当法第8条", "10開庁日のうち2日経過", "支給する", "二人での確認"):
        assert words in said.plain, words
    assert "<svg" in said.text
    assert views(database) == before + 1


def test_who_is_not_of_the_group_sees_the_task_without_values_or_not_at_all(port, database):
    seat = Seat(port).signed_in("1003")
    assert seat.get(place(database)).status == 403, "an approver works on no task"
    manager = Seat(port)
    assert manager.sign_in("1010", "the operator's").status == 303
    said = manager.get(place(database) + "?lang=ja")
    assert "見ることだけができます" in said.plain
    assert PLACE not in said.text
    assert '<form class="task"' not in said.text
    assert "R-1" in manager.get("/console/tasks?look=all").plain
    assert PLACE in Seat(port).signed_in("1001").get(place(database)).text


def test_what_is_typed_wrong_is_said_beside_its_field_and_kept(officer, database):
    path = place(database)
    said = enter(officer, path, ok="", payment_amount="一万円", payment_due_on="2026-12-15")
    assert said.status == 422
    assert "入力を確かめてください(2か所)" in said.plain
    assert 'value="一万円"' in said.text
    assert 'value="2026-12-15"' in said.text
    assert said.text.count('aria-invalid="true"') == 1
    assert "field-payment_amount-hint field-payment_amount-wrong" in said.text
    with database.transaction(A.tenant) as conn:
        [task] = tasks.tasks_of(conn, A.tenant, FIRST)
    assert task.state is tasks.State.OPEN


def test_what_one_entered_another_sends_back_and_then_confirms(officer, other, database):
    path = place(database)
    assert (
        enter(officer, path, ok="1", payment_amount="10000", payment_due_on="2026-12-15").status
        == 303
    )
    own = officer.get(path + "?lang=ja")
    assert "確認は別の人が行います" in own.plain
    assert 'value="confirm"' not in own.text
    assert act(officer, path, "confirm").status == 403
    assert "二人目の確認を待っているタスク 1件" in other.get("/console/tasks?lang=ja").plain
    assert "10000" in other.get(path).plain
    assert act(other, path, "send-back", said="金額の根拠を").status == 303
    back = officer.get(path + "?lang=ja")
    assert "差し戻されました" in back.plain
    assert "金額の根拠を" in back.plain
    assert 'value="10000"' in back.text
    assert (
        enter(officer, path, ok="1", payment_amount="15000", payment_due_on="2026-12-15").status
        == 303
    )
    assert act(other, path, "confirm").status == 303
    with database.transaction(A.tenant) as conn:
        row = cases.case_of(conn, A.tenant, FIRST)
    decided = row.case.places[min(row.case.places)].variables["決定"]
    assert decided == {
        "ok": True,
        "payment_amount": 15000,
        "payment_due_on": Date.parse("2026-12-15"),
    }


def test_while_a_correction_is_awaited_the_page_says_that_the_clock_stands_still(officer, database):
    said = officer.get(place(database) + "?lang=ja").plain
    assert "補正を待つ間、期間は止まっています" in said
    assert "期間停止中(補正待ち)" in officer.get("/console/tasks").plain
    assert "補正を待つ間" in officer.get(f"/console/cases/{FIRST}").plain
    assert "案件の期限 2026-12-07" in officer.get(f"/console/cases/{SECOND}").plain


def test_a_task_is_claimed_handed_on_put_off_and_given_back(officer, other, operator, database):
    path = place(database, SECOND)
    assert act(officer, path, "claim").status == 303
    assert act(other, path, "claim").status == 409
    assert "見本が担当しています" in other.get(path + "?lang=ja").plain
    assert act(officer, path, "postpone", until="2026-12-01").status == 303
    assert "再確認 2026-12-01" in officer.get("/console/tasks?lang=ja").plain
    assert act(officer, path, "postpone", until="tomorrow").status == 400
    assert act(officer, path, "delegate", person="staff:7777").status == 403
    assert act(officer, path, "delegate").status == 400
    assert act(officer, path, "delegate", person="staff:1009", said="頼みます").status == 303
    assert "頼みます" in other.get(path).plain
    assert act(operator, path, "release").status == 303
    assert act(operator, path, "fly").status == 404


def test_a_file_is_judged_by_its_content_and_given_out_as_a_download(officer, database):
    path = place(database, SECOND)
    token = officer.get(path).form_token
    page = ("..\\../申請\u202e書.html", b"<script>alert(1)</script>")
    assert officer.send(path, page, form_token=token, act="attach").status == 303
    assert officer.send(path, ("x", b"MZ\x00\x01"), form_token=token, act="attach").status == 415
    [link] = re.findall(r'href="([^"]+/files/[^"]+)"', officer.get(path).text)
    got = officer.get(link)
    assert got.body == page[1]
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["x-content-type-options"] == "nosniff"
    name = quote("申請書.html.txt")
    assert got.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}"


def test_a_comment_is_text_and_a_deed_needs_the_form_of_this_session(officer, database):
    path = place(database, SECOND)
    assert act(officer, path, "comment", said="<b>確認</b>").status == 303
    assert "&lt;b&gt;確認" in officer.get(path).text
    assert officer.post(path, form_token="x", act="claim").status in (400, 403, 409)
    assert act(officer, path, "comment", said=" ").status == 400


def test_outside_of_office_hours_no_value_is_shown_and_nothing_entered(port, database, clock):
    path = place(database, SECOND)
    clock.wait(hours=10)  # half past seven in the evening
    try:
        late = Seat(port).signed_in("1002")
        assert PLACE in late.get(path).text
        clock.wait(minutes=30)
        late = Seat(port).signed_in("1002")
        said = late.get(path + "?lang=ja")
        assert PLACE not in said.text
        assert "執務時間の外" in said.plain
        assert enter(late, path, ok="1").status == 403
    finally:
        clock.at = AT


def test_a_page_of_a_task_that_is_done_says_so(officer, database):
    path = place(database, SECOND).rpartition("/")[0]
    said = officer.get(f"{path}/99?lang=ja")
    assert said.status == 404
    assert "すでに終わっている" in said.plain
    assert officer.get("/console/tasks/x/1").status == 404
