"""Who asks in the tests: a unit of the town with its permit, an occasion, linkage codes."""

from datetime import timedelta

from tests.store.rows import DAY, NOW, TOWN, Row, day, file, register_number

from renkei import audit, identity, law, store
from renkei.identity.group import hash_to_group
from renkei.kit import Connection
from renkei.standard import Entity, catalogue

OUTSIDER = catalogue().entity("unregistered_person")
PROTECTION = catalogue().entity("protection")
ADDRESSEE_PROTECTION = catalogue().entity("addressee_protection")
SEAL = identity.Seal(bytes(range(32)))
SEARCH = catalogue().interface("01", "person_search")
OCCASION = store.Occasion(request="JP/town/1", at=NOW, mode=audit.Mode.TEST, purpose="見本の審査")


def permit(*items: str, service: str = "person_search", unit: str = "15") -> law.Permit:
    """Return the leave of a unit of the town to read these items of an interface (or all)."""
    interface = catalogue().interface("22" if service == "unregistered" else "01", service)
    entity = catalogue().entity(interface.entity)
    provision = next(p for p in catalogue().basis(interface) if p.asker_unit == unit)
    found = [entity.item(name) for name in items or interface.items]
    asked = law.Request.in_house(
        *(TOWN, "municipality", unit, provision.procedure),
        information=provision.information,
        items=(item.id for item in found if item is not None),
    )
    decided = law.decide(asked, law.provision_table(), DAY)
    assert isinstance(decided, law.Permit), decided
    return decided


def nym(number: int) -> identity.Nym:
    return identity.Nym(TOWN, 1, hash_to_group(str(number).encode()))


def give_codes(conn: Connection, *numbers: int) -> None:
    """Give persons their linkage codes."""
    codes = [(register_number(number), nym(number)) for number in numbers]
    assert identity.keep_codes(conn, TOWN, codes, seal=SEAL) == []


def outsider(number: int, **changes: str) -> Row:
    """Return a valid unregistered person, with some items changed."""
    return {
        "register_number": register_number(number),
        "person_kind": "1",
        "name": f"見本　{number}号",
        "kana": "ミホン　ゴウ",
        "address": "見本町二丁目",
        "registration_reason": "課税",
        "registration_affair": "固定資産税",
        "valid_since": "2020-04-01",
        "protected": "0",
    } | changes


def protection(number: int, **changes: str) -> Row:
    """Return a protection in force of a resident, with some items changed."""
    return {
        "register_number": register_number(number),
        "protection_number": f"{number:010d}",
        "protection_role": "1",
        "protection_reason": "1",
        "protection_state": "2",
        "provisional_protection": "0",
        "valid_since": "2026-01-01",
        "valid_until": "2026-12-31",
    } | changes


def load(conn: Connection, entity: Entity, *rows: Row, on: int = 0) -> None:
    """Load these rows as the whole of an entity, on and as of that many days after the first."""
    at = NOW + timedelta(days=on)
    loaded = store.load(
        conn, TOWN, entity, file(entity, rows), on=day(on), at=at, allow_ending=True
    )
    assert loaded.outcome is store.Outcome.loaded, loaded.findings.kept


def chain(conn: Connection, number: int, *, seal: identity.Seal = SEAL) -> identity.Chain:
    """Return where entries about a person go now."""
    return identity.history_of(conn, TOWN, register_number(number), seal=seal).current
