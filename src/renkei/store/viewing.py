"""Viewing in the house (庁内の閲覧): look-ups and lists for a unit that the law permits to see.

Each view is released and entered in one transaction. Protected persons (支援措置) are shown only to
whoever has the right to, and shows it; to all others they are as if nobody had ever registered
them: the same answer, the same page, the same error. A list never says how many it left out, since
two lists that overlap would tell by the difference who it was.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import msgspec

from renkei import identity, kit
from renkei.kit import Connection, Tenant, read_json
from renkei.law import Permit
from renkei.standard import Entity
from renkei.store.disclosure import Occasion, Release, disclose, disclose_each
from renkei.store.errors import CursorStrange, SelectionNotPermitted
from renkei.store.identification import NEEDED, Checked, Claim, compare
from renkei.store.lists import Cursor, Key, Listed, find, list_records
from renkei.store.lookup import read_many
from renkei.store.protection import naming, persons_named, protected
from renkei.store.release import Plain, permitted, plain
from renkei.store.selections import Selection, bounds

TABLE = "store_listing"
PERSONAL_NUMBER = "personal_number"


@dataclass(frozen=True, slots=True)
class Viewing:
    """What all views of one kind share: the permit, the records, the day, the right to see all."""

    tenant: Tenant
    permit: Permit
    entity: Entity
    on: date
    known: datetime | None = None
    unlocked: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One look-up of a record by its key, on its occasion."""

    key: str
    occasion: Occasion


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of a list as it leaves; `after` is sealed and gives the next page, if there is one."""

    records: tuple[dict[str, Plain], ...]
    after: str
    indexed: bool


def view_each(
    conn: Connection, viewing: Viewing, asks: Sequence[Ask], *, seal: identity.Seal
) -> dict[Ask, dict[str, Plain] | None]:
    """Return the record of each key, of an entity whose key is one item, or None; enter each."""
    tenant, entity = viewing.tenant, viewing.entity
    names = permitted(viewing.permit, tenant, entity)
    keys = sorted({ask.key for ask in asks})
    people = naming(entity, names)
    read = _read(names, people)
    records = read_many(conn, tenant, entity, keys, read, on=viewing.on, known=viewing.known)
    found = {key: Listed((key,), record) for key, record in records.items()}
    today = kit.day_of(asks[0].occasion.at) if asks else viewing.on
    hidden = _hidden(conn, viewing, people, [*found.values()], today)
    shown = {
        ask: _plain(found[ask.key], names)
        if ask.key in found and (ask.key,) not in hidden
        else None
        for ask in asks
    }
    # That somebody looked for a protected person stands in that person's sealed chain.
    releases = [
        Release(
            _persons(people, found[ask.key]) if ask.key in found else (),
            0 if shown[ask] is None else 1,
            ask.occasion,
        )
        for ask in asks
    ]
    disclose_each(conn, viewing.permit, releases, tenant=tenant, seal=seal)
    return shown


def view_by(
    conn: Connection,
    viewing: Viewing,
    item: str,
    value: str,
    *,
    occasion: Occasion,
    seal: identity.Seal,
) -> tuple[dict[str, Plain], ...]:
    """Return the records whose item has this value, by the key or another item; enter it."""
    tenant, entity = viewing.tenant, viewing.entity
    names = _names(viewing, item)
    people = naming(entity, names)
    read = _read(names, people)
    found = find(conn, tenant, entity, item, value, read, on=viewing.on, known=viewing.known)
    today = kit.day_of(occasion.at)
    hidden = _hidden(conn, viewing, people, found, today)
    shown = [one for one in found if one.key not in hidden]
    _enter(conn, viewing, people, shown or found, len(shown), occasion, seal)
    return tuple(_plain(one, names) for one in shown)


def identify(
    conn: Connection,
    viewing: Viewing,
    number: str,
    claim: Claim,
    *,
    occasion: Occasion,
    seal: identity.Seal,
) -> Checked:
    """Check the four basic items against who has a personal number here; enter how it ended.

    No value leaves. Whoever may not be seen is not held, as in every view.
    """
    tenant, entity = viewing.tenant, viewing.entity
    names = _names(viewing, PERSONAL_NUMBER)
    for item in NEEDED:
        if item not in names:
            raise SelectionNotPermitted(entity=entity.name, item=item)
    people = naming(entity, names)
    read = _read(names, people)
    found = find(
        conn, tenant, entity, PERSONAL_NUMBER, number, read, on=viewing.on, known=viewing.known
    )
    hidden = _hidden(conn, viewing, people, found, kit.day_of(occasion.at))
    shown = [one for one in found if one.key not in hidden]
    checked = compare(claim, [plain(one.record) for one in shown])
    ended = {"check": checked.check.value, "differs": ",".join(checked.differs)}
    told = replace(occasion, details={**occasion.details, **ended})
    _enter(conn, viewing, people, shown or found, len(shown), told, seal)
    return checked


def enter_unproven(
    conn: Connection,
    viewing: Viewing,
    why: identity.Unproven,
    *,
    occasion: Occasion,
    seal: identity.Seal,
) -> None:
    """Enter that a card proved nobody: nothing was looked up, and it is about no person."""
    ended = {"check": "unproven", "reason": why.value}
    told = replace(occasion, details={**occasion.details, **ended})
    _enter(conn, viewing, (), (), 0, told, seal)


def view_list(
    conn: Connection,
    viewing: Viewing,
    selection: Selection,
    *,
    after: str = "",
    limit: int = 100,
    occasion: Occasion,
    seal: identity.Seal,
) -> Shown:
    """Return the next page of a list, and enter it with an entry for each person on it."""
    tenant, entity = viewing.tenant, viewing.entity
    names = _names(viewing, selection.item)
    people = naming(entity, names)
    listing = bounds(entity, selection).item.id
    begin = _opened(after, tenant, listing, seal) if after else None
    today = kit.day_of(occasion.at)
    page = list_records(
        conn,
        tenant,
        entity,
        selection,
        _read(names, people),
        on=viewing.on,
        known=viewing.known,
        after=begin,
        limit=limit,
        leave_out=lambda found: _hidden(conn, viewing, people, found, today),
    )
    _enter(conn, viewing, people, page.records, len(page.records), occasion, seal)
    more = "" if page.after is None else _closed(page.after, tenant, listing, seal)
    return Shown(tuple(_plain(one, names) for one in page.records), more, page.indexed)


def _names(viewing: Viewing, item: str) -> tuple[str, ...]:
    """Return the permitted names; what is looked by must be one, or the number the asker holds."""
    names = permitted(viewing.permit, viewing.tenant, viewing.entity)
    if item not in names and viewing.entity.key[0] != item:
        raise SelectionNotPermitted(entity=viewing.entity.name, item=item)
    return names


def _read(names: Sequence[str], people: Sequence[str]) -> tuple[str, ...]:
    """Return what is read of a record: what may be shown, and whom that names."""
    return tuple(dict.fromkeys((*names, *people)))


def _plain(one: Listed, names: Sequence[str]) -> dict[str, Plain]:
    """Return of a record what may be shown."""
    whole = plain(one.record)
    return {name: whole[name] for name in names}


def _persons(people: Sequence[str], one: Listed) -> tuple[str, ...]:
    """Return whom a record names in the items that name people, each once."""
    return tuple(dict.fromkeys(persons_named(people, one.record.values)))


def _hidden(
    conn: Connection, viewing: Viewing, people: Sequence[str], found: Sequence[Listed], today: date
) -> frozenset[Key]:
    """Return the keys of records that name a protected person, unless the asker may see them."""
    if viewing.unlocked:
        return frozenset()
    named = {one.key: _persons(people, one) for one in found}
    everyone = {person for persons in named.values() for person in persons}
    out = protected(conn, viewing.tenant, everyone, on=today)
    return frozenset(key for key, persons in named.items() if not out.isdisjoint(persons))


def _enter(
    conn: Connection,
    viewing: Viewing,
    people: Sequence[str],
    about: Collection[Listed],
    records: int,
    occasion: Occasion,
    seal: identity.Seal,
) -> None:
    disclose(
        conn,
        viewing.permit,
        {person for one in about for person in _persons(people, one)},
        tenant=viewing.tenant,
        records=records,
        occasion=occasion,
        seal=seal,
    )


def _closed(cursor: Cursor, tenant: Tenant, listing: str, seal: identity.Seal) -> str:
    """Seal a cursor: it holds a value and a key that the asker may have no permit for."""
    text = msgspec.json.encode([cursor.value, *cursor.key])
    sealed = seal.close(text, TABLE, tenant.encode(), listing.encode())
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def _opened(text: str, tenant: Tenant, listing: str, seal: identity.Seal) -> Cursor:
    try:
        sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        plain_text = seal.open(sealed, TABLE, tenant.encode(), listing.encode())
    except (ValueError, identity.SealBroken):
        raise CursorStrange(after=text[:12]) from None
    value, *key = read_json(plain_text, list[str])
    return Cursor(value, tuple(key))
