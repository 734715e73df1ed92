"""A town with a few families, and extracts that the law permits or not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.app.seat import AT
from tests.store.asking import PROTECTION, nym, protection
from tests.store.rows import (
    ALLOWANCE,
    RESIDENT,
    TOWN,
    Row,
    allowance,
    day,
    file,
    register_number,
    resident,
)

from renkei import audit, identity, kit, store
from renkei.app.disclosure.extracting import Bureau
from renkei.app.site import Site
from renkei.standard import Entity, catalogue
from renkei.store import extracts
from renkei.store.extracts import Column, Extract, Join, Query, Source

PROCEDURE = "JT99000000001501"  # 児童手当の認定請求
PURPOSE = "児童手当の現況確認"
FAMILIES = [(1, 11), (2, 12), (3, 13), (4, 14), (4, 15)]


def bureau(site: Site) -> Bureau:
    return Bureau(lambda: site.desk, site.database, catalogue(), site.keys.seal())


def settle(site: Site) -> None:
    """Load families, of whom the parent 2 and the child 13 are protected; give codes to all."""
    numbers = sorted({n for family in FAMILIES for n in family})
    codes = [(register_number(number), nym(number)) for number in numbers]
    with site.database.transaction(TOWN) as conn:
        keep(conn, RESIDENT, [resident(n, protected="1" if n == 2 else "0") for n in numbers])
        keep(conn, PROTECTION, [protection(13)])
        keep(conn, ALLOWANCE, [allowance(*family) for family in FAMILIES])
        identity.keep_codes(conn, TOWN, codes, seal=site.keys.seal())


def keep(conn: kit.Connection, entity: Entity, rows: Sequence[Row], on: int = 0) -> None:
    report = store.load(
        conn,
        TOWN,
        entity,
        file(entity, rows),
        on=day(on),
        at=AT + timedelta(days=on - 99),
        allow_ending=True,
    )
    assert report.outcome is store.Outcome.loaded, report.findings.kept


def query(*more: str, **changes: Any) -> Query:
    """Return what unit 15 may read: its own allowances, and when the children were born."""
    columns = (
        "child_allowance.register_number",
        "child_allowance.child_number",
        "child.birth_date",
    )
    return Query(
        leading=Source(entity="child_allowance"),
        joins=(
            Join(
                entity="resident",
                alias="child",
                to="child_allowance",
                pairs=(("child_number", "register_number"),),
            ),
        ),
        columns=tuple(Column(item=item) for item in (*columns, *more)),
        **changes,
    )


def saved(bureau: Bureau, asked: Query, name: str = "現況", *, approve: bool = True) -> Extract:
    """Save a query past the law's first look, and approve it."""
    asker = bureau.asker("15", PROCEDURE, PURPOSE)
    with bureau.database.transaction(TOWN) as conn:
        version = extracts.save(conn, name, asked, asker=asker, by="1002", at=AT)
        found = extracts.find(conn, TOWN, name, version)
        if approve:
            extracts.approve(conn, TOWN, found, by="1003", at=AT)
        return extracts.find(conn, TOWN, name, version)


def entries(database: kit.Database) -> list[audit.Entry]:
    """Return the entries that wait for the sequencer, in their order, and forget them."""
    with database.transaction(TOWN) as conn:
        rows = conn.execute("SELECT core, label, q FROM audit_outbox ORDER BY q").fetchall()
    found = [(replace(audit.Leaf(core).entry(), label=label), q) for core, label, q in rows]
    last = SEEN.get(id(database), -1)
    SEEN[id(database)] = max([last, *(q for _, q in found)])
    return [entry for entry, q in found if q > last]


SEEN: dict[int, int] = {}
