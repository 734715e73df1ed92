"""A node says how it does, leaves a peer alone that is away, and stops without losing anything.

RK-1.18: a node that stops takes nothing new, and what it took it ends.
"""

import http.client
import json
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.stories.passing import OTHER, Pair, passing_pair

from renkei.app.demo.ecosystem import A, B, L, Part

pytestmark = pytest.mark.xdist_group("operations")

MANUAL = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with passing_pair(os.environ.get("RENKEI_TEST_BINARIES", "")) as found:
        yield found


@pytest.fixture(autouse=True)
def both_run(pair):
    pair.eco.start(*(part for part in (A, B) if part.name not in pair.eco.processes))


def look(pair: Pair, path: str, part: Part = A, token: str = "") -> tuple[int, str]:
    """Look at a node's staff door; return status and text."""
    door = pair.eco.settings[part.name].staff_door
    line = http.client.HTTPConnection(door.host, door.port, timeout=10)
    try:
        line.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = line.getresponse()
        return answer.status, answer.read().decode()
    finally:
        line.close()


def figures(pair: Pair, part: Part) -> dict[str, float]:
    """Return what a node tells Prometheus: name with labels → value."""
    status, text = look(pair, "/metrics", part, pair.eco.tokens[part.name]["oversight"])
    assert status == 200
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_a_node_that_works_is_ready(pair):
    status, text = look(pair, "/ready")
    assert (status, json.loads(text)) == (200, {"ready": True, "reasons": []})


def test_a_member_that_is_no_node_says_how_it_does_too(pair):
    pair.eco.start(L)
    try:
        deadline = time.monotonic() + 30
        while (found := figures(pair, L))["renkei_log_pending"] and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        pair.eco.stop(L)
    assert found["renkei_ready"] == found["renkei_database_up"] == 1
    assert found["renkei_log_pending"] == 0
    assert "renkei_tasks_waiting" not in found


@pytest.mark.parametrize("token", ["", "wrong"])
def test_the_figures_are_not_for_everybody(pair, token):
    status, text = look(pair, "/metrics", A, token)
    assert (status, json.loads(text)["code"]) == (401, "token-refused")


def test_both_sides_count_what_was_passed_how_it_ended_and_how_long_it_took(pair):
    for _ in range(3):
        assert pair.send("POST", "/x", b"hello")[0] == 200
    assert pair.send("GET", "/broken")[0] == 500
    asked, provided = figures(pair, A), figures(pair, B)
    where = f'peer="{B.tenant}",service="31/shelters",unit="15"'
    good = f'renkei_exchanges_total{{direction="asked",error="",outcome="answered",{where}}}'
    bad = (
        'renkei_exchanges_total{direction="asked",error="provider-broke-off",'
        f'outcome="failed",{where}}}'
    )
    assert _told(asked, good) == 3
    assert _told(asked, bad) == 1
    theirs = f'peer="{A.tenant}",service="31/shelters",unit=""'
    good = f'renkei_exchanges_total{{direction="provided",error="",outcome="answered",{theirs}}}'
    assert _told(provided, good) == 3
    here = '{direction="asked",of="question",service="31/shelters"}'
    assert _told(asked, f"renkei_exchange_bytes_sum{here}") == 15
    here = '{direction="asked",service="31/shelters"}'
    assert _told(asked, f"renkei_exchange_seconds_count{here}") == 4
    assert 0 < _told(asked, f"renkei_exchange_seconds_sum{here}") < 20
    for found in (asked, provided):
        assert found["renkei_database_up"] == found["renkei_ready"] == 1
        assert found["renkei_ledger_entries_total"] >= found["renkei_ledger_batches_total"] > 0
        assert found['renkei_in_flight{door="units"}'] == 0
    assert 0 < asked[f'renkei_certificate_days{{member="{B.tenant}"}}'] < 5000
    assert "/x" not in "".join(asked)


def _told(found: dict[str, float], wanted: str) -> float:
    """Return a figure, whichever order its labels have."""
    kept = {_ordered(name): value for name, value in found.items()}
    return kept[_ordered(wanted)]


def _ordered(name: str) -> tuple[str, tuple[str, ...]]:
    return name.partition("{")[0], tuple(sorted(re.findall(r'\w+="[^"]*"', name)))


def test_the_manual_names_every_figure(pair):
    assert pair.send()[0] == 200
    status, text = look(pair, "/metrics", A, pair.eco.tokens[A.name]["oversight"])
    assert status == 200
    told = set(re.findall(r"^# TYPE (renkei_\w+) ", text, re.MULTILINE))
    named = set(re.findall(r"`(renkei_\w+)", MANUAL.read_text(encoding="utf-8")))
    assert len(told) > 15
    assert told == named


