"""B runs two nodes on one database: one is killed under load, and A goes on with the other."""

import http.client
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.stories.passing import Pair, passing_pair

from renkei import audit
from renkei.app.demo.ecosystem import PARTS, A, B, Ecosystem, Part, free_port
from renkei.app.membership.initiation import authority_signer, write_members
from renkei.app.membership.public_row import name_node
from renkei.app.operations.doctor import examine
from renkei.app.settings import read_settings
from renkei.kit import Database

pytestmark = pytest.mark.xdist_group("nodes")

B2 = Part("b2", B.tenant, "node", B.member_class, B.ja, B.en)
UNKNOWN_FATE = {"peer-broke-off", "peer-silent"}


def second_node(eco: Ecosystem, dsn: str) -> None:
    """Found B's second node: the same keys and database, doors and a state of its own."""
    first, ports = eco.file(B), (free_port(), free_port())
    text = first.read_text(encoding="utf-8").replace('"embedded"', json.dumps(dsn))
    first.write_text(text, encoding="utf-8")
    for door, port in zip(
        (eco.settings["b"].peers_door, eco.settings["b"].staff_door), ports, strict=True
    ):
        text = text.replace(f"{door.host}:{door.port}", f"127.0.0.1:{port}")
    eco.file(B2).parent.mkdir()
    described = first.with_name("shelters.yaml")
    eco.file(B2).with_name(described.name).write_bytes(described.read_bytes())
    eco.file(B2).write_text(text.replace('keys = "keys"', 'keys = "../b/keys"'), encoding="utf-8")
    eco.settings |= {"b2": read_settings(eco.file(B2))}
    eco.tokens["b2"] = eco.tokens["b"]
    name_node(first.with_name("public.json"), f"https://127.0.0.1:{ports[0]}")
    rows = [eco.folder / part.name / "public.json" for part in PARTS]
    authority = authority_signer(eco.folder / "authority.key")
    file = eco.folder / "members.json"
    write_members(rows, file, authority, version=1, at=datetime.now(UTC))


@pytest.fixture(scope="module")
def pair(dsn: str) -> Iterator[Pair]:
    binaries = os.environ.get("RENKEI_TEST_BINARIES", "")
    with passing_pair(binaries, lambda eco: second_node(eco, dsn)) as found:
        found.eco.start(B2)
        yield found


@pytest.fixture(autouse=True)
def all_run(pair: Pair) -> None:
    pair.eco.start(*(part for part in (B, B2) if part.name not in pair.eco.processes))


def nodes(pair: Pair) -> list[str]:
    return [node.url for node in pair.members.by_id(B.tenant).all_nodes]


def answers(pair: Pair) -> dict[str, float]:
    """Return how many answers of each of B's nodes A counted."""
    door = pair.eco.settings["a"].staff_door
    line = http.client.HTTPConnection(door.host, door.port, timeout=10)
    token = pair.eco.tokens["a"]["oversight"]
    line.request("GET", "/metrics", headers={"Authorization": f"Bearer {token}"})
    text = line.getresponse().read().decode()
    line.close()
    head = 'renkei_peer_answers_total{node="'
    found = [one.removeprefix(head) for one in text.splitlines() if one.startswith(head)]
    return {one.split('"')[0]: float(one.rsplit(" ", 1)[1]) for one in found}


