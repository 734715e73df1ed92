"""A first snapshot goes straight into the records, if nothing is wrong with it."""

from dataclasses import dataclass
from typing import BinaryIO

import psycopg

from renkei.kit import Connection
from renkei.store.book import is_entered, record, refuse_older
from renkei.store.group_judging import Between, report, stops
from renkei.store.group_statements import Scope
from renkei.store.merging import Changes, begin_fill
from renkei.store.plan import LoadReport, Outcome, Plan
from renkei.store.reading import Reading
from renkei.store.statements import merging
from renkei.store.streaming import stream


class _NotStraight(Exception):
    """The file is no flawless first snapshot: it must be read again, with care."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A first snapshot that went straight in, and the alerts between its records."""

    report: LoadReport
    alerts: list[Between]


def fill(conn: Connection, plan: Plan, reading: Reading) -> Filled | None:
    """Stream a first snapshot straight into the records; None if it must be read with care."""
    try:
        with conn.transaction():
            return _fill_straight(conn, plan, reading)
    except (_NotStraight, psycopg.errors.UniqueViolation):
        return None


def _fill_straight(conn: Connection, plan: Plan, reading: Reading) -> Filled:
    begin_fill(conn, on=plan.on, at=plan.at)
    statement = merging(plan.entity).fill_straight
    if not stream(conn, statement, reading, plan.progress, stop_when_blocked=True):
        raise _NotStraight
    facts = plan.facts(reading)
    if is_entered(conn, facts):
        raise _NotStraight
    refuse_older(conn, plan)
    changes = Changes(new=plan.taken(reading), changed=0, gone=0, same=0)
    found = plan.between(conn, Scope.held)
    if stops(found):
        raise _NotStraight
    record(conn, plan, facts, changes, reading.findings, kind="fill")
    return Filled(plan.report(reading, Outcome.loaded, changes), found)


def report_filled(plan: Plan, filled: Filled, file: BinaryIO) -> None:
    """Find the lines of the alerts between records, which were found in the records."""
    keys = {mark for one in filled.alerts for mark in one.marks if not isinstance(mark, int)}
    lines = plan.reading(file).find(keys) if keys else {}
    report(
        filled.report.findings,
        plan.layout,
        filled.alerts,
        lambda mark: None if isinstance(mark, int) else lines.get(mark),
    )
