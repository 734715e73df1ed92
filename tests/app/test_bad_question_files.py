"""Whatever is wrong with a file of questions is named, and nothing of the file is used."""

import os

import pytest
from tests.app.drop import (
    FOLDER,
    Dropper,
    FolderOfUnit,
    written,
)
from tests.app.filing import (
    ASK,
    HEAD,
    bucket,
    emptied,
    endpoint,
    folder,
    site,
    town,
)
from tests.store.rows import register_number

from renkei.app.files.question_manifest import MOST_OF_FILE

__all__ = ["bucket", "emptied", "endpoint", "folder", "site", "town"]


@pytest.mark.clause("RK-16.3")
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"size": 1}, "file-differs"),
        ({"size": 10_000}, "file-differs"),
        ({"sha256": "0" * 64}, "file-differs"),
        ({"count": 2}, "file-differs"),
        ({"file": "../../../etc/passwd"}, "file-name-refused"),
        ({"file": "/etc/passwd"}, "file-name-refused"),
        ({"file": "..%2fq.csv"}, "file-name-refused"),
        ({"file": "another.csv"}, "file-name-refused"),
        ({"file": ""}, "file-name-refused"),
        ({"client": "JP/MUN/131016/17"}, "file-misplaced"),
        ({"client": "JP/MUN/131024/15"}, "file-misplaced"),
        ({"service": "JP/MUN/131024/06/resident"}, "file-misplaced"),
        ({"service": "JP/MUN/131016/06/income"}, "file-misplaced"),
        ({"mode": "production"}, "mode-differs"),
        ({"mode": "rehearsal"}, "header-malformed"),
        ({"procedure": ""}, "inquiry-incomplete"),
        ({"procedure": "あ"}, "header-malformed"),
        ({"purpose": "x" * 300}, "header-malformed"),
        ({"on": "yesterday"}, "header-malformed"),
        ({"items": ["nonsense"]}, "item-not-in-entity"),
        ({"expires": "tomorrow"}, "parameter-malformed"),
        ({"expires": "2001-01-01T00:00:00Z"}, "parameter-malformed"),
        ({"expires": "2999-01-01T00:00:00Z"}, "parameter-malformed"),
        ({"sha256": "short"}, "file-manifest-malformed"),
        ({"count": 0}, "file-manifest-malformed"),
        ({"count": 10_001}, "file-manifest-malformed"),
        ({"priority": 8}, "file-manifest-malformed"),
        ({"purpose": "x" * 100_000}, "file-manifest-malformed"),
        ({"token": "x"}, "file-manifest-malformed"),
    ],
)
def test_a_manifest_that_is_wrong_is_answered_with_an_error(folder, said, code):
    """Whole, in its folder, one of its unit; else an error and nothing of it used."""
    name = folder.unit.drop(ASK, **said)
    assert folder.turn() == [f"refused {name}"]
    assert folder.unit.codes(name) == [code]
    assert folder.unit.waiting() == {f"{name}.csv"}
    assert folder.questions() == []


@pytest.mark.clause("RK-16.3")
@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 60_000, b'{"file": 1}']
)
def test_bytes_that_are_no_manifest_are_answered_too(town, data):
    """However broken, a manifest is answered."""
    town.unit.put("q.manifest.json", data)
    assert town.turn() == ["refused q"]
    assert town.unit.codes("q") == ["file-manifest-malformed"]
    assert town.unit.waiting() == set()


@pytest.mark.clause("RK-16.5")
@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "file-differs", None),
        (HEAD[:-4] + b"\n,,1,2026\n", "file-encoding-wrong", None),
        (HEAD + b",more\n,,1,2026\n", "file-header-wrong", 1),
        ("宛名番号,課税年度\n1,2026\n".encode(), "file-header-wrong", 1),
        (HEAD + b"\n,,1\n", "file-line-broken", 2),
        (HEAD + b"\n,,1,2026,\n", "file-line-broken", 2),
        (HEAD + b"\n\n,,1,2026\n", "file-line-broken", 2),
        (HEAD + b'\n,,"1\n2",2026\n', "file-line-broken", 3),
        (HEAD + b'\n,,"1,2026\n', "file-line-broken", 2),
        (HEAD + b'\n,,"1"x,2026\n', "file-line-broken", 2),
        (HEAD + b"\n,,1\x00,2026\n", "file-line-broken", 2),
        (HEAD + b"\n,,1\xff,2026\n", "file-encoding-wrong", None),
        (HEAD + b"\n,,123456789018,2026\n", "personal-number-in-header", 2),
        (HEAD + b"\n,,,2026\n", "inquiry-incomplete", 2),
        (HEAD + b"\n,,1,\n", "inquiry-incomplete", 2),
        (HEAD + b"\n,,1,MMXXVI\n", "inquiry-incomplete", 2),
        (HEAD + b"\n,,1,../2026\n", "address-unsafe", 2),
        (HEAD + b"\na,,1,2026\na,,2,2026\n", "file-message-twice", 3),
        ("電文番号".encode("cp932") + b"\n,,1,2026\n", "file-header-wrong", 1),
    ],
)
def test_a_file_that_is_wrong_anywhere_is_answered_with_its_lines(folder, data, code, line):
    """One line that is wrong keeps out the file, and is named."""
    count = max(1, data.count(b"\n") - 1)
    folder.unit.drop_bytes(data, "q", count=count)
    assert folder.turn() == ["refused q"]
    (wrong, *_) = folder.unit.told("q.error.json")["errors"]
    assert (wrong["code"], wrong["line"]) == (code, line)
    assert wrong["message"] != wrong["message_ja"]
    assert folder.questions() == []


