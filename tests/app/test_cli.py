"""The command line does one thing a command, says what it did, and says no with a reason."""

import io
import json
import shutil
from collections.abc import Iterator
from functools import cache

import psycopg
import pytest
import typer
from rich.console import Console
from tests.app.conftest import AT, AUTHORITY, A
from tests.audit.samples import OUTSIDE, entries
from tests.standard import folder as catalogue
from tests.standard.folder import write_files
from tests.standard.test_overlays import FILES as OVERLAY
from tests.store.deliveries import json_lines
from tests.store.rows import RESIDENT, lines, register_number, resident

from renkei import audit, federation, store
from renkei.app.cli import app
from renkei.app.commands.findings_table import findings_table
from renkei.app.deliveries.intake import site_database
from renkei.app.membership.keys import Keys
from renkei.app.settings import read_settings
from renkei.app.site import site_standard
from renkei.app.standards.exports import EXPORTS
from renkei.standard.synthetic import example_row

VKEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
DAY = "2026-04-01"


@cache
def whole():
    """Return the whole command line, which takes a while to make."""
    return typer.main.get_command(app)


def commands() -> Iterator[list[str]]:
    """Yield the words of every command."""

    def below(command: object, words: list[str]) -> Iterator[list[str]]:
        parts = getattr(command, "commands", {})
        if not parts:
            yield words
        for name, part in parts.items():
            yield from below(part, [*words, name])

    return below(whole(), [])


def has_both_languages(text: str) -> bool:
    return text.isascii() is False and any(letter.isascii() for letter in text) and "/" in text


@pytest.mark.parametrize("words", [*commands()], ids=" ".join)
def test_every_command_says_in_both_languages_what_it_does(run, words):
    said = run(*words, "--help")
    assert said.code == 0
    assert has_both_languages(said.out.partition("Options")[0].partition("Arguments")[0])


@pytest.mark.parametrize("words", [*commands()], ids=" ".join)
def test_every_option_has_a_help_in_both_languages(words):
    command: object = whole()
    for word in words:
        command = command.commands[word]  # type: ignore[attr-defined] # a group until the end
    for parameter in command.params:  # type: ignore[attr-defined]
        assert has_both_languages(parameter.help or ""), parameter.name


def test_without_a_command_the_help_comes(run):
    said = run()
    assert "simulate" in said.out + said.err


# Synthetic towns ---------------------------------------------------------------------------------


def test_a_synthetic_town_is_reported_as_json(run, tmp_path):
    words = ("--code", A, "--people", "300", "--seed", "3", "--out", tmp_path, "--json")
    said = run("simulate", "town", *words)
    assert said.code == 0
    report = json.loads(said.out)
    assert report["code"] == A
    assert {path.name for path in tmp_path.iterdir()} >= {"resident.csv", "income.csv"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("--code", "130001"), "municipality-unknown"),
        (("--people", "0"), "people-out-of-range"),
        (("--neighbour", A), "neighbour-refused"),
    ],
)
def test_a_town_that_cannot_be_made_is_refused_by_name(run, tmp_path, change, code):
    words = ("simulate", "town", "--code", A, "--people", "300", "--out", tmp_path, *change)
    said = run(*words)
    assert (said.code, said.err.partition(":")[0]) == (1, code)


# Founding ----------------------------------------------------------------------------------------


def found(run, folder, *more: str):
    return run(
        *("init", folder, "--tenant", A, "--peers", "127.0.0.1:1", "--staff", "127.0.0.1:2"),
        *("--authority", str(AUTHORITY.verifier), "--ja", "A市", "--en", "City A"),
        *("--unit", "15", "--unit", "17", *more),
    )


def test_a_site_is_founded_and_its_tokens_are_shown_once(run, tmp_path):
    facts = json.loads(found(run, tmp_path / "a", "--json").out)
    assert set(facts["tokens"]) == {"15", "17", "oversight"}
    settings = read_settings(tmp_path / "a" / "renkei.toml")
    assert set(settings.units) == {"15", "17"}
    written = "".join(p.read_text() for p in (tmp_path / "a").iterdir() if p.is_file())
    assert not any(token in written for token in facts["tokens"].values())
    again = found(run, tmp_path / "a")
    assert (again.code, again.err.partition(":")[0]) == (1, "file-exists")


