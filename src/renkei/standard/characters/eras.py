"""The five eras of the modern calendar, their first days, and their values in code lists."""

from dataclasses import dataclass
from datetime import date

from renkei.standard.characters.errors import EraCodeUnknown
from renkei.standard.model import CodeList

# 明治5年12月2日 of the old calendar was followed by 明治6年1月1日 of the solar one.
SOLAR_SINCE = date(1873, 1, 1)


@dataclass(frozen=True, slots=True)
class Era:
    """One 元号: its first day in our calendar; its last is the day before the next one's first."""

    letter: str
    ja: str
    en: str
    since: date

    @property
    def first_year(self) -> int:
        """Return the year of the common era that its year 1 (元年) is."""
        return self.since.year


# First days as a government table lists them: T01.07.30, S01.12.25, H01.01.08, R01.05.01. Meiji
# begins with 慶応4年1月1日 of the old calendar; its first day of the solar one is M06.01.01.
ERAS = (
    Era("M", "明治", "Meiji", date(1868, 1, 25)),
    Era("T", "大正", "Taisho", date(1912, 7, 30)),
    Era("S", "昭和", "Showa", date(1926, 12, 25)),
    Era("H", "平成", "Heisei", date(1989, 1, 8)),
    Era("R", "令和", "Reiwa", date(2019, 5, 1)),
)


def era_of(day: date) -> Era | None:
    """Return the era a day lies in.

    >>> era_of(date(1989, 1, 7)).ja, era_of(date(1989, 1, 8)).ja
    ('昭和', '平成')
    """
    return next((era for era in reversed(ERAS) if era.since <= day), None)


def era_code(era: Era, codes: CodeList) -> str:
    """Return the value of an era in the code list `era` (two digits) or `era_one_digit`."""
    for value in codes.values:
        if value.ja == era.ja:
            return value.value
    raise EraCodeUnknown(codes=codes.id, era=era.ja)


def era_of_code(value: str, codes: CodeList) -> Era | None:
    """Return the era a code value means; None where it means none."""
    label = codes.label(value)
    return next((era for era in ERAS if era.ja == label), None)
