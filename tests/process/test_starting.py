"""A message begins a case where a definition in force says so, and none beside a running one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.process.signing import A, library
from tests.process.signing import deployed as put_in_force

from renkei.process import bpmn, cases
from renkei.process.cases import inbox
from renkei.process.scenarios import bpmn as model

AT = datetime(2027, 4, 1, 9, tzinfo=UTC)
LIBRARY = library()
MODEL = """
start s message=申請 -> a
user a -> e
end e
"""


@pytest.fixture
def deployed(conn):
    definition = bpmn.read(model(MODEL), "model.bpmn")
    return put_in_force(conn, definition, since=date(2027, 4, 1), at=AT)


def receive(conn, id_, key="R-1", at=AT, name="申請"):
    until = AT + timedelta(days=30)
    incoming = inbox.Incoming(A, id_, name, key, {"amount": "1"}, until)
    return inbox.receive(conn, A, incoming, LIBRARY, at=at)


def test_a_message_nobody_waits_for_begins_a_case_that_knows_what_it_told(conn, deployed):
    told = receive(conn, "m-1")
    assert told.fate is inbox.Fate.STARTED
    assert told.case is not None
    row = cases.case_of(conn, A, told.case)
    assert (row.business_key, row.case.places[1].variables) == ("R-1", {"amount": "1"})
    assert receive(conn, "m-1") == told
    assert len(cases.find(conn, A)) == 1


def test_beside_a_case_that_runs_under_the_key_none_begins(conn, deployed):
    receive(conn, "m-1")
    assert receive(conn, "m-2").fate is inbox.Fate.WAITING
    assert receive(conn, "m-3", "R-2").fate is inbox.Fate.STARTED
    assert receive(conn, "m-4", "").fate is inbox.Fate.STARTED


def test_a_message_begins_nothing_by_another_name_or_before_the_definition_is_in_force(
    conn, deployed
):
    assert receive(conn, "m-1", name="届出").fate is inbox.Fate.WAITING
    assert receive(conn, "m-2", at=AT - timedelta(days=1)).fate is inbox.Fate.WAITING
    cases.withdraw(conn, A, deployed.hash, by="t", reason="誤り", at=AT)
    assert receive(conn, "m-3").fate is inbox.Fate.WAITING


def test_of_two_versions_the_one_of_the_day_begins(conn, deployed):
    later = bpmn.read(model(MODEL.replace("user a", "manual a")), "model.bpmn")
    put_in_force(conn, later, since=date(2027, 10, 1), at=AT)
    first, second = receive(conn, "m-1"), receive(conn, "m-2", "R-2", AT + timedelta(days=200))
    assert first.case is not None
    assert second.case is not None
    assert cases.case_of(conn, A, first.case).definition == deployed.hash
    assert cases.case_of(conn, A, second.case).definition == later.hash
