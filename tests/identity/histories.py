"""A house whose codes rotate and follow, and the list of each person as it must be."""

from dataclasses import dataclass, field
from itertools import count

from tests.identity.world import A

from renkei import identity, kit
from renkei.identity import Nym, Seal
from renkei.identity.group import Scalar, hash_to_group

SEAL = Seal(bytes(range(32)))
YEAR = 2026


@dataclass
class House:
    """One house: its numbers, the nyms of pids under the versions in use, and what was entered."""

    conn: kit.Connection
    factors: list[Scalar] = field(default_factory=lambda: [Scalar.random()])
    oldest: int = 1
    entered: list[tuple[bytes, object]] = field(default_factory=list)
    pids: "count[int]" = field(default_factory=count)

    @property
    def newest(self) -> int:
        return len(self.factors)

    def nym(self, pid: int, *, kv: int = 0) -> Nym:
        """Return the nym of a pid, under the newest version if none is named."""
        kv = kv or self.newest
        element = hash_to_group(f"pid {pid}".encode())
        for factor in self.factors[:kv]:
            element = factor * element
        return Nym(A, kv, element)

    def keep(self, person: str, pid: int, *, kv: int = 0) -> list[identity.SharedCode]:
        return identity.keep_codes(self.conn, A, [(person, self.nym(pid, kv=kv))], seal=SEAL)

    def follow(self, *pairs: tuple[int, int | None], kv: int = 0) -> list[identity.SharedCode]:
        followed = [
            (self.nym(old, kv=kv), None if new is None else self.nym(new, kv=kv))
            for old, new in pairs
        ]
        return identity.follow_codes(self.conn, A, followed, seal=SEAL)

    def rotate(self, *, limit: int = 1000) -> identity.Rotated:
        """Take a step of a rotation; the first one begins it."""
        if self.newest == self.oldest:
            self.factors.append(Scalar.random())
        factor = self.factors[-1]
        return identity.rotate_codes(
            self.conn, A, self.newest - 1, self.newest, factor, seal=SEAL, limit=limit
        )

    def forget(self) -> None:
        for kv in range(self.oldest, self.newest):
            identity.forget_codes(self.conn, A, kv)
            self.oldest = kv + 1

    def look(self, person: str) -> None:
        """Enter that somebody of the house looked at a person."""
        chain = identity.chains_for(self.conn, A, [person], seal=SEAL)[person]
        self.entered.append((chain.label(YEAR), person))

    def ask(self, pid: int, *, kv: int = 0) -> None:
        """Enter a question of another house about a person."""
        self.entered.append((self.by_code(pid, kv=kv).current.label(YEAR), pid))

    def by_code(self, pid: int, *, kv: int = 0) -> identity.History:
        return identity.history_of_code(self.conn, A, self.nym(pid, kv=kv), seal=SEAL)

    def by_number(self, person: str) -> identity.History:
        return identity.history_of(self.conn, A, person, seal=SEAL)

    def shown(self, history: identity.History) -> list[object]:
        """Return whom the entries name that a person is shown, in the order they were made."""
        labels = history.labels([YEAR])
        return [about for label, about in self.entered if label in labels]
