"""Each party holds what it is brought to the protocol, by its own table, and enters what it did."""

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import msgspec
import pytest
import rfc8785
from tests.federation.desks import (
    AT,
    H1,
    H2,
    HELD,
    NOT_HELD,
    PROTECTED,
    A,
    B,
    Desks,
    L,
    R,
    as_tenant,
    entries,
)
from tests.store.rows import RESIDENT, file, register_number, resident

from renkei import audit, exchange, federation, identity, kit, law, standard, store
from renkei.app.hub import reply_answer
from renkei.federation.errors import CallerNotEntitled, InquiryMalformed, ModeDiffers
from renkei.federation.inquiry import Carried, Done, Fact, Provided, Receipted, Refused

PARTIES = [H1, L, B]


def brought(conn: kit.Connection, desks: Desks, party: kit.Tenant) -> Carried:
    """Return a question about the person who is held, as it comes to a party's door."""
    carried = desks.blinded(desks.opened(conn, HELD))
    if party == H1:
        return carried
    carried = desks.converted(conn, carried)
    return carried if party == L else desks.receipted(conn, carried)


def heard(
    conn: kit.Connection,
    desks: Desks,
    party: kit.Tenant,
    carried: Carried,
    caller: kit.Tenant = A,
) -> federation.Response:
    """Let a party do its part."""
    as_tenant(conn, party)
    desk, who = desks.desk[party], desks.caller(caller, "o" * 22)
    if party == H1:
        return federation.convert(conn, desk, desks.converter[H1], who, carried, at=AT)
    if party == L:
        return federation.receipt(conn, desk, desks.log, who, carried, at=AT)
    return federation.answer(conn, desk, desks.node[B], who, carried, at=AT)


def onward(conn: kit.Connection, desks: Desks, carried: Carried) -> Carried:
    """Take a second question past converters and log operator, each message a new one."""
    for party in (H1, H2, L):
        as_tenant(conn, party)
        desk, who = desks.desk[party], desks.caller(A, "p" * 22)
        if party == L:
            reply = federation.receipt(conn, desk, desks.log, who, carried, at=AT)
            assert isinstance(reply, Receipted)
            return Carried(carried.inquiry, carried.question, reply.receipt)
        done = federation.convert(conn, desk, desks.converter[party], who, carried, at=AT)
        assert isinstance(done, Done)
        carried = Carried(carried.inquiry, done.question)
    return carried


def told(carried: Carried) -> Any:
    return json.loads(federation.render(carried))


def read(said: object) -> Carried:
    return federation.parse_carried(json.dumps(said).encode())


@pytest.mark.clause("RK-1.9")
def test_without_a_choice_every_item_of_the_service_is_asked_for(conn, desks):
    ended = desks.opened(conn, HELD, query="")
    assert isinstance(ended, Fact)
    assert ended.reason == "item-not-named"  # no provision names them all
    signer = audit.Signer.from_seed("a.example", bytes(32))
    audit.sequence(conn, A, signer, at=AT)
    (entry,) = (one.entry for one in audit.entries_for_request(conn, A, ended.inquiry))
    service = standard.catalogue().shared_interface("06", "income")
    named = {item.id: item.name for item in standard.catalogue().entity(service.entity).items}
    assert [named[item] for item in entry.items] == list(service.items)


@pytest.mark.clause("RK-3.1")
def test_what_is_carried_has_its_members_and_no_other(conn, desks):
    carried = brought(conn, desks, H1)
    said = told(carried)
    assert set(said) == {"inquiry", "question"}
    whole = said | {"receipt": "", "withheld": False, "on": None}
    assert told(read(whole)) == told(read(said)) == said
    for name, value in (("withheld", "false"), ("on", "2026-4-1"), ("receipt", None)):
        with pytest.raises(InquiryMalformed):
            read(whole | {name: value})
    for wrong in (said | {"more": ""}, {k: v for k, v in said.items() if k != "question"}):
        with pytest.raises(InquiryMalformed):
            read(wrong)


