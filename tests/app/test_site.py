"""A site starts on settings, keys and a list it understands, and its database outlives a crash."""

import os
import shutil
import signal
import time
from dataclasses import replace

import psycopg
import pytest
from tests.app.conftest import AT, A, plan

from renkei.app.demo import ecosystem
from renkei.app.errors import KeysExposed, MembersMissing
from renkei.app.membership.initiation import authority_signer, found_site, write_members
from renkei.app.settings import read_settings
from renkei.app.site import open_site, read_desk, running_database
from renkei.federation.errors import PeerUnknown

RESTART_SECONDS = 30


@pytest.mark.parametrize(
    ("command", "role", "other"), [("node", "log", "hub"), ("hub", "node", "node")]
)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_settings_of_another_role_start_nothing(run, tmp_path, command, role, other, language):
    founded = found_site(tmp_path, plan(role=role), at=AT)
    said = run(command, "--settings", founded.settings, language=language)
    assert said.code == 1
    assert said.err.startswith("role-wrong: ")
    assert f"`renkei {other}`" in said.err
    assert role in said.err


@pytest.fixture
def alone(tmp_path):
    """Give the settings of a site that knows a members list without itself."""
    authority = authority_signer(tmp_path / "authority.key")
    founded = found_site(tmp_path / "a", plan(authority=str(authority.verifier)), at=AT)
    write_members([], tmp_path / "a" / "members.json", authority, version=1, at=AT)
    return read_settings(founded.settings)


def test_a_site_without_a_members_list_does_not_start(alone):
    alone.members.unlink()
    with pytest.raises(MembersMissing, match=r"members\.json"), open_site(alone):
        pass
    assert not alone.state.exists()


def test_a_site_that_is_not_on_the_list_does_not_start(alone):
    with pytest.raises(PeerUnknown, match=A):
        read_desk(alone)


def test_a_site_with_exposed_keys_does_not_start(alone):
    (alone.keys / "log.key").chmod(0o644)
    with pytest.raises(KeysExposed, match=r"log\.key"), open_site(alone):
        pass
    assert not alone.state.exists()


def test_a_given_database_is_used_as_it_is(settings):
    with running_database(replace(settings, database="host=/nowhere")) as dsn:
        assert dsn == "host=/nowhere"


def test_a_command_beside_a_running_node_joins_its_server(settings, running):
    with running_database(settings) as joined:
        assert joined == running
        psycopg.connect(joined).close()
    psycopg.connect(running).close()


def test_a_killed_server_is_started_again_with_what_was_committed(settings, running):
    with psycopg.connect(running) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 1 AS one")
    lock = settings.state / "database" / "data" / "postmaster.pid"
    os.kill(int(lock.read_text(encoding="ascii").split()[0]), signal.SIGKILL)
    deadline = time.monotonic() + RESTART_SECONDS
    while True:
        try:
            with psycopg.connect(running) as conn:
                assert conn.execute("SELECT one FROM kept").fetchone() == (1,)
                return
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, "nobody started the server again"
            time.sleep(0.1)


def test_the_server_ends_with_the_process_that_runs_it(folder, settings):
    second = replace(settings, state=folder / "second")
    with running_database(second) as dsn:
        psycopg.connect(dsn).close()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)
    shutil.rmtree(folder / "second")


def test_no_port_is_given_twice_before_all_were(monkeypatch):
    """Who was given one listens there later: nobody else may be given it in between."""
    monkeypatch.setattr(ecosystem, "PORTS", (31_000, 31_400))
    monkeypatch.setattr(ecosystem, "_given", set())
    given = [ecosystem.free_port() for _ in range(200)]
    assert len(set(given)) == len(given)
    assert 31_000 <= min(given) <= max(given) < 31_400
    assert ecosystem.free_port(), "and then they are given anew"
