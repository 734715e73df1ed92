"""Letters that reached no case: a person looks, and brings them on or sets them aside."""

from datetime import datetime, timedelta

from renkei import kit
from renkei.process.cases import inbox
from renkei.process.cases.inbox import Fate, Incoming
from renkei.process.partners import procedures, register
from renkei.process.partners.errors import LetterUnknown
from renkei.process.partners.receiving import House, reach

AGAIN = timedelta(days=30)
"""How long a letter that somebody brings on waits once more."""


def begin_waiting(conn: kit.Connection, house: House, *, at: datetime, most: int) -> int:
    """Begin cases by letters that came before a definition for them was in force.

    Return how many letters were looked at.
    """
    tenant = house.desk.tenant
    rows = conn.execute(register.sql.letters_to_begin, {"tenant": tenant, "most": most}).fetchall()
    for partner, id_ in rows:
        letter = register.one(conn, tenant, partner, id_, "in")
        if letter is not None:
            _reach(conn, house, letter, at=at)
    return len(rows)


def set_aside(
    conn: kit.Connection, house: House, letter: register.Kept, *, by: str, why: str, at: datetime
) -> None:
    """Be done with a letter that reached no case; LetterUnknown if it is none that waits."""
    tenant = house.desk.tenant
    _check(letter)
    said = {"tenant": tenant, "partner": letter.partner, "id": letter.id, "by": by, "why": why}
    conn.execute(register.sql.settle_letter, said)
    open_ = (Fate.LATE, Fate.EXPIRED, Fate.REFUSED)
    inbox.change(conn, tenant, letter.partner, letter.id, Fate.SETTLED, at=at, before=open_)


def bring_on(
    conn: kit.Connection, house: House, letter: register.Kept, *, at: datetime
) -> register.Kept:
    """Try once more whether a case waits for a letter or begins by it; return how it stands then.

    Whoever has put a definition in force meanwhile, or led a case to where it waits, does this.
    """
    tenant = house.desk.tenant
    _check(letter)
    open_ = (Fate.LATE, Fate.EXPIRED, Fate.REFUSED)
    inbox.change(conn, tenant, letter.partner, letter.id, Fate.WAITING, at=at, before=open_)
    _reach(conn, house, letter, at=at)
    found = register.one(conn, tenant, letter.partner, letter.id, "in")
    assert found is not None  # noqa: S101 # it was found before
    return found


def _reach(conn: kit.Connection, house: House, letter: register.Kept, *, at: datetime) -> None:
    tenant = house.desk.tenant
    procedure = procedures.find(conn, tenant, letter.partner, letter.procedure)
    if procedure is None:
        raise LetterUnknown(letter=letter.id)
    kind = house.known.by_hash(letter.collaboration).letters[letter.name]
    told, name, key, until = inbox.kept_variables(conn, tenant, letter.partner, letter.id)
    incoming = Incoming(letter.partner, letter.id, name, key, told, until)
    reach(conn, house, incoming, kind, procedure, at=at)


def _check(letter: register.Kept) -> None:
    if not letter.is_dead:
        raise LetterUnknown(letter=letter.id)
