"""A town's folder goes in by one command, whatever becomes of one of its files."""

import json
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from itertools import count

import psycopg
import pytest
from tests.app.conftest import A

from renkei import store
from renkei.app.deliveries.receiving import Receiver
from renkei.app.deliveries.town import in_order, load_town
from renkei.app.errors import FolderEmpty
from renkei.standard import catalogue
from renkei.standard.synthetic import write_town

DAY = date(2026, 4, 1)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    write_town(A, people=300, seed=3, out=folder, units=["01", "06", "15"])
    return folder


@pytest.fixture
def files(made, tmp_path):
    shutil.copytree(made, tmp_path / "town")
    return tmp_path / "town"


@pytest.fixture
def receiver(database) -> Receiver:
    hours = count()
    begin = datetime.now(UTC)
    return Receiver(database, A, catalogue(), lambda: begin + timedelta(seconds=next(hours)))


@pytest.fixture(autouse=True)
def empty_store(database, dsn):
    """Forget what the test before loaded: loads commit."""
    yield
    with psycopg.connect(dsn, autocommit=True) as conn:
        for (table,) in conn.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            " AND starts_with(relname, 'store_')"
        ).fetchall():
            conn.execute(f"TRUNCATE {table} CASCADE")


def outcomes(town) -> set[str]:
    return {part.delivery.outcome for part in town.parts}


def test_every_file_is_loaded_and_again_passed_over(receiver, files):
    told = []
    town = load_town(receiver, files, on=DAY, progress=lambda *so_far: told.append(so_far))
    assert outcomes(town) == {"loaded"}
    assert {"01", "06", "15"} <= set(town.units)
    assert told[-1][1] == told[-1][2] == sum(file.stat().st_size for file in files.glob("*.csv"))
    again = load_town(receiver, files, on=DAY)
    assert outcomes(again) == {"already-loaded"}
    assert again.is_whole


def test_a_file_that_is_blocked_stops_no_other(receiver, files):
    bad = files / "income.csv"
    bad.write_bytes(bad.read_bytes().replace("収入".encode(), "支出".encode(), 1) + b"\xff\n")
    town = load_town(receiver, files, on=DAY)
    kept_out = {part.file.name for part in town.parts if not part.delivery.is_in}
    assert kept_out == {"income.csv"}
    assert not town.is_whole
    assert len(town.parts) > 10


def test_an_error_at_one_file_is_kept_with_its_code_and_stops_no_other(receiver, files):
    load_town(receiver, files, on=DAY + timedelta(days=1))
    other = files / "resident.csv"
    other.write_bytes(b"\n".join(other.read_bytes().splitlines()[:-1]) + b"\n")
    town = load_town(receiver, files, on=DAY)
    assert {part.delivery.error for part in town.parts} == {"snapshot-older"}
    with receiver.database.transaction(A) as conn:
        assert {one.error for one in store.last_deliveries(conn, A).values()} == {"snapshot-older"}


def test_what_is_no_entity_is_named_and_left(receiver, files):
    (files / "notes.csv").write_text("x")
    (files / "truth.json").write_text("{}")
    town = load_town(receiver, files, on=DAY)
    assert set(town.strange) >= {"notes.csv", "truth.json"}


def test_a_folder_without_any_is_an_error(receiver, tmp_path):
    with pytest.raises(FolderEmpty, match=str(tmp_path)):
        load_town(receiver, tmp_path, on=DAY)


def test_what_others_refer_to_goes_first():
    places = {entity.name: place for place, entity in enumerate(in_order(catalogue()))}
    assert len(places) == len(catalogue().entities)
    for entity in catalogue().entities:
        for relation in entity.relations:
            back = {one.to for one in catalogue().entity(relation.to).relations}
            if entity.name not in back | {relation.to}:
                assert places[relation.to] < places[entity.name], entity.name


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_command_prints_a_line_a_unit_and_says_whether_all_is_in(
    run, settings, founded, running, files, language
):
    said = run("load", files, "--on", DAY, "-s", founded.settings, language=language)
    assert said.code == 0, said
    assert {"en": "Resident registry", "ja": "住民基本台帳"}[language] in said.out
    (files / "income.csv").write_bytes(b"\n")
    said = run("load", files, "--on", DAY, "-s", founded.settings, "--json")
    assert said.code == 2
    told = {one["entity"]: one for one in json.loads(said.out)["files"]}
    assert told["income"]["findings"] == {"column-missing": len(catalogue().entity("income").items)}
    assert told["resident"]["outcome"] == "already-loaded"


def test_the_findings_of_all_files_and_other_formats_are_taken_too(
    run, settings, founded, running, files, tmp_path
):
    (files / "income.csv").write_bytes(b"\n")
    (files / "resident.jsonl").write_bytes(b"{}\n")
    found = tmp_path / "found.csv"
    options = ("--on", DAY + timedelta(days=30), "--findings", found, "-s", founded.settings)
    assert run("load", files, *options, "--allow-ending").code == 2
    assert "income.csv" in found.read_text(encoding="utf-8-sig")
    (files / "resident.csv").unlink()
    run("load", files, *options, "--allow-ending")
    assert "resident.jsonl" in found.read_text(encoding="utf-8-sig")


def test_a_command_that_was_killed_is_given_again_and_does_the_rest(
    run, settings, founded, running, tmp_path
):
    write_town(A, people=800, seed=4, out=tmp_path, units=["all"])
    command = [sys.executable, "-m", "renkei", "load", str(tmp_path), "--on", "2027-01-01"]
    killed = subprocess.Popen([*command, "--allow-ending", "-s", str(founded.settings), "--json"])
    with psycopg.connect(running) as conn:
        loads = "SELECT FROM store_load WHERE states_on = '2027-01-01'"
        # The first command of a site makes its tables.
        while conn.execute("SELECT to_regclass('store_load')").fetchone() == (None,):
            assert killed.poll() is None
            conn.rollback()
            time.sleep(0.01)
        while (done := len(conn.execute(loads).fetchall())) < 5:
            assert killed.poll() is None
            conn.rollback()
            time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    said = run(*command[3:], "--allow-ending", "-s", founded.settings, "--json")
    assert said.code == 0
    found = [one["outcome"] for one in json.loads(said.out)["files"]]
    assert found.count("already-loaded") >= done
    assert found.count("loaded") >= 1
