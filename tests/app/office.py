"""The office of A市 without a site, and what its units are told, for the tests of subscriptions."""

from datetime import timedelta

import msgspec
from tests.store.asking import SEAL
from tests.store.rows import NOW, TOWN, Row, resident

from renkei import audit, exchange, law, standard, store
from renkei.app.disclosure import subscriptions
from renkei.app.disclosure.permission import Office
from renkei.exchange import outbox
from renkei.kit import Connection

APPROVED = {"approval_state": "2"}
SEARCH = "01/person_search"
HERE = exchange.member("JP", "MUN", TOWN)
URL = "http://127.0.0.1:9/changes"


def office(known: standard.Catalogue | None = None) -> Office:
    table = law.provision_table() if known is None else law.table_of(known)
    catalogue = known or standard.catalogue()
    return Office(TOWN, "municipality", audit.Mode.TEST, HERE, table, catalogue, SEAL)


def approved(number: int, **changes: str) -> Row:
    return resident(number, **APPROVED | changes)


def wanted(*items: str, unit: str = "15", with_protected: bool = False) -> store.Subscription:
    """Return a subscription of a unit to residents, by default to their names and addresses."""
    known = office()
    interface = known.interface(SEARCH)
    procedure = known.procedure(unit, interface)
    return store.Subscription(unit, SEARCH, procedure, items or ("name", "address"), with_protected)


def begin(conn: Connection, one: store.Subscription, since: int = 0, url: str = URL) -> None:
    decision = subscriptions.subscribe(
        conn, office(), one, url, since=store.Position(since), at=NOW
    )
    assert decision, decision


def serve_all(conn: Connection, one: store.Subscription, known: Office | None = None) -> int:
    """Serve until nothing is left; return how many letters were put."""
    letters = 0
    while True:
        served = subscriptions.serve(conn, known or office(), one, at=NOW)
        letters += served.letters
        if not served.events or served.refused:
            return letters


def notices(conn: Connection, name: str) -> list[subscriptions.Notice]:
    """Take the letters that wait for a destination and return what they say."""
    found = []
    later = NOW + timedelta(days=1000)
    for claim in outbox.claim(conn, TOWN, at=later, until=NOW, seal=SEAL, limit=1000):
        if claim.destination == name:
            outbox.taken(conn, TOWN, claim, claim.letters)
            found += [
                msgspec.json.decode(letter.body, type=subscriptions.Notice)
                for letter in claim.letters
            ]
    return found


def told(conn: Connection, one: store.Subscription, known: Office | None = None) -> list[str]:
    """Serve a subscription and return, for each event, whose it is and what became of it."""
    serve_all(conn, one, known)
    return [
        f"{int(event.key['register_number'][:-1])} {event.became.value}"
        for notice in notices(conn, one.name)
        for event in notice.events
    ]
