"""By which provision a letter may be written: decided at both ends, on their own day, by `law`."""

from datetime import date

from renkei import federation, kit, law, standard
from renkei.federation import KINDS, Desk
from renkei.process.partners.parties import Collaboration, LetterType
from renkei.process.partners.procedures import Procedure


def is_party(desk: Desk, collaboration: Collaboration, role: str, organisation: str) -> bool:
    """Tell whether an organisation may play a part: it is a member of that kind, with that unit."""
    party = collaboration.parties.get(role)
    try:
        member = desk.members.by_id(organisation)
    except federation.PeerUnknown:
        return False
    if party is None or KINDS[member.member_class] != party.kind:
        return False
    return not party.unit or not member.units or party.unit in member.units


def decide(
    desk: Desk,
    collaboration: Collaboration,
    kind: LetterType,
    procedure: Procedure,
    *,
    on: date,
) -> law.Permit | law.Refusal | None:
    """Decide whether a letter may be written; None where it is about nobody.

    What carries items needs a provision for them; what carries none, for the question itself.
    """
    if collaboration.about == "nobody":
        return None
    us, them = str(desk.tenant), procedure.partner
    asker, holder = (us, them) if procedure.is_asker else (them, us)
    members, known = desk.members, desk.releases.own
    unit, _, service = (kind.service if kind.items else procedure.question).partition("/")
    interface = known.shared_interface(unit, service)
    items = tuple(one.item.id for one in kind.items) if kind.items else procedure.items
    relation: standard.SubjectRelation = procedure.relation  # type: ignore[assignment] # as it was asked
    request = law.Request(
        asker=kit.tenant(asker),
        asker_kind=KINDS[members.by_id(asker).member_class],
        asker_unit=collaboration.parties[collaboration.asker].unit,
        procedure=procedure.procedure,
        holder=kit.tenant(holder),
        holder_kind=KINDS[members.by_id(holder).member_class],
        information=interface.information.code,
        items=items,
        year=procedure.year,
        consent=procedure.consent,
        relation=relation,
    )
    return law.decide(request, desk.table_of(known), on)
