"""A permit exists only because a provision in force named every part of the request."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei.kit import tenant
from renkei.law import Permit, Reason, Refusal, Request, decide, provision_table
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
        },
    ),
    st.dates(date(2009, 1, 1), date(2030, 1, 1)),
)
def test_a_permit_always_has_a_row_that_names_all_of_it(change, on):
    request = replace(OWN_USE, **change)
    decision = decide(request, TABLE, on)
    named = [
        line
        for line in TABLE.provisions
        if line.procedure == request.procedure
        and (line.asker_kind, line.asker_unit) == (request.asker_kind, request.asker_unit)
        and line.holder_kind == request.holder_kind
        and (line.holder_kind != OWN or request.holder == request.asker)
        and line.in_force(on)
        and request.items
        and set(request.items) <= set(line.items)
        and ("consent" not in line.conditions or request.consent)
        and ("assessed-year" not in line.conditions or request.year in {on.year, on.year - 1})
        and (
            "own-use" not in line.conditions
            or any(u.in_force(on) for u in TABLE.own_uses.get((request.asker, line.procedure), ()))
        )
    ]
    assert isinstance(decision, Permit) == bool(named)
