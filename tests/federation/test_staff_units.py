"""A unit that names its staff is decided twice before anything leaves the house; others are not."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.federation.bulks import Bulks
from tests.federation.desks import (
    AT,
    H1,
    H2,
    HELD,
    PORTAL,
    PROTECTED,
    A,
    B,
    Desks,
    L,
    as_tenant,
    entries,
    log_signer,
)
from tests.federation.test_replay import replay
from tests.store.asking import PROTECTION, protection
from tests.store.rows import file

from renkei import audit, federation, kit, law, store
from renkei.exchange.errors import RequestIdReused
from renkei.federation.inquiry import Fact
from renkei.federation.question import Opened

OFFICER = frozenset({"officer"})
STAFF = (
    law.Official("1002", OFFICER, frozenset({"15"})),
    law.Official("1003", OFFICER, frozenset({"*"})),
    law.Official("1004", frozenset({"auditor"}), frozenset({"15"})),
    law.Official("1005", OFFICER, frozenset({"06"})),
)
REGISTER = law.StaffRegister(
    {one.number: one for one in STAFF},
    law.OfficeHours.of("1-5 08:00-20:00"),
    frozenset({"15", PORTAL}),
)
NIGHT = AT + timedelta(hours=12)
NAMED = {"user": "1002", "second": "1003"}


@pytest.fixture
def house(conn, desks) -> Desks:
    """Give A a register by which its unit 15 names its staff, and a person under protection."""
    told = file(PROTECTION, [protection(PROTECTED)])
    report = store.load(conn, A, PROTECTION, told, on=AT.date(), at=AT)
    assert report.outcome is store.Outcome.loaded
    return by_register(desks, REGISTER)


def by_register(desks: Desks, register: law.StaffRegister) -> Desks:
    """Return the same desks, A with another register."""
    return replace(desks, desk=desks.desk | {A: replace(desks.desk[A], staff=register)})


def reason(conn: kit.Connection, desks: Desks, person: int, **said: str) -> str:
    """Ask about a person and return why it was refused here; nothing for what may travel."""
    ended = desks.opened(conn, person, **said)
    if isinstance(ended, Opened):
        return ""
    assert isinstance(ended, Fact)
    assert (ended.outcome, ended.by) == ("refused", A)
    return ended.reason


@pytest.mark.clause("RK-50.3", "RK-50.4", "RK-50.5")
@pytest.mark.parametrize(
    ("person", "said", "why"),
    [
        (HELD, {}, "staff-not-named"),
        (HELD, {"user": "1009"}, "staff-unknown"),
        (HELD, {"user": "1004"}, "staff-role-missing"),
        (HELD, {"user": "1005"}, "staff-office-elsewhere"),
        (HELD, {"user": "1002", "purpose": ""}, "staff-purpose-missing"),
        (PROTECTED, {"user": "1002"}, "staff-second-missing"),
        (PROTECTED, {"user": "1002", "second": "1002"}, "staff-second-is-same"),
        (PROTECTED, {"user": "1002", "second": "1004"}, "staff-second-without-right"),
        (PROTECTED, {"user": "1002", "second": "1005"}, "staff-second-without-right"),
        (PROTECTED, {"user": "1002", "second": "1009"}, "staff-second-without-right"),
    ],
)
def test_each_no_has_its_reason_and_stands_in_the_own_record(conn, house, person, said, why):
    assert reason(conn, house, person, **said) == why
    entry = entry_of(conn, house)
    assert (entry.kind, entry.outcome) == (audit.Kind.REFUSAL, "refused")
    assert (entry.details["reason"], entry.details["by"]) == (why, A)
    assert entry.details["act"] == "inquire"
    stated = {"user": entry.details.get("staff"), "second": entry.details.get("second")}
    assert stated == {"user": said.get("user"), "second": said.get("second")}
    assert entry.provision == "NA-074"
    assert entry.withheld == (person == PROTECTED)


def entry_of(conn: kit.Connection, desks: Desks, message: str = "m-1") -> audit.Entry:
    """Return the one entry of A about a question."""
    as_tenant(conn, A)
    audit.sequence(conn, A, log_signer(A), at=AT)
    (found,) = audit.entries_for_request(conn, A, f"inquiry-{message}")
    return found.entry


@pytest.mark.clause("RK-50.3", "RK-50.7")
def test_what_counts_is_the_hour_at_which_a_question_was_handed_over(conn, house):
    late = house.opened(conn, HELD, handed_at=NIGHT.isoformat(), **NAMED)
    assert isinstance(late, Fact)
    assert late.reason == "staff-outside-hours"
    assert isinstance(
        house.opened(conn, HELD, message="m-2", handed_at=AT.isoformat(), **NAMED), Opened
    )


@pytest.mark.clause("RK-50.7")
def test_whoever_was_withdrawn_meanwhile_asks_nothing_more(conn, house):
    assert reason(conn, house, HELD, **NAMED) == ""
    left = {number: one for number, one in REGISTER.officials.items() if number != "1002"}
    after = by_register(house, replace(REGISTER, officials=left))
    early = (AT - timedelta(hours=1)).isoformat()
    ended = after.opened(conn, HELD, message="m-2", handed_at=early, **NAMED)
    assert isinstance(ended, Fact)
    assert ended.reason == "staff-unknown"


@pytest.mark.clause("RK-50.4", "RK-50.6")
@pytest.mark.parametrize(
    ("person", "kept"),
    [
        (HELD, {"staff": "1002", "act": "inquire"}),
        (PROTECTED, {"staff": "1002", "act": "inquire", "second": "1003"}),
    ],
)
def test_who_asked_and_who_looked_along_stand_in_the_own_record_alone(conn, house, person, kept):
    opened = house.opened(conn, person, **NAMED)
    assert isinstance(opened, Opened)
    (entry,) = entries(conn, A, opened.inquiry)
    assert {name: entry.details.get(name) for name in ("staff", "act", "second")} == {
        "second": None
    } | kept
    carried = house.receipted(conn, house.converted(conn, house.blinded(opened)))
    house.answer(conn, carried)
    said = federation.render(carried).decode()
    for party in (H1, H2, L, B):
        said += repr(entries(conn, party, carried.inquiry))
    assert [word for word in ("1002", "1003", "'staff'", "'second'") if word in said] == []


@pytest.mark.clause("RK-50.2")
def test_the_law_is_asked_first_and_its_no_is_told_whoever_asks(conn, house):
    unlawful = {"procedure": "JT99000000009999"}
    assert reason(conn, house, PROTECTED, **unlawful) == "procedure-not-named"
    assert reason(conn, house, HELD, message="m-2", **unlawful, **NAMED) == "procedure-not-named"
    assert entry_of(conn, house, "m-2").details["staff"] == "1002"


def test_a_change_of_the_law_is_tried_on_what_the_law_permitted_whoever_asked(conn, house):
    assert reason(conn, house, HELD) == "staff-not-named"
    (past,) = replay(conn)
    assert (past.provision, past.reason) == ("NA-074", "")


@pytest.mark.clause("RK-50.5")
def test_a_message_that_was_refused_is_used_and_the_next_one_is_decided_anew(conn, house):
    assert reason(conn, house, PROTECTED, user="1002") == "staff-second-missing"
    with pytest.raises(RequestIdReused):
        house.opened(conn, PROTECTED, **NAMED)
    assert reason(conn, house, PROTECTED, message="m-2", **NAMED) == ""


@pytest.mark.clause("RK-50.6")
def test_a_unit_that_is_not_set_down_so_asks_as_before(conn, house):
    others = by_register(house, replace(REGISTER, units=frozenset({"06"})))
    assert reason(conn, others, PROTECTED) == ""
    assert reason(conn, others, HELD, message="m-2", user="1009", second="x") == ""
    details = entry_of(conn, others, "m-2").details
    assert not details.keys() & {"staff", "act", "second"}


@pytest.mark.clause("RK-50.1")
def test_a_person_who_asks_for_the_own_access_record_is_no_member_of_staff(conn, house):
    asked = {"unit": PORTAL, "procedure": law.OWN_ACCESS, "query": "", "own_access": "yes"}
    path = f"/r1/JP/MUN/{B}/usage/findUsage/v2/findUsage"
    opened = house.opened(conn, PROTECTED, path=path, user="000000000000023", **asked)
    assert isinstance(opened, Opened)
    assert not entry_of(conn, house).details.keys() & {"staff", "act", "second"}


@pytest.mark.clause("RK-50.1", "RK-50.4", "RK-50.6")
def test_of_a_list_those_under_protection_alone_need_a_second(conn, house):
    bulks = Bulks(conn, house)
    decided = bulks.decided(HELD, PROTECTED, by=("1002", None))
    (batch,) = decided.batches
    assert batch.places == (0,)
    assert decided.ended[1].reason == "staff-second-missing"
    whole = Bulks(conn, house).decided(HELD, PROTECTED, by=("1002", "1003")).batches
    assert [(one.places, one.written.own.staff.get("second")) for one in whole] == [
        ((0,), None),
        ((1,), "1003"),
    ]


@pytest.mark.clause("RK-50.1", "RK-50.7")
@pytest.mark.parametrize(
    ("by", "handed_at", "why"),
    [
        ((None, None), None, "staff-not-named"),
        (("1009", "1003"), None, "staff-unknown"),
        (("1002", "1003"), NIGHT, "staff-outside-hours"),
    ],
)
def test_a_list_in_nobodys_name_asks_about_nobody(
    conn, house, by: tuple[str | None, str | None], handed_at: datetime | None, why: str
):
    decided = Bulks(conn, house).decided(HELD, PROTECTED, by=by, handed_at=handed_at)
    assert decided.batches == ()
    assert {fact.reason for fact in decided.ended.values()} == {why}
