"""A view in the house as it was decided before anything is read: by the law, then of the staff."""

from dataclasses import dataclass
from datetime import date, datetime

from renkei import identity, kit, law, standard, store


@dataclass(frozen=True, slots=True)
class KeptFrom:
    """A view that the law permits the unit, and its rights do not permit whoever asks for it."""

    permit: law.Permit
    refusal: law.StaffRefusal


No = law.Refusal | KeptFrom


@dataclass(frozen=True, slots=True)
class Opened:
    """A view that was decided; the records, the occasion."""

    decision: law.Permit | No
    entity: standard.Entity
    on: date
    known: datetime | None
    unlocked: bool
    occasion: store.Occasion

    def viewing(self, tenant: kit.Tenant, permit: law.Permit) -> store.Viewing:
        """Return what all views like this share."""
        return store.Viewing(tenant, permit, self.entity, self.on, self.known, self.unlocked)


def entered(
    conn: kit.Connection,
    no: No,
    person: str | None,
    *,
    tenant: kit.Tenant,
    occasion: store.Occasion,
    seal: identity.Seal,
) -> tuple[str, str]:
    """Enter a no in the chain of the person it was about, if of one; return reason and row."""
    match no:
        case law.Refusal(reason=reason, provision=provision):
            store.enter_refusal(conn, no, person, tenant=tenant, occasion=occasion, seal=seal)
            return reason.value, provision
        case KeptFrom(permit=permit, refusal=refusal):
            store.enter_staff_refusal(
                conn, permit, refusal, person, tenant=tenant, occasion=occasion, seal=seal
            )
            return refusal.code, permit.provision
