"""The definitions of the standard as values: units, entities, items, code lists, interfaces.

These structs are the meta-schema: a catalogue file that does not fit them is a finding. Every
definition says where it comes from: `provenance` tells whether its name and meaning were read in
the `source` (verified) or are a proposal of this reference model (proposed).
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1)]
# Names become columns and tables: PostgreSQL cuts at 63, and `store_…_history` is added.
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=48)]
UnitNumber = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{2}$")]


class Provenance(StrEnum):
    """Whether the name and meaning of a definition were read in its source."""

    verified = "verified"
    proposed = "proposed"


class ItemType(StrEnum):
    """How a value is written; `rules` holds the grammar of each type."""

    text = "text"
    kana = "kana"
    digits = "digits"
    number = "number"
    date = "date"
    uncertain_date = "uncertain_date"
    year = "year"
    month = "month"
    code = "code"
    register_number = "register_number"
    personal_number = "personal_number"
    organisation_code = "organisation_code"
    postal_code = "postal_code"
    address_code = "address_code"
    flag = "flag"
    relationship = "relationship"


class Handling(StrEnum):
    """Which duty of care an item carries, and so whether it may ever leave its organisation."""

    personal = "personal"  # 個人情報
    tax = "tax"  # 税務情報: 地方税法22条
    hidden = "hidden"  # 項目ごとの権限がなければ表示しない: 本籍, 筆頭者, 支援措置
    own_number = "own_number"  # 宛名番号, 世帯番号: 団体の外では意味を持たない
    personal_number = "personal_number"  # 個人番号
    resident_record_code = "resident_record_code"  # 住民票コード

    @property
    def may_travel(self) -> bool:
        """Tell whether an interface may carry such an item to another organisation."""
        return self in {Handling.personal, Handling.tax}


class Timing(StrEnum):
    """When an interface answers: at once, on an event, or in a batch."""

    immediate = "immediate"
    event = "event"
    batch = "batch"


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every definition says about itself; each one names its fields in its own order."""


class Item(Definition, frozen=True, kw_only=True):
    """One data item (データ項目): a column of a table, a member of a message."""

    id: Text
    name: Name
    ja: Text
    en: Text
    type: ItemType
    digits: Annotated[int, msgspec.Meta(ge=1)] | None
    required: bool
    code_list: str | None
    handling: Handling
    external_characters: bool
    provenance: Provenance
    source: Text


class Entity(Definition, frozen=True, kw_only=True):
    """One kind of record: its key, the item that names the person, its items in file order."""

    name: Name
    unit: UnitNumber
    ja: Text
    en: Text
    key: tuple[str, ...]
    subject: str
    items: tuple[Item, ...]
    provenance: Provenance
    source: Text

    def item(self, name: str) -> Item | None:
        """Return the item of that English name, or None."""
        return next((item for item in self.items if item.name == name), None)


class CodeValue(Definition, frozen=True, kw_only=True):
    """One value of a code list, with the first and the last day it may be used."""

    value: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Z]{1,8}$")]
    ja: Text
    en: Text
    since: date
    until: date | None = None
    provenance: Provenance
    source: Text


class CodeList(Definition, frozen=True, kw_only=True):
    """A code list (コード辞書); a value that was retired is never used again for something else."""

    id: Name
    ja: Text
    en: Text
    values: tuple[CodeValue, ...]
    provenance: Provenance
    source: Text

    def on(self, day: date) -> tuple[CodeValue, ...]:
        """Return the values that may be used on a day."""
        return tuple(v for v in self.values if in_force(v.since, v.until, day))

    def label(self, value: str, language: Literal["ja", "en"] = "ja") -> str | None:
        """Return what a value means, retired or not; None where the list never held it."""
        for known in self.values:
            if known.value == value:
                return known.ja if language == "ja" else known.en
        return None


class Function(Definition, frozen=True, kw_only=True):
    """One function of a unit (機能): a leaf offers services or is internal."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(\.[0-9]+)*$")]
    ja: Text
    en: Text
    services: tuple[str, ...] = ()
    internal: bool = False


class Unit(Definition, frozen=True, kw_only=True):
    """One business unit (業務ユニット): its number, its laws, what it does."""

    id: UnitNumber
    name: Name
    ja: Text
    en: Text
    laws: tuple[str, ...] = ()
    since: date
    until: date | None = None
    functions: tuple[Function, ...]
    provenance: Provenance
    source: Text


class Information(Definition, frozen=True, kw_only=True):
    """The name under which the law lists what an interface carries (特定個人情報名)."""

    code: Annotated[str, msgspec.Meta(pattern=r"^TM[0-9]{14}$")]
    ja: Text
    en: Text
    provenance: Provenance
    source: Text


class Parameter(Definition, frozen=True, kw_only=True):
    """A placeholder of an interface's path and the key item it stands for."""

    name: Name
    item: str


class Interface(Definition, frozen=True, kw_only=True):
    """A service one unit offers to others: path, items, consumers, the legal name of the content.

    The subject is never part of the path; it travels as a linkage code.
    """

    unit: UnitNumber
    service: Name
    ja: Text
    en: Text
    method: Literal["GET"]
    path: str
    parameters: tuple[Parameter, ...] = ()
    entity: str
    items: tuple[str, ...]
    consumers: tuple[str, ...]
    timing: Timing
    information: Information
    since: date
    until: date | None = None
    provenance: Provenance
    source: Text

    @property
    def name(self) -> str:
        """Return how procedures and functions refer to it, e.g. `06/income`."""
        return f"{self.unit}/{self.service}"


class Procedure(Definition, frozen=True, kw_only=True):
    """A procedure (手続) of an affair (事務) and the interfaces it may ask."""

    code: Annotated[str, msgspec.Meta(pattern=r"^JT[0-9]{14}$")]
    affair: Annotated[str, msgspec.Meta(pattern=r"^JM[0-9]{14}$")]
    unit: UnitNumber
    affair_ja: Text
    affair_en: Text
    ja: Text
    en: Text
    asks: tuple[str, ...]
    since: date
    until: date | None = None
    provenance: Provenance
    source: Text


def in_force(since: date, until: date | None, day: date) -> bool:
    """Tell whether a definition may be used on a day; its last day still counts.

    >>> in_force(date(2012, 4, 1), date(2024, 9, 30), date(2024, 9, 30))
    True
    """
    return since <= day and (until is None or day <= until)
