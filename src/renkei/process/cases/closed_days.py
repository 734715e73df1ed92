"""Days the office is closed (閉庁日): the town's own, read from a table of days and names.

A file replaces what is known of the years it names. Whoever reckons with the calendar holds it
still until the end of the transaction, so that nothing is reckoned by days that just changed.
"""

from collections.abc import Mapping
from datetime import date

from renkei.kit import Connection, Tenant, queries
from renkei.process.cases.deadlines import Calendar
from renkei.process.cases.errors import CalendarUnreadable

sql = queries("renkei.process")

MOST_LINES = 10_000
LONGEST_NAME = 100


def read_closed_days(data: bytes, file: str = "") -> dict[date, str]:
    r"""Read lines of a day and what it is called, with a tab between; CalendarUnreadable if not.

    >>> read_closed_days("2027-04-29\t昭和の日".encode())
    {datetime.date(2027, 4, 29): '昭和の日'}
    """
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise CalendarUnreadable(file=file, line=1, said="UTF-8?") from None
    days: dict[date, str] = {}
    for number, line in enumerate(lines, 1):
        day, tab, name = line.partition("\t")
        if not line.strip() or line.startswith("#") or (number == 1 and day == "day"):
            continue
        try:
            read = date.fromisoformat(day)
        except ValueError:
            raise CalendarUnreadable(file=file, line=number, said=day[:40]) from None
        is_fit = tab and name.strip() and name.isprintable() and len(name) <= LONGEST_NAME
        if not is_fit or read in days or number > MOST_LINES:
            raise CalendarUnreadable(file=file, line=number, said=line[:40])
        days[read] = name.strip()
    return days


def keep_closed_days(conn: Connection, tenant: Tenant, days: Mapping[date, str]) -> list[int]:
    """Let these be the closed days of the years they lie in; return those years.

    The caller lets everything be reckoned anew (`task_rows.reckon_all`).
    """
    years = sorted({day.year for day in days})
    conn.execute(sql.change_calendar, {"tenant": tenant})
    conn.execute(sql.drop_closed_days, {"tenant": tenant, "years": years})
    kept = {"tenant": tenant, "days": list(days), "names": list(days.values())}
    conn.execute(sql.keep_closed_days, kept)
    return years


def closed_days(conn: Connection, tenant: Tenant) -> dict[date, str]:
    """Return the closed days that are known, in their order."""
    return dict(conn.execute(sql.closed_days, {"tenant": tenant}).fetchall())


def calendar_of(conn: Connection, tenant: Tenant) -> Calendar:
    """Return the calendar, as it stays until the end of the transaction."""
    conn.execute(sql.hold_calendar, {"tenant": tenant})
    return Calendar(frozenset(closed_days(conn, tenant)))
