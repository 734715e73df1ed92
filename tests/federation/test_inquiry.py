"""One question, one receipt, one answer: every party decides again and leaves one entry."""

import msgspec
import pytest
from tests.federation.desks import (
    AT,
    H1,
    H2,
    HELD,
    NOT_HELD,
    PROTECTED,
    UNCODED,
    A,
    B,
    L,
    as_tenant,
    entries,
)

from renkei import audit, exchange, federation, identity, store
from renkei.federation.errors import (
    CallerNotEntitled,
    InquiryIncomplete,
    ModeDiffers,
    PeerUnknown,
    ReceiptLate,
    ServiceUnknown,
)
from renkei.federation.inquiry import Carried, Fact, Inquiry, Provided, Refused


@pytest.mark.clause("RK-3.7", "RK-3.9")
def test_a_lawful_question_is_answered_and_every_party_has_its_entry(conn, desks):
    carried = desks.travelled(conn, HELD)
    provided = desks.answer(conn, carried)
    assert isinstance(provided, Provided)
    assert provided.record == {"total_income": 4321000, "dependants": 0, "taxation": "3"}
    kinds = {t: [e.kind for e in entries(conn, t, carried.inquiry)] for t in (A, H1, H2, L, B)}
    assert kinds == {
        A: [audit.Kind.REQUEST],
        H1: [audit.Kind.CONVERSION],
        H2: [audit.Kind.CONVERSION],
        L: [audit.Kind.REQUEST],
        B: [audit.Kind.PROVISION],
    }


@pytest.mark.clause("RK-5.2")
def test_the_receipt_promises_the_entry_the_log_operator_keeps(conn, desks):
    carried = desks.travelled(conn, HELD)
    receipt = audit.Receipt.read(carried.receipt, [desks.log.signer.verifier])
    (entry,) = entries(conn, L, carried.inquiry)
    as_tenant(conn, L)
    (logged,) = audit.entries_for_request(conn, L, carried.inquiry.id)
    assert audit.Leaf.parse(logged.leaf).core_hash == receipt.core_hash
    assert entry.label is not None


@pytest.mark.clause("RK-3.10")
def test_what_is_not_held_is_an_answer_with_an_entry(conn, desks):
    carried = desks.travelled(conn, NOT_HELD)
    provided = desks.answer(conn, carried)
    assert isinstance(provided, Provided)
    assert provided.record is None
    (entry,) = entries(conn, B, carried.inquiry)
    assert entry.outcome == "not-held"


@pytest.mark.clause("RK-3.9", "RK-6.1")
def test_a_protected_person_is_refused_and_the_entry_is_withheld(conn, desks):
    carried = desks.travelled(conn, PROTECTED)
    refused = desks.answer(conn, carried)
    assert isinstance(refused, Refused)
    assert refused.reason == "automatic-answer-withheld"
    (entry,) = entries(conn, B, carried.inquiry)
    assert entry.withheld


def test_a_person_without_a_code_ends_at_the_asker_with_an_entry(conn, desks):
    fact = desks.opened(conn, UNCODED)
    assert isinstance(fact, Fact)
    assert fact.outcome == "code-not-issued"


def test_an_unknown_person_ends_at_the_asker_with_an_entry(conn, desks):
    fact = desks.opened(conn, 77)
    assert isinstance(fact, Fact)
    assert fact.outcome == "subject-unknown"


@pytest.mark.clause("RK-3.5")
def test_a_refusal_at_the_asker_is_entered_and_nothing_travels(conn, desks):
    fact = desks.opened(conn, HELD, unit="06")
    assert isinstance(fact, Fact)
    assert (fact.outcome, fact.reason) == ("refused", "asker-not-named")


@pytest.mark.clause("RK-1.1", "RK-1.8", "RK-1.9")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"path": f"/r1/JP/MUN/{B}/06/assets/2025"}, ServiceUnknown),
        ({"path": f"/r1/JP/MUN/{B}/06/income"}, InquiryIncomplete),
        ({"path": f"/r1/JP/MUN/{B}/06/income/25"}, InquiryIncomplete),
        ({"path": "/r1/JP/MUN/131032/06/income/2025"}, PeerUnknown),
        ({"query": "items=shoe_size"}, store.ItemNotInEntity),
        ({"mode": "production"}, ModeDiffers),
        ({"procedure": ""}, InquiryIncomplete),
    ],
)
def test_a_question_that_says_not_what_it_wants_is_an_error_by_name(conn, desks, changes, error):
    with pytest.raises(error):
        desks.opened(conn, HELD, **changes)


@pytest.mark.clause("RK-1.4")
def test_a_message_id_asks_once(conn, desks):
    desks.opened(conn, HELD)
    with pytest.raises(exchange.RequestIdReused):
        desks.opened(conn, HELD)


