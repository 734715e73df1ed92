"""What a party's list proves: which of the entries it names stand in the log it signed.

Offline, by the key the members list names. It proves that a leaf is in the tree; that the leaf is
of this entry is the party's word, which it signed with its answer. One leaf is of one entry.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from renkei import audit, exchange, kit
from renkei.app.proofs.exchange_lists import Listed, Place

Standing = Mapping[str, datetime]
"""The entries that are proven, by their core's digest, each with since when it is signed."""


def proven(pages: Iterable[Listed], key: audit.Verifier) -> Standing:
    """Return the entries of pages that stand in the log of this key, each in its own place."""
    found: dict[str, datetime] = {}
    at_place = defaultdict[tuple[int, int], set[str]](set)
    for page in pages:
        checkpoints = _checkpoints(page, key)
        for one in page.exchanges:
            place = one.place
            if place is not None and _holds(place, checkpoints.get(place.year)):
                found[one.entry] = place.since
                at_place[place.year, place.index].add(one.entry)
    for entries in at_place.values():
        if len(entries) > 1:  # one leaf named for two: which of them it is, nobody knows
            for entry in entries:
                found.pop(entry, None)
    return found


def _checkpoints(page: Listed, key: audit.Verifier) -> dict[int, audit.Checkpoint]:
    """Return what this log signed; a note that does not hold is none."""
    found: dict[int, audit.Checkpoint] = {}
    for note in page.checkpoints:
        try:
            year = audit.shard_year(key.name, audit.Checkpoint.parse(note).origin)
            if year is not None:
                found[year] = audit.Checkpoint.open(note, [audit.shard_verifier(key, year)])
        except kit.NodeError:
            continue
    return found


def _holds(place: Place, checkpoint: audit.Checkpoint | None) -> bool:
    try:
        leaf, path = exchange.decode(place.leaf), tuple(map(exchange.decode, place.path))
    except ValueError:
        return False
    told = audit.Proven(place.year, place.index, leaf, path, place.since)
    return checkpoint is not None and told.holds(checkpoint)
