"""A bundle proves itself offline; whatever is changed in it, it proves nothing any more."""

import json
from copy import deepcopy
from dataclasses import replace

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.audit.changes import changes, refused
from tests.audit.samples import AT, ENTRY, HANAKO, TARO, entries, write

from renkei import audit, kit
from renkei.audit import Defect, Finding
from renkei.audit.bundle_links import Links
from renkei.audit.bundle_wire import LARGEST_BUNDLE, decode
from renkei.audit.encoding import base64url
from renkei.kit import Database, Tenant


@pytest.fixture
def data(database: Database, tenant: Tenant, signer: audit.Signer) -> bytes:
    """Give Hanako's bundle: 4 entries over three batches, among 300 of Taro's."""
    hanako = entries(4)
    write(database, tenant, signer, [hanako[:2], entries(300, label=TARO), hanako[2:]])
    with database.transaction(tenant) as conn:
        return audit.bundle(conn, tenant, signer.verifier, labels=[HANAKO])


def test_a_persons_bundle_shows_the_whole_chain_in_both_languages(
    data: bytes, signer: audit.Signer
) -> None:
    verdict = audit.verify_bundle(data, [signer.verifier])
    assert verdict.whole
    assert [logged.seq for logged in verdict.entries] == [1, 2, 3, 4]
    assert [replace(logged.entry) for logged in verdict.entries] == entries(4)
    assert (verdict.checkpoint.origin, verdict.checkpoint.size) == (signer.name, 304)
    assert "up to its entry 304: 4 entries in 1 chains" in verdict.text()
    assert "先頭から304件目までのうち、1本の鎖の4件" in verdict.text("ja")


@pytest.mark.clause("RK-9.5")
def test_a_bundle_is_the_canonical_form_of_exactly_these_members(
    data: bytes, signer: audit.Signer
) -> None:
    said = json.loads(data)
    assert rfc8785.dumps(said) == data
    assert set(said) == {
        *("chains", "checkpoint", "entries", "format", "request", "statement", "vkey")
    }
    assert (said["format"], said["request"]) == ("renkei-bundle/v1", None)
    assert said["vkey"] == str(signer.verifier)
    assert set(said["statement"]) == {"en", "ja"}
    assert [set(one) for one in said["chains"]] == [{"count", "label"}]
    assert {frozenset(one) for one in said["entries"]} == {frozenset({"index", "leaf", "proof"})}
    assert [one["index"] for one in said["entries"]] == [0, 1, 302, 303]


@pytest.mark.clause("RK-9.6")
def test_an_entry_behind_another_than_the_one_before_is_named(
    data: bytes, signer: audit.Signer
) -> None:
    """Such as a log would hold that was made to leave one out: its proofs would be in order."""
    first, second, *_ = audit.verify_bundle(data, [signer.verifier]).entries
    links = Links(decode(data), 0, first.year)
    assert links.follow(first) is None
    found = links.follow(replace(second, prev=bytes(32)))
    assert found == Finding(second.index, Defect.CHAIN)


@pytest.mark.clause("RK-9.6")
def test_a_bundle_with_any_one_thing_changed_is_refused(data: bytes, signer: audit.Signer) -> None:
    assert not refused(data, signer)
    tried = 0
    for changed in changes(json.loads(data)):
        tried += 1
        assert refused(kit.canonical(changed), signer), changed
    assert tried > 500


@pytest.mark.clause("RK-9.5", "RK-9.6")
def test_a_bundle_in_another_spelling_is_refused(data: bytes, signer: audit.Signer) -> None:
    for other in (
        data + b"\n",
        data.replace(b'"format"', b' "format"'),
        data.replace(b'"vkey"', b'"format":"renkei-bundle/v1","vkey"'),
        data.replace(b'"withheld":false', b'"withheld":false,"withheld":false', 1),
        data.replace(b"\xe5", b"\xff"),
    ):
        with pytest.raises(audit.BundleMalformed):
            audit.verify_bundle(other, [signer.verifier])


@pytest.mark.clause("RK-9.6")
def test_a_missing_entry_breaks_the_chain_at_the_next_one(
    data: bytes, signer: audit.Signer
) -> None:
    bundle = json.loads(data)
    del bundle["entries"][1]
    bundle["statement"] = json.loads(
        json.dumps(bundle["statement"])
        .replace("4 entries", "3 entries")
        .replace("4\\u4ef6\\u3002", "3\\u4ef6\\u3002")
    )
    verdict = audit.verify_bundle(kit.canonical(bundle), [signer.verifier])
    assert verdict.broken == Finding(302, Defect.CHAIN)
    assert [logged.index for logged in verdict.entries] == [0]
    assert verdict.text() == "The entry 302 does not continue the chain it stands in."


def test_entries_out_of_order_are_named(data: bytes, signer: audit.Signer) -> None:
    bundle = json.loads(data)
    bundle["entries"].reverse()
    verdict = audit.verify_bundle(kit.canonical(bundle), [signer.verifier])
    assert verdict.broken == Finding(303, Defect.CHAIN)


def test_an_altered_entry_is_named(data: bytes, signer: audit.Signer) -> None:
    bundle = json.loads(data)
    bundle["entries"][2]["leaf"]["core"]["asker"] = "131024"
    verdict = audit.verify_bundle(kit.canonical(bundle), [signer.verifier])
    assert verdict.broken == Finding(302, Defect.ALTERED)


@pytest.mark.clause("RK-9.6")
def test_a_chain_announced_longer_than_shown_is_named(data: bytes, signer: audit.Signer) -> None:
    bundle = json.loads(data)
    bundle["chains"][0]["count"] = 5
    verdict = audit.verify_bundle(kit.canonical(bundle), [signer.verifier])
    assert verdict.broken == Finding(303, Defect.HEAD)


