"""B is reached through a prefecture's node alone, which learns who asks whom and nothing more."""

import hashlib
import http.client
import json
from collections.abc import Iterator
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from tests.stories.passing import CLIENT
from tests.stories.relaying import Relay, recorded, relayed

from renkei import exchange
from renkei.app.demo.asker import Told
from renkei.app.demo.demonstration import prove
from renkei.app.demo.ecosystem import A, B, P, Part
from renkei.app.demo.scenarios import SCENARIOS
from renkei.app.operations.doctor import examine
from renkei.app.site import now
from renkei.federation import Passage, SealingKey

pytestmark = pytest.mark.xdist_group("ecosystem-bodies")

STATUTE = next(one for one in SCENARIOS if one.name == "statute")
PASSAGE = Passage(A.tenant, P.tenant, B.tenant)
BOATS = f"/r1/JP/MUN/{B.tenant}/31/boats"


@pytest.fixture(scope="module")
def relay(stage) -> Iterator[Relay]:
    with relayed(stage) as found:
        yield found


def message(
    relay: Relay, path: str, body: bytes = b"", method: str = "POST", target: str = BOATS
) -> tuple[int, dict[str, str], bytes]:
    """Send a message of A's unit 15 to the system behind B."""
    eco = relay.stage.ecosystem
    door = eco.settings["a"].staff_door
    line = http.client.HTTPConnection(door.host, door.port, timeout=60)
    said = {
        "X-Road-Client": CLIENT,
        "X-Road-Id": f"m-{uuid4()}",
        "Authorization": f"Bearer {eco.tokens['a']['15']}",
        "PF-Mode": "test",
    }
    try:
        line.request(method, target + path, body or None, said)
        answer = line.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, fields, answer.read()
    finally:
        line.close()


def sealed(relay: Relay, *, signer: Part = A) -> tuple[bytes, SealingKey]:
    """Seal a question of A to B about a system behind it, as A's node would."""
    said = (
        ("x-road-client", CLIENT),
        ("x-road-id", f"m-{uuid4()}"),
        ("x-road-request-id", str(uuid4())),
        ("pf-to", B.tenant),
        ("pf-mode", "test"),
    )
    plain = exchange.Question("GET", f"{BOATS}/7", "", said)
    key, body = relay.credentials(signer).signing, hashlib.sha256(b"").digest()
    question, _ = exchange.sign_question(plain, key, at=now(), carried=body)
    listed = relay.members.by_id(B.tenant).sealing_key
    return PASSAGE.seal_question(question, listed)


def inside(told: bytes, reply: SealingKey, asked: bytes) -> tuple[int, str]:
    """Open B's sealed answer; return its status and the code of its fault, if it is one."""
    answer = PASSAGE.open_answer(told, reply, asked)
    fault = exchange.read_fault(answer)
    return answer.status, "" if fault is None else fault.code


def income(told: Told) -> int:
    """Return the value of an answer that nobody could guess."""
    assert told.record is not None
    return int(told.record["total_income"] or 0)


@pytest.mark.clause("RK-18.1", "RK-18.6", "RK-18.9")
def test_a_lawful_question_goes_through_the_relay_and_the_books_balance(relay, unit):
    before = len(relay.entries(P))
    told = [unit.told(one) for one in SCENARIOS if one.holder == B]
    assert [(t.outcome, t.reason) for t in told] == [
        (one.outcome, one.reason) for one in SCENARIOS if one.holder == B
    ]
    assert prove(relay.stage, told).defects == ()
    entered = relay.entries(P)[before:]
    travelled = [t for t in told if t.receipt]
    assert len(entered) >= 2 * len(travelled) > 0
    kinds = {(one.kind.value, one.outcome) for one in entered}
    assert kinds == {("request", "received"), ("answer", "passed-on")}
    assert {(one.asker, one.holder) for one in entered} == {(A.tenant, B.tenant)}


