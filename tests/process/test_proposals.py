"""A change of a case takes two people, is for the case as it was seen, and happens once."""

from decimal import Decimal
from threading import Thread
from uuid import uuid4

import psycopg
import pytest
from tests.process.signing import A
from tests.process.test_cases import AT, LIBRARY, MODEL, begun, give, history, is_whole, waits

from renkei.kit import tenant
from renkei.process import bpmn, cases
from renkei.process.cases import proposals
from renkei.process.cases.proposals import Fate, Proposed

ONE, OTHER = "staff:1002", "staff:1003"


@pytest.fixture
def case(conn):
    """Give a case that waits at its first task."""
    return begun(conn, MODEL, number="A-1", amount=Decimal(1))


def proposed(conn, case, command, *, by=ONE, reason="誤入力の訂正", seen=None, id_=None):
    seq = cases.case_of(conn, A, case).seq if seen is None else seen
    made = Proposed(id_ or uuid4(), case, seq, command, reason, by)
    return proposals.propose(conn, A, made, LIBRARY, at=AT)


def change(**variables):
    return bpmn.Change(AT, variables)


def confirm(conn, made, *, by=OTHER, at=AT, digest=None):
    told = digest or made.digest
    return proposals.confirm(conn, A, made.id, LIBRARY, by=by, digest=told, at=at)


def known(conn, case):
    places = cases.case_of(conn, A, case).case.places
    return places[min(places)].variables


def test_a_second_person_sees_old_and_new_and_the_events_name_both_and_why(conn, case):
    made = proposed(conn, case, change(amount=Decimal(2), note="x"))
    stands = cases.case_of(conn, A, case).case
    assert list(proposals.differences(stands, made)) == [
        proposals.Difference("amount", Decimal(1), Decimal(2)),
        proposals.Difference("note", None, "x", is_new=True),
    ]
    assert known(conn, case)["amount"] == Decimal(1), "a proposal alone changes nothing"
    confirm(conn, made)
    assert known(conn, case)["amount"] == Decimal(2)
    last = history(conn, case)[-1]
    assert (last.actor, last.basis) == (f"{ONE}+{OTHER}", "誤入力の訂正")
    assert is_whole(conn, case)


@pytest.mark.parametrize("by", [ONE, "staff:prefecture/1002", "staff:１００２"])
def test_nobody_confirms_or_declines_what_they_proposed_whoever_vouches_for_them(conn, case, by):
    made = proposed(conn, case, bpmn.Cancel(AT))
    with pytest.raises(cases.ProposerDecides):
        confirm(conn, made, by=by)
    with pytest.raises(cases.ProposerDecides):
        proposals.decline(conn, A, made.id, by=by, remarks="x", at=AT)
    assert proposals.proposal_of(conn, A, made.id).fate is Fate.OPEN


def test_the_database_itself_keeps_one_person_from_deciding_alone(conn, case):
    made = proposed(conn, case, bpmn.Cancel(AT))
    with pytest.raises(psycopg.errors.CheckViolation), conn.transaction():
        conn.execute(
            "UPDATE process_proposal SET fate = 'confirmed', decided_by = %s, decided_at = %s"
            " WHERE id = %s",
            [ONE, AT, made.id],
        )
    with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
        conn.execute("UPDATE process_proposal SET proposed_by = 'x' WHERE id = %s", [made.id])


def test_what_was_proposed_for_a_case_that_went_on_since_does_not_happen(conn, case):
    made = proposed(conn, case, bpmn.Move(AT, place_of(conn, case), "l"))
    give(conn, case, change(note="y"))
    assert proposals.proposal_of(conn, A, made.id).is_stale
    with pytest.raises(cases.ProposalStale):
        confirm(conn, made)
    with pytest.raises(cases.CaseWentOn):
        proposed(conn, case, bpmn.Cancel(AT), seen=made.seq)


def place_of(conn, case, element="a"):
    places = cases.case_of(conn, A, case).case.places.values()
    return next(one.key for one in places if one.element == element)


