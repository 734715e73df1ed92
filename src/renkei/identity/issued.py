"""The list of issued numbers, where somebody else draws them: what it names is somebody's.

A number that stands in no list that was taken in is nobody's, however well its check digit fits.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from renkei.identity.issuance import Pid
from renkei.identity.orders import Order, enter_load
from renkei.identity.registrar import RegistrarSecrets
from renkei.kit import Connection, Tenant, personal_number_ok, queries

DIGITS = 12

sql = queries("renkei.identity")


class Taken(StrEnum):
    """What became of one number of a list."""

    new = "new"
    known = "known"
    repeated = "repeated"  # earlier in this list
    closed = "closed"  # here, and never opened again
    not_digits = "not-digits"
    too_short = "too-short"
    too_long = "too-long"
    check_digit = "check-digit"

    @property
    def is_wrong(self) -> bool:
        """Tell whether whoever made the list should look at it."""
        return self not in (Taken.new, Taken.known)


def flaw(text: str) -> Taken | None:
    """Return what is wrong with the writing of a number, None if nothing is.

    >>> flaw("98320567321"), flaw("983205673215"), flaw("983205673214")
    (<Taken.too_short: 'too-short'>, <Taken.check_digit: 'check-digit'>, None)
    """
    if not re.fullmatch("[0-9]+", text):
        return Taken.not_digits
    if len(text) != DIGITS:
        return Taken.too_short if len(text) < DIGITS else Taken.too_long
    return None if personal_number_ok(text) else Taken.check_digit


def take_in(
    conn: Connection,
    tenant: Tenant,
    texts: Sequence[str],
    order: Order,
    *,
    secrets: RegistrarSecrets,
) -> list[Taken]:
    """Take in some numbers of a list, each new one with a pid of its own; say what became of each.

    Again is no harm. All parts of one list come under one order: by its time a number is known to
    have stood in an earlier part.
    """
    flaws = [flaw(text) for text in texts]
    indices = [
        None if wrong else secrets.find(tenant, text)
        for text, wrong in zip(texts, flaws, strict=True)
    ]
    first = {index: text for index, text in zip(indices, texts, strict=True) if index is not None}
    fresh = _added(conn, tenant, list(first.values()), order.at, secrets)
    older = [index for index in first if index not in fresh]
    asked = {"tenant": tenant, "indices": older}
    standing = {
        bytes(index): (at, closed) for index, at, closed in conn.execute(sql.standing, asked)
    }
    if fresh:
        enter_load(conn, tenant, order, len(fresh))
    told: list[Taken] = []
    for index, wrong in zip(indices, flaws, strict=True):
        if index is None:
            told.append(wrong or Taken.not_digits)
        elif index in fresh:
            told.append(Taken.new)
            fresh.discard(index)
            standing[index] = order.at, None
        else:
            at, closed = standing[index]
            told.append(
                Taken.closed if closed else Taken.repeated if at == order.at else Taken.known
            )
    return told


def _added(
    conn: Connection,
    tenant: Tenant,
    numbers: Sequence[str],
    at: datetime,
    secrets: RegistrarSecrets,
) -> set[bytes]:
    """Add the numbers that are not there; return the indices of those."""
    rows = [secrets.close(tenant, number, Pid.random()) for number in numbers]
    given = {
        "tenant": tenant,
        "at": at,
        "indices": [row["index"] for row in rows],
        "numbers": [row["number"] for row in rows],
        "pids": [row["pid"] for row in rows],
    }
    return {bytes(index) for (index,) in conn.execute(sql.register, given)}