@pytest.mark.clause("RK-18.2", "RK-18.10")
def test_the_relay_is_not_told_what_is_asked_nor_what_is_answered(relay, unit):
    """Who listens at P hears who asks whom; its entries keep digests of what it carried."""
    rich = next(n for n in range(20) if income(unit.told(STATUTE, n)) > 100_000)
    before = len(relay.entries(P))
    body = "ボート12艘を第三小学校へ".encode()
    with recorded(relay) as listener:
        told = unit.told(STATUTE, rich)
        status, _, answer = message(relay, "/secret-place?by=night", body)
    assert (told.outcome, status) == ("answered", 200)
    heard = bytes(listener.heard)
    hidden = [body, b"secret-place", b"by=night", answer, b"/inquiries", b"31/boats", b"pf-outcome"]
    hidden += [str(income(told)).encode(), told.inquiry.encode()]
    assert [one for one in hidden if one in heard] == []
    assert B.tenant.encode() in heard
    assert A.tenant.encode() in heard
    requests = [e for e in relay.entries(P)[before:] if e.kind.value == "request"]
    assert len(requests) == 2
    assert all(one.details["question_body"] and one.details["question"] for one in requests)
    assert all(int(one.details["question_size"]) % 4096 < 128 for one in requests)


@pytest.mark.clause("RK-18.2")
def test_a_record_and_its_absence_are_of_one_length_to_the_relay(relay, unit):
    before = len(relay.entries(P))
    kinds = [one for one in SCENARIOS if one.name in ("statute", "not-held", "protected")]
    outcomes = {unit.told(one).outcome for one in kinds}
    assert len(outcomes) > 1
    answers = [e for e in relay.entries(P)[before:] if e.kind.value == "answer"]
    assert len({one.details["answer_size"] for one in answers}) == 1


@pytest.mark.clause("RK-18.7")
def test_a_message_arrives_whole_and_the_answer_as_the_system_gave_it(relay):
    body = bytes(range(256)) * 4000
    status, fields, told = message(relay, "/a%20b?x=1", body, "PUT")
    told = json.loads(told)
    assert (status, told) == (200, {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()})
    assert relay.system.asked[-1][:2] == ("PUT", "/api/a%20b?x=1")
    assert message(relay, "/nothing", method="GET")[0] == 404
    number = fields["x-road-request-id"]
    for part, kinds in ((A, ["request", "answer"]), (B, ["request", "provision"])):
        entered = [e for e in relay.entries(part) if e.request == number]
        assert [one.kind.value for one in entered] == kinds


@pytest.mark.clause("RK-18.7")
def test_what_a_system_offers_is_asked_through_the_relay_too(relay):
    methods = f"/r1/JP/MUN/{B.tenant}/31/listMethods"
    _, _, told = message(relay, "", method="GET", target=methods)
    assert b"boats" in told


@pytest.mark.clause("RK-18.7")
def test_the_doctor_asks_what_it_goes_by_through_the_relay(relay):
    before = len(relay.entries(P))
    found = examine(relay.stage.ecosystem.settings["a"])
    good = {check.facts["peer"] for check in found if check.code == "peer-good"}
    assert {B.tenant, P.tenant} <= good
    assert [one.holder for one in relay.entries(P)[before:]] == [B.tenant] * 2


@pytest.mark.clause("RK-18.8")
def test_a_message_no_relay_takes_is_refused_before_it_is_sent(relay):
    before = len(relay.entries(P))
    status, _, told = message(relay, "/x", bytes(5 << 20))
    assert (status, json.loads(told)["code"]) == (500, "relay-too-large")
    status, _, told = message(relay, "/x", bytes((4 << 20) - 64))  # sealed it would be more
    assert (status, json.loads(told)["code"]) == (500, "relay-too-large")
    assert len(relay.entries(P)) == before


@pytest.mark.clause("RK-18.8")
def test_an_answer_no_relay_takes_is_said_inside_and_entered(relay):
    status, _, told = message(relay, "/huge", method="GET")
    assert (status, json.loads(told)["code"]) == (500, "relay-too-large")
    last = relay.entries(B)[-1]
    assert (last.kind.value, last.details["error"]) == ("failure", "relay-too-large")
    assert relay.entries(P)[-1].outcome == "passed-on"


