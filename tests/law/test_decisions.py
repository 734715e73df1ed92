"""A permit exists only because a provision in force named every part of the request."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.law import oracle
from tests.law.drawing import DAYS, RELATIONS, REQUESTS, USES, rows

from renkei.kit import tenant
from renkei.law import Permit, Reason, Refusal, Request, compiled, decide, provision_table
from renkei.standard import OWN

TABLE = provision_table()
DAY = date(2026, 4, 1)
STATUTORY = Request(
    asker=tenant("131016"),
    asker_kind="municipality",
    asker_unit="15",
    procedure="JT99000000001501",
    holder=tenant("131024"),
    holder_kind="municipality",
    information="TM00000000000002",
    items=("06-1-013", "06-1-022"),
    year=2025,
)
OWN_USE = replace(STATUTORY, asker_unit="17", procedure="JT99000000001701", consent="同意-2026-1")


@pytest.mark.parametrize(("request_", "row"), [(STATUTORY, "NA-074"), (OWN_USE, "OWN-017")])
def test_a_request_every_part_of_which_is_named_is_permitted_and_cites_its_row(request_, row):
    permit = decide(request_, TABLE, DAY)
    assert isinstance(permit, Permit)
    assert (permit.provision, permit.table) == (row, TABLE.version)


def test_the_own_use_branch_cites_the_ordinance_of_the_asker():
    permit = decide(OWN_USE, TABLE, DAY)
    assert isinstance(permit, Permit)
    assert "条例" in permit.ordinance


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"procedure": "JT99000000009999"}, Reason.PROCEDURE_NOT_NAMED),
        ({"asker_unit": "06"}, Reason.ASKER_NOT_NAMED),
        ({"asker_kind": "firm"}, Reason.ASKER_NOT_NAMED),
        ({"holder_kind": "firm"}, Reason.HOLDER_NOT_NAMED),
        ({"information": "TM00000000000099"}, Reason.INFORMATION_NOT_NAMED),
        ({"items": ("06-1-013", "06-1-001")}, Reason.ITEM_NOT_NAMED),
        ({"items": ()}, Reason.ITEM_NOT_NAMED),
        ({"year": 2023}, Reason.YEAR_NOT_NAMED),
        ({"year": None}, Reason.YEAR_NOT_NAMED),
        ({"consent": ""}, Reason.CONSENT_MISSING),
        ({"asker": tenant("131024")}, Reason.OWN_USE_NOT_NOTIFIED),
        ({"procedure": "JT99000000002701", "asker_unit": "27"}, Reason.NOT_IN_FORCE),
        ({"holder_kind": OWN}, Reason.HOLDER_NOT_NAMED),
    ],
)
def test_a_provision_must_name_every_part_of_the_request(change, reason):
    refusal = decide(replace(OWN_USE, **change), TABLE, DAY)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is reason
    assert not refusal


def test_the_row_in_force_on_the_day_decides():
    last = date(2024, 5, 26)
    old = decide(replace(STATUTORY, year=2024), TABLE, last)
    new = decide(replace(STATUTORY, year=2024), TABLE, last + timedelta(days=1))
    assert isinstance(old, Permit)
    assert isinstance(new, Permit)
    assert (old.provision, new.provision) == ("NA2-074", "NA-074")


def test_who_a_question_is_about_must_be_named():
    """OWN-017 is about who applies, the household and the guardians; NA-M19 about minors too."""
    refusal = decide(replace(OWN_USE, relation="minor"), TABLE, DAY)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.PERSON_NOT_NAMED
    assert isinstance(decide(replace(OWN_USE, relation="guardian"), TABLE, DAY), Permit)


def test_of_a_minor_the_guardians_consent_is_wanted():
    row = next(line for line in TABLE.provisions if line.row == "NA-M19")
    asked = replace(
        STATUTORY,
        asker_unit=row.asker_unit,
        procedure=row.procedure,
        information=row.information,
        items=row.items[:2],
    )
    refusal = decide(replace(asked, relation="minor"), TABLE, DAY)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.GUARDIAN_CONSENT_MISSING
    assert isinstance(decide(replace(asked, relation="minor", consent="C-1"), TABLE, DAY), Permit)
    assert isinstance(decide(asked, TABLE, DAY), Permit)


def test_an_own_use_counts_from_the_day_of_ordinance_and_notice():
    (use,) = TABLE.own_uses
    asked = replace(OWN_USE, year=2018)
    late = msgspec.structs.replace(use, notified=date(2018, 6, 1))
    table = compiled(TABLE.provisions, (late,))
    for known, first in ((TABLE, date(2018, 4, 1)), (table, date(2018, 6, 1))):
        assert isinstance(decide(asked, known, first), Permit)
        before = decide(asked, known, first - timedelta(days=1))
        assert isinstance(before, Refusal)
        assert before.reason is Reason.OWN_USE_NOT_NOTIFIED


@settings(max_examples=300)
@given(
    st.lists(rows(), max_size=12).map(tuple),
    st.lists(USES, max_size=4).map(tuple),
    st.lists(REQUESTS, min_size=5, max_size=15),
    st.lists(DAYS, min_size=3, max_size=6),
)
def test_the_compiled_table_decides_as_the_rows_read_one_by_one_do(lines, uses, asked, days):
    table = compiled(lines, uses)
    for request, on in product(asked, days):
        permitting = oracle.permitting(request, lines, uses, on)
        match decide(request, table, on):
            case Permit(provision=row):
                assert row in permitting
            case Refusal():
                assert permitting == []


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "asker_kind": st.sampled_from(["municipality", "firm", ""]),
            "asker_unit": st.sampled_from(["15", "17", "06"]),
            "procedure": st.sampled_from([line.procedure for line in TABLE.provisions]),
            "holder_kind": st.sampled_from(["municipality", "prefecture", "own"]),
            "items": st.lists(st.sampled_from(["06-1-013", "06-1-001", "06-1-026"])).map(tuple),
            "year": st.integers(2023, 2027),
            "consent": st.sampled_from(["", "c"]),
            "relation": st.sampled_from(RELATIONS),
        },
    ),
    st.dates(date(2009, 1, 1), date(2030, 1, 1)),
)
def test_a_permit_of_the_shipped_table_always_has_a_row_that_names_all_of_it(change, on):
    request = replace(OWN_USE, **change)
    named = oracle.permitting(request, TABLE.provisions, TABLE.own_uses, on)
    assert isinstance(decide(request, TABLE, on), Permit) == bool(named)


def test_a_row_without_conditions_permits_its_items_and_no_others():
    key, ruling = next(
        (key, ruling)
        for key, rulings in TABLE.rulings(DAY).items()
        for ruling in rulings
        if ruling.is_plain
    )
    procedure, asker_kind, asker_unit, holder_kind, information = key
    named = replace(
        STATUTORY,
        procedure=procedure,
        asker_kind=asker_kind,
        asker_unit=asker_unit,
        holder_kind=holder_kind,
        information=information,
        holder=STATUTORY.asker if holder_kind == OWN else STATUTORY.holder,
        items=tuple(ruling.items),
    )
    assert isinstance(decide(named, TABLE, DAY), Permit)
    for items in ((*named.items, "99-9-999"), ()):
        refused = decide(replace(named, items=items), TABLE, DAY)
        assert isinstance(refused, Refusal)
        assert refused.reason is Reason.ITEM_NOT_NAMED
