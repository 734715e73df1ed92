"""The definitions of the standard as values: units, entities, items, code lists.

These structs are the meta-schema: a catalogue file that does not fit them is a finding. Every
definition says where it comes from: `provenance` tells whether its name and meaning were read in
the `source` (verified) or are a proposal of this reference model (proposed). What units exchange
stands in `linkage`, what must hold between the items of a record in `row_rules`.
"""

from datetime import date
from enum import StrEnum
from functools import cached_property
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
    latin = "latin"
    digits = "digits"
    number = "number"
    decimal = "decimal"
    date = "date"
    datetime = "datetime"
    uncertain_date = "uncertain_date"
    year = "year"
    month = "month"
    code = "code"
    register_number = "register_number"
    personal_number = "personal_number"
    corporate_number = "corporate_number"
    organisation_code = "organisation_code"
    postal_code = "postal_code"
    address_code = "address_code"
    flag = "flag"
    relationship = "relationship"


class Care(StrEnum):
    """The four classes of care (取扱区分) people speak of; `Handling` is finer."""

    ordinary = "ordinary"  # 個人情報でない
    personal = "personal"  # 個人情報
    specific = "specific"  # 特定個人情報
    restricted = "restricted"  # 取扱制限


class Handling(StrEnum):
    """Which duty of care an item carries, and so whether it may ever leave its organisation."""

    ordinary = "ordinary"  # 個人に関しない情報
    personal = "personal"  # 個人情報
    sensitive = "sensitive"  # 要配慮個人情報: 障害, 病歴, 保護の受給 など
    tax = "tax"  # 税務情報: 地方税法22条
    hidden = "hidden"  # 項目ごとの権限がなければ表示しない: 本籍, 筆頭者, 支援措置
    own_number = "own_number"  # 宛名番号, 世帯番号: 団体の外では意味を持たない
    personal_number = "personal_number"  # 個人番号
    resident_record_code = "resident_record_code"  # 住民票コード

    @property
    def may_travel(self) -> bool:
        """Tell whether an interface may carry such an item to another organisation."""
        return self.care in {Care.ordinary, Care.personal} and self is not Handling.own_number

    @property
    def care(self) -> Care:
        """Return the class of care, one of four."""
        match self:
            case Handling.ordinary:
                return Care.ordinary
            case Handling.personal_number:
                return Care.specific
            case Handling.hidden | Handling.resident_record_code:
                return Care.restricted
            case Handling.personal | Handling.sensitive | Handling.tax | Handling.own_number:
                return Care.personal


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every definition says about itself; each one names its fields in its own order."""


class Item(Definition, frozen=True, kw_only=True):
    """One data item (データ項目): a column of a table, a member of a message.

    `digits` is the length of text, kana, latin and digits, and of a decimal its whole part, whose
    `decimals` follow the point. `example` is a value somebody might meet; no real person has it.
    """

    id: Text
    name: Name
    ja: Text
    en: Text
    type: ItemType
    digits: Annotated[int, msgspec.Meta(ge=1, le=4000)] | None
    decimals: Annotated[int, msgspec.Meta(ge=1, le=9)] | None = None
    required: bool
    code_list: str | None
    handling: Handling
    external_characters: bool
    example: str | None = None
    since: date
    until: date | None = None
    provenance: Provenance
    source: Text


class Relation(Definition, frozen=True, kw_only=True):
    """A record of this entity names one of another: `items` hold the other's key."""

    to: str
    items: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Entity(Definition, frozen=True, kw_only=True):
    """One kind of record: its key, the item that names the person, its items in file order.

    `subject` is the key item that holds the 宛名番号 of the person or body a record is about, if it
    is about one. `migration_file` numbers the file of the migration layout (移行ファイル).
    """

    name: Name
    unit: UnitNumber
    ja: Text
    en: Text
    key: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    subject: str | None = None
    relations: tuple[Relation, ...] = ()
    migration_file: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}$")] | None = None
    items: tuple[Item, ...]
    since: date
    until: date | None = None
    provenance: Provenance
    source: Text

    def item(self, name: str) -> Item | None:
        """Return the item of that English name, or None."""
        return next((item for item in self.items if item.name == name), None)


class CodeValue(Definition, frozen=True, kw_only=True):
    """One value of a code list, with the first and the last day it may be used.

    `successor` is the value of the same list that took its place.
    """

    value: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Z]{1,8}$")]
    ja: Text
    en: Text
    since: date
    until: date | None = None
    successor: str | None = None
    provenance: Provenance
    source: Text


