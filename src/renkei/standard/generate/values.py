"""What every generator asks of the catalogue's values: code values, lengths, what is carried."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from renkei.standard.content import Catalogue
from renkei.standard.linkage import Interface, Timing
from renkei.standard.model import CodeList, Item, ItemType, in_force

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"

WIDTHS = {
    ItemType.number: 16,  # 15 digits and a sign
    ItemType.date: 10,
    ItemType.datetime: 19,
    ItemType.uncertain_date: 24,  # the longest form, 期間
    ItemType.year: 4,
    ItemType.month: 7,
    ItemType.register_number: 15,
    ItemType.personal_number: 12,
    ItemType.corporate_number: 13,
    ItemType.organisation_code: 6,
    ItemType.postal_code: 7,
    ItemType.address_code: 11,
    ItemType.flag: 1,
    ItemType.relationship: 27,  # 子(子の夫) four times, joined by の
}
"""The most characters of a value, for the types that do not say it themselves."""


@dataclass(frozen=True, slots=True)
class KnownValue:
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
        return all(until is not None for _, until in self.spans)

    @property
    def period(self) -> str:
        """Return the spans as text, e.g. `2012-04-01～2020-03-31`."""
        return "、".join(f"{since}～{until or ''}" for since, until in self.spans)


def known_values(codes: CodeList) -> tuple[KnownValue, ...]:
    """Return the values of a code list, each once, retired or not, in the order of the list."""
    known: dict[str, KnownValue] = {}
    for value in codes.values:
        before = known[value.value].spans if value.value in known else ()
        spans = (*before, (value.since, value.until))
        known[value.value] = KnownValue(value.value, value.ja, value.en, spans)
    return tuple(known.values())


def codes_of(item: Item, standard: Catalogue) -> tuple[KnownValue, ...]:
    """Return the code values of an item of type `code`."""
    return known_values(standard.code_list(item.code_list or ""))


def carried_items(interface: Interface, standard: Catalogue) -> tuple[Item, ...]:
    """Return the items an interface carries, in the order of the entity."""
    carried = frozenset(interface.items)
    return tuple(i for i in standard.entity(interface.entity).items if i.name in carried)


def message_items(interface: Interface, standard: Catalogue) -> tuple[Item, ...]:
    """Return what a record of a notice holds: the key that names it, and what is carried."""
    entity = standard.entity(interface.entity)
    told = frozenset((*entity.key, *interface.items))
    return tuple(item for item in entity.items if item.name in told)


def key_items(interface: Interface, standard: Catalogue) -> tuple[Item, ...]:
    """Return what names one record in a request: the subject, then the parameters."""
    entity = standard.entity(interface.entity)
    names = [parameter.item for parameter in interface.parameters]
    if entity.subject is not None and entity.subject not in names:
        names.insert(0, entity.subject)
    found = (entity.item(name) for name in names)
    return tuple(item for item in found if item is not None)


def notices(interface: Interface) -> tuple[Timing, ...]:
    """Return the timings in which an interface sends unasked: on an event, in a batch."""
    return tuple(timing for timing in interface.timings if timing is not Timing.immediate)
