"""A partner is tried by letters that it must refuse; one that takes them is found out."""

from dataclasses import replace

import pytest
from tests.federation.desks import A, B
from tests.process.towns import OLD, keys, towns

from renkei import kit
from renkei.process import cases, partners
from renkei.process.partners import trial

__all__ = ["keys", "towns"]  # the fixtures


@pytest.fixture
def prepared(towns):
    towns.deploy(B, OLD)
    case = towns.moved()
    towns.asked(case)
    return trial.prepare(towns.conn, towns.house(A), case, at=towns.at)


def came(towns, probe):
    """Return what B says to a probe."""
    try:
        receipt = towns.receive(B, A, probe.body)
    except kit.NodeError as error:
        return error.code()
    return "taken" if receipt.taken else receipt.reason


def test_our_own_node_refuses_every_probe_as_the_protocol_says_and_nothing_happens(towns, prepared):
    heard = [trial.Heard(one, came(towns, one)) for one in trial.probes(prepared)]
    assert [(one.probe.name, one.came) for one in heard if not one.is_right] == []
    assert len(heard) == 14
    assert cases.find(towns.conn, B) == []


def test_the_letter_the_probes_are_made_of_would_be_taken(towns, prepared):
    assert towns.receive(B, A, partners.render(prepared.letter)).taken


def test_a_partner_that_takes_what_it_must_refuse_is_found_out(prepared):
    assert not any(trial.Heard(one, "taken").is_right for one in trial.probes(prepared))


def test_nobody_is_tried_in_production_or_without_a_question(towns, prepared):
    house = towns.house(A)
    other = towns.begin(A, "認定-転入", 宛名番号="1", 転出元=str(B), 所得年=None)
    with pytest.raises(partners.TrialUnready):
        trial.prepare(towns.conn, house, other, at=towns.at)
    live = replace(house, desk=replace(house.desk, mode="production"))
    assert prepared.procedure.case is not None
    with pytest.raises(partners.TrialUnready):
        trial.prepare(towns.conn, live, prepared.procedure.case, at=towns.at)
