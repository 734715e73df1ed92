"""Bundles: a person's entries, or a request's, in one file that proves itself without a database.

Canonical JSON. Every entry stands with its proof under one signed checkpoint; the chain of a
person runs from 1 without a gap, and the map proves that it does not go on (RK-25.4). A reader
trusts nothing in it but keys already trusted.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from renkei import kit
from renkei.audit.bundle_wire import (
    FORMAT,
    LARGEST_BUNDLE,
    WITH_MAP,
    BundleWire,
    EntryWire,
    MapWire,
    ProofWire,
    decode,
    read_hash,
)
from renkei.audit.encoding import base64url, instant
from renkei.audit.entries import Leaf
from renkei.audit.epochs import Epoch
from renkei.audit.errors import (
    BundleMalformed,
    BundleTooLarge,
    EntryMalformed,
    EntryWithheld,
    KeyUnknown,
    LogUnsigned,
)
from renkei.audit.findings import Defect, Finding
from renkei.audit.log import Logged, entries_for_request, entries_of, newest
from renkei.audit.map_evidence import MapEvidence, newest_map, read_proof
from renkei.audit.notes import Checkpoint, Verifier
from renkei.audit.prefix_tree import Head, MapProof
from renkei.audit.releases import opened_by, released
from renkei.audit.signed_tree import LOG, sql
from renkei.audit.tree import is_included


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a bundle proves: the entries verified, and the first broken link if there is one."""

    checkpoint: Checkpoint
    entries: tuple[Logged, ...]
    broken: Finding | None
    statement: dict[kit.Language, str]

    @property
    def whole(self) -> bool:
        """Tell whether every link is there."""
        return self.broken is None

    def text(self, language: kit.Language = "en") -> str:
        """Return what is proven, or what is broken."""
        return self.broken.text(language) if self.broken else self.statement[language]


def bundle(
    conn: kit.Connection,
    tenant: kit.Tenant,
    key: Verifier,
    *,
    labels: Sequence[bytes] = (),
    request: str | None = None,
    withheld: bool = False,
    under: Checkpoint | None = None,
) -> bytes:
    """Return the entries of these chains, or of this request, with all that proves them.

    `withheld` opens entries withheld by law too; it is for the oversight body's bundles. `under` is
    the checkpoint to prove them by, such as the cosigned one; by default the newest.
    """
    if request is None:  # what is read of the map is of one epoch, and no older than the tree
        conn.execute(sql.share_map, {"tenant": tenant})
    checkpoint = newest(conn, tenant) if under is None else under
    if checkpoint is None:
        raise LogUnsigned
    Checkpoint.open(checkpoint.note, [key])
    if request is None:
        every = dict.fromkeys(labels)
        found = [logged for label in every for logged in entries_of(conn, tenant, label)]
    else:
        found = entries_for_request(conn, tenant, request)
        # It claims no completeness: what the law withholds is left out, not a gap that shows.
        found = [logged for logged in found if withheld or not logged.entry.withheld]
    # What was sequenced after this checkpoint comes with the next one.
    found = [logged for logged in found if logged.index < checkpoint.size]
    for logged in found:
        if logged.entry.withheld and not withheld:
            raise EntryWithheld(index=logged.index)
    mapped = None
    if request is None:
        mapped = newest_map(conn, tenant, dict.fromkeys(labels), checkpoint)
    chains = _chains(found, labels, mapped and mapped.proofs) if request is None else []
    opened = {} if request else released(conn, tenant, checkpoint.origin, found)
    shown = sorted({one.index: one for one in found}.items() | opened.items())
    tree = LOG.tree(conn, tenant, checkpoint.size)
    content: dict[str, object] = {
        "chains": chains,
        "checkpoint": checkpoint.note,
        "entries": [
            {
                "index": logged.index,
                "leaf": kit.read_json(logged.leaf, object),
                "proof": [base64url(part) for part in tree.inclusion(logged.index)],
            }
            for _, logged in shown
        ],
        "format": WITH_MAP if mapped else FORMAT,
        "request": request,
        "vkey": str(key),
    }
    if mapped:
        content["map"] = mapped.shown
        complete = sum(logged.index < mapped.epoch.input_size for logged in found)
        newer, number = len(found) - complete, len(chains)
        content["statement"] = _complete(checkpoint, mapped.epoch, complete, newer, number)
    else:
        content["statement"] = _statement(checkpoint, len(shown), len(chains), request)
    data = kit.canonical(content)
    if len(data) > LARGEST_BUNDLE:
        raise BundleTooLarge(limit=LARGEST_BUNDLE)
    return data


