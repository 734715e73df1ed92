"""What a unit says in words of its own stays in its house: no party can join a person's by it."""

from datetime import date

import msgspec
import pytest
from tests.federation.desks import (
    AT,
    H1,
    H2,
    HELD,
    A,
    B,
    Desks,
    L,
    as_tenant,
    entries,
)
from tests.store.rows import register_number

from renkei import federation, identity, kit
from renkei.federation.errors import InquiryMalformed
from renkei.federation.inquiry import Carried, Provided, Receipted
from renkei.federation.question import Opened

OWN_USE = {
    "unit": "17",
    "procedure": "JT99000000001701",
    "query": "items=total_income",
    "consent": "C-2026-77",
    "message": "case-4711",
}
WORDS = ("C-2026-77", "case-4711", "児童手当の認定")


def opened(conn: kit.Connection, desks: Desks) -> Opened:
    """Open a question for which a consent was given, and a purpose in words."""
    question = desks.opened(conn, HELD, **OWN_USE)
    assert isinstance(question, Opened)
    return question


def sealed_at_the_holder(conn: kit.Connection, desks: Desks) -> bytes:
    """Return the label of what is withheld from the person who is held, at the holder."""
    as_tenant(conn, B)
    found = identity.history_of(conn, B, register_number(HELD), seal=desks.node[B].seal)
    return found.current.sealed_label(AT.year)


def heard_by_hub(
    conn: kit.Connection, desks: Desks, party: kit.Tenant, carried: Carried
) -> federation.Response:
    """Let a part of the hub hear a question it has not heard before."""
    as_tenant(conn, party)
    desk, caller = desks.desk[party], desks.caller(A, "q" * 22)
    if party == L:
        return federation.receipt(conn, desk, desks.log, caller, carried, at=AT)
    return federation.convert(conn, desk, desks.converter[party], caller, carried, at=AT)


@pytest.mark.clause("RK-46.1", "RK-46.2")
def test_no_word_of_a_unit_reaches_another_house(conn, desks):
    carried = desks.receipted(conn, desks.converted(conn, desks.blinded(opened(conn, desks))))
    assert isinstance(desks.answer(conn, carried), Provided)
    said = federation.render(carried).decode()
    for party in (H1, H2, L, B):
        for entry in entries(conn, party, carried.inquiry):
            assert entry.details["consent"] == "given"
            said += repr(entry)
    said = said.replace(carried.inquiry.id, "")  # which these desks make of the message's
    assert [word for word in WORDS if word in said] == []


@pytest.mark.clause("RK-46.2")
def test_the_askers_own_entry_keeps_them(conn, desks):
    (entry,) = entries(conn, A, opened(conn, desks).inquiry)
    kept = (entry.details["consent_reference"], entry.details["message"], entry.purpose)
    assert kept == WORDS
    assert entry.details["consent"] == "given"


@pytest.mark.clause("RK-46.1")
@pytest.mark.parametrize("consent", ["C-2026-77", "given ", None])
def test_of_a_consent_an_inquiry_says_that_it_was_given_and_nothing_else(conn, desks, consent):
    carried = desks.blinded(opened(conn, desks))
    said = msgspec.json.decode(federation.render(carried))
    assert said["inquiry"]["consent"] == "given"
    said["inquiry"]["consent"] = consent
    with pytest.raises(InquiryMalformed):
        federation.parse_carried(msgspec.json.encode(said))


@pytest.mark.clause("RK-46.3")
@pytest.mark.parametrize(
    ("party", "told"),
    [(H1, {"withheld": True}), (H1, {"on": date(2026, 4, 1)}), (L, {"on": date(2026, 4, 1)})],
)
def test_who_is_told_more_than_it_needs_refuses_to_have_heard_it(conn, desks, party, told):
    carried = desks.blinded(opened(conn, desks))
    if party == L:
        carried = desks.converted(conn, carried)
    with pytest.raises(InquiryMalformed) as caught:
        heard_by_hub(conn, desks, party, msgspec.structs.replace(carried, **told))
    assert caught.value.facts == {"defect": next(iter(told))}
    assert entries(conn, party, carried.inquiry) == []


@pytest.mark.clause("RK-46.3")
def test_what_the_asker_withholds_is_sealed_at_log_operator_and_holder(conn, desks):
    carried = desks.converted(conn, desks.blinded(opened(conn, desks)))
    carried = msgspec.structs.replace(carried, withheld=True)
    reply = heard_by_hub(conn, desks, L, carried)
    assert isinstance(reply, Receipted)
    desks.answer(conn, msgspec.structs.replace(carried, receipt=reply.receipt))
    for party in (L, B):
        (entry,) = entries(conn, party, carried.inquiry)
        assert entry.withheld
        assert entry.label is not None
    assert entry.label == sealed_at_the_holder(conn, desks)
    (entry,) = entries(conn, H1, carried.inquiry)
    assert not entry.withheld


@pytest.mark.clause("RK-46.3")
def test_the_holder_alone_is_told_the_day_the_values_are_asked_for(conn, desks):
    carried = desks.receipted(conn, desks.converted(conn, desks.blinded(opened(conn, desks))))
    early = msgspec.structs.replace(carried, on=date(2020, 4, 1))
    provided = desks.answer(conn, early)
    assert isinstance(provided, Provided)
    assert provided.record is None  # nothing was held then
