"""Nobody sees a page of the console but who signed in, and only what the role is for."""

import re
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.seat import AT, Clock, Seat, staffed_site
from tests.exchange.serving import serving

from renkei.app.console import PREFIX, console
from renkei.app.console.sessions import IDLE, LONGEST, Sessions
from renkei.app.site import Site


@pytest.fixture(scope="module")
def site(folder, database) -> Iterator[Site]:
    with staffed_site(folder / "sites", database) as found:
        yield found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def seat(site, clock) -> Iterator[Seat]:
    app = Starlette(routes=[console(site, clock)])
    config = uvicorn.Config(app, "127.0.0.1", 0, log_config=None)
    with serving(config) as port:
        yield Seat(port)


def test_a_stranger_is_sent_to_the_sign_in_and_then_to_what_they_wanted(seat):
    refused = seat.get("/console/")
    assert (refused.status, refused.headers["location"]) == (
        303,
        "/console/sign-in?next=%2Fconsole%2F",
    )
    assert seat.sign_in("1001", next="/console/").headers["location"] == "/console/"
    assert "運用 見本" in seat.get("/console/").plain


def test_a_stranger_keeps_the_language_they_asked_for(seat):
    refused = seat.get("/console/drift?lang=en&x=1")
    assert refused.headers["location"] == "/console/sign-in?next=%2Fconsole%2Fdrift&lang=en"


@pytest.mark.parametrize(
    ("number", "password"),
    [
        ("1001", "the officer's"),
        ("1001", ""),
        ("9999", "the operator's"),
        ("", ""),
        ("1001", "x" * 9999),
    ],
)
def test_a_wrong_number_or_password_says_nothing_about_which(seat, number, password):
    said = seat.sign_in(number, password)
    assert said.status == 401
    assert "職員番号かパスワードが違います" in said.plain
    assert seat.get("/console/").status == 303


def test_five_failures_close_the_number_for_a_while_even_for_the_right_password(seat, clock):
    for _ in range(5):
        assert seat.sign_in("1001", "wrong").status == 401
    assert seat.sign_in("1001").status == 429
    assert seat.sign_in("1002").status == 303
    clock.wait(minutes=6)
    assert seat.sign_in("1001").status == 303


def test_an_address_that_tries_one_number_after_the_other_is_closed(seat):
    for number in range(20):
        assert seat.sign_in(f"2{number:03}", "guess").status == 401
    assert seat.sign_in("1001").status == 429


@pytest.mark.parametrize(
    "elsewhere",
    ["https://example.org/", "//example.org/", "/console/../x?y", "/health", "/console/\\x"],
)
def test_a_sign_in_leads_nowhere_but_into_the_console(seat, elsewhere):
    assert seat.sign_in("1001", next=elsewhere).headers["location"] == "/console/"


def test_the_cookie_is_for_this_console_alone_and_no_script_reads_it(seat):
    seat.sign_in("1001")
    (cookie,) = seat.set_cookies
    for part in ("HttpOnly", "SameSite=strict", f"Path={PREFIX}"):
        assert part in cookie
    assert "Max-Age" not in cookie


def test_a_session_ends_when_nobody_works_and_after_a_working_day(seat, clock):
    seat.signed_in("1001")
    for _ in range(int(LONGEST / IDLE) + 1):
        clock.wait(seconds=IDLE.total_seconds() - 1)
        ended = seat.get("/console/").status == 303
    assert ended
    seat.signed_in("1001")
    clock.wait(seconds=IDLE.total_seconds() + 1)
    assert seat.get("/console/").status == 303


def test_a_cookie_kept_by_somebody_is_worth_nothing_after_the_sign_out(seat):
    token = seat.signed_in("1001").get("/console/").form_token
    kept = seat.copy()
    assert seat.post("/console/sign-out", form_token=token).status == 303
    assert seat.get("/console/").status == kept.get("/console/").status == 303


def test_a_sign_in_begins_a_session_of_another_number(seat):
    seat.get("/console/sign-in")
    guest = seat.copy()
    seat.sign_in("1001")
    assert guest.get("/console/").status == 303


@pytest.mark.parametrize("token", ["", "0" * 64, "ã"])
def test_a_form_that_is_not_of_this_session_does_nothing(seat, token):
    seat.signed_in("1001")
    assert seat.post("/console/sign-out", form_token=token).status == 403
    assert seat.get("/console/").status == 200


def test_a_form_of_somebody_else_does_nothing(seat):
    other = Seat(seat.port).signed_in("1002").get("/console/").form_token
    seat.signed_in("1001")
    assert seat.post("/console/sign-out", form_token=other).status == 403


@pytest.mark.parametrize("cookie", ["", ".", "x.y", "W10=." + "0" * 64, "é.é", "a" * 5000])
def test_a_cookie_that_is_not_ours_is_no_session(cookie):
    assert Sessions().read(cookie, at=AT) is None


def test_a_cookie_of_another_start_is_no_session():
    one, other = Sessions(), Sessions()
    cookie = one.write(one.begin("1001", at=AT), at=AT)
    assert one.read(cookie, at=AT) is not None
    assert other.read(cookie, at=AT) is None


def test_every_page_says_the_town_and_the_mode_and_is_ours_alone(seat):
    for path in ("/console/sign-in", "/console/"):
        page = seat.signed_in("1001").get(path)
        assert "A市" in page.plain
        assert "試験" in page.plain
        assert page.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert not re.search(r"<script|style=|onclick|https?://", page.text)


def test_a_language_once_chosen_stays(seat):
    seat.signed_in("1001")
    assert "Staff console" in seat.get("/console/?lang=en").plain
    assert "Staff console" in seat.get("/console/").plain
    assert "職員コンソール" in seat.get("/console/?lang=ja").plain