class KnownValue(msgspec.Struct, frozen=True, dict=True):
    """One value of a code list, once, with every span of days it may be used in."""

    value: str
    ja: str
    en: str
    spans: tuple[tuple[date, date | None], ...]

    def label(self, language: Literal["ja", "en"]) -> str:
        """Return what the value means."""
        return self.ja if language == "ja" else self.en

    def is_in_force(self, on: date) -> bool:
        """Tell whether the value may be used on a day."""
        return any(in_force(since, until, on) for since, until in self.spans)

    @property
    def is_retired(self) -> bool:
        """Tell whether the value has a last day; old records keep it."""
        return None not in (until for _, until in self.spans)

    @cached_property
    def period(self) -> str:
        """Return the spans as text, e.g. `2012-04-01～2020-03-31`."""
        return "、".join(f"{since}～{until or ''}" for since, until in self.spans)


class CodeList(Definition, frozen=True, kw_only=True, dict=True):
    """A code list (コード辞書); a value that was retired is never used again for something else.

    `group` is `common` or the number of the unit it belongs to; `number` and `outside_name` are
    what the source calls it, where it has a name there.
    """

    id: Name
    group: str
    ja: Text
    en: Text
    number: str | None = None
    outside_name: str | None = None
    values: tuple[CodeValue, ...]
    provenance: Provenance
    source: Text

    @cached_property
    def known(self) -> tuple[KnownValue, ...]:
        """Return the values, each once, retired or not, in the order of the list."""
        known: dict[str, KnownValue] = {}
        for value in self.values:
            before = known[value.value].spans if value.value in known else ()
            spans = (*before, (value.since, value.until))
            known[value.value] = KnownValue(value.value, value.ja, value.en, spans)
        return tuple(known.values())

    def on(self, day: date) -> tuple[CodeValue, ...]:
        """Return the values that may be used on a day."""
        return tuple(v for v in self.values if in_force(v.since, v.until, day))

    def label(self, value: str, language: Literal["ja", "en"] = "ja") -> str | None:
        """Return what a value means, retired or not; None where the list never held it."""
        for known in self.values:
            if known.value == value:
                return known.ja if language == "ja" else known.en
        return None


class CodePair(Definition, frozen=True, kw_only=True):
    """One line of a mapping: a value of the one list and the value of the other, if it has one."""

    value: str
    maps_to: str | None
    provenance: Provenance
    source: Text


class CodeMapping(Definition, frozen=True, kw_only=True):
    """How the values of one encoding are written in another, e.g. 性別 in ISO 5218.

    Where two values map to one the way back loses something; it then takes the first line.
    """

    id: Name
    ja: Text
    en: Text
    origin: str
    target: str
    pairs: tuple[CodePair, ...]
    migration: bool = False
    provenance: Provenance
    source: Text

    def translate(self, value: str) -> str | None:
        """Return the value of the other list; None where it has none."""
        return next((pair.maps_to for pair in self.pairs if pair.value == value), None)

    def translate_back(self, value: str) -> str | None:
        """Return the first value that maps to this one."""
        return next((pair.value for pair in self.pairs if pair.maps_to == value), None)


class Function(Definition, frozen=True, kw_only=True):
    """One function of a unit (機能) in the tree (DMM) that its id spells, e.g. 1.2 under 1.

    A leaf offers services, asks those of others (`asks`) or is internal; `entities` are those it
    keeps. Its provenance and its days are those of its unit.
    """

    id: Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(\.[0-9]+)*$")]
    ja: Text
    en: Text
    services: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    internal: bool = False


class Subunit(Definition, frozen=True, kw_only=True):
    """A part of a unit that may be delivered alone (サブユニット)."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{2}-[A-Z]$")]
    ja: Text
    en: Text
    entities: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Standardised(StrEnum):
    """Whether today's law on standard systems (標準化法) covers the affair of a unit."""

    full = "full"  # 標準化対象20業務
    part = "part"  # 税業務などの中に含まれる
    common = "common"  # 共通機能
    none = "none"


class Unit(Definition, frozen=True, kw_only=True):
    """One business unit (業務ユニット): its number, its laws, what it does, who came after it."""

    id: UnitNumber
    name: Name
    ja: Text
    en: Text
    says_ja: Text
    says_en: Text
    laws: tuple[str, ...] = ()
    standardised: Standardised = Standardised.none
    subunits: tuple[Subunit, ...] = ()
    functions: tuple[Function, ...]
    since: date
    until: date | None = None
    successors: tuple[UnitNumber, ...] = ()
    provenance: Provenance
    source: Text


class Term(Definition, frozen=True, kw_only=True):
    """The same notion in an outside vocabulary (IMI, GIF), where that was verified."""

    definition: Text
    scheme: Text
    term: Text
    relation: Literal["exact", "close", "broader", "narrower"]
    provenance: Provenance
    source: Text


def in_force(since: date, until: date | None, day: date) -> bool:
    """Tell whether a definition may be used on a day; its last day still counts.

    >>> in_force(date(2012, 4, 1), date(2024, 9, 30), date(2024, 9, 30))
    True
    """
    return since <= day and (until is None or day <= until)
