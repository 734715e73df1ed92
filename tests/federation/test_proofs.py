"""What a party enters of the messages of an inquiry can be verified by anybody, later (RK-9.8)."""

import hashlib

import pytest
from tests.federation.desks import (
    AT,
    HELD,
    PROTECTED,
    A,
    B,
    as_tenant,
    entries,
)
from tests.federation.signed import fits

from renkei import exchange
from renkei.federation import Channel, Counter, Membership, proofs
from renkei.federation.asking import Ended
from renkei.federation.inquiry import Fact


@pytest.mark.parametrize("person", [HELD, PROTECTED])
@pytest.mark.clause("RK-9.8")
def test_the_holder_enters_the_signature_of_the_question_it_answered_or_refused(
    conn, desks, person
):
    """Who was asked keeps the question's signature and the digest of its body."""
    carried = desks.travelled(conn, person)
    _, reply = desks.exchanged(conn, carried)
    (entry,) = entries(conn, B, carried.inquiry)
    assert fits(entry.details, "question", desks.credentials[A].signing.public)
    body = exchange.encode(hashlib.sha256(reply.question.body).digest())
    assert entry.details["question_body"] == body
    assert "answer" not in entry.details


@pytest.mark.clause("RK-9.8")
def test_the_asker_enters_both_signatures(conn, desks):
    """Who asked keeps the signatures of question and answer, and both digests."""
    carried = desks.travelled(conn, HELD)
    _, reply = desks.exchanged(conn, carried)
    kept = proofs.of_reply(reply)
    assert fits(kept, "question", desks.credentials[A].signing.public)
    assert fits(kept, "answer", desks.credentials[B].signing.public)
    assert kept["answer_body"] == exchange.encode(hashlib.sha256(reply.answer.body).digest())


@pytest.mark.clause("RK-9.8")
def test_every_entry_of_asker_and_holder_names_message_client_and_service(database, conn, desks):
    """Message, client and service stand in the words of the envelope."""
    carried = desks.travelled(conn, HELD)
    told, reply = desks.exchanged(conn, carried)
    as_tenant(conn, A)
    ours = Membership(desks.desk[A], desks.credentials[A])
    counter = Counter(ours, desks.node[A], database, Channel(ours), lambda: AT)
    opened = desks.opened(conn, HELD, message="m-2")
    fact = Fact(opened.inquiry.id, "answered", by=B, record=told.record, entry=told.entry)
    counter._close(ours.desk, opened, Ended(fact, reply))
    with database.transaction(A) as committed:
        closed = entries(committed, A, opened.inquiry)
    said = [*entries(conn, B, carried.inquiry), *closed]
    for entry in said:
        assert entry.details["client"] == f"JP/MUN/{A}/15"
        assert entry.details["service"] == f"JP/MUN/{B}/06/income"
    assert [entry.details.get("message") for entry in said] == [None, "m-2"]  # the asker's alone
    assert fits(closed[0].details, "answer", desks.credentials[B].signing.public)
