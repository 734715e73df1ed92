"""Dates as registers hold them: calendar days, days that never were, and what is not known.

A register keeps a birth date as it was notified (住民記録システム標準仕様書 v1.0 §1.1.8): it may
be 29 February of a common year, or one of 14 forms of "not known" (不詳). The standard names the
forms; how each is written here, with zeros for what is unknown, is a proposal of ours.
Every pattern means the same to Python's `re`, to Rust's regex and to ECMAScript.
"""

import re
from dataclasses import dataclass

YEAR = "[1-9][0-9]{3}"
MONTH = "(?:0[1-9]|1[0-2])"
# Days of months that have them in some year; 29 February is one of them in every year.
MONTH_DAY = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-9]))"
)
MONTH_DAY_COMMON = MONTH_DAY.replace("2[0-9]))", "2[0-8]))")
LEAP_YEAR = "(?:[1-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)"
CALENDAR_DAY = f"(?:{YEAR}-{MONTH_DAY_COMMON}|{LEAP_YEAR}-02-29)"
NOTIFIED_DAY = f"{YEAR}-{MONTH_DAY}"
TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
SEASON = "[春夏秋冬]"
THIRD = "[上中下]旬"


@dataclass(frozen=True, slots=True)
class UnknownForm:
    """One way to say that a date is not fully known: its name, an example, its pattern."""

    ja: str
    en: str
    example: str
    pattern: str


UNKNOWN_FORMS = (
    UnknownForm("年月日不詳", "date unknown", "0000-00-00", "0000-00-00"),
    UnknownForm("月日不詳", "month and day unknown", "1935-00-00", f"{YEAR}-00-00"),
    UnknownForm("日不詳", "day unknown", "1935-03-00", f"{YEAR}-{MONTH}-00"),
    UnknownForm("年頃", "about that year", "1935-00-00頃", f"{YEAR}-00-00頃"),
    UnknownForm("年月頃", "about that month", "1935-03-00頃", f"{YEAR}-{MONTH}-00頃"),
    UnknownForm("年月日頃", "about that day", "1935-03-10頃", f"{NOTIFIED_DAY}頃"),
    UnknownForm("年推定", "year presumed", "1935-00-00推定", f"{YEAR}-00-00推定"),
    UnknownForm("年月推定", "month presumed", "1935-03-00推定", f"{YEAR}-{MONTH}-00推定"),
    UnknownForm("年月日推定", "day presumed", "1935-03-10推定", f"{NOTIFIED_DAY}推定"),
    UnknownForm("季節", "season of a year", "1935-春", f"{YEAR}-{SEASON}"),
    UnknownForm("季節頃", "about a season", "1935-春頃", f"{YEAR}-{SEASON}頃"),
    UnknownForm("旬", "third of a month", "1935-03-上旬", f"{YEAR}-{MONTH}-{THIRD}"),
    UnknownForm("旬頃", "about a third of a month", "1935-03-中旬頃", f"{YEAR}-{MONTH}-{THIRD}頃"),
    UnknownForm(
        "期間",
        "between two days",
        "1935-03-01から1935-03-10まで",
        f"{NOTIFIED_DAY}から{NOTIFIED_DAY}まで",
    ),
)

UNCERTAIN_DATE = "|".join([NOTIFIED_DAY, *(form.pattern for form in UNKNOWN_FORMS)])


def unknown_form(text: str) -> UnknownForm | None:
    """Return which form of "not known" a date is written in; None for a full date or no date.

    >>> unknown_form("1935-03-00頃").ja
    '年月頃'
    """
    return next((form for form in UNKNOWN_FORMS if re.fullmatch(form.pattern, text)), None)


def range_in_order(text: str) -> bool:
    """Tell whether a range begins before its end; every other form is in order.

    >>> range_in_order("1935-03-01から1935-03-10まで"), range_in_order("1935-03-00")
    (True, True)
    """
    first, told, last = text.partition("から")
    return not told or first <= last.removesuffix("まで")
