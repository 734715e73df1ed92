"""Share of cases whose books balance after `kill -9` of workers, of a sender, of the database.

Two workers and a sender run cases through jobs, a parallel part, a timer, a message out and its
answer; one of the three, or the database server, is killed again and again and started anew. At
the end every case is completed, its history is whole and has exactly the events that the pure core
gives, nothing waits, and the receiver has each letter, however often it came.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from bench import signing
from bench.measure import Ratio, Result, postmaster
from bench.process_worker import TENANT
from renkei import kit
from renkei.kit.postgres import Postgres
from renkei.process import bpmn, cases
from renkei.process.scenarios import Player
from renkei.process.scenarios import bpmn as model

RATIO = Ratio(floor=1.0, baseline="all cases (no baseline program: a share)")
MODEL = """
start s -> weigh
service weigh -> both
and both -> book, pause
service book -> all
catch pause timer=PT0.2S -> all
and all -> ask
throw ask message=question key="number" -> answer
catch answer message=answer key="number" -> close
service close -> e
end e
"""
RECEIVER = b"CREATE TABLE receiver (key text PRIMARY KEY, times integer NOT NULL)"
KINDS = ("worker", "worker", "sender")
PATIENCE = 120.0


def options(parser: argparse.ArgumentParser) -> None:
    """Add kills, cases and the seed of chance."""
    parser.add_argument("--kills", type=int, help="default 100, quick 8")
    parser.add_argument("--cases", type=int, help="default 4,000, quick 200")
    parser.add_argument("--seed", type=int, default=1)


def run(args: argparse.Namespace) -> Result:
    """Begin the cases, kill until all is done and often enough, and balance the books."""
    kills = args.kills or (8 if args.quick else 100)
    count = args.cases or (200 if args.quick else 4_000)
    chance = random.Random(args.seed)  # noqa: S311 # chance, not a secret
    with tempfile.TemporaryDirectory(prefix="renkei-crash-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        with Postgres(folder / "server") as server:
            kit.migrate(server.dsn(), ["renkei.process"])
            with psycopg.connect(server.dsn(), autocommit=True) as conn:
                conn.execute(RECEIVER)
            programs = [started(server.dsn(), kind, n) for n, kind in enumerate(KINDS)]
            try:
                struck = _strike(server, programs, chance, kills, count)
                ids = [one for one, _ in struck.begun]
                ended = _await(server, ids)
            finally:
                for program in programs:
                    program.kill()
                    program.wait()
            defects, times = books(server, struck.begun)
    for line in defects[:10]:
        print(line, flush=True)
    detail = {
        "kills": kills,
        **{f"killed_{name}": number for name, number in sorted(struck.victims.items())},
        "cases": count,
        "ended": ended,
        "letters": sum(1 for _ in times),
        "letters_that_came_again": sum(1 for one in times if one > 1),
    }
    return Result(1 - len({line.split()[0] for line in defects}) / count, detail)


class Struck:
    """What a run of strikes began and hit."""

    def __init__(self) -> None:
        """Begin empty."""
        self.begun: list[tuple[UUID, str]] = []
        self.victims: Counter[str] = Counter()


def started(dsn: str, kind: str, seed: int) -> subprocess.Popen[bytes]:
    """Start a worker or a sender."""
    program = [sys.executable, "-m", "bench.process_worker", dsn, kind, str(seed)]
    return subprocess.Popen(program, stderr=subprocess.DEVNULL)


def _strike(
    server: Postgres,
    programs: list[subprocess.Popen[bytes]],
    chance: random.Random,
    kills: int,
    count: int,
) -> Struck:
    """Begin cases in as many parts as there are kills, and kill after each."""
    struck, library = Struck(), signing.library()
    share = -(-count // kills)
    for number in range(kills):
        wanted = min(share, count - len(struck.begun))
        struck.begun += _begin(server, library, len(struck.begun), wanted)
        time.sleep(chance.random() * 0.6)
        if chance.random() < 0.1:  # a server takes its time to come back: seldom
            struck.victims["database"] += 1
            os.kill(postmaster(server.dsn()), signal.SIGKILL)
            while server.is_running:
                time.sleep(0.01)
            server.restart()
        else:
            victim = chance.randrange(len(programs))
            struck.victims[KINDS[victim]] += 1
            programs[victim].kill()
            programs[victim].wait()
            programs[victim] = started(server.dsn(), KINDS[victim], number)
        print(f"kill {number + 1}: {struck.victims}", flush=True)
    return struck


def _begin(
    server: Postgres, library: cases.Library, first: int, count: int
) -> list[tuple[UUID, str]]:
    """Begin so many cases in one transaction."""
    at, day = datetime.now(UTC), date(2027, 4, 1)
    with kit.Database(server.dsn(), size=1) as database, database.transaction(TENANT) as conn:
        definition = bpmn.read(model(MODEL), "crash")
        held = signing.deployed(conn, TENANT, definition, since=day, at=at)
        begun = [
            cases.Begun(
                uuid4(), held, day, bpmn.Start(at, {"number": key}), "bench", business_key=key
            )
            for key in (f"N-{first + number}" for number in range(count))
        ]
        cases.begin(conn, TENANT, begun, library, at=at)
    return [(one.case, one.business_key) for one in begun]


def _await(server: Postgres, ids: list[UUID]) -> int:
    """Wait until every case has ended, and return how many have."""
    end, ended = time.monotonic() + PATIENCE, -1
    while time.monotonic() < end and ended < len(ids):
        time.sleep(0.2)
        with suppress(psycopg.Error), psycopg.connect(server.dsn()) as conn:
            row = conn.execute(b"SELECT count(*) FROM process_case WHERE status <> 'running'")
            found = row.fetchone()
            ended = found[0] if found else 0
    return ended


def expected() -> Counter[tuple[str, str]]:
    """Return what the pure core makes happen in one case."""
    player = Player(bpmn.read(model(MODEL), "crash"))
    player.start({"number": "N-0"})
    for element in ("weigh", "book"):
        player.done(element, {})
    player.until(player.at.replace(year=player.at.year + 1))
    player.message("answer", "N-0", {})
    player.done("close", {})
    return Counter((one.kind.value, one.element) for one in player.events)


def books(server: Postgres, begun: list[tuple[UUID, str]]) -> tuple[list[str], list[int]]:
    """Return what does not balance, a line a case, and how often each letter came."""
    defects, wanted = list[str](), expected()
    with kit.Database(server.dsn(), size=1) as database, database.transaction(TENANT) as conn:
        for id_, key in begun:
            past = cases.history(conn, TENANT, id_)
            happened = Counter((one.event.kind.value, one.event.element) for one in past)
            if not cases.is_whole(past, cases.case_of(conn, TENANT, id_)):
                defects.append(f"{key} its history is not whole")
            if happened != wanted:
                defects.append(
                    f"{key} {dict(happened - wanted)} too much, {wanted - happened} lost"
                )
    with psycopg.connect(server.dsn()) as conn:
        left = b"""SELECT business_key FROM process_wait JOIN process_case
                   ON case_id = id UNION ALL SELECT key FROM process_outbox"""
        defects += [f"{key} still waits" for (key,) in conn.execute(left)]
        times = [one for (one,) in conn.execute(b"SELECT times FROM receiver")]
    if len(times) != len(begun):
        defects.append(f"letters {len(times)} of {len(begun)}")
    return defects, times
