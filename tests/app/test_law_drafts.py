"""What was approved is folded into the files law is made from: that alone, whole, and once."""

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from tests.law.test_drafting import LINE, Room
from tests.standard.folder import OWN_USE, PROVISIONS, write
from typer.testing import CliRunner

from renkei import audit, kit, law
from renkei.app.cli import app
from renkei.app.errors import AmendmentElsewhere, AmendmentUnreadable, HouseWithoutOverlay
from renkei.app.standards.amendments import exported, fold_in, key_name, read_record
from renkei.law import drafting
from renkei.standard import compile_catalogue, read_compiled

A = kit.tenant("131016")
SIGNER = audit.Signer.from_seed("renkei.example/131016/access-log", bytes(32))
TRUST = str(SIGNER.named(key_name(A)).verifier)
USE = OWN_USE.splitlines()[1].replace("2018-04-01\t", "2018-04-01\t2028-03-31")
ROWS = f"{LINE}\n{USE}"


def table(folder: Path, *overlays: Path) -> law.ProvisionTable:
    return law.table_of(read_compiled(compile_catalogue(folder, overlays)))


@pytest.fixture
def room(conn, tmp_path) -> Room:
    folder = write(tmp_path / "standard")
    return Room(conn, folder, table(folder))


@pytest.fixture
def approved(room) -> drafting.Draft:
    room.content = msgspec.structs.replace(room.content, rows=ROWS)
    draft: drafting.Draft = room.until("approved").draft
    return draft


def test_an_approved_draft_makes_the_very_table_that_was_approved_and_does_so_once(room, approved):
    facts = fold_in(approved, room.folder, ())
    assert facts["written"] == ["provisions.tsv", "own_use.tsv"]
    step = approved.newest("approve")
    assert step is not None
    assert table(room.folder).version == step.result == facts["table"]
    before = {file: file.read_bytes() for file in room.folder.rglob("*.tsv")}
    assert fold_in(approved, room.folder, ())["written"] == []
    assert {file: file.read_bytes() for file in room.folder.rglob("*.tsv")} == before


@pytest.mark.parametrize("done", ["provisions.tsv", "own_use.tsv"])
def test_a_stop_between_two_files_is_mended_by_the_next_run(room, approved, done, tmp_path):
    other = write(tmp_path / "whole")
    fold_in(approved, other, ())
    (room.folder / done).write_bytes((other / done).read_bytes())  # and there it was killed
    facts = fold_in(approved, room.folder, ())
    assert done not in (facts["written"] if isinstance(facts["written"], list) else [])
    assert table(room.folder).version == table(other).version


@pytest.mark.parametrize("state", ["drafted", "submitted", "reviewed"])
def test_what_nobody_approved_is_not_folded_in(room, state):
    draft = room.until(state).draft
    with pytest.raises(drafting.DraftStateWrong):
        fold_in(draft, room.folder, ())
    with pytest.raises(drafting.DraftStateWrong):
        exported(draft, A, SIGNER)
    assert (room.folder / "provisions.tsv").read_text(encoding="utf-8") == PROVISIONS


def test_a_content_that_is_not_the_approved_one_is_not_folded_in(room, approved):
    content = msgspec.structs.replace(approved.content, rows=LINE)
    steps = [replace(one, content=content) if one.content else one for one in approved.steps]
    with pytest.raises(drafting.DraftOtherContent):
        fold_in(replace(approved, steps=steps), room.folder, ())


def test_files_that_moved_after_the_approval_are_left_alone(room, approved):
    file = room.folder / "provisions.tsv"
    moved = PROVISIONS.replace("台帳法2条", "台帳法2条の2")
    file.write_text(moved, encoding="utf-8")
    with pytest.raises(AmendmentElsewhere):
        fold_in(approved, room.folder, ())
    assert file.read_text(encoding="utf-8") == moved


def test_a_record_is_the_same_each_time_and_believed_by_its_key_alone(approved, tmp_path):
    note = exported(approved, A, SIGNER)
    assert exported(approved, A, SIGNER) == note
    file = tmp_path / "record"
    file.write_text(note, encoding="utf-8")
    organisation, draft = read_record(file, [TRUST])
    assert (organisation, draft.digest) == (A, approved.digest)
    stranger = str(audit.Signer.from_seed(key_name(A), bytes([1] * 32)).verifier)
    with pytest.raises(audit.KeyUnknown):
        read_record(file, [stranger])
    with pytest.raises(audit.KeyUnknown):  # the key of the log signs no law
        read_record(file, [str(SIGNER.verifier)])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("台帳法", "別の法"),
        ('"by":"201"', '"by":"999"'),
        ("approve", "review"),
        ("131016/law", "131024/law"),
    ],
)
def test_a_record_with_one_word_changed_is_refused(approved, tmp_path, old, new):
    note = exported(approved, A, SIGNER)
    assert old in note
    file = tmp_path / "record"
    file.write_text(note.replace(old, new, 1), encoding="utf-8")
    with pytest.raises((audit.NoteForged, audit.KeyUnknown)):
        read_record(file, [TRUST])