@pytest.mark.clause("RK-3.2")
@pytest.mark.parametrize(
    "change",
    [
        {"more": ""},
        {"items": "06-1-013"},
        {"year": "2025"},
        {"mode": "real"},
        {"withheld": False},
        {"on": "2026-04-01"},
        {"purpose": ""},
        {"message": "m-1"},
        *[{"at": f"2026-04-02T01:02:03{end}"} for end in ("", ".123Z", "+00:00", "+09:00")],
        {"at": "2026-04-02 01:02:03Z"},
    ],
)
def test_an_inquiry_of_another_form_is_refused(conn, desks, change):
    said = told(brought(conn, desks, H1))
    for at in ("2026-04-02T01:02:03Z", "2026-04-02T01:02:03.120000Z"):
        assert read(said | {"inquiry": said["inquiry"] | {"at": at}})
    with pytest.raises(InquiryMalformed):
        read(said | {"inquiry": said["inquiry"] | change})
    for name in said["inquiry"]:
        with pytest.raises(InquiryMalformed):
            read(said | {"inquiry": {k: v for k, v in said["inquiry"].items() if k != name}})


@pytest.mark.clause("RK-3.2")
@pytest.mark.parametrize("id_", ["", "x" * 201, "a\nb"])
def test_an_inquiry_has_a_number_that_can_be_entered(conn, desks, id_):
    carried = brought(conn, desks, H1)
    inquiry = msgspec.structs.replace(carried.inquiry, id=id_, table="0" * 64)
    with pytest.raises(audit.EntryMalformed):
        heard(conn, desks, H1, Carried(inquiry, carried.question))


@pytest.mark.clause("RK-3.2", "RK-9.1")
def test_neither_the_message_nor_an_entry_names_the_person_or_a_value(conn, desks):
    carried = brought(conn, desks, B)
    provided = heard(conn, desks, B, carried)
    assert isinstance(provided, Provided)
    assert provided.record is not None
    said = [federation.render(carried)]
    for party in (A, H1, L, B):
        assert entries(conn, party, carried.inquiry)
        logged = audit.entries_for_request(conn, party, carried.inquiry.id)
        said += [one.leaf for one in logged]
    for secret in (register_number(HELD), str(provided.record["total_income"]), "見本"):
        assert not any(secret.encode() in data for data in said)


@pytest.mark.clause("RK-3.3")
def test_the_context_is_the_digest_of_the_inquiry_as_it_travels(conn, desks):
    carried = brought(conn, desks, H1)
    assert sha256(rfc8785.dumps(told(carried)["inquiry"])).digest() == carried.inquiry.context


@pytest.mark.clause("RK-3.5")
@pytest.mark.parametrize("party", PARTIES)
@pytest.mark.parametrize("reason", ["table-differs", "procedure-not-named"])
def test_every_party_decides_by_its_own_table(conn, desks, party, reason):
    """Another version is refused; and one that says it is the same, by what stands in it."""
    carried = brought(conn, desks, party)
    table = law.provision_table()
    other = replace(table, version="0" * 64)
    own = (
        other
        if reason == "table-differs"
        else replace(table, provisions=(), by_key={}, by_procedure={})
    )
    desks.desk[party], kept = replace(desks.desk[party], provisions=own), desks.desk[party]
    try:
        reply = heard(conn, desks, party, carried)
    finally:
        desks.desk[party] = kept
    assert isinstance(reply, Refused)
    assert (reply.by, reply.reason) == (party, reason)
    kinds = [entry.kind for entry in entries(conn, party, carried.inquiry)]
    assert kinds == [audit.Kind.REFUSAL]


@pytest.mark.clause("RK-3.6")
@pytest.mark.parametrize("party", PARTIES)
@pytest.mark.parametrize("caller", [B, R, H1])
def test_no_party_hears_whoever_is_not_the_asker(conn, desks, party, caller):
    carried = brought(conn, desks, party)
    with pytest.raises(CallerNotEntitled):
        heard(conn, desks, party, carried, caller)


@pytest.mark.clause("RK-3.6")
@pytest.mark.parametrize("party", PARTIES)
def test_no_party_hears_an_inquiry_of_another_mode(conn, desks, party):
    carried = brought(conn, desks, party)
    inquiry = msgspec.structs.replace(carried.inquiry, mode=audit.Mode.DRILL)
    with pytest.raises(ModeDiffers):
        heard(conn, desks, party, Carried(inquiry, carried.question, carried.receipt))


