"""A change is tried on what was asked: same tables agree, and every difference has its cause."""

from datetime import date

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.law import oracle
from tests.law.drawing import DAYS, REQUESTS, USES, rows
from tests.law.test_decisions import DAY, OWN_USE, STATUTORY, TABLE

from renkei.law import Past, Permit, ProvisionTable, Request, compiled, decide, simulate

TABLES = st.builds(
    compiled,
    st.lists(rows(), max_size=8, unique_by=lambda row: row.row).map(tuple),
    st.lists(USES, max_size=2).map(tuple),
)


def past(request: Request, table: ProvisionTable, on: date = DAY, entry: str = "r-1") -> Past:
    decision = decide(request, table, on)
    reason = "" if isinstance(decision, Permit) else decision.reason.value
    return Past(entry, request, on, decision.provision, reason)


@settings(max_examples=150)
@given(TABLES, TABLES, st.lists(st.tuples(REQUESTS, DAYS), max_size=20))
def test_what_is_newly_permitted_or_refused_is_so_by_the_rows(before, after, asked):
    found = simulate((past(request, before, on) for request, on in asked), after)
    yes = [
        [bool(oracle.permitting(request, t.provisions, t.own_uses, on)) for request, on in asked]
        for t in (before, after)
    ]
    pairs = list(zip(*yes, strict=True))
    assert found.newly_permitted == pairs.count((False, True))
    assert found.newly_refused == pairs.count((True, False))
    assert found.asked == len(asked)
    assert sum(found.changes.values()) == len(asked) - found.same


@given(TABLES, st.lists(st.tuples(REQUESTS, DAYS), max_size=20))
def test_the_same_table_changes_nothing(table, asked):
    found = simulate((past(request, table, on) for request, on in asked), table)
    assert (found.same, found.changes) == (len(asked), {})


def test_a_change_is_told_by_procedure_and_row_with_few_examples():
    fewer = tuple(row for row in TABLE.provisions if row.row != "OWN-017")
    asked = [past(OWN_USE, TABLE, entry=f"r-{n}") for n in range(9)] + [past(STATUTORY, TABLE)]
    found = simulate(asked, compiled(fewer, TABLE.own_uses))
    ((change, count),) = found.changes.items()
    assert (found.same, found.newly_refused, count) == (1, 9, 9)
    assert (change.before, change.after_reason) == ("OWN-017", "holder-not-named")
    assert found.examples[change] == [f"r-{n}" for n in range(5)]


def test_a_table_of_tomorrow_is_tried_on_yesterdays_questions():
    row = next(one for one in TABLE.provisions if one.row == "NA-074")
    later = msgspec.structs.replace(row, row="NEW", since=date(2027, 4, 1), persons=())
    ended = msgspec.structs.replace(row, until=date(2027, 3, 31))
    table = compiled((ended, later), TABLE.own_uses)
    asked = [past(STATUTORY, TABLE)]
    assert simulate(asked, table).same == 1
    ((change, _),) = simulate(asked, table, law_of=date(2027, 4, 1)).changes.items()
    assert (change.before, change.after) == ("NA-074", "NEW")
