"""Keeping the listing of the records up to date: what lists go by, behind every load.

An index on the record tables themselves makes a first delivery three times slower. So the listing
is a table of its own, filled after the load in the order it is read, item by item, while the node
serves; until it is done a list goes through the records instead. `renkei.store.lists` reads it.
"""

import json
from collections.abc import Sequence

from renkei.kit import Connection, Tenant, metered, queries
from renkei.standard import Entity
from renkei.store.listing_statements import add_to_listing
from renkei.store.merging import set_for
from renkei.store.selections import LISTED, listed_item

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
    items = list(LISTED.get(entity.name, ()))
    behind = conn.execute(sql.listings_behind, {**about, "items": items}).fetchone()
    if behind is None:
        return None
    name, since, until = behind
    item, _ = listed_item(entity, name)
    step = {**about, "item": name, "since": since, "until": until}
    with set_for(conn, FOR_SORTING):
        conn.execute(add_to_listing(entity, item), step)
    conn.execute(sql.keep_listed, step)
    return item.name


def unlist(conn: Connection, tenant: Tenant, entity: Entity, keys: Sequence[Sequence[str]]) -> int:
    """Take erased records out of the listing, by their keys; return how many rows it had.

    Whoever erases the records and their history calls this in the same transaction.
    """
    erased = {"tenant": tenant, "entity": entity.name, "keys": json.dumps([[*k] for k in keys])}
    return conn.execute(sql.unlist, erased).rowcount
