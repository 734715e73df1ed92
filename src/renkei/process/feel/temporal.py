"""Dates and times of FEEL: beyond the year 9999, to the nanosecond, zone and all.

Python's own stop at the year 9999 and at the microsecond; the standard does not.
"""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from renkei.process.feel.durations import SECOND, seconds_of
from renkei.process.feel.zones import DAY, Zone, offset_at, parse_zone, zone_text

LAST_YEAR = 999_999_999
WHOLE_DAY = DAY * SECOND

_DATE = re.compile(r"(-?)([1-9]\d{4,8}|\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-][\d:]+|@.+)?", re.ASCII)
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def days_of(year: int, month: int, day: int) -> int:
    """Return the days since 1970-01-01 in the Gregorian calendar carried on both ways.

    >>> days_of(1970, 1, 1), days_of(2026, 4, 1), days_of(-4, 2, 29)
    (0, 20544, -720930)
    """
    shifted = year - (month <= 2)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def civil(days: int) -> tuple[int, int, int]:
    """Return year, month and day of the days since 1970-01-01."""
    days += 719_468
    era = days // 146_097
    of_era = days - era * 146_097
    years = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * years + years // 4 - years // 100)
    fifth = (5 * of_year + 2) // 153
    month = fifth + (3 if fifth < 10 else -9)
    return years + era * 400 + (month <= 2), month, of_year - (153 * fifth + 2) // 5 + 1


