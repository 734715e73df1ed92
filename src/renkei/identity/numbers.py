"""The life of a personal number (個人番号) at the registrar: issued once, closed once, never again.

A number is in use from its issue until it is closed; who had it may get another one. The pid, which
all linkage codes come from, follows the person and not the number: it is the same after a change,
and another one only where the person must not be found by the old codes any more (`reissue`), or
where two persons were taken for one (`separate`) or one for two (`merge`).
"""

import secrets as chance
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from renkei.identity.errors import (
    AlreadyNumbered,
    NumberMalformed,
    NumberNotDrawn,
    NumberNotInUse,
    NumbersOfOnePerson,
    NumberTaken,
    NumberUnknown,
)
from renkei.identity.issuance import Pid
from renkei.identity.orders import Order, Step, StepKind, enter_view, once
from renkei.identity.registrar import RegistrarSecrets
from renkei.identity.successions import hand_on
from renkei.kit import Connection, Tenant, personal_number, personal_number_ok, queries

sql = queries("renkei.identity")

BODIES = 10**11
DRAWS = 1000
"""One number in a thousand is taken where everybody in the country has one."""

Draw = Callable[[], str]


@dataclass(frozen=True, slots=True)
class NumberRow:
    """One of the numbers a person has had; `closed_for` is why it is no longer in use."""

    number: str
    since: datetime
    closed_at: datetime | None
    closed_for: str | None


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step in the history of a person's numbers."""

    request: str
    kind: StepKind
    ordered_by: str
    taken_by: str
    reason: str
    at: datetime


def drawn_number() -> str:
    """Draw a number: eleven digits of the system's chance and their check digit.

    What was drawn before tells nothing of what comes next, and neither does the person.
    """
    return personal_number(f"{chance.randbelow(BODIES):011d}")


def given(*numbers: str) -> Draw:
    """Return what gives numbers that somebody else drew, each once, instead of drawing."""
    if not all(personal_number_ok(number) for number in numbers):
        raise NumberMalformed
    waiting = list(numbers)

    def draw() -> str:
        if not waiting:  # what was given is taken
            raise NumberTaken
        return waiting.pop(0)

    return draw


def issue(
    conn: Connection,
    tenant: Tenant,
    basis: str,
    order: Order,
    *,
    secrets: RegistrarSecrets,
    draw: Draw = drawn_number,
) -> str:
    """Issue a number to a person who has none (付番).

    The basis is what tells the person apart from all others (住民票コード); it is kept as a keyed
    hash, and whoever asks again by it, under another order, gets no second number.
    """

    def take() -> Step:
        person = uuid4()
        mark = secrets.mark(tenant, "basis", basis.encode())
        facts = {"tenant": tenant, "basis": mark, "person": person}
        if conn.execute(sql.add_basis, facts).rowcount == 0:
            raise AlreadyNumbered
        index = _add(conn, tenant, person, Pid.random(), order, secrets, draw)
        return Step(StepKind.issued, person, after=index)

    return _one(once(conn, tenant, order, (StepKind.issued, basis), take, secrets=secrets))


def change(
    conn: Connection,
    tenant: Tenant,
    number: str,
    order: Order,
    *,
    secrets: RegistrarSecrets,
    draw: Draw = drawn_number,
) -> str:
    """Close a number and give its person another one (番号の変更); no linkage code changes."""

    def take() -> Step:
        (held,) = _held(conn, tenant, [number], secrets)
        _close(conn, tenant, held.index, "changed", order)
        index = _add(conn, tenant, held.person, held.pid, order, secrets, draw)
        return Step(StepKind.changed, held.person, before=held.index, after=index)

    return _one(once(conn, tenant, order, (StepKind.changed, number), take, secrets=secrets))


def reissue(
    conn: Connection, tenant: Tenant, number: str, order: Order, *, secrets: RegistrarSecrets
) -> None:
    """Give a person a new pid: all linkage codes become others. The number stays.

    Every organisation that holds a code is told which one takes the place of which (successions).
    """

    def take() -> Step:
        (held,) = _held(conn, tenant, [number], secrets)
        pid = Pid.random()
        sealed = secrets.close_pid(tenant, held.index, pid)
        conn.execute(sql.reseal_pid, {"tenant": tenant, "index": held.index, "pid": sealed})
        hand_on(conn, tenant, held.person, order, StepKind.reissued, held.pid, pid, secrets=secrets)
        return Step(StepKind.reissued, held.person, before=held.index)

    once(conn, tenant, order, (StepKind.reissued, number), take, secrets=secrets)


def merge(
    conn: Connection,
    tenant: Tenant,
    kept: str,
    dropped: str,
    order: Order,
    *,
    secrets: RegistrarSecrets,
) -> None:
    """Correct that one person was given two numbers (二重付番): one stays, the other is closed.

    Codes that came from the dropped number become those of the kept one (successions).
    """

    def take() -> Step:
        if kept == dropped:
            raise NumbersOfOnePerson
        stays, goes = _held(conn, tenant, [kept, dropped], secrets)
        _close(conn, tenant, goes.index, "merged", order)
        hand_on(
            conn, tenant, goes.person, order, StepKind.merged, goes.pid, stays.pid, secrets=secrets
        )
        both = {"tenant": tenant, "person": stays.person, "other": goes.person}
        conn.execute(sql.move_bases, both)
        conn.execute(sql.move_holders, both)
        conn.execute(sql.drop_holders, {"tenant": tenant, "person": goes.person})
        return Step(
            StepKind.merged,
            stays.person,
            other=goes.person,
            before=goes.index,
            after=stays.index,
            other_index=goes.index,
        )

    once(conn, tenant, order, (StepKind.merged, kept, dropped), take, secrets=secrets)


