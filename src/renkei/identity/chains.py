"""A person's chains in the access log: what every label follows from, whatever the code is by now.

A chain is a secret drawn once. A code changes by rotation, by another pid, by a merger of numbers;
what was entered stays where it is, so the chains of a person are kept, each there ever was. Entries
go to the one that has no end yet; the person is shown all.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any, Self
from uuid import UUID, uuid4

from renkei.identity.nym import Nym
from renkei.identity.seal import Seal
from renkei.identity.strangers import keep_stranger, stranger_with
from renkei.identity.versions import Versions
from renkei.kit import Connection, Tenant, queries

TABLE = "identity_chain"
SECRET = 32

_Owner = tuple[str | None, UUID | None]
"""Whose a chain is: a person's, by the house's own number, or a stranger's."""

sql = queries("renkei.identity")


@dataclass(frozen=True, slots=True)
class Chain:
    """What the labels of one chain follow from: one a year, joined by nobody without the secret."""

    secret: bytes = field(repr=False)

    @classmethod
    def of_handle(cls, nym: Nym) -> Self:
        """Return the chain of a person at the log operator, who knows handles and no person.

        Its domain is never rotated: it keeps hashes, which no factor carries over.
        """
        return cls(nym.element.encoded)

    def label(self, year: int) -> bytes:
        """Return the mark of a person's entries of a year in the access log."""
        return sha256(b"label" + f"{year:04}".encode() + self.secret).digest()

    def sealed_label(self, year: int) -> bytes:
        """Return the mark of the entries that the law withholds from the person (番号法23条2項)."""
        return sha256(b"sealed-label" + f"{year:04}".encode() + self.secret).digest()

    def mark(self, year: int, *, withheld: bool) -> bytes:
        """Return the label that an entry of a year stands under, open or sealed."""
        return self.sealed_label(year) if withheld else self.label(year)


@dataclass(frozen=True, slots=True)
class History:
    """Every chain of a person, and of all numbers the person has here; entries go to the first."""

    every: tuple[Chain, ...]

    @property
    def current(self) -> Chain:
        """Return the chain that is entered into."""
        return self.every[0]

    def labels(self, years: Iterable[int]) -> tuple[bytes, ...]:
        """Return the labels of these years: where all that may be shown to the person stands."""
        return tuple(chain.label(year) for year in years for chain in self.every)

    def withholds(self, label: bytes | None, year: int) -> bool:
        """Tell whether a label marks what was withheld from this person in a year."""
        return any(chain.sealed_label(year) == label for chain in self.every)


def chains_for(
    conn: Connection, tenant: Tenant, persons: Collection[str], *, seal: Seal
) -> dict[str, Chain]:
    """Return where entries about each of these persons go; whoever has no chain is given one.

    Nobody waits for anybody: two that give one at once give the person two, and both are shown.
    """
    asked = {"tenant": tenant, "persons": list(persons)}
    found = {
        str(person): _opened(tenant, stored, seal)
        for person, *stored in conn.execute(sql.chains_for, asked, binary=True)
    }
    missing = sorted(set(persons) - found.keys())
    begun = _begin(conn, tenant, [(person, None) for person in missing], seal)
    return found | dict(zip(missing, begun, strict=True))


def chains_of_codes(
    conn: Connection, tenant: Tenant, people: Mapping[Nym, str | None], *, seal: Seal
) -> dict[Nym, Chain]:
    """Return where entries about whoever has each of these codes go; `people_of` tells who has.

    Who has a number here takes a few statements for all; a stranger takes some alone.
    """
    known = chains_for(conn, tenant, {one for one in people.values() if one is not None}, seal=seal)
    return {
        nym: history_of_code(conn, tenant, nym, seal=seal).current
        if person is None
        else known[person]
        for nym, person in people.items()
    }


def history_of(conn: Connection, tenant: Tenant, person: str, *, seal: Seal) -> History:
    """Return all chains of a person, by the house's own number; there is always one."""
    owner = person, None
    return _stored(conn, tenant, owner, seal) or _begun(conn, tenant, owner, seal)


def history_of_code(conn: Connection, tenant: Tenant, nym: Nym, *, seal: Seal) -> History:
    """Return all chains of whoever has a code, with a number here or not; there is always one.

    A code of a version that is being replaced finds whom the newer one stands for, and the reverse.
    """
    nym.belongs_to(tenant)
    owner = _owner(conn, tenant, [nym])
    if owner is not None:
        found = _stored(conn, tenant, owner, seal)
        if found is not None:
            return found
    # Whoever keeps codes now is waited for: it may be just this one, or its newer version.
    conn.execute(sql.one_keeper, {"tenant": tenant})
    versions = Versions.read(conn, tenant, seal=seal).of(nym)
    owner = _owner(conn, tenant, versions)
    if owner is None:
        owner = None, keep_stranger(conn, tenant, versions[0], seal=seal)
    return _stored(conn, tenant, owner, seal) or _begun(conn, tenant, owner, seal)


def _owner(conn: Connection, tenant: Tenant, versions: Sequence[Nym]) -> _Owner | None:
    """Return whose a code is: a person's of the house, a stranger's, or (None) nobody's yet."""
    asked = {"tenant": tenant, "codes": [nym.code for nym in versions]}
    row = conn.execute(sql.persons_of, asked).fetchone()
    if row is not None:
        return str(row[1]), None
    stranger = stranger_with(conn, tenant, versions)
    return None if stranger is None else (None, stranger)


def _stored(conn: Connection, tenant: Tenant, owner: _Owner, seal: Seal) -> History | None:
    """Return all chains of a person or stranger, if one of them has no end yet."""
    rows = _rows(conn, tenant, owner)
    if not rows or not rows[0][0]:
        return None
    return History(tuple(_opened(tenant, stored, seal) for _, *stored in rows))


def _begun(conn: Connection, tenant: Tenant, owner: _Owner, seal: Seal) -> History:
    """Return all chains of a person or stranger, behind one that begins now."""
    before = [_opened(tenant, stored, seal) for _, *stored in _rows(conn, tenant, owner)]
    return History((*_begin(conn, tenant, [owner], seal), *before))


def _rows(conn: Connection, tenant: Tenant, owner: _Owner) -> Sequence[Sequence[Any]]:
    person, stranger = owner
    asked = {"tenant": tenant, "person": person, "stranger": stranger}
    of = sql.history_of if stranger is None else sql.history_of_stranger
    return conn.execute(of, asked, binary=True).fetchall()


def _begin(
    conn: Connection,
    tenant: Tenant,
    owners: Sequence[_Owner],
    seal: Seal,
) -> list[Chain]:
    """Draw a chain for each of these persons and strangers, and keep it."""
    drawn = [(uuid4(), Chain(token_bytes(SECRET))) for _ in owners]
    if drawn:
        given = {
            "tenant": tenant,
            "chains": [chain for chain, _ in drawn],
            "persons": [person for person, _ in owners],
            "strangers": [stranger for _, stranger in owners],
            "secrets": [
                seal.close(one.secret, TABLE, tenant.encode(), chain.bytes) for chain, one in drawn
            ],
        }
        conn.execute(sql.begin_chains, given)
    return [one for _, one in drawn]


def _opened(tenant: Tenant, stored: Sequence[Any], seal: Seal) -> Chain:
    chain, sealed, person, kv = stored
    if person is None:
        return Chain(seal.open(sealed, TABLE, tenant.encode(), chain.bytes))
    # From before there were chains: the nym of that time, moved by the migration as it stood.
    row = tenant.encode(), str(person).encode(), str(kv).encode()
    return Chain(seal.open(sealed, "identity_code", *row))
