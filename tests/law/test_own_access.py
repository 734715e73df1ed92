"""A listed portal may ask for the access record of who is logged in, and for nothing else."""

from dataclasses import replace
from datetime import date

import pytest

from renkei.law import (
    ACCESS_RECORD,
    OWN_ACCESS,
    Permit,
    Reason,
    Refusal,
    Request,
    decide,
    decide_own_access,
    provision_table,
)
from renkei.standard import OWN

DAY = date(2026, 4, 1)
ASK = Request(
    asker="131016",  # type: ignore[arg-type]  # a number of a town
    asker_kind="municipality",
    asker_unit="90",
    procedure=OWN_ACCESS,
    holder="131024",  # type: ignore[arg-type]
    holder_kind="municipality",
    information=ACCESS_RECORD,
    items=(ACCESS_RECORD,),
)


@pytest.mark.clause("RK-40.7")
def test_a_listed_portal_is_permitted_by_the_persons_own_right():
    permit = decide_own_access(ASK, ("90",), provision_table(), DAY)
    assert isinstance(permit, Permit)
    assert (permit.provision, permit.request) == (OWN_ACCESS, ASK)
    assert "76条" in permit.citation
    # No row of the table says anything of it.
    assert isinstance(decide(ASK, provision_table(), DAY), Refusal)


@pytest.mark.clause("RK-40.7")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"procedure": "JT99000000001501"}, Reason.PROCEDURE_NOT_NAMED),
        ({"asker_unit": "15"}, Reason.ASKER_NOT_NAMED),
        ({"holder": "131016"}, Reason.HOLDER_NOT_NAMED),
        ({"holder_kind": OWN}, Reason.HOLDER_NOT_NAMED),
        ({"information": "TM0"}, Reason.INFORMATION_NOT_NAMED),
        ({"items": ("15-1-001",)}, Reason.ITEM_NOT_NAMED),
        ({"items": (ACCESS_RECORD, "15-1-001")}, Reason.ITEM_NOT_NAMED),
        ({"items": ()}, Reason.ITEM_NOT_NAMED),
        ({"relation": "household"}, Reason.PERSON_NOT_NAMED),
    ],
)
def test_every_part_of_such_a_question_counts(changes, reason):
    refused = decide_own_access(replace(ASK, **changes), ("90",), provision_table(), DAY)
    assert isinstance(refused, Refusal)
    assert refused.reason is reason


def test_without_a_listed_portal_nobody_is_permitted():
    assert not decide_own_access(ASK, (), provision_table(), DAY)
