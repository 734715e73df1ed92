"""One inquiry about many: everybody is decided, entered, promised and answered, and none unseen."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from tests.federation.bulks import FEWEST, Bulks
from tests.federation.desks import (
    AT,
    H1,
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
from tests.store.rows import register_number

from renkei import audit, exchange, federation, identity
from renkei.federation.bulk_ending import check_size
from renkei.federation.errors import (
    BulkDiffers,
    BulkReceiptsDiffer,
    CallerNotEntitled,
    InquiryMalformed,
    ReceiptLate,
)

PARTIES = [H1, L, B]
EVERYBODY = (HELD, PROTECTED, NOT_HELD)
with_changes = msgspec.structs.replace


@pytest.fixture
def bulks(conn, desks):
    return Bulks(conn, desks)


def at(bulks, party, *people, order="ordered"):
    """Return a list as it comes to a party's door."""
    carried = bulks.blinded(bulks.opened(*(people or EVERYBODY), order=order))
    if party == H1:
        return carried
    carried = bulks.converted(carried)
    return carried if party == L else bulks.receipted(carried)


@pytest.mark.clause("RK-41.11", "RK-41.12")
def test_each_person_is_answered_at_the_place_where_they_were_asked_about(bulks):
    held, protected, nobody = bulks.answered(bulks.at_door(*EVERYBODY))
    assert held.record == {"total_income": 4321000, "dependants": 0, "taxation": "3"}
    assert (protected.record, protected.reason) == (None, "automatic-answer-withheld")
    assert (nobody.record, nobody.reason) == (None, "")
    assert [bool(one.entry) for one in (held, protected, nobody)] == [True, False, True]


@pytest.mark.clause("RK-41.6")
def test_who_cannot_travel_ends_at_home_and_keeps_nobody_from_it(bulks):
    unknown = federation.BulkPerson("999999999999990")
    decided = bulks.decided(UNCODED, HELD, unknown, NOT_HELD)
    (batch,) = decided.batches
    assert batch.places == (1, 3)
    assert {n: fact.outcome for n, fact in decided.ended.items()} == {
        0: "code-not-issued",
        2: "subject-unknown",
    }
    (entry,) = bulks.entries(A, replace_id(batch.bulk, decided.ended[0].inquiry))
    assert (entry.outcome, entry.kind) == ("code-not-issued", audit.Kind.REFUSAL)


def replace_id(bulk, request):
    number, _, _ = request.rpartition(".")
    return with_changes(bulk, inquiry=with_changes(bulk.inquiry, id=number), persons=1)


@pytest.mark.clause("RK-41.6")
def test_the_law_looks_at_relation_and_consent_of_each_person(bulks):
    minor = federation.BulkPerson(register_number(HELD), "minor")
    decided = bulks.decided(NOT_HELD, minor)
    assert decided.ended[1].reason == "person-not-named"
    assert decided.batches[0].places == (0,)
    own_use = {"procedure": "JT99000000001701", "unit": "17", "items": "total_income,dependants"}
    given = federation.BulkPerson(register_number(HELD), consent="C-1")
    decided = bulks.decided(NOT_HELD, given, **own_use)
    assert decided.ended[0].reason == "consent-missing"
    (batch,) = decided.batches
    assert (batch.places, batch.consents, batch.bulk.inquiry.consent) == ((1,), ("C-1",), "given")
    assert b"C-1" not in msgspec.json.encode(bulks.blinded(batch))
    (entry,) = bulks.entries(A, batch.bulk)
    assert (entry.details["consent"], entry.details["consent_reference"]) == ("given", "C-1")


@pytest.mark.clause("RK-46.3")
@pytest.mark.parametrize(
    ("party", "told"),
    [(H1, {"withheld": True}), (H1, {"on": AT.date()}), (L, {"on": AT.date()})],
)
def test_who_is_told_more_of_a_batch_than_it_needs_refuses_to_have_heard_it(bulks, party, told):
    with pytest.raises(InquiryMalformed) as caught:
        bulks.brought(party, with_changes(at(bulks, party), **told))
    assert caught.value.facts == {"defect": next(iter(told))}


@pytest.mark.clause("RK-46.3")
def test_what_the_asker_withholds_of_a_batch_is_sealed_at_the_log_operator(bulks):
    carried = with_changes(at(bulks, L), withheld=True)
    bulks.brought(L, carried)
    assert all(one.withheld for one in bulks.entries(L, carried.bulk))


