"""A file put into the folder goes in once, or comes back with its findings; links lead nowhere."""

import hashlib
import json
import os
import socket
import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from tests.app.conftest import A
from tests.app.seat import AT, Clock
from tests.store.rows import RESIDENT, file, register_number, resident

from renkei import store
from renkei.app.deliveries.delivery_folder import DONE, INCOMING, REFUSED, DeliveryFolder
from renkei.app.deliveries.folder_watch import PATIENCE_SECONDS, FolderSweep
from renkei.app.deliveries.receiving import Receiver
from renkei.app.files.watch import Watch
from renkei.standard import catalogue

TODAY = date(2026, 11, 24)


class Town:
    """A town with a watched folder: delivers as a unit does, sweeps as the node does."""

    def __init__(self, root: Path, database) -> None:
        self.clock = Clock(AT)
        self.folder = DeliveryFolder(root)
        self.receiver = Receiver(database, A, catalogue(), self.tick)
        self.sweep = FolderSweep(self.receiver, self.folder)
        self.folder.prepare(self.sweep.units)

    def tick(self):
        self.clock.wait(milliseconds=1)
        return self.clock.at

    def path(self, name: str, unit: str = "01") -> Path:
        return self.folder.root / INCOMING / unit / name

    def deliver(self, data: bytes, name: str = "resident.csv", unit: str = "01", **said) -> None:
        self.path(name, unit).write_bytes(data)
        self.notify(data, name, unit, **said)

    def notify(self, data: bytes, name: str = "resident.csv", unit: str = "01", **said) -> None:
        manifest = {
            "file": name,
            "entity": "resident",
            "states_on": TODAY.isoformat(),
            "organisation": A,
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data),
        } | said
        self.path(f"{name}.manifest.json", unit).write_text(json.dumps(manifest))

    def turn(self) -> list[str]:
        return [str(one.ack["outcome"]) for one in self.sweep.turn()]

    def put_away(self, part: str, unit: str = "01") -> set[str]:
        return {path.suffix for path in (self.folder.root / part / unit).iterdir()}

    def ack(self, part: str, unit: str = "01"):
        (path,) = (self.folder.root / part / unit).glob("*.ack.json")
        return json.loads(path.read_bytes())

    def loads(self) -> int:
        with self.receiver.database.transaction(A) as conn:
            return sum(one.outcome == "loaded" for one in store.deliveries(conn, A))


@pytest.fixture
def town(tmp_path, database, dsn):
    yield Town(tmp_path / "deliveries", database)
    with psycopg.connect(dsn, autocommit=True) as conn:
        tables = "store_resident, store_resident_history, store_delivery, store_reconciliation"
        conn.execute(f"TRUNCATE {tables}, store_load CASCADE")


def residents(*numbers: int, **changes: str) -> bytes:
    return file(RESIDENT, [resident(number, **changes) for number in numbers]).getvalue()


def test_a_delivery_goes_in_and_is_acknowledged(town):
    town.deliver(residents(1, 2))
    assert town.turn() == ["loaded"]
    ack = town.ack(DONE)
    assert (ack["outcome"], ack["records"], ack["changes"]["new"]) == ("loaded", 2, 2)
    assert town.put_away(DONE) == {".json", ".data", ".notice"}
    assert list((town.folder.root / INCOMING / "01").iterdir()) == []
    assert town.turn() == []


def test_a_file_without_a_manifest_is_not_whole_yet(town):
    town.path("resident.csv").write_bytes(residents(1))
    assert town.turn() == []
    town.path(f"resident.{TODAY}.csv").write_bytes(residents(1))
    town.path(f"resident.{TODAY}.csv.ready").touch()
    assert town.turn() == ["loaded"]
    assert town.ack(DONE)["states_on"] == TODAY.isoformat()
    assert town.path("resident.csv").exists()


