"""A unit's question at the asker: what was asked, and whether it may travel.

Everything is decided and entered here, in one transaction, before anything leaves the house.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Self
from urllib.parse import parse_qs

import msgspec

from renkei import audit, exchange, identity, kit, law, standard, store
from renkei.federation.answering import NodeKeys
from renkei.federation.desk import Desk, facts, unit_of
from renkei.federation.errors import HolderAbroad, InquiryIncomplete, ModeDiffers, ServiceUnknown
from renkei.federation.inquiry import USAGE, Fact, Inquiry, Outcome, Refused
from renkei.standard.mediation import mediation


@dataclass(frozen=True, slots=True)
class Asked:
    """What came in at the edge: the envelope, the service called, and our number for it.

    Only the edge that has seen who is logged in at a portal says that it is the own access.
    `handed_at` is when the unit handed a question over that it does not wait for. With `opens` a
    procedure of both bodies begins by it, under our number for it.
    """

    envelope: exchange.Envelope
    call: exchange.ServiceCall
    id: str
    is_own_access: bool = False
    handed_at: datetime | None = None
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """What a unit said that stays in its house: words of its own may tell of the person.

    `consent` is the reference of the consent, which proves in a dispute that there is one; `staff`
    says in whose name the unit asks, if in anybody's.
    """

    message: str
    purpose: str
    consent: str
    staff: Mapping[str, str] = field(default_factory=dict, hash=False)

    def facts(self) -> dict[str, str]:
        """Return what the house's own entries keep in their details."""
        said = {"message": self.message, "consent_reference": self.consent, **self.staff}
        return {name: text for name, text in said.items() if text}

    def by(self, decided: law.StaffPermit | law.StaffRefusal | None) -> Self:
        """Return the same with those in whose names it is asked."""
        return self if decided is None else replace(self, staff=decided.request.facts())


