"""Public processes and letters from the command line."""

import json

import pytest
from tests.app.conftest import AT
from tests.app.test_console_partners import dead, number
from tests.process.misfits import misfit
from tests.process.towns import EXAMPLES, NEW, OLD

from renkei.app.deliveries.intake import site_database
from renkei.app.demo.ecosystem import A, ecosystem
from renkei.app.site import running_database
from renkei.process.cases import inbox

BY = ("--by", "1002")


@pytest.fixture(scope="module")
def town(folder):
    """Give a town's settings file; two letters reached no case there."""
    with ecosystem(folder / "sites", at=AT) as founded:
        settings = founded.settings[A.name]
        with running_database(settings):
            with site_database(settings) as database, database.transaction(A.tenant) as conn:
                dead(conn, 1, inbox.Fate.EXPIRED)
                dead(conn, 2, inbox.Fate.LATE)
            yield founded.file(A)


def told(run, *words, town=None):
    said = run("partners", *words, *(("--settings", town) if town else ()), "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def refused(run, town, *words):
    said = run("partners", *words, "--settings", town)
    assert said.code == 1
    return said.err


def test_a_public_process_is_listed_and_shown_in_both_languages(run):
    names = [one["collaboration"] for one in told(run, "list")["public_processes"]]
    assert names == ["child-allowance-move", "child-medical-income"]
    for language, words in (("ja", "支給の引継ぎ: 転出元"), ("en", "Payments handed over")):
        said = run("partners", "show", "child-allowance-move", language=language)
        assert words in said.out
    said = run("partners", "show", "child-allowance-move", "--on", "2020-01-01")
    assert "collaboration-not-in-force" in said.err


def test_a_model_is_checked_and_one_that_would_never_fit_is_not_put_in_force(run, town):
    good = EXAMPLES / f"{NEW}.bpmn"
    assert run("partners", "check", good).code == 0
    wrong = town.parent / "wrong.bpmn"
    wrong.write_bytes(misfit("letter-elsewhere").document.xml())
    said = run("partners", "check", wrong)
    assert said.code == 2
    assert "letter-elsewhere" in said.out
    words = ("cases", "deploy", wrong, "--from", "2026-11-01", *BY, "--settings", town)
    assert "model-defective" in run(*words).err
    assert run(*words, "--anyway").code == 0


def test_letters_are_shown_with_their_fates(run, town):
    found = told(run, "fates", "--dead", town=town)["letters"]
    assert {one["id"]: one["fate"] for one in found} == {number(1): "expired", number(2): "late"}
    said = run("partners", "fates", "--settings", town, language="ja")
    assert "転入の知らせ – 行き先なし(要確認)" in said.out


def test_who_settles_a_letter_says_who_and_what_was_done(run, town):
    assert "case-official-unknown" in refused(run, town, "settle", number(2), "--by", "")
    done = told(run, "settle", number(2), *BY, "--reason", "電話で確認", town=town)
    assert done["fate"] == "dealt with by staff"
    assert "letter-unknown" in refused(run, town, "settle", number(2), *BY)
    assert "letter-unknown" in refused(run, town, "settle", "nothing", *BY)


def test_a_letter_is_brought_on_once_a_process_for_it_is_in_force(run, town):
    words = ("cases", "deploy", EXAMPLES / f"{OLD}.bpmn", "--from", "2026-04-01", *BY)
    assert run(*words, "--settings", town).code == 0
    assert told(run, "settle", number(1), *BY, town=town)["fate"] == "began a case"


def test_only_what_left_and_has_no_end_is_sent_again(run, town):
    assert "letter-sent" in refused(run, town, "resend", number(1), *BY)
