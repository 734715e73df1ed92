"""Corporations and what happens to them. An order carried out once is not carried out again."""

import secrets
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date

from renkei import audit
from renkei.identity.corporations.corporation import (
    Basics,
    Closing,
    Corporation,
    Event,
    EventKind,
    of_row,
)
from renkei.identity.corporations.folding import Folded
from renkei.identity.errors import (
    CorporateDayWrong,
    CorporateNumberMalformed,
    CorporateNumberTaken,
    CorporationMalformed,
    CorporationNotOpen,
    CorporationOpen,
    CorporationUnknown,
    NumberNotDrawn,
    OrderDiffers,
)
from renkei.identity.orders import Order
from renkei.kit import (
    Connection,
    Tenant,
    corporate_check_digit,
    corporate_number_ok,
    digest,
    queries,
)

sql = queries("renkei.identity")

COMPANY_NUMBER = 12
WITHOUT = "70015"
"""How numbers begin of who has no 会社法人等番号 of the commercial register: our own choice."""
DRAWS = 1000


def assign(
    conn: Connection,
    tenant: Tenant,
    basics: Basics,
    order: Order,
    *,
    on: date,
    company_number: str = "",
    is_synthetic: bool = False,
) -> str:
    """Assign a number: from the 会社法人等番号 where there is one, else a drawn one."""

    def take() -> tuple[EventKind, Corporation]:
        draws = 1 if company_number else DRAWS
        for _ in range(draws):
            number = _number(company_number)
            made = Corporation(number, basics, on, on, is_synthetic=is_synthetic)
            row = {**_row(tenant, made), "on": on, "synthetic": is_synthetic}
            if conn.execute(sql.add_corporation, row).rowcount == 1:
                conn.execute(sql.add_corporate_pairs, row)
                return EventKind.assigned, made
        if company_number:
            raise CorporateNumberTaken(number=_number(company_number))
        raise NumberNotDrawn(draws=draws)

    asked = ["assigned", asdict(basics), on.isoformat(), company_number, is_synthetic]
    return _once(conn, tenant, order, asked, take)


def change(
    conn: Connection, tenant: Tenant, number: str, basics: Basics, order: Order, *, on: date
) -> None:
    """Let a corporation have another name or address from a day on."""

    def take() -> tuple[EventKind, Corporation]:
        found = _open(conn, tenant, number, on)
        return EventKind.changed, _moved(conn, tenant, found, on, basics=basics)

    _once(conn, tenant, order, ["changed", number, asdict(basics), on.isoformat()], take)


def close(
    conn: Connection, tenant: Tenant, number: str, why: Closing, order: Order, *, on: date
) -> None:
    """Close a corporation that is no more; the number is never given to another."""
    if why is Closing.merged:
        raise CorporationMalformed(part="successor", longest=13)

    def take() -> tuple[EventKind, Corporation]:
        found = _open(conn, tenant, number, on)
        return EventKind.closed, _moved(conn, tenant, found, on, closed_on=on, closed_for=why)

    _once(conn, tenant, order, ["closed", number, why, on.isoformat()], take)


def merge(
    conn: Connection, tenant: Tenant, number: str, successor: str, order: Order, *, on: date
) -> None:
    """Close a corporation that another one, which stays, has taken over (吸収合併)."""

    def take() -> tuple[EventKind, Corporation]:
        if number == successor:
            raise CorporationMalformed(part="successor", longest=13)
        found = _open(conn, tenant, number, on)
        _open(conn, tenant, successor, on, later=False)
        gone = {"closed_on": on, "closed_for": Closing.merged, "successor": successor}
        return EventKind.merged, _moved(conn, tenant, found, on, **gone)

    _once(conn, tenant, order, ["merged", number, successor, on.isoformat()], take)


def reopen(conn: Connection, tenant: Tenant, number: str, order: Order, *, on: date) -> None:
    """Take a closing back (登記記録の復活): the same corporation under the same number."""

    def take() -> tuple[EventKind, Corporation]:
        found = _taken_up(conn, tenant, number, on)
        if found.closed_on is None:
            raise CorporationOpen(number=number)
        again = {"closed_on": None, "closed_for": None, "successor": None}
        return EventKind.reopened, _moved(conn, tenant, found, on, **again)

    _once(conn, tenant, order, ["reopened", number, on.isoformat()], take)


