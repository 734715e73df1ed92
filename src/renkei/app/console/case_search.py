"""The list of cases at the console: searched by what they are, page by page, and as a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from renkei import kit
from renkei.app.console.record_query import read_day
from renkei.app.console.spreadsheet import sheet_of
from renkei.app.processes.process_report import names_of
from renkei.app.rendering import japan_time
from renkei.process import bpmn, cases
from renkei.process.bpmn.seen import seen_at
from renkei.process.cases import Search
from renkei.process.cases.searches import STUCK, Standing, standings

PAGE = 50
MOST_ROWS = 100_000
"""Of a file."""
LONGEST = 255
TEXTS = ("process", "status", "at", "business_key", "order")
DAYS = ("since", "until")
STATUSES = (*(one.value for one in bpmn.Status), STUCK)
COLUMNS = ("case", "process", "key", "status", "applied-on", "started", "ended", "at", "incidents")


@dataclass(frozen=True, slots=True)
class Elements:
    """The elements of all definitions, by id; the newest definition counts."""

    names: Mapping[str, str]
    """What they and the processes are called."""
    seen: Mapping[str, str]
    """By what catches something, where a case that waits for it is seen."""

    def awaiting(self, said: str) -> str:
        """Return what a case waits at that is seen at an element of this name, or of this id."""
        wanted = next((id_ for id_, name in self.names.items() if name == said), said)
        return next((id_ for id_, place in self.seen.items() if place == wanted), wanted)

    def told(self, stands: Standing) -> str:
        """Return in words where a case is."""
        places = dict.fromkeys(self.seen[id_] for id_ in stands.elements if id_ in self.seen)
        return "、".join(self.names.get(id_, id_) for id_ in places)


def elements_of(
    conn: kit.Connection, tenant: kit.Tenant, library: cases.Library, language: kit.Language
) -> Elements:
    """Read all definitions that can be read."""
    names, seen = dict[str, str](), dict[str, str]()
    for kept in cases.deployed(conn, tenant):
        try:
            definition = library.get(conn, tenant, kept.hash)
        except kit.NodeError:
            continue
        names |= names_of([definition], language)
        seen |= seen_at(definition)
    return Elements(names, seen)


@dataclass(frozen=True, slots=True)
class Query:
    """What was filled in, as it was written; what cannot be meant is left out."""

    said: Mapping[str, str] = field(default_factory=dict)
    after: cases.CaseFound | None = None

    @classmethod
    def of(cls, told: Callable[[str], str]) -> Self:
        """Read what an address, or a form, tells."""
        said = {name: told(name)[:LONGEST] for name in TEXTS if told(name).isprintable()}
        said |= {name: told(name) for name in DAYS if read_day(told(name))}
        if said.get("status") not in STATUSES:
            said["status"] = ""
        if said.get("order") != "oldest":
            said["order"] = ""
        return cls({name: text for name, text in said.items() if text}, _place(told("after")))

    def __getitem__(self, name: str) -> str:
        return self.said.get(name, "")

    def search(self, elements: Elements, conditions: Sequence[cases.Condition] = ()) -> Search:
        """Return it as cases are searched; an element may be named by its title."""
        since, until = read_day(self["since"]), read_day(self["until"])
        return Search(
            process=self["process"],
            status=self["status"],
            at=elements.awaiting(self["at"]) if self["at"] else "",
            business_key=self["business_key"],
            conditions=tuple(conditions),
            since=None if since is None else kit.midnight(since),
            until=None if until is None else kit.midnight(until + timedelta(days=1)),
            order="oldest" if self["order"] else "newest",
        )


def mark(last: cases.CaseFound) -> str:
    """Return where a page ended, as the next one says it."""
    return f"{last.started_at.isoformat()}~{last.id}"


def _place(text: str) -> cases.CaseFound | None:
    """Return where the page before ended; anything else begins at the first."""
    at, sign, id_ = text.partition("~")
    try:
        started, number = datetime.fromisoformat(at), UUID(id_)
    except ValueError:
        return None
    if not sign or started.tzinfo is None:
        return None
    day = started.date()
    return cases.CaseFound(number, "", "", "", bpmn.Status.RUNNING, day, started, None)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    rows: Sequence[tuple[cases.CaseFound, Standing]]
    after: str
    """Where the next one begins; empty at the last."""


def page_of(
    conn: kit.Connection, tenant: kit.Tenant, wanted: Search, after: cases.CaseFound | None
) -> Page:
    """Return a page of what fits."""
    found = cases.search(conn, tenant, wanted, after=after, most=PAGE + 1)
    shown = found[:PAGE]
    there = standings(conn, tenant, [one.id for one in shown])
    rows = [(one, there.get(one.id, Standing())) for one in shown]
    return Page(rows, mark(shown[-1]) if len(found) > PAGE else "")


def address(query: Query, **more: str) -> str:
    """Return what of an address says a search."""
    return urlencode({**query.said, **more})


def file_of(
    conn: kit.Connection,
    tenant: kit.Tenant,
    wanted: Search,
    elements: Elements,
    language: kit.Language,
) -> bytes:
    """Return all that fits as a file for a spreadsheet; no value of a case stands in it."""
    rows = list[Sequence[object]]()
    found = cases.search_all(conn, tenant, wanted)
    part = list[cases.CaseFound]()

    def write() -> None:
        there = standings(conn, tenant, [one.id for one in part])
        for one in part:
            stands = there.get(one.id, Standing())
            rows.append(
                (
                    str(one.id),
                    elements.names.get(one.process, one.process),
                    one.business_key,
                    kit.say(f"case-status-{one.status.value}", language),
                    one.applied_on.isoformat(),
                    japan_time(one.started_at),
                    "" if one.ended_at is None else japan_time(one.ended_at),
                    elements.told(stands),
                    stands.incidents,
                )
            )
        part.clear()

    for one in found:
        part.append(one)
        if len(part) == cases.searches.MOST:
            write()
        if len(rows) >= MOST_ROWS:
            break
    write()
    return sheet_of([kit.say(f"cases-column-{name}", language) for name in COLUMNS], rows)
