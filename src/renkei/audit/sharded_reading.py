"""Reading a bundle over several shards, offline: each part, and what chains the shards together.

Whoever left out a year, called one pruned or closed that is not, or showed an older state of one
that is closed, is found.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec

from renkei.audit.bundle_wire import (
    OF_SHARDS,
    MapWire,
    PlacedWire,
    ShardsWire,
    ShardWire,
    decode,
    decode_shards,
    format_of,
)
from renkei.audit.bundle_words import Statement, joined_statement, part_statement, pruned_statement
from renkei.audit.bundles import Verdict, included, verify_shard_bundle
from renkei.audit.errors import (
    BundleMalformed,
    KeyUnknown,
    NoteForged,
    QuorumMissed,
)
from renkei.audit.findings import Defect, Finding
from renkei.audit.log import Logged
from renkei.audit.notes import Checkpoint, Verifier
from renkei.audit.policies import Policy
from renkei.audit.releases import opened_by
from renkei.audit.shard_entries import (
    NamedTree,
    ended,
    followed,
    pruned_name,
)
from renkei.audit.shards import FIRST, shard_verifier, shard_year


def verify_bundle(
    data: bytes, trusted: Iterable[Verifier], policy: Policy | None = None
) -> Verdict:
    """Verify a bundle offline. What cannot be read is raised; what is broken is in the verdict.

    A log's key is trusted for its shards. With a policy nothing holds but what its witnesses have
    cosigned, and the statement says so.
    """
    if format_of(data) == OF_SHARDS:
        wire = decode_shards(data)
        key = next((one for one in trusted if str(one) == wire.vkey), None)
        if key is None:
            raise KeyUnknown(name=wire.vkey[:200])
        return _Reading(wire, key, policy).verdict()
    vkey = decode(data).vkey
    for one in trusted:
        year = shard_year(one.name, vkey.partition("+")[0])
        if year is not None and str(own := shard_verifier(one, year)) == vkey:
            return verify_shard_bundle(data, own, policy and policy.for_shard(year), year=year)
    raise KeyUnknown(name=vkey[:200])


def parts_of(data: bytes) -> list[bytes]:
    """Return the bundles of single shards in a file, believed of nobody yet."""
    if format_of(data) != OF_SHARDS:
        return [data]
    return [
        bytes(one.part) for one in decode_shards(data).shards if isinstance(one.part, msgspec.Raw)
    ]


class _Reading:
    """A file of several shards, read."""

    def __init__(self, wire: ShardsWire, key: Verifier, policy: Policy | None) -> None:
        """Read the parts; what cannot be read is raised."""
        self._wire, self._key, self._policy = wire, key, policy
        self._years: list[int] = []
        self._verdicts: dict[int, Verdict] = {}
        self._signed: dict[int, Checkpoint] = {}
        self._labels: set[frozenset[str]] = set()
        self._said: dict[int, Statement] = {}
        self._epochs: dict[int, int] = {}
        for number, one in enumerate(wire.shards):
            where = f"$.shards[{number}]"
            year = shard_year(key.name, one.name)
            if year is None or year in self._years[-1:] or year < max(self._years, default=FIRST):
                raise BundleMalformed(where=f"{where}.name")
            self._years.append(year)
            self._read(one, year, where)
        # A person's file goes from the newest shard to the first, and asks all of them the same.
        if wire.request is None and (self._years[0] != FIRST or len(self._labels) > 1):
            raise BundleMalformed(where="$.shards")
        if self._years[-1] not in self._verdicts:
            raise BundleMalformed(where="$.shards")

    def _read(self, one: ShardWire, year: int, where: str) -> None:
        own = shard_verifier(self._key, year)
        if not isinstance(one.part, msgspec.Raw):
            if one.checkpoint is None or one.pruning is None or self._wire.request is not None:
                raise BundleMalformed(where=where)
            self._signed[year] = Checkpoint.open(one.checkpoint, [own])
            return
        if one.checkpoint is not None or one.pruning is not None:
            raise BundleMalformed(where=where)
        part = bytes(one.part)
        told = decode(part)
        if told.request != self._wire.request:
            raise BundleMalformed(where=f"{where}.part.request")
        if told.map:  # without a map nothing is said of who has no entries
            self._labels.add(frozenset(chain.label for chain in told.chains))
        of_shard = self._policy and self._policy.for_shard(year)
        self._verdicts[year] = verify_shard_bundle(part, own, of_shard, year=year)
        statement: Statement = {"ja": told.statement.ja, "en": told.statement.en}
        self._said[year] = part_statement(statement, is_closed=one.closing is not None)
        if isinstance(told.map, MapWire):
            self._epochs[year] = told.map.number + 1
        self._signed[year] = self._verdicts[year].checkpoint

    def verdict(self) -> Verdict:
        """Return what the file proves."""
        entries = tuple(one for found in self._verdicts.values() for one in found.entries)
        pruned, broken = self._links()
        broken = self._first_broken() or broken or self._apart(entries) or self._unwitnessed()
        said = self._wire.statement
        stated = joined_statement([(self._said | pruned)[year] for year in self._years])
        if not broken and stated != {"en": said.en, "ja": said.ja}:
            raise BundleMalformed(where="$.statement")
        closed = {year for year, one in self._by_year if one.closing is not None}
        proven = {
            year: part_statement(found.statement, is_closed=year in closed)
            for year, found in self._verdicts.items()
        }
        statement = joined_statement([(proven | pruned)[year] for year in self._years])
        newest = self._signed[self._years[-1]]
        older = tuple(self._signed[year] for year in self._years[:-1])
        return Verdict(newest, entries, broken, statement, older)

    @property
    def _by_year(self) -> list[tuple[int, ShardWire]]:
        return list(zip(self._years, self._wire.shards, strict=True))

    def _first_broken(self) -> Finding | None:
        for year, found in self._verdicts.items():
            if found.broken is not None:
                return replace(found.broken, year=year)
        return None

    def _links(self) -> tuple[dict[int, Statement], Finding | None]:
        """Follow the shards to the next; return what is stated of those pruned, the first break."""
        said: dict[int, Statement] = {}
        broken = None
        for number, (year, one) in enumerate(self._by_year):
            where = f"$.shards[{number}]"
            if number and self._wire.request is None:
                before = self._wire.shards[number - 1].name
                if not self._follows(one, year, before, where):
                    broken = broken or Finding(0, Defect.SHARD, year)
            is_over = one.closing is not None or one.pruning is not None
            if is_over and not self._ended(one, year, f"{where}.closing"):
                broken = broken or Finding(self._signed[year].size, Defect.SHARD, year)
            if one.pruning is None:
                continue
            entry = self._placed(one.pruning, f"{where}.pruning")
            if entry is None or pruned_name(entry.entry) != one.name or entry.year <= year:
                broken = broken or Finding(0, Defect.SHARD, year)
            said[year] = pruned_statement(self._signed[year], entry)
        return said, broken

    def _unwitnessed(self) -> Finding | None:
        """Return the first pruned shard whose last checkpoint the policy does not accept."""
        for year in self._years:
            if self._policy is None or year in self._verdicts:
                continue
            size = self._signed[year].size
            try:
                own = shard_verifier(self._key, year)
                self._policy.for_shard(year).accept(self._signed[year].note, [own])
            except QuorumMissed:
                return Finding(size, Defect.UNWITNESSED, year)
            except NoteForged:
                return Finding(size, Defect.COSIGNATURE, year)
        return None

    def _follows(self, one: ShardWire, year: int, before: str, where: str) -> bool:
        """Tell whether a shard begins with the one that stands before it here."""
        if one.opening is None or one.opening.index != 0:
            return False
        found = included(one.opening, f"{where}.opening", self._signed[year], year=year)
        tree = followed(found.entry) if isinstance(found, Logged) else None
        return tree is not None and tree.origin == before

    def _ended(self, one: ShardWire, year: int, where: str) -> bool:
        """Tell whether a shard is shown as it was closed: with its last tree, and its last map."""
        entry = None if one.closing is None else self._placed(one.closing, where)
        trees = None if entry is None else ended(entry.entry)
        if entry is None or trees is None or entry.year <= year:
            return False
        signed, (tree, output) = self._signed[year], trees
        is_last = tree == NamedTree(one.name, signed.size, signed.root)
        # Of what is kept the last map is shown too: a shard that is closed cannot be without.
        return is_last and (year not in self._verdicts or self._epochs.get(year) == output.size)

    def _placed(self, one: PlacedWire, where: str) -> Logged | None:
        """Return an entry that stands in the shard it is said to; None where it does not."""
        year = shard_year(self._key.name, one.shard)
        if year is None or year not in self._signed:
            return None
        found = included(one.entry, f"{where}.entry", self._signed[year], year=year)
        return found if isinstance(found, Logged) else None

    def _apart(self, entries: Sequence[Logged]) -> Finding | None:
        """Hold what was released in another shard against the releases, both ways.

        What stood in a shard that is pruned cannot be shown any more.
        """
        named = {
            (opens.year, opens.index, opens.hash)
            for one in entries
            if (opens := opened_by(one.entry)) and opens.year != one.year
            if opens.year in self._verdicts
        }
        shown: dict[tuple[int, int, bytes], Finding] = {}
        for number, wire in enumerate(self._wire.opened):
            found = self._placed(wire, f"$.opened[{number}]")
            if found is None or found.year not in self._verdicts:
                return Finding(wire.entry.index, Defect.ALTERED)
            shown[found.year, found.index, found.hash] = Finding(
                found.index, Defect.CHAIN, found.year
            )
        if self._wire.request is not None:
            return next(iter(shown.values()), None)
        for one in sorted(named - set(shown)):
            return Finding(one[1], Defect.REMOVED, one[0])
        return next((shown[one] for one in sorted(set(shown) - named)), None)
