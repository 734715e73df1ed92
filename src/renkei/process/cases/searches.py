"""Finding cases: by what they are, where they wait, and what they know; a page after another.

What a case knows is asked by *conditions*: a name, or a path through contexts (`child.age`), and
what its value must be.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, Self
from unicodedata import normalize
from uuid import UUID

from renkei import kit
from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn, feel
from renkei.process.bpmn import Kind, Variables
from renkei.process.cases.errors import ConditionUnreadable
from renkei.process.cases.histories import case_of
from renkei.process.cases.known import LONGEST, Known

sql = queries("renkei.process")

MOST = 1_000


class Operator(StrEnum):
    """What a value must be to another."""

    IS = "="
    LESS = "<"
    MORE = ">"
    AT_MOST = "<="
    AT_LEAST = ">="
    KNOWN = "?"
    """There is one."""


_CONDITION = re.compile(r"\s*([^<>=]+?)\s*(<=|>=|=|<|>)\s*(.*?)\s*", re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_VALUE = re.compile(rf'{_NUMBER.pattern}|true|false|@?".*"|(date|time|date and time)\(".*"\)')
"""What is a value as it stands; anything else might be reckoned, and is a text."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a case must know."""

    path: tuple[str, ...]
    operator: Operator
    value: feel.Value = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `child.age >= 3`; a name alone asks whether anything is known under it.

        >>> Condition.parse("child.age >= 3")
        Condition(path=('child', 'age'), operator=<Operator.AT_LEAST: '>='>, value=Decimal('3'))
        """
        found = _CONDITION.fullmatch(text)
        name, sign, value = found.groups() if found else (text.strip(), "?", "")
        return cls.of(name, Operator(sign), value)

    @classmethod
    def of(cls, name: str, operator: Operator, value: str = "") -> Self:
        """Take the parts of one; a value that is no FEEL is a text as it stands."""
        path = tuple(part.strip() for part in name.split("."))
        is_sound = all(part and part.isprintable() for part in path) and len(name) <= LONGEST
        is_sound &= not set(name) & set("<>=")
        if not is_sound or len(value) > LONGEST or not (value.isprintable()):
            raise ConditionUnreadable(given=f"{name}{operator}{value}"[:80])
        if operator is not Operator.KNOWN and not value:
            raise ConditionUnreadable(given=f"{name}{operator}"[:80])
        return cls(path, operator, None if operator is Operator.KNOWN else read_value(value))


def read_value(text: str) -> feel.Value:
    """Return the value a person means: what FEEL writes as a value, else the text.

    >>> read_value("１２"), read_value("甲"), read_value('"12"'), read_value("2027-03-31")
    (Decimal('12'), '甲', '12', '2027-03-31')
    """
    plain = normalize("NFKC", text)
    if _VALUE.fullmatch(plain) is None:
        return text
    try:
        result = feel.expression(plain if _NUMBER.fullmatch(plain) else text).evaluate({})
    except kit.NodeError:
        return text
    return text if result.problems else result.value


STUCK = "stuck"
"""As a status: under way, and something of it waits for a person to look at what went wrong."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; what is empty is not asked."""

    process: str = ""
    definition: str = ""
    status: str = ""
    """One of `bpmn.Status`, or STUCK."""
    at: str = ""
    """An element at which it waits."""
    business_key: str = ""
    conditions: tuple[Condition, ...] = ()
    since: datetime | None = None
    """Begun then or later."""
    until: datetime | None = None
    """Begun before."""
    order: Literal["newest", "oldest"] = "newest"


@dataclass(frozen=True, slots=True)
class CaseFound:
    """A case in a list."""

    id: UUID
    process: str
    definition: str
    business_key: str
    status: bpmn.Status
    applied_on: date
    started_at: datetime
    ended_at: datetime | None


def find(
    conn: Connection,
    tenant: Tenant,
    *,
    process: str = "",
    status: str = "",
    at: str = "",
    variables: Variables | None = None,
    business_key: str = "",
    most: int = MOST,
) -> list[CaseFound]:
    """Return the cases that fit, the newest first.

    `at` is an element at which one waits; `variables` are those of the outermost scope that must
    have these values.
    """
    known = (Condition((name,), Operator.IS, value) for name, value in (variables or {}).items())
    wanted = Search(process, "", status, at, business_key, tuple(known))
    return search(conn, tenant, wanted, most=most)


