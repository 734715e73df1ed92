"""Named SQL: every statement stands in a room's `sql/queries.sql`; Python holds none."""

import re
from functools import cache
from importlib.resources import files


class Queries:
    """The statements of one room, as attributes under their names."""

    def __init__(self, statements: dict[str, bytes]) -> None:
        """Take name → statement; use `queries` to read them from a room."""
        self._statements = statements

    def __getattr__(self, name: str) -> bytes:
        """Return the statement of that name, as bytes for psycopg."""
        try:
            return self._statements[name]
        except KeyError:
            raise AttributeError(f"no query named {name}") from None

    def names(self) -> list[str]:
        """Return the names, in the order of the file."""
        return list(self._statements)


@cache
def queries(room: str) -> Queries:
    """Read the queries of a room, e.g. `queries("renkei.store")`.

    >>> queries("renkei.kit").names()[0]
    'create_table'
    """
    text = (files(room) / "sql" / "queries.sql").read_text(encoding="utf-8")
    blocks = re.split(r"^-- name: (\w+)\s*$", text, flags=re.MULTILINE)[1:]
    return Queries(
        {name: body.strip().encode() for name, body in zip(blocks[::2], blocks[1::2], strict=True)}
    )
