"""A question may say that a procedure begins by it: to the holder, and to nobody else."""

import msgspec
import pytest
from tests.federation.desks import AT, H1, HELD, PROTECTED, B, as_tenant
from tests.store.rows import register_number

from renkei import federation
from renkei.federation.errors import InquiryMalformed


def heard(conn, desks, person, *, opens=True):
    """Let B answer A's question about a person; return its answer and what it heard begins."""
    carried = desks.travelled(conn, person)
    carried = msgspec.structs.replace(carried, opens=opens)
    begun = []

    def opening(conn, inquiry, number):
        begun.append((inquiry.id, number))

    as_tenant(conn, B)
    desk, keys, caller = desks.desk[B], desks.node[B], desks.caller("131016")
    told = federation.answer(conn, desk, keys, caller, carried, at=AT, opening=opening)
    return told, begun


@pytest.mark.clause("RK-52.3")
def test_the_holder_hears_under_its_own_number_that_a_procedure_begins(conn, desks):
    told, begun = heard(conn, desks, HELD)
    assert isinstance(told, federation.Provided)
    assert begun == [("inquiry-m-1", register_number(HELD))]
    assert "opens" not in federation.render(told).decode()


@pytest.mark.clause("RK-52.3")
def test_it_begins_also_where_a_person_must_answer(conn, desks):
    told, begun = heard(conn, desks, PROTECTED)
    assert isinstance(told, federation.Refused)
    assert told.reason == "automatic-answer-withheld"
    assert begun == [("inquiry-m-1", register_number(PROTECTED))]


def test_no_procedure_begins_by_a_question_that_does_not_say_so(conn, desks):
    assert heard(conn, desks, HELD, opens=False)[1] == []


@pytest.mark.clause("RK-52.3")
def test_a_converter_is_not_told_that_a_procedure_begins(conn, desks):
    carried = desks.blinded(desks.opened(conn, HELD))
    as_tenant(conn, H1)
    asked = msgspec.structs.replace(carried, opens=True)
    with pytest.raises(InquiryMalformed):
        federation.convert(
            conn, desks.desk[H1], desks.converter[H1], desks.caller("131016"), asked, at=AT
        )
