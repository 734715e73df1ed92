"""The chains a bundle announces, followed entry by entry until each ends where it must."""

from renkei.audit.bundle_wire import BundleWire, ProofWire, read_hash
from renkei.audit.errors import BundleMalformed
from renkei.audit.findings import Defect, Finding
from renkei.audit.log import Logged
from renkei.audit.map_evidence import read_proof
from renkei.audit.prefix_tree import Head, MapProof
from renkei.audit.releases import opened_by


class Links:
    """The chains a bundle announces, followed entry by entry."""

    def __init__(self, wire: BundleWire, mapped: int, year: int) -> None:
        """Take what is announced, how many entries are in the map, and which shard this is."""
        self._request, self._mapped, self._year = wire.request, mapped, year
        self._counts: dict[bytes, int] = {}
        self._heads: dict[bytes, tuple[int, bytes | None, int]] = {}
        self._in_map: dict[bytes, Head] = {}
        self._last = -1
        self._apart: dict[int, bytes] = {}
        self._released: dict[int, bytes] = {}
        self.proofs: dict[bytes, MapProof] = {}
        for number, chain in enumerate(wire.chains):
            where = f"$.chains[{number}]"
            label = read_hash(chain.label, f"{where}.label")
            if label in self._counts or wire.request is not None:
                raise BundleMalformed(where=where)
            self._counts[label] = chain.count
            if isinstance(chain.map, ProofWire):
                self.proofs[label] = read_proof(chain.map, f"{where}.map")

    def follow(self, logged: Logged) -> Finding | None:
        """Take the next entry: behind the one before, and the next link of an announced chain."""
        if logged.index <= self._last:
            return Finding(logged.index, Defect.MOVED)
        self._last = logged.index
        if self._request is not None:
            fits = logged.entry.request == self._request
            return None if fits else Finding(logged.index, Defect.CHAIN)
        label = logged.entry.label or b""
        if label not in self._counts and logged.entry.withheld:
            self._apart[logged.index] = logged.hash
            return None
        count, head, _ = self._heads.get(label, (0, None, 0))
        if label not in self._counts or (logged.seq, logged.prev) != (count + 1, head):
            return Finding(logged.index, Defect.CHAIN)
        self._heads[label] = (count + 1, logged.hash, logged.index)
        if (named := opened_by(logged.entry)) and named.year == self._year:
            self._released[named.index] = named.hash
        if logged.index < self._mapped:
            self._in_map[label] = Head(count + 1, logged.index, logged.hash)
        return None

    def short(self) -> Finding | None:
        """Return the first chain that is not as long as announced, or as the map says.

        A withheld entry apart from the chains is one that a release in them names, and the reverse.
        """
        for index, _ in sorted(self._apart.items() ^ self._released.items()):
            return Finding(index, Defect.REMOVED if index in self._released else Defect.CHAIN)
        for label, announced in self._counts.items():
            count, _, last = self._heads.get(label, (0, None, 0))
            if count != announced:
                return Finding(last, Defect.HEAD)
        for label, proof in self.proofs.items():
            if proof.head != self._in_map.get(label):
                return Finding(proof.head.last if proof.head else 0, Defect.HEAD)
        return None
