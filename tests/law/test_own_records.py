"""A unit uses what it keeps for its own procedures, and nothing under special care."""

from dataclasses import replace
from datetime import date

import pytest

from renkei.law import Permit, Reason, Refusal, Request, decide_own_records, provision_table
from renkei.standard import OWN, catalogue

DAY = date(2026, 4, 1)
ASK = Request(
    asker="131016",  # type: ignore[arg-type]  # a number of a town
    asker_kind="municipality",
    asker_unit="15",
    procedure="JT99000000001501",
    holder="131016",  # type: ignore[arg-type]
    holder_kind=OWN,
    information="",
    items=("15-1-001", "15-1-006"),
)


def decide(request: Request, on: date = DAY) -> Permit | Refusal:
    return decide_own_records(request, catalogue(), provision_table(), on)


def test_what_a_unit_keeps_is_permitted_for_a_procedure_of_its_own():
    permit = decide(ASK)
    assert isinstance(permit, Permit)
    assert (permit.provision, permit.request, permit.on) == ("OWN-15", ASK, DAY)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"asker_unit": "17"}, Reason.PROCEDURE_NOT_NAMED),
        ({"procedure": "JT99000000001705"}, Reason.PROCEDURE_NOT_NAMED),
        ({"procedure": "JT0"}, Reason.PROCEDURE_NOT_NAMED),
        ({"holder": "131024"}, Reason.HOLDER_NOT_NAMED),
        ({"holder_kind": "municipality"}, Reason.HOLDER_NOT_NAMED),
        ({"items": ("15-1-001", "01-1-004")}, Reason.ITEM_NOT_NAMED),
        ({"items": ("15-9-999",)}, Reason.ITEM_NOT_NAMED),
        ({"items": ()}, Reason.ITEM_NOT_NAMED),
    ],
)
def test_every_part_of_the_request_counts(changes, reason):
    refused = decide(replace(ASK, **changes))
    assert isinstance(refused, Refusal)
    assert refused.reason is reason


def test_before_the_procedure_was_in_force_nothing_is_permitted():
    refused = decide(ASK, on=date(1990, 1, 1))
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.NOT_IN_FORCE


@pytest.mark.parametrize("item", ["personal_number", "resident_record_code", "registered_domicile"])
def test_what_needs_special_care_needs_a_row(item):
    found = catalogue().entity("resident").item(item)
    assert found is not None
    procedure = next(one.code for one in catalogue().procedures if one.unit == "01")
    asked = replace(ASK, asker_unit="01", procedure=procedure, items=(found.id,))
    assert isinstance(decide(asked), Refusal)
    assert isinstance(decide(replace(asked, items=("01-1-004",))), Permit)