def run(*words: str) -> dict[str, list[str]]:
    """Run a command and return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "renkei", *words, "--json"],
        capture_output=True,
        check=True,
    )
    said: dict[str, list[str]] = json.loads(done.stdout)
    return said


@pytest.mark.clause("RK-2.13", "RK-2.14", "RK-2.15")
def test_a_node_killed_under_load_costs_what_was_under_way_there_and_nothing_twice(
    pair: Pair,
) -> None:
    ending, told = threading.Event(), list[tuple[int, str]]()

    def unit() -> None:
        while not ending.is_set():
            status, _, body = pair.send("POST", "/shelters/7", b"x" * 100)
            told.append((status, "" if status == 200 else json.loads(body)["code"]))

    with ThreadPoolExecutor(6) as units:
        for _ in range(6):
            units.submit(unit)
        while len(told) < 60:
            ending.wait(0.05)
        pair.eco.kill(B)
        at = len(told)
        while len(told) < at + 60:
            ending.wait(0.05)
        ending.set()
    outcomes = Counter(told)
    assert {code for status, code in outcomes if status != 200} <= UNKNOWN_FATE
    assert sum(count for (status, _), count in outcomes.items() if status != 200) <= 6
    asked = Counter(fields["x-road-request-id"] for _, _, fields, _ in pair.system.asked)
    assert set(asked.values()) == {1}
    assert set(answers(pair)) == set(nodes(pair))
    assert all(count > 0 for count in answers(pair).values())


@pytest.mark.clause("RK-9.16")
def test_the_record_names_the_node_that_answered_and_both_nodes_have_one_log(pair: Pair) -> None:
    pair.eco.stop(B)
    status, fields, _ = pair.send(path="/shelters/1")
    number = fields["x-road-request-id"]
    assert status == 200
    assert [one.details.get("node", "") for one in pair.entries(number, A)] == ["", nodes(pair)[1]]
    pair.eco.start(B)
    pair.eco.stop(B2)
    assert pair.outcomes(number, B) == [("request", "received"), ("provision", "answered")]


def test_the_doctor_says_which_node_is_away_and_that_another_one_answers(pair: Pair) -> None:
    checks = examine(pair.eco.settings["a"])
    good = [one.text("en") for one in checks if one.code == "peer-node-good"]
    assert len(good) == 2
    assert all(url in " ".join(good) for url in nodes(pair))
    pair.eco.stop(B2)
    (away,) = [one for one in examine(pair.eco.settings["a"]) if one.code == "peer-node-away"]
    assert (away.verdict, away.facts["url"]) == ("warning", nodes(pair)[1])
    assert away.text("ja") != away.text("en")
    pair.eco.stop(B)
    bad = {one.facts["url"] for one in examine(pair.eco.settings["a"]) if one.code == "peer-bad"}
    assert set(nodes(pair)) <= bad


@pytest.mark.clause("RK-8.9")
def test_a_list_is_entered_once_though_two_nodes_take_it(pair: Pair, database: Database) -> None:
    eco = pair.eco
    rows = [eco.folder / part.name / "public.json" for part in PARTS]
    authority = authority_signer(eco.folder / "authority.key")
    file = eco.folder / "members.json"
    write_members(rows, file, authority, version=2, at=datetime.now(UTC))
    kept = [eco.settings[name].state / "members.json" for name in ("b", "b2")]
    while any(json.loads(one.read_bytes())["list"]["version"] < 2 for one in kept):
        threading.Event().wait(0.1)
    while json.loads(eco.oversight(B, "checkpoint"))["pending"]:
        threading.Event().wait(0.1)
    with database.transaction(B.tenant) as conn:
        found = audit.entries_for_request(conn, B.tenant, "members/2")
    assert [one.entry.details["version"] for one in found] == ["2"]


def test_a_row_says_which_nodes_a_member_has(pair: Pair, tmp_path: Path) -> None:
    public = tmp_path / "public.json"
    public.write_bytes((pair.eco.folder / "a" / "public.json").read_bytes())
    url = "https://10.0.0.2:8443"
    words = ["directory", "node", str(public), url]
    done = run(*words, "--certificate", str(pair.eco.settings["b"].keys / "tls.pem"))
    assert done["nodes"][1:] == [url]
    assert len(json.loads(public.read_bytes())["nodes"][0]["certificates"]) == 1
    assert run(*words)["nodes"][1:] == [url]
    assert json.loads(public.read_bytes())["nodes"][0]["certificates"] == []
    assert run(*words, "--remove")["nodes"][1:] == []
