"""Bundles: a person's entries, or a request's, in one file that proves itself without a database.

Canonical JSON. Every entry stands with its proof under one signed checkpoint; the chain of a
person runs from 1 without a gap. A reader trusts nothing in it but keys already trusted.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from renkei import kit
from renkei.audit.encoding import base64url, from_base64url
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
from renkei.audit.log import Logged, entries_for_request, entries_of, newest, stored_tree
from renkei.audit.notes import Checkpoint, Verifier
from renkei.audit.tree import HASH, is_included

FORMAT = "renkei-bundle/v1"
LARGEST_BUNDLE = 32 * 1024 * 1024


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


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry, its place and its audit path."""

    index: Annotated[int, Meta(ge=0)]
    leaf: msgspec.Raw
    proof: Annotated[list[str], Meta(max_length=64)]


class _Chain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many entries of a chain are in the bundle."""

    count: Annotated[int, Meta(ge=1)]
    label: str


class _Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the bundle says of itself; a reader makes it anew and compares."""

    en: str
    ja: str


class _Bundle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    chains: list[_Chain]
    checkpoint: str
    entries: list[_Entry]
    format: Literal["renkei-bundle/v1"]
    request: str | None
    statement: _Statement
    vkey: str


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
    checkpoint = newest(conn, tenant) if under is None else under
    if checkpoint is None:
        raise LogUnsigned
    Checkpoint.open(checkpoint.note, [key])
    if request is None:
        found = [logged for label in labels for logged in entries_of(conn, tenant, label)]
    else:
        found = entries_for_request(conn, tenant, request)
        # It claims no completeness: what the law withholds is left out, not a gap that shows.
        found = [logged for logged in found if withheld or not logged.entry.withheld]
    # What was sequenced after this checkpoint comes with the next one.
    found = sorted(
        (logged for logged in found if logged.index < checkpoint.size), key=lambda one: one.index
    )
    for logged in found:
        if logged.entry.withheld and not withheld:
            raise EntryWithheld(index=logged.index)
    counts: dict[bytes, int] = {}
    for logged in found if request is None else ():
        label = logged.entry.label or b""
        counts[label] = counts.get(label, 0) + 1
    tree = stored_tree(conn, tenant, checkpoint.size)
    data = kit.canonical(
        {
            "chains": [{"count": n, "label": base64url(label)} for label, n in counts.items()],
            "checkpoint": checkpoint.note,
            "entries": [
                {
                    "index": logged.index,
                    "leaf": kit.read_json(logged.leaf, object),
                    "proof": [base64url(part) for part in tree.inclusion(logged.index)],
                }
                for logged in found
            ],
            "format": FORMAT,
            "request": request,
            "statement": _statement(checkpoint, len(found), len(counts), request),
            "vkey": str(key),
        }
    )
    if len(data) > LARGEST_BUNDLE:
        raise BundleTooLarge(limit=LARGEST_BUNDLE)
    return data


def verify_bundle(data: bytes, trusted: Iterable[Verifier]) -> Verdict:
    """Verify a bundle offline. What cannot be read is raised; what is broken is in the verdict."""
    wire = _decode(data)
    key = next((verifier for verifier in trusted if str(verifier) == wire.vkey), None)
    if key is None:
        raise KeyUnknown(name=wire.vkey[:200])
    checkpoint = Checkpoint.open(wire.checkpoint, [key])
    statement = _statement(checkpoint, len(wire.entries), len(wire.chains), wire.request)
    if statement != {"en": wire.statement.en, "ja": wire.statement.ja}:
        raise BundleMalformed(where="$.statement")
    links = _Links(wire)
    verified: list[Logged] = []
    for number, item in enumerate(wire.entries):
        logged = _included(item, number, checkpoint)
        broken = links.follow(logged) if isinstance(logged, Logged) else logged
        if isinstance(logged, Finding) or broken:
            return Verdict(checkpoint, tuple(verified), broken, statement)
        verified.append(logged)
    return Verdict(checkpoint, tuple(verified), links.short(), statement)


