"""How a clerk writes the same thing another way: kana, addresses, digits."""

import re
import unicodedata

from renkei.kit import personal_number_ok
from renkei.standard.synthetic.dice import Dice

LARGE = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ")
SMALL = {"ツ": "ッ", "ヤ": "ャ", "ユ": "ュ", "ヨ": "ョ"}
LONG = (
    *(("オオ", "オウ"), ("オウ", "オオ"), ("ウウ", "ウー"), ("オウ", "オ")),
    *(("ョウ", "ョオ"), ("ュウ", "ュー"), ("コウ", "コー"), ("ユウ", "ユー")),
)
VOICELESS = {
    c: unicodedata.normalize("NFD", c)[0]
    for c in "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポ"
}
ALIKE = {"ヅ": "ズ", "ヂ": "ジ", "ズ": "ヅ", "ジ": "ヂ"}
KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
KANJI_DIGITS = "〇一二三四五六七八九"
TRIES = 200


def resized(kana: str, dice: Dice) -> str:
    """Return a reading with small kana written large, or one large written small."""
    if kana != (large := kana.translate(LARGE)):
        return large
    places = [n for n, c in enumerate(kana) if n and c in SMALL]
    if not places:
        return kana
    place = dice.pick(places)
    return _put(kana, place, SMALL[kana[place]])


def lengthened(kana: str, dice: Dice) -> str:
    """Return a reading with a long vowel written another way."""
    fitting = [(old, new) for old, new in LONG if old in kana]
    if not fitting:
        return kana
    old, new = dice.pick(fitting)
    return kana.replace(old, new, 1)


def unvoiced(kana: str, dice: Dice) -> str:
    """Return a reading with 濁点 left out, or ヅ for ズ."""
    places = [n for n, c in enumerate(kana) if c in VOICELESS]
    if not places:
        return kana
    place = dice.pick(places)
    letter = kana[place]
    new = ALIKE[letter] if letter in ALIKE and dice.chance(0.5) else VOICELESS[letter]
    return _put(kana, place, new)


def kana_miswritten(kana: str, dice: Dice) -> str:
    """Return a reading with one letter wrong, left out or two swapped."""
    if len(kana) < 2:
        return kana
    place = dice.below(len(kana) - 1)
    match dice.below(3):
        case 0:
            return _put(kana, place, dice.pick(KANA))
        case 1:
            return kana[:place] + kana[place + 1 :]
        case _:
            return kana[:place] + kana[place + 1] + kana[place] + kana[place + 2 :]


def other_address_form(address: str, dice: Dice) -> str:
    """Return an address without its prefecture, with house numbers written another way.

    >>> other_address_form("東京都千代田区緑町1丁目2番3号", Dice("an example", 1))
    '千代田区緑町1-2-3'
    """
    short = re.sub(r"^(?:東京都|北海道|京都府|大阪府|[^市区町村郡]{2,3}県)", "", address)
    if dice.chance(0.7):
        return re.sub(r"(\d)(?:丁目|番地|番|号)", r"\1-", short).rstrip("-")
    return re.sub(r"(\d)丁目", lambda found: f"{KANJI_DIGITS[int(found[1])]}丁目", short)


def mistyped_number(number: str, dice: Dice) -> str:
    """Return a 個人番号 in which two digits were swapped or mistyped and the check digit fits."""
    for _ in range(TRIES):
        first, second = dice.below(11), dice.below(11)
        if dice.chance(0.5):
            digits = list(number)
            digits[first], digits[second] = digits[second], digits[first]
            wrong = "".join(digits)
        else:
            wrong = _put(_put(number, first, str(dice.below(10))), second, str(dice.below(10)))
        if wrong != number and personal_number_ok(wrong):
            return wrong
    return number


def _put(text: str, place: int, letter: str) -> str:
    return text[:place] + letter + text[place + 1 :]
