"""Three nodes and a relay in network namespaces: lines fail, the relay is killed, books balance."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from bench.delay_line import PREFIX, is_between
from bench.exchange_triangle import BEHIND, LEGS, RELAYED, WAYS, Sent, legs
from bench.namespaces import lacking
from bench.network_faults import Strike, counted
from bench.partition_exchange import AT_RELAY, Round, chosen, is_spared

from renkei.app.demo.ecosystem import A, B, P

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.xdist_group("partition")


def test_after_a_partition_loss_and_a_killed_relay_all_agree():
    if reason := lacking():
        pytest.skip(reason)
    words = ["partition_exchange", "--rounds", "3", "--seconds", "1.5"]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *words, "--faults", "silence", "loss", "killed"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    *rounds, last = done.stdout.splitlines()
    for line, said in zip(rounds, ("silence", "loss of", "killed"), strict=True):
        assert said in line
        assert line.endswith("; balance")
    assert "p->" in rounds[0]  # by the seed: a line of the relay
    detail = json.loads(last)["detail"]
    assert detail["struck"] >= 3
    assert detail["relayed"] > 0
    assert detail["answered"] > detail["struck"]


def sent(way: int, begun: float, ended: float, code: str = "") -> Sent:
    return Sent(WAYS[way], f"m-{way}", begun, ended, 500 if code else 200, code, "1")


def of(*struck: Sent, packets: int = 9, **of_round: list[Sent]) -> Round:
    """Return a round of a fault between A and B, from 1 to 3; every way was asked meanwhile."""
    beside = [sent(way, 2.0, 2.1) for way in range(len(WAYS)) if set(WAYS[way]) != {A, B}]
    messages = of_round.get("sent", [sent(0, 0.5, 0.6), *struck, *beside])
    after = of_round.get("after", [])
    return Round(((A, B),), Strike("silence", packets), 1.0, 3.0, messages, after)


def test_a_message_that_failed_or_was_late_was_struck():
    late, failed, quick = sent(0, 1.5, 2.0), sent(0, 1.5, 1.6, "peer-broke-off"), sent(0, 2.0, 2.1)
    found = of(late, failed, quick)
    assert found.struck == [late, failed]
    assert found.defects() == []


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (of(sent(0, 2.0, 2.1)), "no message was struck"),
        (of(sent(0, 1.5, 2.5), packets=0), "no message was struck"),
        (of(sent(0, 1.5, 2.5, "replayed")), "a unit was told replayed"),
        (of(sent(0, 1.5, 2.5), sent(1, 2.0, 2.1, "peer-silent")), "answered 1 of 2 beside"),
        (of(sent=[sent(0, 1.5, 2.5)]), "answered 0 of 0 beside"),
        (
            of(sent(0, 1.5, 2.5), after=[sent(0, 4.0, 4.1, "peer-silent")]),
            "afterwards: peer-silent",
        ),
    ],
)
def test_what_must_not_be_fails_the_round(found, says):
    assert any(says in defect for defect in found.defects())


def test_what_goes_to_the_site_behind_the_relay_goes_over_its_lines():
    assert {way[1] for way in RELAYED} == {BEHIND}
    assert legs((A, BEHIND)) == ((A, P), (P, BEHIND))
    assert legs((BEHIND, A)) == ((BEHIND, A),)
    assert (A, BEHIND) not in LEGS
    at_relay = Round(AT_RELAY, Strike("killed", 1, "kill"), 1.0, 3.0, [], [])
    assert {way for way in WAYS if at_relay.is_over(way)} == set(RELAYED)
    one = Round(((P, A),), Strike("silence", 9), 1.0, 3.0, [], [])
    assert [way for way in WAYS if one.is_over(way)] == [(A, BEHIND)]


def test_a_refused_call_is_struck_where_it_is_made():
    chance = Random(1)  # noqa: S311 # chance, not a secret
    assert {chosen(chance, is_call=True)[0] for _ in range(99)} == set(LEGS)
    found = [chosen(chance, is_call=False) for _ in range(99)]
    assert {len(one) for one in found} == {1, 2}
    assert {one[0] for one in found if len(one) == 1} - set(LEGS)


def test_only_behind_the_relay_is_one_who_is_spared_unreachable():
    codes = ("peer-paused", "peer-unreachable", "peer-silent")
    beside, behind = WAYS.index((A, B)), WAYS.index((A, BEHIND))
    assert [is_spared(sent(beside, 4.0, 4.1, code)) for code in codes] == [True, False, False]
    assert [is_spared(sent(behind, 4.0, 4.1, code)) for code in codes] == [True, True, False]


def test_only_the_counters_of_rules_count():
    counter = {"counter": {"packets": 7, "bytes": 420}}
    rules = [{"metainfo": {}}, {"rule": {"expr": [counter, {"drop": None}]}}] * 2
    assert counted(json.dumps({"nftables": rules})) == 14


def test_a_slow_line_holds_up_one_direction_only():
    one, other = socket.inet_aton("10.213.0.1"), socket.inet_aton("10.213.0.2")
    frame = bytes(PREFIX + 12) + b"\x08\x00" + bytes(12) + one + other + bytes(20)
    assert is_between(frame, one, other)
    assert not is_between(frame, other, one)
    assert not is_between(frame.replace(b"\x08\x00", b"\x08\x06", 1), one, other)
