"""A question is answered once, or refused with a reason; either way the answer is signed."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import uvicorn
from tests.exchange.serving import serving
from tests.federation.site import (
    CLIENT,
    LIMITS,
    B,
    C,
    Site,
    altered,
    clock,
    hello,
    listed,
    membership,
    row,
)

from renkei import exchange
from renkei.app.demo.ecosystem import free_port
from renkei.exchange import Answer, Limits, Receive, Scope, Send
from renkei.federation.channel import Channel, Reply
from renkei.federation.door import Caller, Handle, door, sign
from renkei.federation.errors import (
    AnswerNotBound,
    AnswerRedirected,
    AnswerTooLarge,
    AnswerUntrusted,
    PeerBrokeOff,
    PeerCertificateWrong,
    PeerSilent,
    PeerUnknown,
    PeerUnreachable,
)
from renkei.federation.listener import server_config
from renkei.federation.tls import Credentials, client_context
from renkei.kit import Database


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site.create(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site.create(tmp_path_factory.mktemp("keys"))
    with site.open():
        yield site


async def ask(channel: Channel, target: str = "/inquiry?x=1", body: bytes = b"{}") -> Reply:
    return await channel.call(B, "POST", target, body, [("X-Road-Client", CLIENT)], at=clock())


# What gets through


@pytest.mark.clause("RK-2.3")
def test_a_question_is_answered_and_both_signatures_are_kept(opened: Site) -> None:
    reply = opened.converse(ask)
    assert reply.answer.body == b"131016 /inquiry?x=1 2"
    assert reply.fault is None
    assert (reply.asked.keyid, reply.answered.keyid) == (
        opened.a.signing.name,
        opened.b.signing.name,
    )
    assert reply.answer.field("x-road-id") == reply.question.field("x-road-id")


def test_many_questions_at_once_use_few_connections(opened: Site) -> None:
    async def many(channel: Channel) -> list[Reply]:
        return await asyncio.gather(*(ask(channel, f"/{n}") for n in range(40)))

    replies = opened.converse(many)
    assert [reply.answer.body for reply in replies] == [
        f"131016 /{n} 2".encode() for n in range(40)
    ]


def test_a_target_travels_as_it_is(opened: Site) -> None:
    target = "/r1/JP/MUN/131024/06/income/%E9%83%BD%2F1/?a=%20b&c"
    assert (
        opened.converse(lambda channel: ask(channel, target)).answer.body.split()[1]
        == target.encode()
    )


@pytest.mark.clause("RK-2.3")
def test_a_question_without_a_body_is_answered(opened: Site) -> None:
    async def get(channel: Channel) -> Reply:
        return await channel.call(B, "GET", "/", at=clock())

    reply = opened.converse(get)
    assert reply.answer.body == b"131016 / 0"
    assert reply.question.field("x-road-client") == "JP/MUN/131016"


# What the door refuses


def test_a_missing_header_is_refused(opened: Site) -> None:
    question = opened.question()
    bare = replace(question, fields=tuple(f for f in question.fields if f[0] != "x-road-id"))
    sent, _ = exchange.sign_question(bare, opened.a.signing, at=clock())
    assert opened.refusal(sent) == (400, "header-missing")


def test_an_unknown_pf_header_is_refused(opened: Site) -> None:
    assert opened.refusal(opened.signed(b"{}", ("pf-porpose", "x"))) == (400, "header-unknown")


@pytest.mark.clause("RK-2.3")
def test_an_unsigned_question_is_refused(opened: Site) -> None:
    assert opened.refusal(opened.question()) == (401, "signature-missing")


def test_a_forged_signature_is_refused(opened: Site) -> None:
    forger = replace(opened.c.signing, name=opened.a.signing.name)
    sent, _ = exchange.sign_question(opened.question(), forger, at=clock())
    assert opened.refusal(sent) == (401, "signature-wrong")


def test_a_signature_of_a_key_outside_the_list_is_refused(opened: Site) -> None:
    sent, _ = exchange.sign_question(opened.question(), opened.c.signing, at=clock())
    assert opened.refusal(sent) == (401, "signature-key-unknown")


@pytest.mark.clause("RK-2.7")
def test_an_old_signature_is_refused(opened: Site) -> None:
    before = clock() - timedelta(seconds=302)
    sent, _ = exchange.sign_question(opened.question(), opened.a.signing, at=before)
    assert opened.refusal(sent) == (401, "signature-expired")


def test_a_changed_body_is_refused(opened: Site) -> None:
    assert opened.refusal(replace(opened.signed(), body=b"[]")) == (401, "digest-wrong")


@pytest.mark.clause("RK-10.1")
def test_a_body_over_the_limit_is_refused(opened: Site) -> None:
    assert opened.refusal(opened.signed(b"x" * (LIMITS.body + 1))) == (413, "body-too-large")


@pytest.mark.clause("RK-2.9")
def test_a_question_of_one_member_over_the_line_of_another_is_refused(opened: Site) -> None:
    assert opened.refusal(opened.signed(), opened.b) == (401, "caller-unclear")


@pytest.mark.clause("RK-2.9")
def test_a_client_of_another_organisation_is_refused(opened: Site) -> None:
    question = opened.question()
    fields = tuple((n, "JP/MUN/131024/15" if v == CLIENT else v) for n, v in question.fields)
    sent, _ = exchange.sign_question(replace(question, fields=fields), opened.a.signing, at=clock())
    assert opened.refusal(sent) == (401, "caller-unclear")


@pytest.mark.clause("RK-2.9")
def test_a_question_to_another_organisation_is_refused(opened: Site) -> None:
    assert opened.refusal(opened.signed(to=C)) == (421, "not-for-us")


@pytest.mark.clause("RK-2.1")
def test_a_certificate_outside_the_list_gets_no_answer(opened: Site) -> None:
    with pytest.raises(OSError):  # noqa: PT011  # TLS alert or closed line, whichever comes first
        opened.send(opened.signed(), opened.c)


@pytest.mark.clause("RK-2.8")
def test_a_message_sent_twice_has_one_effect(site: Site, database: Database) -> None:
    def once(caller: Caller, at: datetime) -> Answer:
        with database.transaction(B) as conn:
            exchange.first_time(conn, B, caller.signature, request_id=caller.envelope.id, at=at)
        return hello(caller, at)

    with site.open(site.door(once)):
        sent = site.signed()
        assert site.send(sent).status == 200
        assert site.refusal(sent) == (409, "replayed")
        assert site.send(site.signed()).status == 200


def test_a_handler_that_breaks_says_no_internals(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(caller: Caller, at: datetime) -> Answer:
        raise ZeroDivisionError

    with site.open(site.door(broken)):
        assert site.refusal(site.signed()) == (500, "node-error")
    assert "ZeroDivisionError" in caplog.text


def test_a_handler_may_keep_the_signature_of_its_answer(site: Site) -> None:
    kept: list[exchange.Signature] = []

    def keeping(caller: Caller, at: datetime) -> Answer:
        answer, signature = sign(hello(caller, at), caller.question, site.b, at=at)
        kept.append(signature)
        return answer

    with site.open(site.door(keeping)):
        assert [site.converse(ask).answered] == kept


# What the channel refuses


def test_who_is_not_on_the_list_is_not_asked(opened: Site) -> None:
    async def stranger(channel: Channel) -> Reply:
        return await channel.call(C, "GET", "/", at=clock())

    with pytest.raises(PeerUnknown):
        opened.converse(stranger)


@pytest.mark.clause("RK-2.3")
def test_a_fault_of_the_peer_is_a_signed_answer(site: Site) -> None:
    with site.open():
        reply = site.converse(lambda channel: ask(channel, body=b"x" * (LIMITS.body + 1)))
    assert reply.fault is not None
    assert (reply.answer.status, reply.fault.code) == (413, "body-too-large")


@pytest.mark.parametrize("change", [{"status": 201}, {"body": b"131016 /inquiry?x=1 3"}])
def test_an_altered_answer_is_dropped(site: Site, change: dict[str, object]) -> None:
    with site.open(altered(site.door(), **change)), pytest.raises(AnswerUntrusted):
        site.converse(ask)


@pytest.mark.parametrize("target", ["", "x", "/a b", "/a#b", "/a\r\nx: y", "/都"])
def test_a_target_that_would_not_travel_as_it_is_is_not_sent(opened: Site, target: str) -> None:
    with pytest.raises(exchange.AddressMalformed):
        opened.converse(lambda channel: ask(channel, target))


def test_a_peer_whose_server_is_full_counts_as_not_reached(site: Site) -> None:
    with site.open(Answer(503)), pytest.raises(PeerUnreachable):
        site.converse(ask)


@pytest.mark.clause("RK-10.1")
def test_a_door_turns_away_what_is_beyond_its_connections(site: Site) -> None:
    config = server_config(
        site.door(),
        "127.0.0.1",
        site.port,
        membership=membership(site.b, site.members),
        connections=2,
    )
    with serving(config):
        assert site.converse(ask).answer.status == 200
        context = client_context(site.a, site.members.by_id(B))
        with (
            socket.create_connection(("127.0.0.1", site.port)) as line,
            context.wrap_socket(line),
            pytest.raises(PeerUnreachable),
        ):
            site.converse(ask)


@pytest.mark.clause("RK-2.3")
def test_an_unsigned_answer_is_dropped(site: Site) -> None:
    with site.open(Answer(200)), pytest.raises(AnswerUntrusted) as caught:
        site.converse(ask)
    assert caught.value.facts["reason"] == "signature-missing"


def test_an_answer_signed_by_another_member_is_dropped(site: Site) -> None:
    ours = membership(replace(site.a, id=B), site.members)
    app = door(hello, membership=ours, clock=clock)
    with site.open(app), pytest.raises(AnswerUntrusted) as caught:
        site.converse(ask)
    assert caught.value.facts["reason"] == "signature-key-unknown"


@pytest.mark.clause("RK-2.5")
@pytest.mark.parametrize("keeps_id", [True, False])
def test_an_answer_to_another_question_is_dropped(site: Site, keeps_id: bool) -> None:
    first: list[Answer] = []

    def again(caller: Caller, at: datetime) -> Answer:
        first.append(sign(hello(caller, at), caller.question, site.b, at=at)[0])
        return first[0]

    async def twice(channel: Channel) -> None:
        headers = [("x-road-id", "m-1")] if keeps_id else []
        await channel.call(B, "GET", "/", headers=headers, at=clock())
        await channel.call(B, "GET", "/", headers=headers, at=clock())

    with site.open(site.door(again)), pytest.raises((AnswerUntrusted, AnswerNotBound)) as caught:
        site.converse(twice)
    assert isinstance(caught.value, AnswerUntrusted if keeps_id else AnswerNotBound)


@pytest.mark.clause("RK-2.5")
def test_an_answer_bound_to_no_question_is_dropped(site: Site) -> None:
    def loose(caller: Caller, at: datetime) -> Answer:
        return sign(hello(caller, at), None, site.b, at=at)[0]

    with site.open(site.door(loose)), pytest.raises(AnswerNotBound):
        site.converse(ask)


@pytest.mark.clause("RK-2.2")
def test_a_redirect_is_not_followed(site: Site) -> None:
    def elsewhere(caller: Caller, at: datetime) -> Answer:
        return Answer(307, (("location", f"https://127.0.0.1:{site.port}/other"),))

    with site.open(site.door(elsewhere)), pytest.raises(AnswerRedirected):
        site.converse(ask)


@pytest.mark.clause("RK-10.1")
def test_an_answer_over_the_limit_is_dropped(site: Site) -> None:
    def long(caller: Caller, at: datetime) -> Answer:
        return Answer(200, (("content-type", "text/plain"),), b"x" * 2000)

    with site.open(site.door(long)), pytest.raises(AnswerTooLarge):
        site.converse(ask, limits=Limits(body=1999))


# Peers that are slow, down, or not who they should be


@pytest.mark.clause("RK-2.2")
def test_a_slow_peer_holds_up_its_own_answers_alone(site: Site) -> None:
    def slow(caller: Caller, at: datetime) -> Answer:
        time.sleep(0.6)
        return hello(caller, at)

    port = free_port()
    members = listed(row(site.a), row(site.b, site.port), row(site.c, port))

    def config_of(credentials: Credentials, handle: Handle, where: int) -> uvicorn.Config:
        ours = membership(credentials, members)
        app = door(handle, membership=ours, clock=clock)
        return server_config(app, "127.0.0.1", where, membership=ours)

    async def both() -> tuple[Reply | BaseException, float]:
        async with Channel(membership(site.a, members), seconds=0.3, connections=2) as channel:
            late = [asyncio.create_task(channel.call(B, "GET", "/", at=clock())) for _ in range(4)]
            await asyncio.sleep(0.05)
            before = time.monotonic()
            await channel.call(C, "GET", "/", at=clock())
            took = time.monotonic() - before
            results = await asyncio.gather(*late, return_exceptions=True)
            return results[0], took

    with serving(config_of(site.b, slow, site.port)), serving(config_of(site.c, hello, port)):
        outcome, took = asyncio.run(both())
    assert isinstance(outcome, PeerSilent)
    assert took < 0.25


def test_a_peer_that_was_down_is_asked_again_once_it_is_up(site: Site) -> None:
    async def down_up_down_up(channel: Channel) -> list[str]:
        seen = []
        for _ in range(2):
            with pytest.raises(PeerUnreachable):
                await ask(channel)
            with ExitStack() as door_of_b:
                await asyncio.to_thread(door_of_b.enter_context, site.open())
                seen.append((await ask(channel)).peer.id)
                await asyncio.to_thread(door_of_b.close)
        return seen

    assert site.converse(down_up_down_up) == [B, B]


@pytest.mark.clause("RK-2.1")
def test_a_server_with_another_certificate_is_sent_nothing(site: Site) -> None:
    asked = threading.Event()

    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            asked.set()

    config = server_config(
        listening, "127.0.0.1", site.port, membership=membership(site.c, site.members)
    )
    with serving(config), pytest.raises(PeerCertificateWrong):
        site.converse(ask)
    assert not asked.is_set()


def test_a_server_that_closes_the_line_may_have_heard_the_question(site: Site) -> None:
    others = listed(row(site.b, site.port))
    config = server_config(
        site.door(), "127.0.0.1", site.port, membership=membership(site.b, others)
    )
    with serving(config), pytest.raises(PeerBrokeOff):
        site.converse(ask)
