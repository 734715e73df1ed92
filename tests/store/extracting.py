"""A small town with a past, the same once more next door, and the plainest reading of a query."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any as Anything

from tests.store.rows import (
    ALLOWANCE,
    OTHER_TOWN,
    RESIDENT,
    TOWN,
    Row,
    allowance,
    day,
    file,
    hour,
    register_number,
    resident,
)

from renkei import store
from renkei.kit import Connection, Database, Tenant
from renkei.standard import Entity, catalogue
from renkei.store import extracts
from renkei.store.extracts.forms import plain

OUTSIDER = catalogue().entity("unregistered_person")
ENTITIES = (RESIDENT, ALLOWANCE, OUTSIDER)
NAMES = ("青空　一", "=1+1", "+81", "@海", "髙橋　二", "見本　三", "-5")
BIRTHS = ("1980-02-29", "1980-02-00", "1980-00-00", "0000-00-00", "2010-04-01", "2010-03-31頃", "")
SEXES = ("1", "2")

Version = dict[str, str]


def person(number: int, **changes: str) -> Row:
    """Return a resident whose values repeat every few numbers."""
    told = {
        "name": NAMES[number % len(NAMES)],
        "kana": ("アオ", "ウミ", "ソラ")[number % 3],
        "birth_date": BIRTHS[number % (len(BIRTHS) - 1)],
        "sex": SEXES[number % 2],
        "building": "" if number % 3 else "見本荘",
    }
    return resident(number, **told | changes)


def outsider(number: int, **changes: str) -> Row:
    return {
        "register_number": register_number(number),
        "person_kind": "1",
        "name": f"住登外　{number}号",
        "kana": "ジュウトウガイ",
        "birth_date": BIRTHS[number % len(BIRTHS)],
        "sex": "" if number % 2 else "2",
        "address": "見本町二丁目",
        "registration_reason": "課税",
        "registration_affair": "固定資産税",
        "valid_since": "2020-04-01",
        "protected": "0",
    } | changes


def settle(database: Database, tenant: Tenant, people: int = 12) -> None:
    """Load three days: everybody; some move, some leave and one comes; a correction of that day."""
    first = {n: person(n) for n in range(1, people + 1)}
    second = {n: row for n, row in first.items() if n % 5} | {99: person(99)}
    second[2] = person(2, name="青空　改", sex="1")
    third = second | {3: person(3, building="訂正荘")}
    with database.transaction(tenant) as conn:
        for number, (on, rows) in enumerate(((0, first), (2, second), (2, third))):
            _load(conn, tenant, RESIDENT, [*rows.values()], on, number)
        _load(conn, tenant, OUTSIDER, [outsider(5), outsider(7), outsider(50)], 1, 3)
        pairs = [(1, 2), (1, 3), (4, 5), (50, 6), (77, 7)]
        _load(conn, tenant, ALLOWANCE, [allowance(*pair) for pair in pairs], 0, 4)
        changed = [
            allowance(
                1,
                2,
                monthly_amount="15000",
                allowance_class="2",
                paid_until="2026-03",
                end_reason="見本",
            )
        ]
        _load(conn, tenant, ALLOWANCE, [*changed, *(allowance(*p) for p in pairs[1:])], 2, 5)


def _load(
    conn: Connection, tenant: Tenant, entity: Entity, rows: Sequence[Row], on: int, at: int
) -> None:
    report = store.load(
        conn, tenant, entity, file(entity, rows), on=day(on), at=hour(at), allow_ending=True
    )
    assert report.outcome is store.Outcome.loaded, report.findings.kept


def q(*columns: str, leading: str = "resident", **more: Anything) -> extracts.Query:
    """Return a query of these columns, named `alias.item`."""
    return extracts.Query(
        leading=extracts.Source(entity=leading),
        columns=tuple(extracts.Column(item=item) for item in columns),
        **more,
    )


def child(*, alias: str = "child", optional: bool = False) -> extracts.Join:
    """Return the join from an allowance to the person its child is."""
    return extracts.Join(
        entity="person",
        alias=alias,
        to="child_allowance",
        pairs=(("child_number", "register_number"),),
        optional=optional,
    )


def moment(query: extracts.Query, today: int = 10) -> extracts.Moment:
    return extracts.Moment(query.on or day(today), query.known, day(today))


def rows(
    database: Database, query: extracts.Query, tenant: Tenant = TOWN, today: int = 10
) -> list[tuple[str, ...]]:
    """Run a query and return its rows as text, the columns alone."""
    with database.transaction(tenant) as conn:
        return rows_of(conn, query, tenant, today)


def rows_of(
    conn: Connection, query: extracts.Query, tenant: Tenant = TOWN, today: int = 10
) -> list[tuple[str, ...]]:
    compiled = extracts.statement(extracts.plan(query, catalogue()))
    asked = moment(query, today)
    withheld = store.all_protected(conn, tenant, on=asked.today)
    facts = {
        "tenant": tenant,
        "on": asked.on,
        "known": asked.known,
        "withheld": sorted(withheld),
        **compiled.parameters,
    }
    found = conn.execute(compiled.rows, facts).fetchall()
    return [tuple(plain(value) for value in row[: len(query.columns)]) for row in found]


# --- The plain reading: loops over every version, no database.


def versions(database: Database, tenant: Tenant = TOWN) -> dict[str, list[Version]]:
    """Return every row of the tables as text, the ends of its times beside its items."""
    kept: dict[str, list[Version]] = {}
    with database.transaction(tenant) as conn:
        for entity in ENTITIES:
            for table in (f"store_{entity.name}", f"store_{entity.name}_history"):
                cursor = conn.execute(f"SELECT * FROM {table}".encode())  # noqa: S608
                names = [column.name for column in cursor.description or ()]
                kept.setdefault(entity.name, []).extend(
                    {
                        name: value.astimezone(UTC).isoformat()
                        if isinstance(value, datetime) and value.tzinfo
                        else plain(value)
                        for name, value in zip(names, row, strict=True)
                    }
                    for row in cursor
                )
    return kept


def in_force(kept: list[Version], on: date, known: datetime | None) -> list[Version]:
    end = "9999" if known is None else known.astimezone(UTC).isoformat()
    return [
        row
        for row in kept
        if row["valid_from"] <= on.isoformat()
        and row["known_from"] <= end
        and ("valid_to" not in row or row["known_to"] > end or row["valid_to"] > on.isoformat())
    ]


def naive(
    kept: dict[str, list[Version]], query: extracts.Query, today: int = 10
) -> list[tuple[str, ...]]:
    """Return what a query finds, by nested loops."""
    on, known = query.on or day(today), query.known

    def held(name: str) -> list[Version]:
        if name != extracts.PERSON:
            return in_force(kept[name], on, known)
        found = in_force(kept["resident"], on, known)
        numbers = {row["register_number"] for row in found}
        others = in_force(kept["unregistered_person"], on, known)
        return found + [row for row in others if row["register_number"] not in numbers]

    met: list[dict[str, Version]] = [
        {query.leading.name: row} for row in held(query.leading.entity)
    ]
    for join in query.joins:
        met = [row for before in met for row in _joined(before, join, held(join.entity))]
    met = [row for row in met if holds(query.where, row)]
    out = [tuple(_value(row, column.item) for column in query.columns) for row in met]
    return sorted(set(out)) if query.distinct else sorted(out)


def _joined(
    before: dict[str, Version], join: extracts.Join, others: list[Version]
) -> Iterator[dict[str, Version]]:
    left = before[join.to]
    matching = [
        row
        for row in others
        if all(left.get(theirs) and left[theirs] == row[ours] for theirs, ours in join.pairs)
    ]
    for row in matching or ([{}] if join.optional else []):
        yield before | {join.name: row}


def _value(row: dict[str, Version], name: str) -> str:
    alias, _, item = name.partition(".")
    return row[alias].get(item, "")


def holds(condition: extracts.Condition, row: dict[str, Version]) -> bool:
    """Tell whether a condition holds, every test on the text of a value."""
    match condition:
        case extracts.All(of=parts):
            return all(holds(part, row) for part in parts)
        case extracts.Any(of=parts):
            return any(holds(part, row) for part in parts)
        case extracts.Not(of=part):
            return not holds(part, row)
        case test:
            return _met(test, _value(row, test.item))


def _met(test: extracts.Testing, value: str) -> bool:
    match test:
        case extracts.IsEmpty():
            return value == ""
        case _ if value == "":
            return False
        case extracts.Equals(value=wanted):
            return value == wanted
        case extracts.OneOf(values=wanted):
            return value in wanted
        case extracts.BeginsWith(value=wanted):
            return value.startswith(wanted)
        case extracts.Contains(value=wanted):
            return wanted in value
        case extracts.Between(least=least, most=most):
            return _between(value, least, most)
        case extracts.InFiscalYear(year=year):
            return _between(value, f"{year}-04-01", f"{year + 1}-03-31")
        case extracts.AgeBetween(on=on, least=least, most=most):
            return _aged(value, on, least, most)


def _between(value: str, least: str | None, most: str | None) -> bool:
    if re.fullmatch("-?[0-9]+", value) and re.fullmatch("-?[0-9]+", least or most or ""):
        number = int(value)
        return (least is None or number >= int(least)) and (most is None or number <= int(most))
    known = _known_part(value)
    if not known:
        return False
    return (least is None or known >= least[: len(known)]) and (
        most is None or known <= most[: len(known)]
    )


def _known_part(value: str) -> str:
    if not re.match("[0-9]{4}-", value):
        return value
    parts = value[:10].split("-")
    known = [parts[0]] if parts[0] != "0000" else []
    for part in parts[1:]:
        if not known or not re.fullmatch("[0-9]{2}", part) or part == "00":
            break
        known.append(part)
    return "-".join(known)


def _aged(value: str, on: date, least: int | None, most: int | None) -> bool:
    """Count birthdays one by one, for each day the value may mean."""
    known = _known_part(value)
    if not known:
        return False
    begin = date.fromisoformat((known + "-01-01")[:10])
    days = [begin + timedelta(days=n) for n in range(366)]
    return any(
        (least is None or _age(day, on) >= least) and (most is None or _age(day, on) <= most)
        for day in days
        if day.isoformat().startswith(known)
    )


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def both_towns(database: Database) -> None:
    settle(database, TOWN)
    settle(database, OTHER_TOWN)
