"""The oversight body looks over all organisations at the log operator's, and changes nothing."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
import uvicorn
from psycopg.sql import SQL, Identifier
from starlette.applications import Starlette
from starlette.routing import Route
from tests.app.seat import AT, STAFF, Clock, Seat, staffed_site
from tests.app.test_console_oversight import GOOD, LINE
from tests.app.test_console_record import looks, shown
from tests.exchange.serving import serving

from renkei import audit, kit
from renkei.app.console import OF_ALL, console
from renkei.app.demo.ecosystem import A, B, L
from renkei.app.keeping.findings_told import render
from renkei.app.operations.anomalies import OFTEN
from renkei.app.proofs.three_ways import Lack
from renkei.app.site import Site
from renkei.audit import Kind

TOLD = {name: text for name, text in GOOD.details.items() if name in ("relation", "year")}
RECEIPTED = replace(GOOD, request="a-1", outcome="receipted", purpose="", details=TOLD)
BACK = replace(RECEIPTED, asker=B.tenant, holder=A.tenant)
ENTRIES = [
    RECEIPTED,
    *(replace(BACK, request=f"b-{n}", label=b"\1" * 32) for n in range(OFTEN)),
    replace(RECEIPTED, request="withheld-1", withheld=True),
    replace(RECEIPTED, request="wrong-1", items=("99-9-999",)),
    replace(RECEIPTED, request="other-1", provision="NA-000"),
    replace(
        RECEIPTED,
        request="refused-1",
        kind=Kind.REFUSAL,
        outcome="refused",
        details={**TOLD, "reason": "handle-unknown"},
    ),
    replace(RECEIPTED, request="old-1", at=AT - timedelta(days=2)),
]
ALL = {one.request for one in ENTRIES}
NAMES = ("entry", "checkpoint", "tile", "shard", "reconciliation")
READ = [Identifier(f"audit_{name}") for name in NAMES]
LEFT = Lack("a-1", A.tenant, "answer", "left")
HEARD = Lack("b-1", B.tenant, "answer", "left", A.tenant)
LATE = Lack("old-1", L.tenant, "receipt", "receipt-late", A.tenant)


@pytest.fixture(scope="module")
def site(folder, database) -> Iterator[Site]:
    with staffed_site(folder / "sites", database, L) as found:
        tenant = found.desk.tenant
        one = audit.Reconciliation(kit.day_of(AT), AT, 8, (), render([LEFT, HEARD, LATE]))
        with database.transaction(tenant) as conn:
            audit.append_many(conn, tenant, ENTRIES)
            audit.sequence(conn, tenant, found.signer, at=AT)
            audit.keep_reconciliation(conn, tenant, one)
        yield found


@pytest.fixture
def seat(site) -> Iterator[Seat]:
    app = Starlette(routes=[console(site, Clock())])
    config = uvicorn.Config(app, "127.0.0.1", 0, log_config=None)
    with serving(config) as port:
        yield Seat(port).signed_in("1005")


FOUND = ["/record", "/record/show?request=a-1", "/oversight", "/oversight/anomalies"]
FOUND += ["/oversight/replay", "/oversight/entries.csv", "/oversight/entries.json"]


@pytest.mark.clause("RK-49.4")
@pytest.mark.parametrize("number", sorted(set(STAFF) - {"1005"}))
def test_nobody_but_the_oversight_body_comes_in(site, seat, number):
    before = len(looks(site))
    other = Seat(seat.port)
    other.sign_in(number)
    for path in FOUND:
        answer = other.get(f"/console{path}")
        assert answer.status == 303
        assert answer.headers["location"].startswith("/console/sign-in")
    assert len(looks(site)) == before


def test_the_console_has_what_makes_sense_there_and_no_more(site, seat):
    front = seat.get("/console/")
    assert re.findall(r'class="card" href="/console/(\w+)"', front.text) == ["record", "oversight"]
    assert "記録機関" in front.plain
    for path in ("/deliveries", "/people", "/provisions", "/authorize/x", "/statistics"):
        assert seat.get(f"/console{path}").status == 404, path
    posts = {
        route.path
        for route in console(site, Clock()).routes
        if isinstance(route, Route) and "POST" in (route.methods or ())
    }
    assert posts == {"/sign-in", "/sign-out", "/record/evidence"}
    assert [section.name for section in OF_ALL] == ["record", "oversight"]


@pytest.mark.clause("RK-49.5")
@pytest.mark.parametrize("path", FOUND)
def test_every_look_is_entered_before_its_page_is_given(site, seat, path):
    before = len(looks(site))
    assert seat.get(f"/console{path}").status == 200
    (look,) = looks(site)[before:]
    assert (look.kind, look.asker, look.details["staff"]) == (Kind.VIEW, L.tenant, "1005")


@pytest.mark.clause("RK-49.5")
@pytest.mark.parametrize("path", FOUND)
def test_a_look_that_cannot_be_entered_shows_nothing(site, seat, path):
    with psycopg.connect(site.dsn, autocommit=True) as owner:
        owner.execute("REVOKE INSERT ON audit_outbox FROM renkei_application")
        try:
            answer = seat.get(f"/console{path}")
        finally:
            owner.execute("GRANT INSERT ON audit_outbox TO renkei_application")
    assert answer.status >= 500
    assert not any(request in answer.text for request in ALL)


@pytest.mark.clause("RK-49.3")
@pytest.mark.parametrize("path", FOUND)
def test_what_is_shown_is_read_by_the_role_that_can_only_read(site, seat, path):
    """The application's role is kept from reading: the page comes all the same."""
    with psycopg.connect(site.dsn, autocommit=True) as owner:
        for table in READ:
            owner.execute(SQL("REVOKE SELECT ON {} FROM renkei_application").format(table))
        try:
            answer = seat.get(f"/console{path}")
        finally:
            for table in READ:
                owner.execute(SQL("GRANT SELECT ON {} TO renkei_application").format(table))
    assert answer.status == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ALL),
        (f"asker={B.tenant}", {f"b-{n}" for n in range(OFTEN)}),
        (f"holder={A.tenant}", {f"b-{n}" for n in range(OFTEN)}),
        (f"asker={A.tenant}&holder={B.tenant}&outcome=refused", {"refused-1"}),
        (f"provision={LINE.row}", ALL - {"other-1"}),
        ("provision=NA-000", {"other-1"}),
        ("until=2026-11-22", {"old-1"}),
        (f"asker={A.tenant}&holder={A.tenant}", set()),
        ("asker=%00", ALL),
    ],
)
def test_entries_are_searched_by_asker_holder_provision_outcome_and_days(seat, query, found):
    page = seat.get(f"/console/record?{query}")
    assert {one for one in shown(page) if not one.startswith("console")} == found
    taken = seat.get(f"/console/oversight/entries.json?{query}&kind=")
    requests = {one["request"] for one in json.loads(taken.text)}
    assert {one for one in requests if not one.startswith("console")} == found