@dataclass(frozen=True, slots=True)
class Written:
    """A question by the standard: in the release it was asked in, and in the one it travels in.

    `on` is the day the values are asked for, where the unit named one, `opens` whether a procedure
    begins: only the holder is told.
    """

    inquiry: Inquiry
    own: Own
    on: date | None
    asked_in: standard.Catalogue
    travels_in: standard.Catalogue
    opens: bool = False

    def entry(
        self,
        desk: Desk,
        kind: audit.Kind,
        outcome: str,
        *,
        at: datetime,
        label: bytes | None,
        withheld: bool,
        details: Mapping[str, str],
    ) -> audit.Entry:
        """Return an entry of the asker's own, which alone keeps what the unit said in words."""
        return self.inquiry.entry(
            kind,
            outcome,
            at=at,
            label=label,
            withheld=withheld,
            purpose=self.own.purpose,
            details={**desk.addresses(self.inquiry), **self.own.facts(), **details},
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """A question that may travel: what is asked, and the asker's own code for the person."""

    written: Written
    nym: identity.Nym
    label: bytes
    withheld: bool

    @property
    def inquiry(self) -> Inquiry:
        """Return what is asked."""
        return self.written.inquiry


def open_question(
    conn: kit.Connection, desk: Desk, keys: NodeKeys, asked: Asked, *, at: datetime
) -> Opened | Fact:
    """Decide a question and enter it: it may travel, or it ends here with a fact."""
    envelope = asked.envelope
    # 1. One message id of a client has one effect.
    exchange.first_use(conn, desk.tenant, envelope.client, envelope.id, at=at)
    question = written(desk, asked, at)
    inquiry = question.inquiry
    # 2. Whose question it is here: our own number, and the code the registrar issued for it.
    number = envelope.subject or ""
    person = store.find_person(conn, desk.tenant, number, on=kit.day_of(at))
    nym = identity.code_of(conn, desk.tenant, number, seal=keys.seal)
    # What a person asks of the own access record is no secret to that person.
    withheld = person is not None and person.protected and not inquiry.is_own_access
    label = None
    if person is not None or nym is not None:  # a number that is nobody's here has no chain
        chain = identity.history_of(conn, desk.tenant, number, seal=keys.seal).current
        label = chain.mark(kit.day_of(at).year, withheld=withheld)

    def enter(kind: audit.Kind, outcome: str, details: Mapping[str, str]) -> None:
        decided = replace(question, inquiry=inquiry)
        entry = decided.entry(
            desk, kind, outcome, at=at, label=label, withheld=withheld, details=details
        )
        audit.append(conn, desk.tenant, entry)

    def end(outcome: Outcome, refusal: Refused | None = None) -> Fact:
        enter(audit.Kind.REFUSAL, outcome, {} if refusal is None else facts(refusal))
        return Fact(
            inquiry.id,
            outcome,
            by=desk.tenant,
            reason="" if refusal is None else refusal.reason,
            provision=inquiry.provision,
            table=inquiry.table,
            release=question.asked_in.edition.edition,
        )

    # 3. The law, before anything else is told; then whoever asks, where the unit names its staff.
    table = desk.table_of(question.travels_in)
    with kit.metered("law"):
        decision = desk.ruling(inquiry, table, kit.day_of(at))
    inquiry = msgspec.structs.replace(inquiry, provision=decision.provision)
    by = None
    if not inquiry.is_own_access:  # there the person asks, and no member of staff
        when = asked.handed_at or at
        by = desk.at_desk(envelope, "inquire", is_restricted=withheld, at=when)
        question = replace(question, own=question.own.by(by))
    if isinstance(decision, law.Refusal):
        reason = decision.reason.value
        return end("refused", Refused(desk.tenant, reason, decision.provision, decision.table))
    if isinstance(by, law.StaffRefusal):
        return end("refused", desk.refuse(inquiry, by.code))
    if person is None and not inquiry.is_own_access:  # a portal needs no record of who asks
        return end("subject-unknown")
    if nym is None or label is None:
        return end("code-not-issued")
    # 4. It may travel: entered before it does.
    enter(audit.Kind.REQUEST, "asked", {})
    return Opened(replace(question, inquiry=inquiry), nym, label, withheld)


def check_question(desk: Desk, asked: Asked, *, at: datetime) -> None:
    """Raise what keeps a question from being decided at all; what the law says of it is no part."""
    written(desk, asked, at)


def written(desk: Desk, asked: Asked, at: datetime) -> Written:
    """Return what is asked, complete but for the provision; the standard names each part."""
    envelope, provider = asked.envelope, asked.call.service.provider
    if envelope.mode != desk.mode:
        raise ModeDiffers(theirs=envelope.mode, ours=desk.mode)
    for name, value in (("PF-Procedure", envelope.procedure), ("PF-Subject", envelope.subject)):
        if not value:
            raise InquiryIncomplete(name=name)
    catalogue = desk.releases.named(envelope.release, kit.day_of(at))
    if asked.is_own_access:
        return _own_access(desk, asked, catalogue, at)
    try:
        service = catalogue.shared_interface(provider.code, asked.call.service.code)
    except standard.DefinitionUnknown as error:
        raise ServiceUnknown(service=f"{provider.code}/{asked.call.service.code}") from error
    entity = catalogue.entity(service.entity)
    named = {item.name: item.id for item in entity.items}
    wanted = parse_qs(asked.call.query).get("items", [",".join(service.items)])[-1].split(",")
    for name in wanted:
        if name not in named:
            raise store.ItemNotInEntity(entity=entity.name, item=name[:48])
    holder = desk.members.by_id(provider.organisation.code)
    if desk.members.is_abroad(holder.id):
        raise HolderAbroad(holder=holder.id)
    items = tuple(named[name] for name in wanted)
    travels_in = desk.releases.spoken_with(holder.id, holder.releases, catalogue, kit.day_of(at))
    if travels_in != catalogue:
        mediation(catalogue, travels_in, service.unit, service.service).check(items)
        service = travels_in.shared_interface(service.unit, service.service)
    inquiry = Inquiry(
        id=asked.id,
        mode=envelope.mode,
        asker=desk.tenant,
        asker_unit=unit_of(envelope.client),
        holder=holder.id,
        holder_unit=provider.code,
        service=service.service,
        procedure=envelope.procedure or "",
        information=service.information.code,
        items=items,
        year=_year(asked, service),
        consent="given" if envelope.consent else "",
        relation=envelope.relation or "applicant",
        provision="",
        table=desk.table_of(travels_in).version,
        at=at,
    )
    return Written(inquiry, _own(envelope), envelope.on, catalogue, travels_in, asked.opens)


def _own_access(desk: Desk, asked: Asked, catalogue: standard.Catalogue, at: datetime) -> Written:
    """Return the question of a portal for the access record of the person: no part can be chosen.

    It is written in a release both know, by whose table it is decided; nothing of it is mediated.
    """
    envelope, provider = asked.envelope, asked.call.service.provider
    holder = desk.members.by_id(provider.organisation.code)
    if desk.members.is_abroad(holder.id):
        raise HolderAbroad(holder=holder.id)
    travels_in = desk.releases.spoken_with(holder.id, holder.releases, catalogue, kit.day_of(at))
    subsystem, service = USAGE
    inquiry = Inquiry(
        id=asked.id,
        mode=envelope.mode,
        asker=desk.tenant,
        asker_unit=unit_of(envelope.client),
        holder=holder.id,
        holder_unit=subsystem,
        service=service,
        procedure=envelope.procedure or "",
        information=law.ACCESS_RECORD,
        items=(law.ACCESS_RECORD,),
        year=None,
        consent="",
        relation=envelope.relation or "applicant",
        provision="",
        table=desk.table_of(travels_in).version,
        at=at,
    )
    return Written(inquiry, _own(envelope), None, catalogue, travels_in)


def _own(envelope: exchange.Envelope) -> Own:
    """Return what of an envelope stays in the house."""
    return Own(envelope.id, envelope.purpose or "", envelope.consent or "")


def _year(asked: Asked, service: standard.Interface) -> int | None:
    """Return the year that the path asks for, where the service has one."""
    segments = [segment for segment in asked.call.segments() if segment]
    if len(segments) != len(service.parameters):
        raise InquiryIncomplete(name=f"/{service.path}")
    if not service.parameters:
        return None
    (year,) = segments
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise InquiryIncomplete(name=f"/{service.path}")
    return int(year)
