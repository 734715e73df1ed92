"""Codes rotate, close and change hands at the doors of converters, log and organisations."""

import json
import secrets
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from tests.federation.desks import (
    AT,
    AUTHORITY,
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
    log_signer,
)
from tests.store.rows import register_number

from renkei import audit, exchange, federation, identity, kit
from renkei.federation.errors import CallerNotEntitled, InquiryMalformed, SuccessorUnknown
from renkei.federation.inquiry import Refused
from renkei.federation.issuing import Header, Issued

PEOPLE = [register_number(n) for n in (HELD, PROTECTED, NOT_HELD)]


def relisted(desks: Desks, **changes: identity.Announcement | tuple[str, ...]) -> Desks:
    """Return the desks by the next list: B succeeds A; some rows say something else of codes."""
    text = json.loads(desks.text)["list"]
    members = federation.read_members(desks.text, AUTHORITY.verifier)
    rows = []
    for member in members.all:
        said = changes.get(f"at_{member.id}")
        if isinstance(said, identity.Announcement):
            raw = msgspec.Raw(identity.render(said))
            member = msgspec.structs.replace(member, identity=raw)
        if member.id == B:
            member = msgspec.structs.replace(member, succeeds=(A,))
        rows.append(member)
    signed = federation.sign_members(rows, AUTHORITY, instance=text["instance"], version=2, at=AT)
    listed = federation.read_members(signed, AUTHORITY.verifier)
    table = desks.desk[A].provisions
    made = {each: federation.Desk.of(each, "test", listed, table) for each in desks.desk}
    return replace(desks, desk=made, text=signed)


def caller(desks: Desks, tenant: kit.Tenant) -> federation.Caller:
    return desks.caller(tenant, secrets.token_hex(11))


def logged(conn: kit.Connection, tenant: kit.Tenant, request: str) -> list[audit.Entry]:
    as_tenant(conn, tenant)
    audit.sequence(conn, tenant, log_signer(tenant), at=AT)
    return [one.entry for one in audit.entries_for_request(conn, tenant, request)]


# The merger -------------------------------------------------------------------------------------


def carried(
    conn, desks: Desks, people: list[str], sender: kit.Tenant = A
) -> federation.Transferred:
    """Let A's codes go through both converters."""
    as_tenant(conn, A)
    codes = identity.codes_of(conn, A, people, seal=desks.node[A].seal)
    header = federation.TransferHeader("JP-t", A, B, AT)
    batch = identity.blind_batch(
        [(secrets.token_bytes(16), codes[person]) for person in people],
        B,
        desks.desk[A].directory,
        mode="ordered",
        context=header.parties["context"],
    )
    moved = federation.Transferred(header, msgspec.Raw(identity.render(batch)))
    for hub in (H1, H2):
        as_tenant(conn, hub)
        moved = federation.convert_transfer(
            conn, desks.desk[hub], desks.converter[hub], caller(desks, sender), moved, at=AT
        )
    return federation.parse_transferred(msgspec.json.encode(moved))


def receipted(conn, desks: Desks, moved: federation.Transferred) -> federation.Transferred:
    as_tenant(conn, L)
    return federation.receipt_transfer(
        conn, desks.desk[L], desks.log, caller(desks, A), moved, at=AT
    )


def kept(conn, desks: Desks, moved: federation.Transferred) -> federation.TransferKept:
    as_tenant(conn, B)
    return federation.keep_transfer(
        conn, desks.desk[B], desks.node[B], caller(desks, A), moved, at=AT
    )


@pytest.mark.clause("RK-24.13")
def test_codes_become_the_successors_and_who_stood_in_both_registers_is_found(conn, desks):
    """B has these people under the same numbers; A's come under others and are found to be them."""
    listed = relisted(desks)
    moved = receipted(conn, listed, carried(conn, listed, PEOPLE))
    theirs = tuple(f"9{person[1:]}" for person in PEOPLE)
    told = kept(conn, listed, msgspec.structs.replace(moved, people=theirs))
    assert told.kept == 0
    assert set(told.shared) == set(zip(theirs, PEOPLE, strict=True))
    as_tenant(conn, B)
    conn.execute("DELETE FROM identity_code WHERE person = %s", [PEOPLE[0]])
    told = kept(conn, listed, msgspec.structs.replace(moved, people=theirs))
    assert told.kept == 1
    mine = identity.code_of(conn, B, theirs[0], seal=desks.node[B].seal)
    assert mine is not None
    for party in (H1, H2, L, B):
        (entry, *_) = logged(conn, party, "JP-t")
        assert (entry.outcome, entry.asker, entry.label) == ("transferred", A, None)
        assert entry.details == {"persons": "3", "successor": B}


@pytest.mark.clause("RK-24.13")
def test_the_list_says_who_succeeds_whom_and_the_predecessor_sends(conn, desks):
    with pytest.raises(SuccessorUnknown):
        carried(conn, desks, PEOPLE)
    listed = relisted(desks)
    with pytest.raises(SuccessorUnknown):
        carried(conn, listed, PEOPLE, sender=B)
    with pytest.raises(CallerNotEntitled):
        carried(conn, listed, PEOPLE, sender=R)


