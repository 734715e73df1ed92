"""Bundles over the shards of a log: each shard's own, and what chains the shards together.

A log of one shard has the bundle of that shard. Of several, a person's file holds one part for each
shard that is kept, and names those that are pruned by the entry that says so: from the newest
shard, each names the one it follows, down to the first, so that no year can be left out.
"""

from collections.abc import Sequence

from renkei import kit
from renkei.audit.bundle_wire import (
    LARGEST_BUNDLE,
    OF_SHARDS,
    decode,
)
from renkei.audit.bundle_words import Statement, joined_statement, part_statement, pruned_statement
from renkei.audit.bundles import Asked, shard_bundle
from renkei.audit.encoding import base64url
from renkei.audit.errors import (
    BundleTooLarge,
    LogUnsigned,
)
from renkei.audit.log import Logged, entries_for_request, entries_of, entry_at
from renkei.audit.notes import Checkpoint, Verifier
from renkei.audit.pruning import pruning_entry
from renkei.audit.releases import opened_by, released
from renkei.audit.shard_entries import (
    closed_request,
)
from renkei.audit.shards import Shard, shard_name, shard_verifier, shards
from renkei.audit.signed_tree import LOG
from renkei.audit.witness_evidence import Witnessed


def bundle(
    conn: kit.Connection,
    tenant: kit.Tenant,
    key: Verifier,
    *,
    labels: Sequence[bytes] = (),
    request: str | None = None,
    withheld: bool = False,
    witnessed: Witnessed | None = None,
) -> bytes:
    """Return the entries of these chains, or of this request, with all that proves them.

    `withheld` opens entries withheld by law too; it is for the oversight body's bundles. What was
    `witnessed` goes along where it fits; entries that are newer stand in the bundle all the same.
    """
    known = shards(conn, tenant)
    if not known:
        raise LogUnsigned
    asked = Asked(labels, request, withheld)
    if request is not None:
        standing = {one.year for one in entries_for_request(conn, tenant, request)}
        kept = [one for one in known if one.pruning is None]
        known = [one for one in kept if one.year in standing] or kept[-1:]
    if len(known) == 1 and known[0].pruning is None:
        return _part(conn, tenant, key, asked, known[0].year, witnessed)
    return _Writing(conn, tenant, key, asked, known, witnessed).whole()


def _part(
    conn: kit.Connection,
    tenant: kit.Tenant,
    key: Verifier,
    asked: Asked,
    year: int,
    witnessed: Witnessed | None,
) -> bytes:
    own = shard_verifier(key, year)
    seen = None if witnessed is None else witnessed.of(own.name)
    return shard_bundle(conn, tenant, own, asked, year=year, witnessed=seen)


class _Writing:
    """A file of several shards."""

    def __init__(
        self,
        conn: kit.Connection,
        tenant: kit.Tenant,
        key: Verifier,
        asked: Asked,
        known: Sequence[Shard],
        witnessed: Witnessed | None,
    ) -> None:
        self._conn, self._tenant, self._key, self._asked = conn, tenant, key, asked
        self._pruning = {one.year: pruning_entry(conn, tenant, one) for one in known}
        self._known, self._witnessed = known, witnessed
        self._closing = {one.year: self._closed(one) for one in known}
        # What is said to go is here until that is in the log.
        self._gone = {year for year, entry in self._pruning.items() if entry is not None}
        self._parts = {
            one.year: _part(conn, tenant, key, asked, one.year, witnessed)
            for one in known
            if one.year not in self._gone
        }
        self._signed = {one.year: self._checkpoint(one.year) for one in known}

    def whole(self) -> bytes:
        """Return the file."""
        content: dict[str, object] = {
            "format": OF_SHARDS,
            "opened": [self._placed(one) for one in self._opened()],
            "request": self._asked.request,
            "shards": [self._shard(place, one) for place, one in enumerate(self._known)],
            "vkey": str(self._key),
        }
        said: list[Statement] = []
        for one in self._known:
            if one.year in self._gone:
                said.append(pruned_statement(self._signed[one.year], self._pruning[one.year]))
            else:
                told = decode(self._parts[one.year]).statement
                is_closed = self._closing[one.year] is not None
                said.append(part_statement({"ja": told.ja, "en": told.en}, is_closed=is_closed))
        content["statement"] = joined_statement(said)
        data = kit.canonical(content)
        if len(data) > LARGEST_BUNDLE:
            raise BundleTooLarge(limit=LARGEST_BUNDLE)
        return data

    def _shard(self, place: int, shard: Shard) -> dict[str, object]:
        is_gone = shard.year in self._gone
        opening = None
        if place and self._asked.request is None:
            opening = entry_at(self._conn, self._tenant, shard.year, 0)
        pruning, closing = self._pruning[shard.year], self._closing[shard.year]
        shown: dict[str, object] = {
            "checkpoint": self._signed[shard.year].note if is_gone else None,
            "closing": closing and self._placed(closing),
            "name": shard_name(self._key.name, shard.year),
            "opening": opening and self._entry(opening),
            "pruning": pruning and self._placed(pruning),
        }
        if not is_gone:
            shown["part"] = kit.read_json(self._parts[shard.year], object)
        return shown

    def _closed(self, shard: Shard) -> Logged | None:
        """Return the entry that is the last word on a shard; of a request nothing is claimed."""
        if shard.closing is None or self._asked.request is not None:
            return None
        request = closed_request(shard_name(self._key.name, shard.year))
        return next(iter(entries_for_request(self._conn, self._tenant, request)), None)

    def _checkpoint(self, year: int) -> Checkpoint:
        """Return what proves the entries of a shard here."""
        if year in self._parts:
            return Checkpoint.parse(decode(self._parts[year]).checkpoint)
        found = LOG.of(year).newest(self._conn, self._tenant)
        if found is None:
            raise LogUnsigned
        seen = self._witnessed and self._witnessed.of(found.origin)
        return seen.log if seen and seen.log.size == found.size else found

    def _placed(self, logged: Logged) -> dict[str, object]:
        return {"entry": self._entry(logged), "shard": shard_name(self._key.name, logged.year)}

    def _entry(self, logged: Logged) -> dict[str, object]:
        size = self._signed[logged.year].size
        tree = LOG.of(logged.year).tree(self._conn, self._tenant, size)
        return {
            "index": logged.index,
            "leaf": kit.read_json(logged.leaf, object),
            "proof": [base64url(part) for part in tree.inclusion(logged.index)],
        }

    def _opened(self) -> list[Logged]:
        """Return the entries that releases standing in another shard have opened."""
        if self._asked.request is not None:
            return []
        found = [
            one
            for year in self._parts
            for label in dict.fromkeys(self._asked.labels)
            for one in entries_of(self._conn, self._tenant, label, year=year)
            if one.index < self._signed[year].size
        ]
        apart = [one for one in found if (named := opened_by(one.entry)) and named.year != one.year]
        sealed = released(self._conn, self._tenant, self._key.name, apart, gone=self._gone)
        return [sealed[named] for named in sorted(sealed)]
