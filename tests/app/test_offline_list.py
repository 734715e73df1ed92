"""A stranger with Python alone verifies that a person's list is complete, or that it is empty."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.app.parties import KEY, Parties, codes, exchanged, set_in, unzipped, verified, zipped
from tests.audit.samples import AT, entries, write
from tests.federation.desks import A, B, log_signer
from tests.identity.histories import YEAR, House

from renkei import audit, kit
from renkei.app.proofs import offline_verifier

HANAKO, JIRO, SEALED = b"\x61" * 32, b"\x62" * 32, b"\x63" * 32


@pytest.fixture(scope="module")
def parties(tmp_path_factory, database) -> Parties:
    return exchanged(tmp_path_factory.mktemp("lists"), database)


@pytest.fixture(scope="module")
def listed(parties: Parties) -> bytes:
    """Give Hanako's list, of three entries, one of them released, and one since the epoch."""
    signer = log_signer(A)
    hidden = replace(entries(1, start=70)[0], withheld=True, label=SEALED)
    others = [replace(one, label=bytes([n, 5]) * 16) for n, one in enumerate(entries(20, start=80))]
    write(parties.database, A, signer, [[hidden], [*entries(2, label=HANAKO), *others]])
    with parties.database.transaction(A) as conn:
        (sealed,) = audit.entries_of(conn, A, SEALED)
        audit.release(
            conn,
            A,
            sealed,
            label=HANAKO,
            by="staff-7",
            order="第12号",
            purpose="終了",
            mode=audit.Mode.TEST,
            at=AT,
        )
        audit.sequence(conn, A, signer, at=AT)
        audit.make_epoch(conn, A, signer, at=AT)
    write(parties.database, A, signer, [entries(1, label=HANAKO, start=9)])
    return packed(parties, HANAKO)


def packed(parties: Parties, *labels: bytes) -> bytes:
    exporter = parties.exporter(A)
    with parties.database.transaction(A) as conn:
        return exporter.pack_list(conn, labels)


def lying(data: bytes, change) -> bytes:
    """Return the list changed, its statement made to fit where that is possible."""
    contents = unzipped(data)
    wire = json.loads(contents["bundle.json"])
    change(wire)
    return zipped(contents | {"bundle.json": kit.canonical(wire)})


@pytest.mark.clause("RK-25.5")
def test_a_list_is_proven_complete_by_the_file_alone(listed: bytes) -> None:
    report = verified(listed)
    assert report.broken == []
    assert codes(report.proven) == {"members", "checkpoint", "epoch", "list-complete"}
    assert codes(report.unproven) == {"list-newer", "list-withheld", "times", "same-log"}
    (said,) = (one.text("en") for one in report.proven if one.code == "list-complete")
    assert "has 3 entries" in said


@pytest.mark.clause("RK-25.5")
def test_that_there_is_no_entry_is_proven_by_the_file_alone(
    parties: Parties, listed: bytes
) -> None:
    assert listed
    report = verified(packed(parties, JIRO))
    assert (report.broken, report.verdict) == ([], "proven")
    assert "list-none" in codes(report.proven)


def drop_last_mapped(wire) -> None:
    """Leave out what came last, and say so everywhere but in the map."""
    del wire["entries"][-2:]
    wire["chains"][0]["count"] = 2


LIES = {
    "a missing end": (drop_last_mapped, {"release-broken", "chain-short"}),
    "a gap": (lambda w: w["entries"].pop(1), {"chain-broken"}),
    "an altered entry": (
        lambda w: set_in(w["entries"][1]["leaf"]["core"], "asker", "131024"),
        {"entry-altered"},
    ),
    "a shorter map": (
        lambda w: set_in(w["chains"][0]["map"]["head"], "count", 2),
        {"map-broken"},
    ),
    "a sibling": (lambda w: w["chains"][0]["map"]["siblings"].pop(), {"map-broken"}),
    "another epoch": (lambda w: set_in(w["map"], "number", 4), {"epoch-altered"}),
    "an epoch with another root": (
        lambda w: set_in(w["map"]["epoch"], "map_root", "A" * 43),
        {"epoch-altered"},
    ),
    "entries apart": (lambda w: w["map"]["consistency"].pop(), {"epoch-apart"}),
    "another output log": (
        lambda w: set_in(w["map"], "checkpoint", w["checkpoint"]),
        {"checkpoint-forged"},
    ),
    "a release that is gone": (lambda w: w["entries"].pop(0), {"release-broken"}),
    "the statement": (
        lambda w: set_in(w["statement"], "en", "Everything is complete."),
        {"statement-differs"},
    ),
}