def test_the_members_list_is_signed_for_a_time_under_the_next_version(run, tmp_path):
    found(run, tmp_path / "a")
    out, key = tmp_path / "members.json", tmp_path / "authority.key"
    row = tmp_path / "a" / "public.json"
    for version, words in ((1, ()), (2, ("--valid-days", "7")), (9, ("--version", "9"))):
        said = run("directory", "issue", row, "--out", out, "--key", key, *words, "--json")
        facts = json.loads(said.out)
        authority = audit.Verifier.parse(facts["authority"])
        members = federation.read_members(out.read_bytes(), authority)
        assert (members.version, facts["version"], facts["members"]) == (version, version, 1)
        days = (members.valid_until - members.issued_at).days
        assert days == (7 if "7" in words else 90)


@pytest.mark.parametrize("at", ["8440", "host:", "host:x", ":1"])
def test_a_list_is_served_at_a_host_and_a_port(run, tmp_path, at):
    assert run("directory", "serve", tmp_path / "members.json", "--at", at).code == 2


def test_a_list_of_another_authority_has_no_next_version(run, tmp_path):
    found(run, tmp_path / "a")
    row, out = tmp_path / "a" / "public.json", tmp_path / "members.json"
    assert run("directory", "issue", row, "--out", out, "--key", tmp_path / "one.key").code == 0
    said = run("directory", "issue", row, "--out", out, "--key", tmp_path / "two.key")
    assert (said.code, said.err.partition(":")[0]) == (1, "file-unreadable")


@pytest.mark.parametrize(
    ("language", "words"), [("en", "cannot be read"), ("ja", "読めません"), ("", "読めません")]
)
def test_an_error_is_said_in_the_readers_language(run, tmp_path, monkeypatch, language, words):
    monkeypatch.setenv("LANG", "C.UTF-8")
    said = run("load", "x.csv", "--settings", tmp_path / "none.toml", language=language)
    assert said.code == 1
    assert said.err.startswith("settings-missing: ")
    assert words in said.err
    assert "none.toml" in said.err


# Loading -----------------------------------------------------------------------------------------


@pytest.fixture
def write(tmp_path):
    """Write a file of residents, some of its lines changed."""

    def written(*rows, name="resident.csv"):
        path = tmp_path / name
        path.write_text("".join(f"{line}\n" for line in lines(RESIDENT, rows)), encoding="utf-8")
        return path

    return written


def load(run, settings_file, *words, on=DAY, language="en"):
    return run("load", *words, "--on", on, "--settings", settings_file, language=language)


def names(settings) -> dict[int, object]:
    """Return who is held under the first register numbers."""
    with site_database(settings) as database, database.transaction(A) as conn:
        read = store.find_person
        day = AT.date()
        return {n: read(conn, A, register_number(n), on=day) for n in range(1, 6)}


@pytest.fixture(scope="module")
def held(founded, settings, running, tmp_path_factory):
    """Give the settings file of a site where persons 1 and 2 are held."""
    with site_database(settings) as database, database.transaction(A) as conn:
        source = tmp_path_factory.mktemp("first") / "resident.csv"
        rows = [resident(1), resident(2)]
        source.write_text("".join(f"{line}\n" for line in lines(RESIDENT, rows)), encoding="utf-8")
        report = store.load(conn, A, RESIDENT, source, on=AT.date().replace(month=3), at=AT)
        assert report.outcome is store.Outcome.loaded
    return founded.settings


def test_a_file_is_loaded_once(run, held, write):
    path = write(resident(1), resident(2, building="二階"))
    first = json.loads(load(run, held, path, "--json").out)[str(path)]
    assert (first["outcome"], first["records"], first["findings"]) == ("loaded", 2, [])
    assert first["changes"] == {"new": 0, "changed": 1, "gone": 0, "same": 1}
    again = load(run, held, path, "--json")
    assert again.code == 0
    assert json.loads(again.out)[str(path)]["outcome"] == "already-loaded"


@pytest.mark.parametrize(("language", "word"), [("en", " error "), ("ja", " エラー ")])
def test_a_wrong_file_is_named_line_by_line_and_changes_nothing(
    run, held, settings, write, language, word
):
    before = names(settings)
    path = write(resident(3), resident(4, birth_date="1980-02-31"), resident(5, sex="X"))
    said = load(run, held, path, language=language)
    assert said.code == 2
    found = [line.strip() for line in said.out.splitlines() if word in line]
    assert [line.split(" ")[0] for line in found] == ["4:7", "5:8"]
    assert "生年月日" in found[0]
    assert "9999-99-99" in found[0]
    assert "1980-02-31" not in said.out
    assert names(settings) == before


