"""One organisation's linkage codes: its own number for a person, and that person's nym, sealed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from renkei.identity.group import Element
from renkei.identity.nym import Nym, checked_code
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
