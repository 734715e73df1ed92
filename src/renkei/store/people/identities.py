"""Identities: every register number has a number of its own, and those of one person share one.

A unified number (団体内統合宛名番号) is issued with each register number and never again. Register
numbers that are the same person or body, directly or through others, form one identity; it goes by
the smallest of their numbers. So who belongs together depends on the decisions alone, not on their
order, and undoing one brings back what was before. What was is kept with both times.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from renkei.kit import Connection, Tenant, queries
from renkei.store.people.errors import IdentityNotLater
from renkei.store.people.statements import numbers_without_identity

sql = queries("renkei.store")


@dataclass(frozen=True, slots=True)
class Identity:
    """One person or body of the town: its number and the register numbers that belong to it."""

    unified_number: str
    register_numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """That a register number belonged to an identity: since when, until when, known from, to."""

    unified_number: str
    valid_from: date
    known_from: datetime
    valid_to: date | None
    known_to: datetime | None


@dataclass(frozen=True, slots=True)
class Census:
    """How many register numbers have an identity, and how many identities there are."""

    register_numbers: int
    identities: int


def number_all(conn: Connection, tenant: Tenant, *, on: date, at: datetime) -> int:
    """Give every register number now in force that has none its number; return how many."""
    conn.execute(sql.one_decision_at_a_time, {"tenant": tenant})
    row = conn.execute(sql.last_unified_number, {"tenant": tenant}).fetchone()
    said = {"tenant": tenant, "on": on, "at": at, "last": row[0] if row else 0}
    issued = conn.execute(numbers_without_identity(), said).rowcount
    if issued:
        conn.execute(sql.link_new_identities, said)
    return issued


def identity_of(
    conn: Connection,
    tenant: Tenant,
    register_number: str,
    *,
    on: date,
    known: datetime | None = None,
) -> Identity | None:
    """Return the identity of a register number on a day, as known at a time or now."""
    numbers = identities_of(conn, tenant, [register_number], on=on, known=known)
    if register_number not in numbers:
        return None
    return identity(conn, tenant, numbers[register_number], on=on, known=known)


def identity(
    conn: Connection,
    tenant: Tenant,
    unified_number: str,
    *,
    on: date,
    known: datetime | None = None,
) -> Identity | None:
    """Return the identity that goes by a number on a day; a number merged into another has none."""
    asked = {"tenant": tenant, "unified": unified_number, "on": on, "known": known}
    members = tuple(number for (number,) in conn.execute(sql.members_on_day, asked))
    return Identity(unified_number, members) if members else None


def merged_into(
    conn: Connection,
    tenant: Tenant,
    unified_number: str,
    *,
    on: date,
    known: datetime | None = None,
) -> str | None:
    """Return the number of the identity a unified number is part of on a day; itself, mostly."""
    row = conn.execute(
        sql.register_number_of, {"tenant": tenant, "unified": unified_number}
    ).fetchone()
    if row is None:
        return None
    return identities_of(conn, tenant, [row[0]], on=on, known=known).get(row[0])


def identities_of(
    conn: Connection,
    tenant: Tenant,
    register_numbers: Sequence[str],
    *,
    on: date,
    known: datetime | None = None,
) -> dict[str, str]:
    """Return register number → unified number of those that have one on a day."""
    asked = {"tenant": tenant, "numbers": list(register_numbers), "on": on, "known": known}
    return dict(conn.execute(sql.identities_on_day, asked).fetchall())


def memberships(conn: Connection, tenant: Tenant, register_number: str) -> list[Membership]:
    """Return every identity a register number ever belonged to, as it became known."""
    rows = conn.execute(sql.identity_history, {"tenant": tenant, "number": register_number})
    return [Membership(*row) for row in rows]


def census(conn: Connection, tenant: Tenant) -> Census:
    """Count register numbers and identities."""
    row = conn.execute(sql.count_identities, {"tenant": tenant}).fetchone()
    return Census(*(row or (0, 0)))


def together(conn: Connection, tenant: Tenant, register_numbers: Iterable[str]) -> dict[str, str]:
    """Return all register numbers of the identities that these now belong to, with their number."""
    asked = {"tenant": tenant, "numbers": list(register_numbers)}
    return dict(conn.execute(sql.all_together, asked).fetchall())


def settle(
    conn: Connection, tenant: Tenant, register_numbers: Iterable[str], *, on: date, at: datetime
) -> int:
    """Let the identities of these numbers be what the pairs say from a day on.

    Return how many register numbers changed their identity.
    """
    links = together(conn, tenant, register_numbers)
    asked = {"tenant": tenant, "numbers": list(links)}
    pairs = conn.execute(sql.same_pairs_among, asked).fetchall()
    own: dict[str, str] = dict(conn.execute(sql.own_identities, asked).fetchall())
    wanted = components(own, pairs)
    moved = {number: unified for number, unified in wanted.items() if links[number] != unified}
    if moved:
        move(conn, tenant, moved, on=on, at=at)
    return len(moved)


def components(own: Mapping[str, str], pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return for every register number the smallest own number among those it is the same as.

    >>> components({"a": "1", "b": "2", "c": "3"}, [("b", "c")])
    {'a': '1', 'b': '2', 'c': '2'}
    """
    leader = {number: number for number in own}

    def find(number: str) -> str:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    for one, other in pairs:
        first, second = sorted((find(one), find(other)), key=own.__getitem__)
        leader[second] = first
    return {number: own[find(number)] for number in own}


def move(
    conn: Connection, tenant: Tenant, moved: Mapping[str, str], *, on: date, at: datetime
) -> None:
    """Let register numbers belong to other identities from a day on; what was goes to history."""
    said = {
        "tenant": tenant,
        "numbers": list(moved),
        "unified": list(moved.values()),
        "on": on,
        "at": at,
    }
    require_later(conn.execute(sql.latest_links, said).fetchone(), on=on, at=at)
    conn.execute(sql.keep_moved_links, said)
    conn.execute(sql.move_links, said)


def require_later(
    last: tuple[date | None, datetime | None] | None, *, on: date, at: datetime
) -> None:
    """Hold the two orders: nothing is changed before what it replaces held, or was known."""
    last_on, last_at = last or (None, None)
    if last_on is None or last_at is None or (on >= last_on and at > last_at):
        return
    raise IdentityNotLater(
        on=on.isoformat(),
        at=at.isoformat(),
        last_on=last_on.isoformat(),
        last_at=last_at.isoformat(),
    )
