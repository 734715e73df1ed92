"""`renkei registrar …` and `renkei corporate …` at a registrar's site, as its staff use them."""

import io
import json
import re

import pytest
from tests.app.conftest import AT, plan

from renkei import kit
from renkei.app.errors import SettingsDefective
from renkei.app.membership.initiation import found_site
from renkei.app.settings import parse_settings, read_settings
from renkei.app.site import prepare_database, running_database

REGISTRAR = kit.tenant("6000070001203")
BY = ("--by", "1001", "--reason", "出生")


def code_of(err: str) -> str:
    """Return the code of the error at the end, behind what was asked for."""
    return str(re.findall("([a-z-]+): ", err)[-1])


@pytest.fixture(scope="module")
def site(folder):
    """Give the settings file of a registrar whose database runs."""
    made = found_site(folder / "registrar", plan(tenant=REGISTRAR, role="registrar"), at=AT)
    text = made.settings.read_text("utf-8")
    made.settings.write_text(text + '\n[registrar]\nnumbers = "here"\n', "utf-8")
    settings = read_settings(made.settings)
    with running_database(settings) as dsn:
        prepare_database(dsn, settings)
        yield made.settings


@pytest.fixture
def said(run, site, monkeypatch):
    """Run a command of a family; what is asked for comes from a pipe."""

    def command(*words, piped=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(piped))
        answer = run(*words, "--settings", site, "--json")
        return json.loads(answer.out) if answer.code == 0 else code_of(answer.err)

    return command


def test_a_number_is_issued_changed_and_closed_and_its_history_told(said):
    first = said("registrar", "issue", *BY, "--order", "o-1", piped="basis 1\n")
    assert (first["order"], kit.personal_number_ok(first["number"])) == ("o-1", True)
    again = said("registrar", "issue", *BY, "--order", "o-1", piped="basis 1\n")
    assert again == first
    assert said("registrar", "issue", *BY, piped="basis 1\n") == "already-numbered"
    changed = said("registrar", "change", *BY, piped=f"{first['number']}\n")
    said("registrar", "reissue", *BY, piped=f"{changed['number']}\n")
    said("registrar", "close", *BY, piped=f"{changed['number']}\n")
    told = said("registrar", "history", *BY, piped=f"{first['number']}\n")
    assert [line[:12] for line in told["numbers"]] == [first["number"], changed["number"]]
    assert [line.split(" o")[0].split(" ", 2)[2] for line in told["steps"]] == [
        "number issued",
        "number changed",
        "codes reissued",
        "closed by death",
    ]


def test_doubles_are_put_right(said):
    one = said("registrar", "issue", *BY, piped="basis 2\n")["number"]
    two = said("registrar", "issue", *BY, piped="basis 3\n")["number"]
    said("registrar", "merge", *BY, piped=f"{one}\n{two}\n")
    assert said("registrar", "close", *BY, piped=f"{two}\n") == "number-not-in-use"
    both = said("registrar", "separate", *BY, piped=f"{one}\n")["numbers"]
    assert len(set(both)) == 2
    assert said("registrar", "close", *BY, piped="983205673214\n") == "number-unknown"


LISTED = """# 合成データ
整理番号,個人番号
1,983205673214
2,123456789018
3,983205673214
4,98320567321
5,983205673215
6,９８３２０５６７３２１４
7,
"""


def test_a_list_of_issued_numbers_goes_in_and_each_wrong_line_is_named_by_its_place(
    run, said, site, tmp_path
):
    file = tmp_path / "issued.csv"
    file.write_text(LISTED, "utf-8")
    words = ("registrar", "load", file, *BY, "--settings", site, "--json")
    first = run(*words)
    told = json.loads(first.out)
    assert (first.code, told["new"], told["known"], told["wrong"]) == (2, 2, 0, 5)
    places = [re.findall("Line ([0-9]+): (.*)", one)[0] for one in told["findings"]]
    assert [int(line) for line, _ in places] == [5, 6, 7, 8, 9]
    assert "check digit" in places[2][1]
    assert "98320567321" not in first.out
    file.write_text("個人番号\n983205673214\n123456789018\n", "utf-8")
    again = run(*words)
    assert (again.code, json.loads(again.out)["known"]) == (0, 2)
    said("registrar", "close", *BY, piped="983205673214\n")
    assert "closed" in json.loads(run(*words).out)["findings"][0]


