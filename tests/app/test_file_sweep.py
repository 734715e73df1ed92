"""A file of questions goes in once and whole, or comes back with what is wrong: also a bucket's."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

import pytest
from tests.app.drop import (
    FOLDER,
    written,
)
from tests.app.filing import (
    ASK,
    ONE,
    RECORD,
    TWO,
    bucket,
    emptied,
    endpoint,
    folder,
    site,
    town,
)
from tests.app.seat import AT

from renkei.app.errors import PlaceUnreachable
from renkei.app.files.bucket_place import BucketPlace
from renkei.app.files.place import FilePlace
from renkei.app.files.sweep import PATIENCE_SECONDS
from renkei.backup import Target

__all__ = ["bucket", "emptied", "endpoint", "folder", "site", "town"]


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


@pytest.mark.clause("RK-16.5", "RK-16.7")
def test_a_file_is_acknowledged_and_answered_line_by_line(town):
    """Accepted whole, answered in the order of its lines."""
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


@pytest.mark.clause("RK-16.4")
def test_a_question_says_what_rest_would_say(town):
    """Manifest and line mean what the headers and the path of REST mean."""
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


@pytest.mark.clause("RK-16.2")
def test_a_file_without_its_manifest_is_never_read(town):
    """The manifest says that the file is whole; it is looked for by nothing else."""
    data = written((ASK,))
    town.unit.put("q.csv", data[:10])
    town.unit.put("q.manifest.json.part", b"{}")
    assert town.turn() == []
    town.unit.put("q.csv", data)
    assert town.turn() == []
    town.unit.put("q.manifest.json", town.unit.manifest("q", data))
    assert town.turn() == ["accepted q"]


@pytest.mark.clause("RK-16.6")
def test_the_same_file_again_has_the_same_acknowledgement_and_asks_nothing(town):
    """The same again has no second effect, and its answer again where it is gone."""
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


@pytest.mark.clause("RK-16.6")
@pytest.mark.parametrize("change", [{"purpose": "another"}, {"priority": 1}])
def test_another_file_under_a_name_that_was_accepted_is_refused(town, change):
    """Other bytes, or another manifest, under a used name are refused."""
    name = town.unit.drop(ASK)
    town.turn()
    town.unit.drop(("", "", TWO, "2026"), name=name)
    assert town.turn() == [f"refused {name}"]
    assert town.unit.codes(name) == ["file-id-reused"]
    town.unit.drop(ASK, name=name, **change)
    assert town.turn() == [f"refused {name}"]
    assert town.unit.told(f"{name}.ack.json")["outcome"] == "accepted"
    assert town.end_all() == 1


@pytest.mark.clause("RK-16.6")
@pytest.mark.parametrize("left", [("csv", "manifest.json"), ("manifest.json",)])
def test_what_a_crash_left_after_the_acceptance_is_seen_as_accepted(town, left):
    """Whatever is still there when the node comes back, it asks nothing twice."""
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


@pytest.mark.clause("RK-16.6")
@pytest.mark.parametrize("step", range(8))
def test_killed_before_any_step_it_goes_on_where_it_was(town, step):
    """Four steps to accept, two to answer; killed before each, nothing is done twice."""
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


@pytest.mark.clause("RK-16.5")
def test_a_message_id_that_was_used_keeps_the_whole_file_out(town):
    """One question that cannot be taken, and none is."""
    town.unit.drop(("m-1", "", ONE, "2026"))
    town.turn()
    other = town.unit.drop(("m-2", "", ONE, "2026"), ("m-1", "", TWO, "2026"))
    assert town.turn() == [f"refused {other}"]
    assert town.unit.codes(other) == ["file-messages-reused"]
    assert town.end_all() == 1


@pytest.mark.clause("RK-16.3")
def test_a_file_that_was_refused_comes_again_under_its_name(town):
    """A refusal uses up no name; the error goes when the file is accepted."""
    name = town.unit.drop(("", "", ONE, "x"))
    assert town.turn() == [f"refused {name}"]
    town.unit.drop(ASK, name=name)
    assert town.turn() == [f"accepted {name}"]
    assert town.unit.answers() == {f"{name}.ack.json"}


@pytest.mark.clause("RK-16.2")
def test_a_manifest_that_is_being_written_is_left_a_moment(town):
    """A unit that cannot rename is not refused for half a manifest."""
    data = written((ASK,))
    whole = town.unit.manifest("q", data)
    town.clock.at = AT.now(AT.tzinfo)
    town.unit.put("q.csv", data)
    town.unit.put("q.manifest.json", whole[:40])
    town.clock.wait(seconds=1)
    assert town.turn() == []
    town.unit.put("q.manifest.json", whole)
    assert town.turn() == ["accepted q"]
    town.unit.put("r.manifest.json", whole[:40])
    town.clock.wait(seconds=60)
    assert town.turn() == ["refused r"]


@pytest.mark.clause("RK-16.2")
def test_a_manifest_waits_a_while_for_its_file(town):
    """Where files overtake each other the manifest waits fifteen minutes."""
    data = written((ASK,))
    town.clock.at = AT.now(AT.tzinfo)
    town.unit.put("q.manifest.json", town.unit.manifest("q", data))
    assert town.turn() == []
    town.clock.wait(seconds=PATIENCE_SECONDS)
    assert town.turn() == ["refused q"]
    assert town.unit.codes("q") == ["file-missing"]


@pytest.mark.clause("RK-16.8")
def test_a_question_nobody_answered_in_time_ends_the_file(town):
    """What has no answer by its expiry is told as failed, with the code of REST."""
    until = (AT + timedelta(hours=1)).isoformat()
    name = town.unit.drop(ASK, ("", "", TWO, "2026"), expires=until)
    town.turn()
    town.clock.wait(hours=2)
    assert town.turn() == [f"answered {name}"]
    assert [(row["結果"], row["理由"]) for row in town.unit.answer(name)] == [
        ("failed", "task-expired")
    ] * 2
    assert town.unit.told(f"{name}.answer.manifest.json")["outcomes"] == {"failed": 2}


@pytest.mark.clause("RK-16.7")
def test_a_file_in_windows_31j_is_answered_in_it(town):
    """The answer has the charset of the question."""
    name = town.unit.drop(ASK, charset="cp932")
    town.turn()
    town.end_all(record=RECORD)
    town.turn()
    assert town.unit.told(f"{name}.answer.manifest.json")["charset"] == "Windows-31J"
    assert town.unit.answer(name, "cp932")[0]["合計所得金額"] == "1500000"


@pytest.mark.clause("RK-16.10")
def test_old_answers_are_tidied_away(town):
    """Answers are personal data and do not stay."""
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
