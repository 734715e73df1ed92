"""Kana: hiragana and katakana, full and half width, and a fold to find a name by its reading."""

import re
import unicodedata

HALF_WIDTH = "\uff61-\uff9f"
VOICED, SEMI_VOICED = "\u3099", "\u309a"
MARKS = f"{VOICED}{SEMI_VOICED}\uff9e\uff9f"
_SPACING = {"\uff9e": "゛", "\uff9f": "゜"}
_COMBINING = {"\uff9e": VOICED, "\uff9f": SEMI_VOICED, "゛": VOICED, "゜": SEMI_VOICED}
CLUSTER = re.compile(f"([{HALF_WIDTH}ぁ-ゖァ-ヺ])([{MARKS}])|[{HALF_WIDTH}]")

_TO_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_TO_HIRAGANA = {kata: hira for hira, kata in _TO_KATAKANA.items()}
_WIDE = {chr(c): unicodedata.normalize("NFKC", chr(c)) for c in range(0xFF61, 0xFF9E)}
_NARROW = {wide: narrow for narrow, wide in _WIDE.items()}
_NARROW |= {"゛": "\uff9e", "゜": "\uff9f", VOICED: "\uff9e", SEMI_VOICED: "\uff9f"}

SMALL = str.maketrans(
    "ァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ",
    "アイウエオツヤユヨワカケクシストヌハヒフヘホムラリルレロ",
)
# Kana that sound alike today; voicing goes afterwards, so ヂ must first be ジ and ヴァ be バ.
_ALIKE = str.maketrans("ヂヅヲヰヱヴヸヹヺ", "ジズオイエブイエオ")
_VU = {"ヴァ": "バ", "ヴィ": "ビ", "ヴェ": "ベ", "ヴォ": "ボ"}
_UNVOICED = {ord(c): unicodedata.normalize("NFD", c)[0] for c in map(chr, range(0x30A1, 0x30FB))}
_PASSED_OVER = f"ーヽヾ゛゜・‐{VOICED}{SEMI_VOICED}"
_VOWELS = {
    kana: vowel
    for vowel, row in {
        "a": "アカサタナハマヤラワ",
        "i": "イキシチニヒミリ",
        "u": "ウクスツヌフムユル",
        "e": "エケセテネヘメレ",
        "o": "オコソトノホモヨロ",
    }.items()
    for kana in row
}


def katakana(text: str) -> str:
    """Return the text with hiragana as katakana.

    >>> katakana("やまだ ゔぃ")
    'ヤマダ ヴィ'
    """
    return text.translate(_TO_KATAKANA)


def hiragana(text: str) -> str:
    """Return the text with katakana as hiragana; ヷ to ヺ have none and stay."""
    return text.translate(_TO_HIRAGANA)


def full_width(text: str) -> str:
    """Return the text with half-width katakana and its punctuation in full width.

    >>> full_width("ﾔﾏﾀﾞ ﾊﾟｰﾄ")
    'ヤマダ パート'
    """
    return CLUSTER.sub(lambda found: wide(found[0]), text)


def wide(cluster: str) -> str:
    """Return one kana with its mark, composed where Unicode has the composed form."""
    first, mark = cluster[0], cluster[1:]
    base = _WIDE.get(first) or _SPACING.get(first) or first
    composed = unicodedata.normalize("NFC", base + _COMBINING.get(mark, mark))
    return composed if len(composed) == 1 else base + _SPACING.get(mark, mark)


def half_width(text: str) -> str:
    """Return the text with katakana in half width, as bank files want; what has none stays.

    >>> half_width("ヤマダ　パート")
    'ﾔﾏﾀﾞ　ﾊﾟｰﾄ'
    """
    return "".join(_narrow(c) for c in text)


def _narrow(character: str) -> str:
    if character in _NARROW:
        return _NARROW[character]
    parts = unicodedata.normalize("NFD", character)
    if len(parts) == 2 and parts[0] in _NARROW and parts[1] in (VOICED, SEMI_VOICED):
        return _NARROW[parts[0]] + _NARROW[parts[1]]
    return character


def fold_to_find(text: str) -> str:
    """Return what readings that are easily mixed up have in common, to find candidates by.

    Width, script, size, voicing and vowel length go, and so do spaces and marks; a person then
    compares. It finds too many, never too few of these kinds.

    >>> {fold_to_find(k) for k in ("オオノ ジョー", "おおの　ぢょう", "ｵｵﾉ ｼﾞﾖｵ", "オノ・ショ")}
    {'オノシヨ'}
    """
    plain = re.sub("ヴ[ァィェォ]", lambda found: _VU[found[0]], katakana(full_width(text)))
    plain = re.sub("(.)[ヽヾ]", r"\1\1", plain)
    plain = plain.translate(SMALL).translate(_ALIKE).translate(_UNVOICED)
    kept, vowel = [], ""
    for kana in plain:
        lengthens = (kana == "オ" and vowel == "o") or (kana == "ウ" and vowel in ("o", "u"))
        if lengthens or kana in _PASSED_OVER or kana.isspace():
            continue
        vowel = _VOWELS.get(kana, "")
        kept.append(kana)
    return "".join(kept)
