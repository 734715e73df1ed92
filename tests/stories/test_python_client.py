"""The client package of a business system, against the real node and against a bad line."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from renkei.app.demo.ecosystem import A, B, free_port
from renkei.app.demo.scenarios import SCENARIOS, Scenario
from renkei.standard import catalogue, generate
from renkei_client import (
    Answer,
    Client,
    NodeFault,
    NodeUnreachable,
    NotHeld,
    Question,
    Refused,
    ReplyLost,
)
from renkei_client import records as shipped
from renkei_client.records import Income

pytestmark = pytest.mark.xdist_group("ecosystem-doors")

EDITION = catalogue().edition.edition
KINDS = {scenario.name: scenario for scenario in SCENARIOS}


@pytest.fixture
def node(stage) -> Client:
    return client(stage)


def client(stage, token: str = "") -> Client:
    address = stage.members.address(A.tenant).render()
    token = token or stage.ecosystem.tokens["a"]["15"]
    return Client(stage.ecosystem.staff(A), client=f"{address}/15", token=token, mode="test")


def question(unit, scenario: Scenario, number: int = 0) -> Question[Income]:
    ask = unit.ready(scenario, number)
    return Question(
        Income,
        holder=unit.stage.members.address(scenario.holder.tenant).render(),
        parameters=(str(ask.year),),
        procedure=scenario.procedure,
        subject=ask.subject,
        purpose=scenario.title("ja"),
        items=tuple(scenario.items.split(",")),
        release=EDITION,
    )


def test_an_answer_is_a_typed_record_with_its_proof(unit, node):
    reply = node.ask(question(unit, KINDS["statute"]))
    assert isinstance(reply, Answer)
    assert isinstance(reply.record.total_income, int)
    assert reply.record.total_income == reply.values["total_income"]
    assert reply.record.gross_income is None, "it was not asked for"
    assert (reply.proof.by, reply.proof.provision) == (B.tenant, "NA-074")
    assert reply.proof.receipt
    assert reply.proof.entry
    assert (reply.release, reply.losses) == (EDITION, ())


def test_what_is_not_held_or_refused_is_returned_and_not_raised(unit, node):
    assert isinstance(node.ask(question(unit, KINDS["not-held"])), NotHeld)
    refused = node.ask(question(unit, KINDS["wrong-procedure"]))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.by) == ("procedure-not-named", A.tenant)
    assert "根拠" in refused.message_ja
    assert refused.message


def test_what_went_wrong_is_raised_with_both_texts(unit, stage, node):
    with pytest.raises(NodeFault) as raised:
        client(stage, "wrong").ask(question(unit, KINDS["statute"]))
    fault = raised.value
    assert (fault.code, fault.kind) == ("token-refused", "client.access_denied")
    assert fault.message
    assert "トークン" in fault.message_ja
    asked = question(unit, KINDS["statute"])
    assert isinstance(node.ask(asked), Answer)
    with pytest.raises(NodeFault, match="request-id-reused"):
        node.ask(asked)


def test_a_question_nobody_waits_for_is_one_task_however_often_it_is_sent(unit, node):
    asked = question(unit, KINDS["statute"], 1)
    expires = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    task = node.ask_later(asked, expires=expires, urgency=1)
    assert node.ask_later(asked, expires=expires, urgency=1).number == task.number
    assert task.expires_at == expires
    reply = node.wait(task, seconds=30, every=0.1)
    assert isinstance(reply, Answer)
    assert node.reply_of(task) == reply


def test_who_takes_part_and_what_may_be_asked_is_told(stage, node):
    partner = f"{stage.members.address(B.tenant).render()}/06"
    assert partner in {one.address for one in node.clients()}
    listed = {one.service: one.endpoints for one in node.methods(partner)}
    assert listed["income"] == (("GET", "/*"),)
    assert {one.service for one in node.allowed_methods(partner)} == {"income"}
    assert "paths" in node.openapi(partner, "income")


def test_changes_are_read_a_page_at_a_time_and_no_change_twice(node):
    first = node.changes(limit=40)
    assert len(first.changes) == 40
    assert first.more
    second = node.changes(first.next, limit=40)
    named = [(one.entity, *one.key.values(), one.position) for one in first.changes]
    assert not {*named} & {(one.entity, *one.key.values(), one.position) for one in second.changes}


def test_the_shipped_records_are_those_of_the_standard():
    text = Path(shipped.__file__).read_text(encoding="utf-8")
    assert text == generate.shared_python_records(catalogue())


def test_every_module_of_the_standard_is_python_and_reads_an_answer():
    known = catalogue()
    made: dict[str, dict[str, Any]] = {}
    for unit in known.units:
        text = generate.python_records(unit, known)
        made[unit.id] = {"__name__": f"unit_{unit.id}"}
        exec(compile(text, unit.id, "exec"), made[unit.id])  # noqa: S102  # what we make must run
    record = made["06"]["Income"].read({"total_income": 5, "of_a_later_edition": 1})
    assert (record.total_income, record.PARAMETERS) == (5, ("year",))


def test_parameters_that_are_missing_are_found_before_anything_is_sent():
    with pytest.raises(ValueError, match="year"):
        Question(Income, holder="JP/MUN/131024", procedure="x", subject="1", purpose="x")


BUSY = b"HTTP/1.1 429 x\r\nRetry-After: 0\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def line(*replies: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A line on which each request has the next reply; an empty one breaks it off."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for reply in replies:
                taken, _ = server.accept()
                with taken:
                    heard.append(taken.recv(65536))
                    taken.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", heard
        thread.join(5)


def asked() -> Question[Income]:
    return Question(
        Income,
        holder="JP/MUN/131024",
        parameters=("2026",),
        procedure="x",
        subject="1",
        purpose="x",
    )


def test_a_question_the_node_may_have_heard_is_never_sent_again():
    sent = asked()
    with line(b"") as (url, heard), pytest.raises(ReplyLost) as lost:
        Client(url, client="JP/MUN/131016/15", token="t").ask(sent)
    assert lost.value.message == sent.id
    assert len(heard) == 1


def test_what_one_effect_is_sure_of_is_sent_again_the_same():
    at = "2026-01-01T00:00:00Z"
    state = json.dumps({"number": "7", "accepted_at": at, "expires_at": at}).encode()
    accepted = b"HTTP/1.1 202 x\r\nContent-Length: %d\r\n\r\n%s" % (len(state), state)
    with line(b"", BUSY, accepted) as (url, heard):
        task = Client(url, client="JP/MUN/131016/15", token="t").ask_later(asked())
    assert task.number == "7"
    assert heard[0] == heard[1] == heard[2]


def test_too_many_is_told_in_the_end_and_nobody_there_is_said():
    with line(BUSY, BUSY) as (url, heard), pytest.raises(NodeFault) as raised:
        Client(url, client="JP/MUN/131016/15", token="t", attempts=2).ask(asked())
    assert (raised.value.status, len(heard)) == (429, 2)
    away = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(NodeUnreachable):
        Client(away, client="JP/MUN/131016/15", token="t", attempts=2).ask(asked())
