"""Letters over a real NATS server: each kept once, in order, whoever dies when."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
import pytest
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import StreamConfig
from tests.app.nats_server import NatsServer, nats_server
from tests.app.office import approved, begin, office, wanted
from tests.app.receiver import until
from tests.store.rows import RESIDENT, TOWN, file

from renkei import exchange, store
from renkei.app.disclosure import subscriptions
from renkei.app.disclosure.courier import Courier
from renkei.app.disclosure.subscriptions import Notice
from renkei.exchange import NATS, StreamPlan, outbox
from renkei.kit import Database

SIGNING = exchange.SigningKey.generate()
ROOT = Path(__file__).parents[2]
NAME = wanted().name


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[NatsServer]:
    with nats_server(tmp_path_factory.mktemp("nats")) as running:
        yield running


@pytest.fixture
def plan(server, request) -> StreamPlan:
    """Name a stream of the test's own."""
    prefix = f"t{abs(hash(request.node.name)) % 10**9}"
    return StreamPlan((server.url,), TOWN, "test", prefix)


@pytest.fixture
def subscribed(database) -> Iterator[Database]:
    """Subscribe unit 15 over NATS from now on; it is forgotten after the test."""
    with database.transaction(TOWN) as conn:
        begin(conn, wanted(), store.newest_position(conn, TOWN).load, NATS)
    yield database
    with database.transaction(TOWN) as conn:
        subscriptions.unsubscribe(conn, office(), NAME)


def put(database: Database, *ids: str) -> None:
    """Put letters as a subscription would, without a load for each."""
    letters = [outbox.Letter(one, b'{"n": "%s"}' % one.encode()) for one in ids]
    with database.transaction(TOWN) as conn:
        outbox.put(conn, TOWN, NAME, letters, at=now(), seal=office().seal)


def courier(database: Database, plan: StreamPlan | None, lease: float = 20.0) -> Courier:
    at = timedelta(seconds=lease)
    return Courier(database, office(), lambda: SIGNING, now, stream=plan, lease=at, seconds=2.0)


def waiting(database: Database) -> outbox.Backlog:
    with database.transaction(TOWN) as conn:
        (one,) = outbox.backlog(conn, TOWN)
    return one


def hurry(database: Database) -> None:
    """Let what waits after a failure be due, as if its time had passed."""
    with database.transaction(TOWN) as conn:
        conn.execute("UPDATE exchange_outbox SET not_before = now() - interval '1 minute'")


def run(database: Database, plan: StreamPlan | None, reached: Callable[[], object]) -> Courier:
    running = courier(database, plan)
    running.start()
    try:
        until(reached)
    finally:
        running.finish()
    return running


def deliver(database: Database, plan: StreamPlan) -> Courier:
    return run(database, plan, lambda: not waiting(database).waiting)


def ids(messages: list[Msg]) -> list[str]:
    return [(one.headers or {})["Nats-Msg-Id"] for one in messages]


@pytest.mark.clause("RK-12.8", "RK-12.9")
def test_what_a_load_did_is_kept_under_the_subject_of_the_unit_and_signed(subscribed, server, plan):
    with subscribed.transaction(TOWN) as conn:
        rows = file(RESIDENT, [approved(n) for n in (1, 2)])
        store.load(conn, TOWN, RESIDENT, rows, on=now().date(), at=now(), allow_ending=True)
    run(
        subscribed,
        plan,
        lambda: server.messages(plan) and not waiting(subscribed).waiting,
    )
    (message,) = server.messages(plan)
    assert message.subject == f"{plan.prefix}.test.{TOWN}.15.01.person_search"
    notice = msgspec.json.decode(message.data, type=Notice)
    assert [event.became.value for event in notice.events] == ["new", "new"]
    assert {tuple(event.values or ()) for event in notice.events} == {("name", "address")}
    fields = tuple((message.headers or {}).items())
    plain = exchange.Question("POST", f"/{message.subject}", "", fields, message.data)
    kept = message.metadata.timestamp
    signed = exchange.verify_question(plain, lambda _: SIGNING.public, at=kept)
    assert signed.keyid == SIGNING.name
    assert (message.headers or {})["x-road-id"] == (message.headers or {})["Nats-Msg-Id"]


