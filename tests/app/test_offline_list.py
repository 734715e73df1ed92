"""A stranger with Python alone verifies that a person's list is complete, or that it is empty."""

import json
from dataclasses import replace

import pytest
from tests.app.parties import Parties, codes, exchanged, set_in, unzipped, verified, zipped
from tests.audit.samples import AT, entries, write
from tests.federation.desks import A, log_signer

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
