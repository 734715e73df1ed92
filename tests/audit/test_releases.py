"""What the law withheld is shown to the person once an entry of its own has opened it."""

import json
from dataclasses import replace

import pytest
from tests.audit.changes import changes, refused
from tests.audit.samples import AT, HANAKO, TARO, entries, write

from renkei import audit, kit
from renkei.audit import Defect, Finding
from renkei.audit.log import entry_at
from renkei.kit import Database, Tenant

SEALED = b"\x05" * 32


def release(database: Database, tenant: Tenant, index: int, label: bytes = HANAKO) -> None:
    with database.transaction(tenant) as conn:
        sealed = entry_at(conn, tenant, 0, index)
        assert sealed is not None
        audit.release(
            conn,
            tenant,
            sealed,
            label=label,
            by="staff-7",
            order="総務第12号",
            purpose="支援措置の終了",
            mode=audit.Mode.TEST,
            at=AT,
        )


@pytest.fixture
def data(database: Database, tenant: Tenant, signer: audit.Signer) -> bytes:
    """Give Hanako's bundle: two open entries, and one of two withheld ones released."""
    sealed = [replace(one, withheld=True, label=SEALED) for one in entries(2, start=40)]
    write(database, tenant, signer, [entries(2), sealed, entries(3, label=TARO, start=50)])
    release(database, tenant, 3)
    return listed(database, tenant, signer)


def listed(database: Database, tenant: Tenant, signer: audit.Signer) -> bytes:
    with database.transaction(tenant) as conn:
        audit.sequence(conn, tenant, signer, at=AT)
        audit.make_epoch(conn, tenant, signer, at=AT)
        return audit.bundle(conn, tenant, signer.verifier, labels=[HANAKO])


@pytest.mark.clause("RK-25.6")
def test_a_released_entry_is_shown_beside_the_chain_and_proven(
    database: Database, tenant: Tenant, signer: audit.Signer, data: bytes
) -> None:
    verdict = audit.verify_bundle(data, [signer.verifier])
    assert verdict.whole
    assert [one.index for one in verdict.entries] == [0, 1, 3, 7]
    assert verdict.entries[2].entry.withheld
    assert verdict.entries[3].entry.details["order"] == "総務第12号"
    assert "these 1 chains have 3 entries" in verdict.text()
    with database.transaction(tenant) as conn:
        assert audit.verify(conn, tenant, signer.verifier) == []


@pytest.mark.clause("RK-25.6")
def test_the_other_withheld_entry_stays_sealed(
    database: Database, tenant: Tenant, signer: audit.Signer, data: bytes
) -> None:
    assert b"JP-0040" not in data
    with database.transaction(tenant) as conn, pytest.raises(audit.EntryWithheld):
        audit.bundle(conn, tenant, signer.verifier, labels=[SEALED])
    release(database, tenant, 2)
    assert b"JP-0040" in listed(database, tenant, signer)


@pytest.mark.clause("RK-25.6")
def test_an_entry_is_released_once_and_only_if_it_was_withheld(
    database: Database, tenant: Tenant, data: bytes
) -> None:
    assert data
    with pytest.raises(audit.EntryReleased):
        release(database, tenant, 3)
    for index, label in ((0, HANAKO), (2, SEALED)):
        with pytest.raises(audit.EntryNotWithheld):
            release(database, tenant, index, label)


@pytest.mark.clause("RK-25.6")
def test_a_release_without_its_entry_and_an_entry_without_its_release_are_named(
    data: bytes, signer: audit.Signer
) -> None:
    wire = json.loads(data)
    del wire["entries"][2]
    verdict = audit.verify_bundle(kit.canonical(wire), [signer.verifier])
    assert verdict.broken == Finding(3, Defect.REMOVED)


def test_a_withheld_entry_that_nobody_released_is_refused(
    database: Database, tenant: Tenant, signer: audit.Signer, data: bytes
) -> None:
    """The bundle of the oversight body has it; put into the person's, it breaks that."""
    with database.transaction(tenant) as conn:
        whole = audit.bundle(conn, tenant, signer.verifier, labels=[SEALED], withheld=True)
    wire = json.loads(data)
    wire["entries"].insert(2, json.loads(whole)["entries"][0])
    verdict = audit.verify_bundle(kit.canonical(wire), [signer.verifier])
    assert verdict.broken == Finding(2, Defect.CHAIN)


def test_a_bundle_with_a_release_with_any_one_thing_changed_is_refused(
    data: bytes, signer: audit.Signer
) -> None:
    assert not refused(data, signer)
    for changed in changes(json.loads(data)):
        assert refused(kit.canonical(changed), signer), changed


@pytest.mark.clause("RK-25.6")
def test_a_release_of_something_else_at_that_place_opens_nothing(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    (sealed,) = (replace(one, withheld=True, label=SEALED) for one in entries(1))
    details = {"entry": "0", "leaf": "A" * 43}
    named = replace(sealed, kind=audit.Kind.RELEASE, label=HANAKO, withheld=False, details=details)
    write(database, tenant, signer, [[sealed], [named]])
    with pytest.raises(audit.LogAltered):
        listed(database, tenant, signer)
