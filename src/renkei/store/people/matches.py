"""Searching a town for pairs: the verb, what it reports and how far it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from renkei.kit import Connection, Tenant


@dataclass(frozen=True, slots=True)
class MatchReport:
    """What a search did: numbers issued, records read, pairs compared, found, merged, parted."""

    is_whole: bool
    numbered: int
    records: int
    compared: int
    found: int
    merged: int
    withdrawn: int
    lapsed: int
    too_common: int


@dataclass(frozen=True, slots=True)
class MatchProgress:
    """How far a search is: records read, pairs compared."""

    records: int
    compared: int


def match(
    conn: Connection,
    tenant: Tenant,
    *,
    on: date,
    at: datetime,
    whole: bool = False,
    progress: Callable[[MatchProgress], object] = lambda _: None,
) -> MatchReport:
    """Find the pairs of the town and merge the certain ones; without news, nothing is done.

    `whole` compares all records and learns the weights anew; else only what loads touched since
    the last search is compared, with the weights of then.
    """
    # Here, not above: polars costs a second of start-up, and only a search needs it.
    from renkei.store.people.matching import run

    return run(conn, tenant, on=on, at=at, whole=whole, progress=progress)