def test_what_was_found_is_written_for_a_spreadsheet_and_for_a_program(run, held, write, tmp_path):
    path = write(resident(3, sex="X"), name="bad.csv")
    for out in (tmp_path / "out.csv", tmp_path / "out.json"):
        said = load(run, held, path, "--entity", "resident", "--findings", out, language="ja")
        assert said.code == 2
    assert "code-unknown" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    (told,) = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert (told["file"], told["errors"]) == ("bad.csv", 1)


def test_findings_are_written_to_no_other_kind_of_file(run, held, write, tmp_path):
    said = load(run, held, write(resident(1)), "--findings", tmp_path / "out.xlsx")
    assert (said.code, said.err.partition(":")[0]) == (1, "file-unreadable")


def test_the_format_is_told_by_the_file_or_by_whoever_loads_it(run, held, tmp_path):
    path = tmp_path / "resident.dat"
    path.write_bytes(json_lines(RESIDENT, [resident(1), resident(2, sex="X")]))
    words = (path, "--entity", "resident", "--json")
    facts = json.loads(load(run, held, *words).out)[str(path)]
    assert (facts["records"], facts["outcome"]) == (2, "blocked")
    refused = json.loads(load(run, held, *words, "--format", "csv").out)[str(path)]
    assert (refused["records"], refused["outcome"]) == (0, "blocked")


def test_on_a_terminal_findings_are_a_table():
    findings = store.Findings()
    findings.error("required", store.Place(3, 4, "氏名"))
    findings.alert("byte-order-mark", store.Place(1))
    table = findings_table(store.Listing("[red]x.csv", RESIDENT, findings), "ja")
    out = io.StringIO()
    Console(width=200, file=out).print(table)
    said = out.getvalue()
    assert all(word in said for word in ("[red]x.csv", "氏名", "エラー", "アラート", "required"))


def test_of_several_files_each_has_its_own_fate(run, held, write):
    good = write(resident(1), resident(2), name="good.csv")
    bad = write(resident(1, sex="X"), name="bad.csv")
    said = load(run, held, good, bad, "--entity", "resident", "--json", on="2026-04-02")
    assert said.code == 2
    reports = json.loads(said.out)
    assert [reports[str(path)]["outcome"] for path in (good, bad)] == ["loaded", "blocked"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("none.csv", "--entity", "resident"), "file-unreadable"),
        (("none.csv",), "definition-unknown"),
    ],
)
def test_what_cannot_be_loaded_is_an_error(run, held, words, code):
    said = load(run, held, *words)
    assert (said.code, said.err.partition(":")[0]) == (1, code)


def test_a_day_that_is_none_is_refused(run, held, write):
    said = load(run, held, write(resident(1)), on="2026-02-30")
    assert said.code == 2
    assert "--on" in said.err


def test_the_hub_loads_nothing(run, tmp_path, write):
    found(run, tmp_path / "h", "--role", "log")
    said = load(run, tmp_path / "h" / "renkei.toml", write(resident(1)))
    assert said.err.startswith("role-wrong")
    said = run("codes", "--settings", tmp_path / "h" / "renkei.toml")
    assert said.err.startswith("role-wrong")


# Verifying ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(founded, settings, running, tmp_path_factory):
    """Give a bundle, a published log and the log's key."""
    folder = tmp_path_factory.mktemp("kept")
    signer = Keys(settings.keys, A).signer()
    with site_database(settings) as database:
        with database.transaction(A) as conn:
            audit.append_many(conn, A, entries(5))
        with database.transaction(A) as conn:
            audit.sequence(conn, A, signer, at=AT)
        with database.transaction(A) as conn:
            label = entries(1)[0].label or b""
            data = audit.bundle(conn, A, signer.verifier, labels=[label])
            (folder / "bundle.json").write_bytes(data)
            audit.publish(conn, A, folder / "log")
    return folder, str(signer.verifier)