@pytest.mark.clause("RK-25.5", "RK-25.6")
@pytest.mark.parametrize("lie", LIES)
def test_the_first_broken_link_of_a_list_is_named(listed: bytes, lie: str) -> None:
    change, named = LIES[lie]
    report = verified(lying(listed, change))
    assert codes(report.broken) == named
    assert report.verdict == "broken"


def test_the_statements_of_a_list_are_those_of_the_program() -> None:
    facts = {"origin": "o", "size": 9, "count": 2, "chains": 1, "input": 7, "at": "t", "newer": 3}
    languages: tuple[kit.Language, ...] = ("ja", "en")
    for code in ("complete", "newer", "none"):
        texts = offline_verifier.TEXTS[f"statement-{code}"]
        for text, language in zip(texts, languages, strict=True):
            said = kit.say(f"audit-bundle-v2-{code}", language, **facts)
            assert text.format(**facts) == said


WITNESS = audit.Cosigner("w.example", audit.Algorithm.ED25519, bytes(32))
NEWER = audit.Cosigner("pq.example", audit.Algorithm.ML_DSA_44, bytes(32))


def policy_of(*cosigners: audit.Cosigner) -> bytes:
    keys = [audit.PolicyWitness(one.key.name, one.key) for one in cosigners]
    return audit.Policy.of(log_signer(A).verifier, keys).render().encode()


@pytest.fixture(scope="module")
def witnessed(parties: Parties, listed: bytes) -> bytes:
    """Give the same list, of which a witness has cosigned both logs, and then one entry more."""
    assert listed
    with parties.database.transaction(A) as conn:
        audit.make_epoch(conn, A, log_signer(A), at=AT)
        seen = [tree.newest(conn, A) for tree in (audit.LOG, audit.OUTPUT)]
    log, output = (
        audit.Checkpoint.parse(
            one.note + WITNESS.cosign(one.note, at=AT) + NEWER.cosign(one.note, at=AT)
        )
        for one in seen
        if one is not None
    )
    write(parties.database, A, log_signer(A), [entries(1, label=HANAKO, start=10)])
    return packed_as(parties, audit.Witnessed(log, output))


def packed_as(parties: Parties, seen: audit.Witnessed) -> bytes:
    """Return Hanako's list as it is where this was witnessed."""
    exporter = parties.exporter(A)
    with parties.database.transaction(A) as conn:
        bundle = audit.bundle(conn, A, exporter.key, labels=[HANAKO], witnessed=seen)
    return exporter.zip(bundle, "list", {})


def judged(data: bytes, policy: bytes) -> offline_verifier.Report:
    return offline_verifier.verify([("0.zip", data)], [KEY], policy=policy)


@pytest.mark.clause("RK-43.5")
def test_who_witnessed_a_list_is_proven_by_the_file_alone(witnessed: bytes) -> None:
    report = judged(witnessed, policy_of(WITNESS))
    assert report.broken == []
    assert codes(report.proven) >= {"list-complete", "witnessed", "epoch-witnessed"}
    assert codes(report.unproven) == {
        *("list-newer", "list-withheld", "times", "entries-unwitnessed")
    }
    assert report.verdict == "proven"
    plain = verified(witnessed)
    assert (plain.broken, plain.verdict) == ([], "reserved")
    assert codes(plain.unproven) >= {"policy-not-given", "same-log"}