def registered(conn: Connection, tenant: Tenant, number: str) -> Corporation | None:
    """Return the corporation of a number as it stands now."""
    row = conn.execute(sql.corporation, {"tenant": tenant, "number": number}).fetchone()
    return None if row is None else of_row(*row)


def events(conn: Connection, tenant: Tenant, number: str) -> list[Event]:
    """Return what happened to a number, the oldest first."""
    rows = conn.execute(sql.corporate_events, {"tenant": tenant, "number": number})
    return [
        Event(
            seq, EventKind(kind), on, Basics(*basics), None if why is None else Closing(why), after
        )
        for seq, kind, on, *basics, why, after in rows
    ]


def _once(
    conn: Connection,
    tenant: Tenant,
    order: Order,
    asked: list[object],
    take: Callable[[], tuple[EventKind, Corporation]],
) -> str:
    """Carry an order out unless it was before; return the number it was about."""
    facts = {"tenant": tenant, "request": order.request}
    mark = digest(asked)
    conn.execute(sql.one_corporate_order, {"tenant": tenant})
    row = conn.execute(sql.corporate_order, facts).fetchone()
    if row is not None:
        if bytes(row[0]) != mark:
            raise OrderDiffers(request=order.request[:80])
        return str(row[1])
    kind, now = take()
    conn.execute(
        sql.keep_corporate_event,
        {
            **facts,
            **asdict(now.basics),
            "number": now.number,
            "kind": kind,
            "on": now.changed_on,
            "closed_for": now.closed_for,
            "successor": now.successor,
            "asked": mark,
            "at": order.at,
        },
    )
    entry = audit.Entry(
        kind=audit.Kind.ISSUANCE,
        request=order.request,
        at=order.at,
        asker=order.ordered_by,
        holder=tenant,
        procedure="",
        outcome=f"corporation-{kind}",
        mode=order.mode,
        purpose=order.reason,
        details={"by": order.taken_by, "number": now.number},
    )
    audit.append(conn, tenant, entry)
    return now.number


def _number(company_number: str) -> str:
    body = company_number
    if not body:
        drawn = COMPANY_NUMBER - len(WITHOUT)
        body = f"{WITHOUT}{secrets.randbelow(10**drawn):0{drawn}d}"
    if len(body) != COMPANY_NUMBER or not (body.isascii() and body.isdigit()):
        raise CorporateNumberMalformed
    return f"{corporate_check_digit(body)}{body}"


def _taken_up(
    conn: Connection, tenant: Tenant, number: str, on: date, *, later: bool = True
) -> Corporation:
    """Lock a corporation; nothing happens to it before what happened last."""
    if not corporate_number_ok(number):
        raise CorporateNumberMalformed
    asked = {"tenant": tenant, "number": number}
    row = conn.execute(sql.take_up_corporation, asked).fetchone()
    if row is None:
        raise CorporationUnknown(number=number)
    found = of_row(*row)
    if later and on < found.changed_on:
        raise CorporateDayWrong(number=number, day=found.changed_on.isoformat())
    return found


def _open(
    conn: Connection, tenant: Tenant, number: str, on: date, *, later: bool = True
) -> Corporation:
    found = _taken_up(conn, tenant, number, on, later=later)
    if found.closed_on is not None:
        raise CorporationNotOpen(number=number)
    return found


def _moved(
    conn: Connection, tenant: Tenant, before: Corporation, on: date, **now: object
) -> Corporation:
    """Write what stands from a day on."""
    after = replace(before, changed_on=on, **now)  # type: ignore[arg-type]  # fields of its own
    row = {
        **_row(tenant, after),
        "on": on,
        "closed_on": after.closed_on,
        "closed_for": after.closed_for,
        "successor": after.successor,
    }
    conn.execute(sql.change_corporation, row)
    if after.basics != before.basics:
        conn.execute(sql.drop_corporate_pairs, row)
        conn.execute(sql.add_corporate_pairs, row)
    return after


def _row(tenant: Tenant, one: Corporation) -> dict[str, object]:
    folded = Folded.of(one.basics.name, one.basics.kana, one.basics.address)
    return {
        "tenant": tenant,
        "number": one.number,
        **asdict(one.basics),
        "name_folded": folded.name,
        "kana_folded": folded.kana,
        "address_folded": folded.address,
        "pairs": list(folded.pairs),
    }
