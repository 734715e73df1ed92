"""A reader of the feed in the tests: it loads, pages, and keeps a copy of the records."""

from collections.abc import Iterator

from psycopg.sql import SQL, Identifier
from tests.store.rows import ALLOWANCE, RESIDENT, TOWN, Row, day, file, hour

from renkei import store
from renkei.kit import Connection
from renkei.standard import Entity
from renkei.store import Became, Position

Records = dict[tuple[str, tuple[str, ...]], dict[str, store.Value] | None]


def load(conn: Connection, entity: Entity, *rows: Row, at: int) -> None:
    report = store.load(
        conn, TOWN, entity, file(entity, rows), on=day(at), at=hour(at), allow_ending=True
    )
    assert report.outcome is not store.Outcome.blocked, report.findings


def pages(
    conn: Connection, start: Position, limit: int, *entities: str
) -> Iterator[store.FeedPage]:
    """Yield every page from a position to the end."""
    while True:
        page = store.changes_since(conn, TOWN, start, limit=limit, entities=entities)
        yield page
        start = page.after
        if not page.events:
            return


def held(conn: Connection) -> Records:
    """Read the current records plainly, key as text."""
    found: Records = {}
    for entity in (RESIDENT, ALLOWANCE):
        names = [item.name for item in entity.items]
        for row in conn.execute(
            SQL("SELECT {} FROM {} WHERE tenant = %s").format(
                SQL(", ").join(map(Identifier, names)), Identifier(f"store_{entity.name}")
            ),
            [TOWN],
        ):
            values = dict(zip(names, row, strict=True))
            found[entity.name, tuple(str(values[name]) for name in entity.key)] = values
    return found


def replay(conn: Connection, records: Records, page: store.FeedPage) -> None:
    """Apply a page to a copy."""
    for entity in (RESIDENT, ALLOWANCE):
        events = [event for event in page.events if event.entity == entity.name]
        for changed in store.changed_records(conn, TOWN, entity, events):
            key = entity.name, changed.event.key
            if changed.event.became is Became.gone:
                del records[key]
            else:
                assert (key in records) is (changed.event.became is Became.changed)
                records[key] = changed.values
