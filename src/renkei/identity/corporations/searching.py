"""Finding corporations by number, name or reading, and the beginning of an address; by pages.

A name is found by any part of it, written or read, without its legal form; by its beginning where
only one letter is given. Pages go by number, and a page begins behind the last number of the one
before: what is assigned or closed meanwhile moves nothing.
"""

import re
from dataclasses import dataclass

from renkei.identity.corporations.corporation import Corporation, of_row
from renkei.identity.corporations.folding import Folded, pairs_of
from renkei.identity.corporations.register import registered
from renkei.identity.errors import SearchEmpty
from renkei.kit import Connection, Tenant, queries

sql = queries("renkei.identity")

_IDEOGRAPH = re.compile("[\u3400-\u9fff]")
LAST = "\U0010ffff"
"""No text that begins with some letters comes after them and this one."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for; what is empty does not matter. `closed` finds those closed, too."""

    number: str = ""
    name: str = ""
    address: str = ""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some corporations in the order of their numbers, and behind which number the next page is."""

    corporations: tuple[Corporation, ...]
    after: str | None


def search(
    conn: Connection, tenant: Tenant, sought: Sought, *, after: str = "", limit: int = 50
) -> Page:
    """Return a page of what is looked for."""
    if sought.number:
        found = registered(conn, tenant, sought.number)
        return Page(() if found is None else (found,), None)
    folded = Folded.of(sought.name, sought.name, sought.address)
    if sought.name and not folded.name:
        raise SearchEmpty
    asked: dict[str, object] = {
        "tenant": tenant,
        "after": after,
        "closed": sought.closed,
        "limit": limit + 1,
        "address": folded.address,
        "address_end": folded.address + LAST,
        "address_like": f"{_literal(folded.address)}%",
    }
    if not sought.name:
        statement = sql.corporations_at
    elif len(folded.name) < 2:
        statement = sql.corporations_beginning
        kana = folded.kana or folded.name
        asked |= {"name": folded.name, "name_end": folded.name + LAST}
        asked |= {"kana": kana, "kana_end": kana + LAST}
    else:
        statement = sql.corporations_with
        asked |= _looked_for(conn, tenant, "name", folded.name)
        # What is no reading, or folds to less than two letters, is looked for as written alone.
        kana = folded.kana if len(folded.kana) > 1 and not _IDEOGRAPH.search(sought.name) else ""
        asked |= _looked_for(conn, tenant, "kana", kana)
    rows = [of_row(*row) for row in conn.execute(statement, asked)]
    shown = tuple(rows[:limit])
    return Page(shown, shown[-1].number if len(rows) > limit else None)


def _looked_for(conn: Connection, tenant: Tenant, what: str, text: str) -> dict[str, object]:
    """Return how a text is looked for: the pair of its letters that leads to the fewest, and it."""
    facts = {"tenant": tenant, "pairs": sorted(pairs_of(text))}
    row = conn.execute(sql.rarest_pair, facts).fetchone()
    return {what: f"%{_literal(text)}%", f"{what}_pair": row[0] if row else ""}


def _literal(text: str) -> str:
    """Return a text that LIKE takes for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