@pytest.mark.clause("RK-12.9")
def test_letters_of_many_claims_are_kept_once_and_in_order(subscribed, server, plan):
    wanted_ids = [f"x-{n:03}" for n in range(120)]
    put(subscribed, *wanted_ids)
    running = deliver(subscribed, plan)
    assert ids(server.messages(plan)) == wanted_ids
    assert dict(running.sent) == {(NATS, exchange.Fate.taken): 120}


@pytest.mark.clause("RK-12.10")
def test_what_the_server_kept_before_the_sender_could_note_it_is_not_kept_twice(
    subscribed, server, plan
):
    """The server has forgotten the ids by then: what counts is what stands in the stream."""

    async def keep(stream: JetStreamContext) -> None:
        name, subject = plan.stream, plan.subject(NAME)
        config = StreamConfig(name=name, subjects=[plan.subjects], duplicate_window=0.1)
        await stream.add_stream(config)
        for one in ("x-1", "x-2", "x-3"):
            await stream.publish(subject, b"", headers={"Nats-Msg-Id": one})
        await stream.update_stream(replace(config, duplicate_window=120.0))

    server.does(keep)
    time.sleep(0.3)
    put(subscribed, *(f"x-{n}" for n in range(1, 6)))
    deliver(subscribed, plan)
    assert ids(server.messages(plan)) == [f"x-{n}" for n in range(1, 6)]


def test_a_server_that_is_away_costs_nobody_a_letter_and_the_reason_is_kept(
    subscribed, server, plan
):
    put(subscribed, "x-1", "x-2")
    server.kill()
    try:
        run(subscribed, plan, lambda: waiting(subscribed).tries >= 2)
        assert waiting(subscribed).reason == "nats-unreachable"
        assert (waiting(subscribed).waiting, waiting(subscribed).dead) == (2, 0)
    finally:
        server.start()
    hurry(subscribed)
    deliver(subscribed, plan)
    assert ids(server.messages(plan)) == ["x-1", "x-2"]


def test_without_a_server_in_the_settings_letters_wait_and_say_why(subscribed):
    put(subscribed, "x-1")
    run(subscribed, None, lambda: waiting(subscribed).tries >= 1)
    assert waiting(subscribed).reason == "nats-not-set"


def test_a_letter_the_server_can_never_take_is_put_aside_and_those_behind_it_go_on(
    subscribed, server, plan
):
    large = outbox.Letter("x-large", b"x" * (2 << 20))
    with subscribed.transaction(TOWN) as conn:
        outbox.put(conn, TOWN, NAME, [large], at=now(), seal=office().seal)
    put(subscribed, "x-1")
    deliver(subscribed, plan)
    assert ids(server.messages(plan)) == ["x-1"]
    with subscribed.transaction(TOWN) as conn:
        (dead,) = outbox.dead_letters(conn, TOWN, NAME)
    assert (dead.id, dead.reason) == ("x-large", "larger than the server takes")


