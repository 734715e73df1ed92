"""A file of questions goes in once and whole, or comes back with what is wrong: also a bucket's."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
from tests.app.drop import (
    FOLDER,
    LAYOUT,
    BucketOfUnit,
    Dropper,
    FolderOfUnit,
    bucket_server,
    written,
)
from tests.app.seat import AT, Clock, staffed_site
from tests.store.rows import register_number

from renkei import federation
from renkei.app.bucket_place import BucketPlace
from renkei.app.errors import PlaceUnreachable
from renkei.app.file_place import FilePlace
from renkei.app.file_sweep import PATIENCE_SECONDS, FileOffice, FileSweep
from renkei.app.folder_place import FolderPlace
from renkei.app.kept_question import KeptAnswer, KeptQuestion
from renkei.app.question_manifest import MOST_OF_FILE
from renkei.app.rest_answers import RestAnswers
from renkei.app.site import Site
from renkei.backup import Target
from renkei.exchange import tasks

ONE, TWO = register_number(1), register_number(2)
ASK = ("", "", ONE, "2026")
RECORD = {"total_income": 1_500_000, "dependants": 2}


@dataclass
class Town:
    """A node that takes files: turns when a test says so, tasks ended by the test."""

    site: Site
    place: FilePlace
    unit: Dropper
    clock: Clock = field(default_factory=lambda: Clock(AT))

    @property
    def sweep(self) -> FileSweep:
        desk, seal = self.site.desk, self.site.keys.node().seal
        return FileSweep(FileOffice(desk, self.site.database, seal, self.clock), self.place)

    def turn(self) -> list[str]:
        self.clock.wait(seconds=1)
        return self.sweep.turn()

    def end_all(self, outcome: federation.Outcome = "answered", **told: object) -> int:
        """End every question that waits, as the worker of tasks does; return how many."""
        tenant, seal = self.site.desk.tenant, self.site.keys.node().seal
        fact = federation.Fact("i", outcome, **told)  # type: ignore[arg-type]
        answer = KeptAnswer.of(RestAnswers("7.8").told(fact, "", ()))
        with self.site.database.transaction(tenant) as conn:
            at = self.clock.at
            claimed = tasks.claim(conn, tenant, at=at, until=at, most=10_000, seal=seal)
            for task in claimed:
                tasks.end(conn, tenant, task, answer.encoded(), at=at, seal=seal)
        return len(claimed)

    def questions(self) -> list[KeptQuestion]:
        """Return the questions that wait."""
        tenant, seal = self.site.desk.tenant, self.site.keys.node().seal
        with self.site.database.transaction(tenant) as conn:
            claimed = tasks.claim(conn, tenant, at=self.clock.at, until=AT, most=100, seal=seal)
        return [KeptQuestion.decoded(one.question) for one in claimed]


class Killed(BaseException):
    """The node ends here, whatever it was about to do."""


@dataclass
class Mortal:
    """A place whose node is killed before its n-th write or deletion, counted from 0."""

    place: FilePlace
    left: int

    def __getattr__(self, name: str) -> object:
        return getattr(self.place, name)

    def write(self, folder: str, part: str, name: str, data: bytes) -> None:
        self._live()
        self.place.write(folder, part, name, data)

    def delete(self, folder: str, part: str, *names: str) -> None:
        for name in names:
            self._live()
            self.place.delete(folder, part, name)

    def _live(self) -> None:
        if self.left == 0:
            raise Killed
        self.left -= 1


@pytest.fixture(scope="module")
def site(tmp_path_factory, database) -> Iterator[Site]:
    with staffed_site(tmp_path_factory.mktemp("files"), database) as made:
        yield made


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with bucket_server() as address:
        yield address


@pytest.fixture(autouse=True)
def emptied(dsn) -> Iterator[None]:
    yield
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("TRUNCATE exchange_file, exchange_task CASCADE")


@pytest.fixture
def folder(site, tmp_path) -> Town:
    place = FolderPlace("files", tmp_path / "files")
    place.prepare(("15", "17"))
    return Town(site, place, Dropper(FolderOfUnit(place.root)))


@pytest.fixture
def bucket(site, endpoint, monkeypatch) -> Town:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "dummy")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "dummy")
    target = Target(f"s3://files/{uuid4()}", endpoint, "ap-northeast-1")
    return Town(site, BucketPlace.of(target), Dropper(BucketOfUnit(target)))


@pytest.fixture(params=["folder", "bucket"])
def town(request) -> Town:
    found: Town = request.getfixturevalue(request.param)
    return found


def test_a_file_is_acknowledged_and_answered_line_by_line(town):
    """RK-16.5 and RK-16.7: accepted whole, answered in the order of its lines."""
    name = town.unit.drop(("m-1", "", ONE, "2026"), ("", "C-1", TWO, "2025"))
    assert town.turn() == [f"accepted {name}"]
    ack = town.unit.told(f"{name}.ack.json")
    assert (ack["outcome"], ack["count"]) == ("accepted", 2)
    assert town.unit.waiting() == set()
    assert town.turn() == []
    assert f"{name}.answer.manifest.json" not in town.unit.answers()
    assert town.end_all(record=RECORD, provision="NA-074", receipt="r", entry="e", by="131024") == 2
    assert town.turn() == [f"answered {name}"]
    first, second = town.unit.answer(name)
    assert (first["電文番号"], second["電文番号"]) == ("m-1", f"{name}:2")
    assert (first["照会_宛名番号"], second["照会_課税年度"]) == (ONE, "2025")
    assert (first["結果"], first["合計所得金額"], first["扶養人数"]) == ("answered", "1500000", "2")
    told = [first[name] for name in ("照会番号", "回答団体", "根拠", "受領証", "提供記録")]
    assert told == ["i", "131024", "NA-074", "r", "e"]
    assert town.turn() == []


def test_a_question_says_what_rest_would_say(town):
    """RK-16.4: manifest and line mean what the headers and the path of REST mean."""
    town.unit.drop(("m-1", "C-1", ONE, "2026"), on="2026-04-01", priority=0)
    town.turn()
    (kept,) = town.questions()
    assert dict(kept.fields) == {
        "x-road-client": "JP/MUN/131016/15",
        "x-road-id": "m-1",
        "pf-procedure": "JT99000000001501",
        "pf-purpose": quote("児童扶養手当の認定"),
        "pf-subject": ONE,
        "pf-consent": "C-1",
        "pf-mode": "test",
        "pf-on": "2026-04-01",
    }
    assert kept.path == "/r1/JP/MUN/131024/06/income/2026"
    assert kept.query == "items=total_income,dependants"


def test_a_file_without_its_manifest_is_never_read(town):
    """RK-16.2: the manifest says that the file is whole; it is looked for by nothing else."""
    data = written((ASK,))
    town.unit.put("q.csv", data[:10])
    town.unit.put("q.manifest.json.part", b"{}")
    assert town.turn() == []
    town.unit.put("q.csv", data)
    assert town.turn() == []
    town.unit.put("q.manifest.json", town.unit.manifest("q", data))
    assert town.turn() == ["accepted q"]


def test_the_same_file_again_has_the_same_acknowledgement_and_asks_nothing(town):
    """RK-16.6: the same again has no second effect, and its answer again where it is gone."""
    name = town.unit.drop(ASK)
    town.turn()
    first = town.unit.get(f"{name}.ack.json")
    town.unit.drop(ASK, name=name)
    assert town.turn() == [f"accepted {name}"]
    assert town.unit.get(f"{name}.ack.json") == first
    assert town.end_all(record=RECORD) == 1
    town.turn()
    told = town.unit.get(f"{name}.answer.csv"), town.unit.get(f"{name}.answer.manifest.json")
    for kind in ("answer.csv", "answer.manifest.json"):
        town.unit.at.delete(f"{FOLDER}/answers/{name}.{kind}")
    assert town.turn() == []
    town.unit.drop(ASK, name=name)
    assert town.turn() == [f"accepted {name}", f"answered {name}"]
    again = town.unit.get(f"{name}.answer.csv"), town.unit.get(f"{name}.answer.manifest.json")
    assert again == told
    assert town.end_all() == 0


@pytest.mark.parametrize("change", [{"purpose": "another"}, {"priority": 1}])
def test_another_file_under_a_name_that_was_accepted_is_refused(town, change):
    """RK-16.6: other bytes, or another manifest, under a used name are refused."""
    name = town.unit.drop(ASK)
    town.turn()
    town.unit.drop(("", "", TWO, "2026"), name=name)
    assert town.turn() == [f"refused {name}"]
    assert town.unit.codes(name) == ["file-id-reused"]
    town.unit.drop(ASK, name=name, **change)
    assert town.turn() == [f"refused {name}"]
    assert town.unit.told(f"{name}.ack.json")["outcome"] == "accepted"
    assert town.end_all() == 1


@pytest.mark.parametrize("left", [("csv", "manifest.json"), ("manifest.json",)])
def test_what_a_crash_left_after_the_acceptance_is_seen_as_accepted(town, left):
    """RK-16.6: whatever is still there when the node comes back, it asks nothing twice."""
    name = town.unit.drop(ASK)
    town.turn()
    first = town.unit.get(f"{name}.ack.json")
    town.unit.at.delete(f"{FOLDER}/answers/{name}.ack.json")
    data = written((ASK,))
    files = {"csv": data, "manifest.json": town.unit.manifest(name, data)}
    for kind in left:
        town.unit.put(f"{name}.{kind}", files[kind])
    assert town.turn() == [f"accepted {name}"]
    assert town.unit.get(f"{name}.ack.json") == first
    assert town.unit.waiting() == set()
    assert town.end_all() == 1


@pytest.mark.parametrize("step", range(8))
def test_killed_before_any_step_it_goes_on_where_it_was(town, step):
    """RK-16.6: four steps to accept, two to answer; killed before each, nothing is done twice."""
    name = town.unit.drop(ASK, ("", "", TWO, "2026"))
    whole, town.place = town.place, Mortal(town.place, step)
    is_killed = False
    asked = 0
    for _ in range(3):
        try:
            town.turn()
        except Killed:
            is_killed, town.place = True, whole
        asked += town.end_all(record=RECORD)
    assert is_killed is (step < 6)
    assert asked == 2
    assert town.unit.waiting() == set()
    assert [row["結果"] for row in town.unit.answer(name)] == ["answered"] * 2
    assert town.unit.told(f"{name}.ack.json")["outcome"] == "accepted"
    assert town.turn() == []


def test_a_message_id_that_was_used_keeps_the_whole_file_out(town):
    """RK-16.5: one question that cannot be taken, and none is."""
    town.unit.drop(("m-1", "", ONE, "2026"))
    town.turn()
    other = town.unit.drop(("m-2", "", ONE, "2026"), ("m-1", "", TWO, "2026"))
    assert town.turn() == [f"refused {other}"]
    assert town.unit.codes(other) == ["file-messages-reused"]
    assert town.end_all() == 1


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
    """RK-16.3: whole, in its folder, one of its unit; else an error and nothing of it used."""
    name = folder.unit.drop(ASK, **said)
    assert folder.turn() == [f"refused {name}"]
    assert folder.unit.codes(name) == [code]
    assert folder.unit.waiting() == {f"{name}.csv"}
    assert folder.questions() == []


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 60_000, b'{"file": 1}']
)
def test_bytes_that_are_no_manifest_are_answered_too(town, data):
    """RK-16.3: however broken, a manifest is answered."""
    town.unit.put("q.manifest.json", data)
    assert town.turn() == ["refused q"]
    assert town.unit.codes("q") == ["file-manifest-malformed"]
    assert town.unit.waiting() == set()


HEAD = ",".join(LAYOUT.question).encode()


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
    """RK-16.5: one line that is wrong keeps out the file, and is named."""
    count = max(1, data.count(b"\n") - 1)
    folder.unit.drop_bytes(data, "q", count=count)
    assert folder.turn() == ["refused q"]
    (wrong, *_) = folder.unit.told("q.error.json")["errors"]
    assert (wrong["code"], wrong["line"]) == (code, line)
    assert wrong["message"] != wrong["message_ja"]
    assert folder.questions() == []


def test_a_file_that_was_refused_comes_again_under_its_name(town):
    """RK-16.3: a refusal uses up no name; the error goes when the file is accepted."""
    name = town.unit.drop(("", "", ONE, "x"))
    assert town.turn() == [f"refused {name}"]
    town.unit.drop(ASK, name=name)
    assert town.turn() == [f"accepted {name}"]
    assert town.unit.answers() == {f"{name}.ack.json"}


def test_what_is_wrong_with_every_line_is_said_once(folder):
    """RK-16.5: an error that all lines share stands once, with how often."""
    name = folder.unit.drop(
        *[("", "", register_number(n), "2026") for n in range(1, 301)], mode="drill"
    )
    folder.turn()
    told = folder.unit.told(f"{name}.error.json")
    assert told["count"] == 300
    assert [(one["code"], one["line"], one["times"]) for one in told["errors"]] == [
        ("mode-differs", 2, 300)
    ]


def test_a_file_that_is_too_large_is_refused_unread(town):
    """RK-16.9: the limit holds before anything is read of it."""
    town.unit.drop_bytes(HEAD + b"\n" + b"x" * MOST_OF_FILE, "q")
    assert town.turn() == ["refused q"]
    assert town.unit.codes("q") == ["file-too-large"]


def test_a_manifest_waits_a_while_for_its_file(town):
    """RK-16.2: where files overtake each other the manifest waits fifteen minutes."""
    data = written((ASK,))
    town.clock.at = AT.now(AT.tzinfo)
    town.unit.put("q.manifest.json", town.unit.manifest("q", data))
    assert town.turn() == []
    town.clock.wait(seconds=PATIENCE_SECONDS)
    assert town.turn() == ["refused q"]
    assert town.unit.codes("q") == ["file-missing"]


def test_a_question_nobody_answered_in_time_ends_the_file(town):
    """RK-16.8: what has no answer by its expiry is told as failed, with the code of REST."""
    until = (AT + timedelta(hours=1)).isoformat()
    name = town.unit.drop(ASK, ("", "", TWO, "2026"), expires=until)
    town.turn()
    town.clock.wait(hours=2)
    assert town.turn() == [f"answered {name}"]
    assert [(row["結果"], row["理由"]) for row in town.unit.answer(name)] == [
        ("failed", "task-expired")
    ] * 2
    assert town.unit.told(f"{name}.answer.manifest.json")["outcomes"] == {"failed": 2}


def test_a_file_in_windows_31j_is_answered_in_it(town):
    """RK-16.7: the answer has the charset of the question."""
    name = town.unit.drop(ASK, charset="cp932")
    town.turn()
    town.end_all(record=RECORD)
    town.turn()
    assert town.unit.told(f"{name}.answer.manifest.json")["charset"] == "Windows-31J"
    assert town.unit.answer(name, "cp932")[0]["合計所得金額"] == "1500000"


@pytest.mark.parametrize(
    "path",
    ["98/MUN-131024-06/income", "15/MUN-131024/income", "15/XYZ-131024-06/income", "15/questions"],
)
def test_a_folder_that_is_no_pair_is_looked_into_by_nobody(folder, path):
    """RK-16.1: only folders of the layout, below the number of one of our units, count."""
    folder.unit.folder = path
    folder.unit.drop(ASK)
    assert folder.turn() == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("15/MUN-131025-06/income", "member-code-wrong"),
        ("15/MUN-131024-06/nonsense", "service-unknown"),
        ("15/MUN-131032-06/income", "peer-unknown"),
    ],
)
def test_a_service_nobody_has_is_an_error(folder, path, code):
    """RK-16.3: the folder's own words are judged, too."""
    folder.unit.folder = path
    service = f"JP/{path.removeprefix('15/').replace('-', '/')}"
    name = folder.unit.drop(ASK, service=service)
    assert folder.turn() == [f"refused {name}"]
    assert folder.unit.codes(name) == [code]


