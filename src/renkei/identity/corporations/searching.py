"""Finding corporations by number, name or reading, and the beginning of an address; by pages.

A name is found by any part of it, written or read, without its legal form; by its beginning where
only one letter is given. Pages go by number, and a page begins behind the last number of the one
before: what is assigned or closed meanwhile moves nothing.
"""

from dataclasses import dataclass

from renkei.identity.corporations.folding import Folded, pairs_of
from renkei.identity.corporations.register import Corporation, corporation, of_row
from renkei.identity.errors import SearchEmpty
from renkei.kit import Connection, Tenant, queries

sql = queries("renkei.identity")


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
        found = corporation(conn, tenant, sought.number)
        return Page(() if found is None else (found,), None)
    folded = Folded.of(sought.name, sought.name, sought.address)
    if sought.name and not folded.name:
        raise SearchEmpty
    asked = {
        "tenant": tenant,
        "after": after,
        "closed": sought.closed,
        "limit": limit + 1,
        "address": f"{_literal(folded.address)}%",
    }
    if not sought.name:
        statement = sql.corporations_at
    elif len(folded.name) < 2:
        statement = sql.corporations_beginning
        asked |= {"name": f"{_literal(folded.name)}%", "kana": f"{_literal(folded.kana)}%"}
    else:
        statement = sql.corporations_with
        # A reading that folds to one letter, or to none, would find everybody.
        kana = folded.kana if len(folded.kana) > 1 else folded.name
        asked |= {
            "name": f"%{_literal(folded.name)}%",
            "kana": f"%{_literal(kana)}%",
            "name_pairs": sorted(pairs_of(folded.name)),
            "kana_pairs": sorted(pairs_of(kana)),
        }
    rows = [of_row(*row) for row in conn.execute(statement, asked)]
    shown = tuple(rows[:limit])
    return Page(shown, shown[-1].number if len(rows) > limit else None)


def _literal(text: str) -> str:
    """Return a text that LIKE takes for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