@pytest.mark.clause("RK-24.7", "RK-24.13")
def test_nothing_is_kept_without_every_persons_handle_and_the_receipt(conn, desks):
    listed = relisted(desks)
    moved = carried(conn, listed, PEOPLE)
    people = tuple(PEOPLE)
    with pytest.raises(audit.ReceiptInvalid):
        kept(conn, listed, msgspec.structs.replace(moved, people=people))
    signed = receipted(conn, listed, moved)
    other = receipted(conn, listed, carried(conn, listed, PEOPLE))
    for wrong, error in (
        (
            msgspec.structs.replace(signed, receipt=other.receipt, people=people),
            audit.ReceiptInvalid,
        ),
        (msgspec.structs.replace(signed, people=people[:-1]), InquiryMalformed),
        (signed, InquiryMalformed),
    ):
        with pytest.raises(error):
            kept(conn, listed, wrong)
    as_tenant(conn, A)
    stranger = identity.Nym(A, 1, identity.group.hash_to_group(b"nobody"))
    identity.keep_codes(conn, A, [("000000000000001", stranger)], seal=desks.node[A].seal)
    mixed = carried(conn, listed, [PEOPLE[0], "000000000000001", *PEOPLE[1:]])
    told = receipted(conn, listed, mixed)
    assert (told.receipt, told.refused) == ("", (1,))
    with pytest.raises(audit.ReceiptInvalid):
        kept(conn, listed, msgspec.structs.replace(told, people=tuple("abcd")))
    outcomes = [one.outcome for one in logged(conn, L, "JP-t")]
    assert outcomes == ["transferred", "transferred", "refused"]


@pytest.mark.clause("RK-24.13")
def test_nobody_but_the_successor_keeps_a_transfer(conn, desks):
    """The predecessor hands what goes to B to another house: here to its own."""
    listed = relisted(desks)
    moved = receipted(conn, listed, carried(conn, listed, PEOPLE))
    meant = msgspec.structs.replace(moved, people=tuple(PEOPLE))
    as_tenant(conn, A)
    with pytest.raises(SuccessorUnknown):
        federation.keep_transfer(
            conn, listed.desk[A], listed.node[A], caller(listed, A), meant, at=AT
        )
    assert kept(conn, listed, meant).shared == ()


@pytest.mark.clause("RK-2.8", "RK-24.13")
def test_a_transfer_is_taken_once_by_every_party(conn, desks):
    """Whoever sends the same signed message again gets no second receipt, and nothing is kept."""
    listed, who = relisted(desks), caller(desks, A)
    moved = carried(conn, listed, PEOPLE)
    as_tenant(conn, L)
    signed = federation.receipt_transfer(conn, listed.desk[L], listed.log, who, moved, at=AT)
    with pytest.raises(exchange.Replayed):
        federation.receipt_transfer(conn, listed.desk[L], listed.log, who, moved, at=AT)
    meant = msgspec.structs.replace(signed, people=tuple(PEOPLE))
    as_tenant(conn, B)
    federation.keep_transfer(conn, listed.desk[B], listed.node[B], who, meant, at=AT)
    with pytest.raises(exchange.Replayed):
        federation.keep_transfer(conn, listed.desk[B], listed.node[B], who, meant, at=AT)


# The rotation -----------------------------------------------------------------------------------


def rotating(desks: Desks, until) -> Desks:
    """Let both converters draw A's second factor, and state the end of the first."""
    fresh = {hub: keys.admit(A, kv=2).retire(A, 1, until) for hub, keys in desks.converter.items()}
    said = {
        f"at_{hub}": identity.Announcement(
            factors={each: keys.public(each) for each in keys.factors}, retiring=keys.retiring
        )
        for hub, keys in fresh.items()
    }
    return replace(relisted(desks, **said), converter=fresh)


def quotient(conn, desks: Desks, hub: kit.Tenant, who: kit.Tenant = A, **asked: int):
    as_tenant(conn, hub)
    given = federation.QuotientAsked("JP-q", **({"before": 1, "after": 2} | asked))
    return federation.hand_over(
        conn, desks.desk[hub], desks.converter[hub], caller(desks, who), given, at=AT
    )


@pytest.mark.clause("RK-24.8")
def test_an_organisation_gets_the_quotients_of_its_own_codes_and_each_is_entered(conn, desks):
    turn = rotating(desks, AT + timedelta(days=1))
    quotients = [quotient(conn, turn, hub) for hub in (H1, H2)]
    directory, key = turn.desk[A].directory, turn.node[A].decryption
    factor = identity.take_over(quotients, 1, 2, directory, key)
    as_tenant(conn, A)
    step = identity.rotate_codes(conn, A, 1, 2, factor, seal=turn.node[A].seal)
    assert step.changed == len(PEOPLE)
    (entry,) = logged(conn, H1, "JP-q")
    assert (entry.outcome, entry.details) == (
        "quotient",
        {"persons": "0", "before": "1", "after": "2"},
    )
    with pytest.raises(identity.KeyVersionUnknown):
        quotient(conn, turn, H1, who=B)
    with pytest.raises(CallerNotEntitled):
        quotient(conn, turn, H1, who=R)


