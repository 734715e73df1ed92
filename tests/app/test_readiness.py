"""A site is ready, or says what keeps it from that, all of it and in both languages."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.app.seat import staffed_site

from renkei import kit
from renkei.app.keeping.keeper import LogKeeper
from renkei.app.operations.readiness import BEHIND_SECONDS, ready_response, unready
from renkei.app.operations.running import Running
from renkei.app.site import Site


@pytest.fixture(scope="module")
def site(folder, database) -> Iterator[Site]:
    with staffed_site(folder / "sites", database) as found:
        yield found


def codes(site: Site, running: Running) -> list[str]:
    return [one.code() for one in unready(site, running)]


def test_a_site_whose_parts_work_is_ready(site):
    keeper = LogKeeper(site)
    keeper.start()
    try:
        assert codes(site, Running.of(site.settings, keeper=keeper)) == []
    finally:
        keeper.finish()


def test_a_keeper_that_ended_is_told(site):
    assert codes(site, Running.of(site.settings, keeper=LogKeeper(site))) == ["log-keeper-stopped"]


def test_a_log_that_is_not_kept_is_told(site):
    class Behind(LogKeeper):
        """A keeper whose database has been away for a while."""

        seconds_behind = BEHIND_SECONDS + 1.0

        def is_alive(self) -> bool:
            return True

    running = Running.of(site.settings, keeper=Behind(site))
    assert codes(site, running) == ["log-behind"]


def test_everything_is_told_at_once_with_the_status_and_in_both_languages(site):
    with kit.Database("host=127.0.0.1 port=1 connect_timeout=1") as gone:
        running = Running.of(site.settings)
        running.drain.begin()
        reasons = unready(replace(site, database=gone), running)
    said = ready_response(reasons)
    body = json.loads(bytes(said.body))
    assert (said.status_code, body["ready"]) == (503, False)
    assert [one["code"] for one in body["reasons"]] == ["node-draining", "database-unreachable"]
    assert all(one["message"] and one["message_ja"] for one in body["reasons"])