def search(
    conn: Connection,
    tenant: Tenant,
    wanted: Search,
    *,
    after: CaseFound | None = None,
    most: int = MOST,
) -> list[CaseFound]:
    """Return the cases that fit, in the order wanted, from behind a case on."""
    statement, asked = found(tenant, wanted, after=after, most=most)
    return [
        CaseFound(id_, of, by, key, bpmn.Status(stands), applied_on, started, ended)
        for id_, of, by, key, stands, applied_on, started, ended in conn.execute(statement, asked)
    ]


def listed(conn: Connection, tenant: Tenant, case: UUID) -> CaseFound:
    """Return a case as it stands in a list, so that the next page can begin behind it."""
    row = case_of(conn, tenant, case)
    about = (row.process, row.definition, row.business_key, row.status, row.applied_on)
    return CaseFound(row.id, *about, row.started_at, row.ended_at)


def search_all(
    conn: Connection, tenant: Tenant, wanted: Search, *, page: int = MOST
) -> Iterator[CaseFound]:
    """Yield all cases that fit, read page by page."""
    after: CaseFound | None = None
    while True:
        some = search(conn, tenant, wanted, after=after, most=page)
        yield from some
        if len(some) < page:
            return
        after = some[-1]


def found(
    tenant: Tenant, wanted: Search, *, after: CaseFound | None = None, most: int = MOST
) -> tuple[bytes, dict[str, Any]]:
    """Return the statement of a search, and what it is given."""
    is_stuck = wanted.status == STUCK
    facts: dict[str, tuple[bytes, object]] = {
        "process": (sql.found_of_process, wanted.process),
        "definition": (sql.found_by_definition, wanted.definition),
        "status": (sql.found_status, "running" if is_stuck else wanted.status),
        "business_key": (sql.found_key, wanted.business_key),
        "element": (sql.found_waiting, wanted.at),
        "since": (sql.found_since, wanted.since),
        "until": (sql.found_until, wanted.until),
    }
    asked: dict[str, Any] = {"tenant": tenant, "most": most}
    parts = [sql.find_cases]
    for name, (part, value) in facts.items():
        if value:
            parts.append(part)
            asked[name] = value
    if is_stuck:
        parts.append(sql.found_stuck)
    for number, one in enumerate(wanted.conditions):
        comparison, value = _compared(one)
        part = b" ".join((sql.found_known, comparison))
        parts.append(part.replace(b"{n}", str(number).encode()))
        asked |= {f"name{number}": ".".join(one.path), f"value{number}": value}
    is_newest = wanted.order == "newest"
    if after is not None:
        parts.append(sql.found_after_newest if is_newest else sql.found_after_oldest)
        asked |= {"after_at": after.started_at, "after_id": after.id}
    parts.append(sql.newest_first if is_newest else sql.oldest_first)
    return b"\n".join(parts), asked


def _compared(condition: Condition) -> tuple[bytes, str | float | None]:
    """Return how a value is compared, and with what."""
    known = Known.of(condition.value)
    if condition.operator is Operator.KNOWN:
        return sql.known_at_all, None
    if known.number is None:
        texts = {
            Operator.IS: sql.known_text_is,
            Operator.LESS: sql.known_text_less,
            Operator.MORE: sql.known_text_more,
            Operator.AT_MOST: sql.known_text_at_most,
            Operator.AT_LEAST: sql.known_text_at_least,
        }
        return texts[condition.operator], known.said
    numbers = {
        Operator.LESS: sql.known_number_less,
        Operator.MORE: sql.known_number_more,
        Operator.AT_MOST: sql.known_number_at_most,
        Operator.AT_LEAST: sql.known_number_at_least,
    }
    if condition.operator is Operator.IS:
        return sql.known_number_is, known.said
    return numbers[condition.operator], known.number


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case of a list waits."""

    elements: tuple[str, ...] = ()
    incidents: int = 0


def standings(conn: Connection, tenant: Tenant, ids: Sequence[UUID]) -> dict[UUID, Standing]:
    """Return where each of these cases waits; one that waits for nothing is left out."""
    there: dict[UUID, Standing] = {}
    for case, element, kind in conn.execute(sql.waits_of, {"tenant": tenant, "ids": list(ids)}):
        known = there.get(case, Standing())
        elements = dict.fromkeys((*known.elements, element))
        there[case] = replace(
            known, elements=tuple(elements), incidents=known.incidents + (kind == Kind.INCIDENT)
        )
    return there