def test_a_file_that_is_blocked_comes_back_with_its_findings(town):
    town.deliver(residents(1, birth_date="昨日"))
    assert town.turn() == ["blocked"]
    (findings,) = (town.folder.root / REFUSED / "01").glob("*.findings.csv")
    assert "生年月日" in findings.read_text(encoding="utf-8-sig")
    assert "昨日" not in findings.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("policies", "outcome"),
    [
        ({"01": store.Policy.row}, "loaded"),
        ({"resident": store.Policy.row}, "loaded"),
        ({"01": store.Policy.row, "resident": store.Policy.file}, "blocked"),
        ({"02": store.Policy.row}, "blocked"),
    ],
)
def test_by_the_policy_of_the_settings_a_wrong_row_is_left_out_alone(town, policies, outcome):
    receiver = replace(town.receiver, policies=policies)
    town.deliver(file(RESIDENT, [resident(1), resident(2, birth_date="昨日")]).getvalue())
    (taken,) = FolderSweep(receiver, town.folder).turn()
    assert taken.ack["outcome"] == outcome
    assert town.loads() == (outcome == "loaded")


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"organisation": "131024"}, "delivery-elsewhere"),
        ({"entity": "income"}, "delivery-of-other-unit"),
        ({"entity": "nonsense"}, "delivery-entity-unknown"),
        ({"size": 1}, "delivery-size-differs"),
        ({"sha256": "0" * 64}, "delivery-hash-differs"),
        ({"kind": "difference"}, "delivery-number-missing"),
        ({"file": "../../../etc/passwd"}, "delivery-name-refused"),
        ({"file": "/etc/passwd"}, "delivery-name-refused"),
        ({"file": ".."}, "delivery-name-refused"),
        ({"file": "a\x00b"}, "delivery-name-refused"),
        ({"file": ""}, "delivery-name-refused"),
        ({"sha256": "short"}, "manifest-unreadable"),
        ({"states_on": "yesterday"}, "manifest-unreadable"),
        ({"kind": "rumour"}, "manifest-unreadable"),
        ({"more": 1}, "manifest-unreadable"),
    ],
)
def test_what_does_not_fit_is_refused_unread(town, said, rule):
    town.deliver(residents(1), **said)
    assert town.turn() == ["refused"]
    assert list(town.ack(REFUSED)["rules"]) == [rule]
    assert town.loads() == 0
    assert town.turn() == []
    with town.receiver.database.transaction(A) as conn:
        assert [one.outcome for one in store.deliveries(conn, A)] == ["refused"]


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"{", b"[" * 20_000, b"x" * 70_000])
def test_a_manifest_that_is_none_is_refused(town, data):
    town.path("resident.csv.manifest.json").write_bytes(data)
    assert town.turn() == ["refused"]
    assert list(town.ack(REFUSED)["rules"]) == ["manifest-unreadable"]


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "socket"])
def test_only_a_plain_file_is_read(town, tmp_path, monkeypatch, kind):
    secret = tmp_path / "secret.csv"
    secret.write_bytes(residents(1))
    match kind:
        case "link":
            town.path("resident.csv").symlink_to(secret)
        case "folder":
            town.path("resident.csv").mkdir()
        case "pipe":
            os.mkfifo(town.path("resident.csv"))
        case "socket":
            monkeypatch.chdir(town.path("resident.csv").parent)  # a socket's path is short
            with socket.socket(socket.AF_UNIX) as one:
                one.bind("resident.csv")
    town.notify(residents(1))
    assert town.turn() == ["refused"]
    assert list(town.ack(REFUSED)["rules"]) == ["delivery-no-plain-file"]
    assert secret.exists()


def test_a_manifest_that_is_a_link_is_not_followed(town, tmp_path):
    town.deliver(residents(1))
    manifest = town.path("resident.csv.manifest.json")
    manifest.rename(tmp_path / "elsewhere.json")
    manifest.symlink_to(tmp_path / "elsewhere.json")
    assert town.turn() == ["refused"]


