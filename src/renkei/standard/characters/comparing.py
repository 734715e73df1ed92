"""What names of people and bodies have in common however written; compared, never shown."""

import re
import unicodedata

from renkei.standard.characters.kana import fold_to_find
from renkei.standard.characters.variants import fold_to_compare

BODY_FORMS = (
    *("株式会社", "有限会社", "合同会社", "合資会社", "合名会社"),
    *("一般社団法人", "一般財団法人", "公益社団法人", "公益財団法人"),
    *("社会福祉法人", "医療法人", "学校法人", "宗教法人", "特定非営利活動法人"),
    *("(株)", "(有)", "(同)", "(医)", "(福)", "(学)"),
)
BODY_READINGS = (
    *("カブシキガイシャ", "カブシキカイシャ", "ユウゲンガイシャ", "ユウゲンカイシャ"),
    *("ゴウドウガイシャ", "ゴウシガイシャ", "ゴウメイガイシャ", "カ)", "ユ)", "ド)", "(カ", "(ユ"),
)
_FORM = re.compile("|".join(map(re.escape, BODY_FORMS)))
_READING = re.compile("|".join(map(re.escape, BODY_READINGS)))
_BLANK = re.compile(r"\s+")


def name_to_compare(name: str) -> str:
    """Return a written name to compare.

    >>> name_to_compare("髙橋"), name_to_compare("Ｓｍｉｔｈ")
    ('高橋', 'SMITH')
    """
    return _BLANK.sub("", fold_to_compare(unicodedata.normalize("NFKC", name)).text.upper())


def reading_to_compare(kana: str) -> str:
    """Return a reading to compare; what is no kana (a foreign name in Latin letters) is kept."""
    return fold_to_find(unicodedata.normalize("NFKC", kana)).upper()


def body_to_compare(name: str) -> str:
    """Return the name of a body without its legal form.

    >>> body_to_compare("㈱見本建設") == body_to_compare("見本建設　株式会社")
    True
    """
    return name_to_compare(_FORM.sub("", unicodedata.normalize("NFKC", name)))


def body_reading_to_compare(kana: str) -> str:
    """Return the reading of a body's name without that of its legal form."""
    return reading_to_compare(_READING.sub("", unicodedata.normalize("NFKC", kana)))
