"""An owner may hold its file, or only the digests of it, against the store."""

import json

import pytest
from tests.app.conftest import A
from tests.store.rows import RESIDENT, file, register_number, resident

DAY = "2026-04-01"


@pytest.fixture
def snapshot(tmp_path):
    path = tmp_path / "resident.csv"
    path.write_bytes(file(RESIDENT, [resident(number) for number in range(1, 21)]).getvalue())
    return path


def other(snapshot):
    rows = [resident(number) for number in range(1, 20)] + [resident(40)]
    rows[4] = resident(5, building="見本荘")
    snapshot.write_bytes(file(RESIDENT, rows).getvalue())
    return snapshot


def test_a_file_agrees_once_it_is_loaded_and_drift_is_named_on_request(
    run, founded, running, snapshot
):
    said = run("load", snapshot, "--on", DAY, "-s", founded.settings)
    assert said.code == 0, said
    assert run("reconcile", snapshot, "--on", DAY, "-s", founded.settings).code == 0
    said = run("reconcile", other(snapshot), "--on", DAY, "-s", founded.settings, "--json")
    (facts,) = json.loads(said.out).values()
    assert (said.code, facts["agrees"], facts["there"], facts["here"]) == (2, False, 20, 20)
    assert register_number(5) not in said.out
    said = run(
        "reconcile", snapshot.parent, "--on", DAY, "-s", founded.settings, "--json", "--keys"
    )
    (facts,) = json.loads(said.out).values()
    assert facts["missing_here"] == [register_number(40)]
    assert facts["missing_there"] == [register_number(20)]
    assert facts["different"] == [register_number(5)]


def test_digests_are_made_without_a_site_and_compared_without_the_file(
    run, founded, running, snapshot, tmp_path
):
    run("load", snapshot, "--on", DAY, "-s", founded.settings)
    assert run("digest", snapshot, "--tenant", A, "--on", DAY).code == 0
    snapshot.unlink()
    made = tmp_path / "resident.digests.json"
    assert register_number(1).encode() not in made.read_bytes()
    assert run("reconcile", made, "-s", founded.settings).code == 0


def test_a_file_with_errors_gets_no_digests_but_findings(run, tmp_path):
    bad = tmp_path / "resident.csv"
    bad.write_bytes(file(RESIDENT, [resident(1, sex="X")]).getvalue())
    said = run("digest", bad, "--tenant", A, "--on", DAY)
    assert said.code == 2
    assert "3:8" in said.out
    assert not (tmp_path / "resident.digests.json").exists()


@pytest.mark.parametrize("name", ["resident.csv", "resident.digests.json"])
def test_a_file_that_is_not_there_is_an_error(run, founded, running, tmp_path, name):
    said = run("reconcile", tmp_path / name, "-s", founded.settings)
    assert said.code == 1
    assert "file-unreadable" in said.err
