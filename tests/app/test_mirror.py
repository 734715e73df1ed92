"""A receiver that keeps to docs/protocol/changes.md ends up with what the node holds.

The node promises letters at least once and, after a failure, out of order; the receiver's three
rules (RK-12.1 to RK-12.3) are all it needs against that.
"""

from collections.abc import Iterable

import pytest
from tests.app.office import office, wanted
from tests.app.receiver import Receiver, receiver
from tests.app.test_courier import deliver, load, now, subscribed, waiting
from tests.store.rows import TOWN

from renkei.app.disclosure import subscriptions
from renkei.app.disclosure.subscriptions import Notice
from renkei.exchange import outbox
from renkei.kit import Database

__all__ = ["subscribed"]  # the fixture

Held = dict[str, str | None]


def mirrored(notices: Iterable[Notice], *, by_position: bool = True) -> Held:
    """Follow letters, each id taken once (RK-12.1), as a unit would; return names by number."""
    held: Held = {}
    known: dict[str, int] = {}
    for notice in notices:
        for event in notice.events:
            number = event.key["register_number"]
            if by_position and known.get(number, 0) > event.position:
                continue  # RK-12.2: something later is known of it
            known[number] = event.position
            if event.values is None:
                held.pop(number, None)  # RK-12.3: also where it was never known
            else:
                held[number] = str(event.values["name"])
    return held


def held_here(database: Database) -> Held:
    with database.transaction(TOWN) as conn:
        rows = conn.execute("SELECT register_number, name FROM store_resident").fetchall()
    return dict(rows)


def happen(database: Database) -> None:
    """Let records come, change and go, each load in a letter of its own."""
    for n, numbers in enumerate([(71, 72), (71, 72, 73), (72, 73), (71, 72), (72, 74)]):
        load(database, *numbers, name=f"見本{n}")
        with database.transaction(TOWN) as conn:
            subscriptions.serve(conn, office(), wanted(), at=now())


@pytest.mark.clause("RK-12.1", "RK-12.2", "RK-12.3")
def test_a_receiver_that_keeps_the_three_rules_has_what_the_node_has(database, subscribed):
    """The first letter is taken but never acknowledged, the second put aside and sent last."""
    with receiver(lambda: None, 204, 422, "half", 500) as unit:
        name = subscribed(unit)
        happen(database)
        deliver(database, lambda: waiting(database).dead == 1)
        with database.transaction(TOWN) as conn:
            assert outbox.resend(conn, TOWN, name, at=now()) == 1
        deliver(database, lambda: len(unit.taken) == 5)
        check(unit, held_here(database))


def check(unit: Receiver, held: Held) -> None:
    assert len(unit.asked) > len(unit.taken)  # some came twice
    positions = [event.position for notice in unit.taken.values() for event in notice.events]
    assert positions != sorted(positions)  # and not in their order
    assert mirrored(unit.taken.values()) == held
    assert mirrored(unit.taken.values(), by_position=False) != held