@pytest.mark.clause("RK-43.5")
def test_a_cosignature_the_file_cannot_verify_is_said_and_not_believed(witnessed: bytes) -> None:
    report = judged(witnessed, policy_of(WITNESS, NEWER))
    assert (report.broken, report.verdict) == ([], "reserved")
    assert "quorum-unverified" in codes(report.unproven)
    assert not codes(report.proven) & {"witnessed", "epoch-witnessed"}


def unseen(wire) -> None:
    """Take the witness's lines off the output log, and say so."""
    note = wire["map"]["checkpoint"]
    wire["map"]["checkpoint"] = "\n".join(note.split("\n")[:-3]) + "\n"
    seen = int(wire["witnessed"]["checkpoint"].split("\n")[1])
    for at, language in enumerate(("ja", "en")):
        codes_of = ("statement-witnessed-map", "statement-witnessed-late")
        names = {"witnesses": "pq.example, w.example", "mappers": "pq.example, w.example"}
        old, new = (
            offline_verifier.TEXTS[code][at].format(**names, seen=seen, unwitnessed=1)
            for code in codes_of
        )
        wire["statement"][language] = wire["statement"][language].replace(old, new)


def other_line(wire) -> None:
    note = wire["witnessed"]["checkpoint"].split("\n")
    line = WITNESS.cosign("o\n1\n" + "A" * 43 + "=\n\n— o AAAAAAAA\n", at=AT)
    wire["witnessed"]["checkpoint"] = "\n".join([*note[:-3], line.rstrip("\n"), *note[-2:]])


def other_tree(wire) -> None:
    size = int(wire["witnessed"]["checkpoint"].split("\n")[1])
    wire["witnessed"]["checkpoint"] = audit.Checkpoint.sign(log_signer(A), size, bytes(32)).note


UNSEEN = {
    "the output log": (unseen, {"unwitnessed"}),
    "a line of another tree": (other_line, {"cosignature-wrong"}),
    "another history": (other_tree, {"witnessed-other"}),
    "the words": (
        lambda w: set_in(w["statement"], "en", "All of it is witnessed."),
        {"statement-differs"},
    ),
}


@pytest.mark.clause("RK-43.4")
@pytest.mark.parametrize("lie", UNSEEN)
def test_the_first_link_that_no_witness_saw_is_named_by_the_file_alone(
    witnessed: bytes, lie: str
) -> None:
    change, named = UNSEEN[lie]
    report = judged(lying(witnessed, change), policy_of(WITNESS))
    assert codes(report.broken) == named


@pytest.mark.clause("RK-43.4")
def test_a_list_without_witnesses_and_a_policy_of_other_logs_are_named(
    listed: bytes, witnessed: bytes
) -> None:
    assert codes(judged(listed, policy_of(WITNESS)).broken) == {"unwitnessed"}
    other = policy_of(WITNESS).replace(
        str(log_signer(A).verifier).encode(), str(log_signer(B).verifier).encode()
    )
    assert codes(judged(witnessed, other).broken) == {"log-not-in-policy"}


@pytest.mark.clause("RK-43.5")
def test_who_witnessed_the_evidence_of_an_exchange_is_proven_by_the_file_alone(
    parties: Parties, witnessed: bytes
) -> None:
    note = json.loads(unzipped(witnessed)["bundle.json"])["witnessed"]["checkpoint"]
    seen = audit.Witnessed(audit.Checkpoint.parse(note), None)
    exporter, key = parties.exporter(A), log_signer(A).verifier
    with parties.database.transaction(A) as conn:
        bundle = audit.bundle(conn, A, key, request=parties.request, witnessed=seen)
    data = exporter.zip(bundle, parties.request, {})
    report = judged(data, policy_of(WITNESS))
    assert report.broken == []
    assert codes(report.proven) >= {"checkpoint", "entry", "witnessed"}
    assert "same-log" not in codes(report.unproven)
    assert codes(judged(lying(data, other_line), policy_of(WITNESS)).broken) == {
        "cosignature-wrong"
    }
    assert codes(judged(parties.pack(A), policy_of(WITNESS)).broken) == {"unwitnessed"}


