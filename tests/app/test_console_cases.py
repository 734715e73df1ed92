"""Who runs processes sees where cases are, on the picture and in words; no value of a person."""

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import quote
from uuid import UUID

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.seat import AT, Clock, Seat, staffed_site
from tests.exchange.serving import serving

from renkei.app.console import console
from renkei.app.demo.ecosystem import A
from renkei.process import bpmn, cases
from renkei.process.scenarios import bpmn as model

MODEL = """
start s -> 審査
user 審査 -> x
xor x -> 支給 if "ok", e
service 支給 -> e
boundary 期限 on=審査 timer=P30D beside -> 督促
user 督促 -> e
end e
"""
FIRST, SECOND, STUCK = (UUID(int=n) for n in (1, 2, 3))
SECRET = "秘密の値"


def fill(database, signer) -> None:
    """Begin three cases: one waits at the first task, one for a job, one knows no way on."""
    library, tenant = cases.Library([signer.verifier]), A.tenant
    definition = bpmn.read(model(MODEL), "審査.bpmn")
    with database.transaction(tenant) as conn:
        kept = cases.deploy(
            conn, tenant, definition, valid_from=date(2026, 4, 1), by="t", signer=signer, at=AT
        )
        start, day = bpmn.Start(AT, {"note": SECRET}), date(2026, 11, 1)
        begun = [
            cases.Begun(id_, kept, day, start, "staff:1002", business_key=f"R-{id_.int}")
            for id_ in (FIRST, SECOND, STUCK)
        ]
        cases.begin(conn, tenant, begun, library, at=AT)
        later = AT + timedelta(hours=3)
        told: dict[UUID, bpmn.Variables] = {SECOND: {"ok": True}, STUCK: {"ok": "?"}}
        for id_ in told:
            wait = max(cases.case_of(conn, tenant, id_).case.waits)
            done = cases.Given(
                id_, bpmn.Bring(later, wait, told[id_]), "staff:1002", "児童手当法 第8条"
            )
            cases.take(conn, tenant, done, library, at=later)


@pytest.fixture(scope="module")
def port(folder, database) -> Iterator[int]:
    with staffed_site(folder / "sites", database) as site:
        fill(database, site.signer)
        app = Starlette(routes=[console(site, Clock(AT))])
        with serving(uvicorn.Config(app, "127.0.0.1", 0, log_config=None)) as number:
            yield number


@pytest.fixture(scope="module")
def operator(port) -> Seat:
    return Seat(port).signed_in("1001")


def test_the_definitions_and_their_cases_are_counted_and_found(operator):
    said = operator.get("/console/cases?lang=ja").plain
    for word in ("案件", "第1版", "R-1", "R-2", "R-3", "進行中"):
        assert word in said
    waiting = operator.get(f"/console/cases?at={quote('支給')}&lang=en").plain
    assert "R-2" in waiting
    assert "R-1" not in waiting
    assert "No case fits" in operator.get("/console/cases?business_key=R-9&lang=en").plain


def test_a_case_shows_where_it_is_why_it_is_stuck_and_who_did_what_on_which_basis(operator):
    said = operator.get(f"/console/cases/{STUCK}?lang=ja")
    for word in ("要確認", "条件が真でも偽でもありません", "staff:1002", "児童手当法 第8条"):
        assert word in said.plain
    assert "<svg" in said.text
    assert "欠けも書換えもありません" in said.plain
    english = operator.get(f"/console/cases/{FIRST}?lang=en").plain
    assert "task: user task (審査)" in english


def test_no_page_shows_a_value_of_a_case_or_runs_a_script(operator):
    pages = ["/console/cases", f"/console/cases/{FIRST}", f"/console/cases/{STUCK}"]
    for page in pages:
        said = operator.get(page)
        assert said.status == 200
        assert SECRET not in said.text
        assert "<script" not in said.text


def test_the_picture_of_a_definition_has_all_of_its_cases_laid_over_it(operator, database):
    with database.transaction(A.tenant) as conn:
        [kept] = cases.deployed(conn, A.tenant)
        definition = bpmn.read(model(MODEL), "審査.bpmn")
        figures = cases.figures(conn, A.tenant, definition)
        newest = cases.figures(conn, A.tenant, definition, newest=1)
    assert (figures["審査"].here, figures["審査"].passed) == (1, 2)
    assert figures["審査"].median == timedelta(hours=3)
    assert (figures["支給"].here, figures["x"].incidents) == (1, 1)
    assert (newest["審査"].here, newest["支給"].here) == (1, 1), "where they are is of all"
    assert newest["審査"].passed < 2, "and what passed of the newest"
    said = operator.get(f"/console/cases/of/{kept.hash}")
    assert "unsafe" not in said.headers["content-security-policy"]
    assert "style=" not in said.text
    assert "<style" not in said.text


def test_what_is_not_there_is_said(operator):
    assert operator.get("/console/cases/nothing").status == 404
    assert operator.get(f"/console/cases/of/{'0' * 64}").status == 404
