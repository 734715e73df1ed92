"""`renkei people …` numbers, matches, shows, decides and undoes, and says what it did."""

import json

import pytest
from tests.app.conftest import AT, A
from tests.store.rows import register_number
from tests.store.townspeople import load, outside, outsider, person

from renkei.app.deliveries.intake import site_database

PAIR = (register_number(1), outside(1))


@pytest.fixture(scope="module")
def town(founded, settings, running):
    """Give the settings file of a site with two residents and two who are written twice."""
    with site_database(settings) as database, database.transaction(A) as conn:
        outsiders = [outsider(1, person(1), personal_number=""), outsider(2, person(2))]
        load(conn, [person(1), person(2)], outsiders, town=A, on=AT.date(), at=AT)
    return founded.settings


def people(run, town, *words, language="en"):
    said = run("people", *words, "--settings", town, "--json", language=language)
    return said, json.loads(said.out) if said.code == 0 else {}


def test_a_town_is_matched_shown_decided_and_undone(run, town):
    _, matched = people(run, town, "match")
    assert (matched["merged"], matched["register_numbers"], matched["identities"]) == (1, 4, 3)
    _, waiting = people(run, town, "queue")
    assert waiting["standing"] == {
        "waiting・four basic items equal": 1,
        "same・equal number": 1,
    }
    assert waiting["pairs"][0].startswith(" ".join(PAIR))
    said = ("--by", "1002", "--reason", "戸籍で確認")
    _, decided = people(run, town, "decide", *PAIR, "same", *said)
    assert (decided["state"], decided["moved"], decided["in effect"]) == ("same", 1, True)
    refused, _ = people(run, town, "decide", *PAIR, "same", *said)
    assert (refused.code, refused.err.partition(":")[0]) == (1, "pair-decided")
    _, undone = people(run, town, "undo", *PAIR, *said)
    assert (undone["state"], undone["moved"]) == ("waiting", 1)
    _, shown = people(run, town, "show", PAIR[1], language="ja")
    assert shown["register numbers"] == [PAIR[1]]
    assert [line.split()[-2] for line in shown["decisions"]] == ["1002:", "1002:"]
    _, again = people(run, town, "match")
    assert (again["compared"], again["merged"]) == (0, 0)


def test_what_is_printed_names_no_person(run, town):
    people(run, town, "match", "--whole")
    for words in (("queue",), ("show", register_number(2))):
        said, _ = people(run, town, *words)
        assert "花子" not in said.out
        assert "見本" not in said.out


def test_an_unknown_number_is_an_error(run, town):
    said, _ = people(run, town, "show", "000000000000000")
    assert (said.code, said.err.partition(":")[0]) == (1, "identity-unknown")


def test_numbers_are_issued_once(run, town):
    _, first = people(run, town, "number")
    _, second = people(run, town, "number")
    assert (second["issued"], second["identities"]) == (0, first["identities"])