def test_a_search_goes_on_page_by_page(site, seat):
    many = [replace(RECEIPTED, request=f"p-{n}", at=AT - timedelta(days=40)) for n in range(60)]
    with site.database.transaction(site.desk.tenant) as conn:
        audit.append_many(conn, site.desk.tenant, many)
        audit.sequence(conn, site.desk.tenant, site.signer, at=AT)
    page = seat.get(f"/console/record?asker={A.tenant}&until=2026-10-20")
    (older,) = re.findall(r'href="(\?[^"]*)">古い記録へ', page.text)
    rest = seat.get(f"/console/record{older.replace('&amp;', '&')}")
    assert len(shown(page)) == 50
    assert {*shown(page), *shown(rest)} == {one.request for one in many}


def test_what_strikes_across_all_organisations_is_shown(seat):
    page = seat.get("/console/oversight/anomalies")
    for text in (
        *("時間外", "一つの団体が同じ人について5回以上 1", "3以上の団体が照会した人 0"),
        *("ふだんの3倍以上の日 0", "照会したまま使われていないもの 1"),
        "まだ突き合わせていない日: 2026-11-18",
    ):
        assert text in page.plain, text
    other = seat.get(f"/console/oversight/anomalies?asker={B.tenant}").plain
    assert "照会したまま使われていないもの 0" in other
    english = seat.get("/console/oversight/anomalies?lang=en").plain
    assert "5 or more times about one person by one organisation 1" in english


def test_the_operators_own_decisions_are_decided_again(seat):
    page = seat.get("/console/oversight/replay")
    assert "相違: 2" in page.plain, "an item outside the provision, another provision than named"
    assert "表によらない拒否: 1" in page.plain
    assert f"一致: {OFTEN + 3}" in page.plain


def test_the_front_says_what_the_operator_knows_of_the_comparison(seat):
    page = seat.get("/console/oversight")
    assert "照会a-1: 受領証を交付しましたが、照会元131016にも" in page.plain
    assert "131016からの通知: 照会old-1" in page.plain
    assert "neither the asker 131016" in seat.get("/console/oversight?lang=en").plain


def test_entries_are_taken_away_as_csv(seat):
    answer = seat.get(f"/console/oversight/entries.csv?holder={A.tenant}")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert {one["asker"] for one in rows} == {B.tenant}
    assert len({one["label"] for one in rows}) == 1
