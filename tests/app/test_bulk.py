"""What stands around an inquiry about many: its list, its gate, its batches' size."""

import threading
from datetime import UTC, datetime
from uuid import UUID

import pytest

from renkei import federation
from renkei.app.bulk.bulk_answer import Answers
from renkei.app.bulk.bulk_list import read_list
from renkei.app.bulk.gate import BulkGate
from renkei.app.bulk.kept_bulk import KeptAnswers, KeptBulk, encode_people
from renkei.app.bulk.plan import MOST_RELAYED, BulkPlan
from renkei.app.errors import BulkListLarge, BulkListWrong, NodeBusy
from renkei.exchange import bulks

CSV = "text/csv; charset=utf-8"
AT = datetime(2026, 4, 2, tzinfo=UTC)


@pytest.mark.clause("RK-41.14")
def test_one_batch_too_many_is_told_that_the_node_is_busy_and_the_next_goes_in():
    gate = BulkGate(2)
    with gate.entered(), gate.entered(), pytest.raises(NodeBusy), gate.entered():
        pass
    seen = []

    def enter() -> None:
        with gate.entered():
            seen.append(True)

    for _ in range(3):
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
    assert seen == [True] * 3


def test_a_list_in_windows_31j_is_read_as_it_was_meant():
    data = "宛名番号,同意番号\n1,C-1\n2,\n".encode("cp932")
    assert read_list(data, CSV, most=2) == (
        federation.BulkPerson("1", consent="C-1"),
        federation.BulkPerson("2"),
    )


def test_a_list_that_is_too_long_is_not_read_to_its_end():
    with pytest.raises(BulkListLarge):
        read_list("宛名番号\n1\n2\n".encode(), CSV, most=1)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"[" * 100_000, b'{"persons": "1"}', b"null"])
def test_what_is_no_list_is_refused_as_a_whole(data):
    with pytest.raises(BulkListWrong, match="0"):
        read_list(data, "application/json", most=10)


@pytest.mark.clause("RK-41.14", "RK-41.15")
def test_a_set_is_never_divided_and_a_relay_carries_less():
    plan = BulkPlan(most=60_000, step=5_000)
    sizes = {
        (order, is_relayed): plan.step_of(order, is_relayed=is_relayed)
        for order in ("ordered", "shuffled")
        for is_relayed in (False, True)
    }
    assert sizes == {
        ("ordered", False): 5_000,
        ("ordered", True): MOST_RELAYED,
        ("shuffled", False): 60_000,
        ("shuffled", True): 60_000,
    }


@pytest.mark.clause("RK-41.2")
def test_an_error_takes_no_answer_from_who_had_one_before_it():
    fact = federation.Fact("b.1", "answered", record={"total_income": 1})
    people = tuple(federation.BulkPerson(str(n)) for n in (1, 2, 3))
    parts = [
        bulks.KeptPart(encode_people(people[:2]), KeptAnswers({0: fact}, failed="away").encoded()),
        bulks.KeptPart(encode_people(people[2:]), None),
    ]
    state = bulks.BulkState(UUID(int=1), "JP/MUN/131016/15", 3, 2, AT, AT, AT, 1)
    question = KeptBulk((), "/r1/JP/MUN/131024/06/income/2025", "", "ordered")
    told = Answers(state, question, parts).told()
    assert [(one.subject, one.outcome, one.reason) for one in told.answers] == [
        ("1", "answered", ""),
        ("2", "failed", "away"),
        ("3", "failed", "task-expired"),
    ]
    assert told.outcomes == {"answered": 1, "failed": 2}
