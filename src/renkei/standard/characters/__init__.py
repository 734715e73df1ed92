"""Characters: what comes in, what is kept, what a system with fewer characters gets to see.

Purpose: names arrive in many charsets and leave for systems that know fewer characters; this is
where each step is taken, and recorded. Also readings (kana, romaji) and 和暦.
Words: *normal form* (how a type of item is kept), *variant* (異体字), *twin* (one cell of
JIS X 0208 under two names), *external character* (外字), *replacement*, *damage*.
Promise: a stored name keeps every character as notified, selectors (IVS) and compatibility
ideographs included; nothing is replaced, dropped or guessed without a record of where and why.
Pure: no clock, no database, no network; what is given back depends on what is given alone.
"""

from renkei.standard.characters.changes import (
    Changed,
    Damage,
    Kind,
    Replacement,
    Unrepresentable,
)
from renkei.standard.characters.charsets import Charset, can_write, charset
from renkei.standard.characters.comparing import (
    body_reading_to_compare,
    body_to_compare,
    name_to_compare,
    reading_to_compare,
)
from renkei.standard.characters.encodings import GETA, Decoded, Encoded, decode, encode
from renkei.standard.characters.eras import ERAS, Era, era_of
from renkei.standard.characters.errors import (
    CharsetUnknown,
    EraCodeUnknown,
    EraUnknown,
    VariantsDamaged,
)
from renkei.standard.characters.external import (
    ExternalCharacter,
    external_characters,
    from_windows_code,
)
from renkei.standard.characters.fitting import Fitted, fitted
from renkei.standard.characters.kana import (
    fold_to_find,
    full_width,
    half_width,
    hiragana,
    katakana,
)
from renkei.standard.characters.normal_form import Policy, normal_form, policy
from renkei.standard.characters.romaji import Romanisation, romaji
from renkei.standard.characters.variants import (
    Sequence,
    Variant,
    fold_forms,
    fold_to_compare,
    forms,
    sequences,
    without_selectors,
)
from renkei.standard.characters.wareki import (
    Day,
    EraDate,
    NoSuchDay,
    Reading,
    Unreadable,
    Why,
    from_coded,
    from_wareki,
    to_wareki,
)

__all__ = [
    "ERAS",
    "GETA",
    "Changed",
    "Charset",
    "CharsetUnknown",
    "Damage",
    "Day",
    "Decoded",
    "Encoded",
    "Era",
    "EraCodeUnknown",
    "EraDate",
    "EraUnknown",
    "ExternalCharacter",
    "Fitted",
    "Kind",
    "NoSuchDay",
    "Policy",
    "Reading",
    "Replacement",
    "Romanisation",
    "Sequence",
    "Unreadable",
    "Unrepresentable",
    "Variant",
    "VariantsDamaged",
    "Why",
    "body_reading_to_compare",
    "body_to_compare",
    "can_write",
    "charset",
    "decode",
    "encode",
    "era_of",
    "external_characters",
    "fitted",
    "fold_forms",
    "fold_to_compare",
    "fold_to_find",
    "forms",
    "from_coded",
    "from_wareki",
    "from_windows_code",
    "full_width",
    "half_width",
    "hiragana",
    "katakana",
    "name_to_compare",
    "normal_form",
    "policy",
    "reading_to_compare",
    "romaji",
    "sequences",
    "to_wareki",
    "without_selectors",
]
