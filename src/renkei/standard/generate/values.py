"""What every generator asks of the catalogue's values: code values, lengths, what is carried."""

from typing import TypeAlias

from renkei.standard.content import Catalogue
from renkei.standard.grammar import NUMBERS
from renkei.standard.linkage import Interface, Timing
from renkei.standard.model import Item, ItemType, KnownValue

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"

WIDTHS = {
    ItemType.number: 16,  # 15 digits and a sign
    ItemType.date: 10,
    ItemType.datetime: 19,
    ItemType.uncertain_date: 24,  # the longest form, 期間
    ItemType.year: 4,
    ItemType.month: 7,
    **NUMBERS,
    ItemType.flag: 1,
    ItemType.relationship: 27,  # 子(子の夫) four times, joined by の
}
"""The most characters of a value, for the types that do not say it themselves."""


def codes_of(item: Item, standard: Catalogue) -> tuple[KnownValue, ...]:
    """Return the code values of an item of type `code`."""
    return standard.code_list(item.code_list or "").known


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