@pytest.mark.clause("RK-9.6")
def test_a_bundle_of_a_request_shows_its_entries_and_claims_no_chain(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    kinds = [audit.Kind.REQUEST, audit.Kind.CONVERSION, audit.Kind.REFUSAL]
    both = [replace(ENTRY, kind=kind, label=None) for kind in kinds]
    write(database, tenant, signer, [both, entries(3, start=50)])
    with database.transaction(tenant) as conn:
        data = audit.bundle(conn, tenant, signer.verifier, request=ENTRY.request)
    verdict = audit.verify_bundle(data, [signer.verifier])
    assert verdict.whole
    assert [logged.entry.kind for logged in verdict.entries] == kinds
    assert "does not state that there are no others" in verdict.text()
    for changed in changes(json.loads(data)):
        assert refused(kit.canonical(changed), signer), changed


def test_a_person_without_entries_gets_a_bundle_that_claims_no_more(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    write(database, tenant, signer, [entries(3)])
    with database.transaction(tenant) as conn:
        data = audit.bundle(conn, tenant, signer.verifier, labels=[TARO])
    verdict = audit.verify_bundle(data, [signer.verifier])
    assert (verdict.whole, verdict.entries) == (True, ())
    assert "no entry was found" in verdict.text()
    assert "record" not in verdict.text()


def test_two_years_chains_of_one_person_stand_in_one_bundle(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    write(database, tenant, signer, [entries(3), entries(2, label=TARO), entries(2, start=3)])
    with database.transaction(tenant) as conn:
        data = audit.bundle(conn, tenant, signer.verifier, labels=[TARO, HANAKO])
    verdict = audit.verify_bundle(data, [signer.verifier])
    assert verdict.whole
    assert [logged.seq for logged in verdict.entries] == [1, 2, 3, 1, 2, 4, 5]


@pytest.mark.clause("RK-9.7")
def test_an_entry_withheld_by_law_is_opened_for_the_oversight_body_only(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    sealed = b"\x03" * 32
    write(database, tenant, signer, [[replace(ENTRY, withheld=True, label=sealed)], entries(1)])
    with database.transaction(tenant) as conn:
        assert audit.bundle(conn, tenant, signer.verifier, labels=[HANAKO])
        with pytest.raises(audit.EntryWithheld):
            audit.bundle(conn, tenant, signer.verifier, labels=[sealed])
        data = audit.bundle(conn, tenant, signer.verifier, labels=[sealed], withheld=True)
    assert audit.verify_bundle(data, [signer.verifier]).entries[0].entry.withheld


def test_what_is_sequenced_after_the_checkpoint_waits_for_the_next(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    write(database, tenant, signer, [entries(2)])
    with database.transaction(tenant) as conn:
        audit.append_many(conn, tenant, entries(2, start=2))
        data = audit.bundle(conn, tenant, signer.verifier, labels=[HANAKO])
        assert len(audit.verify_bundle(data, [signer.verifier]).entries) == 2
        audit.sequence(conn, tenant, signer, at=AT)
        data = audit.bundle(conn, tenant, signer.verifier, labels=[HANAKO])
        assert len(audit.verify_bundle(data, [signer.verifier]).entries) == 4


@pytest.mark.clause("RK-9.6")
def test_a_bundle_of_a_log_not_trusted_is_refused(data: bytes, signer: audit.Signer) -> None:
    stranger = audit.Signer.from_seed(signer.name, bytes(32))
    with pytest.raises(audit.KeyUnknown):
        audit.verify_bundle(data, [stranger.verifier])
    bundle = deepcopy(json.loads(data)) | {"vkey": str(stranger.verifier)}
    with pytest.raises(audit.KeyUnknown):
        audit.verify_bundle(kit.canonical(bundle), [stranger.verifier])


@pytest.mark.clause("RK-10.1")
def test_an_oversized_bundle_is_refused_unread(signer: audit.Signer) -> None:
    with pytest.raises(audit.BundleTooLarge):
        audit.verify_bundle(bytes(LARGEST_BUNDLE + 1), [signer.verifier])


def test_a_bundle_of_wrong_types_is_refused_with_the_place_named(
    data: bytes, signer: audit.Signer
) -> None:
    bundle = json.loads(data)
    bundle["entries"][1]["index"] = "one"
    with pytest.raises(audit.BundleMalformed) as caught:
        audit.verify_bundle(kit.canonical(bundle), [signer.verifier])
    assert caught.value.facts == {"where": "$.entries[1].index"}


def test_every_truncation_is_refused(data: bytes, signer: audit.Signer) -> None:
    for length in range(0, len(data), 97):
        with pytest.raises(audit.BundleMalformed):
            audit.verify_bundle(data[:length], [signer.verifier])


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=60)
@given(st.one_of(st.binary(), ANY_JSON.map(lambda value: json.dumps(value).encode())))
def test_no_bytes_make_the_reader_fall(data: bytes) -> None:
    with pytest.raises(audit.BundleMalformed):
        audit.verify_bundle(data, [])


def test_deep_nesting_is_refused(data: bytes, signer: audit.Signer) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    start, end = data.index(b'"leaf":') + 7, data.index(b',"proof":')
    for other in (deep, data[:start] + deep + data[end:]):
        with pytest.raises(audit.BundleMalformed):
            audit.verify_bundle(other, [signer.verifier])


def test_a_label_is_shown_as_base64url(data: bytes) -> None:
    assert json.loads(data)["chains"] == [{"count": 4, "label": base64url(HANAKO)}]
