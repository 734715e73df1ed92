"""What is told reaches the receiver at least once, in order, whatever the receiver does."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.app.office import approved, begin, office, wanted
from tests.app.receiver import Receiver, receiver, until
from tests.store.rows import RESIDENT, TOWN, file

from renkei import exchange, store
from renkei.app.disclosure import subscriptions
from renkei.app.disclosure.courier import MOST_WAITING, Courier
from renkei.exchange import outbox
from renkei.kit import Database

SIGNING = exchange.SigningKey.generate()
ROOT = Path(__file__).parents[2]


def now() -> datetime:
    return datetime.now(UTC)


def load(database: Database, *numbers: int, name: str = "見本") -> None:
    """Load these residents as all there are, committed."""
    with database.transaction(TOWN) as conn:
        rows = file(RESIDENT, [approved(n, name=f"{name}　{n}") for n in numbers])
        day = now().date()
        report = store.load(conn, TOWN, RESIDENT, rows, on=day, at=now(), allow_ending=True)
        assert report.outcome is store.Outcome.loaded


@pytest.fixture
def subscribed(database: Database) -> Iterator[Callable[[Receiver], str]]:
    """Give a function that subscribes a receiver from now on; it is forgotten after the test."""

    def subscribe(one: Receiver) -> str:
        with database.transaction(TOWN) as conn:
            since = store.newest_position(conn, TOWN).load
            begin(conn, wanted(), since, one.url)
        return wanted().name

    yield subscribe
    with database.transaction(TOWN) as conn:
        subscriptions.unsubscribe(conn, office(), wanted().name)


def courier(database: Database, lease: float = 20.0) -> Courier:
    return Courier(
        database, office(), lambda: SIGNING, now, lease=timedelta(seconds=lease), seconds=1.0
    )


def waiting(database: Database) -> outbox.Backlog:
    with database.transaction(TOWN) as conn:
        (one,) = outbox.backlog(conn, TOWN)
    return one


def deliver(database: Database, reached: Callable[[], object]) -> None:
    """Run the courier until something is so and nothing waits."""
    running = courier(database)
    running.start()
    try:
        until(lambda: reached() and not waiting(database).waiting)
    finally:
        running.finish()


def test_a_receiver_is_told_by_post_what_a_load_did(database, subscribed):
    with receiver() as unit:
        subscribed(unit)
        load(database, 1, 2)
        deliver(database, lambda: len(unit.told()) == 2)
        assert unit.told() == ["1 new", "2 new"]


@pytest.mark.clause("RK-1.16", "RK-12.4")
def test_a_letter_is_signed_by_the_node(database, subscribed):
    with receiver() as unit:
        subscribed(unit)
        load(database, 1, 3)
        deliver(database, lambda: unit.taken)
        question = unit.questions[0]
    signed = exchange.verify_question(question, lambda _: SIGNING.public, at=now())
    assert signed.keyid == SIGNING.name
    assert question.target == "/changes?of=renkei"


@pytest.mark.clause("RK-12.5")
@pytest.mark.parametrize("mood", [500, 503, 429, 401, 404, 302, "slow", "half"])
def test_what_was_not_taken_is_posted_again_under_its_id(database, subscribed, mood):
    with receiver(mood) as unit:
        subscribed(unit)
        load(database, 1, name=f"見本{mood}".replace("half", "半").replace("slow", "遅"))
        deliver(database, lambda: unit.taken)
        assert len(unit.asked) == 2
        assert len(set(unit.asked)) == 1


@pytest.mark.clause("RK-12.2")
def test_letters_behind_one_that_fails_wait_and_come_in_order(database, subscribed):
    with receiver(500, 500) as unit:
        subscribed(unit)
        for n in (10, 11, 12):
            load(database, *range(10, n + 1))
            with database.transaction(TOWN) as conn:
                subscriptions.serve(conn, office(), wanted(), at=now())
        deliver(database, lambda: len(unit.taken) == 3)
        assert [key for key in unit.told() if "new" in key] == ["10 new", "11 new", "12 new"]
        assert len(unit.asked) == 5
        assert unit.asked[:2] == [unit.asked[2]] * 2


@pytest.mark.clause("RK-12.5")
def test_what_can_never_be_taken_is_put_aside_and_sent_again_on_demand(database, subscribed):
    with receiver(422) as unit:
        name = subscribed(unit)
        load(database, 20)
        deliver(database, lambda: waiting(database).dead == 1)
        load(database, 20, 21)
        deliver(database, lambda: "21 new" in unit.told())
        assert "20 new" not in unit.told()
        with database.transaction(TOWN) as conn:
            (dead,) = outbox.dead_letters(conn, TOWN, name)
            assert dead.reason == "HTTP 422"
            assert outbox.resend(conn, TOWN, name, at=now()) == 1
        deliver(database, lambda: "20 new" in unit.told())


def test_a_receiver_that_is_away_is_tried_without_an_end_and_costs_nobody_a_letter(
    database, subscribed
):
    with receiver() as unit:
        subscribed(unit)
        port = unit.server_address[1]
    load(database, 30)
    running = courier(database)
    running.start()
    try:
        until(lambda: waiting(database).tries >= 2)
        assert waiting(database).reason == "ClientConnectorError"
        with receiver(port=port) as unit:
            until(lambda: "30 new" in unit.told())
    finally:
        running.finish()
    assert waiting(database).dead == 0


SENDER = """
import sys
from datetime import timedelta
from tests.app.office import office
from tests.app.test_courier import SIGNING, courier
from renkei.kit import Database

