"""Two records are compared, decided and undone at the console, and every view leaves an entry."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.seat import AT, PASSWORDS, Clock, Seat, staffed_site
from tests.exchange.serving import serving
from tests.store.rows import TOWN, register_number
from tests.store.townspeople import load, outside, outsider, person

from renkei import audit, identity, law
from renkei.app.console import console
from renkei.app.site import Site
from renkei.kit import day_of
from renkei.store import people

DAY = day_of(AT)
PAIR = {"one": register_number(1), "other": outside(1)}
HIDDEN = {"one": register_number(2), "other": outside(2)}


@pytest.fixture(scope="module")
def site(folder, database) -> Iterator[Site]:
    with staffed_site(folder / "sites", database) as found:
        with database.transaction(TOWN) as conn:
            one = outsider(1, person(1), personal_number="", kana="カカキ　ハナヨ")
            two = outsider(2, person(2), personal_number="")
            residents = [person(1), person(2, protected="1")]
            load(conn, residents, [one, two], on=DAY, at=AT.replace(hour=0, minute=0))
            people.match(conn, TOWN, on=DAY, at=AT.replace(hour=0, minute=10))
        yield found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def seat(site, clock) -> Iterator[Seat]:
    with seated(site, clock) as found:
        yield found


@contextmanager
def seated(site: Site, clock: Clock) -> Iterator[Seat]:
    app = Starlette(routes=[console(site, clock)])
    config = uvicorn.Config(app, "127.0.0.1", 0, log_config=None)
    with serving(config) as port:
        yield Seat(port)


def entries(site: Site) -> list[audit.Entry]:
    with site.database.transaction(TOWN) as conn:
        rows = conn.execute("SELECT core, label FROM audit_outbox ORDER BY q").fetchall()
    return [replace(audit.Leaf(core).entry(), label=label) for core, label in rows]


def opened(seat: Seat, pair: dict[str, str], **more: str):
    token = seat.get("/console/people").form_token
    return seat.post("/console/people/pair", form_token=token, **pair, **more)


ALONE = {
    "": "もう一人の職員",
    "1002": "別の職員",
    "1004": "役割か担当がありません",
    "9999": "職員番号",
}
"""Who is no second pair of eyes, and what is said then."""


def beside(second: str) -> dict[str, str]:
    """Return what the second member of staff fills in."""
    return {"second": second, "second-password": PASSWORDS.get(second, "guess")}


def decided(seat: Seat, pair: dict[str, str], verdict: str, reason: str = "戸籍で確認"):
    token = seat.get("/console/people").form_token
    said = {"verdict": verdict, "reason": reason}
    return seat.post("/console/people/decision", form_token=token, **pair, **said)


def is_one(site: Site, pair: dict[str, str]) -> bool:
    with site.database.transaction(TOWN) as conn:
        found = people.identities_of(conn, TOWN, list(pair.values()), on=DAY)
    return len(set(found.values())) == 1


def test_the_queue_names_numbers_and_evidence_and_no_person(site, seat):
    before = len(entries(site))
    page = seat.signed_in("1002").get("/console/people")
    assert PAIR["one"] in page.text
    assert "花子" not in page.text
    assert len(entries(site)) == before


def test_two_records_stand_side_by_side_with_the_differences_marked_and_entered(site, seat):
    before = len(entries(site))
    page = opened(seat.signed_in("1002"), PAIR)
    assert page.text.count("<mark>") == 2
    assert "<mark>カカキ　ハナヨ</mark>" in page.text
    new = entries(site)[before:]
    assert {entry.provision for entry in new} == {"IN-01-addressee-32", "IN-22-addressee-32"}
    assert {entry.details["staff"] for entry in new} == {"1002"}


def test_an_operator_sees_no_pair(site, seat):
    assert seat.signed_in("1001").get("/console/people").status == 403


def test_a_pair_is_decided_and_undone_with_a_reason(site, seat, clock):
    seat.signed_in("1002")
    assert decided(seat, PAIR, "same", reason="").status == 400
    assert decided(seat, PAIR, "same").headers["location"] == "/console/people/decisions"
    assert is_one(site, PAIR)
    listed = seat.get("/console/people/decisions")
    assert "戸籍で確認" in listed.text
    assert "Undo" in opened(seat, PAIR).text or "取り消す" in opened(seat, PAIR).text
    clock.wait(minutes=1)
    assert decided(seat, PAIR, "undone", reason="誤り").status == 303
    assert not is_one(site, PAIR)
    assert decided(seat, PAIR, "burnt").status == 404


def test_a_protected_pair_shows_nothing_before_a_reason_and_needs_two_officials(site, seat, clock):
    clock.wait(minutes=5)
    before = len(entries(site))
    first = seat.copy().signed_in("1002")
    closed = opened(first, HIDDEN)
    assert "支援措置" in closed.text
    assert person(2)["address"] not in closed.text
    assert "花子" not in closed.text
    assert len(entries(site)) == before
    for second, said in ALONE.items():
        refused = opened(first, HIDDEN, look="本人からの申出", **beside(second))
        assert refused.status in (401, 403)
        assert said in refused.text
        assert person(2)["address"] not in refused.text
    told = entries(site)[before:]
    assert [entry.details["staff_reason"] for entry in told] == [
        "second-missing",
        "second-is-same",
        "second-without-right",
    ]
    assert {(entry.outcome, entry.withheld) for entry in told} == {("refused", True)}
    before = len(entries(site))
    shown = opened(first, HIDDEN, look="本人からの申出", **beside("1003"))
    assert person(2)["address"] in shown.text
    new = entries(site)[before:]
    assert {entry.details["second"] for entry in new} == {"1003"}
    assert {entry.purpose for entry in new} == {"本人からの申出"}
    assert {entry.withheld for entry in new} == {True}
    assert decided(first, HIDDEN, "same").status == 303
    assert not is_one(site, HIDDEN)
    assert decided(first, HIDDEN, "same").status == 409
    assert decided(seat.copy().signed_in("1003"), HIDDEN, "same").status == 303
    assert is_one(site, HIDDEN)


def test_a_form_of_another_session_does_nothing(site, seat):
    seat.signed_in("1002")
    said = {"verdict": "same", "reason": "x", "form_token": "0" * 64}
    assert seat.post("/console/people/decision", **PAIR, **said).status == 403
    assert not is_one(site, PAIR)


def test_staff_of_another_unit_and_outside_office_hours_see_no_value(site, clock):
    staff = dict(site.settings.staff)
    staff["1002"] = replace(staff["1002"], offices=frozenset({"32"}))
    staff["1003"] = replace(staff["1003"], offices=frozenset({"15"}))
    hours = law.OfficeHours.of("1-5 08:00-20:00")
    settings = replace(site.settings, staff=staff, office_hours=hours)
    with seated(replace(site, settings=settings), clock) as seat:
        first = seat.copy().signed_in("1002")
        assert opened(first, PAIR).status == 200
        elsewhere = opened(seat.copy().signed_in("1003"), PAIR)
        assert (elsewhere.status, "担当ではありません" in elsewhere.text) == (403, True)
        clock.wait(hours=11)
        late = opened(seat.copy().signed_in("1002"), PAIR)
        assert (late.status, "執務時間の外" in late.text) == (403, True)
    told = [entry.details.get("staff_reason") for entry in entries(site)]
    assert told[-2:] == ["office-elsewhere", "outside-hours"]


# Linkage codes ----------------------------------------------------------------------------------


def code_of(site: Site, n: int) -> str:
    """Give somebody a code and return how it is shown."""
    nym = identity.Nym(TOWN, 1, identity.group.hash_to_group(f"person {n}".encode()))
    with site.database.transaction(TOWN) as conn:
        identity.keep_codes(conn, TOWN, [(register_number(n), nym)], seal=site.keys.seal())
    return nym.code


def looked_up(seat: Seat, sought: str, purpose: str = "窓口での確認", **more: str):
    token = seat.get("/console/people").form_token
    fields = {"sought": sought, "purpose": purpose, **more}
    return seat.post("/console/people/code", form_token=token, **fields)


def test_a_code_is_shown_with_its_person_and_either_look_is_in_the_persons_record(site, seat):
    code = code_of(site, 1)
    seat.signed_in("1002")
    before = len(entries(site))
    assert register_number(1) in looked_up(seat, code.lower()).text
    assert code in looked_up(seat, register_number(1)).text
    new = entries(site)[before:]
    assert [(one.kind, one.details["as"], one.purpose) for one in new] == [
        (audit.Kind.VIEW, "code", "窓口での確認")
    ] * 2
    assert new[0].label == new[1].label is not None


def test_a_mistyped_code_is_told_as_such_and_looked_for_nowhere(site, seat):
    code = code_of(site, 1)
    seat.signed_in("1002")
    before = len(entries(site))
    wrong = ("A" if code[0] != "A" else "B") + code[1:]
    assert "検査文字が合いません" in looked_up(seat, wrong).text
    assert "33文字" in looked_up(seat, code[:-1]).text
    assert len(entries(site)) == before


def test_nobody_looks_up_a_code_without_role_purpose_and_for_the_protected_a_second(site, seat):
    code = code_of(site, 2)
    before = len(entries(site))
    assert looked_up(seat.copy().signed_in("1002"), code, purpose=" ").status == 403
    alone = looked_up(seat.copy().signed_in("1002"), code)
    assert (alone.status, register_number(2) in alone.text) == (403, False)
    both = looked_up(seat.copy().signed_in("1002"), code, **beside("1003"))
    assert register_number(2) in both.text
    new = entries(site)[before:]
    assert [one.kind for one in new] == [audit.Kind.REFUSAL, audit.Kind.REFUSAL, audit.Kind.VIEW]
    assert [one.withheld for one in new] == [True, True, True]
