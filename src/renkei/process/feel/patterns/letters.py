"""Sets of letters: one, a range, a category, a block, what an escape stands for, and classes."""

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from renkei.process.feel.patterns.blocks import BLOCKS

Letters = Callable[[str], bool]

CATEGORIES: Final = frozenset(  # the names of the Unicode standard
    [
        "L",
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "M",
        "Mn",
        "Mc",
        "Me",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
        "Pc",
        "Pd",
        "Ps",
        "Pe",
        "Pi",
        "Pf",
        "Po",
        "Z",
        "Zs",
        "Zl",
        "Zp",
        "S",
        "Sm",
        "Sc",
        "Sk",
        "So",
        "C",
        "Cc",
        "Cf",
        "Co",
        "Cn",
    ]
)


def category(name: str) -> Letters | None:
    r"""Return the letters of \p{…}: a general category, or Is and a block.

    >>> category("Lu")("A"), category("IsHiragana")("あ"), category("Xx")
    (True, True, None)
    """
    if name in CATEGORIES:
        return lambda letter: unicodedata.category(letter).startswith(name)
    block = BLOCKS.get(name.removeprefix("Is")) if name.startswith("Is") else None
    if block is None:
        return None
    first, last = block
    return lambda letter: first <= ord(letter) <= last


def _is_digit(letter: str) -> bool:
    return unicodedata.category(letter) == "Nd"


def _is_space(letter: str) -> bool:
    return letter in " \t\n\r"


def _is_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] not in "PZC"


def _begins_name(letter: str) -> bool:
    return letter in ":_" or unicodedata.category(letter)[0] == "L"


def _in_name(letter: str) -> bool:
    return letter in ":_-.\u00b7" or unicodedata.category(letter)[:2] in {
        "Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "Mn", "Mc",
    }  # fmt: skip


def _not(letters: Letters) -> Letters:
    return lambda letter: not letters(letter)


_ESCAPES: dict[str, Letters] = {
    "d": _is_digit,
    "s": _is_space,
    "w": _is_word,
    "i": _begins_name,
    "c": _in_name,
}
ESCAPES: Final = _ESCAPES | {name.upper(): _not(letters) for name, letters in _ESCAPES.items()}


# Letters that lower to one that does not rise to them again (Unicode's CaseFolding, simple ones).
_ODD: Final = {
    "k": "\u212a",
    "å": "\u212b",
    "ω": "\u2126",
    "s": "\u017f",
    "\u017f": "sS",
    "μ": "\u00b5",
    "\u00b5": "μΜ",
    "σ": "ς",
    "ς": "σΣ",
    "β": "ϐ",
    "ε": "ϵ",
    "θ": "ϑϴ",
    "κ": "ϰ",
    "π": "ϖ",
    "ρ": "ϱ",
    "φ": "ϕ",
    "ß": "ẞ",
}


@lru_cache(maxsize=4096)
def variants(letter: str) -> frozenset[str]:
    r"""Return a letter with those that differ from it only by case.

    >>> sorted(variants("k")) == sorted(variants("\u212a")) == ["K", "k", "\u212a"]
    True
    """
    plain = letter.lower()
    found = {
        letter,
        plain,
        letter.upper(),
        plain.upper(),
        *_ODD.get(plain, ""),
        *_ODD.get(letter, ""),
    }
    return frozenset(one for one in found if len(one) == 1)


def single(letter: str, *, caseless: bool) -> Letters:
    """Return the set of one letter."""
    if not caseless:
        return lambda other: other == letter
    mine = variants(letter)
    return lambda other: other in mine or not mine.isdisjoint(variants(other))


def span(first: str, last: str, *, caseless: bool) -> Letters:
    """Return the letters from one to another."""
    if caseless:
        return lambda letter: any(first <= one <= last for one in variants(letter))
    return lambda letter: first <= letter <= last


def group(parts: list[Letters], without: Letters | None, *, negative: bool) -> Letters:
    """Return a class: what is in one of its parts, or in none, and not in what is taken away."""

    def holds(letter: str) -> bool:
        found = any(part(letter) for part in parts)
        if found is negative:
            return False
        return without is None or not without(letter)

    return holds
