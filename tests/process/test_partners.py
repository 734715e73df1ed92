"""A letter between bodies has one of a few fates, told truthfully; nobody's number is in it."""

import dataclasses
import json
from datetime import timedelta

import msgspec
import pytest
from tests.federation.desks import AT, HELD, A, B
from tests.process.towns import HANDED, OLD, keys, towns
from tests.store.rows import register_number

from renkei import audit, federation, standard
from renkei.process import bpmn, cases, partners
from renkei.process.cases import inbox

__all__ = ["keys", "towns"]  # the fixtures


@pytest.fixture
def ready(towns):
    """Give A's notice of a move, written and not yet sent, and the case it comes from."""
    towns.deploy(B, OLD)
    case = towns.moved()
    towns.asked(case)
    towns.do(A, case, "examine")
    [ready] = towns.written(A)
    return ready


def changed(ready, **parts):
    return partners.render(msgspec.structs.replace(partners.parse_letter(ready.body), **parts))


def test_two_towns_run_the_whole_procedure_each_by_its_own_model(towns):
    towns.deploy(B, OLD)
    case = towns.moved()
    towns.asked(case)
    towns.do(A, case, "examine")
    assert [one.fate for one in towns.exchange(A, B)] == ["started"]
    theirs = towns.case(B)
    towns.do(B, theirs, "look-up", 受給者=True)
    assert [one.fate for one in towns.exchange(B, A)] == ["delivered"]
    towns.do(B, theirs, "end-payments", **HANDED)
    assert [one.fate for one in towns.exchange(B, A)] == ["delivered"]
    assert towns.at_element(A, case) == {"pay", "withdrawal"}
    known = cases.case_of(towns.conn, A, case).case.places[1].variables
    assert known["支給の引継ぎ"] == {"消滅年月": "2026-04", "月額合計": 10000}


@pytest.mark.clause("RK-52.2", "RK-52.11")
def test_no_number_of_a_person_is_in_a_letter_and_both_towns_enter_it_under_the_person(
    towns, ready
):
    assert register_number(HELD) not in ready.body.decode()
    receipt = towns.receive(B, A, ready.body)
    towns.heard(A, ready, receipt)
    sent, taken = towns.entries(A, ready.id)
    [received] = towns.entries(B, ready.id)
    assert [one.outcome for one in (sent, taken, received)] == [
        *("letter-sent", "letter-taken", "letter-received")
    ]
    assert sent.label == taken.label != received.label
    assert received.label is not None
    assert {one.provision for one in (sent, received)} == {"NA-074"}
    assert received.details["question_signature"]


@pytest.mark.clause("RK-52.7")
def test_the_same_letter_again_has_one_effect_and_the_same_answer(towns, ready):
    first = towns.receive(B, A, ready.body)
    again = towns.receive(B, A, ready.body)
    assert first == again
    assert first.fate == "started"
    assert len(cases.find(towns.conn, B)) == 1
    assert len(towns.entries(B, ready.id)) == 1


def test_what_was_answered_stays_the_answer_however_the_case_goes_on(towns, ready):
    first = towns.receive(B, A, ready.body)
    towns.do(B, towns.case(B), "look-up", 受給者=False)
    towns.exchange(B, A)
    towns.at += timedelta(days=400)
    assert towns.receive(B, A, ready.body) == first


@pytest.mark.clause("RK-52.7")
def test_another_letter_under_the_same_number_is_refused_and_changes_nothing(towns, ready):
    towns.receive(B, A, ready.body)
    with pytest.raises(partners.LetterReused):
        towns.receive(B, A, changed(ready, reply_by=None))


@pytest.mark.clause("RK-52.4", "RK-52.6", "RK-52.8")
@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"name": "督促"}, "letter-unknown"),
        ({"collaboration": "0" * 64}, "collaboration-unknown"),
        ({"procedure": "0198a6ec-0000-7000-8000-000000000000"}, "procedure-unknown"),
        ({"name": "受理"}, "procedure-differs"),
        ({"provision": "KT-002"}, "provision-differs"),
        ({"items": {"total_income": 1}}, "items-malformed"),
        ({"counters": "0198a6ec-0000-7000-8000-000000000000"}, "letter-malformed"),
    ],
)
def test_a_letter_that_may_not_be_written_is_refused_with_its_reason_and_entered(
    towns, ready, parts, reason
):
    body = changed(ready, **parts)
    first = towns.receive(B, A, body)
    assert (first.taken, first.reason, first.fate) == (False, reason, "refused")
    assert towns.receive(B, A, body) == first
    number = partners.parse_letter(ready.body).procedure
    kept = partners.procedures.find(towns.conn, B, str(A), number)
    assert kept is not None
    assert kept.collaboration == ""  # only a letter that is taken says by what it runs
    [entry] = towns.entries(B, ready.id)
    assert (entry.kind, entry.details["reason"]) == (audit.Kind.REFUSAL, reason)
    assert cases.find(towns.conn, B) == []


