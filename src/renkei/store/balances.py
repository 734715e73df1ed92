"""Balancing the records against the book of loads: what came in and went out is what is held."""

from collections.abc import Iterator
from dataclasses import dataclass

from renkei.kit import Connection, Tenant, queries
from renkei.standard import Catalogue
from renkei.store.statements import count_records

sql = queries("renkei.store")


@dataclass(frozen=True, slots=True)
class Balance:
    """How many records of an entity are held, and how many the book says there are."""

    entity: str
    loads: int
    held: int
    booked: int


def balances(conn: Connection, tenant: Tenant, standard: Catalogue) -> Iterator[Balance]:
    """Yield a balance for every entity that was ever loaded."""
    for name, loads, booked in conn.execute(sql.booked, {"tenant": tenant}).fetchall():
        held = conn.execute(count_records(standard.entity(name)), {"tenant": tenant}).fetchone()
        yield Balance(name, loads, held[0] if held else 0, booked)
