"""What a unit of the own house may be told: asked of the law, and told only as the rules allow.

Whoever tells changes to a unit comes through here: the feed's door and the subscriptions.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from renkei import audit, exchange, federation, identity, kit, law, standard, store
from renkei.app.membership.keys import Keys
from renkei.app.settings import Settings
from renkei.app.site import read_desk, site_standard
from renkei.standard import judgement


@dataclass(frozen=True, slots=True)
class Office:
    """The house as one that tells its own units: by which law, which standard, in which mode."""

    tenant: kit.Tenant
    kind: str
    mode: audit.Mode
    address: exchange.Member
    provisions: law.ProvisionTable
    catalogue: standard.Catalogue
    seal: identity.Seal

    @classmethod
    def of(cls, settings: Settings, desk: federation.Desk | None = None) -> Self:
        """Open the office of a site."""
        known = desk or read_desk(settings)
        return cls(
            known.tenant,
            federation.KINDS[known.me.member_class],
            audit.Mode(known.mode),
            known.members.address(known.tenant),
            known.provisions,
            site_standard(settings),
            Keys(settings.keys, settings.tenant).seal(),
        )

    def new_id(self) -> str:
        """Return a new message id."""
        return exchange.new_id(self.address.instance)

    def interface(self, name: str) -> standard.Interface:
        """Return an interface by its name, e.g. `01/person_search`."""
        unit, _, service = name.partition("/")
        return self.catalogue.interface(unit, service)

    def request(
        self, unit: str, interface: standard.Interface, procedure: str, items: Sequence[str]
    ) -> law.Request:
        """Return what the law is asked: may a unit be told these items, and what names a record.

        The subject's own number is no item of the request: it says whom the message is about, as
        the subject does in a question.
        """
        entity = self.catalogue.entity(interface.entity)
        numbers = {item.name: item.id for item in entity.items}
        key = [name for name in entity.key if name != entity.subject]
        for name in items:
            if name not in numbers:
                raise store.ItemNotInEntity(entity=entity.name, item=name[:48])
        return law.Request.in_house(
            *(self.tenant, self.kind, unit, procedure),
            information=interface.information.code,
            items=(numbers[name] for name in dict.fromkeys((*key, *items))),
        )

    def procedure(self, unit: str, interface: standard.Interface) -> str:
        """Return the procedure for which the law lets a unit use an interface; empty without."""
        rows = (row for row in self.catalogue.basis(interface) if row.holder_kind == standard.OWN)
        return next((row.procedure for row in rows if row.asker_unit == unit), "")

    def decide(self, request: law.Request, on: date) -> law.Permit | law.Refusal:
        """Ask the law."""
        with kit.metered("law"):
            return law.decide(request, self.provisions, on)


@dataclass(frozen=True, slots=True)
class Leaving:
    """Which of some records may leave, and of which the person is withheld."""

    records: list[store.Changed]
    withheld: list[store.Withheld]


def leaving(
    conn: kit.Connection,
    office: Office,
    entity: standard.Entity,
    events: Sequence[store.Event],
    items: Sequence[str],
    *,
    on: date,
    with_protected: bool = False,
) -> Leaving:
    """Return the records of events, of which the given items are to be told, that may be told of.

    A record that names a withheld person is left out; so is one the rules do not let leave, or
    that is no longer kept, unless it was erased by order, which whoever was told must follow. Of
    those no trace is needed: an approval is a change.
    """
    naming = store.naming(entity, (*items, *entity.key))
    needed = (*items, *naming, *_looked_at(office, entity, on))
    changed = store.changed_records(
        conn, office.tenant, entity, events, tuple(dict.fromkeys(needed))
    )
    found = [one for one in changed if _may_leave(office, entity, one, on)]
    named = [persons_in(entity, naming, one) for one in found]
    everyone = {person for persons in named for person in persons}
    out = withheld_persons(conn, office, everyone, on=on, with_protected=with_protected)
    return Leaving(
        [one for one, persons in zip(found, named, strict=True) if out.isdisjoint(persons)],
        [
            store.Withheld(person, one.event.key)
            for one, persons in zip(found, named, strict=True)
            for person in persons
            if person in out
        ],
    )


def withheld_persons(
    conn: kit.Connection,
    office: Office,
    persons: Collection[str],
    *,
    on: date,
    with_protected: bool = False,
) -> frozenset[str]:
    """Return who of these may not be told of: who is withheld from delivery, or from lists.

    A unit that keeps the restrictions itself may be told of those withheld from lists only
    (docs/decisions/0015).
    """
    uses = [standard.Use.delivery, *(() if with_protected else (standard.Use.listing,))]
    found: frozenset[str] = frozenset()
    for use in uses:
        found |= store.protected(
            conn, office.tenant, persons, on=on, use=use, standard=office.catalogue
        )
    return found


def everyone_in(
    entity: standard.Entity, items: Sequence[str], changed: Iterable[store.Changed]
) -> set[str]:
    """Return the persons a message with these items of some records names."""
    naming = store.naming(entity, (*items, *entity.key))
    return {person for one in changed for person in persons_in(entity, naming, one)}


def persons_in(
    entity: standard.Entity, naming: Sequence[str], changed: store.Changed
) -> tuple[str, ...]:
    """Return the persons these items of a record name."""
    values = changed.values or dict(zip(entity.key, changed.event.key, strict=True))
    return store.persons_named(naming, values)


def _looked_at(office: Office, entity: standard.Entity, on: date) -> list[str]:
    """Return the items by which the rules tell what may leave."""
    return [
        condition.item
        for rule in office.catalogue.rules_of(entity.name, on)
        if isinstance(rule.then, standard.LeaveOnlyIf)
        for condition in (*rule.when, *rule.then.conditions)
    ]


def _may_leave(office: Office, entity: standard.Entity, changed: store.Changed, on: date) -> bool:
    if changed.values is None:
        return changed.event.became is store.Became.erased
    row = {
        name: "" if value is None else str(store.plain_value(value))
        for name, value in changed.values.items()
    }
    return judgement.may_leave(office.catalogue, entity, row, on=on) is None
