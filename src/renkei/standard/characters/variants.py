"""異体字: variation selectors (IVS) and characters that are another form of a common one.

A register keeps what was notified. Folding is for two purposes only, each with its record: writing
for a system that has fewer characters (`forms`), and finding a person whose name somebody typed
in another form (`fold` for comparing). `variants.tsv` says of each pair whether it is one
character in two forms (variant) or two characters that people mix up (confusable).
"""

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from renkei.standard.characters.changes import Changed, Kind, Replacement
from renkei.standard.characters.charsets import CELL_NAMES
from renkei.standard.characters.errors import VariantsDamaged

# VS1-16 choose standard variants (CJK compatibility forms), VS17-256 those of the IVD: IVS.
SELECTORS = tuple(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
COMPATIBILITY_IDEOGRAPHS = tuple(
    c
    for c in map(chr, (*range(0xF900, 0xFB00), *range(0x2F800, 0x2FA20)))
    if unicodedata.decomposition(c)
)
_SEQUENCE = re.compile(f"(.)([{''.join(SELECTORS)}])", re.DOTALL)
COLUMNS = ["character", "folds_to", "kind", "provenance", "source"]


@dataclass(frozen=True, slots=True)
class Variant:
    """One line of the table: a character, the common one, and where the pair comes from."""

    character: str
    folds_to: str
    kind: Kind
    provenance: str
    source: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """A base character and the selector that chooses one of its forms."""

    position: int
    base: str
    selector: str

    @property
    def number(self) -> int:
        """Return the number of the selector, e.g. 17 for VS17, the first of the IVD."""
        code = ord(self.selector)
        return code - 0xFE00 + 1 if code < 0xFE10 else code - 0xE0100 + 17


@cache
def table() -> tuple[Variant, ...]:
    """Return the lines of `variants.tsv`."""
    text = (files("renkei.standard.characters") / "variants.tsv").read_text(encoding="utf-8")
    return read_table(text)


def read_table(text: str) -> tuple[Variant, ...]:
    """Parse a table of variants and refuse one in which a fold would not end."""
    rows = csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    variants: dict[str, Variant] = {}
    for line, row in enumerate(rows, 1):
        if line == 1:
            if row != COLUMNS:
                raise VariantsDamaged(line=1, reason="the columns are others")
            continue
        if len(row) != len(COLUMNS) or row[2] not in {Kind.variant, Kind.confusable}:
            raise VariantsDamaged(line=line, reason="it has another number of cells or kind")
        variant = Variant(row[0], row[1], Kind(row[2]), row[3], row[4])
        if len(row[0]) != 1 or len(row[1]) != 1 or row[0] in variants:
            raise VariantsDamaged(line=line, reason="it is no pair of characters, or a second one")
        if _leads_to(row[1], row[0], variants):
            raise VariantsDamaged(line=line, reason="the fold runs in a circle")
        variants[row[0]] = variant
    return tuple(variants.values())


def _leads_to(start: str, end: str, variants: Mapping[str, Variant]) -> bool:
    while start != end and start in variants:
        start = variants[start].folds_to
    return start == end


@cache
def forms() -> Mapping[str, str]:
    r"""Return character → nearest common form, one step each; the mapping for `encode`.

    Selectors go; a compatibility ideograph becomes the ideograph Unicode equates it with.

    >>> forms()["髙"], forms()["\U000e0100"], forms().get("斉")
    ('高', '', None)
    """
    steps = dict.fromkeys(SELECTORS, "")
    steps |= {c: unicodedata.normalize("NFC", c) for c in COMPATIBILITY_IDEOGRAPHS}
    steps |= {v.character: v.folds_to for v in table() if v.kind is Kind.variant}
    return MappingProxyType(steps)


@cache
def _likenesses() -> Mapping[str, str]:
    pairs = {v.character: v.folds_to for v in table()}
    return MappingProxyType({**forms(), **pairs, **CELL_NAMES})


@cache
def _kinds() -> Mapping[str, Kind]:
    kinds = dict.fromkeys(SELECTORS, Kind.selector)
    kinds |= dict.fromkeys(COMPATIBILITY_IDEOGRAPHS, Kind.compatibility)
    kinds |= dict.fromkeys(CELL_NAMES, Kind.twin)
    return MappingProxyType(kinds | {v.character: v.kind for v in table()})


def kind_of(before: str, after: str) -> Kind:
    """Return why a character became another: by this table, else by one that was given."""
    return _kinds()[before] if _end(before, after) else Kind.given


def _end(before: str, after: str) -> bool:
    while before != after and before in forms():
        before = forms()[before]
    return before == after


def sequences(text: str) -> tuple[Sequence, ...]:
    r"""Return every base character with a selector.

    >>> [(s.base, s.number) for s in sequences("葛\U000e0100城")]
    [('葛', 17)]
    """
    return tuple(Sequence(s.start(), s[1], s[2]) for s in _SEQUENCE.finditer(text))


def without_selectors(text: str) -> Changed:
    """Return the base characters alone, with a record of each selector that went."""
    return _replaced(text, dict.fromkeys(SELECTORS, ""))


def fold_forms(text: str) -> Changed:
    """Return the text in common forms; characters that are merely alike stay.

    >>> fold_forms("﨑山").text, fold_forms("斉藤").text
    ('崎山', '斉藤')
    """
    return _replaced(text, forms())


def fold_to_compare(text: str) -> Changed:
    """Return what two spellings of one name have in common; never to be stored or shown.

    >>> {fold_to_compare(name).text for name in ("渡邊", "渡邉", "渡辺")}
    {'渡辺'}
    """
    return _replaced(text, _likenesses())


def _replaced(text: str, steps: Mapping[str, str]) -> Changed:
    known = steps.keys() & set(text)
    if not known:
        return Changed(text)
    ends = {c: _last(c, steps) for c in known}
    parts = [ends.get(c, c) for c in text]
    replacements = tuple(
        Replacement(position, c, ends[c], _kinds()[c])
        for position, c in enumerate(text)
        if c in ends
    )
    return Changed("".join(parts), replacements)


def _last(character: str, steps: Mapping[str, str]) -> str:
    while character in steps:
        character = steps[character]
    return character
