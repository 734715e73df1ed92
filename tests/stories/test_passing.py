"""A message of any form goes to a system behind another node, and both sides can prove it."""

import hashlib
import http.client
import json
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from tests.federation.signed import fits
from tests.stories.passing import CLIENT, OTHER, TARGET, Pair, passing_pair

from renkei import exchange, federation
from renkei.app.demo.ecosystem import A, B
from renkei.app.proofs import offline_verifier
from renkei.app.proofs.books import passed_defects
from renkei.federation.tls import client_context

pytestmark = pytest.mark.xdist_group("passing")

STORM_SECONDS, UNITS = 3.0, 24


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with passing_pair(os.environ.get("RENKEI_TEST_BINARIES", "")) as found:
        yield found


@pytest.fixture(autouse=True)
def forgetful(pair):
    pair.system.asked.clear()


@pytest.mark.clause("RK-17.2")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_method_path_query_and_body_arrive_as_they_were_sent(pair, method):
    body = b"" if method == "GET" else "髙﨑の避難所".encode()
    status, head, told = pair.send(method, "/a/b%20c?x=1&y=%E9%AB%98", body)
    ((was, target, fields, digest),) = pair.system.asked
    assert (status, was, target) == (200, method, "/api/a/b%20c?x=1&y=%E9%AB%98")
    assert json.loads(told) == {"size": len(body), "sha256": digest}
    assert digest == hashlib.sha256(body).hexdigest()
    assert fields["x-road-client"] == head["x-road-client"] == CLIENT
    assert fields["x-road-id"] == head["x-road-id"]
    assert fields["x-road-request-id"] == head["x-road-request-id"]
    assert head["x-road-service"] == TARGET.removeprefix("/r1/")
    assert head["x-road-request-hash"]


@pytest.mark.clause("RK-17.2")
def test_what_proves_the_unit_to_its_node_does_not_travel(pair):
    pair.send(Accept_Language="ja", X_Own="kept", Date="Thu, 01 Jan 1970 00:00:00 GMT")
    ((_, _, fields, _),) = pair.system.asked
    assert {"authorization", "date", "signature", "pf-to"}.isdisjoint(fields)
    assert (fields["accept-language"], fields["x-own"]) == ("ja", "kept")


@pytest.mark.clause("RK-17.2", "RK-17.3")
def test_a_large_body_goes_through_both_ways_and_leaves_no_file(pair):
    body = os.urandom(3 << 20)
    _, _, told = pair.send("PUT", "", body)
    assert json.loads(told)["sha256"] == hashlib.sha256(body).hexdigest()
    status, _, told = pair.send("GET", "/large")
    assert (status, len(told)) == (200, 3 << 20)
    for part in (A, B):
        assert not list((pair.eco.settings[part.name].state / "passing").iterdir())


@pytest.mark.clause("RK-17.7", "RK-17.8")
def test_both_sides_enter_the_message_under_one_number_and_each_keeps_the_other_s_signature(pair):
    _, head, told = pair.send("POST", "/x", b"hello", Content_Type="text/plain")
    number = head["x-road-request-id"]
    asked, answered = pair.entries(number, A)
    received, provided = pair.entries(number, B)
    kinds = [(one.kind.value, one.outcome) for one in (asked, answered, received, provided)]
    assert kinds == [
        ("request", "asked"),
        ("answer", "answered"),
        ("request", "received"),
        ("provision", "answered"),
    ]
    assert asked.details["question_body"] == exchange.encode(hashlib.sha256(b"hello").digest())
    assert answered.details["answer_body"] == exchange.encode(hashlib.sha256(told).digest())
    for ours, theirs, name, by in (
        (asked, received, "question", A),
        (answered, provided, "answer", B),
    ):
        kept = [name, f"{name}_key", f"{name}_signature", f"{name}_body"]
        assert [ours.details[k] for k in kept] == [theirs.details[k] for k in kept]
        key = exchange.public_key(pair.members.by_id(by.tenant).signing_keys[0])
        assert fits(ours.details, name, key)
        other = exchange.encode(hashlib.sha256(b"another message").digest())
        assert not fits({**ours.details, name: other}, name, key)