@pytest.mark.parametrize(
    "data", [b"", b"number\n983205673214\n", "個人番号\n".encode() + b"\xff\xfe\n", b"x" * 20_000]
)
def test_a_file_that_is_no_list_is_refused(run, site, tmp_path, data):
    file = tmp_path / "issued.csv"
    file.write_bytes(data)
    answer = run("registrar", "load", file, *BY, "--settings", site)
    assert (answer.code, answer.err.partition(":")[0]) == (1, "file-unreadable")


def test_where_numbers_are_drawn_elsewhere_none_is_drawn_and_a_new_one_is_given(
    said, site, tmp_path
):
    here = site.read_text("utf-8")
    site.write_text(here.replace('numbers = "here"', 'numbers = "elsewhere"'), "utf-8")
    try:
        assert said("registrar", "issue", *BY, piped="basis 9\n") == "numbers-drawn-elsewhere"
        file = tmp_path / "issued.csv"
        file.write_text("個人番号\n111111111118\n", "utf-8")
        said("registrar", "load", file, *BY)
        piped = "111111111118\n472801906132\n"
        assert said("registrar", "change", *BY, piped=piped)["number"] == "472801906132"
        again = "472801906132\n111111111118\n"
        assert said("registrar", "change", *BY, piped=again) == "number-taken"
    finally:
        site.write_text(here, "utf-8")


def test_no_number_is_an_option_or_argument_of_a_command(run):
    for step in ("issue", "change", "reissue", "merge", "separate", "close", "history"):
        helped = run("registrar", step, "--help").out
        assert "NUMBER" not in helped
        assert "--number" not in helped


def test_a_node_is_no_registrar(run, founded, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("983205673214\n"))
    answer = run("registrar", "history", *BY, "--settings", founded.settings)
    assert (answer.code, code_of(answer.err)) == (1, "registrar-wanted")


def test_a_corporation_goes_its_way(said):
    what = ("--name", "株式会社見本", "--kana", "ミホン", "--address", "東京都千代田区1")
    made = said("corporate", "assign", *what, *BY, "--company-number", "000012090001")
    assert made["number"] == "4000012090001"
    other = said("corporate", "assign", *what, *BY)["number"]
    changed = said("corporate", "change", other, *BY, "--address", "大阪府大阪市")
    assert (changed["name"], changed["address"]) == ("株式会社見本", "大阪府大阪市")
    found = said("corporate", "search", "--name", "みほん")["corporations"]
    assert {one["number"] for one in found} == {made["number"], other}
    said("corporate", "close", other, "merged", "--successor", made["number"], *BY)
    assert said("corporate", "close", other, "other", *BY) == "corporation-not-open"
    said("corporate", "reopen", other, *BY)
    assert said("corporate", "search", "--number", other)["corporations"][0]["closed_on"] is None


def test_a_made_up_register_is_written_and_loaded(said, run, tmp_path):
    file = tmp_path / "corporations.csv"
    made = json.loads(run("simulate", "corporations", "--out", file, "--count", 20, "--json").out)
    assert made["corporations"] == 20
    assert said("corporate", "load", file, *BY)["taken in"] == made["events"]
    found = said("corporate", "search", "--closed", "--limit", "1000")["corporations"]
    assert sum(one["synthetic"] for one in found) == 20


@pytest.mark.parametrize(
    "line", ['door = "nowhere"', 'door = "127.0.0.1:0"', 'numbers = "x"', "rate = 0"]
)
def test_a_table_that_means_nothing_is_refused(site, line):
    text = site.read_text("utf-8").replace('numbers = "here"', line)
    with pytest.raises(SettingsDefective, match="registrar"):
        parse_settings(text.encode(), site)


def test_the_table_is_the_registrars_alone(founded, site):
    line = '[registrar]\nnumbers = "here"\ndoor = "127.0.0.1:8090"\n\n[units]'
    before = site.read_text("utf-8").replace('[registrar]\nnumbers = "here"', "")
    plan_of = parse_settings(before.replace("[units]", line).encode(), site)
    assert (plan_of.registrar.draws, plan_of.registrar.door) == (True, ("127.0.0.1", 8090))
    text = founded.settings.read_text("utf-8").replace("[units]", line)
    with pytest.raises(SettingsDefective, match="registrar"):
        parse_settings(text.encode(), founded.settings)