@pytest.mark.clause("RK-3.9")
def test_the_holder_answers_only_against_a_receipt(conn, desks):
    carried = desks.converted(conn, desks.blinded(desks.opened(conn, HELD)))
    with pytest.raises(audit.ReceiptInvalid):
        desks.answer(conn, carried)


@pytest.mark.clause("RK-3.9", "RK-5.3")
def test_a_receipt_fits_one_question_only(conn, desks):
    first = desks.travelled(conn, HELD)
    as_tenant(conn, A)
    opened = desks.opened(conn, NOT_HELD, message="m-2")
    second = desks.blinded(opened)
    for tenant in (H1, H2):
        as_tenant(conn, tenant)
        caller = desks.caller(A, "another-nonce-123456")
        done = federation.convert(
            conn, desks.desk[tenant], desks.converter[tenant], caller, second, at=AT
        )
        second = Carried(second.inquiry, done.question)  # type: ignore[union-attr]
    with pytest.raises(audit.ReceiptInvalid):
        desks.answer(conn, Carried(second.inquiry, second.question, first.receipt))


@pytest.mark.clause("RK-3.9")
def test_an_old_receipt_is_refused(conn, desks):
    carried = desks.travelled(conn, HELD)
    as_tenant(conn, B)
    late = AT.replace(hour=5)
    with pytest.raises(ReceiptLate):
        federation.answer(conn, desks.desk[B], desks.node[B], desks.caller(A), carried, at=late)


@pytest.mark.clause("RK-3.5", "RK-3.7", "RK-6.2")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"table": "0" * 64}, "table-differs"),
        ({"provision": "NA2-074"}, "provision-differs"),
        ({"asker_unit": "06"}, "asker-not-named"),
        ({"items": ("06-1-013", "06-1-001")}, "item-not-named"),
    ],
)
def test_a_converter_decides_again_and_enters_its_refusal(conn, desks, change, reason):
    carried = desks.blinded(desks.opened(conn, HELD))
    inquiry = msgspec.structs.replace(carried.inquiry, **change)
    as_tenant(conn, H1)
    reply = federation.convert(
        conn,
        desks.desk[H1],
        desks.converter[H1],
        desks.caller(A),
        Carried(inquiry, carried.question),
        at=AT,
    )
    assert isinstance(reply, Refused)
    assert reply.reason == reason
    assert [e.kind for e in entries(conn, H1, inquiry)] == [audit.Kind.REFUSAL]


@pytest.mark.clause("RK-3.6")
def test_nobody_asks_in_anothers_name(conn, desks):
    carried = desks.travelled(conn, HELD)
    with pytest.raises(CallerNotEntitled):
        desks.answer(conn, carried, caller=H1)


@pytest.mark.clause("RK-3.3")
def test_an_inquiry_altered_on_the_way_fits_no_proof(conn, desks):
    carried = desks.travelled(conn, HELD)
    inquiry = msgspec.structs.replace(carried.inquiry, year=2024)
    with pytest.raises(identity.EqualityProofWrong):
        desks.answer(conn, Carried(inquiry, carried.question, carried.receipt))


@pytest.mark.clause("RK-4.3")
def test_a_converter_with_another_key_is_named(conn, desks):
    carried = desks.blinded(desks.opened(conn, HELD))
    false = identity.ConverterKeys.draw(H1, (A, B, L))
    as_tenant(conn, H1)
    done = federation.convert(conn, desks.desk[H1], false, desks.caller(A), carried, at=AT)
    as_tenant(conn, H2)
    with pytest.raises(identity.ConversionProofWrong, match=H1):
        federation.convert(
            conn,
            desks.desk[H2],
            desks.converter[H2],
            desks.caller(A),
            Carried(carried.inquiry, done.question),  # type: ignore[union-attr]
            at=AT,
        )


@pytest.mark.clause("RK-2.8")
def test_a_message_seen_before_is_refused_everywhere(conn, desks):
    carried = desks.travelled(conn, HELD)
    desks.answer(conn, carried)
    with pytest.raises(exchange.Replayed):
        desks.answer(conn, carried)


@pytest.mark.clause("RK-2.8")
@pytest.mark.parametrize("party", [H1, L])
def test_a_part_of_the_hub_hears_a_message_once(conn, desks, party):
    """A second conversion would be another one; a second receipt would be of another entry."""
    carried = desks.blinded(desks.opened(conn, HELD))
    if party == L:
        carried = desks.converted(conn, carried)
    as_tenant(conn, party)
    heard = conn, desks.desk[party], desks.log if party == L else desks.converter[party]
    hear = federation.receipt if party == L else federation.convert
    hear(*heard, desks.caller(A), carried, at=AT)
    with pytest.raises(exchange.Replayed):
        hear(*heard, desks.caller(A), carried, at=AT)


def test_an_inquiry_survives_the_wire(conn, desks):
    inquiry = desks.opened(conn, HELD).inquiry
    again = msgspec.json.decode(msgspec.json.encode(inquiry), type=Inquiry)
    assert again == inquiry
    assert again.context == inquiry.context