def test_a_unit_that_puts_a_link_in_place_of_its_folder_stops_no_other(town, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    town.path("").rmdir()
    town.path("").parent.joinpath("01").symlink_to(tmp_path / "elsewhere")
    town.deliver(b"", "income.csv", "06", entity="income")
    assert town.turn() == ["blocked"]


def test_a_manifest_waits_for_its_file_but_not_for_ever(town):
    town.notify(residents(1))
    os.utime(town.path("resident.csv.manifest.json"), times=(AT.timestamp(), AT.timestamp()))
    assert town.turn() == []
    town.clock.wait(seconds=PATIENCE_SECONDS + 1)
    assert town.turn() == ["refused"]


def test_the_same_delivery_again_changes_nothing(town):
    for _ in range(2):
        town.deliver(residents(1))
        town.turn()
    assert town.loads() == 1
    outcomes = sorted(
        json.loads(path.read_bytes())["outcome"]
        for path in (town.folder.root / DONE / "01").glob("*.ack.json")
    )
    assert outcomes == ["already-loaded", "loaded"]


def test_an_older_file_is_refused_and_yesterdays_bytes_for_today_are_pointed_out(town):
    town.deliver(residents(1))
    town.turn()
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    town.deliver(residents(1, 2), states_on=yesterday)
    assert town.turn() == ["failed"]
    assert town.ack(REFUSED)["error"] == "snapshot-older"
    town.deliver(residents(1), states_on=(TODAY + timedelta(days=1)).isoformat())
    (taken,) = town.sweep.turn()
    assert taken.ack["rules"] == {"delivery-same-as-before": 1}
    assert taken.ack["outcome"] == "loaded"


def test_differences_go_in_by_their_number(town):
    town.deliver(residents(1))
    town.turn()
    lines = residents(2).decode().splitlines(keepends=True)
    data = f"{lines[0]}異動区分,{lines[1]}1,{lines[2]}".encode()
    next_day = (TODAY + timedelta(days=1)).isoformat()
    town.deliver(data, states_on=next_day, kind="difference", number=1)
    assert town.turn() == ["loaded"]
    gap = data.replace(register_number(2).encode(), register_number(3).encode())
    town.deliver(gap, states_on=next_day, kind="difference", number=3)
    assert town.turn() == ["failed"]
    assert town.ack(REFUSED)["error"] == "difference-missing"


def test_digests_are_compared_and_drift_is_an_answer(town, tmp_path):
    town.deliver(residents(1, 2))
    town.turn()
    other = tmp_path / "resident.csv"
    for numbers, outcome in (((1, 2), "agrees"), ((1, 3), "drifted")):
        other.write_bytes(residents(*numbers))
        digests = store.digests_of(
            RESIDENT, other, tenant=A, standard=catalogue(), on=TODAY, findings=store.Findings()
        )
        assert digests is not None
        town.deliver(digests.written(), "resident.digests.json", kind="digests")
        assert town.turn() == [outcome]
    town.deliver(b"{}", "resident.digests.json", kind="digests")
    assert town.turn() == ["failed"]


STEPS = ["receive", "acknowledge", "put_away"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_loads_nothing_twice_and_loses_nothing(town, step, after):
    class Struck(BaseException):
        """The end of a process."""

    owner = Receiver if step == "receive" else DeliveryFolder
    real = getattr(owner, step)

    def strike(*args: object, **named: object) -> None:
        if after:
            real(*args, **named)
        raise Struck

    town.deliver(residents(1, 2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, step, strike)
        with pytest.raises(Struck):
            town.sweep.turn()
    town.turn()
    assert town.loads() == 1
    assert town.ack(DONE)["outcome"] == "loaded"
    assert list((town.folder.root / INCOMING / "01").iterdir()) == []


def test_a_crash_between_the_two_moves_is_mended(town):
    town.deliver(residents(1))
    (taken,) = town.sweep.turn()
    away = town.folder.root / DONE / "01" / f"{taken.notice.named}.notice"
    away.rename(town.path(taken.notice.name))
    assert town.turn() == []
    assert away.exists()
    assert town.loads() == 1


def test_two_nodes_take_each_file_once(town, database):
    other = FolderSweep(Receiver(database, A, catalogue(), town.tick), town.folder)
    for number in range(1, 6):
        day = (TODAY + timedelta(days=number)).isoformat()
        name = f"resident{number}.csv"
        town.deliver(residents(*range(1, number + 1)), name, states_on=day)
    taken: list[list[object]] = [[], []]

    def work(mine: list[object], sweep: FolderSweep) -> None:
        for _ in range(5):
            mine.extend(sweep.turn())

    threads = [
        threading.Thread(target=work, args=(taken[0], town.sweep)),
        threading.Thread(target=work, args=(taken[1], other)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(map(len, taken)) == 5
    assert town.loads() == 5


def test_files_that_were_put_away_are_deleted_after_their_days(town):
    town.deliver(residents(1))
    town.turn()
    now = (town.folder.root / DONE / "01").stat().st_mtime
    assert town.sweep.tidy(before=now - 100) == 0
    assert town.sweep.tidy(before=now + 100) == 2
    assert town.ack(DONE)["outcome"] == "loaded"


def test_the_watch_empties_the_folder_and_ends_when_told(town):
    watch = Watch("the folder", town.sweep, days=7, clock=town.tick, seconds=0.01)
    watch.start()
    town.deliver(residents(1))
    manifest = town.path("resident.csv.manifest.json")
    waited = threading.Event()
    for _ in range(500):
        if not manifest.exists() or waited.wait(0.02):
            break
    watch.finish()
    assert town.ack(DONE)["outcome"] == "loaded"