@pytest.mark.clause("RK-24.10")
def test_after_the_window_every_party_refuses_old_codes_though_the_factor_is_still_there(
    conn, desks
):
    turn = rotating(desks, AT + timedelta(days=1))
    opened = turn.opened(conn, HELD)
    held = turn.receipted(conn, turn.converted(conn, turn.blinded(opened)))
    assert turn.answer(conn, held)
    past = rotating(desks, AT)
    as_tenant(conn, A)
    moved = past.blinded(past.opened(conn, HELD, message="m-2"))
    as_tenant(conn, H1)
    with pytest.raises(identity.KeyVersionRetired):
        federation.convert(conn, past.desk[H1], past.converter[H1], caller(past, A), moved, at=AT)
    with pytest.raises(identity.KeyVersionRetired):
        quotient(conn, past, H1)
    with pytest.raises(identity.KeyVersionRetired):
        carried(conn, past, PEOPLE)
    with pytest.raises(identity.KeyVersionRetired):
        issued(conn, past)
    who = caller(past, A)
    as_tenant(conn, L)
    with pytest.raises(identity.KeyVersionRetired):
        federation.receipt(conn, past.desk[L], past.log, who, held, at=AT)
    as_tenant(conn, B)
    with pytest.raises(identity.KeyVersionRetired):
        federation.answer(conn, past.desk[B], past.node[B], caller(past, A), held, at=AT)


def issued(conn: kit.Connection, desks: Desks, who: federation.Caller | None = None) -> Issued:
    """Let the registrar begin an issuance to A, and the first converter go on."""
    as_tenant(conn, H1)
    person = (identity.AcquisitionNumber.random(), identity.Pid.random())
    issuance = identity.encrypt_persons([person], A, desks.desk[R].directory)
    header = Header("JP-i", R, A, AT)
    given = Issued(header, msgspec.Raw(identity.render(issuance)))
    return federation.convert_issued(
        conn, desks.desk[H1], desks.converter[H1], who or caller(desks, R), given, at=AT
    )


@pytest.mark.clause("RK-2.8")
def test_an_issuance_goes_through_a_converter_once(conn, desks):
    who = caller(desks, R)
    issued(conn, desks, who)
    with pytest.raises(exchange.Replayed):
        issued(conn, desks, who)
    issued(conn, desks)  # signed anew it is another message


# The end of a code ------------------------------------------------------------------------------


@pytest.mark.clause("RK-24.12")
def test_a_closed_code_is_refused_under_the_persons_own_chain(conn, desks):
    question = desks.opened(conn, HELD)
    moved = desks.converted(conn, desks.blinded(question))
    inquiry = moved.inquiry
    verified = identity.verify(moved.opened(), desks.desk[L].directory, **inquiry.parties)
    nym = identity.opened(verified, desks.log.decryption)
    as_tenant(conn, L)
    identity.close_handles(conn, L, [nym], at=AT - timedelta(days=1))
    who = caller(desks, A)
    told = federation.receipt(conn, desks.desk[L], desks.log, who, moved, at=AT)
    assert isinstance(told, Refused)
    assert told.reason == "code-closed"
    (entry,) = entries(conn, L, inquiry)
    assert (entry.outcome, entry.label) == ("refused", identity.Chain.of_handle(nym).label(AT.year))


@pytest.mark.clause("RK-24.12")
def test_the_registrar_alone_closes_codes_and_they_come_as_issuances_do(conn, desks):
    pid = identity.Pid.random()

    def call(peer: kit.Tenant, path: str, body: bytes, who: kit.Tenant = R) -> bytes:
        as_tenant(conn, peer)
        issued, desk = federation.parse_issued(body), desks.desk[peer]
        if path == federation.CLOSE:
            federation.close(conn, desk, desks.log, caller(desks, who), issued, at=AT)
            return b"{}"
        done = federation.convert_issued(
            conn, desk, desks.converter[peer], caller(desks, R), issued, at=AT
        )
        return msgspec.json.encode(done)

    federation.close_at_log(desks.desk[R], [pid], id_="JP-c", call=call, at=AT)
    (entry,) = logged(conn, L, "JP-c")
    assert (entry.outcome, entry.details["persons"]) == ("closed", "1")  # before it was enrolled

    def by_another(peer: kit.Tenant, path: str, body: bytes) -> bytes:
        return call(peer, path, body, who=A)

    with pytest.raises(CallerNotEntitled):
        federation.close_at_log(desks.desk[R], [pid], id_="JP-d", call=by_another, at=AT)
