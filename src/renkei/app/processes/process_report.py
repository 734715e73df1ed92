"""What the cases of a process show, for pages, files and the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from renkei import kit
from renkei.process import bpmn, cases
from renkei.process.bpmn import Awaited
from renkei.process.bpmn.drawing import Mark
from renkei.process.bpmn.drawing.marks import long
from renkei.process.bpmn.words import called
from renkei.process.cases.passages import Report, Step, report
from renkei.process.cases.variants import in_words

USUAL = timedelta(days=90)
COLUMNS = (
    *("element", "name", "awaits", "passed", "median", "most", "idle", "spent", "share", "now"),
    *("longest", "incidents", "cancelled"),
)
WAYS = 10
"""Shown of the ways that cases went."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included."""

    since: date
    until: date

    @classmethod
    def of(cls, since: date | None, until: date | None, at: datetime) -> "Period":
        """Return what was said, else the last three months."""
        last = until or kit.day_of(at)
        return cls(since or last - USUAL, last)


def read_report(
    conn: kit.Connection,
    tenant: kit.Tenant,
    definitions: Sequence[bpmn.Definition],
    period: Period,
    *,
    at: datetime,
) -> Report:
    """Return what the cases show that began in a period."""
    since, until = kit.midnight(period.since), kit.midnight(period.until + timedelta(days=1))
    return report(conn, tenant, definitions, since=since, until=until, at=at)


def versions(
    conn: kit.Connection, tenant: kit.Tenant, process: str, library: cases.Library
) -> list[bpmn.Definition]:
    """Return every version of a process, the newest last; refuse one that nobody deployed."""
    kept = [one for one in cases.deployed(conn, tenant) if one.process == process]
    if not kept:
        raise cases.ProcessNotInForce(process=process[:80], day="–")
    return [library.get(conn, tenant, one.hash) for one in kept]


def names_of(definitions: Sequence[bpmn.Definition], language: kit.Language) -> dict[str, str]:
    """Return what elements are called, by id; the last definition counts."""
    return {
        id_: called(element, language)
        for definition in definitions
        for id_, element in definition.elements.items()
    }


def heat_of(found: Report) -> dict[str, Mark]:
    """Return what is laid over the picture: how many, how long, and where the time goes."""
    return {
        one.element: Mark(
            tokens=one.now,
            incidents=0,
            passed=one.passed or None,
            duration=one.times.median if one.times is not None else None,
            heat=one.share or None,
        )
        for one in found.steps
    }


def row_of(step: Step, names: dict[str, str], language: kit.Language) -> list[object]:
    """Return a step as a row of a file: times in hours, so that a spreadsheet reckons with them."""
    times = step.times
    return [
        step.element,
        names.get(step.element, step.element),
        kit.say(f"awaits-{step.awaits.value}", language),
        step.passed,
        "" if times is None else _hours(times.median),
        "" if times is None else _hours(times.most),
        "" if step.idle is None else _hours(step.idle.median),
        _hours(step.spent),
        round(step.share, 4),
        step.now,
        "" if step.longest is None else _hours(step.longest),
        step.incidents,
        step.cancelled,
    ]


def _hours(time: timedelta) -> float:
    return round(time.total_seconds() / 3600, 3)


def facts_of(found: Report, names: dict[str, str], language: kit.Language) -> dict[str, object]:
    """Return it for programs and for the terminal: times in seconds."""
    lead = found.lead
    return {
        "since": kit.in_japan(found.since).date().isoformat(),
        "until": kit.in_japan(found.until - timedelta(days=1)).date().isoformat(),
        "begun": found.begun,
        "ended_in_period": found.ended,
        "running": found.running,
        "completed": found.completed,
        "cancelled": found.cancelled,
        "lead_median": None if lead is None else lead.median.total_seconds(),
        "lead_most": None if lead is None else lead.most.total_seconds(),
        "time_on": {one.value: round(found.spent_on(one), 4) for one in list(Awaited)[:3]},
        "time_until_taken": None if found.waiting is None else round(found.waiting, 4),
        "conformity": round(found.conformity, 4),
        "passages": [
            dict(zip(COLUMNS, row_of(one, names, language), strict=True)) for one in found.steps
        ],
        "variants": [
            {
                "way": in_words(one.way, names),
                "count": one.count,
                "share": round(one.share, 4),
                "median": one.median.total_seconds(),
                "examples": [str(id_) for id_ in one.examples],
            }
            for one in found.variants[:WAYS]
        ],
    }


def lines_of(found: Report, names: dict[str, str], language: kit.Language) -> dict[str, object]:
    """Return it for a person at a terminal."""
    lead = found.lead
    facts = facts_of(found, names, language)
    facts["lead_median"] = None if lead is None else long(lead.median, language)
    facts["lead_most"] = None if lead is None else long(lead.most, language)
    facts["conformity"] = f"{found.conformity:.0%}"
    facts["time_until_taken"] = None if found.waiting is None else f"{found.waiting:.0%}"
    facts["time_on"] = {
        kit.say(f"awaits-{one.value}", language): f"{found.spent_on(one):.0%}"
        for one in list(Awaited)[:3]
    }
    facts["passages"] = [
        f"{names.get(one.element, one.element)} {one.passed}"
        + ("" if one.times is None else f" {long(one.times.median, language)}")
        + (f" {one.share:.0%}" if one.share else "")
        for one in found.steps
    ]
    facts["variants"] = [
        f"{one.count} ({one.share:.0%}, {long(one.median, language)}): {in_words(one.way, names)}"
        for one in found.variants[:WAYS]
    ]
    return facts