@pytest.mark.clause("RK-17.6", "RK-17.7")
def test_who_has_no_right_is_refused_by_the_provider_and_the_system_hears_nothing(pair):
    status, head, body = pair.send(client=OTHER)
    fault = json.loads(body)
    assert (status, fault["type"]) == (403, "server.serverproxy.access_denied")
    assert (fault["code"], head["pf-refused-by"]) == ("right-missing", B.tenant)
    assert "許可" in fault["message_ja"]
    assert not pair.system.asked
    number = head["x-road-request-id"]
    assert pair.outcomes(number, A) == [("request", "asked"), ("refusal", "refused")]
    assert pair.outcomes(number, B) == [("refusal", "refused")]


@pytest.mark.clause("RK-17.6")
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/open/7", 200),
        ("POST", "/open/7", 403),
        ("GET", "/open", 403),
        ("GET", "/open/7/staff", 403),
        ("GET", "/closed/7", 403),
        ("GET", "/open/7%2Fstaff", 500),
        ("GET", "/open/7%5Cstaff", 500),
        ("GET", "/open/../closed", 500),
        ("GET", "/open/%2e%2e", 500),
        ("GET", "/open/%252e%252e", 500),
        ("GET", "/open//7", 500),
    ],
)
def test_a_right_is_for_endpoints_and_no_spelling_of_a_path_gets_around_it(
    pair, method, path, status
):
    target = TARGET.replace("shelters", "readers")
    assert pair.send(method, path, target=target)[0] == status
    assert bool(pair.system.asked) == (status == 200)


@pytest.mark.clause("RK-17.3")
def test_an_answer_of_the_system_is_passed_on_whatever_it_says(pair):
    status, head, body = pair.send("GET", "/nothing")
    assert (status, "x-road-error" in head) == (404, False)
    assert json.loads(body) == {"error": "no such shelter"}
    status, head, _ = pair.send("GET", "/moved")
    assert (status, head["location"]) == (302, "http://127.0.0.1:9/")
    assert pair.send("GET", "/empty")[::2] == (204, b"")
    assert pair.send("HEAD", "/a")[::2] == (200, b"")


@pytest.mark.clause("RK-17.3")
def test_a_system_cannot_speak_for_a_node(pair):
    status, head, _ = pair.send("GET", "/sly")
    assert (status, "x-road-error" in head) == (200, False)
    assert head["x-road-id"].startswith("m-")
    assert (head["set-cookie"], head["etag"]) == ("b=2", '"7"')  # the last of two, as read here


@pytest.mark.clause("RK-17.9")
def test_a_message_id_has_one_effect(pair):
    first = pair.send("POST", "", b"1", X_Road_Id="once")
    assert first[0] == 200
    wanted = (400, "client.invalid_request", "request-id-reused")
    assert pair.code("POST", "", b"2", X_Road_Id="once") == wanted
    assert len(pair.system.asked) == 1


@pytest.mark.clause("RK-17.7", "RK-17.11")
def test_what_the_system_does_wrong_is_a_fault_of_its_node_and_entered_at_both(pair):
    status, head, body = pair.send("GET", "/broken")
    assert status == 500
    assert json.loads(body)["type"] == "server.serverproxy.service_failed.io_error"
    number = head["x-road-request-id"]
    assert pair.outcomes(number, A) == [("request", "asked"), ("failure", "failed")]
    assert pair.outcomes(number, B) == [("request", "received"), ("failure", "failed")]
    target = TARGET.replace("shelters", "away")
    status, kind, code = pair.code("GET", "", target=target)
    assert (status, kind) == (500, "server.serverproxy.service_failed.network_error")
    assert code == "provider-unreachable"


@pytest.mark.clause("RK-17.1")
@pytest.mark.parametrize(
    ("target", "more", "kind", "code"),
    [
        (TARGET, {"PF_Subject": "000000600000209"}, "unknown_service", "service-unknown"),
        (TARGET, {"PF_Mode": "production"}, "client.invalid_request", "mode-differs"),
        (TARGET.replace("shelters", "none"), {}, "unknown_service", "service-unknown"),
        (TARGET.replace(B.tenant, "131032"), {}, "unknown_member", "peer-unknown"),
        (TARGET, {"PF_Other": "x"}, "client.invalid_request", "header-unknown"),
        (TARGET, {"Authorization": "Bearer no"}, "client.access_denied", "token-refused"),
    ],
)
def test_what_cannot_be_passed_is_said(pair, target, more, kind, code):
    more = {"PF_Procedure": "JT99000000001501"} | more if "PF_Subject" in more else more
    _, found, told = pair.code("GET", "", target=target, **more)
    assert (
        found.removeprefix("server.clientproxy.").removeprefix("server.serverproxy."),
        told,
    ) == (
        kind,
        code,
    )
    assert not pair.system.asked


