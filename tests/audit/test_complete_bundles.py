"""A person's bundle with the map proves that there are no other entries, or that there are none."""

import json
from dataclasses import replace

import pytest
import rfc8785
from tests.audit.changes import changes, refused
from tests.audit.samples import AT, ENTRY, HANAKO, TARO, entries, tamper, write

from renkei import audit, kit
from renkei.audit import Defect, Finding
from renkei.audit.encoding import base64url
from renkei.kit import Database, Tenant

JIRO, SEALED = b"\x04" * 32, b"\x05" * 32


def make_epoch(database: Database, tenant: Tenant, signer: audit.Signer) -> audit.Epoch:
    with database.transaction(tenant) as conn:
        made = audit.make_epoch(conn, tenant, signer, at=AT)
    assert made is not None
    return made


def bundle(
    database: Database, tenant: Tenant, signer: audit.Signer, *labels: bytes, withheld: bool = False
) -> bytes:
    with database.transaction(tenant) as conn:
        key = signer.verifier
        return audit.bundle(conn, tenant, key, labels=labels, withheld=withheld)


@pytest.fixture
def data(database: Database, tenant: Tenant, signer: audit.Signer) -> bytes:
    """Give the bundle of Hanako, who has 4 entries in two epochs, and of Jiro, who has none."""
    others = [replace(one, label=bytes([n, 9]) * 16) for n, one in enumerate(entries(40))]
    write(database, tenant, signer, [entries(2), others])
    make_epoch(database, tenant, signer)
    write(database, tenant, signer, [entries(2, start=2)])
    make_epoch(database, tenant, signer)
    return bundle(database, tenant, signer, HANAKO, JIRO)


@pytest.mark.clause("RK-25.4")
def test_a_bundle_with_the_map_says_that_these_are_all(data: bytes, signer: audit.Signer) -> None:
    verdict = audit.verify_bundle(data, [signer.verifier])
    assert verdict.whole
    assert [logged.seq for logged in verdict.entries] == [1, 2, 3, 4]
    assert "up to its entry 44 (as of 2026-11-23T01:02:03.456Z)" in verdict.text()
    assert "these 2 chains have 4 entries, and that is all of them" in verdict.text()
    assert "2本の鎖の記録は4件あり" in verdict.text("ja")


@pytest.mark.clause("RK-25.4")
def test_a_bundle_with_the_map_is_the_canonical_form_of_exactly_these_members(
    data: bytes, signer: audit.Signer
) -> None:
    said = json.loads(data)
    assert rfc8785.dumps(said) == data
    assert set(said) == {
        *("chains", "checkpoint", "entries", "format", "map", "request", "statement", "vkey")
    }
    assert (said["format"], said["request"]) == ("renkei-bundle/v2", None)
    assert set(said["map"]) == {"checkpoint", "consistency", "epoch", "inclusion", "number"}
    hanako, jiro = said["chains"]
    assert set(hanako) == {"count", "label", "map"}
    assert set(hanako["map"]) == {"head", "siblings", "stranger"}
    assert (hanako["count"], jiro["count"], jiro["map"]["head"]) == (4, 0, None)
    assert hanako["map"]["head"]["last"] == said["entries"][-1]["index"] == 43


@pytest.mark.clause("RK-25.5")
def test_a_bundle_with_the_map_with_any_one_thing_changed_is_refused(
    data: bytes, signer: audit.Signer
) -> None:
    assert not refused(data, signer)
    tried = 0
    for changed in changes(json.loads(data)):
        tried += 1
        assert refused(kit.canonical(changed), signer), changed
    assert tried > 500


@pytest.mark.clause("RK-25.5")
def test_a_person_without_entries_gets_the_proof_that_there_are_none(
    database: Database, tenant: Tenant, signer: audit.Signer, data: bytes
) -> None:
    assert data
    verdict = audit.verify_bundle(bundle(database, tenant, signer, JIRO, TARO), [signer.verifier])
    assert (verdict.whole, verdict.entries) == (True, ())
    assert "there is no entry" in verdict.text()
    assert "該当する記録は1件もありません" in verdict.text("ja")


