"""The versions of a code that stand side by side while one is replaced (符号の更新).

The factor of a rotation is kept, sealed, until the old version is forgotten. So whatever comes in
the window by one version finds whom the other stands for, also who is known here by no number.
"""

from dataclasses import dataclass
from typing import Self

from renkei.identity.group import Scalar
from renkei.identity.nym import Nym
from renkei.identity.rotation import rotated
from renkei.identity.seal import Seal
from renkei.kit import Connection, Tenant, queries

TABLE = "identity_rotation"

sql = queries("renkei.identity")


def keep_factor(
    conn: Connection, tenant: Tenant, before: int, after: int, factor: Scalar, *, seal: Seal
) -> None:
    """Keep the factor of a rotation that begins, or goes on."""
    sealed = seal.close(factor.encoded, TABLE, *_row(tenant, before, after))
    conn.execute(
        sql.keep_factor, {"tenant": tenant, "before": before, "after": after, "factor": sealed}
    )


@dataclass(frozen=True, slots=True)
class Versions:
    """The rotations in their window: from which version to which, by which factor."""

    _newer: dict[int, tuple[int, Scalar]]

    @classmethod
    def read(cls, conn: Connection, tenant: Tenant, *, seal: Seal) -> Self:
        """Read which versions stand side by side now; mostly there is one alone."""
        rows = conn.execute(sql.factors, {"tenant": tenant}, binary=True)
        return cls(
            {
                before: (
                    after,
                    Scalar.parse(seal.open(sealed, TABLE, *_row(tenant, before, after))),
                )
                for before, after, sealed in rows
            }
        )

    def of(self, nym: Nym) -> list[Nym]:
        """Return a code in all versions that are in use here, the newest first."""
        found = [nym]
        while newer := self._newer.get(found[0].kv):
            after, factor = newer
            found.insert(0, rotated(found[0], factor, after))
        older = {after: (before, factor) for before, (after, factor) in self._newer.items()}
        while turn := older.get(found[-1].kv):
            before, factor = turn
            found.append(rotated(found[-1], factor.inverse(), before))
        return found


def _row(tenant: Tenant, before: int, after: int) -> tuple[bytes, ...]:
    return tenant.encode(), str(before).encode(), str(after).encode()