@pytest.mark.parametrize(
    "text", ["{}", '{"format":"x"}', "[" * 90_000, '{"steps":[]}', "x" * 300_000]
)
def test_a_signed_text_that_is_no_record_is_told(tmp_path, text):
    signer = SIGNER.named(key_name(A))
    file = tmp_path / "record"
    file.write_text(signer.sign_note(f"{signer.name}\n{text}\n"), encoding="utf-8")
    with pytest.raises(AmendmentUnreadable):
        read_record(file, [TRUST])


OVERLAY = """\
id: town
edition: "1"
ja: 町の上書き
en: the town's overlay
since: 2026-04-01
extends: small
"""
OWN = "131024\tJT99000000000101\t町条例\t届出2\t2027-03-01\t2027-04-01\t\tproposed\t本"


def test_an_own_use_of_the_house_goes_to_its_overlay_and_leaves_the_standard_alone(room, tmp_path):
    overlay = tmp_path / "town"
    overlay.mkdir()
    (overlay / "overlay.yaml").write_text(OVERLAY, encoding="utf-8")
    room.base, room.overlays = table(room.folder, overlay), (overlay,)
    room.content = msgspec.structs.replace(room.content, scope="house", rows=OWN)
    draft = room.until("approved").draft
    with pytest.raises(HouseWithoutOverlay):
        fold_in(draft, room.folder, ())
    assert fold_in(draft, room.folder, [overlay])["written"] == ["own_use.tsv"]
    assert OWN in (overlay / "own_use.tsv").read_text(encoding="utf-8")
    assert (room.folder / "own_use.tsv").read_text(encoding="utf-8") == OWN_USE
    assert len(table(room.folder, overlay).own_uses) == 2


def test_the_house_cannot_change_a_row_of_the_standard(room, tmp_path):
    overlay = tmp_path / "town"
    overlay.mkdir()
    (overlay / "overlay.yaml").write_text(OVERLAY, encoding="utf-8")
    content = msgspec.structs.replace(room.content, scope="house")
    found = drafting.examine(content, room.base, room.folder, [overlay]).findings
    assert "catalogue-draft-elsewhere" in {one.code for one in found}


@pytest.fixture(scope="module")
def site_file(founded, dsn) -> Path:
    """Give the settings of a site whose database is that of the module."""
    text = founded.settings.read_text(encoding="utf-8")
    file: Path = founded.settings.with_name("given.toml")
    file.write_text(text.replace('"embedded"', f'"{dsn}"'), encoding="utf-8")
    return file


def ran(*words: str, language: str = "ja"):
    return CliRunner().invoke(app, ["law", *words], env={"RENKEI_LANG": language})


def test_the_commands_list_show_export_and_apply(database, tmp_path, site_file):
    with database.transaction(A) as conn:
        standard = write(tmp_path / "standard")
        room = Room(conn, standard, table(standard))
        room.content = msgspec.structs.replace(room.content, rows=ROWS)
        room.until("reviewed")
    s = ("-s", str(site_file))
    assert ran("export", "1", *s, "--out", str(tmp_path / "r")).exit_code == 1
    with database.transaction(A) as conn:
        room.conn = conn
        room.approve()
    listed = json.loads(ran("drafts", *s, "--json").stdout)["drafts"]
    assert [(one["draft"], one["state"]) for one in listed] == [(1, "承認済み")]
    assert "approved" in ran("drafts", *s, language="en").stdout
    shown = json.loads(ran("draft", "1", *s, "--json").stdout)
    assert len(shown["steps"]) == 5
    out = tmp_path / "law-1.amendment"
    key = json.loads(ran("export", "1", *s, "--out", str(out), "--json").stdout)["key"]
    apply = ("apply", str(out), "--trust", key, "--source", str(standard), *s, "--by", "401")
    first, again = (json.loads(ran(*apply, "--json").stdout) for _ in "12")
    assert (len(first["written"]), again["written"]) == (2, [])
    assert table(standard).version == first["table"]
    with database.transaction(A) as conn:
        draft = drafting.draft_of(conn, A, 1)
        found = audit.pending(conn, A)
    assert (draft.state, [one.by for one in draft.steps if one.act == "enact"]) == (
        "enacted",
        ["401"],
    )
    assert found == 1
