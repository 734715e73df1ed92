"""The operator sees at once what fails, where, and which line is paused; nobody's data is in it."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.seat import AT, Clock, Seat, staffed_site
from tests.exchange.serving import serving

from renkei.app.console import console
from renkei.app.demo.ecosystem import A, B
from renkei.app.operations.operational_records import OperationalRecords, Series
from renkei.app.operations.running import Running
from renkei.federation import Channel, PeerSilent, PeerUnreachable, Reply
from renkei.federation.lines import Line

INCOME = Series("asked", "06/income", B.tenant, "15", "answered")
PASSED = Series("provided", "31/shelters", B.tenant, "", "answered")


async def silent(line: Line) -> Reply:
    raise PeerSilent(peer=line.peer.id, seconds=1)


async def paused(site) -> Channel:
    """Return a channel, closed again, whose line to B failed until it was paused."""
    async with Channel(site.membership) as channel:
        peer = site.desk.members.by_id(B.tenant)
        for _ in range(5):
            with suppress(PeerUnreachable):
                await channel.over(peer, 1.0, silent, at=datetime.now(UTC))
    return channel


def filled(site) -> Running:
    """Return what runs, with a morning's exchanges counted and the line to B paused."""
    clock = Clock(AT)
    records = OperationalRecords(lambda: clock.at.timestamp())
    channel = asyncio.run(paused(site))
    for minute in range(10):
        for number in range(5 + 3 * (minute % 4)):
            records.add(INCOME, 0.03 + number / 400, 0, 700 + number)
            records.add(PASSED, 0.008 + number / 900, 1300, 52_000)
        if minute == 7:
            for _ in range(4):
                records.add(INCOME._replace(outcome="failed", error="peer-silent"), 10.0)
            records.add(INCOME._replace(outcome="refused", error="item-not-named"), 0.01)
        if minute < 9:
            clock.wait(minutes=1)
    own = Series("asked", "31/shelters", A.tenant, "17", "failed", "provider-unreachable")
    records.add(own, 0.002, 20)
    return replace(Running.of(site.settings, channel), records=records)


@pytest.fixture(scope="module")
def port(folder, database) -> Iterator[int]:
    with staffed_site(folder / "sites", database) as site:
        app = Starlette(routes=[console(site, Clock(AT), running=filled(site))])
        with serving(uvicorn.Config(app, "127.0.0.1", 0, log_config=None)) as number:
            yield number


@pytest.fixture(scope="module")
def operator(port) -> Seat:
    return Seat(port).signed_in("1001")


def test_a_service_and_a_peer_have_a_row_with_failures_by_kind_durations_and_line(operator):
    said = operator.get("/console/statistics?lang=ja")
    for word in ("稼働統計", "06/income", "peer-silent 4", "B市", "休止中", "照会", "提供"):
        assert word in said.plain
    assert re.search(r"\d+ / \d+ / 10,000 ms", said.plain)
    assert said.text.count("<svg") == 6
    english = operator.get("/console/statistics?lang=en").plain
    for word in ("Statistics", "By service", "paused", "asked", "provided"):
        assert word in english


def test_the_page_needs_no_script_and_no_style_of_its_own(operator):
    said = operator.get("/console/statistics")
    assert "<script" not in said.text
    assert 'style="' not in said.text


def test_a_program_gets_the_same(operator):
    said = json.loads(operator.get("/console/statistics.json").body)
    assert said["seconds"] == 600
    income = next(one for one in said["services"] if one["name"] == "06/income")
    assert income["failures"] == {"peer-silent": 4}
    assert income["outcomes"]["refused"] == 1
    assert income["count"] == sum(income["outcomes"].values())
    assert 30 <= income["median_ms"] <= 100
    assert income["most_ms"] == 10_000
    assert income["succeeded_at"] > income["failed_at"]
    asked = [one for one in said["peers"] if one["direction"] == "asked"]
    states = {one["name"]: [line["state"] for line in one["lines"]] for one in asked}
    assert states == {B.tenant: ["open"], A.tenant: []}