def month_length(year: int, month: int) -> int:
    """Return the days of a month."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else _LENGTHS[month - 1]


@dataclass(frozen=True, slots=True, order=True)
class Date:
    """A day of the calendar, in years from -999,999,999 to 999,999,999.

    >>> Date.parse("2024-02-29"), Date.parse("2023-02-29")
    (Date(days=19782), None)
    """

    days: int

    @classmethod
    def of(cls, year: int, month: int, day: int) -> "Date | None":
        """Return the day, or None if the calendar has none such."""
        if (
            abs(year) > LAST_YEAR
            or not 1 <= month <= 12
            or not 1 <= day <= month_length(year, month)
        ):
            return None
        return cls(days_of(year, month, day))

    @classmethod
    def from_python(cls, day: dt.date) -> "Date":
        """Return Python's day as FEEL's.

        >>> str(Date.from_python(dt.date(2026, 4, 1)))
        '2026-04-01'
        """
        return cls(day.toordinal() - 719_163)

    @classmethod
    def parse(cls, text: str) -> "Date | None":
        """Read YYYY-MM-DD."""
        found = _DATE.fullmatch(text)
        if found is None:
            return None
        year = int(found[2])
        return cls.of(-year if found[1] else year, int(found[3]), int(found[4]))

    def to_python(self) -> dt.date | None:
        """Return the day as Python's, or None where Python's calendar has ended."""
        ordinal = self.days + 719_163
        return dt.date.fromordinal(ordinal) if 0 < ordinal <= 3_652_059 else None

    @property
    def civil(self) -> tuple[int, int, int]:
        """Year, month and day."""
        return civil(self.days)

    @property
    def weekday(self) -> int:
        """1 for Monday to 7 for Sunday."""
        return (self.days + 3) % 7 + 1

    def plus_months(self, months: int) -> "Date | None":
        """Return the same day of another month, or that month's last.

        >>> str(Date.of(2024, 1, 31).plus_months(1))
        '2024-02-29'
        """
        year, month, day = civil(self.days)
        count = year * 12 + month - 1 + months
        year, month = count // 12, count % 12 + 1
        return Date.of(year, month, min(day, month_length(year, month)))

    def plus_days(self, days: int) -> "Date | None":
        """Return the day so many days later, or None beyond the last year."""
        return day_or_none(self.days + days)

    def __str__(self) -> str:
        year, month, day = civil(self.days)
        return f"{'-' if year < 0 else ''}{abs(year):04}-{month:02}-{day:02}"


_FIRST_DAY = days_of(-LAST_YEAR, 1, 1)
_LAST_DAY = days_of(LAST_YEAR, 12, 31)


def day_or_none(days: int) -> Date | None:
    """Return a day by its number, or None outside the calendar's years."""
    return Date(days) if _FIRST_DAY <= days <= _LAST_DAY else None


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day in nanoseconds since midnight, with a zone or without.

    >>> str(Time.parse("11:22:33.5+09:00")), Time.parse("24:00:01"), Time.parse("7:00:00")
    ('11:22:33.5+09:00', None, None)
    """

    nanos: int
    zone: Zone | None = None

    @classmethod
    def parse(cls, text: str) -> "Time | None":
        """Read hh:mm:ss, with a fraction and a zone if they stand there; 24:00:00 is midnight."""
        found = _TIME.fullmatch(text)
        if found is None:
            return None
        hour, minute, second = int(found[1]), int(found[2]), int(found[3])
        if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
            return None
        zone = None
        if found[5] is not None and (zone := parse_zone(found[5])) is None:
            return None
        fraction = int((found[4] or "0").ljust(9, "0"))
        if hour == 24 and fraction:
            return None
        return cls((hour % 24 * 3600 + minute * 60 + second) * SECOND + fraction, zone)

    @property
    def instant(self) -> int:
        """Nanoseconds of the day in Greenwich; without a zone, of the day here."""
        if self.zone is None:
            return self.nanos
        # A named zone has no offset without a day: that of the first day of our counting is taken.
        return self.nanos - offset_at(self.zone, 0, self.nanos // SECOND) * SECOND

    @property
    def parts(self) -> tuple[int, int, Decimal]:
        """Hour, minute, and second with its fraction."""
        minutes, nanos = divmod(self.nanos, 60 * SECOND)
        return minutes // 60, minutes % 60, seconds_of(nanos)

    def in_zone(self, zone: Zone) -> "Time":
        """Return what the clock shows, as a time of a zone."""
        return Time(self.nanos, zone)

    def plus(self, nanos: int) -> "Time":
        """Return the time so much later, round the clock."""
        return Time((self.nanos + nanos) % WHOLE_DAY, self.zone)

    def __str__(self) -> str:
        hour, minute, second = self.parts
        whole = int(second)
        fraction = f"{second:.9f}".partition(".")[2].rstrip("0")
        return (
            f"{hour:02}:{minute:02}:{whole:02}{'.' + fraction if fraction else ''}"
            f"{zone_text(self.zone)}"
        )


@dataclass(frozen=True)
class DateTime:
    """A day and a time of it.

    >>> str(DateTime.parse("2026-04-01T08:30:00@Asia/Tokyo"))
    '2026-04-01T08:30:00@Asia/Tokyo'
    """

    date: Date
    time: Time

    @classmethod
    def from_python(cls, at: dt.datetime) -> "DateTime":
        """Return Python's moment as FEEL's, its zone as an offset."""
        offset = at.utcoffset()
        zone = None if offset is None else offset.days * DAY + offset.seconds
        nanos = (at.hour * 3600 + at.minute * 60 + at.second) * SECOND + at.microsecond * 1000
        return cls(Date.from_python(at.date()), Time(nanos, zone))

    @classmethod
    def parse(cls, text: str) -> "DateTime | None":
        """Read a day, T, and a time."""
        day, mark, time = text.partition("T")
        date = Date.parse(day)
        found = Time.parse(time) if mark else None
        if date is not None and time.startswith("24"):
            date = date.plus_days(1)  # XML Schema: midnight at its end
        return None if date is None or found is None else cls(date, found)

    @property
    def zone(self) -> Zone | None:
        """The zone of its time."""
        return self.time.zone

    @property
    def offset(self) -> int | None:
        """Seconds east of Greenwich at that moment; None without a zone."""
        zone = self.time.zone
        return None if zone is None else offset_at(zone, self.date.days, self.time.nanos // SECOND)

    @cached_property
    def instant(self) -> int:
        """Nanoseconds since the beginning of 1970, in Greenwich, or here without a zone."""
        return self.date.days * WHOLE_DAY + self.time.nanos - (self.offset or 0) * SECOND

    def in_zone(self, zone: Zone) -> "DateTime":
        """Return what the clock shows, as a moment of a zone."""
        return DateTime(self.date, Time(self.time.nanos, zone))

    def plus(self, nanos: int) -> "DateTime | None":
        """Return the moment so much later: in its own zone, as its clock shows it then."""
        zone = self.time.zone
        local = self.date.days * WHOLE_DAY + self.time.nanos + nanos
        if isinstance(zone, str):
            instant = self.instant + nanos
            first = instant // SECOND + offset_at(zone, *divmod(instant // SECOND, DAY))
            local = instant + offset_at(zone, *divmod(first, DAY)) * SECOND
        day = day_or_none(local // WHOLE_DAY)
        return None if day is None else DateTime(day, Time(local % WHOLE_DAY, zone))

    def plus_months(self, months: int) -> "DateTime | None":
        """Return the same day and time of another month, or of that month's last day."""
        day = self.date.plus_months(months)
        return None if day is None else DateTime(day, self.time)

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"
