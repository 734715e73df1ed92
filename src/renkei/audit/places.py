"""Places: that an entry stands in a signed log, proven without showing the entry.

What is told is the leaf's hash, which its salt keeps from being guessed: the leaf itself has the
chain of a person, by which two members could find that they ask about the same one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from renkei import kit
from renkei.audit.errors import LogUnsigned
from renkei.audit.log import Logged
from renkei.audit.notes import Checkpoint
from renkei.audit.signed_tree import LOG, sql
from renkei.audit.tree import is_included


@dataclass(frozen=True, slots=True)
class Proven:
    """A leaf's place in a shard, the path to its root, and since when a signed root has it.

    The time is the log's own word: a checkpoint bears none.
    """

    year: int
    index: int
    leaf: bytes
    path: tuple[bytes, ...]
    since: datetime

    def holds(self, checkpoint: Checkpoint) -> bool:
        """Tell whether the leaf stands there in the tree of a checkpoint of that shard."""
        size, root = checkpoint.size, checkpoint.root
        return is_included(self.leaf, self.index, size, self.path, root)


def places(
    conn: kit.Connection, tenant: kit.Tenant, found: Sequence[Logged]
) -> tuple[Mapping[int, Checkpoint], list[Proven]]:
    """Return the place of each entry, and the newest checkpoint of every shard they stand in."""
    checkpoints: dict[int, Checkpoint] = {}
    proven: dict[tuple[int, int], Proven] = {}
    for year in {one.year for one in found}:
        here = [one for one in found if one.year == year]
        newest = LOG.of(year).newest(conn, tenant)
        if newest is None:
            raise LogUnsigned
        checkpoints[year] = newest
        tree = LOG.of(year).tree(conn, tenant, newest.size)
        facts = {"tenant": tenant, "year": year, "indices": [one.index for one in here]}
        since: dict[int, datetime] = dict(conn.execute(sql.signed_since, facts).fetchall())
        for one in here:
            path = tree.inclusion(one.index)
            proven[year, one.index] = Proven(year, one.index, one.hash, path, since[one.index])
    return checkpoints, [proven[one.year, one.index] for one in found]
