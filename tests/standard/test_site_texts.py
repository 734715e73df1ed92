"""Every text of the site is there in both languages, and none is there for nothing."""

import re
from collections.abc import Iterable
from importlib.resources import files
from typing import get_args

import pytest

from renkei.standard import (
    Care,
    Channel,
    Condition,
    Handling,
    ItemType,
    Level,
    Provenance,
    Standardised,
    SubjectRelation,
    Timing,
)
from renkei.standard.site.search import KINDS
from renkei.standard.site.wording import table

ROOM = files("renkei.standard.site")
# Keys that are put together when a page is printed: the beginning, and what may follow.
ENDINGS: dict[str, Iterable[str]] = {
    "about-concerns-": get_args(SubjectRelation),
    "about-condition-": get_args(Condition),
    "about-handling-": Handling,
    "about-level-": Level,
    "about-provenance-": Provenance,
    "about-standardised-": Standardised,
    "about-timing-": Timing,
    "about-type-": ItemType,
    "care-": Care,
    "channel-": Channel,
    "concerns-": get_args(SubjectRelation),
    "condition-": get_args(Condition),
    "handling-": Handling,
    "kind-": KINDS,
    "kind-of-": ("municipality", "prefecture", "state", "firm"),
    "level-": Level,
    "provenance-": Provenance,
    "relation-": ("exact", "close", "broader", "narrower"),
    "standardised-": Standardised,
    "timing-": Timing,
    "type-": ItemType,
}


def sources() -> str:
    names = [one for one in (ROOM / "templates").iterdir() if one.name.endswith((".html", ".js"))]
    names += [one for one in ROOM.iterdir() if one.name.endswith(".py")]
    return "\n".join(one.read_text(encoding="utf-8") for one in names)


def composed() -> set[str]:
    return {f"{begin}{end}" for begin, ends in ENDINGS.items() for end in ends}


def counted() -> set[str]:
    """Return the keys the front page takes from the counts of the book, and those of the script."""
    text = (ROOM / "book.py").read_text(encoding="utf-8")
    counts = re.findall(r'"([a-z-]+)": (?:len|sum)\(', text)
    return {*counts, *(f"search-{word}" for word in re.findall(r"words\.(\w+)\[", sources()))}


def used() -> set[str]:
    return set(re.findall(r"""(?:\bt|\bword)\(["']([a-z][\w-]*)["'][,)]""", sources())) | {
        *re.findall(r'"(symbol-\w+)"', sources())
    }


def test_every_key_used_is_in_the_table():
    assert (used() | composed() | counted()) - set(table()) == set()


def test_every_key_of_the_table_is_used():
    assert set(table()) - used() - composed() - counted() == set()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_text_is_there(language):
    assert [key for key, texts in table().items() if not texts[language]] == []


def test_both_languages_are_told_the_same_facts():
    facts = {
        key: {language: set(re.findall(r"{(\w+)}", text)) for language, text in texts.items()}
        for key, texts in table().items()
    }
    assert [key for key, found in facts.items() if found["ja"] != found["en"]] == []