@pytest.mark.clause("RK-41.5", "RK-41.8", "RK-41.10", "RK-41.13")
def test_each_person_has_an_entry_at_asker_operator_and_holder_in_a_chain_of_their_own(bulks):
    carried = bulks.at_door(*EVERYBODY)
    bulks.answered(carried)
    wanted = {A: ["asked"] * 3, L: ["receipted"] * 3, B: ["answered", "refused", "not-held"]}
    for tenant, outcomes in wanted.items():
        found = bulks.entries(tenant, carried.bulk)
        assert [one.request for one in found] == [
            f"{carried.bulk.inquiry.id}.{n}" for n in (1, 2, 3)
        ]
        assert [one.outcome for one in found] == outcomes
        assert len({one.label for one in found} - {None}) == 3
        assert {one.details["bulk"] for one in found} == {"bulk-1"}
        assert {one.details["persons"] for one in found} == {"3"}
    (converted,) = bulks.entries(H1, carried.bulk)
    assert (converted.outcome, converted.label) == ("converted", None)
    assert converted.details["persons"] == "3"


@pytest.mark.clause("RK-41.13", "RK-45.3")
def test_a_list_enters_a_person_in_the_chain_that_a_question_about_one_is_entered_in(bulks):
    conn, desks = bulks.conn, bulks.desks
    carried = bulks.at_door(HELD, NOT_HELD)
    bulks.answered(carried)
    in_list = {t: [one.label for one in bulks.entries(t, carried.bulk)] for t in (A, L, B)}
    for place, person in enumerate((HELD, NOT_HELD)):
        as_tenant(conn, A)
        asked = desks.opened(conn, person, message=f"one-{person}")
        single = desks.receipted(conn, desks.converted(conn, desks.blinded(asked)))
        desks.answer(conn, single)
        for tenant, labels in in_list.items():
            (entry,) = entries(conn, tenant, single.inquiry)
            assert entry.label == labels[place]


@pytest.mark.clause("RK-41.13")
def test_who_is_withheld_at_the_holder_stands_in_the_sealed_chain(bulks):
    carried = bulks.at_door(HELD, PROTECTED)
    bulks.answered(carried)
    held, protected = bulks.entries(B, carried.bulk)
    assert (held.withheld, protected.withheld) == (False, True)


@pytest.mark.clause("RK-41.9")
def test_each_receipt_promises_one_entry_for_one_place(bulks):
    carried = bulks.at_door(*EVERYBODY)
    bulks.answered(carried)
    key = audit.Verifier.parse(bulks.desks.desk[A].members.by_id(L).log_key)
    receipts = [audit.Receipt.read(line, [key]) for line in carried.receipts]
    cores = [
        audit.Receipt.read(one.details["receipt"], [key]) for one in bulks.entries(B, carried.bulk)
    ]
    assert receipts == cores
    assert (
        len({one.transcript for one in receipts}) == len({one.core_hash for one in receipts}) == 3
    )


@pytest.mark.clause("RK-41.10", "RK-41.11")
def test_who_is_enrolled_nowhere_or_closed_is_refused_alone(bulks):
    opened = bulks.opened(*EVERYBODY)
    stranger, mixed = opened.nyms[1], opened.nyms[0]
    mixture = identity.Nym(mixed.owner, mixed.kv, mixed.element + stranger.element)
    carried = bulks.converted(bulks.blinded(replace(opened, nyms=(mixture, *opened.nyms[1:]))))
    closed = identity.open_batch(
        identity.verify_batch(
            carried.opened(), bulks.desks.desk[L].directory, **carried.bulk.parties
        ),
        bulks.desks.log.decryption,
    )[2]
    as_tenant(bulks.conn, L)
    identity.close_handles(bulks.conn, L, [closed], at=AT)
    told = bulks.brought(L, carried)
    assert [one.reason for one in told.persons] == ["handle-unknown", "", "code-closed"]
    unknown, _, gone = bulks.entries(L, carried.bulk)
    assert (unknown.label, unknown.kind) == (None, audit.Kind.REFUSAL)
    assert gone.label is not None
    receipts = tuple(one.receipt for one in told.persons)
    reasons = [p.reason for p in bulks.answered(with_changes(carried, receipts=receipts))]
    assert reasons == ["receipt-missing", "automatic-answer-withheld", "receipt-missing"]


@pytest.mark.clause("RK-41.11")
@pytest.mark.parametrize("lie", ["", "garbage", "of another place", "of another log"])
def test_an_item_without_its_own_receipt_is_not_answered_and_the_others_are(bulks, lie):
    carried = bulks.at_door(HELD, NOT_HELD)
    forged = carried.receipts[1]
    if lie == "of another place":
        forged = carried.receipts[0]
    elif lie == "of another log":
        forged = forged.replace("test.example", "other.example")
    else:
        forged = lie
    told = bulks.answered(with_changes(carried, receipts=(carried.receipts[0], forged)))
    assert told[0].record is not None
    assert (told[1].reason, told[1].entry) == ("receipt-missing", "")
    entry = bulks.entries(B, carried.bulk)[1]
    assert (entry.outcome, entry.label, entry.details["reason"]) == (
        "refused",
        None,
        "receipt-missing",
    )


