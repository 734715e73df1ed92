"""Staff of A市 sign in at the console of B市 with their account at A市, and get no more there."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from tests.app.consoles import (
    Consoles,
    Window,
    begin,
    inner,
    onward,
    said,
    vouched,
)

from renkei.app.demo.ecosystem import A, B

pytestmark = pytest.mark.xdist_group("consoles")

RETURN = "/console/sign-in/return"


def signed_in(consoles: Consoles, number: str = "1001") -> Window:
    """Return a window at B of somebody who has an account at A."""
    at_b = consoles.window(B)
    page = at_b.get(inner(vouched(consoles.window(A), begin(at_b, A.tenant), number)))
    assert page.status == 200, page.plain
    return at_b


@pytest.mark.clause("RK-30.1", "RK-30.4")
def test_staff_of_another_town_sign_in_with_their_account_there(consoles: Consoles):
    at_b = consoles.window(B)
    assert "A市でサインイン" in at_b.get("/console/sign-in").plain
    back = vouched(consoles.window(A), begin(at_b, A.tenant, next="/console/record"))
    assert onward(at_b.get(inner(back))) == "/console/record"
    assert "運用 見本" in at_b.get("/console/record").plain


@pytest.mark.clause("RK-30.12")
def test_both_towns_enter_it_with_the_number_and_without_the_name(consoles: Consoles):
    signed_in(consoles)
    at_a, at_b = (consoles.entries(part)[-1] for part in (A, B))
    assert (at_a.outcome, at_a.asker, at_a.holder) == ("vouched", A.tenant, B.tenant)
    assert at_a.details["staff"] == "1001"
    assert (at_b.outcome, at_b.asker, at_b.holder) == ("signed-in", A.tenant, B.tenant)
    assert at_b.details["staff"] == f"{A.tenant}/1001"
    assert at_b.details["roles"] == "auditor operator"
    assert "見本" not in str(at_a.details) + str(at_b.details)


def test_who_is_signed_in_there_needs_no_password_again(consoles: Consoles):
    at_a = consoles.window(A).signed_in("1001")
    for _ in range(2):
        at_b = consoles.window(B)
        path = onward(at_a.get(inner(begin(at_b, A.tenant))))
        page = at_a.get(path)
        assert "B市の画面にサインインしますか" in page.plain
        back = at_a.post(path, form_token=page.form_token, answer="yes").headers["location"]
        assert at_b.get(inner(back)).status == 200


@pytest.mark.clause("RK-30.10")
def test_roles_there_are_good_for_what_the_settings_here_say(consoles: Consoles):
    at_b = signed_in(consoles, "1002")  # an officer there is an operator here
    assert at_b.get("/console/deliveries").status == 200
    assert at_b.get("/console/people").status == 403
    assert at_b.get("/console/record").status == 403


@pytest.mark.clause("RK-30.10", "RK-30.12")
def test_a_role_there_that_the_settings_here_do_not_name_is_good_for_nothing(consoles: Consoles):
    at_b = consoles.window(B)
    page = at_b.get(inner(vouched(consoles.window(A), begin(at_b, A.tenant), "1003")))
    assert (page.status, "sign-in-without-role" in page.text) == (403, True)
    assert at_b.get("/console/").status == 303
    last = consoles.entries(B)[-1]
    assert (last.outcome, last.details["error"]) == ("refused", "sign-in-without-role")
    assert last.details["staff"] == f"{A.tenant}/1003"


@pytest.mark.clause("RK-30.10")
def test_a_guest_is_not_passed_on(consoles: Consoles):
    at_b, at_a = signed_in(consoles), consoles.window(A)
    asked = {
        "response_type": "code",
        "client_id": f"JP/MUN/{A.tenant}",
        "redirect_uri": f"{consoles.issuer(A)}/sign-in/return",
        "scope": "openid",
        "state": "s",
        "nonce": "n",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    }
    path = onward(at_b.get(f"/console/authorize?{urlencode(asked)}"))
    refused = at_b.get(path)
    assert (refused.status, "sign-in-not-ours" in refused.text) == (403, True)
    token = at_b.get("/console/").form_token
    assert at_b.post(path, form_token=token, answer="yes").status == 403
    assert at_a.signed_in("1001").get("/console/").status == 200


@pytest.mark.clause("RK-30.11")
def test_the_session_ends_with_the_membership_and_no_button_is_left(consoles: Consoles):
    at_b = signed_in(consoles)
    console = consoles.address(A)
    consoles.relist(A, console="")
    try:
        assert at_b.get("/console/").status == 303
        assert "A市でサインイン" not in at_b.get("/console/sign-in").plain
        assert at_b.get(f"/console/sign-in/with/{A.tenant}").status == 404
    finally:
        consoles.relist(A, console=console)


@pytest.mark.clause("RK-30.11")
def test_no_member_is_believed_by_a_list_that_is_past(consoles: Consoles):
    consoles.clock.shift = timedelta(days=3650)
    at_b = consoles.window(B)
    assert "A市でサインイン" not in at_b.get("/console/sign-in").plain


def test_a_cookie_kept_by_somebody_is_worth_nothing_after_the_sign_out(consoles: Consoles):
    at_b = signed_in(consoles)
    stolen = at_b.copy()
    assert stolen.get("/console/").status == 200
    assert at_b.post("/console/sign-out", form_token=at_b.get("/console/").form_token).status == 303
    assert at_b.get("/console/").status == stolen.get("/console/").status == 303


@pytest.mark.clause("RK-30.2")
@pytest.mark.parametrize("changes", [{"state": "x" * 64}, {"state": ""}, {"state": "é"}])
def test_an_answer_with_another_state_is_refused(consoles: Consoles, changes):
    at_b = consoles.window(B)
    told = said(vouched(consoles.window(A), begin(at_b, A.tenant)))
    page = at_b.get(f"{RETURN}?{urlencode(told | changes)}")
    assert (page.status, "sign-in-stale" in page.text) == (400, True)


@pytest.mark.clause("RK-30.2")
def test_an_answer_serves_only_the_browser_it_was_begun_in_and_once(consoles: Consoles):
    at_b, other = consoles.window(B), consoles.window(B)
    back = inner(vouched(consoles.window(A), begin(at_b, A.tenant)))
    before = at_b.copy()
    assert other.get(back).status == 400
    begin(other, A.tenant)
    assert other.get(back).status == 400  # the cookie of another sign-in
    assert at_b.get(back).status == 200
    assert before.get(back).status == 400


@pytest.mark.clause("RK-30.2")
def test_an_answer_after_ten_minutes_is_refused(consoles: Consoles):
    at_b = consoles.window(B)
    url = begin(at_b, A.tenant)
    consoles.clock.shift = timedelta(minutes=10)
    page = at_b.get(f"{RETURN}?{urlencode({'state': said(url)['state'], 'code': 'c'})}")
    assert (page.status, "sign-in-stale" in page.text) == (400, True)


@pytest.mark.clause("RK-30.2")
def test_two_parameters_of_one_name_are_refused(consoles: Consoles):
    at_b = consoles.window(B)
    back = inner(vouched(consoles.window(A), begin(at_b, A.tenant)))
    assert at_b.get(f"{back}&code=other").status == 400


@pytest.mark.clause("RK-30.3")
@pytest.mark.parametrize("issuer", ["https://evil.example/console", "", None])
def test_an_answer_of_another_issuer_is_refused_before_the_code_goes_anywhere(
    consoles: Consoles, issuer
):
    at_b = consoles.window(B)
    told = said(vouched(consoles.window(A), begin(at_b, A.tenant)))
    told = {name: text for name, text in told.items() if name != "iss"}
    told |= {} if issuer is None else {"iss": issuer}
    waiting = len(consoles.running[A.name].codes._grants)
    page = at_b.get(f"{RETURN}?{urlencode(told)}")
    assert (page.status, "sign-in-issuer-mixed" in page.text) == (400, True)
    assert len(consoles.running[A.name].codes._grants) == waiting
    assert consoles.entries(B)[-1].details["error"] == "sign-in-issuer-mixed"


def test_who_says_no_there_is_not_signed_in_here(consoles: Consoles):
    at_b = consoles.window(B)
    back = vouched(consoles.window(A), begin(at_b, A.tenant), answer="no")
    assert said(back)["error"] == "access_denied"
    page = at_b.get(inner(back))
    assert (page.status, "access_denied" in page.text) == (401, True)


@pytest.mark.clause("RK-30.7")
def test_the_code_of_another_sign_in_is_worth_nothing(consoles: Consoles):
    mine, theirs = consoles.window(B), consoles.window(B)
    wanted = said(begin(mine, A.tenant))["state"]
    told = said(vouched(consoles.window(A), begin(theirs, A.tenant)))
    page = mine.get(f"{RETURN}?{urlencode(told | {'state': wanted})}")
    assert (page.status, "sign-in-code-wrong" in page.text) == (502, True)
    # It is spent, for whom it was meant too.
    assert theirs.get(f"{RETURN}?{urlencode(told)}").status == 502


@pytest.mark.clause("RK-30.7")
def test_a_code_is_past_after_a_minute(consoles: Consoles):
    at_b = consoles.window(B)
    back = inner(vouched(consoles.window(A), begin(at_b, A.tenant)))
    consoles.clock.shift = timedelta(seconds=61)
    page = at_b.get(back)
    assert (page.status, "sign-in-code-wrong" in page.text) == (502, True)


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "/health"])
def test_a_sign_in_leads_nowhere_but_into_the_console(consoles: Consoles, elsewhere):
    at_b = consoles.window(B)
    back = vouched(consoles.window(A), begin(at_b, A.tenant, next=elsewhere))
    assert onward(at_b.get(inner(back))) == "/console/"


def test_the_cookie_of_the_way_is_for_the_way_alone(consoles: Consoles):
    at_b = consoles.window(B)
    begin(at_b, A.tenant)
    (cookie,) = at_b.set_cookies
    for part in ("HttpOnly", "SameSite=lax", "Path=/console/sign-in", "Max-Age=600"):
        assert part in cookie


def test_a_false_answer_ends_no_session(consoles: Consoles):
    at_b = consoles.window(B).signed_in("1001")
    assert at_b.get(f"{RETURN}?code=c&state=s&iss=i").status == 400
    assert at_b.get("/console/").status == 200


def test_who_tries_too_often_waits(consoles: Consoles):
    at_b = consoles.window(B)
    for number in range(21):
        state = said(begin(at_b, A.tenant))["state"]
        page = at_b.get(f"{RETURN}?{urlencode({'state': state, 'iss': 'x', 'code': 'c'})}")
        assert page.status == (400 if number < 20 else 429)