@pytest.mark.clause("RK-52.1")
@pytest.mark.parametrize(
    "wrong",
    [
        {"extra": 1},
        {"form": "renkei-letter-2"},
        {"id": "m-1"},
        {"procedure": "980-1"},
        {"collaboration": "x"},
        {"at": "2026-04-02T10:00:00"},
        {"items": {"a": 1.5}},
        {"mode": "perhaps"},
        {"sender": "131024"},
        {"receiver": "131032"},
    ],
)
def test_what_is_no_letter_of_its_sender_is_an_error_and_leaves_nothing(towns, ready, wrong):
    body = json.dumps(json.loads(ready.body) | wrong).encode()
    with pytest.raises(partners.LetterMalformed):
        towns.receive(B, A, body)
    assert partners.register.letters(towns.conn, B) == []


@pytest.mark.clause("RK-52.1")
def test_a_letter_too_large_or_of_another_mode_is_an_error(towns, ready):
    with pytest.raises(partners.LetterTooLarge):
        towns.receive(B, A, ready.body + b" " * 70_000)
    with pytest.raises(federation.ModeDiffers):
        towns.receive(B, A, changed(ready, mode=audit.Mode.DRILL))


@pytest.mark.clause("RK-52.4")
def test_a_party_cannot_write_what_the_other_writes(towns, ready):
    towns.receive(B, A, ready.body)
    other = changed(ready, id="0198a6ec-0000-7000-8000-000000000001", name="受理")
    assert towns.receive(B, A, other).reason == "sender-not-party"


def test_a_letter_that_comes_after_its_time_is_refused(towns, ready):
    towns.at += timedelta(days=61)
    assert towns.receive(B, A, ready.body).reason == "letter-expired"


@pytest.mark.clause("RK-52.5")
def test_the_law_is_asked_again_by_who_receives(towns, ready):
    towns.house(B)
    towns.conn.execute("UPDATE process_procedure SET year = 2020 WHERE tenant = %s", [B])
    assert towns.receive(B, A, ready.body).reason == "year-not-named"


@pytest.mark.clause("RK-52.5")
def test_the_law_keeps_a_letter_from_being_written(towns):
    case = towns.moved()
    towns.asked(case)
    towns.do(A, case, "examine")
    towns.conn.execute("UPDATE process_procedure SET year = 2020 WHERE tenant = %s", [A])
    with pytest.raises(partners.Unwritten) as no:
        towns.written(A)
    assert no.value.reason == "year-not-named"


def test_a_third_body_cannot_write_into_the_procedure_of_two(towns, ready):
    letter = partners.parse_letter(ready.body)
    with pytest.raises(partners.LetterMalformed):
        towns.receive(A, B, ready.body)  # B says what A wrote
    procedure = partners.procedures.find(towns.conn, A, str(B), letter.procedure)
    assert procedure is not None
    assert partners.procedures.find(towns.conn, A, "131032", letter.procedure) is None


def test_a_letter_that_nobody_awaits_yet_waits_for_its_case(towns):
    case = towns.moved()
    number = towns.asked(case)
    towns.do(A, case, "examine")
    [ready] = towns.written(A)
    early = towns.receive(B, A, ready.body)
    assert early.fate == "waiting"  # B has no model in force yet
    towns.deploy(B, OLD)
    house = towns.house(B)
    assert partners.settling.begin_waiting(towns.conn, house, at=towns.at, most=9) == 1
    [kept] = partners.register.letters(towns.conn, B, procedure=number)
    assert (kept.fate, kept.case) == ("started", towns.case(B))
    assert partners.settling.begin_waiting(towns.conn, house, at=towns.at, most=9) == 0


def test_an_answer_may_be_quicker_than_the_receipt(towns, ready):
    receipt = towns.receive(B, A, ready.body)
    towns.do(B, towns.case(B), "look-up", 受給者=True)
    [accepted] = towns.exchange(B, A)
    assert accepted.fate == "waiting"
    towns.heard(A, ready, receipt)
    towns.deliver(A)
    assert "handed-over" in towns.at_element(A, towns.case(A))


