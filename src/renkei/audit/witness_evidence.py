"""What in a bundle shows that witnesses have seen the same log: their checkpoints, and how far.

A bundle is made under the newest checkpoint, so that no entry is held back until witnesses have
seen it; beside it stands the one they cosigned, as the beginning of the same log. A reader with a
policy believes that one alone.
"""

from collections.abc import Iterable
from typing import NamedTuple, Self

from renkei import kit
from renkei.audit.bundle_wire import WitnessedWire, read_hash
from renkei.audit.encoding import base64url
from renkei.audit.epochs import Epoch
from renkei.audit.errors import NoteForged, QuorumMissed
from renkei.audit.findings import Defect, Finding
from renkei.audit.map_evidence import MapEvidence
from renkei.audit.notes import Checkpoint, Verifier, named_on
from renkei.audit.policies import Cosigned, Policy
from renkei.audit.shards import FIRST
from renkei.audit.signed_tree import LOG
from renkei.audit.tree import is_consistent


class Witnessed(NamedTuple):
    """The newest checkpoint of a shard that its witnesses cosigned, and that of its output log.

    Those of other shards stand beside it.
    """

    log: Checkpoint
    output: Checkpoint | None
    others: tuple["Witnessed", ...] = ()

    def of(self, name: str) -> "Witnessed | None":
        """Return what was cosigned of the shard of a name."""
        return next((one for one in (self, *self.others) if one.log.origin == name), None)


class Coverage(NamedTuple):
    """What a bundle says of its witnesses, believed of nobody: how far they saw the log and map."""

    witnesses: tuple[str, ...]
    mappers: tuple[str, ...]
    size: int
    has_map: bool | None
    unwitnessed: int

    @classmethod
    def of(
        cls, seen: Checkpoint, mapped: tuple[Epoch, Checkpoint] | None, indices: Iterable[int]
    ) -> Self:
        """Read it off the lines of both checkpoints, and count the entries that are newer."""
        has_map, mappers = None, tuple[str, ...]()
        if mapped is not None:
            epoch, output = mapped
            mappers = named_on(output)
            has_map = bool(mappers) and epoch.input_size <= seen.size
        unwitnessed = sum(index >= seen.size for index in indices)
        return cls(named_on(seen), mappers, seen.size, has_map, unwitnessed)


class Accepted(NamedTuple):
    """What a policy accepts of a bundle: the log's checkpoint, and the output log's."""

    log: Cosigned
    output: Cosigned | None


def shown_witnessed(
    conn: kit.Connection,
    tenant: kit.Tenant,
    seen: Checkpoint,
    checkpoint: Checkpoint,
    *,
    year: int = FIRST,
) -> dict[str, object] | None:
    """Return what stands in a bundle; None where the log is shorter than what was cosigned."""
    if not 0 < seen.size <= checkpoint.size:
        return None
    path = LOG.of(year).tree(conn, tenant, checkpoint.size).consistency(seen.size)
    return {
        "checkpoint": seen.note,
        "consistency": [base64url(part) for part in path],
    }


class WitnessEvidence:
    """The cosigned checkpoint of a bundle; of one without it, the bundle's own."""

    def __init__(
        self,
        wire: WitnessedWire | None,
        checkpoint: Checkpoint,
        mapped: MapEvidence | None,
        key: Verifier,
    ) -> None:
        """Open the checkpoint by the log's key; what cannot be read is raised."""
        self._key, self._mapped, self._newest = key, mapped, checkpoint
        self._seen, self._path = checkpoint, list[bytes]()
        if wire is not None:
            self._seen = Checkpoint.open(wire.checkpoint, [key])
            self._path = [read_hash(part, "$.witnessed.consistency") for part in wire.consistency]

    def coverage(self, indices: Iterable[int]) -> Coverage:
        """Return what is to be said of the entries at these places."""
        mapped = None
        if self._mapped is not None:
            mapped = self._mapped.epoch, self._mapped.output
        return Coverage.of(self._seen, mapped, indices)

    def broken(self) -> Finding | None:
        """Return what is wrong where the cosigned tree is not the beginning of this log."""
        old, new = self._seen, self._newest
        if is_consistent(old.size, old.root, new.size, new.root, self._path):
            return None
        return Finding(old.size, Defect.COSIGNED_OTHER)

    def judge(self, policy: Policy) -> Accepted | Finding:
        """Return what the policy accepts, or the first link its witnesses have not cosigned."""
        # 1. The log.
        try:
            log = policy.accept(self._seen.note, [self._key])
        except QuorumMissed:
            return Finding(self._seen.size, Defect.UNWITNESSED)
        except NoteForged:
            return Finding(self._seen.size, Defect.COSIGNATURE)
        if self._mapped is None:
            return Accepted(log, None)
        # 2. The output log, whose tree holds the epoch.
        output, number = self._mapped.output, self._mapped.number
        try:
            accepted = policy.for_output().accept(output.note, [self._mapped.key])
        except QuorumMissed:
            return Finding(number, Defect.EPOCH_UNWITNESSED)
        except NoteForged:
            return Finding(output.size, Defect.EPOCH_COSIGNATURE)
        # 3. The epoch's entries, which must be among those the witnesses have seen.
        if self._mapped.epoch.input_size > log.checkpoint.size:
            return Finding(number, Defect.EPOCH_BEYOND)
        return Accepted(log, accepted)
