"""A portal of another house is shown one person's access record, by the code, and all enter it."""

import json
from dataclasses import replace

import msgspec
import pytest
from tests.federation.desks import (
    AT,
    H1,
    H2,
    HELD,
    NOT_HELD,
    PORTAL,
    PROTECTED,
    UNCODED,
    A,
    B,
    L,
    as_tenant,
    entries,
    log_signer,
)
from tests.store.rows import register_number

from renkei import audit, exchange, federation, identity, kit, law, standard
from renkei.app.operations.replaying import replay
from renkei.federation.errors import ReplyUnexpected, ServiceUnknown
from renkei.federation.inquiry import Carried, Disclosed, Fact, Refused, render
from renkei.federation.own_access import proven
from renkei.federation.question import Opened

PATH = f"/r1/JP/MUN/{B}/usage/findUsage/v2/findUsage"


def opened(conn, desks, person, **changes):
    asked = {"unit": PORTAL, "procedure": law.OWN_ACCESS, "path": PATH, "query": ""}
    asked |= {"message": f"usage-{person}", "own_access": "yes"}
    as_tenant(conn, A)
    return desks.opened(conn, person, **asked | changes)


def shown(conn, desks, person):
    """Ask B for what it has entered about a person, as A's portal."""
    asked = opened(conn, desks, person)
    assert isinstance(asked, Opened)
    carried = desks.receipted(conn, desks.converted(conn, desks.blinded(asked)))
    as_tenant(conn, B)
    caller = desks.caller(A, nonce=f"usage-{person}".ljust(22, "n"))
    told = federation.answer(conn, desks.desk[B], desks.node[B], caller, carried, at=AT)
    return carried, told


@pytest.fixture
def looked_at(conn, desks):
    """Let A ask B about three people; B's log has an entry of each, one of them withheld."""
    for person in (HELD, PROTECTED, NOT_HELD):
        as_tenant(conn, A)
        asked = desks.opened(conn, person, message=f"m-{person}")
        desks.answer(conn, desks.receipted(conn, desks.converted(conn, desks.blinded(asked))))
    as_tenant(conn, B)
    audit.sequence(conn, B, log_signer(B), at=AT)


@pytest.mark.clause("RK-40.7", "RK-40.8")
def test_the_portal_gets_that_persons_entries_alone_and_everybody_enters_it(conn, desks, looked_at):
    carried, told = shown(conn, desks, HELD)
    assert isinstance(told, Disclosed)
    found = proven(desks.desk[A].members.by_id(B), bytes(told.bundle))
    assert [one.entry.request for one in found] == [f"inquiry-m-{HELD}"]
    kinds = {t: [e.kind for e in entries(conn, t, carried.inquiry)] for t in (A, H1, H2, L, B)}
    assert kinds == {
        A: [audit.Kind.REQUEST],
        H1: [audit.Kind.CONVERSION],
        H2: [audit.Kind.CONVERSION],
        L: [audit.Kind.REQUEST],
        B: [audit.Kind.VIEW],
    }
    (entry,) = entries(conn, B, carried.inquiry)
    assert (entry.asker, entry.unit, entry.details["as"]) == (A, PORTAL, "usage")
    assert entry.provision == law.OWN_ACCESS
    # The next time the person sees that it was shown.
    as_tenant(conn, B)
    labels = {one.entry.label for one in found}
    assert labels == {entry.label}


@pytest.mark.clause("RK-40.8")
def test_no_number_travels_and_none_is_entered(conn, desks, looked_at):
    carried, told = shown(conn, desks, HELD)
    number = register_number(HELD)
    assert number not in render(carried).decode()
    assert number not in render(told).decode()
    for tenant in (A, L, B):
        for entry in entries(conn, tenant, carried.inquiry):
            assert number not in json.dumps(msgspec.to_builtins(entry.details))


@pytest.mark.clause("RK-40.4", "RK-40.8")
def test_what_the_law_withholds_is_not_told_to_a_portal_either(conn, desks, looked_at):
    _, told = shown(conn, desks, PROTECTED)
    assert isinstance(told, Disclosed)
    assert proven(desks.desk[A].members.by_id(B), bytes(told.bundle)) == ()