def test_a_token_goes_where_it_was_proposed_and_only_where_it_can(conn, case):
    with pytest.raises(bpmn.CommandUnfit):
        proposed(conn, case, bpmn.Move(AT, place_of(conn, case), "nowhere"))
    made = proposed(conn, case, bpmn.Move(AT, place_of(conn, case), "l"))
    assert list(waits(conn, case)) == ["late", "a"], "to propose is not to do"
    confirm(conn, made)
    assert list(waits(conn, case)) == ["l"]


def test_the_same_proposal_twice_is_one_and_confirmed_twice_it_happens_once(conn, case):
    id_ = uuid4()
    first, again = (proposed(conn, case, change(x=True), id_=id_) for _ in range(2))
    assert first == again
    with pytest.raises(cases.CommandReused):
        proposed(conn, case, change(x=False), id_=id_)
    assert not confirm(conn, first).is_again
    assert confirm(conn, first).is_again
    with pytest.raises(cases.ProposalClosed):
        confirm(conn, first, by="staff:1004")
    assert [one.event.kind for one in history(conn, case)].count(bpmn.Happened.CHANGED) == 1


def test_whoever_confirms_must_have_read_just_this(conn, case):
    one, other = (proposed(conn, case, change(x=Decimal(n))) for n in (1, 2))
    with pytest.raises(cases.ProposalUnread):
        confirm(conn, one, digest=other.digest)


def test_what_was_not_done_is_not_kept(conn, case):
    declined, expired, taken_back = (proposed(conn, case, change(secret="x")) for _ in range(3))
    proposals.decline(conn, A, declined.id, by=OTHER, remarks="証拠がない", at=AT)
    proposals.withdraw_proposal(conn, A, taken_back.id, by=ONE, at=AT)
    later = AT + proposals.OPEN_FOR
    with pytest.raises(cases.ProposalClosed):
        confirm(conn, expired, at=later)
    assert proposals.expire_proposals(conn, A, at=later) == 1
    found = {one.id: one for one in proposals.proposals_of(conn, A, case)}
    assert {one.fate for one in found.values()} == {Fate.DECLINED, Fate.EXPIRED, Fate.WITHDRAWN}
    assert {one.variables for one in found.values()} == {None}
    assert found[declined.id].remarks == "証拠がない"


@pytest.mark.parametrize("reason", ["", " \n ", "あ" * 501])
def test_a_reason_is_wanted(conn, case, reason):
    with pytest.raises(cases.CaseReasonMissing):
        proposed(conn, case, bpmn.Cancel(AT), reason=reason)


def test_a_proposal_is_seen_by_its_tenant_alone(conn, case):
    made = proposed(conn, case, bpmn.Cancel(AT))
    assert [one.id for one in proposals.open_proposals(conn, A, at=AT)] == [made.id]
    with pytest.raises(cases.ProposalUnknown):
        proposals.proposal_of(conn, tenant("131024"), made.id)


def test_two_who_confirm_at_once_do_it_once(database):
    with database.transaction(A) as conn:
        case = begun(conn, MODEL, number="A-2")
        made = proposed(conn, case, change(x=True))
    refused = list[Exception]()

    def second() -> None:
        try:
            with database.transaction(A) as other:
                confirm(other, made, by="staff:1004")
        except cases.ProposalClosed as error:
            refused.append(error)

    with database.transaction(A) as conn:
        confirm(conn, made)
        thread = Thread(target=second)
        thread.start()
        thread.join(0.2)
        assert thread.is_alive(), "it does not wait for the first"
    thread.join()
    assert len(refused) == 1


def test_a_command_for_what_was_seen_is_refused_after_the_case_went_on_and_taken_once(conn, case):
    seen = cases.case_of(conn, A, case).seq
    first = give(conn, case, change(x=True), key="k", seen=seen)
    again = give(conn, case, change(x=True), key="k", seen=seen)
    assert (again.is_again, again.seq) == (True, first.seq)
    with pytest.raises(cases.CaseWentOn):
        give(conn, case, change(x=False), key="k-2", seen=seen)
