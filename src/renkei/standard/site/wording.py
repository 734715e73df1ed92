"""What the pages say besides the definitions: texts.tsv, days and the like, in both languages."""

import csv
from datetime import date
from functools import cache
from importlib.resources import files

from renkei.kit import Language

LANGUAGES: tuple[Language, ...] = ("ja", "en")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@cache
def table() -> dict[str, dict[Language, str]]:
    """Return key → texts."""
    lines = (files("renkei.standard.site") / "texts.tsv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["key"]: {"ja": row["ja"], "en": row["en"]} for row in rows}


def word(key: str, language: Language, /, **facts: object) -> str:
    """Return the text of a key in a language, with the facts filled in.

    >>> word("timing-event", "ja"), word("timing-event", "en")
    ('随時通知', 'On an event')
    """
    return table()[key][language].format_map(facts)


def day(value: date, language: Language) -> str:
    """Return a day as readers of the language write it.

    >>> day(date(2012, 7, 9), "ja"), day(date(2012, 7, 9), "en")
    ('2012年7月9日', '9 Jul 2012')
    """
    if language == "ja":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"