def separate(
    conn: Connection,
    tenant: Tenant,
    number: str,
    order: Order,
    *,
    secrets: RegistrarSecrets,
    draw: Draw = drawn_number,
) -> tuple[str, str]:
    """Correct that two persons were given one number: it is closed, and each gets one of their own.

    Both get new pids. No program can tell whose record stands under an old code, so whoever holds
    one is told that it is nobody's, and acquires anew by the new numbers.
    """

    def take() -> Step:
        (held,) = _held(conn, tenant, [number], secrets)
        _close(conn, tenant, held.index, "separated", order)
        hand_on(
            conn, tenant, held.person, order, StepKind.separated, held.pid, None, secrets=secrets
        )
        conn.execute(sql.drop_holders, {"tenant": tenant, "person": held.person})
        other = uuid4()
        first = _add(conn, tenant, held.person, Pid.random(), order, secrets, draw)
        second = _add(conn, tenant, other, Pid.random(), order, secrets, draw)
        return Step(
            StepKind.separated,
            held.person,
            other,
            before=held.index,
            after=first,
            other_index=second,
        )

    asked = (StepKind.separated, number)
    first, second = once(conn, tenant, order, asked, take, secrets=secrets)
    return first, second


def close(
    conn: Connection, tenant: Tenant, number: str, order: Order, *, secrets: RegistrarSecrets
) -> None:
    """Close the number of a person who died; whoever holds a code is told."""

    def take() -> Step:
        (held,) = _held(conn, tenant, [number], secrets)
        _close(conn, tenant, held.index, "died", order)
        hand_on(conn, tenant, held.person, order, StepKind.died, held.pid, None, secrets=secrets)
        return Step(StepKind.died, held.person, before=held.index)

    once(conn, tenant, order, (StepKind.died, number), take, secrets=secrets)


def history(
    conn: Connection, tenant: Tenant, number: str, order: Order, *, secrets: RegistrarSecrets
) -> tuple[list[NumberRow], list[StepRow]]:
    """Return all numbers of the person who has or had one, and every step; the look is entered."""
    enter_view(conn, tenant, order)
    index = secrets.find(tenant, number)
    row = conn.execute(sql.state, {"tenant": tenant, "index": index}).fetchone()
    if row is None:
        return [], []
    asked = {"tenant": tenant, "person": row[0]}
    numbers = [
        NumberRow(secrets.open_number(tenant, found, sealed), since, closed_at, closed_for)
        for found, sealed, since, closed_at, closed_for in conn.execute(sql.numbers_of, asked)
    ]
    steps = [
        StepRow(request, StepKind(kind), *more)
        for request, kind, *more in conn.execute(sql.steps_of, asked)
    ]
    return numbers, steps


@dataclass(frozen=True, slots=True)
class _Held:
    """A number in use, its row locked for this transaction."""

    index: bytes
    person: UUID
    pid: Pid


def _held(
    conn: Connection, tenant: Tenant, numbers: list[str], secrets: RegistrarSecrets
) -> list[_Held]:
    """Lock numbers that must be in use, and return them in the order given."""
    if not all(personal_number_ok(number) for number in numbers):
        raise NumberMalformed
    indices = [secrets.find(tenant, number) for number in numbers]
    rows = conn.execute(sql.take_up, {"tenant": tenant, "indices": indices})
    found = {
        bytes(index): _Held(bytes(index), person, secrets.open_pid(tenant, index, sealed))
        for index, person, sealed in rows
    }
    for index in indices:
        if index not in found:
            row = conn.execute(sql.state, {"tenant": tenant, "index": index}).fetchone()
            if row is None:
                raise NumberUnknown
            raise NumberNotInUse(state=row[1])
    return [found[index] for index in indices]


def _close(conn: Connection, tenant: Tenant, index: bytes, closed_for: str, order: Order) -> None:
    facts = {"tenant": tenant, "index": index, "closed_for": closed_for, "at": order.at}
    conn.execute(sql.close_number, facts)


def _add(
    conn: Connection,
    tenant: Tenant,
    person: UUID,
    pid: Pid,
    order: Order,
    secrets: RegistrarSecrets,
    draw: Draw,
) -> bytes:
    """Draw numbers until one was never issued, and give it to the person."""
    for _ in range(DRAWS):
        row = secrets.close(tenant, draw(), pid)
        facts = {"tenant": tenant, "person": person, "at": order.at, **row}
        if conn.execute(sql.add_number, facts).rowcount == 1:
            return row["index"]
    raise NumberNotDrawn(draws=DRAWS)


def _one(numbers: list[str]) -> str:
    (number,) = numbers
    return number