@pytest.mark.parametrize("name", ["bundle.json", "log"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_is_whole_verifies(run, kept, name, language):
    folder, key = kept
    said = run("verify", folder / name, "--key", VKEY, "--key", key, "--json", language=language)
    assert said.code == 0
    facts = json.loads(said.out)
    assert (facts["holds"], facts["entries"], facts["broken"]) == (True, 5, [])
    assert facts["statement"].isascii() is (language == "en")


def test_a_bundle_with_any_byte_changed_does_not_verify(run, kept, tmp_path):
    folder, key = kept
    data = (folder / "bundle.json").read_bytes()
    for place in range(7, len(data), len(data) // 12):
        changed = bytearray(data)
        changed[place] ^= 1
        (tmp_path / "bundle.json").write_bytes(changed)
        said = run("verify", tmp_path / "bundle.json", "--key", key, "--json")
        assert said.code in (1, 2), place
        assert '"holds": true' not in said.out


def test_an_entry_changed_in_a_published_log_is_named_and_nothing_is_stated(run, kept, tmp_path):
    folder, key = kept
    log = tmp_path / "log"
    shutil.copytree(folder / "log", log)
    (tile,) = (log / "tile" / "entries").rglob("5")
    tile.write_bytes(tile.read_bytes().replace(b"JP-0002", b"JP-0009"))
    said = run("verify", log, "--key", key)
    assert said.code == 2
    assert "holds: no" in said.out
    assert "The entry 2 was altered" in said.out
    assert "none altered" not in said.out


def test_a_key_nobody_trusts_proves_nothing(run, kept):
    folder, _ = kept
    for name in ("bundle.json", "log"):
        said = run("verify", folder / name, "--key", VKEY)
        assert (said.code, said.err.partition(":")[0]) == (1, "key-unknown")


@pytest.mark.parametrize(
    ("name", "key", "code"),
    [
        ("none.json", VKEY, "file-unreadable"),
        (".", VKEY, "file-unreadable"),
        ("none.json", "somebody", "verifier-malformed"),
    ],
)
def test_what_is_not_there_cannot_be_verified(run, tmp_path, name, key, code):
    said = run("verify", tmp_path / name, "--key", key)
    assert (said.code, said.err.partition(":")[0]) == (1, code)


@pytest.mark.skipif(not OUTSIDE.exists(), reason="no outside log in ../shared/data/tlog")
def test_the_log_of_another_implementation_verifies(run):
    said = run("verify", OUTSIDE, "--key", VKEY, "--json")
    assert said.code == 0
    assert json.loads(said.out)["entries"] == 15


TOWN = {
    "overlay.yaml": """\
id: a-city
edition: "1"
ja: A市の追加
en: Additions of City A
since: 2026-04-01
extends: renkei-reference-model
organisation: "131016"
""",
    "items/17.tsv": (
        f"{catalogue.HEADER}child_medical|17-1-901|clinic_card|診察券番号|Number of the clinic card"
        "|latin|12|no||personal|no|C-0001|||proposed|A市\n"
    ).replace("|", "\t"),
}


def test_a_site_keeps_the_items_of_its_overlay(run, founded, running, tmp_path):
    write_files(founded.settings.parent / "town", TOWN)
    file = founded.settings.with_name("with-overlay.toml")
    text = founded.settings.read_text(encoding="utf-8")
    file.write_text(f'overlays = ["town"]\n{text}', encoding="utf-8")
    known = site_standard(read_settings(file))
    entity = known.entity("child_medical")
    row = example_row(entity, known)
    snapshot = tmp_path / "child_medical.csv"
    snapshot.write_text("".join(f"{line}\n" for line in lines(entity, [row])), encoding="utf-8")
    said = load(run, file, snapshot)
    assert said.code == 0, said
    with psycopg.connect(running) as conn:
        held = conn.execute("SELECT clinic_card FROM store_child_medical").fetchall()
    assert held == [("C-0001",)]
    assert load(run, founded.settings, snapshot).code == 2


# The standard ------------------------------------------------------------------------------------


def test_the_shipped_catalogue_has_no_findings(run):
    said = run("standard", "check", "--json")
    told = json.loads(said.out)
    assert (said.code, told["findings"]) == (0, [])
    assert told["units"] == 32
    assert told["interfaces"] >= 45
    assert told["verified"].endswith("%)")


def test_the_size_of_the_standard_is_told_in_the_language_of_the_reader(run):
    assert "業務ユニット: 32\n" in run("standard", "check", language="ja").out
    assert "units: 32\n" in run("standard", "check", language="en").out


def test_a_faulty_catalogue_is_named_file_by_file(run, tmp_path):
    said = run("standard", "check", catalogue.write(tmp_path))
    assert (said.code, said.out.splitlines()[-1]) == (0, "findings: 0")
    said = run("standard", "check", catalogue.write(tmp_path, "flows.tsv", "number\t", "x\t"))
    assert said.code == 2
    assert "flows.tsv:1" in said.out


@pytest.fixture
def small(tmp_path):
    return catalogue.write(tmp_path / "small")


@pytest.mark.parametrize("form", [*EXPORTS, "all"])
def test_what_is_exported_is_the_same_every_time(run, tmp_path, small, form):
    written = {}
    for name in ("one", "two"):
        folder = tmp_path / name
        assert run("standard", "export", form, "--out", folder, "--from", small).code == 0
        files = [path for path in folder.rglob("*") if path.is_file()]
        written[name] = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    assert written["one"] == written["two"]
    parts = {name.partition("/")[0] for name in written["one"]}
    assert parts == (set(EXPORTS) if form == "all" else {form})


@pytest.mark.parametrize("word", ["01-1-004", "person.sex", "性別", "Sex", "sex"])
def test_a_definition_is_shown_by_number_or_name(run, small, word):
    said = run("standard", "show", word, "--from", small)
    assert said.code == 0
    assert "性別" in said.out


def test_what_is_shown_names_who_uses_it_under_which_provision(run):
    said = run("standard", "show", "06/income_assessment", "--json")
    (told,) = json.loads(said.out)["definitions"]
    assert {"10", "13", "14"} <= set(told["consumers"])
    assert any("14" in row for row in told["provisions"])
    assert run("standard", "show", "猫").code == 1


def test_a_difference_is_told_by_effect_and_consumer(run, tmp_path, small):
    other = catalogue.write(tmp_path / "other", "items/01.tsv", "text\t100", "text\t200")
    told = json.loads(run("standard", "diff", small, other, "--json").out)
    assert len(told["needs-mapping"]) == 1
    assert told["consumers"] == {"02": "needs-mapping 1"}
    said = run("standard", "diff", small, other, "--out", tmp_path / "skeleton")
    assert said.code == 0
    assert {p.name for p in (tmp_path / "skeleton").iterdir()} == {
        *("changes.md", "mappings.tsv", "columns.sql"),
    }


def test_a_release_is_signed_written_once_and_read_again(run, tmp_path, small):
    key, out = tmp_path / "issuer.key", tmp_path / "small.release"
    words = ("standard", "release", small, "--key", key, "--out", out, "--json")
    first = json.loads(run(*words).out)
    assert key.stat().st_mode & 0o077 == 0
    bytes_then = out.read_bytes()
    second = json.loads(run(*words).out)
    assert (first["key"], first["version"]) == (second["key"], second["version"])
    assert out.read_bytes() == bytes_then
    assert run("standard", "show", "person", "--from", out).code == 0
    assert run("standard", "diff", out, small).code == 0
    catalogue.write(small, "standard.yaml", "小さな", "別の")
    said = run(*words)
    assert (said.code, out.read_bytes()) == (1, bytes_then)
    key.chmod(0o644)
    assert run(*words).code == 1


def test_two_editions_are_told_side_by_side_and_only_trusted_ones(run, tmp_path, small):
    key = tmp_path / "issuer.key"
    until = ("standard.yaml", "since: 2026-04-01", "since: 2025-04-01\nuntil: 2026-09-30")
    old = catalogue.write(tmp_path / "old", *until)
    catalogue.write(small, "standard.yaml", 'edition: "1"', 'edition: "2"')
    files = [tmp_path / "old.release", tmp_path / "new.release"]
    for folder, file in zip((old, small), files, strict=True):
        made = run("standard", "release", folder, "--key", key, "--out", file, "--json")
        trusted = json.loads(made.out)["key"]
    words = ("standard", "editions", *files, "--on", "2026-06-01", "--interface", "01/person")
    told = json.loads(run(*words, "--trust", trusted, "--json").out)
    assert [line.split()[0] for line in told["editions"]] == ["2", "1"]
    assert told["interface"] == {"2": "year sex", "1": "year sex"}
    said = run(*words, "--trust", VKEY)
    assert (said.code, said.err.partition(":")[0]) == (1, "release-unsigned")


def test_an_overlay_is_laid_upon_the_standard(run, tmp_path, small):
    overlay = write_files(tmp_path / "town", OVERLAY)
    said = run("standard", "show", "nickname", "--from", small, "--overlay", overlay)
    assert "愛称" in said.out
    assert run("standard", "check", small, "--overlay", overlay).code == 0


def test_the_site_is_written_and_opens_from_its_index(run, tmp_path, small):
    said = run("standard", "site", "--out", tmp_path / "site", "--from", small, "--json")
    told = json.loads(said.out)
    assert told["site"].endswith("index.html")
    assert (tmp_path / "site" / "index.html").is_file()
    assert (tmp_path / "site" / "downloads" / "01-registry.xsd").is_file()


def test_the_manual_is_written_where_it_is_wanted(run, tmp_path):
    said = run("manual", "--out", tmp_path)
    assert said.code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"errors.md", "commands.md"}
