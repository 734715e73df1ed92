"""Readings (フリガナ) folded in the database as `characters.fold_to_find` folds them.

A million readings are folded where they lie. What each character becomes is asked of the fold
itself; only the rules that look at neighbours stand here as well, and a test holds both to be equal
for every reading the standard allows.
"""

from functools import cache

from psycopg.sql import SQL, Composable, Composed, Literal

from renkei.standard.characters import fold_to_find

KANA = [chr(code) for code in range(ord("ァ"), ord("ヺ") + 1)]
MARKS = ["ー", "ヽ", "ヾ", "・", "‐", " ", "\u3000"]  # what else the standard allows in a reading
REPEATED = "(.)[ヽヾ]"
LONG_O = "([オコソトノホモヨロ])[オウ]+"
LONG_U = "([ウクスツヌフムユル])ウ+"


def folded(reading: Composable) -> Composed:
    """Return the expression that folds an expression of a reading."""
    text: Composable = reading
    for pair in ("ヴァ", "ヴィ", "ヴェ", "ヴォ"):
        text = SQL("replace({}, {}, {})").format(text, Literal(pair), Literal(fold_to_find(pair)))
    text = SQL("regexp_replace({}, {}, {}, 'g')").format(text, Literal(REPEATED), Literal(r"\1\1"))
    # Those that become nothing stand behind all others: `translate` drops them.
    text = SQL("translate({}, {}, {})").format(text, *(Literal(part) for part in _characters()))
    text = SQL("regexp_replace({}, {}, {}, 'g')").format(text, Literal(LONG_O), Literal(r"\1"))
    return SQL("regexp_replace({}, {}, {}, 'g')").format(text, Literal(LONG_U), Literal(r"\1"))


@cache
def _characters() -> tuple[str, str]:
    """Return the characters that change, and what they become, place by place."""
    becomes = {character: fold_to_find(character) for character in [*KANA, *MARKS]}
    kept = [one for one, other in becomes.items() if other and other != one]
    dropped = [one for one, other in becomes.items() if not other]
    return "".join([*kept, *dropped]), "".join(becomes[one] for one in kept)
