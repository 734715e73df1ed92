"""The form a value takes when it enters: one policy for each type of item, every change recorded.

NFKC is right for numbers and dates and wrong for names: even NFC turns U+FA19, another form of 神,
into 神 itself. A name keeps every character as it was notified.
"""

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum

from renkei.standard.characters.changes import Changed, Kind, Replacement
from renkei.standard.characters.kana import CLUSTER as KANA
from renkei.standard.characters.kana import HALF_WIDTH, wide
from renkei.standard.model import ItemType


class Policy(StrEnum):
    """What may happen to a value on its way in."""

    as_notified = "as_notified"  # only a letter and its combining mark become one character
    full_width_kana = "full_width_kana"  # half-width kana become full-width
    half_width = "half_width"  # full-width Latin letters, digits and signs become half-width
    compatibility = "compatibility"  # NFKC; the minus of JIS X 0208 becomes a hyphen-minus


# Nobody notifies more marks on one letter, and Unicode's ordering of them takes their square.
MOST_MARKS = 30
_MARKS = "\u0300-\u036f\u3099\u309a"
_COMPOSED = re.compile(f"[^{_MARKS}][{_MARKS}]+")
_KANA_OR_COMPOSED = re.compile(f"{KANA.pattern}|{_COMPOSED.pattern}")
_FULL_WIDTH = re.compile("[\uff01-\uff5e\u3000]")
_COMPATIBLE = re.compile(f".[{_MARKS}\uff9e\uff9f]*", re.DOTALL)


def policy(item_type: ItemType) -> Policy:
    """Return what may happen to values of a type.

    >>> policy(ItemType.text), policy(ItemType.date)
    (<Policy.as_notified: 'as_notified'>, <Policy.compatibility: 'compatibility'>)
    """
    match item_type:
        case ItemType.text:
            return Policy.as_notified
        case ItemType.kana:
            return Policy.full_width_kana
        case ItemType.latin:
            return Policy.half_width
        case (
            ItemType.digits
            | ItemType.number
            | ItemType.decimal
            | ItemType.date
            | ItemType.datetime
            | ItemType.uncertain_date
            | ItemType.year
            | ItemType.month
            | ItemType.code
            | ItemType.register_number
            | ItemType.personal_number
            | ItemType.corporate_number
            | ItemType.organisation_code
            | ItemType.postal_code
            | ItemType.address_code
            | ItemType.flag
            | ItemType.relationship
        ):
            return Policy.compatibility


def normal_form(text: str, item_type: ItemType) -> Changed:
    r"""Return a value in the form its type is kept in, with every change.

    >>> normal_form("ﾔﾏﾀﾞ", ItemType.kana).text, normal_form("１２−３", ItemType.digits).text
    ('ヤマダ', '12-3')
    >>> normal_form("\ufa19ﾔﾏ", ItemType.text).is_changed
    False
    """
    match policy(item_type):
        case Policy.as_notified:
            return _changed(text, _COMPOSED, _compose)
        case Policy.full_width_kana:
            return _changed(text, _KANA_OR_COMPOSED, _kana)
        case Policy.half_width:
            return _changed(text, _FULL_WIDTH, _compatible)
        case Policy.compatibility:
            if text.isascii():
                return Changed(text)
            return _changed(text, _COMPATIBLE, _compatible)


def _changed(text: str, parts: re.Pattern[str], form: Callable[[str], str]) -> Changed:
    pieces, replacements, end = [], [], 0
    for found in parts.finditer(text):
        before = found[0]
        after = form(before)
        if after != before:
            pieces += [text[end : found.start()], after]
            replacements.append(Replacement(found.start(), before, after, _kind(before)))
            end = found.end()
    return Changed("".join([*pieces, text[end:]]), tuple(replacements))


def _compose(cluster: str) -> str:
    # A base that NFC would replace (compatibility ideographs, Å) is left alone with its marks.
    if len(cluster) > MOST_MARKS or unicodedata.normalize("NFC", cluster[0]) != cluster[0]:
        return cluster
    return unicodedata.normalize("NFC", cluster)


def _kana(cluster: str) -> str:
    return wide(cluster) if KANA.fullmatch(cluster) else _compose(cluster)


def _compatible(cluster: str) -> str:
    if len(cluster) > MOST_MARKS:
        return cluster
    return unicodedata.normalize("NFKC", cluster).replace("\u2212", "-")


def _kind(before: str) -> Kind:
    if re.search(f"[{HALF_WIDTH}]|{_FULL_WIDTH.pattern}", before):
        return Kind.width
    return Kind.composition if len(before) > 1 else Kind.compatibility
