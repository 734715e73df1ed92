"""Days: the law counts them in Japan, wherever the clock of a machine stands."""

from datetime import date, datetime, time, timedelta, timezone

JAPAN = timezone(timedelta(hours=9), "JST")


def in_japan(at: datetime) -> datetime:
    """Return a moment in Japan's time; one written without a zone is meant so.

    >>> in_japan(datetime(2026, 4, 1, 9, 30)).isoformat()
    '2026-04-01T09:30:00+09:00'
    """
    return at.replace(tzinfo=JAPAN) if at.tzinfo is None else at.astimezone(JAPAN)


def midnight(day: date) -> datetime:
    """Return the moment a day begins in Japan.

    >>> midnight(date(2026, 4, 1)).isoformat()
    '2026-04-01T00:00:00+09:00'
    """
    return datetime.combine(day, time(), JAPAN)


def day_of(at: datetime) -> date:
    """Return the day in Japan of a moment; what is in force, and as of when, is asked by it.

    >>> day_of(datetime(2026, 3, 31, 15, 0, tzinfo=timezone.utc))
    datetime.date(2026, 4, 1)
    """
    return at.astimezone(JAPAN).date()
