"""The outbox: messages that wait to be sent, each delivered once in effect, in order.

Whoever has something to tell puts a letter here in the transaction of the deed itself. A sender
claims the letters of a destination, posts them one after the other, and says what became of each.
What was taken is deleted; what failed waits longer each time; what can never be taken is put aside
with its reason, and can be sent again. If a sender dies, its lease ends and another posts the same
letters under the same ids: at least once on the wire, once for a receiver that knows the id.

Bodies are sealed where they wait and are gone when they are taken.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from renkei.exchange.errors import DestinationUnknown
from renkei.identity import Seal
from renkei.kit import Connection, Tenant, queries

sql = queries("renkei.exchange")

TABLE = "exchange_outbox"
BATCH = 20  # letters of one destination claimed at once
DESTINATIONS = 16  # claimed at once


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to a destination, under an id of its own there.

    It was tried `tries` times in vain; `failures` times it reached its receiver, who did not take
    it.
    """

    id: str
    body: bytes = field(repr=False)
    place: int = 0
    tries: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """The next letters of a destination, ours to send until the lease ends."""

    destination: str
    url: str
    lease: UUID
    until: datetime
    letters: tuple[Letter, ...]


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for a destination: how much, since when, how often the next one failed and why."""

    destination: str
    url: str
    waiting: int
    oldest: datetime | None
    tries: int
    reason: str
    dead: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was put aside, and why."""

    id: str
    reason: str
    tries: int
    died_at: datetime


def register(conn: Connection, tenant: Tenant, destination: str, url: str) -> None:
    """Make a destination known, or give it another address."""
    asked = {"tenant": tenant, "destination": destination, "url": url}
    conn.execute(sql.register_destination, asked)


def unregister(conn: Connection, tenant: Tenant, destination: str) -> None:
    """Forget a destination with everything that waits for it."""
    asked = {"tenant": tenant, "destination": destination}
    if not conn.execute(sql.unregister_destination, asked).rowcount:
        raise DestinationUnknown(destination=destination)


def put(
    conn: Connection,
    tenant: Tenant,
    destination: str,
    letters: Sequence[Letter],
    *,
    at: datetime,
    seal: Seal,
    not_before: datetime | None = None,
) -> int:
    """Put letters for one destination at the end, in their order; return how many are new.

    A letter whose id waits there already is the same one. Writers to a destination wait for each
    other, so that its order is that of their commits.
    """
    _hold(conn, tenant, destination)
    asked = {
        "tenant": tenant,
        "destination": destination,
        "ids": [letter.id for letter in letters],
        "bodies": [
            seal.close(letter.body, TABLE, *_row(tenant, destination, letter.id))
            for letter in letters
        ],
        "at": at,
        "not_before": not_before or at,
    }
    return conn.execute(sql.put, asked).rowcount


def claim(
    conn: Connection,
    tenant: Tenant,
    *,
    at: datetime,
    until: datetime,
    seal: Seal,
    limit: int = BATCH,
    destinations: int = DESTINATIONS,
) -> list[Claim]:
    """Take the next due letters of destinations nobody else sends to, on a lease.

    The caller commits before it sends.
    """
    lease = uuid4()
    asked = {
        "tenant": tenant,
        "at": at,
        "until": until,
        "lease": lease,
        "limit": limit,
        "destinations": destinations,
    }
    urls: dict[str, str] = dict(conn.execute(sql.claim_destinations, asked).fetchall())
    found: dict[str, list[Letter]] = {name: [] for name in urls}
    waits: set[str] = set()
    for name, place, id_, body, tries, failures, is_due in conn.execute(
        sql.claimed_letters, {**asked, "names": list(urls)}
    ):
        if not is_due:
            waits.add(name)
        if name not in waits:  # what comes after one that waits, waits too
            plain = seal.open(bytes(body), TABLE, *_row(tenant, name, id_))
            found[name].append(Letter(id_, plain, place, tries, failures))
    return [
        Claim(name, urls[name], lease, until, tuple(letters)) for name, letters in found.items()
    ]


def taken(conn: Connection, tenant: Tenant, claim: Claim, letters: Iterable[Letter]) -> None:
    """Delete the letters the receiver has taken."""
    asked = {
        "tenant": tenant,
        "destination": claim.destination,
        "places": [letter.place for letter in letters],
    }
    conn.execute(sql.taken, asked)


def postpone(
    conn: Connection,
    tenant: Tenant,
    claim: Claim,
    letter: Letter,
    *,
    until: datetime,
    reason: str,
    reached: bool = True,
) -> None:
    """Let a letter, and all behind it, wait until a time."""
    asked = {
        "tenant": tenant,
        "destination": claim.destination,
        "place": letter.place,
        "until": until,
        "reason": reason,
        "reached": int(reached),
    }
    conn.execute(sql.postpone, asked)


def bury(
    conn: Connection, tenant: Tenant, claim: Claim, letter: Letter, *, reason: str, at: datetime
) -> None:
    """Put a letter aside that can never be taken as it is; those behind it go on."""
    asked = {
        "tenant": tenant,
        "destination": claim.destination,
        "place": letter.place,
        "reason": reason,
        "at": at,
    }
    conn.execute(sql.bury, asked)


def release(conn: Connection, tenant: Tenant, claim: Claim) -> None:
    """End a lease before its time; if it has ended and is another's now, leave it alone."""
    asked = {"tenant": tenant, "destination": claim.destination, "lease": claim.lease}
    conn.execute(sql.release, asked)


def resend(
    conn: Connection,
    tenant: Tenant,
    destination: str,
    ids: Collection[str] = (),
    *,
    at: datetime,
) -> int:
    """Put dead letters at the end again, under their ids, in their old order; return how many.

    They come after what was sent since: what they tell may be older than what the receiver knows.
    """
    _hold(conn, tenant, destination)
    asked = {"tenant": tenant, "destination": destination, "ids": list(ids), "at": at}
    return conn.execute(sql.resend, asked).rowcount


def backlog(conn: Connection, tenant: Tenant) -> list[Backlog]:
    """Return what waits for each destination, by name."""
    return [Backlog(*row) for row in conn.execute(sql.backlog, {"tenant": tenant})]


def dead_letters(conn: Connection, tenant: Tenant, destination: str) -> list[DeadLetter]:
    """Return what was put aside for a destination, in its order."""
    asked = {"tenant": tenant, "destination": destination}
    return [DeadLetter(*row) for row in conn.execute(sql.dead_letters, asked)]


def _hold(conn: Connection, tenant: Tenant, destination: str) -> None:
    asked = {"tenant": tenant, "destination": destination}
    if conn.execute(sql.hold_destination, asked).fetchone() is None:
        raise DestinationUnknown(destination=destination)


def _row(tenant: Tenant, destination: str, id_: str) -> tuple[bytes, bytes, bytes]:
    return tenant.encode(), destination.encode(), id_.encode()