@pytest.mark.clause("RK-52.9")
def test_a_letter_to_a_case_that_is_over_waits_for_a_person_who_sets_it_aside(towns, ready):
    case = towns.case(A)
    towns.heard(A, ready, towns.receive(B, A, ready.body))
    towns.do(B, towns.case(B), "look-up", 受給者=True)
    towns.house(A)
    given = cases.Given(case, bpmn.Cancel(towns.at), "staff:1002")
    cases.take(towns.conn, A, given, towns.library, at=towns.at)
    [late] = towns.exchange(B, A)
    assert (late.taken, late.fate) == (True, "late")
    house = towns.house(A)
    [dead] = partners.register.dead(towns.conn, A)
    said = {"by": "1002", "why": "電話で確認", "at": towns.at}
    partners.settling.set_aside(towns.conn, house, dead, **said)
    assert partners.register.dead(towns.conn, A) == []
    settled = partners.register.one(towns.conn, A, str(B), dead.id, "in")
    assert settled is not None
    assert (settled.fate, settled.settled_by) == ("settled", "1002")
    with pytest.raises(partners.LetterUnknown):
        partners.settling.set_aside(towns.conn, house, settled, **said)


def test_a_letter_nobody_waited_for_expires_and_can_be_brought_on(towns):
    case = towns.moved()
    towns.asked(case)
    towns.do(A, case, "examine")
    [ready] = towns.written(A)
    towns.receive(B, A, ready.body)
    towns.at += timedelta(days=61)
    house = towns.house(B)
    inbox.expire(towns.conn, B, at=towns.at)
    [dead] = partners.register.dead(towns.conn, B)
    assert dead.fate == "expired"
    towns.deploy(B, OLD)
    brought = partners.settling.bring_on(towns.conn, house, dead, at=towns.at)
    assert brought.fate == "started"
    assert towns.at_element(B, towns.case(B)) >= {"look-up"}


# Undone by a counter-message ---------------------------------------------------------------------


def withdrawal(towns, case):
    towns.do(A, case, "withdrawal")
    [ready] = towns.written(A)
    return ready


def test_a_withdrawal_undoes_what_was_done(towns, ready):
    towns.heard(A, ready, towns.receive(B, A, ready.body))
    theirs, case = towns.case(B), towns.case(A)
    towns.do(B, theirs, "look-up", 受給者=True)
    towns.exchange(B, A)
    towns.do(B, theirs, "end-payments", **HANDED)
    towns.exchange(B, A)
    back = withdrawal(towns, case)
    towns.heard(A, back, towns.receive(B, A, back.body))
    assert towns.at_element(B, theirs) == {"restore"}
    towns.do(B, theirs, "restore")
    assert [one.fate for one in towns.exchange(B, A)] == ["delivered"]
    towns.house(A)
    assert cases.case_of(towns.conn, A, case).status is bpmn.Status.COMPLETED


@pytest.mark.clause("RK-52.10")
def test_a_withdrawal_that_overtakes_its_letter_is_held_till_both_annul_each_other(towns, ready):
    # A's letter is under way (taken by nobody yet) when the withdrawal is written.
    towns.heard(A, ready, partners.Receipt(id=ready.id, taken=True, received_at=towns.at))
    back = withdrawal(towns, towns.case(A))
    held = towns.receive(B, A, back.body)
    assert (held.taken, held.fate) == (True, "held")
    late = towns.receive(B, A, ready.body)
    assert (late.taken, late.fate) == (True, "annulled")
    assert towns.receive(B, A, back.body).fate == "annulled"
    assert cases.find(towns.conn, B) == []


@pytest.mark.clause("RK-52.9", "RK-52.10")
def test_a_withdrawal_of_a_letter_that_reached_no_case_annuls_it(towns):
    case = towns.moved()
    towns.asked(case)
    towns.do(A, case, "examine")
    [ready] = towns.exchange(A, B)
    assert ready.fate == "waiting"
    back = withdrawal(towns, case)
    assert towns.receive(B, A, back.body).fate == "annulled"
    assert partners.register.dead(towns.conn, B) == []


