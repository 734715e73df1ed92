"""Three logs of the same exchanges agree; where one has been thinned out, it is named."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest

from renkei import audit, kit
from renkei.app.demo.demonstration import settle
from renkei.app.demo.ecosystem import A, B, L
from renkei.app.demo.scenarios import SCENARIOS
from renkei.app.keeping.findings_told import lacks_of
from renkei.app.membership.keys import Keys
from renkei.app.proofs.three_ways import Lack

pytestmark = pytest.mark.xdist_group("ecosystem-looks")

KINDS = {scenario.name: scenario for scenario in SCENARIOS}


def told_of(stage, part):
    """Return what others told a party."""
    settings = stage.ecosystem.settings[part.name]
    dsn = (settings.state / "database.dsn").read_text()
    with kit.Database(dsn, size=1) as database, database.transaction(part.tenant) as conn:
        found = audit.reconciliations(conn, part.tenant, kit.day_of(datetime.now(UTC)))
    return [one for day in found for one in lacks_of(day) if one.by]


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


@pytest.mark.clause("RK-39.8", "RK-39.9", "RK-48.7")
def test_the_logs_of_a_day_agree_and_one_that_lacks_an_entry_is_named(stage, unit, compared):
    told = unit.told(KINDS["statute"])
    assert settle(stage.ecosystem) == []
    for part in (A, B):
        found, lacks = compared(part)
        assert (lacks, found.unreached) == ([], ())
        assert found.compared > 0
    with hidden(stage, B, told.inquiry, "provision"):
        named = Lack(told.inquiry, B.tenant, "provision")
        assert compared(A)[1] == [named]
        assert told_of(stage, B) == [replace(named, by=A.tenant)]
    assert compared(A)[1] == []
    assert told_of(stage, B) == []  # of the end of it B hears too
    with hidden(stage, L, told.inquiry, "request"):
        wanted = [Lack(told.inquiry, L.tenant, "receipt")]
        assert compared(A)[1] == wanted
        assert compared(B)[1] == wanted
    with hidden(stage, A, told.inquiry, "request"):
        assert compared(B)[1] == [Lack(told.inquiry, A.tenant, "question")]


@contextmanager
def changed(stage, statement, *facts):
    """Change rows of the log operator behind its back by 1, and back by -1."""
    dsn = (stage.ecosystem.settings[L.name].state / "database.dsn").read_text()
    with psycopg.connect(dsn, autocommit=True) as owner:
        assert owner.execute(statement, [1, *facts]).rowcount >= 1
        try:
            yield
        finally:
            owner.execute(statement, [-1, *facts])


def mapped(stage):
    """Let the log operator's map hold every entry there is: it reads none of them again."""
    settings = stage.ecosystem.settings[L.name]
    dsn, signer = (
        (settings.state / "database.dsn").read_text(),
        Keys(settings.keys, settings.tenant).signer(),
    )
    with kit.Database(dsn, size=1) as database, database.transaction(L.tenant) as conn:
        [*_, shard] = audit.shards(conn, L.tenant)
        audit.make_epoch(conn, L.tenant, signer, at=datetime.now(UTC), year=shard.year)


def forget(stage, part):
    """Let a party forget its comparisons, for the tests after this one."""
    dsn = (stage.ecosystem.settings[part.name].state / "database.dsn").read_text()
    with psycopg.connect(dsn, autocommit=True) as owner:
        owner.execute("DELETE FROM audit_reconciliation")


OUT_OF_THE_TREE = """
UPDATE audit_entry SET leaf = set_byte(leaf, octet_length(leaf) - 2,
                                       get_byte(leaf, octet_length(leaf) - 2) # 1)
 WHERE %s <> 0 AND request = %s AND kind = 'request'
"""
"""Another number in the chain: the entry is listed as before, and its leaf is none of the tree."""

SIGNED_LATER = "UPDATE audit_checkpoint SET at = at + %s * interval '1 day'"


@pytest.mark.clause("RK-48.2", "RK-48.5")
def test_a_log_operator_that_left_out_an_entry_or_kept_it_too_late_is_named(stage, unit, compared):
    told = unit.told(KINDS["statute"])
    assert settle(stage.ecosystem) == []
    mapped(stage)  # else what is altered for a while could stay in the map for ever
    with changed(stage, OUT_OF_THE_TREE, told.inquiry):
        wanted = [Lack(told.inquiry, L.tenant, "receipt", "unproven")]
        assert compared(A)[1] == wanted
        assert compared(B)[1] == wanted
    late = Lack(told.inquiry, L.tenant, "receipt", "receipt-late")
    with changed(stage, SIGNED_LATER):
        for part in (A, B):
            assert late in compared(part)[1]
    for part in (A, B):  # what was late stays so, whatever the operator says afterwards
        assert late in compared(part)[1]
        forget(stage, part)
    forget(stage, L)


@pytest.mark.clause("RK-39.9")
def test_a_day_is_compared_again_until_everybody_could_be_asked(stage, unit, compared):
    unit.told(KINDS["statute"])
    assert settle(stage.ecosystem) == []
    stage.ecosystem.stop(B)
    try:
        found, lacks = compared(A)
    finally:
        stage.ecosystem.start(B)
    assert (lacks, found.unreached) == ([], (B.tenant,))
    assert compared(A)[0].unreached == ()