@pytest.mark.clause("RK-41.11")
def test_receipts_that_are_cut_or_late_answer_nobody(bulks):
    carried = bulks.at_door(HELD, NOT_HELD)
    with bulks.conn.transaction(force_rollback=True), pytest.raises(BulkReceiptsDiffer):
        bulks.brought(B, with_changes(carried, receipts=carried.receipts[:1]))
    for skew in (timedelta(minutes=11), -timedelta(minutes=11)):
        with bulks.conn.transaction(force_rollback=True), pytest.raises(ReceiptLate):
            bulks.brought(B, carried, at=AT + skew)


@pytest.mark.clause("RK-41.7")
@pytest.mark.parametrize("party", PARTIES)
def test_every_party_refuses_another_size_order_caller_and_what_it_saw_before(bulks, party):
    carried = at(bulks, party)
    bulk = carried.bulk
    for change in ({"persons": 2}, {"persons": 4}, {"order": "shuffled"}):
        lied = with_changes(carried, bulk=with_changes(bulk, **change))
        with bulks.conn.transaction(force_rollback=True), pytest.raises(BulkDiffers):
            bulks.brought(party, lied)
    with pytest.raises(CallerNotEntitled):
        bulks.brought(party, carried, caller=B)
    bulks.brought(party, carried)
    with bulks.conn.transaction(force_rollback=True), pytest.raises(exchange.RequestIdReused):
        bulks.brought(party, carried)
    with pytest.raises(exchange.Replayed):
        bulks.brought(party, carried, nonce=f"{bulks.calls - 1:022}")


@pytest.mark.clause("RK-41.7")
@pytest.mark.parametrize("party", PARTIES)
def test_every_party_decides_again_and_enters_its_no(bulks, party):
    carried = at(bulks, party)
    table = with_changes(carried.bulk.inquiry, table="0" * 64)
    other = with_changes(carried.bulk, inquiry=table)
    # Its proofs are of the inquiry as it was: whoever checks them first says so.
    if party == H1:
        assert bulks.refused(party, with_changes(carried, bulk=other)) == "table-differs"
        (entry,) = bulks.entries(party, other)
        assert (entry.outcome, entry.details["by"]) == ("refused", party)
        return
    with pytest.raises(identity.EqualityProofWrong):
        bulks.brought(party, with_changes(carried, bulk=other))


@pytest.mark.clause("RK-41.7")
@pytest.mark.parametrize("party", [L, B])
def test_a_batch_that_was_cut_extended_or_reordered_on_the_way_is_refused_by_name(bulks, party):
    carried = at(bulks, party)
    batch = carried.opened()
    for places in ((0, 1), (0, 2, 1), (0, 1, 2, 2)):
        steps = tuple(
            with_changes(
                step,
                provider_legs=type(step.provider_legs).of(
                    step.provider_legs.values[place] for place in places
                ),
            )
            for step in batch.conversions
        )
        raw = tuple(msgspec.Raw(identity.render(step)) for step in steps)
        with bulks.conn.transaction(force_rollback=True):
            with pytest.raises(identity.ConversionProofWrong) as caught:
                bulks.brought(party, with_changes(carried, conversions=raw))
            assert caught.value.facts["converter"] == H1
    with pytest.raises(identity.ConversionIncomplete):
        bulks.brought(party, with_changes(carried, conversions=carried.conversions[:1]))


@pytest.mark.clause("RK-41.7")
@pytest.mark.parametrize("bad", ["neutral", "high", "text"])
def test_an_element_that_is_none_in_the_middle_of_a_batch_is_refused(bulks, bad):
    carried = at(bulks, H1)
    said = msgspec.json.decode(bytes(carried.request))
    column = bytearray(exchange.decode(said["c1"]))
    column[32:64] = bytes(32) if bad == "neutral" else b"\xff" * 32
    said["c1"] = "…" if bad == "text" else exchange.encode(bytes(column))
    with pytest.raises(identity.MessageMalformed):
        bulks.brought(H1, with_changes(carried, request=msgspec.Raw(msgspec.json.encode(said))))


@pytest.mark.clause("RK-41.7")
@pytest.mark.parametrize(
    ("member", "value", "error"),
    [
        ("suite", "P256-SHA256", identity.MessageMalformed),
        ("asker", {"organisation": A, "kv": 9}, identity.EqualityProofWrong),
        ("asker", {"organisation": B, "kv": 1}, identity.PartyDiffers),
        ("mode", "shuffled", BulkDiffers),
        ("more", 1, identity.MessageMalformed),
    ],
)
def test_a_batch_of_another_suite_version_or_asker_is_refused(bulks, member, value, error):
    carried = at(bulks, H1)
    said = msgspec.json.decode(bytes(carried.request)) | {member: value}
    with pytest.raises(error):
        bulks.brought(H1, with_changes(carried, request=msgspec.Raw(msgspec.json.encode(said))))