@pytest.mark.parametrize("which", ["manifest", "file", "folder", "unit"])
def test_no_link_is_followed(folder, tmp_path, which):
    """RK-16.9: a link leads nowhere, wherever it stands."""
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


def test_an_answer_goes_nowhere_through_a_link(folder, tmp_path):
    """RK-16.9: neither is anything written through one."""
    folder.unit.drop(ASK, name="q")
    (tmp_path / "elsewhere").mkdir()
    (folder.place.root / FOLDER / "answers").symlink_to(tmp_path / "elsewhere")
    assert folder.turn() == []
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert folder.unit.waiting() == {"q.csv", "q.manifest.json"}
    (folder.place.root / FOLDER / "answers").unlink()
    assert folder.turn() == ["accepted q"]
    assert folder.end_all() == 1


def test_a_folder_that_cannot_be_written_stops_nobody_else(folder):
    """RK-16.9: what goes wrong with one file waits, and the others go on."""
    folder.unit.drop(ASK, name="q")
    (folder.place.root / FOLDER / "answers").write_bytes(b"a file in the way")
    other = Dropper(folder.unit.at, "17/MUN-131024-06/income", {"client": "JP/MUN/131016/17"})
    other.drop(ASK, name="r")
    assert folder.turn() == ["accepted r"]


