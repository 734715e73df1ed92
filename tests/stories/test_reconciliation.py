"""Three logs of the same exchanges agree; where one has been thinned out, it is named."""

from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import pytest

from renkei import kit
from renkei.app.demo.demonstration import settle
from renkei.app.demo.ecosystem import A, B, L
from renkei.app.demo.scenarios import SCENARIOS
from renkei.app.keeping.reconciliation import lacks_of, reconcile_at
from renkei.app.proofs.three_ways import Lack

pytestmark = pytest.mark.xdist_group("ecosystem")

KINDS = {scenario.name: scenario for scenario in SCENARIOS}


def compared(stage, part):
    found = reconcile_at(stage.ecosystem.settings[part.name], kit.day_of(datetime.now(UTC)))
    return found, lacks_of(found)


@contextmanager
def hidden(stage, part, inquiry, kind):
    """Let a party's list lack an entry, and put it back."""
    dsn = (stage.ecosystem.settings[part.name].state / "database.dsn").read_text()
    moved = (
        "UPDATE audit_entry SET at = at - %s * interval '9 days' WHERE request = %s AND kind = %s"
    )
    with psycopg.connect(dsn, autocommit=True) as owner:
        assert owner.execute(moved, [1, inquiry, kind]).rowcount == 1
        try:
            yield
        finally:
            owner.execute(moved, [-1, inquiry, kind])


@pytest.mark.clause("RK-39.8", "RK-39.9")
def test_the_logs_of_a_day_agree_and_one_that_lacks_an_entry_is_named(stage, unit):
    told = unit.told(KINDS["statute"])
    assert settle(stage.ecosystem) == []
    for part in (A, B):
        found, lacks = compared(stage, part)
        assert (lacks, found.unreached) == ([], ())
        assert found.compared > 0
    with hidden(stage, B, told.inquiry, "provision"):
        assert compared(stage, A)[1] == [Lack(told.inquiry, B.tenant, "provision")]
    with hidden(stage, L, told.inquiry, "request"):
        wanted = [Lack(told.inquiry, L.tenant, "receipt")]
        assert compared(stage, A)[1] == wanted
        assert compared(stage, B)[1] == wanted
    with hidden(stage, A, told.inquiry, "request"):
        assert compared(stage, B)[1] == [Lack(told.inquiry, A.tenant, "question")]


@pytest.mark.clause("RK-39.9")
def test_a_day_is_compared_again_until_everybody_could_be_asked(stage, unit):
    unit.told(KINDS["statute"])
    assert settle(stage.ecosystem) == []
    stage.ecosystem.stop(B)
    try:
        found, lacks = compared(stage, A)
    finally:
        stage.ecosystem.start(B)
    assert (lacks, found.unreached) == ([], (B.tenant,))
    assert compared(stage, A)[0].unreached == ()


@contextmanager
def changed(stage, part, statement, *facts):
    """Change one row of a party's database behind its back, and put it back."""
    dsn = (stage.ecosystem.settings[part.name].state / "database.dsn").read_text()
    with psycopg.connect(dsn, autocommit=True) as owner:
        assert owner.execute(statement, [1, *facts]).rowcount >= 1
        try:
            yield
        finally:
            owner.execute(statement, [-1, *facts])