@pytest.mark.clause("RK-40.7")
def test_a_unit_that_the_list_names_no_portal_is_refused_by_every_party(conn, desks, looked_at):
    fact = opened(conn, desks, HELD, unit="15")
    assert isinstance(fact, Fact)
    assert (fact.outcome, fact.reason) == ("refused", "asker-not-named")
    # One that decides for itself what the law says is refused by each of the others.
    carried, _ = shown(conn, desks, NOT_HELD)
    other = msgspec.structs.replace(carried.inquiry, asker_unit="15")
    for tenant in (H1, H2, L, B):
        as_tenant(conn, tenant)
        refused = desks.desk[tenant].decide(other, AT.date())
        assert isinstance(refused, Refused)
        assert refused.reason == "asker-not-named"
    as_tenant(conn, H1)
    told = federation.convert(
        conn,
        desks.desk[H1],
        desks.converter[H1],
        desks.caller(A, nonce="o" * 22),
        Carried(other, carried.question),
        at=AT,
    )
    assert isinstance(told, Refused)


@pytest.mark.clause("RK-40.7")
@pytest.mark.parametrize(
    "changes",
    [
        {"service": "income"},
        {"holder_unit": "06"},
        {"procedure": "JT99000000001501"},
        {"items": ("06.total_income",)},
        {"information": "TM00000000000001"},
        {"relation": "minor"},
    ],
)
def test_the_right_to_the_access_record_opens_nothing_else(conn, desks, looked_at, changes):
    carried, _ = shown(conn, desks, HELD)
    other = msgspec.structs.replace(carried.inquiry, **changes)
    assert isinstance(desks.desk[B].decide(other, AT.date()), Refused)


@pytest.mark.clause("RK-40.7")
def test_no_other_door_than_that_of_the_portals_asks_for_an_access_record(conn, desks):
    """By SOAP or a file a unit says of itself whom it asks about; nobody is logged in there."""
    with pytest.raises(ServiceUnknown):
        opened(conn, desks, HELD, own_access="")


@pytest.mark.clause("RK-40.5")
def test_a_person_without_a_code_at_the_portal_is_asked_about_nowhere(conn, desks):
    fact = opened(conn, desks, UNCODED)
    assert isinstance(fact, Fact)
    assert fact.outcome == "code-not-issued"


@pytest.mark.clause("RK-40.9")
def test_a_bundle_that_does_not_prove_itself_is_told_to_nobody(conn, desks, looked_at):
    _, told = shown(conn, desks, HELD)
    holder = desks.desk[A].members.by_id(B)
    wire = json.loads(bytes(told.bundle))
    wire["entries"][0]["leaf"]["core"]["asker"] = "131032"
    with pytest.raises(ReplyUnexpected):
        proven(holder, kit.canonical(wire))
    with pytest.raises(ReplyUnexpected):
        proven(desks.desk[A].members.by_id(A), bytes(told.bundle))
    with pytest.raises(ReplyUnexpected):
        proven(holder, b"{}")


@pytest.mark.clause("RK-40.8")
def test_the_code_of_another_person_cannot_be_put_into_the_question(conn, desks, looked_at):
    asked = opened(conn, desks, HELD)
    other = opened(conn, desks, NOT_HELD)
    carried = desks.blinded(asked)
    swapped = Carried(other.inquiry, carried.question)
    with pytest.raises((identity.EqualityProofWrong, identity.KnowledgeProofWrong)):
        desks.converted(conn, swapped)


@pytest.mark.clause("RK-40.6")
def test_a_portal_asks_once_by_a_message_id(conn, desks, looked_at):
    opened(conn, desks, HELD)
    with pytest.raises(exchange.RequestIdReused):
        opened(conn, desks, HELD)


@pytest.mark.clause("RK-40.7")
def test_a_portals_question_is_decided_again_by_the_persons_right(conn, desks, looked_at):
    """As the oversight body does, from what the entry keeps."""
    carried, _ = shown(conn, desks, HELD)
    entries(conn, B, carried.inquiry)
    (logged,) = audit.entries_for_request(conn, B, carried.inquiry.id)
    decided = replay(desks.desk[B], standard.catalogue(), logged)
    assert decided is not None
    assert decided.verdict == "agrees"
    other = replace(logged, entry=replace(logged.entry, unit="15"))
    again = replay(desks.desk[B], standard.catalogue(), other)
    assert again is not None
    assert (again.verdict, again.said) == ("differs", "asker-not-named")
