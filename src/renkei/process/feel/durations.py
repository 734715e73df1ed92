"""Durations of FEEL: of years and months, and of days and parts of a day, to the nanosecond."""

import re
from dataclasses import dataclass
from decimal import Decimal

SECOND = 10**9  # nanoseconds

_YEARS_MONTHS = re.compile(r"(-?)P(?:(\d{1,11})Y)?(?:(\d{1,11})M)?", re.ASCII)
_DAYS_TIME = re.compile(
    r"(-?)P(?:(\d{1,12})D)?(?:T(?:(\d{1,15})H)?(?:(\d{1,15})M)?(?:(\d{1,18})(?:\.(\d*))?S)?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A duration in months.

    >>> str(YearsMonths.parse("-P26M")), str(YearsMonths(0)), YearsMonths.parse("P")
    ('-P2Y2M', 'P0M', None)
    """

    months: int

    @classmethod
    def parse(cls, text: str) -> "YearsMonths | None":
        """Read PnYnM."""
        found = _YEARS_MONTHS.fullmatch(text)
        if found is None or found[2] is found[3] is None:
            return None
        months = int(found[2] or 0) * 12 + int(found[3] or 0)
        return cls(-months if found[1] else months)

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return f"{'-' if self.months < 0 else ''}P{text}"


@dataclass(frozen=True, slots=True, order=True)
class DaysTime:
    """A duration in nanoseconds.

    >>> str(DaysTime.parse("P1DT100M0.5S")), str(DaysTime(0)), DaysTime.parse("P1DT")
    ('P1DT1H40M0.5S', 'PT0S', None)
    """

    nanos: int

    @classmethod
    def parse(cls, text: str) -> "DaysTime | None":
        """Read PnDTnHnMnS; a fraction beyond the nanosecond is cut off."""
        found = _DAYS_TIME.fullmatch(text)
        if found is None or text[-1] in "PT":
            return None
        days, hours, minutes, seconds = (int(found[n] or 0) for n in (2, 3, 4, 5))
        fraction = int((found[6] or "0")[:9].ljust(9, "0"))
        nanos = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * SECOND + fraction
        return cls(-nanos if found[1] else nanos)

    @property
    def parts(self) -> tuple[int, int, int, Decimal]:
        """Days, hours, minutes and seconds, each with the sign of the whole."""
        sign = -1 if self.nanos < 0 else 1
        minutes, nanos = divmod(abs(self.nanos), 60 * SECOND)
        hours, minutes = divmod(minutes, 60)
        return sign * (hours // 24), sign * (hours % 24), sign * minutes, sign * seconds_of(nanos)

    def __str__(self) -> str:
        days, hours, minutes, seconds = (abs(part) for part in self.parts)
        clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
        if seconds:
            clock += f"{seconds:f}S"
        if not days and not clock:
            clock = "0S"
        text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
        return f"{'-' if self.nanos < 0 else ''}P{text}"


def seconds_of(nanos: int) -> Decimal:
    """Return nanoseconds as seconds, without trailing zeros.

    >>> seconds_of(1_500_000_000), seconds_of(0), seconds_of(30 * SECOND)
    (Decimal('1.5'), Decimal('0'), Decimal('30'))
    """
    whole, rest = divmod(nanos, SECOND)
    return Decimal(f"{whole}.{rest:09}".rstrip("0").rstrip("."))
