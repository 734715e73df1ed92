"""Entering what leaves: one entry a person, and for many persons a head that says it for all.

Whoever releases values calls `disclose` in the transaction of the release: a list, an extract, the
feed, a look-up. One person's release is one whole entry in that person's chain. A release of many
is one whole entry, the *head*, and a small one for each person affected: who asked under which
provision, and the hash of the head, in which procedure, items and purpose stand once. A person
without a linkage code (符号) has no chain yet; the entry then stands under the request alone.
"""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from renkei import audit, identity, kit, law
from renkei.store.errors import PermitElsewhere
from renkei.store.protection import protected

PIECE = 5000  # persons whose codes are opened and entered at once: memory stays flat


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
    details: Mapping[str, str] = field(default_factory=dict)
    withheld: bool = False


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
    asked = permit.request
    if asked.holder != tenant:
        raise PermitElsewhere(holder=asked.holder, tenant=tenant)
    affected = sorted(set(persons))
    details = {**occasion.details, "records": str(records), "persons": str(len(affected))}
    whole = audit.Entry(
        kind=audit.Kind.VIEW,
        request=occasion.request,
        at=occasion.at,
        asker=asked.asker,
        holder=asked.holder,
        procedure=asked.procedure,
        outcome="answered" if records else "not-held",
        mode=occasion.mode,
        unit=asked.asker_unit,
        items=asked.items,
        provision=permit.provision,
        table=permit.table,
        purpose=occasion.purpose,
        withheld=occasion.withheld,
        details=details,
    )
    if len(affected) == 1:
        (chain,) = _chains(conn, tenant, affected, occasion, seal)
        return audit.append(conn, tenant, chain.entry(whole))
    promise = audit.append(conn, tenant, whole)
    named = {"head": urlsafe_b64encode(promise).decode().rstrip("=")}
    small = replace(whole, items=(), table="", purpose="", details=named)
    for start in range(0, len(affected), PIECE):
        chains = _chains(conn, tenant, affected[start : start + PIECE], occasion, seal)
        audit.append_many(conn, tenant, (chain.entry(small) for chain in chains))
    return promise


@dataclass(frozen=True, slots=True)
class _Chain:
    """Where the entry about one person stands: in the open chain, the sealed one, or none yet."""

    label: bytes | None
    withheld: bool

    def entry(self, like: audit.Entry) -> audit.Entry:
        """Return an entry for this chain with a salt of its own."""
        salt = secrets.token_bytes(len(like.salt))
        return replace(like, label=self.label, withheld=self.withheld, salt=salt)


def _chains(
    conn: kit.Connection,
    tenant: kit.Tenant,
    persons: Sequence[str],
    occasion: Occasion,
    seal: identity.Seal,
) -> list[_Chain]:
    """Return the chains of persons, in an order that tells nothing of their numbers."""
    day = kit.day_of(occasion.at)
    sealed = protected(conn, tenant, persons, on=day)
    codes = identity.codes_of(conn, tenant, persons, seal=seal)
    chains = []
    for person in persons:
        withheld = occasion.withheld or person in sealed
        mark = identity.sealed_label if withheld else identity.label
        nym = codes.get(person)
        chains.append(_Chain(None if nym is None else mark(day.year, nym), withheld))
    return sorted(chains, key=lambda chain: chain.label or b"")