def test_a_relay_counts_its_passages_by_holder_and_outcome(relay):
    eco = relay.stage.ecosystem

    def counted(error: str, outcome: str, peer: str) -> float:
        said = Request(f"{eco.staff(P)}/metrics")
        said.add_header("Authorization", f"Bearer {eco.tokens[P.name]['oversight']}")
        with urlopen(said, timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        labels = f'direction="relayed",error="{error}",outcome="{outcome}",peer="{peer}"'
        found = [one for one in lines if one.startswith(f"renkei_exchanges_total{{{labels},")]
        return sum(float(one.split()[-1]) for one in found)

    wanted = [
        ("", "answered", B.tenant),
        ("relay-not-listed", "failed", A.tenant),
        ("peer-unknown", "failed", "other"),
    ]
    before = [counted(*one) for one in wanted]
    message(relay, "/7", method="GET")
    for holder in (A.tenant, "011002"):
        relay.code(B, P, relay.question(B, P, f"/relay/{holder}", b"sealed"))
    assert [counted(*one) for one in wanted] == [count + 1 for count in before]


@pytest.mark.clause("RK-18.4")
def test_whom_the_list_does_not_give_it_a_relay_does_not_carry(relay):
    question = relay.question(B, P, f"/relay/{A.tenant}", b"sealed")
    assert relay.code(B, P, question) == (403, "relay-not-listed")
    last = relay.entries(P)[-1]
    assert (last.kind.value, last.details["error"]) == ("failure", "relay-not-listed")
    unknown = relay.question(A, P, "/relay/011002", b"sealed")
    assert relay.code(A, P, unknown) == (401, "peer-unknown")


@pytest.mark.clause("RK-18.5")
def test_a_holder_opens_only_what_its_own_relay_brings(relay):
    asked, _ = sealed(relay)
    question = relay.question(A, B, f"/relayed/{A.tenant}", asked)
    assert relay.code(A, B, question) == (403, "relay-not-listed")
    last = relay.entries(B)[-1]
    assert (last.kind.value, last.details["error"]) == ("failure", "relay-not-listed")


@pytest.mark.clause("RK-18.5")
@pytest.mark.parametrize("change", ["altered", "truncated", "empty", "another asker"])
def test_what_was_changed_on_the_way_does_not_open(relay, change):
    asked, _ = sealed(relay)
    asker = A.tenant
    match change:
        case "altered":
            asked = asked[:-1] + bytes([asked[-1] ^ 1])
        case "truncated":
            asked = asked[:-1]
        case "empty":
            asked = b""
        case _:
            asker = P.tenant
    question = relay.question(P, B, f"/relayed/{asker}", asked)
    assert relay.code(P, B, question) == (400, "sealed-unreadable")
    last = relay.entries(B)[-1]
    assert (last.kind.value, last.details["error"]) == ("failure", "sealed-unreadable")


@pytest.mark.clause("RK-18.6")
def test_what_another_member_signed_is_not_taken_for_the_asker_s(relay):
    """The relay itself seals a question in A's name: only A's signature would make it A's."""
    asked, reply = sealed(relay, signer=P)
    answer = relay.send(P, B, relay.question(P, B, f"/relayed/{A.tenant}", asked))
    assert answer.status == 200
    assert inside(answer.body, reply, asked) == (401, "caller-unclear")


@pytest.mark.clause("RK-18.3", "RK-18.6")
def test_a_question_has_one_effect_whether_relay_or_asker_sends_it_again(relay):
    relay.system.asked.clear()
    asked, reply = sealed(relay)
    outer = relay.question(A, P, f"/relay/{B.tenant}", asked)
    first = relay.send(A, P, outer)
    assert inside(first.body, reply, asked) == (200, "")
    assert relay.code(A, P, outer) == (409, "replayed")
    brought = relay.question(P, B, f"/relayed/{A.tenant}", asked)
    again = relay.send(P, B, brought)
    assert inside(again.body, reply, asked) == (409, "replayed")
    assert relay.code(P, B, brought) == (409, "replayed")
    assert len(relay.system.asked) == 1


@pytest.mark.clause("RK-18.9")
def test_a_relay_or_a_holder_that_is_away_is_a_failure_and_nothing_is_lost(relay, unit):
    eco = relay.stage.ecosystem
    eco.stop(B)
    told = [unit.told(STATUTE)]
    assert (told[0].outcome, told[0].reason) == ("failed", "peer-unreachable")
    assert relay.entries(P)[-1].details["error"] == "peer-unreachable"
    eco.start(B)
    eco.kill(P)
    told.append(unit.told(STATUTE, 1))  # B is up, and nobody else has a way to it
    assert (told[1].outcome, told[1].reason) == ("failed", "peer-unreachable")
    eco.start(P)
    told.append(unit.told(STATUTE, 1))
    assert told[2].outcome == "answered"
    assert prove(relay.stage, told).defects == ()
