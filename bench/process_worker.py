"""`python -m bench.process_worker DSN KIND SEED`: a worker of cases, or a sender of their letters.

It is killed at any moment by the benchmark that starts it, and says nothing.
"""

import random
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import psycopg

from bench import signing
from renkei import kit
from renkei.kit import Database
from renkei.process import cases
from renkei.process.cases import inbox, outbox, waiting

TENANT = kit.tenant("131016")
JOBS = ("weigh", "book", "close")
LEASE = timedelta(seconds=1)
BATCH = 20
DELIVER = b"""INSERT INTO receiver (key, times) VALUES (%s, 1)
              ON CONFLICT (key) DO UPDATE SET times = receiver.times + 1"""


def work(database: Database, library: cases.Library) -> int:
    """Take one turn of a worker: timers, jobs, messages; return how much there was to do."""
    at = datetime.now(UTC)
    with database.transaction(TENANT) as conn:
        done = len(waiting.fire_due(conn, TENANT, library, at=at, most=BATCH))
    with database.transaction(TENANT) as conn:
        jobs = waiting.claim_jobs(conn, TENANT, JOBS, at=at, lease=LEASE, most=BATCH)
    answers = [waiting.Done(job, {f"{job.element}ed": True}) for job in jobs]
    with database.transaction(TENANT) as conn:
        waiting.bring_done(conn, TENANT, answers, library, actor="worker", at=datetime.now(UTC))
    with database.transaction(TENANT) as conn:
        done += len(inbox.deliver_waiting(conn, TENANT, library, at=at, most=BATCH))
    return done + len(jobs)


def send(database: Database, library: cases.Library, receiver: psycopg.Connection) -> int:
    """Take one turn of a sender: out to a receiver that keeps keys, and back as an answer."""
    at = datetime.now(UTC)
    with database.transaction(TENANT) as conn:
        letters = outbox.claim(conn, TENANT, at=at, lease=LEASE, most=BATCH)
    for letter in letters:
        receiver.execute(DELIVER, [letter.key])
    with database.transaction(TENANT) as conn:
        for letter in letters:
            until = at + timedelta(days=1)
            answer = inbox.Incoming("131024", letter.key, "answer", letter.correlation, {}, until)
            inbox.receive(conn, TENANT, answer, library, at=at)
        outbox.sent(conn, TENANT, letters)
    return len(letters)


def main(dsn: str, kind: str, seed: str) -> None:
    """Work until killed; a database that is away is waited for."""
    chance = random.Random(seed)  # noqa: S311 # pauses, no secret
    library = signing.library()
    while True:
        with suppress(kit.NodeError, psycopg.Error), Database(dsn, size=1) as database:
            _serve(database, library, kind, chance)
        time.sleep(0.1)


def _serve(database: Database, library: cases.Library, kind: str, chance: random.Random) -> None:
    """Take turns until the database is away."""
    with psycopg.connect(database.dsn, autocommit=True) as other:
        while True:
            is_worker = kind == "worker"
            done = work(database, library) if is_worker else send(database, library, other)
            if not done:
                time.sleep(0.01 + 0.02 * chance.random())


if __name__ == "__main__":
    main(*sys.argv[1:])
