"""A stranger with Python alone verifies an exchange, and whatever is false in it is named."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tests.app.parties import (
    KEY,
    Parties,
    changed,
    codes,
    entry,
    exchanged,
    set_in,
    unzipped,
    verified,
)
from tests.federation.desks import PROTECTED, A, B, L

from renkei import kit
from renkei.app.errors import ExchangeUnknown


@pytest.fixture(scope="module")
def parties(tmp_path_factory, database) -> Parties:
    return exchanged(tmp_path_factory.mktemp("parties"), database)


@pytest.fixture(scope="module")
def refused(tmp_path_factory, fresh_dsn, template, rooms) -> Iterator[Parties]:
    """Give an exchange that the holder refused, in a database of its own."""
    with fresh_dsn(template(rooms)) as dsn, kit.Database(dsn) as database:
        yield exchanged(tmp_path_factory.mktemp("refused"), database, PROTECTED)


@pytest.fixture(scope="module")
def ours(parties: Parties) -> bytes:
    """Give A's evidence."""
    return parties.pack(A)


@pytest.fixture(scope="module")
def theirs(parties: Parties) -> bytes:
    """Give B's evidence."""
    return parties.pack(B)


@pytest.mark.clause("RK-9.9")
def test_the_asker_alone_proves_its_entries_both_signatures_and_the_receipt(ours):
    """The evidence of one party, verified with the authority's key alone."""
    report = verified(ours)
    assert report.broken == []
    assert codes(report.proven) == {
        *("members", "checkpoint", "entry", "question-signed", "answer-signed", "receipt"),
    }
    assert codes(report.unproven) == {
        *("no-bodies", "not-bound", "one-view", "not-complete", "times", "same-log"),
    }
    assert report.verdict == "proven"


@pytest.mark.clause("RK-9.11")
def test_asker_holder_and_log_operator_agree(parties, ours, theirs):
    """The bundles of several parties are held against each other."""
    report = verified(ours, theirs, parties.pack(L))
    assert report.broken == []
    assert {"agree", "named-entry", "receipt-kept"} <= codes(report.proven)
    assert codes(report.unproven) == {"no-bodies", "not-complete", "times", "same-log"}
    said = [one.text("en") for one in report.proven if one.code == "agree"]
    assert any("answer" not in text and "question_signature" in text for text in said)


@pytest.mark.clause("RK-9.9")
def test_a_refusal_is_evidence_as_an_answer_is(refused):
    """A refused question leaves both parties' evidence too."""
    report = verified(refused.pack(A), refused.pack(B, withheld=True))
    assert report.broken == []
    assert {"question-signed", "answer-signed", "agree"} <= codes(report.proven)
    told = [one.text("ja") for one in report.proven if one.code == "entry"]
    assert len([text for text in told if "拒否(拒否)" in text]) == 2


@pytest.mark.clause("RK-9.7")
def test_what_the_law_withholds_is_opened_for_the_oversight_body_only(refused):
    """The holder's entry about a protected person stands in no open evidence."""
    with pytest.raises(ExchangeUnknown):
        refused.pack(B)
    assert verified(refused.pack(B, withheld=True)).verdict == "proven"


def test_with_the_bodies_given_they_are_held_against_the_digests(parties, ours, theirs):
    question, answer = parties.reply.question.body, parties.reply.answer.body
    report = verified(ours, theirs, question=question, answer=answer)
    assert report.verdict == "proven"
    assert len([one for one in report.proven if one.code == "body"]) == 3
    assert "no-bodies" not in codes(report.unproven)
    other = verified(ours, answer=answer + b" ")
    assert codes(other.broken) == {"body-differs"}
    assert "応答の本文とも違います" in other.broken[0].text("ja")
    unkept = verified(theirs, answer=answer)
    assert (unkept.verdict, codes(unkept.broken)) == ("reserved", set())


def test_without_the_authoritys_key_nothing_is_called_proven(ours):
    report = verified(ours, authority="")
    assert report.verdict == "reserved"
    assert KEY in next(o.text("en") for o in report.unproven if o.code == "authority-not-given")


def test_what_is_not_known_here_is_said(parties):
    exporter = parties.exporter(A)
    with parties.database.transaction(A) as conn, pytest.raises(ExchangeUnknown):
        exporter.pack(conn, "never-asked")


def test_the_same_entries_give_the_same_bytes(parties, ours):
    assert parties.pack(A) == ours


def run(*words, folder, language: str = "en"):
    command = [sys.executable, "-I", "-S", *map(str, words)]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60)
    return done.returncode, done.stdout.decode()


@pytest.mark.clause("RK-9.9")
def test_the_file_in_the_bundle_runs_alone_and_tells_by_its_exit_status(
    tmp_path, parties, ours, theirs
):
    """One file of Python, without anything of ours beside it."""
    (tmp_path / "verify.py").write_bytes(unzipped(ours)["verify.py"])
    (tmp_path / "a.zip").write_bytes(ours)
    (tmp_path / "b.zip").write_bytes(theirs)
    (tmp_path / "body").write_bytes(parties.reply.question.body)
    key = ("--authority", KEY)
    status, said = run("verify.py", "a.zip", "b.zip", *key, "--lang", "ja", folder=tmp_path)
    assert status == 0, said
    assert "すべて確かめられました" in said
    status, said = run("verify.py", "a.zip", "--json", "--question-body", "body", folder=tmp_path)
    told = json.loads(said)
    assert (status, told["verdict"], told["broken"]) == (3, "reserved", [])
    assert "body" in {one["code"] for one in told["proven"]}
    assert "verifier-differs" not in {one["code"] for one in told["unproven"]}
    false = changed(ours, "bundle.json", lambda v: set_in(entry(v)["leaf"]["core"], "unit", "99"))
    (tmp_path / "false.zip").write_bytes(false)
    status, said = run("verify.py", "false.zip", *key, "--lang", "en", folder=tmp_path)
    assert status == 1
    assert "the entry 0, or its proof, is not what the signed log holds." in said
    status, said = run("verify.py", "nowhere.zip", *key, folder=tmp_path)
    assert status == 2