@pytest.mark.clause("RK-17.1")
def test_services_of_the_standard_are_asked_and_never_passed(pair):
    wanted = (400, "client.invalid_http_method", "method-not-passed")
    assert pair.code("POST", "/2026", b"{}", target=f"/r1/JP/MUN/{B.tenant}/06/income") == wanted


def test_a_system_of_our_own_is_reached_without_a_line_and_entered_all_the_same(pair):
    own = TARGET.replace(B.tenant, A.tenant)
    status, head, _ = pair.send("GET", "/y", target=own)
    assert (status, pair.system.asked[0][1]) == (200, "/own/y?")
    wanted = [("request", "asked"), ("answer", "answered")]
    assert pair.outcomes(head["x-road-request-id"], A) == wanted
    status, head, _ = pair.send("GET", "/y", target=own, client=OTHER)
    assert status == 403
    wanted = [("request", "asked"), ("refusal", "refused")]
    assert pair.outcomes(head["x-road-request-id"], A) == wanted


@contextmanager
def _said(pair: Pair, path: str, rest: str) -> Iterator[None]:
    """Say a message by hand, to any point of it; the line is closed at the end."""
    door = pair.eco.settings["a"].staff_door
    head = f"POST {TARGET}{path} HTTP/1.1\r\nHost: x\r\nX-Road-Client: {CLIENT}\r\n"
    token = pair.eco.tokens["a"]["15"]
    with socket.create_connection((door.host, door.port), timeout=10) as line:
        line.sendall(f"{head}PF-Mode: test\r\nAuthorization: Bearer {token}\r\n{rest}".encode())
        yield


@pytest.mark.clause("RK-17.5")
def test_a_body_that_breaks_off_reaches_no_system(pair):
    with _said(pair, "", "Content-Length: 99\r\n\r\nab"):
        pass
    with _said(pair, "", "Content-Length: 9"):  # it leaves in the midst of its head
        pass
    assert pair.send("GET", "/after")[0] == 200
    assert [one[1] for one in pair.system.asked] == ["/api/after?"]


@pytest.mark.clause("RK-17.7")
def test_a_message_whose_unit_left_before_its_answer_ends_in_both_logs_all_the_same(pair):
    with _said(pair, "/slow", "X-Road-Id: left-early\r\nContent-Length: 2\r\n\r\n{}"):
        pair.await_asked("/api/slow?")  # the system has it, and answers after the unit has left
    assert pair.send("GET", "/after")[0] == 200
    wanted = {"asked": "request", "answered": "answer"}
    asker = pair.await_entries("left-early", A, len(wanted))
    assert {one.outcome: one.kind.value for one in asker} == wanted
    provider = pair.await_entries("left-early", B, len(wanted))
    assert [one.outcome for one in provider] == ["received", "answered"]
    again = pair.send("POST", "/slow", b"{}", X_Road_Id="left-early")
    assert json.loads(again[2])["code"] == "request-id-reused"


@pytest.mark.clause("RK-17.4", "RK-17.5", "RK-17.9")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("nothing", ""),
        ("body", "digest-wrong"),
        ("path", "signature-wrong"),
        ("field", "signature-wrong"),
        ("added", "signature-incomplete"),
        ("dropped", "header-missing"),
        ("unsigned", "signature-missing"),
        ("other", "not-for-us"),
        ("number", "header-malformed"),
    ],
)
def test_the_other_node_believes_no_message_that_was_changed_on_the_way(pair, change, code):
    signed, body = message_to_b(pair, change)
    status, told = deliver(pair, signed, body)
    if not code:
        assert status == 200
        status, told = deliver(pair, signed, body)
        code = "replayed"
    assert (status >= 400, json.loads(told)["code"]) == (True, code)
    assert len(pair.system.asked) == (1 if change == "nothing" else 0)


