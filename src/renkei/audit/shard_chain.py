"""How the shards of a stored log follow each other, and that each ended as was said."""

from collections.abc import Sequence
from itertools import pairwise

from renkei import kit
from renkei.audit.entries import Entry
from renkei.audit.errors import EntryMalformed, LogAltered, OriginChanged
from renkei.audit.findings import Defect, Finding
from renkei.audit.log import Logged, logged_entries
from renkei.audit.notes import Verifier
from renkei.audit.shard_entries import NamedTree, ended, followed
from renkei.audit.shards import FIRST, Closing, Shard, shard_name
from renkei.audit.signed_tree import LOG, OUTPUT, SignedTree, sql


def verify_chain(
    conn: kit.Connection, tenant: kit.Tenant, key: Verifier, known: Sequence[Shard]
) -> list[Finding]:
    """Return which shards do not follow the one before, or did not end as was said.

    Their entries are held against the trees elsewhere; here they are believed.
    """
    if not known:
        return []
    try:
        about = list(logged_entries(conn.execute(sql.entries_about_the_log, {"tenant": tenant})))
    except EntryMalformed:  # found, with its place, where the entries are
        about = []
    findings = []
    if known[0].year != FIRST:
        findings.append(Finding(0, Defect.SHARD, known[0].year))
    for before, shard in pairwise(known):
        first = _first(about, shard)
        follows = None if first is None else followed(first)
        is_next = follows is not None and follows.origin == shard_name(key.name, before.year)
        if follows is None or not is_next or not _is_root(conn, tenant, before, follows, LOG):
            findings.append(Finding(0, Defect.SHARD, shard.year))
    for shard in known:
        if shard.closing is not None:
            said = [
                found for one in about if (found := ended(one.entry)) and _is_of(key, shard, found)
            ]
            if not _ended_so(conn, tenant, shard, shard.closing, said):
                findings.append(Finding(shard.closing.size, Defect.SHARD, shard.year))
    return findings


def _first(about: Sequence[Logged], shard: Shard) -> Entry | None:
    return next((one.entry for one in about if (one.year, one.index) == (shard.year, 0)), None)


def _is_of(key: Verifier, shard: Shard, said: tuple[NamedTree, NamedTree]) -> bool:
    return said[0].origin == shard_name(key.name, shard.year)


def _ended_so(
    conn: kit.Connection,
    tenant: kit.Tenant,
    shard: Shard,
    closing: Closing,
    said: Sequence[tuple[NamedTree, NamedTree]],
) -> bool:
    """Tell whether what is stored ends where it was closed, and every entry about that says so.

    Its entry may still wait for its place: then only what is stored is compared.
    """
    stored = (closing.size, closing.root, closing.output_size, closing.output_root)
    for tree, output in said:
        if (tree.size, tree.root, output.size, output.root) != stored:
            return False
    for kind, size, root in (
        (LOG, closing.size, closing.root),
        (OUTPUT, closing.output_size, closing.output_root),
    ):
        newest = kind.of(shard.year).newest(conn, tenant)
        if newest is None or (newest.size, newest.root) != (size, root):
            return False
    return True


def _is_root(
    conn: kit.Connection, tenant: kit.Tenant, shard: Shard, named: NamedTree, kind: SignedTree
) -> bool:
    """Tell whether the stored tree of a shard had that root at that size."""
    try:
        return kind.of(shard.year).tree(conn, tenant, named.size).root() == named.root
    except (LogAltered, OriginChanged):
        return False