@pytest.mark.clause("RK-25.5")
def test_a_chain_cut_at_its_end_is_named_though_it_has_no_gap(
    database: Database, tenant: Tenant, signer: audit.Signer, data: bytes
) -> None:
    """The owner leaves out Hanako's last entry and makes all else fit; only the map tells."""
    wire = json.loads(data)
    del wire["entries"][-1]
    wire["chains"][0]["count"] = 3
    wire["statement"] = {
        language: said.replace("4 entries", "3 entries").replace("4件あり", "3件あり")
        for language, said in wire["statement"].items()
    }
    verdict = audit.verify_bundle(kit.canonical(wire), [signer.verifier])
    assert verdict.broken == Finding(43, Defect.HEAD)
    assert [logged.seq for logged in verdict.entries] == [1, 2, 3]
    del wire["map"], wire["chains"][0]["map"], wire["chains"][1]
    wire["format"] = "renkei-bundle/v1"
    with pytest.raises(audit.BundleMalformed):  # without the map it must not say that it is whole
        audit.verify_bundle(kit.canonical(wire), [signer.verifier])


@pytest.mark.clause("RK-25.5")
def test_what_was_entered_after_the_epoch_is_shown_and_not_called_complete(
    database: Database, tenant: Tenant, signer: audit.Signer, data: bytes
) -> None:
    assert data
    write(database, tenant, signer, [entries(2, start=4)])
    verdict = audit.verify_bundle(bundle(database, tenant, signer, HANAKO), [signer.verifier])
    assert verdict.whole
    assert len(verdict.entries) == 6
    assert "these 1 chains have 4 entries" in verdict.text()
    assert "2 more follow without a gap up to the entry 46" in verdict.text()
    make_epoch(database, tenant, signer)
    verdict = audit.verify_bundle(bundle(database, tenant, signer, HANAKO), [signer.verifier])
    assert "these 1 chains have 6 entries" in verdict.text()


@pytest.mark.clause("RK-25.5")
@pytest.mark.parametrize(
    ("part", "finding"),
    [
        ("number", Finding(0, Defect.EPOCH)),
        ("inclusion", Finding(1, Defect.EPOCH)),
        ("consistency", Finding(44, Defect.FORKED)),
    ],
)
def test_the_first_broken_link_to_the_map_is_named(
    data: bytes, signer: audit.Signer, part: str, finding: Finding
) -> None:
    wire = json.loads(data)
    wire["map"][part] = {"number": 0}.get(part, [base64url(bytes(32))])
    verdict = audit.verify_bundle(kit.canonical(wire), [signer.verifier])
    assert (verdict.broken, verdict.entries) == (finding, ())
    siblings = json.loads(data)
    siblings["chains"][1]["map"]["siblings"].pop()
    verdict = audit.verify_bundle(kit.canonical(siblings), [signer.verifier])
    assert verdict.broken == Finding(1, Defect.MAP)


@pytest.mark.clause("RK-25.5")
def test_a_map_signed_by_another_key_is_refused(data: bytes, signer: audit.Signer) -> None:
    wire = json.loads(data)
    wire["map"]["checkpoint"] = wire["checkpoint"]
    with pytest.raises(audit.KeyUnknown):
        audit.verify_bundle(kit.canonical(wire), [signer.verifier])


def test_a_sealed_chain_is_complete_for_the_oversight_body(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    write(database, tenant, signer, [[replace(ENTRY, withheld=True, label=SEALED)], entries(1)])
    make_epoch(database, tenant, signer)
    with pytest.raises(audit.EntryWithheld):
        bundle(database, tenant, signer, SEALED)
    data = bundle(database, tenant, signer, HANAKO, SEALED, withheld=True)
    verdict = audit.verify_bundle(data, [signer.verifier])
    assert verdict.whole
    assert len(verdict.entries) == 2


def test_an_owner_that_hides_an_entry_cannot_make_a_bundle_that_holds(
    database: Database, tenant: Tenant, signer: audit.Signer, dsn: str
) -> None:
    write(database, tenant, signer, [entries(3)])
    make_epoch(database, tenant, signer)
    hidden = "UPDATE audit_entry SET label = NULL, seq = NULL, prev_i = NULL WHERE i = 2"
    tamper(dsn, tenant, hidden)
    tamper(dsn, tenant, "UPDATE audit_head SET count = 2, last_i = 1")
    data = bundle(database, tenant, signer, HANAKO)
    verdict = audit.verify_bundle(data, [signer.verifier])
    assert verdict.broken == Finding(2, Defect.HEAD)
