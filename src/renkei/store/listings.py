"""Keeping the listing of the records up to date: what lists go by, behind every load.

An index on the record tables themselves makes a first delivery three times slower. So the listing
is a table of its own, filled after the load in the order it is read, item by item, while the node
serves; until it is done a list goes through the records instead. `renkei.store.lists` reads it.
"""

from collections.abc import Sequence

from renkei.kit import Connection, Tenant, metered, queries
from renkei.standard import Entity
from renkei.store.listing_statements import add_to_listing, keep_listed
from renkei.store.merging import set_for
from renkei.store.selections import BETWEEN_PARTS, listed_items

sql = queries("renkei.store")

FOR_SORTING = {"work_mem": "64MB"}


@metered("database")
def index_lists(conn: Connection, tenant: Tenant, entity: Entity) -> str | None:
    """Bring the listing of one item up to the last load and return its name; None if all are.

    One call is one step and belongs into one transaction; call again until it returns None. A
    load may commit meanwhile: what it brought is known later than what this step takes.
    """
    about = {"tenant": tenant, "entity": entity.name}
    conn.execute(sql.one_listing_at_a_time, about)
    items = {item.id: item for item in listed_items(entity)}
    behind = conn.execute(sql.listings_behind, {**about, "items": list(items)}).fetchone()
    if behind is None:
        return None
    number, since, until = behind
    step = {"tenant": tenant, "item": number, "since": since, "until": until}
    with set_for(conn, FOR_SORTING):
        conn.execute(add_to_listing(entity, items[number], first=since is None), step)
    conn.execute(sql.keep_listed, step)
    return items[number].name


def unlist(conn: Connection, tenant: Tenant, entity: Entity, keys: Sequence[Sequence[str]]) -> int:
    """Take out of the listing what removed versions alone had there; return how many rows went.

    Whoever removes records or versions calls this afterwards, in the same transaction. A step that
    has not yet committed what it saw before the removal is waited for.
    """
    items = {item.id: item for item in listed_items(entity)}
    if not items or not keys:
        return 0
    conn.execute(sql.one_listing_at_a_time, {"tenant": tenant, "entity": entity.name})
    about = {
        "tenant": tenant,
        "items": list(items),
        "keys": [BETWEEN_PARTS.join(key) for key in keys],
        "firsts": sorted({key[0] for key in keys}),
    }
    gone = conn.execute(sql.unlist, about).rowcount
    for number, until in conn.execute(sql.listed_until, about).fetchall():
        step = {**about, "item": number, "until": until}
        gone -= conn.execute(keep_listed(entity, items[number]), step).rowcount
    return gone