@pytest.mark.clause("RK-16.5")
def test_what_is_wrong_with_every_line_is_said_once(folder):
    """An error that all lines share stands once, with how often."""
    name = folder.unit.drop(
        *[("", "", register_number(n), "2026") for n in range(1, 301)], mode="drill"
    )
    folder.turn()
    told = folder.unit.told(f"{name}.error.json")
    assert told["count"] == 300
    assert [(one["code"], one["line"], one["times"]) for one in told["errors"]] == [
        ("mode-differs", 2, 300)
    ]


@pytest.mark.clause("RK-16.9")
def test_a_file_that_is_too_large_is_refused_unread(town):
    """The limit holds before anything is read of it."""
    town.unit.drop_bytes(HEAD + b"\n" + b"x" * MOST_OF_FILE, "q")
    assert town.turn() == ["refused q"]
    assert town.unit.codes("q") == ["file-too-large"]


@pytest.mark.clause("RK-16.1")
@pytest.mark.parametrize(
    "path",
    ["98/MUN-131024-06/income", "15/MUN-131024/income", "15/XYZ-131024-06/income", "15/questions"],
)
def test_a_folder_that_is_no_pair_is_looked_into_by_nobody(folder, path):
    """Only folders of the layout, below the number of one of our units, count."""
    folder.unit.folder = path
    folder.unit.drop(ASK)
    assert folder.turn() == []


@pytest.mark.clause("RK-16.3")
@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("15/MUN-131025-06/income", "member-code-wrong"),
        ("15/MUN-131024-06/nonsense", "service-unknown"),
        ("15/MUN-131032-06/income", "peer-unknown"),
    ],
)
def test_a_service_nobody_has_is_an_error(folder, path, code):
    """The folder's own words are judged, too."""
    folder.unit.folder = path
    service = f"JP/{path.removeprefix('15/').replace('-', '/')}"
    name = folder.unit.drop(ASK, service=service)
    assert folder.turn() == [f"refused {name}"]
    assert folder.unit.codes(name) == [code]


@pytest.mark.clause("RK-16.9")
@pytest.mark.parametrize("which", ["manifest", "file", "folder", "unit"])
def test_no_link_is_followed(folder, tmp_path, which):
    """A link leads nowhere, wherever it stands."""
    outside = Dropper(FolderOfUnit(tmp_path / "outside"))
    outside.drop(ASK, name="q")
    target = tmp_path / "outside" / FOLDER / "questions"
    mine = folder.place.root / FOLDER / "questions"
    mine.mkdir(parents=True)
    match which:
        case "manifest":
            (mine / "q.manifest.json").symlink_to(target / "q.manifest.json")
        case "file":
            (mine / "q.csv").symlink_to(target / "q.csv")
            (mine / "q.manifest.json").write_bytes((target / "q.manifest.json").read_bytes())
        case "folder":
            mine.rmdir()
            mine.symlink_to(target)
        case "unit":
            (folder.place.root / "17").rmdir()
            (folder.place.root / "17").symlink_to(tmp_path / "outside" / "15")
    told = folder.turn()
    assert told == (["refused q"] if which in ("manifest", "file") else [])
    assert folder.questions() == []
    assert (target / "q.csv").exists()


@pytest.mark.clause("RK-16.9")
def test_an_answer_goes_nowhere_through_a_link(folder, tmp_path):
    """Neither is anything written through one."""
    folder.unit.drop(ASK, name="q")
    (tmp_path / "elsewhere").mkdir()
    (folder.place.root / FOLDER / "answers").symlink_to(tmp_path / "elsewhere")
    assert folder.turn() == []
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert folder.unit.waiting() == {"q.csv", "q.manifest.json"}
    (folder.place.root / FOLDER / "answers").unlink()
    assert folder.turn() == ["accepted q"]
    assert folder.end_all() == 1


@pytest.mark.clause("RK-16.9")
def test_a_folder_that_cannot_be_written_stops_nobody_else(folder):
    """What goes wrong with one file waits, and the others go on."""
    folder.unit.drop(ASK, name="q")
    (folder.place.root / FOLDER / "answers").write_bytes(b"a file in the way")
    other = Dropper(folder.unit.at, "17/MUN-131024-06/income", {"client": "JP/MUN/131016/17"})
    other.drop(ASK, name="r")
    assert folder.turn() == ["accepted r"]


@pytest.mark.clause("RK-16.9")
def test_a_pipe_is_no_file(folder):
    """A pipe would make the node wait."""
    (folder.place.root / FOLDER / "questions").mkdir(parents=True)
    os.mkfifo(folder.place.root / FOLDER / "questions" / "q.csv")
    data = written((ASK,))
    folder.unit.put("q.manifest.json", folder.unit.manifest("q", data))
    assert folder.turn() == ["refused q"]
    assert folder.unit.codes("q") == ["file-not-plain"]
