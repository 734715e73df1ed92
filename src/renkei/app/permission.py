"""What a unit of the own house may be told: asked of the law, and told only as the rules allow.

Whoever tells changes to a unit comes through here: the feed's door and the subscriptions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from renkei import audit, federation, identity, kit, law, standard, store
from renkei.app.keys import Keys
from renkei.app.settings import Settings
from renkei.app.site import read_desk, site_standard
from renkei.standard import judgement


@dataclass(frozen=True, slots=True)
class Office:
    """The house as one that tells its own units: by which law, which standard, in which mode."""

    tenant: kit.Tenant
    kind: str
    mode: audit.Mode
    instance: str
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
            known.members.instance,
            known.provisions,
            site_standard(settings),
            Keys(settings.keys, settings.tenant).seal(),
        )

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
        return law.Request(
            asker=self.tenant,
            asker_kind=self.kind,
            asker_unit=unit,
            procedure=procedure,
            holder=self.tenant,
            holder_kind=standard.OWN,
            information=interface.information.code,
            items=tuple(numbers[name] for name in dict.fromkeys((*key, *items))),
        )

    def procedure(self, unit: str, interface: standard.Interface) -> str:
        """Return the procedure for which the law lets a unit use an interface; empty without."""
        rows = (row for row in self.catalogue.basis(interface) if row.holder_kind == standard.OWN)
        return next((row.procedure for row in rows if row.asker_unit == unit), "")

    def decide(self, request: law.Request, on: date) -> law.Permit | law.Refusal:
        """Ask the law."""
        with kit.metered("law"):
            return law.decide(request, self.provisions, on)


def persons_of(entity: standard.Entity, items: Iterable[str]) -> tuple[str, ...]:
    """Return which items of a message name a person: the subject, and those it relates to."""
    named = [entity.subject] if entity.subject else []
    told = set(items)
    named += [
        relation.items[0]
        for relation in entity.relations
        if relation.to in store.PERSONS and len(relation.items) == 1 and relation.items[0] in told
    ]
    return tuple(dict.fromkeys(named))


def needed_items(
    office: Office, entity: standard.Entity, items: Iterable[str], on: date
) -> tuple[str, ...]:
    """Return what must be read to tell these items: they, who is named, what the rules look at."""
    looked_at = [
        condition.item
        for rule in office.catalogue.rules_of(entity.name, on)
        if isinstance(rule.then, standard.LeaveOnlyIf)
        for condition in (*rule.when, *rule.then.conditions)
    ]
    return tuple(dict.fromkeys((*items, *persons_of(entity, items), *looked_at)))


def may_leave(office: Office, entity: standard.Entity, changed: store.Changed, on: date) -> bool:
    """Tell whether a record is kept at all and the rules let it leave (本登録)."""
    if changed.values is None:
        return False
    row = {
        name: "" if value is None else str(store.plain(value))
        for name, value in changed.values.items()
    }
    return judgement.may_leave(office.catalogue, entity, row, on=on) is None


def withheld_persons(
    conn: kit.Connection,
    office: Office,
    persons: Iterable[str],
    *,
    on: date,
    with_protected: bool = False,
) -> frozenset[str]:
    """Return who of these may not be told of: who is withheld from delivery, or from lists.

    A unit that keeps the restrictions itself may be told of those withheld from lists only
    (docs/decisions/0015).
    """
    known = set(persons)
    uses = [standard.Use.delivery, *(() if with_protected else (standard.Use.listing,))]
    return frozenset().union(
        *(
            store.protected(conn, office.tenant, known, on=on, use=use, standard=office.catalogue)
            for use in uses
        )
    )
