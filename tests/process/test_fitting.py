"""A model of ours is held against the public process it plays in, so that two bodies fit."""

from datetime import date

import pytest
from tests.process.misfits import MISFITS, misfit
from tests.process.towns import EXAMPLES

from renkei import standard
from renkei.process import bpmn, partners
from renkei.process.bpmn.linting import lint

DAY = date(2026, 4, 2)
KNOWN = partners.Collaborations.shipped()
PUBLIC = "child-allowance-move"


def found(definition, on=DAY):
    return {one.clause for one in (*lint(definition), *partners.check(definition, KNOWN, on=on))}


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*-town.bpmn")), ids=lambda one: one.stem)
def test_the_models_of_the_manual_fit_and_have_diagrams(file):
    definition = bpmn.read(file.read_bytes(), file.name)
    assert found(definition) == set()
    assert b"BPMNDiagram" in file.read_bytes()


@pytest.mark.parametrize("clause", MISFITS)
def test_what_does_not_fit_is_found(clause):
    assert clause in found(misfit(clause))


def test_before_a_public_process_is_in_force_nothing_fits_it():
    file = EXAMPLES / "child-allowance-new-town.bpmn"
    definition = bpmn.read(file.read_bytes(), file.name)
    assert found(definition, on=date(2026, 3, 31)) == {"collaboration-unknown"}


def published(before: str, after: str) -> standard.PublicProcess:
    [one] = [one for one in standard.public_processes() if one.name == PUBLIC]
    text = one.data.decode()
    assert before in text
    changed = text.replace(before, after).encode()
    return standard.PublicProcess(
        one.name, 2, one.since, one.until, one.provenance, one.source, "x.bpmn", changed
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('name="paid_until"', 'name="account_number"'),  # not of the service
        ('service="15/allowance_amount"', 'service="15/payment"'),  # of no other body
        ('asker="new_town"', 'asker="old_town"'),  # its items would go the wrong way
        ('asker="new_town"', 'asker="town"'),
        ('about="person"', 'about="people"'),
        ('counters="転入の知らせ"', 'counters="転出"'),
        ('kind="municipality"', 'kind=""'),
        ('keep="P60D"', 'keep="P60Y"'),
        ('keep="P60D"', 'keep="60日"'),
        ('messageFlow id="flow-2" name="受理"', 'messageFlow id="flow-2" name="却下"'),
        (
            'sourceRef="old-accept" targetRef="new-accepted"',
            'sourceRef="x" targetRef="new-accepted"',
        ),
        ("<collaboration ", "<collaboratio "),
    ],
)
def test_a_public_process_that_fits_neither_itself_nor_the_standard_is_refused(before, after):
    text = published(before, after)
    with pytest.raises((partners.CollaborationUnfit, bpmn.ProcessModelUnreadable)):
        partners.read(text, standard.catalogue())


def test_a_procedure_ends_by_the_version_it_began_by():
    [first] = [one for one in KNOWN if one.name == PUBLIC]
    second = partners.read(published("P14D", "P21D"), standard.catalogue())
    known = partners.Collaborations([first, second])
    assert known.on(PUBLIC, DAY) == second
    assert known.by_hash(first.hash) == first
    with pytest.raises(partners.CollaborationNotInForce):
        known.on(PUBLIC, date(2020, 1, 1))
    with pytest.raises(partners.CollaborationUnknown):
        known.on("another", DAY)


def test_every_public_process_that_is_shipped_fits_the_standard_that_is():
    shipped = {one.hash for one in partners.Collaborations.shipped()}
    assert len(shipped) == sum(1 for _ in standard.public_processes())
