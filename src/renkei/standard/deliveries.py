"""What a file of differences (差分) looks like: an entity's records, each with what became of it.

A snapshot (全件) states every record of an entity on a day. A difference states the records that
changed since the delivery before, and is numbered, so that a missing or repeated one is noticed.
Each of its rows is a whole record with one more item before it: added, amended or removed. A row
that removes a record states its last values.
"""

from datetime import date
from enum import StrEnum

from msgspec.structs import replace

from renkei.standard.model import Entity, Handling, Item, ItemType, Provenance


class DeliveryChange(StrEnum):
    """The values of the code list `delivery_change` (異動区分)."""

    added = "1"
    amended = "2"
    removed = "3"


CHANGE = Item(
    id="00-0-001",
    name="delivery_change",
    ja="異動区分",
    en="What became of the record",
    type=ItemType.code,
    digits=None,
    required=True,
    code_list="delivery_change",
    handling=Handling.personal,
    external_characters=False,
    since=date(2012, 4, 1),
    provenance=Provenance.proposed,
    source="renkei 参照モデル",
)


def difference_of(entity: Entity) -> Entity:
    """Return the entity as a file of differences has it: with the item 異動区分 before the others.

    >>> from renkei.standard import catalogue
    >>> [item.name for item in difference_of(catalogue().entity("income")).items][:2]
    ['delivery_change', 'register_number']
    """
    return replace(entity, items=(CHANGE, *entity.items))
