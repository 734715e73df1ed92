"""Bundles: a person's entries in a shard, or a request's, in one file that proves itself offline.

Canonical JSON. Every entry stands with its proof under one signed checkpoint; the chain of a
person runs from 1 without a gap, and the map proves that it does not go on (RK-25.4). A reader
trusts nothing in it but keys already trusted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from renkei import kit
from renkei.audit.bundle_links import Links
from renkei.audit.bundle_wire import (
    FORMAT,
    LARGEST_BUNDLE,
    WITH_MAP,
    WITNESSED,
    BundleWire,
    EntryWire,
    MapWire,
    ProofWire,
    WitnessedWire,
    decode,
    read_hash,
)
from renkei.audit.bundle_words import (
    accepted_statement,
    complete_statement,
    covered_statement,
    plain_statement,
)
from renkei.audit.encoding import base64url
from renkei.audit.entries import Leaf
from renkei.audit.errors import (
    BundleMalformed,
    BundleTooLarge,
    EntryMalformed,
    EntryWithheld,
    KeyUnknown,
    LogUnsigned,
)
from renkei.audit.findings import Defect, Finding
from renkei.audit.log import Logged, entries_for_request, entries_of
from renkei.audit.map_evidence import MapEvidence, newest_map
from renkei.audit.notes import Checkpoint, Verifier
from renkei.audit.policies import Policy
from renkei.audit.releases import opened_by, released
from renkei.audit.shards import FIRST
from renkei.audit.signed_tree import LOG, sql
from renkei.audit.tree import is_included
from renkei.audit.witness_evidence import (
    Accepted,
    Coverage,
    Witnessed,
    WitnessEvidence,
    shown_witnessed,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a bundle proves: the entries verified, and the first broken link if there is one.

    The checkpoint is that of the newest shard; those of older ones, where there are any, count too.
    """

    checkpoint: Checkpoint
    entries: tuple[Logged, ...]
    broken: Finding | None
    statement: dict[kit.Language, str]
    older: tuple[Checkpoint, ...] = ()

    @property
    def whole(self) -> bool:
        """Tell whether every link is there."""
        return self.broken is None

    def text(self, language: kit.Language = "en") -> str:
        """Return what is proven, or what is broken."""
        return self.broken.text(language) if self.broken else self.statement[language]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: these chains or this request; withheld entries too or not."""

    labels: Sequence[bytes]
    request: str | None
    withheld: bool


def shard_bundle(
    conn: kit.Connection,
    tenant: kit.Tenant,
    key: Verifier,
    asked: Asked,
    *,
    year: int = FIRST,
    witnessed: Witnessed | None = None,
) -> bytes:
    """Return the entries of a shard that are asked for, with all that proves them.

    The key is the shard's. What was `witnessed` of it goes along where it fits; entries that are
    newer stand in the bundle all the same.
    """
    labels, request, withheld = asked.labels, asked.request, asked.withheld
    if request is None:  # what is read of the map is of one epoch, and no older than the tree
        conn.execute(sql.share_map, {"tenant": tenant})
    log = LOG.of(year)
    checkpoint = log.newest(conn, tenant)
    if checkpoint is None:
        raise LogUnsigned
    Checkpoint.open(checkpoint.note, [key])
    if request is None:
        every = dict.fromkeys(labels)
        found = [one for label in every for one in entries_of(conn, tenant, label, year=year)]
    else:
        found = [one for one in entries_for_request(conn, tenant, request) if one.year == year]
        # It claims no completeness: what the law withholds is left out, not a gap that shows.
        found = [logged for logged in found if withheld or not logged.entry.withheld]
    # What was sequenced after this checkpoint comes with the next one.
    found = [logged for logged in found if logged.index < checkpoint.size]
    for logged in found:
        if logged.entry.withheld and not withheld:
            raise EntryWithheld(index=logged.index)
    mapped = None
    if request is None:
        output = witnessed and witnessed.output
        mapped = newest_map(conn, tenant, dict.fromkeys(labels), checkpoint, output, year=year)
    chains = _chains(found, labels, mapped and mapped.proofs) if request is None else []
    named = [one for one in found if (opens := opened_by(one.entry)) and opens.year == year]
    opened = {} if request else released(conn, tenant, checkpoint.origin, named)
    shown = sorted({one.index: one for one in (*found, *opened.values())}.items())
    tree = log.tree(conn, tenant, checkpoint.size, [index for index, _ in shown])
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
        statement = complete_statement(checkpoint, mapped.epoch, complete, newer, number)
    else:
        statement = plain_statement(checkpoint, len(shown), len(chains), request)
    seen = witnessed and shown_witnessed(conn, tenant, witnessed.log, checkpoint, year=year)
    if witnessed and seen:
        content |= {"format": WITNESSED, "witnessed": seen}
        of_map = mapped and (mapped.epoch, mapped.output)
        coverage = Coverage.of(witnessed.log, of_map, [index for index, _ in shown])
        statement = covered_statement(statement, coverage)
    content["statement"] = statement
    data = kit.canonical(content)
    if len(data) > LARGEST_BUNDLE:
        raise BundleTooLarge(limit=LARGEST_BUNDLE)
    return data


def verify_shard_bundle(
    data: bytes, key: Verifier, policy: Policy | None = None, *, year: int = FIRST
) -> Verdict:
    """Verify the bundle of a shard by the shard's own key.

    With a policy, of the shard too, nothing holds but what its witnesses have cosigned.
    """
    wire = decode(data)
    if wire.vkey != str(key):
        raise KeyUnknown(name=wire.vkey[:200])
    checkpoint = Checkpoint.open(wire.checkpoint, [key])
    evidence = _map_of(wire, key)
    complete, newer, chains = 0, len(wire.entries), len(wire.chains)
    if evidence:
        heads = [one.map.head for one in wire.chains if isinstance(one.map, ProofWire)]
        complete = sum(head.count for head in heads if head is not None)
        newer = sum(one.count for one in wire.chains) - complete
        statement = complete_statement(checkpoint, evidence.epoch, complete, newer, chains)
    else:
        statement = plain_statement(checkpoint, len(wire.entries), chains, wire.request)
    witnessed = wire.witnessed if isinstance(wire.witnessed, WitnessedWire) else None
    seen = WitnessEvidence(witnessed, checkpoint, evidence, key)
    coverage = seen.coverage(one.index for one in wire.entries)
    if witnessed:
        statement = covered_statement(statement, coverage)
    links = Links(wire, evidence.epoch.input_size if evidence else 0, year)
    verified: list[Logged] = []
    if broken := seen.broken():
        return Verdict(checkpoint, (), broken, statement)
    if evidence and (broken := evidence.broken(checkpoint, links.proofs)):
        return Verdict(checkpoint, (), broken, statement)
    for number, item in enumerate(wire.entries):
        logged = included(item, f"$.entries[{number}].proof", checkpoint, year=year)
        broken = links.follow(logged) if isinstance(logged, Logged) else logged
        if isinstance(logged, Finding) or broken:
            return Verdict(checkpoint, tuple(verified), broken, statement)
        verified.append(logged)
    broken = links.short()
    # Last, so that a link that is broken is named before the words that do not fit it.
    if not broken and statement != {"en": wire.statement.en, "ja": wire.statement.ja}:
        raise BundleMalformed(where="$.statement")
    if policy and not broken:
        match seen.judge(policy):
            case Accepted() as accepted:
                counted = {"count": complete, "newer": newer, "chains": chains}
                counted["unwitnessed"] = coverage.unwitnessed
                statement = accepted_statement(
                    accepted, evidence.epoch if evidence else None, **counted
                )
            case Finding() as broken:
                pass
    return Verdict(checkpoint, tuple(verified), broken, statement)


def _map_of(wire: BundleWire, key: Verifier) -> MapEvidence | None:
    """Return the map of a bundle that has one, with a proof for each of its chains."""
    witnessed = isinstance(wire.witnessed, WitnessedWire)
    with_map = isinstance(wire.map, MapWire)
    if wire.format != (WITNESSED if witnessed else WITH_MAP if with_map else FORMAT):
        raise BundleMalformed(where="$.format")
    proofs = [isinstance(chain.map, ProofWire) for chain in wire.chains]
    if not isinstance(wire.map, MapWire):
        if (
            wire.format not in (FORMAT, WITNESSED)
            or any(proofs)
            or any(not one.count for one in wire.chains)
        ):
            raise BundleMalformed(where="$.map")
        return None
    if not all(proofs) or wire.request is not None:
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


def included(
    item: EntryWire, where: str, checkpoint: Checkpoint, *, year: int = FIRST
) -> Logged | Finding:
    """Return the entry if the checkpoint's tree has it at its place."""
    proof = [read_hash(part, where) for part in item.proof]
    try:
        leaf = Leaf.parse(bytes(item.leaf))
        logged = Logged(item.index, leaf.seq, leaf.prev, bytes(item.leaf), leaf.entry(), year)
    except EntryMalformed:
        return Finding(item.index, Defect.ALTERED)
    if not is_included(logged.hash, item.index, checkpoint.size, proof, checkpoint.root):
        return Finding(item.index, Defect.ALTERED)
    return logged
