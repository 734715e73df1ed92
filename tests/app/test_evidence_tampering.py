"""Whatever is false in a bundle, or in a log, or between two parties, is named (RK-9.10)."""

import pytest
from tests.app.parties import (
    OTHER_KEY,
    Parties,
    changed,
    codes,
    entry,
    exchanged,
    flip,
    lying,
    set_in,
    unzipped,
    verified,
    zipped,
)
from tests.federation.desks import A, B, L

from renkei import audit
from renkei.app.proofs import offline_verifier
from renkei.audit.encoding import base64url


@pytest.fixture(scope="module")
def parties(tmp_path_factory, database) -> Parties:
    return exchanged(tmp_path_factory.mktemp("parties"), database)


@pytest.fixture(scope="module")
def ours(parties: Parties) -> bytes:
    """Give A's evidence."""
    return parties.pack(A)


@pytest.fixture(scope="module")
def theirs(parties: Parties) -> bytes:
    """Give B's evidence."""
    return parties.pack(B)


MATRIX = {
    "a word of an entry": (
        "bundle.json",
        lambda v: set_in(entry(v)["leaf"]["core"], "purpose", "another"),
        {"entry-altered"},
    ),
    "an item of an entry": (
        "bundle.json",
        lambda v: set_in(entry(v)["leaf"]["core"], "items", ["06-1-001"]),
        {"entry-altered"},
    ),
    "the time of an entry": (
        "bundle.json",
        lambda v: set_in(entry(v)["leaf"]["core"], "at", "2026-04-02T01:02:03.001Z"),
        {"entry-altered"},
    ),
    "a signature in an entry": (
        "bundle.json",
        lambda v: set_in(entry(v, 1)["leaf"]["core"]["details"], "answer_signature", flip),
        {"entry-altered"},
    ),
    "a digest in an entry": (
        "bundle.json",
        lambda v: set_in(entry(v, 1)["leaf"]["core"]["details"], "question_body", flip),
        {"entry-altered"},
    ),
    "a receipt in an entry": (
        "bundle.json",
        lambda v: set_in(entry(v, 1)["leaf"]["core"]["details"], "receipt", lambda t: t + "A"),
        {"entry-altered"},
    ),
    "an entry's chain": (
        "bundle.json",
        lambda v: set_in(entry(v)["leaf"], "label", flip),
        {"entry-altered"},
    ),
    "an entry's place in its chain": (
        "bundle.json",
        lambda v: set_in(entry(v)["leaf"], "seq", 7),
        {"entry-altered"},
    ),
    "a member of an entry": (
        "bundle.json",
        lambda v: set_in(entry(v)["leaf"]["core"], "more", "1"),
        {"entry-malformed"},
    ),
    "the salt of an entry": (
        "bundle.json",
        lambda v: set_in(entry(v)["leaf"]["core"], "salt", flip),
        {"entry-altered"},
    ),
    "the request of an entry": (
        "bundle.json",
        lambda v: set_in(entry(v)["leaf"]["core"], "request", "another"),
        {"entry-altered"},
    ),
    "the index of an entry": (
        "bundle.json",
        lambda v: set_in(entry(v, 1), "index", 0),
        {"entry-altered"},
    ),
    "a proof": (
        "bundle.json",
        lambda v: set_in(entry(v)["proof"], 0, flip),
        {"entry-altered"},
    ),
    "a proof cut short": (
        "bundle.json",
        lambda v: entry(v)["proof"].clear(),
        {"entry-altered"},
    ),
    "an entry left out": (
        "bundle.json",
        lambda v: v["entries"].pop(),
        {"statement-differs"},
    ),
    "the order of entries": (
        "bundle.json",
        lambda v: v["entries"].reverse(),
        {"entry-misplaced"},
    ),
    "an entry twice": (
        "bundle.json",
        lambda v: v["entries"].append(v["entries"][-1]),
        {"entry-misplaced", "statement-differs"},
    ),
    "the size in the checkpoint": (
        "bundle.json",
        lambda v: set_in(v, "checkpoint", lambda t: t.replace("\n2\n", "\n3\n", 1)),
        {"checkpoint-forged", "statement-differs", "entry-altered"},
    ),
    "the root in the checkpoint": (
        "bundle.json",
        lambda v: set_in(
            v,
            "checkpoint",
            lambda t: "\n".join([*t.split("\n")[:2], flip(t.split("\n")[2]), *t.split("\n")[3:]]),
        ),
        {"checkpoint-forged"},
    ),
    "the statement": (
        "bundle.json",
        lambda v: set_in(v["statement"], "en", "Everything is complete."),
        {"statement-differs"},
    ),
    "the request of the bundle": (
        "bundle.json",
        lambda v: set_in(v, "request", "another"),
        {"statement-differs", "entry-misplaced"},
    ),
    "the key of the log": (
        "bundle.json",
        lambda v: set_in(
            v, "vkey", str(audit.Signer.from_seed(f"test.example/{A}", bytes(32)).verifier)
        ),
        {"owner-unknown", "checkpoint-forged"},
    ),
    "a signing key in the list": (
        "members.json",
        lambda v: set_in(
            v["list"]["members"][0], "signing_keys", v["list"]["members"][1]["signing_keys"]
        ),
        {"members-forged"},
    ),
    "a log key in the list": (
        "members.json",
        lambda v: set_in(v["list"]["members"][0], "log_key", v["list"]["members"][1]["log_key"]),
        {"members-forged"},
    ),
    "the version of the list": (
        "members.json",
        lambda v: set_in(v["list"], "version", 2),
        {"members-forged"},
    ),
    "the signature of the list": (
        "members.json",
        lambda v: set_in(v, "signature", flip),
        {"members-forged"},
    ),
}


