"""One organisation's linkage codes: its own number for a person, and that person's nym, sealed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from renkei.identity.errors import RotationUnfinished
from renkei.identity.group import Element, Scalar
from renkei.identity.nym import Nym, checked_code
from renkei.identity.rotation import rotated
from renkei.identity.seal import Seal
from renkei.identity.strangers import follow_stranger, rotate_strangers
from renkei.identity.versions import Versions, keep_factor
from renkei.kit import Connection, Tenant, queries

TABLE = "identity_code"

sql = queries("renkei.identity")


@dataclass(frozen=True, slots=True)
class SharedCode:
    """A finding: this person was not kept, since the code is another person's of the organisation.

    One human stands in the register twice; the organisation must join the two numbers.
    """

    person: str
    kept_as: str


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many codes one step of a rotation changed, and whose was the last one."""

    changed: int
    last: str
    strangers: int = 0

    @property
    def ends(self) -> bool:
        """Tell whether nobody was left."""
        return not self.changed and not self.strangers


def keep_codes(
    conn: Connection, tenant: Tenant, codes: Sequence[tuple[str, Nym]], *, seal: Seal
) -> list[SharedCode]:
    """Keep the codes of persons (by 団体内統合宛名番号) and return whom they could not be kept for.

    A person's newer code of the same key version takes the place of the older one. While a version
    is being replaced, both are kept. Who was a stranger under such a code is no longer one.
    """
    for _, nym in codes:
        nym.belongs_to(tenant)
    conn.execute(sql.one_keeper, {"tenant": tenant})
    versions = Versions.read(conn, tenant, seal=seal)
    given = [(person, versions.of(nym)) for person, nym in codes]
    return _keep_versions(conn, tenant, given, seal)


def _keep_versions(
    conn: Connection, tenant: Tenant, codes: Sequence[tuple[str, Sequence[Nym]]], seal: Seal
) -> list[SharedCode]:
    """Keep every version of codes: for whoever has one of them, before it is given to others."""
    asked = {"tenant": tenant, "codes": [nym.code for _, each in codes for nym in each]}
    held: dict[str, str] = dict(conn.execute(sql.persons_of, asked).fetchall())
    first = [
        (held[nym.code], other)
        for _, each in codes
        for nym in each
        if nym.code in held
        for other in each
        if other.code not in held
    ]
    if first:
        _keep(conn, tenant, first, seal)
    return _keep(conn, tenant, [(person, nym) for person, each in codes for nym in each], seal)


def _keep(
    conn: Connection, tenant: Tenant, codes: Sequence[tuple[str, Nym]], seal: Seal
) -> list[SharedCode]:
    town = tenant.encode()
    rows = {(person, nym.kv): nym for person, nym in codes}
    given = {
        "tenant": tenant,
        "persons": [person for person, _ in rows],
        "versions": [kv for _, kv in rows],
        "codes": [nym.code for nym in rows.values()],
        "nyms": [
            seal.close(nym.element.encoded, TABLE, town, person.encode(), str(kv).encode())
            for (person, kv), nym in rows.items()
        ],
    }
    changed = [person for (person,) in conn.execute(sql.drop_older, given)]
    conn.execute(sql.end_chains, {"tenant": tenant, "persons": changed})
    conn.execute(sql.keep_codes, given)
    conn.execute(sql.take_in, given)
    conn.execute(sql.not_shared, given)
    found = [SharedCode(person, kept_as) for person, kept_as in conn.execute(sql.shared, given)]
    if found:
        pairs = {one.person: one.kept_as for one in found}
        shared = {"tenant": tenant, "persons": list(pairs), "kept_as": list(pairs.values())}
        conn.execute(sql.keep_shared, shared)
    return found


def code_of(conn: Connection, tenant: Tenant, person: str, *, seal: Seal) -> Nym | None:
    """Return the linkage code of a person under the newest key version, None if none was issued."""
    row = conn.execute(sql.code_of, {"tenant": tenant, "person": person}).fetchone()
    if row is None:
        return None
    sealed, kv = row
    town = tenant.encode()
    plain = seal.open(sealed, TABLE, town, person.encode(), str(kv).encode())
    return Nym(tenant, kv, Element.parse(plain))


def codes_of(
    conn: Connection, tenant: Tenant, persons: Collection[str], *, seal: Seal
) -> dict[str, Nym]:
    """Return the same for many persons in one query; who has no code is not in it."""
    asked = {"tenant": tenant, "persons": list(persons)}
    town = tenant.encode()
    return {
        person: Nym(
            tenant,
            kv,
            Element.parse(seal.open(sealed, TABLE, town, person.encode(), str(kv).encode())),
        )
        for person, sealed, kv in conn.execute(sql.codes_of, asked, binary=True)
    }


def display_codes(conn: Connection, tenant: Tenant, person: str) -> list[tuple[int, str]]:
    """Return the display codes of a person by key version, the newest first."""
    found = conn.execute(sql.display_codes, {"tenant": tenant, "person": person})
    return [(kv, code) for kv, code in found]


def people_with_codes(conn: Connection, tenant: Tenant) -> list[str]:
    """Return everybody who has a code here, in order."""
    return [str(person) for (person,) in conn.execute(sql.people_with_codes, {"tenant": tenant})]


