"""One organisation's linkage codes: its own number for a person, and that person's nym, sealed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from renkei.identity.errors import RotationUnfinished
from renkei.identity.group import Element, Scalar
from renkei.identity.nym import Nym, checked_code
from renkei.identity.rotation import rotated
from renkei.identity.seal import Seal
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


def keep_codes(
    conn: Connection, tenant: Tenant, codes: Sequence[tuple[str, Nym]], *, seal: Seal
) -> list[SharedCode]:
    """Keep the codes of persons (by 団体内統合宛名番号) and return whom they could not be kept for.

    A person's newer code of the same key version takes the place of the older one.
    """
    for _, nym in codes:
        nym.belongs_to(tenant)
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
    conn.execute(sql.one_keeper, {"tenant": tenant})
    conn.execute(sql.drop_older, given)
    conn.execute(sql.keep_codes, given)
    return [SharedCode(person, kept_as) for person, kept_as in conn.execute(sql.shared, given)]


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
    way, it goes on where it was.
    """
    conn.execute(sql.one_keeper, {"tenant": tenant})
    asked = {"tenant": tenant, "before": before, "after": after, "behind": behind, "limit": limit}
    town = tenant.encode()
    codes: list[tuple[str, Nym]] = []
    for person, sealed in conn.execute(sql.to_rotate, asked).fetchall():
        plain = seal.open(sealed, TABLE, town, person.encode(), str(before).encode())
        codes.append((person, rotated(Nym(tenant, before, Element.parse(plain)), factor, after)))
    if codes:
        keep_codes(conn, tenant, codes, seal=seal)
    return Rotated(len(codes), codes[-1][0] if codes else behind)


def forget_codes(conn: Connection, tenant: Tenant, kv: int) -> int:
    """Delete the codes of an old version and return how many, once everybody has a newer one."""
    conn.execute(sql.one_keeper, {"tenant": tenant})
    asked = {"tenant": tenant, "kv": kv}
    row = conn.execute(sql.not_rotated, asked).fetchone()
    if row is not None and row[0]:
        raise RotationUnfinished(left=row[0], version=f"kv {kv}")
    return conn.execute(sql.forget_codes, asked).rowcount


def follow_codes(
    conn: Connection,
    tenant: Tenant,
    followed: Sequence[tuple[Nym, Nym | None]],
    *,
    seal: Seal,
) -> list[SharedCode]:
    """Put new codes in the place of old ones, or (None) delete what is nobody's any more.

    Codes that are not kept here change nothing. Returned is whose new code is another person's:
    one human stood under two numbers, and the organisation must join them.
    """
    for nym in (nym for pair in followed for nym in pair if nym is not None):
        nym.belongs_to(tenant)
    old = [nym.code for nym, _ in followed]
    asked = {"tenant": tenant, "codes": old}
    persons: dict[str, str] = dict(conn.execute(sql.persons_of, asked).fetchall())
    conn.execute(sql.drop_codes, asked)
    given = [(persons[o.code], new) for o, new in followed if new and o.code in persons]
    return keep_codes(conn, tenant, given, seal=seal) if given else []


def note_follow_up(conn: Connection, tenant: Tenant, *, at: datetime) -> None:
    """Note that our codes are by now what the registrar says they are."""
    conn.execute(sql.follow_up, {"tenant": tenant, "at": at})


def followed_up(conn: Connection, tenant: Tenant) -> datetime | None:
    """Return when our codes last were what the registrar says, None if never."""
    row = conn.execute(sql.followed_up, {"tenant": tenant}).fetchone()
    return None if row is None else row[0]