class _Links:
    """The chains a bundle announces, followed entry by entry."""

    def __init__(self, wire: _Bundle) -> None:
        self._request = wire.request
        self._counts: dict[bytes, int] = {}
        self._heads: dict[bytes, tuple[int, bytes | None, int]] = {}
        self._last = -1
        for number, chain in enumerate(wire.chains):
            label = _hash(chain.label, f"$.chains[{number}].label")
            if label in self._counts or wire.request is not None:
                raise BundleMalformed(where=f"$.chains[{number}]")
            self._counts[label] = chain.count

    def follow(self, logged: Logged) -> Finding | None:
        """Take the next entry: behind the one before, and the next link of an announced chain."""
        if logged.index <= self._last:
            return Finding(logged.index, Defect.MOVED)
        self._last = logged.index
        if self._request is not None:
            fits = logged.entry.request == self._request
            return None if fits else Finding(logged.index, Defect.CHAIN)
        label = logged.entry.label or b""
        count, head, _ = self._heads.get(label, (0, None, 0))
        if label not in self._counts or (logged.seq, logged.prev) != (count + 1, head):
            return Finding(logged.index, Defect.CHAIN)
        self._heads[label] = (count + 1, logged.hash, logged.index)
        return None

    def short(self) -> Finding | None:
        """Return the first chain that has another number of entries than announced."""
        for label, announced in self._counts.items():
            count, _, last = self._heads.get(label, (0, None, 0))
            if count != announced:
                return Finding(last, Defect.HEAD)
        return None


def _included(item: _Entry, number: int, checkpoint: Checkpoint) -> Logged | Finding:
    """Return the entry if the checkpoint's tree has it at its place."""
    where = f"$.entries[{number}].proof"
    proof = [_hash(part, where) for part in item.proof]
    try:
        leaf = Leaf.parse(bytes(item.leaf))
        logged = Logged(item.index, leaf.seq, leaf.prev, bytes(item.leaf), leaf.entry())
    except EntryMalformed:
        return Finding(item.index, Defect.ALTERED)
    if not is_included(logged.hash, item.index, checkpoint.size, proof, checkpoint.root):
        return Finding(item.index, Defect.ALTERED)
    return logged


def _decode(data: bytes) -> _Bundle:
    """Read the file; BundleMalformed for anything `bundle` would not write."""
    if len(data) > LARGEST_BUNDLE:
        raise BundleTooLarge(limit=LARGEST_BUNDLE)
    try:
        wire = kit.read_json(data, _Bundle)
        same = kit.canonical(kit.read_json(data, object)) == data
    except msgspec.DecodeError as error:
        path = re.search(r"at `(\$[^`]*)`", str(error))
        raise BundleMalformed(where=path[1] if path else "$") from error
    except (kit.NotCanonical, UnicodeError, RecursionError) as error:
        raise BundleMalformed(where="$") from error
    if not same:
        raise BundleMalformed(where="$")
    return wire


def _hash(text: str, where: str) -> bytes:
    try:
        data = from_base64url(text)
    except ValueError as error:
        raise BundleMalformed(where=where) from error
    if len(data) != HASH:
        raise BundleMalformed(where=where)
    return data


def _statement(
    checkpoint: Checkpoint, count: int, chains: int, request: str | None
) -> dict[kit.Language, str]:
    """Return what is stated, in both languages; the wording belongs to the format's version."""
    code = "request" if request is not None else "chains" if count else "none"
    languages: tuple[kit.Language, ...] = ("ja", "en")
    return {
        language: kit.say(
            f"audit-bundle-v1-{code}",
            language,
            origin=checkpoint.origin,
            size=checkpoint.size,
            count=count,
            chains=chains,
            request=request,
        )
        for language in languages
    }