@pytest.mark.parametrize("what", MATRIX)
@pytest.mark.clause("RK-9.10")
def test_whatever_is_changed_in_a_bundle_the_part_is_named(ours, what):
    """The verifier names the part that is broken."""
    file, change, wanted = MATRIX[what]
    report = verified(changed(ours, file, change))
    assert report.verdict == "broken"
    assert wanted & codes(report.broken), codes(report.broken)
    for one in report.broken:
        assert one.text("ja") != one.text("en")


LIES = {
    "another's signature": (
        lambda c: set_in(c["details"], "answer_signature", flip),
        "signature-wrong",
    ),
    "another digest": (lambda c: set_in(c["details"], "question", flip), "signature-wrong"),
    "the question's signature as the answer's": (
        lambda c: c["details"].update(
            answer=c["details"]["question"],
            answer_key=c["details"]["question_key"],
            answer_signature=c["details"]["question_signature"],
        ),
        "signer-differs",
    ),
    "a signature without its key": (
        lambda c: c["details"].pop("answer_key"),
        "signature-incomplete",
    ),
    "a digest of another length": (
        lambda c: set_in(c["details"], "answer_body", "AAAA"),
        "signature-incomplete",
    ),
    "somebody else as the asker": (lambda c: set_in(c, "asker", str(L)), "signer-differs"),
    "a receipt of its own making": (
        lambda c: set_in(c["details"], "receipt", forged),
        "receipt-forged",
    ),
    "a receipt cut short": (
        lambda c: set_in(c["details"], "receipt", lambda t: t[:-9]),
        "receipt-malformed",
    ),
    "a receipt that says later": (
        lambda c: set_in(c["details"], "receipt", lambda t: t.replace(" 60 ", " 61 ")),
        "receipt-forged",
    ),
}


def forged(line: str) -> str:
    """Sign a receipt with a key of one's own under the operator's name and id."""
    text, _, encoded = line.rpartition(" ")
    made = audit.Signer.from_seed(f"test.example/{L}", bytes(32)).sign(text.encode())
    known = offline_verifier._base64url(encoded)
    return f"{text} {base64url(known[:4] + made)}"


@pytest.mark.parametrize("what", LIES)
@pytest.mark.clause("RK-9.10")
def test_what_the_owner_of_a_log_entered_falsely_is_named(parties, ours, what):
    """A log in order does not make its entries true."""
    change, wanted = LIES[what]
    report = verified(lying(parties, ours, change))
    assert wanted in codes(report.broken)


def test_an_honest_log_of_one_entry_is_believed(parties, ours):
    assert verified(lying(parties, ours, lambda _: None)).verdict == "proven"


def test_a_key_that_is_in_no_list_is_no_proof_and_no_lie(parties, ours):
    report = verified(lying(parties, ours, lambda c: set_in(c["details"], "answer_key", flip)))
    assert (report.verdict, codes(report.broken)) == ("reserved", set())
    assert "key-not-listed" in codes(report.unproven)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda c: set_in(c, "unit", "06"), "unit"),
        (lambda c: set_in(c, "items", ["06-1-001"]), "items"),
        (lambda c: set_in(c, "provision", "NA-001"), "provision"),
        (lambda c: set_in(c["details"], "question_body", flip), "question_body"),
        (lambda c: set_in(c["details"], "client", "JP/MUN/131016/06"), "client"),
        (lambda c: set_in(c["details"], "service", "JP/MUN/131024/06/assets"), "service"),
        (lambda c: c["details"].pop("receipt"), None),
    ],
)
@pytest.mark.clause("RK-9.11")
def test_two_parties_that_tell_different_things_are_told_apart(parties, ours, theirs, change, part):
    """A part in which two parties differ is named."""
    report = verified(lying(parties, ours, change), theirs)
    found = {one.facts["part"] for one in report.broken if one.code == "parties-differ"}
    assert found == ({part} if part else set())


def test_an_asker_that_names_another_entry_of_the_holder_is_told(parties, ours, theirs):
    false = lying(parties, ours, lambda c: set_in(c["details"], "holder_entry", flip))
    assert codes(verified(false, theirs).broken) == {"named-entry-missing"}


def test_two_logs_of_one_size_by_one_owner_are_a_fork(parties, ours):
    one = lying(parties, ours, lambda c: set_in(c, "purpose", "told one"))
    other = lying(parties, ours, lambda c: set_in(c, "purpose", "told other"))
    assert "log-forked" in codes(verified(one, other).broken)


def test_bundles_of_two_requests_are_not_mixed(parties, ours, theirs):
    other = lying(parties, ours, lambda c: set_in(c, "request", "another"))
    assert codes(verified(other, theirs).broken) == {"requests-differ"}


def test_a_receipt_whose_entry_the_operator_does_not_show_is_named(parties, ours):
    operator = changed(
        parties.pack(L),
        "bundle.json",
        lambda v: v["entries"].clear(),
    )
    assert "receipt-broken" in codes(verified(ours, operator).broken)


def test_another_authority_is_not_believed(ours):
    report = verified(ours, authority=OTHER_KEY)
    assert codes(report.broken) == {"authority-differs", "members-forged"}
    contents = unzipped(ours) | {"authority.txt": OTHER_KEY.encode()}
    assert "authority-differs" in codes(verified(zipped(contents)).broken)