def test_a_peer_that_is_away_is_left_alone_and_asked_again_when_it_is_back(pair):
    pair.eco.stop(B)
    codes = [pair.code() for _ in range(7)]
    assert [code for _, _, code in codes] == ["peer-unreachable"] * 5 + ["peer-paused"] * 2
    status, head, _ = pair.send()
    assert (status, int(head["retry-after"]) > 0) == (500, True)
    line = f'renkei_peer_line{{node="{pair.members.by_id(B.tenant).url}",peer="{B.tenant}"}}'
    assert figures(pair, A)[line] == 2
    pair.eco.start(B)
    until = time.monotonic() + 30
    while (status := pair.send()[0]) != 200 and time.monotonic() < until:
        time.sleep(0.2)
    assert status == 200
    assert figures(pair, A)[line] == 0


@pytest.mark.clause("RK-1.18")
def test_a_node_that_stops_says_so_takes_nothing_new_and_ends_what_it_took(pair):
    process = pair.eco.processes[A.name]
    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(pair.send, "GET", "/slow")
        _until(lambda: any("slow" in one[1] for one in pair.system.asked[-1:]))
        process.terminate()
        _until(lambda: look(pair, "/ready")[0] == 503)
        (reason,) = json.loads(look(pair, "/ready")[1])["reasons"]
        assert (reason["code"], "停止" in reason["message_ja"]) == ("node-draining", True)
        status, head, body = pair.send()
        fault = json.loads(body)
        assert (status, fault["code"]) == (503, "node-draining")
        assert fault["type"] == "server.clientproxy.maintenance_mode"
        assert int(head["retry-after"]) > 0
        assert look(pair, "/deliveries")[0] == 503
        assert look(pair, "/health")[0] == 200
        assert taken.result()[0] == 200
    assert process.wait(20) == 0
    pair.eco.processes.pop(A.name)


def test_under_load_nothing_that_was_taken_is_lost(pair):
    process, stopped = pair.eco.processes[A.name], threading.Event()
    pair.system.asked.clear()

    def send() -> list[tuple[int, str]]:
        told = []
        while not stopped.is_set():
            try:
                status, head, _ = pair.send("POST", "/x", b"1")
            except (OSError, http.client.HTTPException) as error:  # the door is closed
                told.append((0, type(error).__name__))
                break
            told.append((status, head.get("x-road-request-id", "")))
        return told

    with ThreadPoolExecutor(12) as pool:
        clients = [pool.submit(send) for _ in range(12)]
        time.sleep(2)
        process.terminate()
        code = process.wait(30)
        stopped.set()
        told = [one for client in clients for one in client.result()]
    pair.eco.processes.pop(A.name)
    statuses = Counter(status for status, _ in told)
    assert code == 0
    assert statuses[200] > 20
    assert set(statuses) <= {0, 200, 503}
    assert len(pair.system.asked) == statuses[200]
    pair.eco.start(A)
    for number in [number for status, number in told if status == 200][-15:]:
        assert pair.outcomes(number, A) == [("request", "asked"), ("answer", "answered")]


@pytest.mark.clause("RK-1.19")
def test_who_floods_waits_for_itself_and_others_get_their_turn(pair):
    """Beyond the limit the clients go in turn, and a full queue says when to come."""
    pair.eco.stop(A)
    file = pair.eco.file(A)
    before = file.read_text(encoding="utf-8")
    file.write_text(f"in_flight = 2\nwaiting = 2\n{before}", encoding="utf-8")
    try:
        pair.eco.start(A)
        with ThreadPoolExecutor(9) as pool:
            flood = [pool.submit(pair.send, "GET", "/slow") for _ in range(8)]
            _until(lambda: figures(pair, A)['renkei_waiting{door="units"}'] == 2)
            other = pool.submit(pair.send, client=OTHER)
            told = [one.result() for one in flood]
        assert other.result()[0] == 403  # it has no right there, and was told so in its turn
        assert Counter(status for status, _, _ in told) == {200: 4, 429: 4}
        for status, head, body in told:
            if status == 429:
                assert json.loads(body)["code"] == "node-busy"
                assert int(head["retry-after"]) > 0
    finally:
        pair.eco.stop(A)
        file.write_text(before, encoding="utf-8")


def _until(is_so) -> None:
    until = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)