def test_old_answers_are_tidied_away(town):
    """RK-16.10: answers are personal data and do not stay."""
    name = town.unit.drop(ASK)
    town.turn()
    now = AT.now(AT.tzinfo).timestamp()
    assert town.sweep.tidy(before=now - 3600) == 0
    assert town.sweep.tidy(before=now + 3600) == 1
    assert f"{name}.ack.json" not in town.unit.answers()


def test_a_store_that_is_away_is_said_so(site, endpoint, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "dummy")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-to-be-shown")
    place = BucketPlace.of(Target("s3://no-such-bucket", endpoint, "ap-northeast-1"))
    assert list(place.drops(("15",))) == []
    with pytest.raises(PlaceUnreachable, match="no-such-bucket") as error:
        place.write(FOLDER, "answers", "x", b"")
    assert "not-to-be-shown" not in str(error.value)


def test_a_pipe_is_no_file(folder):
    """RK-16.9: a pipe would make the node wait."""
    (folder.place.root / FOLDER / "questions").mkdir(parents=True)
    os.mkfifo(folder.place.root / FOLDER / "questions" / "q.csv")
    data = written((ASK,))
    folder.unit.put("q.manifest.json", folder.unit.manifest("q", data))
    assert folder.turn() == ["refused q"]
    assert folder.unit.codes("q") == ["file-not-plain"]
