"""Letters at the console: with whom, and what became of them; a person settles what is left."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.seat import AT, Clock, Seat, staffed_site
from tests.exchange.serving import serving
from tests.process.towns import EXAMPLES, OLD, PROCEDURE

from renkei import audit, federation
from renkei.app.console import console
from renkei.app.demo.ecosystem import A, B
from renkei.process import bpmn, cases, partners
from renkei.process.cases import inbox

SECRET = "000000600000209"
[PUBLIC] = [one for one in partners.Collaborations.shipped() if "move" in one.name]


def number(n: int) -> str:
    return str(UUID(int=n))


def inquiry(n: int) -> federation.Inquiry:
    return federation.Inquiry(
        number(n),
        audit.Mode.TEST,
        B.tenant,
        "15",
        A.tenant,
        "06",
        "income",
        PROCEDURE,
        "TM00000000000002",
        ("06-1-013",),
        2025,
        "",
        "applicant",
        "NA-074",
        "",
        AT,
    )


def dead(conn, n: int, fate: inbox.Fate) -> None:
    """Keep a letter of B's that reached no case, of a procedure of its own."""
    tenant = A.tenant
    procedure = partners.Procedure.asked_of_us(inquiry(n), SECRET, at=AT)
    procedure = procedure.as_said(PUBLIC.hash, "old_town", "new_town")
    partners.procedures.keep(conn, tenant, procedure)
    letter = partners.Letter(
        id=number(n),
        name="転入の知らせ",
        collaboration=PUBLIC.hash,
        sender=B.tenant,
        receiver=tenant,
        mode=audit.Mode.TEST,
        procedure=number(n),
        at=AT,
        reply_by=AT + timedelta(days=14),
        expires_at=AT + timedelta(days=60),
        basis=PROCEDURE,
        provision="NA-074",
    )
    body = partners.render(letter)
    partners.register.keep(conn, tenant, letter, body, direction="in", at=AT, answer="taken")
    key, until = procedure.key, letter.expires_at
    came = inbox.Incoming(B.tenant, letter.id, letter.name, key, {}, until)
    inbox.keep(conn, tenant, came, at=AT, fate=fate)


@pytest.fixture(scope="module")
def port(folder, database) -> Iterator[int]:
    with staffed_site(folder / "sites", database) as site:
        with database.transaction(A.tenant) as conn:
            model = bpmn.read((EXAMPLES / f"{OLD}.bpmn").read_bytes(), OLD)
            day = date(2026, 4, 1)
            cases.deploy(conn, A.tenant, model, valid_from=day, by="t", signer=site.signer, at=AT)
            dead(conn, 1, inbox.Fate.EXPIRED)
            dead(conn, 2, inbox.Fate.LATE)
        app = Starlette(routes=[console(site, Clock(AT))])
        with serving(uvicorn.Config(app, "127.0.0.1", 0, log_config=None)) as found:
            yield found


@pytest.fixture(scope="module")
def officer(port) -> Seat:
    return Seat(port).signed_in("1002")


def settle(seat: Seat, n: int, do: str, why: str = ""):
    token = seat.get("/console/cases/letters").form_token
    said = {"form_token": token, "letter": number(n), "do": do, "why": why}
    return seat.post("/console/cases/letters", **said)


def test_what_reached_no_case_says_why_and_what_to_do_and_shows_no_value(officer):
    said = officer.get("/console/cases/letters?lang=ja")
    for word in ("転入の知らせ", "B市", "期限切れ", "行き先なし", "届け直す", "相手に連絡するか"):
        assert word in said.plain
    assert SECRET not in said.text
    assert "<script" not in said.text
    english = officer.get("/console/cases/letters?lang=en").plain
    for word in ("Notice of the move", "City B", "Set it aside", "came too late"):
        assert word in english


def test_a_letter_is_set_aside_with_what_was_done_and_brought_on_once(officer, database):
    assert settle(officer, 2, "set-aside").status == 400
    assert settle(officer, 2, "set-aside", "電話で確認した").status == 303
    assert settle(officer, 2, "bring-on").status == 404
    assert settle(officer, 1, "bring-on").status == 303
    assert settle(officer, 1, "bring-on").status == 404
    said = officer.get("/console/cases/letters?done=1&lang=ja").plain
    assert "行き先のない文書はありません" in said
    assert "職員1002: 電話で確認した" in said
    with database.transaction(A.tenant) as conn:
        [begun] = cases.find(conn, A.tenant, at="look-up")
    case = officer.get(f"/console/cases/{begun.id}?lang=ja").plain
    for word in ("相手団体との文書", "転入の知らせ", "案件を開始した", "受信"):
        assert word in case


def test_a_public_process_shows_who_writes_what_to_whom_by_when(officer):
    said = officer.get("/console/cases/public?lang=ja").plain
    for word in ("児童手当の引継ぎ", "転出元の市区町村", "消滅年月", "14日", "児童手当 認定請求"):
        assert word in said
    assert "Payments handed over" in officer.get("/console/cases/public?lang=en").plain
    picture = officer.get(f"/console/cases/public/{PUBLIC.hash}")
    assert "<svg" in picture.text
    assert "<style" not in picture.text
    assert officer.get(f"/console/cases/public/{'0' * 64}").status == 404


def test_nobody_without_the_role_sees_or_settles_a_letter(port):
    auditor = Seat(port).signed_in("1004")
    assert auditor.get("/console/cases/letters").status == 403
    assert auditor.get("/console/cases/public").status == 403
