"""What the access record says of a letter: at both ends, under the person it is about."""

from collections.abc import Mapping
from datetime import datetime

from renkei import audit, identity, kit, law, store
from renkei.federation import Desk
from renkei.process.partners.letters import Letter
from renkei.process.partners.parties import Collaboration, LetterType
from renkei.process.partners.procedures import Procedure

SENT, RECEIVED = "letter-sent", "letter-received"
TAKEN, REFUSED = "letter-taken", "letter-refused"


def entry(
    conn: kit.Connection,
    desk: Desk,
    seal: identity.Seal,
    letter: Letter,
    *,
    kind: audit.Kind,
    outcome: str,
    procedure: Procedure | None,
    collaboration: Collaboration | None,
    decision: law.Permit | law.Refusal | None,
    at: datetime,
    details: Mapping[str, str],
) -> audit.Entry:
    """Return the entry of one step of a letter.

    Asker and holder are those of the provision: who receives the person's data, and who gives them.
    """
    type_ = None if collaboration is None else collaboration.letters.get(letter.name)
    asker, holder = letter.sender, letter.receiver
    if procedure is not None and procedure.question:
        us, them = str(desk.tenant), procedure.partner
        asker, holder = (us, them) if procedure.is_asker else (them, us)
    label, withheld = None, False
    if procedure is not None and procedure.subject:
        label, withheld = _label(conn, desk, seal, procedure.subject, at)
    return audit.Entry(
        kind=kind,
        request=letter.id,
        at=at,
        asker=asker,
        holder=holder,
        procedure=letter.basis,
        outcome=outcome,
        mode=letter.mode,
        unit=_unit(collaboration, type_, letter, desk),
        items=tuple(one.item.id for one in type_.items if one.item.name in letter.items)
        if type_
        else (),
        provision="" if decision is None else decision.provision,
        table="" if decision is None else decision.table,
        label=label,
        withheld=withheld,
        details={
            "letter": letter.name,
            "inquiry": letter.procedure,
            "from": letter.sender,
            "to": letter.receiver,
            "collaboration": letter.collaboration[:16],
            **details,
        },
    )


def _unit(
    collaboration: Collaboration | None, kind: LetterType | None, letter: Letter, desk: Desk
) -> str:
    if collaboration is None or kind is None:
        return ""
    role = kind.sender if letter.sender == desk.tenant else kind.receiver
    return collaboration.parties[role].unit


def _label(
    conn: kit.Connection, desk: Desk, seal: identity.Seal, subject: str, at: datetime
) -> tuple[bytes, bool]:
    """Return the mark of the person's chain, and whether it is the sealed one."""
    day = kit.day_of(at)
    person = store.find_person(conn, desk.tenant, subject, on=day)
    withheld = person is not None and person.protected
    chain = identity.history_of(conn, desk.tenant, subject, seal=seal).current
    return chain.mark(day.year, withheld=withheld), withheld
