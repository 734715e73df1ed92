"""A person's complete list, proven, from a log of ten million entries, against one of ten thousand.

The list is a bundle: each entry with its audit path, the map's proof that there are no others, the
epoch in the output log, and both signed trees. The persons have as many entries in both logs. To
make it is measured, of persons chosen by chance, in turn in the large and in the small log. What
processors spend on a list of the large one, ours and the server's, is told beside the clock.
"""

import argparse
import random
import statistics
import time
from contextlib import ExitStack, nullcontext
from itertools import pairwise

from bench.log_entries import SIGNER, TENANT, append, label, log_server, map_all, sequence
from bench.measure import Ratio, Result, timed
from renkei import audit, kit
from renkei.kit import Tenant

RATIO = Ratio(floor=2, baseline="the same in the small log", higher_is_better=False)
SMALL = Tenant("131024")
EACH = 20
"""Entries of a person."""
STEP = 50_000


def options(parser: argparse.ArgumentParser) -> None:
    """Add sizes and how many lists are made."""
    parser.add_argument("--large", type=int, help="entries; default 10,000,000, quick 60,000")
    parser.add_argument("--small", type=int, help="entries; default 10,000, quick 2,000")
    parser.add_argument("--lists", type=int, default=200, help="of each log")
    parser.add_argument("--at", metavar="DSN", help="a database whose log is the large one")
    parser.add_argument("--persons", type=int, help="of the large log; default a twentieth of it")
    parser.add_argument("--seed", type=int, default=1)


def run(args: argparse.Namespace) -> Result:
    """Fill both logs and their maps, then make and verify lists of both in turn."""
    chance = random.Random(args.seed)  # noqa: S311 # chance, not a secret
    with kit.Database(args.at) if args.at else nullcontext() as there, ExitStack() as ours:
        database, trees = there, dict[str, int]()
        if database is None:
            running, database, _ = ours.enter_context(log_server())
            trees["server"] = running.pid
        sizes = {SMALL: args.small or (2_000 if args.quick else 10_000)}
        fill(database, SMALL, sizes[SMALL])
        if args.at:
            sizes[TENANT] = size_of(database)
        else:
            sizes[TENANT] = args.large or (60_000 if args.quick else 10_000_000)
            fill(database, TENANT, sizes[TENANT])
        persons = {tenant: size // EACH for tenant, size in sizes.items()}
        persons[TENANT] = args.persons or persons[TENANT]
        makes: dict[Tenant, list[float]] = {tenant: [] for tenant in sizes}
        proves: dict[Tenant, list[float]] = {tenant: [] for tenant in sizes}
        lengths = []
        for _ in range(args.lists):
            for tenant, number in persons.items():
                person = chance.randrange(number)
                begun = time.perf_counter()
                data = made(database, tenant, person)
                between = time.perf_counter()
                verdict = audit.verify_bundle(data, [SIGNER.verifier])
                ended = time.perf_counter()
                assert verdict.whole
                makes[tenant].append((between - begun) / max(1, len(verdict.entries)))
                proves[tenant].append(ended - between)
                if tenant == TENANT:
                    lengths.append(len(data))
        absent = [absence(database) for _ in range(args.lists)]
        chosen = [chance.randrange(persons[TENANT]) for _ in range(args.lists)]
        taken = timed(lambda: [made(database, TENANT, person) for person in chosen], trees)
    large, small = (statistics.median(makes[tenant]) for tenant in (TENANT, SMALL))
    return Result(
        large / small,
        {
            "entries": sizes[TENANT],
            "persons": persons[TENANT],
            "entries_of_a_list": EACH,
            "list_ms": round(large * EACH * 1000, 2),
            "list_cpu_ms": round(taken.cpu_total / args.lists * 1000, 2),
            "others_cpus": round(taken.others, 1),
            "list_ms_small": round(small * EACH * 1000, 2),
            "absence_ms": round(statistics.median(absent) * 1000, 2),
            "verify_ms": round(statistics.median(proves[TENANT]) * 1000, 2),
            "list_bytes": round(statistics.median(lengths)),
        },
    )


def fill(database: kit.Database, tenant: Tenant, size: int) -> None:
    """Fill a log to a size, and its map."""
    begun = time.monotonic()
    for start, end in pairwise([*range(0, size, STEP), size]):
        append(database, tenant, start, end, size // EACH)
        sequence(database, tenant)
        if end % (20 * STEP) == 0:
            print(f"filled to {end} in {time.monotonic() - begun:.0f} s", flush=True)
    map_all(database, tenant)
    with database.transaction(tenant) as conn:
        conn.execute("ANALYZE audit_entry")


def size_of(database: kit.Database) -> int:
    """Return how many entries the large log has."""
    with database.transaction(TENANT) as conn:
        checkpoint = audit.newest(conn, TENANT)
    assert checkpoint is not None, "nothing is signed there"
    return checkpoint.size


def made(database: kit.Database, tenant: Tenant, person: int) -> bytes:
    """Return the list of a person."""
    with database.transaction(tenant) as conn:
        return audit.bundle(conn, tenant, SIGNER.verifier, labels=[label(person)])


def absence(database: kit.Database) -> float:
    """Return the seconds that the proof takes that a person has no entry in the large log."""
    begun = time.perf_counter()
    data = made(database, TENANT, 2**40 + random.getrandbits(30))  # chance
    taken = time.perf_counter() - begun
    assert audit.verify_bundle(data, [SIGNER.verifier]).entries == ()
    return taken