@pytest.mark.clause("RK-41.10")
def test_one_person_twice_in_a_batch_is_refused_by_the_operator(bulks):
    opened = bulks.opened(HELD, NOT_HELD)
    doubled = replace(opened, nyms=(opened.nyms[0],) * 2)
    with pytest.raises(identity.PersonsRepeated):
        bulks.brought(L, bulks.converted(bulks.blinded(doubled)))


@pytest.mark.clause("RK-41.4")
@pytest.mark.parametrize(
    "change",
    [
        {"persons": 0},
        {"persons": 65_536},
        {"order": "sorted"},
        {"number": ""},
        {"consents": []},
        {"more": 1},
    ],
)
def test_a_bulk_of_another_form_is_refused(bulks, change):
    said = msgspec.json.decode(msgspec.json.encode(at(bulks, H1)))
    assert federation.parse_bulk(msgspec.json.encode(said)).bulk.persons == 3
    said["bulk"] |= change
    with pytest.raises(InquiryMalformed):
        federation.parse_bulk(msgspec.json.encode(said))


@pytest.mark.clause("RK-41.4")
def test_a_bulk_has_one_spelling_of_its_time_and_no_reference_of_a_consent(bulks):
    said = msgspec.json.decode(msgspec.json.encode(at(bulks, H1)))
    for change in ({"at": "2026-04-02T01:02:03+00:00"}, {"consent": "C-1"}):
        other = said | {"bulk": said["bulk"] | {"inquiry": said["bulk"]["inquiry"] | change}}
        with pytest.raises(InquiryMalformed):
            federation.parse_bulk(msgspec.json.encode(other))
    given = said["bulk"] | {"inquiry": said["bulk"]["inquiry"] | {"consent": "given"}}
    assert federation.parse_bulk(msgspec.json.encode(said | {"bulk": given}))
    with pytest.raises(InquiryMalformed):
        federation.parse_bulk(msgspec.json.encode(said | {"bulk": given | {"order": "shuffled"}}))


@pytest.mark.clause("RK-41.15", "RK-41.16")
def test_a_shuffled_set_is_answered_whole_and_each_person_has_an_entry_everywhere(bulks):
    carried = bulks.at_door(*EVERYBODY, order="shuffled")
    told = bulks.answered(carried)
    assert sorted((one.record is not None, one.reason) for one in told) == [
        (False, ""),
        (False, "automatic-answer-withheld"),
        (True, ""),
    ]
    labels = {t: [one.label for one in bulks.entries(t, carried.bulk)] for t in (A, L, B)}
    assert all(len(set(found)) == 3 and None not in found for found in labels.values())
    assert {one.details["order"] for one in bulks.entries(B, carried.bulk)} == {"shuffled"}


@pytest.mark.clause("RK-41.15")
def test_a_set_that_is_too_small_is_refused_by_every_party(bulks):
    decided = bulks.decided(HELD, NOT_HELD, order="shuffled", fewest=3)
    assert {fact.reason for fact in decided.ended.values()} == {"set-too-small"}
    assert not decided.batches
    opened = bulks.opened(HELD, NOT_HELD, order="shuffled")
    one = replace(opened, nyms=opened.nyms[:1], bulk=with_changes(opened.bulk, persons=FEWEST - 1))
    carried = bulks.blinded(one)
    assert bulks.refused(H1, carried) == "set-too-small"


@pytest.mark.clause("RK-41.17")
def test_a_set_with_a_stranger_or_without_a_receipt_is_refused_whole(bulks):
    opened = bulks.opened(HELD, NOT_HELD, order="shuffled")
    mixture = opened.nyms[0].element + opened.nyms[1].element
    strange = identity.Nym(A, opened.nyms[0].kv, mixture)
    carried = bulks.blinded(replace(opened, nyms=(strange, opened.nyms[1])))
    assert bulks.refused(L, bulks.converted(carried)) == "set-incomplete"
    carried = bulks.at_door(HELD, NOT_HELD, order="shuffled")
    cut = with_changes(carried, receipts=(carried.receipts[0], ""))
    assert bulks.refused(B, cut) == "receipt-missing"


@pytest.mark.clause("RK-41.12")
@pytest.mark.parametrize("found", [1, 3])
def test_an_answer_about_fewer_or_more_is_not_used(bulks, found):
    opened = bulks.opened(HELD, NOT_HELD)
    one = federation.ProvidedPerson()
    check_size(B, opened, [one] * 2)
    with pytest.raises(federation.BulkAnswerDiffers):
        check_size(B, opened, [one] * found)