@pytest.mark.clause("RK-43.4")
def test_an_epoch_beyond_what_was_witnessed_is_named_by_the_file_alone(
    parties: Parties, witnessed: bytes
) -> None:
    """The output log is witnessed as it is, the log as it was after its first entry."""
    wire = json.loads(unzipped(witnessed)["bundle.json"])
    with parties.database.transaction(A) as conn:
        root = audit.LOG.tree(conn, A, 1).root()
    first = audit.Checkpoint.sign(log_signer(A), 1, root).note
    seen = audit.Witnessed(
        audit.Checkpoint.parse(first + WITNESS.cosign(first, at=AT)),
        audit.Checkpoint.parse(wire["map"]["checkpoint"]),
    )
    report = judged(packed_as(parties, seen), policy_of(WITNESS))
    assert codes(report.broken) == {"epoch-beyond"}


@pytest.mark.parametrize(
    ("policy", "line"),
    [
        (b"quorum nobody\n", 1),
        (b"# nothing\n\n", 3),
        (b"witness a b+c+d\nquorum none\n", 1),
        (b"quorum none\nquorum none\n", 2),
        (b"\xff", 0),
        (policy_of(WITNESS).replace(b"group quorum 1 ", b"group quorum 2 "), 3),
    ],
)
def test_a_malformed_policy_is_named_with_its_line(
    witnessed: bytes, policy: bytes, line: int
) -> None:
    with pytest.raises(offline_verifier.Unreadable) as error:
        judged(witnessed, policy)
    assert (error.value.said.code, error.value.said.facts) == ("policy-malformed", {"line": line})


def test_the_statements_of_witnesses_are_those_of_the_program() -> None:
    facts = {"witnesses": "a, b", "mappers": "c", "unwitnessed": 3}
    languages: tuple[kit.Language, ...] = ("ja", "en")
    for code in ("map", "late", "entries"):
        texts = offline_verifier.TEXTS[f"statement-witnessed-{code}"]
        for text, language in zip(texts, languages, strict=True):
            said = kit.say(f"audit-bundle-v3-{code}", language, size=9, **facts)
            assert text.format(seen=9, **facts) == said


@pytest.mark.clause("RK-45.2", "RK-45.4", "RK-45.5")
def test_a_list_across_a_rotation_and_a_new_code_is_proven_complete_as_one(
    parties: Parties,
) -> None:
    """Two chains of one person in one year: each is followed to its end, and all are counted."""
    signer, made = log_signer(A), entries(6, start=300)
    with parties.database.transaction(A) as conn, conn.transaction(force_rollback=True):
        conn.execute("DELETE FROM identity_code")  # the parties' own, sealed by another key
        house = House(conn)
        house.look("1")
        house.keep("1", 7)
        house.ask(7)
        house.rotate()
        house.ask(7, kv=1)
        house.forget()
        house.ask(7)
        house.follow((7, 9))
        house.ask(9)
        house.look("2")
        labels = house.by_code(9).labels([YEAR])
        marks = [label for label, _ in house.entered]
    named = [replace(one, label=label) for one, label in zip(made, marks, strict=True)]
    write(parties.database, A, signer, [named])
    with parties.database.transaction(A) as conn:
        audit.make_epoch(conn, A, signer, at=AT + timedelta(hours=1))
    data = packed(parties, *labels)
    report = verified(data)
    assert (report.broken, len(labels)) == ([], 2)
    said = sorted(one.text("en") for one in report.proven if one.code == "list-complete")
    assert ["has 1 entries" in said[0], "has 4 entries" in said[1]] == [True, True]
    wire = json.loads(unzipped(data)["bundle.json"])
    assert "5 entries" in wire["statement"]["en"]
    assert [item["leaf"]["core"]["request"] for item in wire["entries"]] == [
        one.request for one in named[:-1]
    ]