@pytest.mark.clause("RK-12.10")
def test_a_sender_whose_claim_is_anothers_by_now_is_refused_by_the_server(subscribed, server, plan):
    """Somebody else writes under the subject between two letters."""
    put(subscribed, "x-1")
    deliver(subscribed, plan)
    put(subscribed, "x-2", "x-3")
    with subscribed.transaction(TOWN) as conn:
        later = now() + timedelta(seconds=60)
        (claim,) = outbox.claim(conn, TOWN, at=now(), until=later, seal=office().seal)

    async def race(stream: JetStreamContext) -> list[exchange.Posted]:
        carrier = exchange.stream_carrier(
            plan, lambda: SIGNING, now, sender=office().address, seconds=2.0
        )
        first = await carrier.carry(claim, claim.letters[0])
        await stream.publish(plan.subject(NAME), b"", headers={"Nats-Msg-Id": "x-3"})
        await stream.publish(plan.subject(NAME), b"", headers={"Nats-Msg-Id": "x-4"})
        second = await carrier.carry(replace_letter, replace_letter.letters[1])
        await carrier.close()
        return [first, second]

    other = outbox.Letter("x-5", b"", claim.letters[1].place)
    replace_letter = replace(claim, letters=(claim.letters[0], other))
    first, second = server.does(race)
    assert first.fate is exchange.Fate.taken
    assert (second.fate, second.reason) == (exchange.Fate.away, "NATS 10071")
    with subscribed.transaction(TOWN) as conn:
        outbox.release(conn, TOWN, claim)


@pytest.mark.clause("RK-12.8")
def test_modes_and_towns_have_streams_of_their_own(subscribed, server, plan):
    put(subscribed, "x-1")
    deliver(subscribed, plan)
    drill = replace(plan, mode="drill")
    put(subscribed, "x-2")
    deliver(subscribed, drill)
    assert ids(server.messages(plan)) == ["x-1"]
    assert ids(server.messages(drill)) == ["x-2"]


@pytest.mark.clause("RK-12.8")
def test_a_stream_that_takes_more_than_the_town_in_its_mode_is_given_nothing(
    subscribed, server, plan
):
    async def widen(stream: JetStreamContext) -> None:
        await stream.add_stream(StreamConfig(name=plan.stream, subjects=[f"{plan.prefix}.>"]))

    server.does(widen)
    put(subscribed, "x-1")
    run(subscribed, plan, lambda: waiting(subscribed).tries >= 1)
    assert waiting(subscribed).reason == "nats-stream-unfit"
    assert server.messages(plan) == []


SENDER = """
import sys
from tests.app.test_nats import courier
from renkei.exchange import StreamPlan
from renkei.kit import Database

dsn, server, tenant, mode, prefix = sys.argv[1:]
with Database(dsn) as database:
    running = courier(database, StreamPlan((server,), tenant, mode, prefix), lease=3.0)
    running.start()
    running.join()
"""


def sender(dsn: str, plan: StreamPlan) -> subprocess.Popen[bytes]:
    """Start a courier in a process of its own."""
    names = (*plan.servers, plan.tenant, plan.mode, plan.prefix)
    return subprocess.Popen([sys.executable, "-c", SENDER, dsn, *names], cwd=ROOT)


def is_less(database: Database, before: int) -> bool:
    return waiting(database).waiting < before


@pytest.mark.clause("RK-12.9", "RK-12.10")
def test_server_and_sender_are_killed_again_and_again_and_the_books_balance(
    subscribed, dsn, server, plan
):
    """Nothing is lost, nothing is there twice, the order is that of the outbox."""
    pauses = (0.0, 0.05, 0.02, 0.09)
    wanted_ids = [f"x-{n:04}" for n in range(4 * 150)]
    running: list[subprocess.Popen[bytes]] = []
    try:
        for turn, pause in enumerate(pauses):
            put(subscribed, *wanted_ids[turn * 150 : turn * 150 + 150])
            hurry(subscribed)
            running.append(sender(dsn, plan))
            before = waiting(subscribed).waiting
            until(partial(is_less, subscribed, before), 60)
            time.sleep(pause)
            if turn % 2:
                server.kill()
                time.sleep(pause)
            running[-1].send_signal(signal.SIGKILL)
            running[-1].wait()
            if turn % 2:
                server.start()
        time.sleep(3.0)  # until the lease of the last one has ended
        hurry(subscribed)
        deliver(subscribed, plan)
    finally:
        for one in running:
            one.kill()
            one.wait()
    assert ids(server.messages(plan)) == wanted_ids
    assert waiting(subscribed).dead == 0
