"""The Japanese and English texts people read, in one table keyed by code."""

import csv
from functools import cache
from importlib.resources import files
from typing import Literal

Language = Literal["ja", "en"]


@cache
def table(room: str = "renkei.kit") -> dict[str, dict[Language, str]]:
    """Return code → texts of a room that has a table of its own, else those of the program.

    Errors leave `en` empty: their docstring is the English text.
    """
    lines = (files(room) / "texts.tsv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["code"]: {"ja": row["ja"], "en": row["en"]} for row in rows}


def say(code: str, language: Language, /, **facts: object) -> str:
    """Return the text of a code in a language, with the facts filled in.

    >>> say("outcome-answered", "en")
    'answered'
    """
    return table()[code][language].format_map(facts)