def verify_bundle(data: bytes, trusted: Iterable[Verifier]) -> Verdict:
    """Verify a bundle offline. What cannot be read is raised; what is broken is in the verdict."""
    wire = decode(data)
    key = next((verifier for verifier in trusted if str(verifier) == wire.vkey), None)
    if key is None:
        raise KeyUnknown(name=wire.vkey[:200])
    checkpoint = Checkpoint.open(wire.checkpoint, [key])
    evidence = _map_of(wire, key)
    if evidence:
        heads = [one.map.head for one in wire.chains if isinstance(one.map, ProofWire)]
        complete = sum(head.count for head in heads if head is not None)
        newer, number = sum(one.count for one in wire.chains) - complete, len(wire.chains)
        statement = _complete(checkpoint, evidence.epoch, complete, newer, number)
    else:
        statement = _statement(checkpoint, len(wire.entries), len(wire.chains), wire.request)
    links = _Links(wire, evidence.epoch.input_size if evidence else 0)
    verified: list[Logged] = []
    if evidence and (broken := evidence.broken(checkpoint, links.proofs)):
        return Verdict(checkpoint, (), broken, statement)
    for number, item in enumerate(wire.entries):
        logged = _included(item, number, checkpoint)
        broken = links.follow(logged) if isinstance(logged, Logged) else logged
        if isinstance(logged, Finding) or broken:
            return Verdict(checkpoint, tuple(verified), broken, statement)
        verified.append(logged)
    broken = links.short()
    # Last, so that a link that is broken is named before the words that do not fit it.
    if not broken and statement != {"en": wire.statement.en, "ja": wire.statement.ja}:
        raise BundleMalformed(where="$.statement")
    return Verdict(checkpoint, tuple(verified), broken, statement)


class _Links:
    """The chains a bundle announces, followed entry by entry."""

    def __init__(self, wire: BundleWire, mapped: int) -> None:
        """Take what is announced, and how many entries of the log are in the map."""
        self._request, self._mapped = wire.request, mapped
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
        if named := opened_by(logged.entry):
            self._released[named[0]] = named[1]
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


def _map_of(wire: BundleWire, key: Verifier) -> MapEvidence | None:
    """Return the map of a bundle that has one, with a proof for each of its chains."""
    proofs = [isinstance(chain.map, ProofWire) for chain in wire.chains]
    if not isinstance(wire.map, MapWire):
        if wire.format != FORMAT or any(proofs) or any(not one.count for one in wire.chains):
            raise BundleMalformed(where="$.map")
        return None
    if wire.format != WITH_MAP or not all(proofs) or wire.request is not None:
        raise BundleMalformed(where="$.map")
    return MapEvidence(wire.map, key)


def _chains(
    found: Sequence[Logged],
    labels: Sequence[bytes],
    proofs: Mapping[bytes, Mapping[str, object]] | None,
) -> list[dict[str, object]]:
    """Return what is announced: every label the map speaks of, else those that have entries."""
    counts = Counter(logged.entry.label for logged in found)
    if proofs is None:
        return [{"count": n, "label": base64url(label or b"")} for label, n in counts.items()]
    return [
        {"count": counts[label], "label": base64url(label), "map": proofs[label]}
        for label in dict.fromkeys(labels)
    ]


def _included(item: EntryWire, number: int, checkpoint: Checkpoint) -> Logged | Finding:
    """Return the entry if the checkpoint's tree has it at its place."""
    where = f"$.entries[{number}].proof"
    proof = [read_hash(part, where) for part in item.proof]
    try:
        leaf = Leaf.parse(bytes(item.leaf))
        logged = Logged(item.index, leaf.seq, leaf.prev, bytes(item.leaf), leaf.entry())
    except EntryMalformed:
        return Finding(item.index, Defect.ALTERED)
    if not is_included(logged.hash, item.index, checkpoint.size, proof, checkpoint.root):
        return Finding(item.index, Defect.ALTERED)
    return logged


def _statement(
    checkpoint: Checkpoint, count: int, chains: int, request: str | None
) -> dict[kit.Language, str]:
    """Return what is stated, in both languages; the wording belongs to the format's version."""
    code = "request" if request is not None else "chains" if count else "none"
    return _said(
        f"audit-bundle-v1-{code}",
        origin=checkpoint.origin,
        size=checkpoint.size,
        count=count,
        chains=chains,
        request=request,
    )


def _complete(
    checkpoint: Checkpoint, epoch: Epoch, complete: int, newer: int, chains: int
) -> dict[kit.Language, str]:
    """Return what is stated where the map proves it: that up to its epoch there are no others."""
    code = "newer" if newer else "complete" if complete else "none"
    return _said(
        f"audit-bundle-v2-{code}",
        origin=checkpoint.origin,
        size=checkpoint.size,
        input=epoch.input_size,
        at=instant(epoch.at),
        count=complete,
        newer=newer,
        chains=chains,
    )


def _said(code: str, **facts: object) -> dict[kit.Language, str]:
    languages: tuple[kit.Language, ...] = ("ja", "en")
    return {language: kit.say(code, language, **facts) for language in languages}