def message_to_b(pair: Pair, change: str) -> tuple[exchange.Question, bytes]:
    """Return a message of A's unit as A's node signs it, changed afterwards."""
    credentials = federation.Credentials.read(pair.eco.settings["a"].keys, A.tenant)
    envelope = exchange.envelope(
        (("x-road-client", CLIENT), ("x-road-id", f"w-{change}"), ("pf-mode", "test")),
        instance="JP",
    )
    call = exchange.service_call(f"{TARGET}/x")
    number = "x" if change == "number" else "68ed711c-1f0d-4443-b2ef-5b3429636b27"
    message = federation.Message(number, "POST", envelope, call)
    peer = pair.members.by_id(A.tenant if change == "other" else B.tenant)
    fields = (*envelope.fields(), ("accept", "text/plain"))
    body = b"hello"
    departure = federation.depart(
        message, peer, fields, exchange.Body.of(body), credentials, at=datetime.now(UTC)
    )
    signed = departure.question
    changed = dict(signed.fields)
    match change:
        case "body":
            body = b"jello"
        case "path":
            signed = exchange.Question("POST", f"{TARGET}/y", "", signed.fields)
        case "field":
            changed["accept"] = "text/html"
        case "added":
            changed["x-own"] = "1"
        case "dropped":
            del changed["accept"]
        case "unsigned":
            del changed["signature"]
    return exchange.Question("POST", signed.path, "", tuple(changed.items())), body


def deliver(pair: Pair, question: exchange.Question, body: bytes) -> tuple[int, bytes]:
    """Send a message to B's door over A's line."""
    credentials = federation.Credentials.read(pair.eco.settings["a"].keys, A.tenant)
    context = client_context(credentials, pair.members.by_id(B.tenant))
    door = pair.eco.settings["b"].peers_door
    line = http.client.HTTPSConnection(door.host, door.port, context=context, timeout=10)
    try:
        line.putrequest(question.method, question.target, skip_accept_encoding=True)
        for name, value in (*question.fields, ("content-length", str(len(body)))):
            line.putheader(name, value)
        line.endheaders(body)
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


@pytest.mark.clause("RK-17.12")
def test_what_is_registered_is_listed_and_described_without_an_address_of_the_hall(pair):
    unit = TARGET.rsplit("/", 1)[0]

    def services(path: str, client: str = CLIENT) -> dict[str, list[dict[str, str]]]:
        _, _, body = pair.send("GET", "", target=unit + path, client=client)
        found = json.loads(body)["service"]
        return {one["service_code"]: one["endpoint_list"] for one in found}

    listed = services("/listMethods")
    assert {"shelters", "readers", "away"} <= listed.keys()
    one = "/shelters/*"
    assert listed["shelters"] == [{"method": "GET", "path": one}, {"method": "PUT", "path": one}]
    assert services("/allowedMethods")["readers"] == [{"method": "GET", "path": "/open/*"}]
    assert {"shelters", "readers"}.isdisjoint(services("/allowedMethods", OTHER))
    _, _, body = pair.send("GET", "/getOpenAPI?serviceCode=shelters", target=unit)
    assert json.loads(body)["paths"].keys() == {"/shelters/{number}"}
    assert b"10.0.0.7" not in body
    wanted = (500, "server.clientproxy.unknown_service", "service-unknown")
    assert pair.code("GET", "/getOpenAPI?serviceCode=none", target=unit) == wanted


@pytest.mark.clause("RK-17.7", "RK-17.12")
def test_a_peer_that_is_away_delays_nothing_else_and_is_entered(pair):
    pair.eco.stop(B)
    try:
        status, _, body = pair.send("GET", "/x")
        fault = json.loads(body)
        assert (status, fault["type"]) == (500, "server.clientproxy.network_error")
        wanted = [("request", "asked"), ("failure", "failed")]
        assert pair.outcomes(fault["detail"], A) == wanted
        assert pair.send("GET", "/y", target=TARGET.replace(B.tenant, A.tenant))[0] == 200
        unit = f"/r1/JP/MUN/{B.tenant}/06"
        _, _, body = pair.send("GET", "/listMethods", target=unit)
        assert "income" in {one["service_code"] for one in json.loads(body)["service"]}
    finally:
        pair.eco.start(B)
    assert pair.send("GET", "/x")[0] == 200