with Database(sys.argv[1]) as database:
    running = courier(database, lease=3.0)
    running.start()
    running.join()
"""


def sender(dsn: str) -> subprocess.Popen[bytes]:
    """Start a courier in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", SENDER, dsn], cwd=ROOT)


@pytest.mark.clause("RK-12.1")
def test_a_sender_killed_between_post_and_acknowledgement_posts_the_letter_again(
    database, dsn, subscribed
):
    """The receiver takes the first letter and kills who posted it before it can be told so."""
    running: list[subprocess.Popen[bytes]] = []
    with receiver(lambda: running[0].send_signal(signal.SIGKILL)) as unit:
        subscribed(unit)
        load(database, *range(40, 43))
        running.append(sender(dsn))
        try:
            assert running[0].wait(60) == -signal.SIGKILL
            assert len(unit.taken) == 1
            load(database, *range(40, 45))
            running.append(sender(dsn))
            until(lambda: "44 new" in unit.told() and not waiting(database).waiting, 60)
        finally:
            for one in running:
                one.kill()
                one.wait()
        assert unit.asked[0] == unit.asked[1]
        assert [key for key in unit.told() if "new" in key] == [f"{n} new" for n in range(40, 45)]


def test_the_courier_ends_in_the_midst_of_its_work_and_loses_nothing(database, subscribed):
    with receiver("slow") as unit:
        subscribed(unit)
        load(database, 50)
        running = courier(database)
        running.start()
        until(lambda: unit.asked)
        running.finish()
        deliver(database, lambda: "50 new" in unit.told())


def test_a_destination_that_piles_up_is_not_told_more_until_it_takes(database, subscribed):
    """Personal data wait in the store, not in the outbox."""
    with receiver() as unit:
        name = subscribed(unit)
        with database.transaction(TOWN) as conn:
            many = [outbox.Letter(f"x-{n}", b"null") for n in range(MOST_WAITING)]
            later = now() + timedelta(hours=1)
            outbox.put(conn, TOWN, name, many, at=now(), seal=office().seal, not_before=later)
        load(database, 60)
        running = courier(database)
        running.start()
        time.sleep(1.0)
        running.finish()
        assert waiting(database).waiting == MOST_WAITING
        with database.transaction(TOWN) as conn:
            (one,) = store.all_consumers(conn, TOWN)
        assert one.events_behind > 0
