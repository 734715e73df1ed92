"""What in a person's bundle proves that there are no other entries: the map, and who signed it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from renkei import kit
from renkei.audit.bundle_wire import MapWire, ProofWire, read_hash
from renkei.audit.encoding import base64url
from renkei.audit.epochs import Epoch, map_proof, newest_epoch, output_verifier
from renkei.audit.errors import BundleMalformed, EpochMalformed, LogUnsigned
from renkei.audit.findings import Defect, Finding
from renkei.audit.notes import Checkpoint, Verifier
from renkei.audit.prefix_tree import Head, MapProof, Stranger
from renkei.audit.shards import FIRST
from renkei.audit.signed_tree import LOG, OUTPUT
from renkei.audit.tree import is_consistent, is_included, leaf_hash


class NewestMap(NamedTuple):
    """The newest epoch, and what of it stands in a bundle: once, and for each label."""

    epoch: Epoch
    output: Checkpoint
    shown: dict[str, object]
    proofs: dict[bytes, dict[str, object]]


def newest_map(
    conn: kit.Connection,
    tenant: kit.Tenant,
    labels: Iterable[bytes],
    checkpoint: Checkpoint,
    cosigned: Checkpoint | None,
    *,
    year: int = FIRST,
) -> NewestMap | None:
    """Return the newest epoch, what proves it, and each label's proof.

    None before the first. The epoch is proven under what is `cosigned` of the output log, where it
    is in that already.
    """
    number, epoch = newest_epoch(conn, tenant, year)
    if epoch is None:
        return None
    history = OUTPUT.of(year)
    output = history.newest(conn, tenant)
    if output is None:
        raise LogUnsigned
    if cosigned is not None and number <= cosigned.size <= output.size:
        output = cosigned
    consistency = LOG.of(year).tree(conn, tenant, checkpoint.size).consistency(epoch.input_size)
    shown: dict[str, object] = {
        "checkpoint": output.note,
        "consistency": _texts(consistency),
        "epoch": kit.read_json(epoch.render(), object),
        "inclusion": _texts(history.tree(conn, tenant, output.size).inclusion(number - 1)),
        "number": number - 1,
    }
    proofs = {
        label: _shown(map_proof(conn, tenant, checkpoint.origin, epoch, label, year=year))
        for label in labels
    }
    return NewestMap(epoch, output, shown, proofs)


class MapEvidence:
    """A bundle's map, read: which epoch it is, and whether it holds."""

    def __init__(self, wire: MapWire, key: Verifier) -> None:
        """Read the epoch and open the output log's checkpoint; what cannot be read is raised."""
        try:
            self.epoch = Epoch.parse(bytes(wire.epoch))
        except EpochMalformed as error:
            raise BundleMalformed(where="$.map.epoch") from error
        self._wire, self.number, self.key = wire, wire.number, output_verifier(key)
        self.output = Checkpoint.open(wire.checkpoint, [self.key])

    def broken(self, checkpoint: Checkpoint, proofs: Mapping[bytes, MapProof]) -> Finding | None:
        """Return the first link that does not hold, from the signature to each label."""
        wire, epoch, output = self._wire, self.epoch, self.output
        # 1. The epoch stands in the output log.
        path = [read_hash(part, "$.map.inclusion") for part in wire.inclusion]
        leaf = leaf_hash(bytes(wire.epoch))
        if not is_included(leaf, wire.number, output.size, path, output.root):
            return Finding(wire.number, Defect.EPOCH)
        # 2. Its entries are the beginning of those under the checkpoint.
        path = [read_hash(part, "$.map.consistency") for part in wire.consistency]
        old = (epoch.input_size, epoch.input_root)
        if not is_consistent(*old, checkpoint.size, checkpoint.root, path):
            return Finding(epoch.input_size, Defect.FORKED)
        # 3. Its map says of each label what it is said to say.
        for label, proof in proofs.items():
            if proof.root(label) != epoch.map_root:
                return Finding(wire.number, Defect.MAP)
        return None


def read_proof(wire: ProofWire, where: str) -> MapProof:
    """Read a label's proof."""
    siblings = tuple(read_hash(part, f"{where}.siblings") for part in wire.siblings)
    head = stranger = None
    if wire.head is not None:
        hashed = read_hash(wire.head.hash, f"{where}.head.hash")
        head = Head(wire.head.count, wire.head.last, hashed)
    if wire.stranger is not None:
        path = read_hash(wire.stranger.path, f"{where}.stranger.path")
        stranger = Stranger(path, read_hash(wire.stranger.head, f"{where}.stranger.head"))
    if head is not None and stranger is not None:
        raise BundleMalformed(where=where)
    return MapProof(siblings, head, stranger)


def _shown(proof: MapProof) -> dict[str, object]:
    head, stranger = proof.head, proof.stranger
    return {
        "head": head and {"count": head.count, "hash": base64url(head.hash), "last": head.last},
        "siblings": _texts(proof.siblings),
        "stranger": stranger
        and {"head": base64url(stranger.digest), "path": base64url(stranger.path)},
    }


def _texts(hashes: Sequence[bytes]) -> list[str]:
    return [base64url(part) for part in hashes]