@pytest.mark.clause("RK-3.10")
def test_somebody_unknown_and_nothing_held_are_the_same_answer(conn, desks):
    carried = desks.travelled(conn, NOT_HELD)
    assert desks.answer(conn, carried).record is None
    as_tenant(conn, A)
    opened = desks.opened(conn, HELD, message="m-2")
    carried = onward(conn, desks, desks.blinded(opened))
    as_tenant(conn, B)
    conn.execute("DELETE FROM identity_code WHERE tenant = %s", [B])
    provided = heard(conn, desks, B, carried)
    assert isinstance(provided, Provided)
    assert provided.record is None
    (entry,) = entries(conn, B, carried.inquiry)
    assert (entry.kind, entry.outcome) == (audit.Kind.PROVISION, "not-held")


@pytest.mark.clause("RK-4.6")
@pytest.mark.parametrize("party", [L, B])
@pytest.mark.parametrize("step", [0, 1])
def test_nobody_opens_a_leg_of_a_chain_with_a_wrong_link(conn, desks, party, step):
    carried = brought(conn, desks, party)
    said = json.loads(bytes(carried.question))
    conversion = said["conversions"][step]
    conversion["log_leg"], conversion["provider_leg"] = (
        conversion["provider_leg"],
        conversion["log_leg"],
    )
    wrong = Carried(carried.inquiry, msgspec.Raw(json.dumps(said).encode()), carried.receipt)
    with pytest.raises(identity.ConversionProofWrong):
        heard(conn, desks, party, wrong)


@pytest.mark.clause("RK-4.7", "RK-6.2")
def test_a_question_about_nobody_enrolled_is_refused_and_entered_under_no_person(conn, desks):
    carried = brought(conn, desks, L)
    as_tenant(conn, L)
    conn.execute("SET LOCAL ROLE renkei_owner")
    conn.execute("DELETE FROM identity_handle")
    conn.execute("SET LOCAL ROLE renkei_application")
    reply = heard(conn, desks, L, carried)
    assert isinstance(reply, Refused)
    assert reply.reason == "handle-unknown"
    (entry,) = entries(conn, L, carried.inquiry)
    assert (entry.kind, entry.label) == (audit.Kind.REFUSAL, None)


@pytest.mark.clause("RK-5.2")
def test_the_log_operator_has_the_entry_its_receipt_names(conn, desks):
    carried = brought(conn, desks, L)
    reply = heard(conn, desks, L, carried)
    assert isinstance(reply, Receipted)
    receipt = audit.Receipt.read(reply.receipt, [desks.log.signer.verifier])
    (logged,) = (
        one
        for _ in entries(conn, L, carried.inquiry)
        for one in audit.entries_for_request(conn, L, carried.inquiry.id)
    )
    assert audit.Leaf.parse(logged.leaf).core_hash == receipt.core_hash


@pytest.mark.clause("RK-6.1")
def test_a_refusal_is_an_object_of_its_own_with_status_403(conn, desks):
    refused = desks.answer(conn, desks.travelled(conn, PROTECTED))
    answer = reply_answer(refused)
    assert answer.status == 403
    assert exchange.read_fault(answer) is None
    assert json.loads(answer.body) == {
        "type": "refused",
        "by": B,
        "reason": "automatic-answer-withheld",
        "provision": refused.provision,
        "table": law.provision_table().version,
    }


@pytest.mark.clause("RK-6.3")
def test_withheld_is_said_alike_whether_or_not_a_record_is_held(conn, desks):
    held = desks.answer(conn, desks.travelled(conn, PROTECTED))
    rows = [resident(n, protected="1") for n in (HELD, PROTECTED, NOT_HELD)]
    source, at = file(RESIDENT, rows), AT + timedelta(seconds=1)
    report = store.load(conn, B, RESIDENT, source, on=AT.date(), at=at, allow_ending=True)
    assert report.outcome is store.Outcome.loaded
    as_tenant(conn, A)
    carried = desks.blinded(desks.opened(conn, NOT_HELD, message="m-2"))
    not_held = heard(conn, desks, B, onward(conn, desks, carried))
    assert not_held == held
