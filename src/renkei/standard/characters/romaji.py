"""Kana to Latin letters: Hepburn as passports write it, and modified Hepburn.

Passport (旅券法施行規則, the tables of the prefectures' passport offices): capital letters, long
vowels unmarked, ん as M before B, M and P, っ as T before CH, foreign sounds letter by letter
(ファ FUA). Modified: macrons, n', foreign sounds as one (ファ fa). Which vowels belong to one
syllable is a matter of the word, not of its kana: `|` parts what must not run together (井上 is
イノ|ウエ). A proposal for a form, therefore; a person's own spelling is what she notified.
"""

import re
from enum import StrEnum

from renkei.standard.characters.kana import SMALL, full_width, katakana

BORDER = "|"


class Romanisation(StrEnum):
    """Which rules to write by."""

    passport = "passport"
    modified = "modified"


_ROWS = {
    "アイウエオ": "a i u e o", "カキクケコ": "ka ki ku ke ko", "ガギグゲゴ": "ga gi gu ge go",
    "サシスセソ": "sa shi su se so", "ザジズゼゾ": "za ji zu ze zo",
    "タチツテト": "ta chi tsu te to", "ダヂヅデド": "da ji zu de do",
    "ナニヌネノ": "na ni nu ne no", "ハヒフヘホ": "ha hi fu he ho",
    "バビブベボ": "ba bi bu be bo", "パピプペポ": "pa pi pu pe po",
    "マミムメモ": "ma mi mu me mo", "ヤユヨ": "ya yu yo", "ラリルレロ": "ra ri ru re ro",
    "ワヰヱヲ": "wa i e o", "ヴヷヸヹヺ": "bu ba bi be bo",
}  # fmt: skip
_KANA = {
    kana: spelt
    for row, all_ in _ROWS.items()
    for kana, spelt in zip(row, all_.split(), strict=True)
}
_GLIDES = {"ャ": "ya", "ュ": "yu", "ョ": "yo"}
_SOFT = {
    kana + small: _KANA[kana][:-1] + (glide[1:] if kana in "シチジヂ" else glide)
    for kana in "キギシジチヂニヒビピミリ"
    for small, glide in _GLIDES.items()
}
_FOREIGN_ROWS = {
    "イェ": "ye", "ウィ ウェ ウォ": "wi we wo", "ヴァ ヴィ ヴ ヴェ ヴォ ヴュ": "va vi vu ve vo vyu",
    "ヷ ヸ ヹ ヺ": "va vi ve vo", "クァ クィ クェ クォ": "kwa kwi kwe kwo",
    "グァ グィ グェ グォ": "gwa gwi gwe gwo", "シェ ジェ チェ": "she je che",
    "スィ ズィ": "si zi", "ツァ ツィ ツェ ツォ": "tsa tsi tse tso",
    "ティ トゥ テュ ディ ドゥ デュ": "ti tu tyu di du dyu",
    "ファ フィ フェ フォ フュ": "fa fi fe fo fyu",
}  # fmt: skip
_FOREIGN = {
    kana: spelt
    for row, all_ in _FOREIGN_ROWS.items()
    for kana, spelt in zip(row.split(), all_.split(), strict=True)
}
_MACRONS = {"a": "ā", "i": "ī", "u": "ū", "e": "ē", "o": "ō"}


_SYLLABLES = {
    Romanisation.passport: {**_KANA, **_SOFT},
    Romanisation.modified: {**_KANA, **_SOFT, **_FOREIGN},
}
_PAIRS = {
    rules: re.compile("|".join([*(kana for kana in known if len(kana) == 2), "."]))
    for rules, known in _SYLLABLES.items()
}
_READING = re.compile(f"[ァ-ヺー{re.escape(BORDER)}]+")


def romaji(kana: str, rules: Romanisation = Romanisation.passport) -> str:
    """Return the reading in Latin letters; what is no kana stays as it is.

    >>> romaji("ハッチョウ ホンマ"), romaji("セノオ"), romaji("マツ|ウラ イノ|ウエ")
    ('HATCHO HOMMA', 'SENOO', 'MATSUURA INOUE')
    >>> romaji("とうきょう しんいち", Romanisation.modified)
    "tōkyō shin'ichi"
    """
    return _READING.sub(lambda run: _run(run[0], rules), katakana(full_width(kana)))


def _run(kana: str, rules: Romanisation) -> str:
    """Spell a run of katakana; on the way ッ is Q, ン is N and ー is H."""
    spelt = "".join(_spelt(part, _SYLLABLES[rules]) for part in _PAIRS[rules].findall(kana))
    spelt = re.sub(r"Q(?=\|?ch)", "t", spelt)
    spelt = re.sub(r"Q(\|?)([bcdfghjkmprstvwyz])", r"\2\1\2", spelt).replace("Q", "tsu")
    match rules:
        case Romanisation.passport:
            spelt = _passport(spelt).upper()
        case Romanisation.modified:
            spelt = _modified(spelt)
    return spelt.replace(BORDER, "")


def _spelt(part: str, syllables: dict[str, str]) -> str:
    marks = {"ッ": "Q", "ン": "N", "ー": "H"}
    return marks.get(part) or syllables.get(part) or syllables.get(part.translate(SMALL)) or part


def _passport(spelt: str) -> str:
    spelt = re.sub(r"N(?=\|?[bmp])", "m", spelt).replace("N", "n").replace("H", "")
    # オウ is long everywhere; オオ is not at the end: SATO, ONO, but SENOO, TAKATOO.
    spelt = re.sub(r"o+u[ou]*|o+(?=\|?[a-z])", "o", spelt)
    return re.sub(r"u+", "u", spelt)


def _modified(spelt: str) -> str:
    spelt = re.sub(r"N(?=\|?[aiueoy])", "n'", spelt).replace("N", "n")
    spelt = re.sub(r"([aiueo])H+", lambda found: _MACRONS[found[1]], spelt).replace("H", "ー")
    return re.sub(r"o[ou]", "ō", spelt).replace("uu", "ū")
