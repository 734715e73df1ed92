"""What the pages say besides the definitions: texts.tsv, days and the like, in both languages."""

from datetime import date

from renkei.kit import Language, texts_of

LANGUAGES: tuple[Language, ...] = ("ja", "en")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def table() -> dict[str, dict[Language, str]]:
    """Return code → texts of the pages."""
    return texts_of("renkei.standard.site")


def word(code: str, language: Language, /, **facts: object) -> str:
    """Return the text of a code in a language, with the facts filled in.

    >>> word("timing-event", "ja"), word("timing-event", "en")
    ('随時通知', 'On an event')
    """
    return table()[code][language].format_map(facts)


def day(value: date, language: Language) -> str:
    """Return a day as readers of the language write it.

    >>> day(date(2012, 7, 9), "ja"), day(date(2012, 7, 9), "en")
    ('2012年7月9日', '9 Jul 2012')
    """
    if language == "ja":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"