def are_codes_kept(conn: Connection, tenant: Tenant) -> bool:
    """Tell whether anybody has a code here."""
    return conn.execute(sql.one_code, {"tenant": tenant}).fetchone() is not None


def person_of(conn: Connection, tenant: Tenant, code: Nym | str) -> str | None:
    """Return whom a nym or a display code stands for, None if nobody has it here."""
    match code:
        case Nym() as nym:
            nym.belongs_to(tenant)
            text = nym.code
        case str() as typed:
            text = checked_code(typed)
    row = conn.execute(sql.person_of, {"tenant": tenant, "code": text}).fetchone()
    return None if row is None else str(row[0])


def people_of(conn: Connection, tenant: Tenant, nyms: Sequence[Nym]) -> list[str | None]:
    """Return whom each of these nyms stands for, None where nobody has it, in one query."""
    for nym in nyms:
        nym.belongs_to(tenant)
    codes = [nym.code for nym in nyms]
    asked = {"tenant": tenant, "codes": codes}
    found: dict[str, str] = dict(conn.execute(sql.persons_of, asked).fetchall())
    return [found.get(code) for code in codes]


def rotate_codes(
    conn: Connection,
    tenant: Tenant,
    before: int,
    after: int,
    factor: Scalar,
    *,
    seal: Seal,
    behind: str = "",
    limit: int = 1000,
) -> Rotated:
    """Give the next persons their codes under a new version; at the end there is none.

    Both versions stand side by side. Who has the new one is left out, so whatever ends this half
    way, it goes on where it was. Strangers change with them, and from the first step on none is
    kept under the old version.
    """
    conn.execute(sql.one_keeper, {"tenant": tenant})
    keep_factor(conn, tenant, before, after, factor, seal=seal)
    asked = {"tenant": tenant, "before": before, "after": after, "behind": behind, "limit": limit}
    town = tenant.encode()
    codes: list[tuple[str, Nym]] = []
    for person, sealed in conn.execute(sql.to_rotate, asked).fetchall():
        plain = seal.open(sealed, TABLE, town, person.encode(), str(before).encode())
        codes.append((person, rotated(Nym(tenant, before, Element.parse(plain)), factor, after)))
    if codes:
        _keep(conn, tenant, codes, seal)
    strangers = rotate_strangers(conn, tenant, before, after, factor, seal=seal, limit=limit)
    return Rotated(len(codes), codes[-1][0] if codes else behind, strangers)


def forget_codes(conn: Connection, tenant: Tenant, kv: int) -> int:
    """Delete the codes of an old version and return how many, once everybody has a newer one."""
    conn.execute(sql.one_keeper, {"tenant": tenant})
    asked = {"tenant": tenant, "kv": kv}
    row = conn.execute(sql.not_rotated, asked).fetchone()
    if row is not None and row[0]:
        raise RotationUnfinished(left=row[0], version=f"kv {kv}")
    conn.execute(sql.forget_factor, asked)
    return conn.execute(sql.forget_codes, asked).rowcount


def follow_codes(
    conn: Connection,
    tenant: Tenant,
    followed: Sequence[tuple[Nym, Nym | None]],
    *,
    seal: Seal,
) -> list[SharedCode]:
    """Put new codes in the place of old ones, or (None) delete what is nobody's any more.

    What was entered under an old one stays the person's; a new chain begins, so that nobody sees
    the new code go on where the old one ended. Codes that are not kept here change nothing.
    Returned is whose new code is another person's: one human stood under two numbers.
    """
    for nym in (nym for pair in followed for nym in pair if nym is not None):
        nym.belongs_to(tenant)
    conn.execute(sql.one_keeper, {"tenant": tenant})
    versions = Versions.read(conn, tenant, seal=seal)
    pairs = [(versions.of(old), versions.of(new) if new else []) for old, new in followed]
    asked = {"tenant": tenant, "codes": [nym.code for old, _ in pairs for nym in old]}
    held: dict[str, set[str]] = {}
    for code, person in conn.execute(sql.persons_of, asked).fetchall():
        held.setdefault(code, set()).add(person)
    touched = list(set[str]().union(*held.values()))
    conn.execute(sql.end_chains, {"tenant": tenant, "persons": touched})
    conn.execute(sql.drop_codes, asked)
    # One after the other: what a code became may be what the next pair is about.
    now: dict[str, list[Nym]] = {}
    for old, new in pairs:
        follow_stranger(conn, tenant, old, new, seal=seal)
        for person in set().union(*(held.pop(nym.code, set()) for nym in old)):
            now[person] = new
            for nym in new:
                held.setdefault(nym.code, set()).add(person)
    ended = [person for person in now if not now[person]]
    conn.execute(sql.part, {"tenant": tenant, "persons": ended})
    return _keep_versions(conn, tenant, list(now.items()), seal)


def note_follow_up(conn: Connection, tenant: Tenant, *, at: datetime) -> None:
    """Note that our codes are by now what the registrar says they are."""
    conn.execute(sql.follow_up, {"tenant": tenant, "at": at})


def followed_up(conn: Connection, tenant: Tenant) -> datetime | None:
    """Return when our codes last were what the registrar says, None if never."""
    row = conn.execute(sql.followed_up, {"tenant": tenant}).fetchone()
    return None if row is None else row[0]
