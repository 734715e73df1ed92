"""Who is protected (支援措置): asked before a value of a person is listed, shown or handed on.

The rules of the standard say which records withhold a person, and from which use; here they become
one question about many register numbers. It is always asked about today, whatever day the values
are of: a protection counts from the moment it is known, and back over the past.

To whom may not see them a protected person and an absent one look the same. So nothing here is an
error, and nothing here is written to a log.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cache

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from renkei.kit import Connection, Tenant, metered
from renkei.standard import (
    BeWithheldFrom,
    Catalogue,
    Entity,
    Item,
    ItemType,
    Rule,
    Use,
    When,
    catalogue,
)

DAYS = frozenset({ItemType.date, ItemType.datetime})


def names_person(item: Item) -> bool:
    """Tell a 宛名番号 from a 世帯番号, which is written alike."""
    return item.type is ItemType.register_number and item.name != "household_number"


def naming(entity: Entity, told: Iterable[str]) -> tuple[str, ...]:
    """Return the items by which a record names persons to whoever is told some of its items.

    The subject, and whoever's number is told. A record without a subject (世帯, 避難者 …) is about
    everybody whose number it holds, told or not: their names may stand beside it.
    """
    told = set(told)
    numbers = [
        item.name
        for item in entity.items
        if names_person(item) and (entity.subject is None or item.name in told)
    ]
    return tuple(dict.fromkeys([*([entity.subject] if entity.subject else []), *numbers]))


def persons_named(items: Iterable[str], values: Mapping[str, object]) -> tuple[str, ...]:
    """Return the persons whom the values of these items name."""
    return tuple(str(number) for name in items if (number := values.get(name)) is not None)


@metered("database")
def protected(
    conn: Connection,
    tenant: Tenant,
    persons: Collection[str],
    *,
    on: date,
    use: Use = Use.listing,
    standard: Catalogue | None = None,
) -> frozenset[str]:
    """Return who of these register numbers is withheld from a use, `on` being today.

    Who has left counts as last known; a state that a unit delivered before its day counts at once
    if it protects, and only on its day if it does not.
    """
    statement = withheld_persons(standard or catalogue(), use, on)
    if statement is None or not persons:
        return frozenset()
    asked = {"tenant": tenant, "persons": list(persons), "on": on}
    return frozenset(person for (person,) in conn.execute(statement, asked))


@metered("database")
def all_protected(
    conn: Connection,
    tenant: Tenant,
    *,
    on: date,
    use: Use = Use.listing,
    standard: Catalogue | None = None,
) -> frozenset[str]:
    """Return everyone who is withheld from a use, `on` being today: few, in any town."""
    statement = withheld_persons(standard or catalogue(), use, on, among_all=True)
    if statement is None:
        return frozenset()
    asked = {"tenant": tenant, "on": on}
    return frozenset(person for (person,) in conn.execute(statement, asked))


@cache
def withheld_persons(
    standard: Catalogue, use: Use, on: date, *, among_all: bool = False
) -> bytes | None:
    """Return the statement for the persons that rules in force on a day withhold from a use."""
    parts = [
        part
        for entity in standard.entities
        if entity.subject is not None and (rules := _rules(standard, entity, use, on))
        for part in _parts(entity, entity.subject, rules, among_all=among_all)
    ]
    return SQL(" UNION ").join(parts).as_bytes() if parts else None


def _rules(standard: Catalogue, entity: Entity, use: Use, on: date) -> list[Rule]:
    return [
        rule
        for rule in standard.rules_of(entity.name, on)
        if isinstance(rule.then, BeWithheldFrom) and use in rule.then.uses
    ]


def _parts(entity: Entity, subject: str, rules: list[Rule], *, among_all: bool) -> list[Composed]:
    person = Identifier(subject)
    asked = SQL("true") if among_all else SQL("{} = ANY (%(persons)s::text[])").format(person)
    names: dict[str, Composable] = {
        "person": person,
        "asked": asked,
        "current": Identifier(f"store_{entity.name}"),
        "history": Identifier(f"store_{entity.name}_history"),
        "withheld": SQL(" OR ").join(_meets(entity, rule) for rule in rules),
    }
    now = SQL(
        "SELECT {person} FROM {current} WHERE tenant = %(tenant)s AND {asked} AND ({withheld})"
    ).format(**names)
    # Ends on a later day than today: what follows was delivered before its day.
    still = SQL(
        "SELECT {person} FROM {history} WHERE tenant = %(tenant)s"
        " AND {asked} AND valid_from <= %(on)s AND valid_to > %(on)s"
        " AND ({withheld})"
    ).format(**names)
    if entity.key != (subject,):
        return [now, still]
    last = SQL(
        "SELECT {person} FROM ("
        " SELECT DISTINCT ON ({person}) * FROM {history} AS old WHERE tenant = %(tenant)s"
        "  AND {asked} AND NOT EXISTS ("
        "   SELECT FROM {current} AS held"
        "    WHERE held.tenant = %(tenant)s AND held.{person} = old.{person})"
        "  ORDER BY {person}, valid_to DESC, known_to DESC, known_from DESC) AS last"
        " WHERE {withheld}"
    ).format(**names)
    return [now, still, last]


def _meets(entity: Entity, rule: Rule) -> Composable:
    conditions = [part for one in rule.when for part in _conditions(entity, one)]
    return SQL("({})").format(SQL(" AND ").join(conditions or [SQL("true")]))


def _conditions(entity: Entity, one: When) -> list[Composable]:
    """Return a condition in SQL; a day of an end that is still to come has not come yet."""
    name, item = Identifier(one.item), entity.item(one.item)
    parts: list[Composable] = []
    if one.one_of:
        parts.append(SQL("{}::text = ANY ({})").format(name, Literal(list(one.one_of))))
    if one.filled is True:
        parts.append(SQL("{} IS NOT NULL").format(name))
    if one.filled is False and item is not None and item.type in DAYS:
        parts.append(SQL("({} IS NULL OR {} > %(on)s)").format(name, name))
    elif one.filled is False:
        parts.append(SQL("{} IS NULL").format(name))
    return parts
