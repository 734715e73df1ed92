"""Days as whole numbers, counted from 1 January 1900, and how they are written.

Whole numbers make a town fast to write; `Calendar` turns them into text by one look-up.
"""

from datetime import date

ZERO = date(1900, 1, 1).toordinal()
OLDEST = 106


def number(day: date) -> int:
    """Return the number of a day.

    >>> number(date(1900, 1, 1)), number(date(1900, 2, 1))
    (0, 31)
    """
    return day.toordinal() - ZERO


def years_before(day: date, years: int) -> date:
    """Return the same day of an earlier year; 28 February where 29 February does not exist."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def tax_year_in_force(day: date) -> int:
    """Return the newest tax year (年度) whose levies are fixed on a day: June brings the new one.

    >>> tax_year_in_force(date(2026, 4, 1)), tax_year_in_force(date(2026, 6, 1))
    (2025, 2026)
    """
    return day.year if day.month >= 6 else day.year - 1


class Calendar:
    """The days up to the day of the town: their text, the births of each age, the windows."""

    __slots__ = (
        "adult_child",
        "births",
        "iso",
        "moves",
        "school_child",
        "small_child",
        "today",
        "years",
    )

    def __init__(self, day: date) -> None:
        """Write every day out once."""
        self.today = number(day)
        days = [date.fromordinal(ZERO + n) for n in range(self.today + 400)]
        self.iso = [one.isoformat() for one in days]
        self.years = [one.year for one in days]
        # age → (first birth date of that age, how many days)
        edges = [number(years_before(day, age)) for age in range(OLDEST + 2)]
        self.births = [(edges[a + 1] + 1, edges[a] - edges[a + 1]) for a in range(OLDEST + 1)]
        # Moves of the pair: from 2 January of last year to the day.
        self.moves = number(date(day.year - 1, 1, 2))
        school_year = day.year if day.month >= 4 else day.year - 1
        # Children count until 31 March after their 18th (22nd) birthday: born on or after these.
        self.school_child = number(date(school_year - 18, 4, 2))
        self.adult_child = number(date(school_year - 22, 4, 2))
        self.small_child = edges[6] + 1

    def month(self, day: int) -> str:
        """Return the month of a day, YYYY-MM."""
        return self.iso[day][:7]

    def next_month(self, day: int) -> str:
        """Return the month after the month of a day."""
        year, month = int(self.iso[day][:4]), int(self.iso[day][5:7])
        return f"{year + month // 12:04d}-{month % 12 + 1:02d}"


def uncertain(iso: str, form: int) -> str:
    """Return a birth date in one of the ways a register may hold it without knowing the day.

    The forms are those of the standard's grammar, and last the day that never was: 29 February of
    a common year.

    >>> uncertain("1935-03-10", 3), uncertain("1935-03-10", 14)
    ('1935-00-00頃', '1935-02-29')
    """
    year, month, day = iso[:4], iso[:7], int(iso[8:])
    season = "冬冬春春春夏夏夏秋秋秋冬"[int(iso[5:7]) - 1]
    third = "上中下"[min((day - 1) // 10, 2)]
    forms = (
        "0000-00-00",
        f"{year}-00-00",
        f"{month}-00",
        f"{year}-00-00頃",
        f"{month}-00頃",
        f"{iso}頃",
        f"{year}-00-00推定",
        f"{month}-00推定",
        f"{iso}推定",
        f"{year}-{season}",
        f"{year}-{season}頃",
        f"{month}-{third}旬",
        f"{month}-{third}旬頃",
        f"{month}-01から{month}-{day:02d}まで",
        f"{int(year) + (int(year) % 4 == 0)}-02-29",
    )
    return forms[form % len(forms)]