@pytest.mark.clause("RK-9.9", "RK-9.11")
@pytest.mark.parametrize("body", [b"hello", b""], ids=["body", "none"])
def test_both_sides_give_evidence_of_a_message_that_a_stranger_verifies(pair, body):
    _, head, told = pair.send("POST" if body else "GET", "/x", body)
    number = head["x-road-request-id"]
    for part in (A, B):
        pair.entries(number, part)  # waits until it is sequenced
    views = [(p.name, pair.eco.oversight(p, f"evidence/{number}")) for p in (A, B)]
    shown = {"question": hashlib.sha256(body).digest(), "answer": hashlib.sha256(told).digest()}
    report = offline_verifier.verify(views, [pair.eco.settings["a"].authority], shown)
    assert report.broken == []
    assert report.verdict == "proven"
    codes = [one.code for one in report.proven]
    assert "agree" in codes
    assert (codes.count("body"), codes.count("answer-signed")) == (4, 2)


@pytest.mark.parametrize(("part", "database"), [(B, False), (A, False), (B, True)])
def test_the_books_balance_after_a_kill_in_the_midst_of_messages(pair, part, database):
    told: list[str] = []

    def send(number: int) -> None:
        if number == 20:
            pair.eco.kill(part, database=database)
            if not database:
                pair.eco.start(part)
        with suppress(OSError, http.client.HTTPException):
            status, head, _ = pair.send("POST", "/x", b"{}", X_Road_Id=f"kill-{uuid4()}")
            if status == 200:
                told.append(head["x-road-request-id"])

    with ThreadPoolExecutor(6) as clients:
        list(clients.map(send, range(60)))
    pair.eco.await_health(A, B)
    assert pair.send("GET", "/after")[0] == 200
    assert told
    given = Counter(fields["x-road-id"] for _, _, fields, _ in pair.system.asked)
    del given[next(id_ for id_ in given if not id_.startswith("kill-"))]
    asker, provider = (pair.log(part, "kill-") for part in (A, B))
    assert passed_defects(asker, provider, told, given) == []


@contextmanager
def slammed_door(port: int) -> Iterator[list[float]]:
    """Take every connection at a port and close it at once; give when they came."""
    knocks: list[float] = []
    with socket.create_server(("127.0.0.1", port)) as door:

        def keep() -> None:
            with suppress(OSError):
                while True:
                    door.accept()[0].close()
                    knocks.append(time.monotonic())

        keeper = threading.Thread(target=keep)
        keeper.start()
        yield knocks
        door.shutdown(socket.SHUT_RDWR)
        keeper.join()


@pytest.mark.clause("RK-2.12", "RK-17.9")
def test_a_storm_of_retries_spares_the_peer_and_ends_with_each_unit_answered(pair):
    """Units that never wait ask anew at once, while the peer is away and until it is back."""
    faults, told = Counter[str](), list[str]()

    def insist() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            status, head, body = pair.send("POST", "/storm", b"{}", X_Road_Id=f"storm-{uuid4()}")
            if status == 200:
                told.append(head["x-road-request-id"])
                return
            faults[code := json.loads(body)["code"]] += 1
            assert code != "peer-paused" or int(head["retry-after"]) >= 1

    pair.eco.stop(B)
    with ThreadPoolExecutor(UNITS) as pool:
        try:
            with slammed_door(pair.eco.settings[B.name].peers_door.port) as knocks:
                units = [pool.submit(insist) for _ in range(UNITS)]
                ended, _ = wait(units, timeout=STORM_SECONDS)
        finally:
            pair.eco.start(B)
        for one in units:
            one.result()
    assert (ended, len(told)) == (set(), UNITS)
    assert set(faults) <= {"peer-unreachable", "peer-broke-off", "peer-paused"}
    assert len(knocks) * 4 < faults.total()
    given = Counter(fields["x-road-id"] for _, _, fields, _ in pair.system.asked)
    asker, provider = (pair.log(part, "storm-") for part in (A, B))
    assert passed_defects(asker, provider, told, given) == []