def test_a_letter_takes_back_one_of_the_type_and_procedure_it_says_alone(towns, ready):
    towns.heard(A, ready, towns.receive(B, A, ready.body))
    back = withdrawal(towns, towns.case(A))
    towns.receive(B, A, back.body)
    other = changed(back, id="0198a6ec-0000-7000-8000-000000000002", counters=back.id)
    assert towns.receive(B, A, other).reason == "letter-malformed"
    without = changed(back, id="0198a6ec-0000-7000-8000-000000000003", counters="")
    assert towns.receive(B, A, without).reason == "letter-malformed"


def test_nothing_is_withdrawn_that_was_not_written(towns, ready):
    towns.house(A)
    towns.conn.execute("DELETE FROM process_letter WHERE tenant = %s", [A])
    towns.heard(A, ready, partners.Receipt(id=ready.id, taken=True, received_at=towns.at))
    towns.do(A, towns.case(A), "withdrawal")
    with pytest.raises(partners.Unwritten) as no:
        towns.written(A)
    assert no.value.reason == "nothing-to-counter"


# What its case sees ------------------------------------------------------------------------------


def test_a_refusal_is_an_incident_at_the_sending_task_that_says_why(towns, ready):
    body = changed(ready, provision="KT-002")
    taken = towns.heard(A, ready, towns.receive(B, A, body))
    assert taken.refused is None
    row = cases.case_of(towns.conn, A, towns.case(A))
    [stuck] = [one for one in row.case.waits.values() if one.kind is bpmn.Kind.INCIDENT]
    assert (stuck.handler, stuck.name) == ("notice", "letter-refused")
    assert "131024" in str(stuck.about["reason"])
    # Tried again it is another letter.
    given = cases.Given(row.id, bpmn.Resume(towns.at, stuck.key), "staff:1002")
    cases.take(towns.conn, A, given, towns.library, at=towns.at)
    [again] = towns.written(A)
    assert again.id != ready.id


def test_a_reason_that_only_the_partner_knows_is_told_as_it_is(towns, ready):
    said = {"id": ready.id, "taken": False, "received_at": towns.at}
    assert towns.heard(A, ready, partners.Receipt(**said, reason="K-17")).refused is None
    row = cases.case_of(towns.conn, A, towns.case(A))
    [stuck] = [one for one in row.case.waits.values() if one.kind is bpmn.Kind.INCIDENT]
    assert stuck.about["reason"] == "131024 K-17"


@pytest.mark.parametrize("wrong", [{"fate": "gone"}, {"taken": "yes"}, {"id": "1"}, {"x": 1}])
def test_what_is_no_receipt_is_not_believed(ready, wrong):
    right = partners.Receipt(id=ready.id, taken=True, received_at=AT, fate="started")
    assert partners.parse_receipt(partners.render(right)) == right
    with pytest.raises(partners.LetterMalformed):
        partners.parse_receipt(json.dumps(json.loads(partners.render(right)) | wrong).encode())


@pytest.mark.clause("RK-52.12")
def test_a_letter_is_written_once_for_each_wait(towns, ready):
    towns.house(A)
    again = partners.write(towns.conn, towns.house(A), ready.job, at=towns.at + timedelta(hours=1))
    assert again == ready
    assert len(towns.entries(A, ready.id)) == 1


def test_a_partner_that_uses_the_number_of_two_others_reaches_no_case_of_theirs(towns, ready):
    """C asked B under the very number that A did: its letter is of another procedure."""
    towns.heard(A, ready, towns.receive(B, A, ready.body))
    letter = partners.parse_letter(ready.body)
    towns.house(B)
    other = partners.Procedure.asked_of_us(
        msgspec.structs.replace(towns.inquiry(letter.procedure), asker="131032"), "1", at=towns.at
    )
    partners.procedures.keep(towns.conn, B, other)
    ours = partners.procedures.find(towns.conn, B, str(A), letter.procedure)
    assert ours is not None
    assert ours.key != other.key
    row = cases.case_of(towns.conn, B, towns.case(B))
    [awaited] = [one for one in row.case.waits.values() if one.kind is bpmn.Kind.MESSAGE]
    assert awaited.correlation == ours.key


