"""Entering what leaves: one entry a person, and for many persons a head that says it for all.

Whoever releases values calls `disclose` in the transaction of the release: a list, an extract, the
feed. One person's release is one whole entry in that person's chain. A release of many is one whole
entry, the *head*, and a small one for each person affected: who asked under which provision, and
the hash of the head, in which items and purpose stand once. A person's chain is found by the number
in the register: it begins with the first entry, with a linkage code (符号) or before there is one.
`disclose_each` enters look-ups of one person each that were made together.
"""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from renkei import audit, identity, kit, law
from renkei.store.errors import PermitElsewhere
from renkei.store.protection import protected

PIECE = 5000  # persons whose chains are opened and entered at once: memory stays flat


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What every entry of one release says beside its permit.

    `details` tells how the values left, e.g. as which list; they must not tell a person.
    `withheld` says that the law withholds the entry from the person (番号法23条2項).
    """

    request: str
    at: datetime
    mode: audit.Mode
    purpose: str = ""
    details: Mapping[str, str] = field(default_factory=dict, hash=False)
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """One look-up that was made: whom its record names, if anybody, and how many records left."""

    persons: Collection[str]
    records: int
    occasion: Occasion


def disclose(
    conn: kit.Connection,
    permit: law.Permit,
    persons: Collection[str],
    *,
    tenant: kit.Tenant,
    records: int,
    occasion: Occasion,
    seal: identity.Seal,
) -> audit.Promise:
    """Enter a release of that many records about these persons; return the promise of its head.

    Persons are named by register number, each one counts once. Entries about a protected person
    go to the sealed chain: who looks into that person's list could be the one to be feared.
    """
    _check(permit, tenant)
    affected = sorted(set(persons))
    if len(affected) < 2:
        one = Release(affected, records, occasion)
        return disclose_each(conn, permit, [one], tenant=tenant, seal=seal)[0]
    whole = _whole(permit, occasion, records, len(affected))
    promise = audit.append(conn, tenant, whole)
    named = {"head": urlsafe_b64encode(promise).decode().rstrip("=")}
    small = replace(whole, items=(), table="", purpose="", details=named)
    for start in range(0, len(affected), PIECE):
        piece = affected[start : start + PIECE]
        chains = _Chains(conn, tenant, piece, seal, occasion.at)
        entries = [chains.enter(small, person) for person in piece]
        # An order that tells nothing of the numbers.
        entries.sort(key=lambda entry: entry.label or b"")
        audit.append_many(conn, tenant, entries)
    return promise


def disclose_each(
    conn: kit.Connection,
    permit: law.Permit,
    releases: Sequence[Release],
    *,
    tenant: kit.Tenant,
    seal: identity.Seal,
) -> list[audit.Promise]:
    """Enter look-ups made together under one permit; return the promises.

    Each is one whole entry for each person its record names, or one about nobody.
    """
    _check(permit, tenant)
    if not releases:
        return []
    persons = sorted({person for each in releases for person in each.persons})
    chains = _Chains(conn, tenant, persons, seal, releases[0].occasion.at)
    entries = []
    for each in releases:
        entry = _whole(permit, each.occasion, each.records, len(each.persons))
        entries += [chains.enter(entry, person) for person in each.persons or (None,)]
    return audit.append_many(conn, tenant, entries)


def enter_refusal(
    conn: kit.Connection,
    refusal: law.Refusal,
    person: str | None,
    *,
    tenant: kit.Tenant,
    occasion: Occasion,
    seal: identity.Seal,
) -> audit.Promise:
    """Enter that a view was refused, in the chain of the person it was about, if of one."""
    reason = refusal.reason.value
    return _refused(conn, refusal, reason, person, tenant=tenant, occasion=occasion, seal=seal)


def enter_staff_refusal(
    conn: kit.Connection,
    permit: law.Permit,
    refusal: law.StaffRefusal,
    person: str | None,
    *,
    tenant: kit.Tenant,
    occasion: Occasion,
    seal: identity.Seal,
) -> audit.Promise:
    """Enter that those who asked for a view the law permits may not see it."""
    code = refusal.code
    return _refused(conn, permit, code, person, tenant=tenant, occasion=occasion, seal=seal)


def _refused(
    conn: kit.Connection,
    decided: law.Permit | law.Refusal,
    reason: str,
    person: str | None,
    *,
    tenant: kit.Tenant,
    occasion: Occasion,
    seal: identity.Seal,
) -> audit.Promise:
    chains = _Chains(conn, tenant, [] if person is None else [person], seal, occasion.at)
    details = {**occasion.details, "by": str(tenant), "reason": reason}
    entry = _entry(decided, occasion, audit.Kind.REFUSAL, "refused", details)
    return audit.append(conn, tenant, chains.enter(entry, person))


class _Chains:
    """Where the entry about each person stands: in the open chain or the sealed one."""

    def __init__(
        self,
        conn: kit.Connection,
        tenant: kit.Tenant,
        persons: Sequence[str],
        seal: identity.Seal,
        at: datetime,
    ) -> None:
        """Read who is protected today, and the chains of all."""
        self._day = kit.day_of(at)
        self._sealed = protected(conn, tenant, persons, on=self._day)
        self._chains = identity.chains_for(conn, tenant, persons, seal=seal) if persons else {}

    def enter(self, like: audit.Entry, person: str | None) -> audit.Entry:
        """Return the entry for a person's chain, with a salt of its own."""
        withheld = like.withheld or person in self._sealed
        label = None
        if person is not None:
            chain = self._chains[person]
            label = chain.mark(self._day.year, withheld=withheld)
        salt = secrets.token_bytes(len(like.salt))
        return replace(like, label=label, withheld=withheld, salt=salt)


def _check(permit: law.Permit, tenant: kit.Tenant) -> None:
    if permit.request.holder != tenant:
        raise PermitElsewhere(holder=permit.request.holder, tenant=tenant)


def _whole(permit: law.Permit, occasion: Occasion, records: int, persons: int) -> audit.Entry:
    """Return the entry of a release that says everything, but for the person's chain."""
    details = {**occasion.details, "records": str(records), "persons": str(persons)}
    outcome = "answered" if records else "not-held"
    return _entry(permit, occasion, audit.Kind.VIEW, outcome, details)


def _entry(
    decided: law.Permit | law.Refusal,
    occasion: Occasion,
    kind: audit.Kind,
    outcome: str,
    details: Mapping[str, str],
) -> audit.Entry:
    asked = decided.request
    return audit.Entry(
        kind=kind,
        request=occasion.request,
        at=occasion.at,
        asker=asked.asker,
        holder=asked.holder,
        procedure=asked.procedure,
        outcome=outcome,
        mode=occasion.mode,
        unit=asked.asker_unit,
        items=asked.items,
        provision=decided.provision,
        table=decided.table,
        purpose=occasion.purpose,
        withheld=occasion.withheld,
        details=details,
    )
