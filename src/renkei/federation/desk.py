"""The desk of a member: who it is, whom it knows, and by which table of provisions it decides.

And, of the own units that name their staff, what these may do (the second decision).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self

from renkei import exchange, identity, kit, law, standard
from renkei.federation.errors import CallerNotEntitled, MembersMalformed, ModeDiffers
from renkei.federation.inquiry import Inquiry, Refused
from renkei.federation.member import Kind, Member
from renkei.federation.members import Members
from renkei.federation.releases import Releases, table_of
from renkei.kit import metered


def directory_of(members: Members) -> identity.Directory:
    """Return everyone's public identity keys from the members list, every proof checked."""
    needed: tuple[Kind, ...] = ("registrar", "log", "converter")
    for kind in needed:
        if not members.of_kind(kind):
            raise MembersMalformed(defect=f"no member is a {kind}")
    parts = {
        kit.tenant(m.id): identity.parse(bytes(m.identity), identity.Announcement)
        for m in members.all
    }
    converters = tuple(kit.tenant(m.id) for m in members.of_kind("converter"))
    published = [
        identity.PublicKeys(
            identity.SUITE,
            kit.tenant(member.id),
            {each: parts[each].factors.get(kit.tenant(member.id), {}) for each in converters},
            parts[kit.tenant(member.id)].receivers,
            parts[kit.tenant(member.id)].kv,
            _retiring(parts[each].retiring.get(kit.tenant(member.id), {}) for each in converters),
        )
        for member in members.all
        if parts[kit.tenant(member.id)].receivers
    ]
    return identity.Directory.checked(
        published,
        converters=converters,
        registrar=kit.tenant(members.of_kind("registrar")[0].id),
        log_operator=kit.tenant(members.of_kind("log")[0].id),
    )


def _retiring(stated: Iterable[Mapping[int, datetime]]) -> dict[int, datetime]:
    """Return when codes end: with the first converter that no longer converts them."""
    ends: dict[int, datetime] = {}
    for one in stated:
        for kv, until in one.items():
            ends[kv] = min(until, ends.get(kv, until))
    return ends


@dataclass(frozen=True, slots=True)
class Desk:
    """What every verb of this room needs to know; keys come beside it, to those who hold them."""

    tenant: kit.Tenant
    mode: str
    members: Members
    directory: identity.Directory
    provisions: law.ProvisionTable
    releases: Releases = field(default_factory=Releases.shipped)
    staff: law.StaffRegister = field(default_factory=law.StaffRegister)

    @classmethod
    def of(
        cls,
        tenant: kit.Tenant,
        mode: str,
        members: Members,
        provisions: law.ProvisionTable,
        releases: Releases | None = None,
        staff: law.StaffRegister | None = None,
    ) -> Self:
        """Set the desk up from the members list; a tenant that is not on it is refused."""
        members.by_id(tenant)
        spoken = releases or Releases.shipped()
        known = directory_of(members)
        return cls(tenant, mode, members, known, provisions, spoken, staff or law.StaffRegister())

    @property
    def me(self) -> Member:
        """Return our own row of the members list."""
        return self.members.by_id(self.tenant)

    def addresses(self, inquiry: Inquiry) -> dict[str, str]:
        """Return what an entry says of an inquiry by the words of its envelope."""
        asker, holder = (self.members.address(n) for n in (inquiry.asker, inquiry.holder))
        client = exchange.Subsystem(asker, inquiry.asker_unit) if inquiry.asker_unit else asker
        provider = exchange.Subsystem(holder, inquiry.holder_unit)
        return {
            "client": client.render(),
            "service": exchange.Service(provider, inquiry.service).render(),
        }

    def expect(self, caller: Member, *, kind: Kind, inquiry: Inquiry | None = None) -> None:
        """Refuse a caller of another kind or directory, or one that speaks for somebody else."""
        if self.members.is_abroad(caller.id):  # no linkage code of theirs is converted here
            raise CallerNotEntitled(caller=caller.id)
        if caller.kind != kind or (inquiry is not None and caller.id != inquiry.asker):
            raise CallerNotEntitled(caller=caller.id)
        if inquiry is not None and inquiry.mode != self.mode:
            raise ModeDiffers(theirs=inquiry.mode, ours=self.mode)

    def expect_in_use(self, *domains: identity.Origin | identity.Address, at: datetime) -> None:
        """Refuse what comes from or goes to codes that have ended."""
        for domain in domains:
            self.directory.check_in_use(domain.organisation, domain.kv, at)

    def decide(self, inquiry: Inquiry, on: date) -> law.Permit | Refused:
        """Decide an inquiry again, by our own copy of its table on our own day; every party does.

        Its table is that of our own release, or of another one we have that is in force.
        """
        table = self.table(inquiry.table, on)
        if table is None:
            return self.refuse(inquiry, "table-differs")
        with metered("law"):
            decision = self.ruling(inquiry, table, on)
        match decision:
            case law.Permit():
                if decision.provision != inquiry.provision:
                    return self.refuse(inquiry, "provision-differs")
                return decision
            case law.Refusal():
                return Refused(self.tenant, decision.reason, decision.provision, decision.table)

    def ruling(
        self, inquiry: Inquiry, table: law.ProvisionTable, on: date
    ) -> law.Permit | law.Refusal:
        """Return what the law says of an inquiry: a row of the table, or the person's own right."""
        request = inquiry.request(self.members)
        if inquiry.is_own_access:
            portals = self.members.by_id(inquiry.asker).portals
            return law.decide_own_access(request, portals, table, on)
        return law.decide(request, table, on)

    def at_desk(
        self, envelope: exchange.Envelope, act: str, *, is_restricted: bool, at: datetime
    ) -> law.StaffPermit | law.StaffRefusal | None:
        """Decide what those may do in whose names a unit of ours asks; None if in nobody's.

        Every door asks here, after the law; `at` is when the question was handed over.
        """
        return law.decide_stated(
            self.staff,
            law.Stated(envelope.user_id or "", envelope.second or ""),
            act,
            unit=unit_of(envelope.client),
            purpose=envelope.purpose or "",
            at=at,
            is_restricted=is_restricted,
        )

    def table(self, version: str, on: date) -> law.ProvisionTable | None:
        """Return the table of a version by which we decide on a day, or None."""
        if version == self.provisions.version:
            return self.provisions
        release = self.releases.with_table(version, on)
        return None if release is None else table_of(release)

    def table_of(self, release: standard.Catalogue) -> law.ProvisionTable:
        """Return the table by which a question in a release is decided."""
        return self.provisions if release == self.releases.own else table_of(release)

    def refuse(self, inquiry: Inquiry, reason: str) -> Refused:
        """Return a refusal of ours for a reason of the table or of the record."""
        table = self.provisions.version if reason == "table-differs" else inquiry.table
        return Refused(self.tenant, reason, inquiry.provision, table)


def unit_of(client: exchange.Client) -> str:
    """Return the number of the unit that asks; an organisation as such has none."""
    match client:
        case exchange.Subsystem():
            return client.code
        case exchange.Member():
            return ""


def facts(reply: Refused) -> dict[str, str]:
    """Return what an entry keeps of a refusal."""
    return {"by": reply.by, "reason": reply.reason}