def test_of_a_letter_that_waits_at_its_partner_it_is_asked_now_and_then(towns):
    case = towns.moved()
    towns.asked(case)
    towns.do(A, case, "examine")
    [ready] = towns.written(A)
    towns.heard(A, ready, towns.receive(B, A, ready.body))
    hour, most = timedelta(hours=1), {"most": 9}
    ask = partners.register.to_ask
    assert ask(towns.conn, A, at=towns.at, before=towns.at - hour, **most) == []
    later = towns.at + hour
    assert ask(towns.conn, A, at=later, before=towns.at, **most) == [(B, ready.id, ready.body)]
    assert ask(towns.conn, A, at=later, before=towns.at, **most) == []
    towns.deploy(B, OLD)
    partners.settling.begin_waiting(towns.conn, towns.house(B), at=towns.at, most=9)
    told = towns.receive(B, A, ready.body)
    towns.house(A)
    partners.register.answered(towns.conn, A, str(B), told, at=later)
    kept = partners.register.one(towns.conn, A, str(B), ready.id, "out")
    assert kept is not None
    assert (kept.fate, kept.body) == ("started", None)
    assert ask(towns.conn, A, at=later + hour, before=later, **most) == []


def test_who_lost_the_lease_notes_no_answer_and_the_next_one_does(towns, ready):
    receipt = towns.receive(B, A, ready.body)
    towns.at += timedelta(minutes=5)
    [other] = towns.written(A)  # claimed anew: the same letter
    assert (other.id, other.body) == (ready.id, ready.body)
    lost = towns.heard(A, ready, receipt)
    assert isinstance(lost.refused, cases.LeaseLost)
    kept = partners.register.one(towns.conn, A, str(B), ready.id, "out")
    assert kept is not None
    assert (kept.answer, kept.body) == ("", ready.body)
    assert towns.heard(A, other, towns.receive(B, A, other.body)).refused is None
    assert [one.outcome for one in towns.entries(A, ready.id)] == ["letter-sent", "letter-taken"]


# About nobody ----------------------------------------------------------------------------------

SHELTERS = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:p="urn:renkei:partners"><message id="m" name="応援の要請"/><collaboration id="c">
 <extensionElements><p:collaboration about="nobody" procedure="JT99000000001501"/>
 </extensionElements>
 <participant id="asks" processRef="x"><extensionElements><p:party kind="municipality"/>
 </extensionElements></participant><participant id="helps" processRef="y"><extensionElements>
 <p:party kind="municipality"/></extensionElements></participant>
 <messageFlow id="f" name="応援の要請" sourceRef="asks" targetRef="helps" messageRef="m">
 <extensionElements><p:letter opens="true"/></extensionElements></messageFlow></collaboration>
 <process id="x"/><process id="y"/></definitions>"""
HEAD = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:p="urn:renkei:partners"><message id="m" name="応援の要請"/>"""
ASKS = f"""{HEAD}<process id="asks" isExecutable="true"><extensionElements>
 <p:plays collaboration="shelters" participant="asks"><p:partner participant="helps"
 organisation="= 相手"/></p:plays></extensionElements><startEvent id="s"/>
 <sendTask id="t" messageRef="m"><extensionElements><p:letter to="helps"/></extensionElements>
 </sendTask><sequenceFlow id="1" sourceRef="s" targetRef="t"/></process></definitions>"""
HELPS = f"""{HEAD}<process id="helps" isExecutable="true"><extensionElements>
 <p:plays collaboration="shelters" participant="helps"/></extensionElements><startEvent id="s">
 <messageEventDefinition messageRef="m"/></startEvent><userTask id="t"/>
 <sequenceFlow id="1" sourceRef="s" targetRef="t"/></process></definitions>"""


@pytest.fixture
def shelters(towns):
    """Let both towns know a public process that is about nobody."""
    [like] = [one for one in standard.public_processes() if one.name == "child-allowance-move"]
    public = dataclasses.replace(like, name="shelters", data=SHELTERS.encode())
    towns.known = partners.Collaborations([partners.read(public, standard.catalogue())])
    for tenant, model in ((A, ASKS), (B, HELPS)):
        towns.deploy(tenant, bpmn.read(model.encode(), "model.bpmn"))
    return towns


def test_a_procedure_about_nobody_begins_by_its_first_letter(shelters):
    shelters.begin(A, "asks", 相手=str(B))
    [ready] = shelters.written(A)
    assert shelters.receive(B, A, ready.body).fate == "started"
    theirs = cases.case_of(shelters.conn, B, shelters.case(B)).case.places[1].variables
    assert (theirs["相手団体"], theirs["対象者番号"]) == (str(A), None)
    [entry] = shelters.entries(B, ready.id)
    assert (entry.label, entry.provision, entry.asker) == (None, "", str(A))


def test_a_case_that_names_no_partner_writes_no_letter(shelters):
    shelters.begin(A, "asks", 相手="")
    with pytest.raises(partners.Unwritten) as no:
        shelters.written(A)
    assert no.value.reason == "procedure-unknown"
