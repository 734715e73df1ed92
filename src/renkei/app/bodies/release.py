"""Sealed bodies that leave the node: who takes them, why, by which order is entered first.

The custodian opens them elsewhere, where no node could enter it. So the entry stands where they
leave: no sealed body goes out without it.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from renkei import audit, exchange, kit
from renkei.app.bodies.place import BodyPlace, KeptBody
from renkei.app.bodies.sealed_body import BodyKind
from renkei.app.errors import BodiesMissing, ReleaseIncomplete
from renkei.app.settings import Settings

LONGEST = 200
MOST_NAMED = 100
KINDS: tuple[BodyKind, ...] = ("question", "answer")


@dataclass(frozen=True, slots=True)
class Release:
    """The word on a release: who takes the bodies, why, and the order that permits it."""

    by: str
    purpose: str
    order: str

    def __post_init__(self) -> None:
        said = {"--by": self.by, "--purpose": self.purpose, "--order": self.order}
        for name, text in said.items():
            if not 0 < len(text) <= LONGEST or not text.isprintable():
                raise ReleaseIncomplete(missing=name)


class _Core(msgspec.Struct):
    """Of the core of an entry, its details."""

    details: dict[str, str]


class _Leaf(msgspec.Struct):
    """Of a leaf, its core."""

    core: _Core


class _Item(msgspec.Struct):
    """Of an item of a bundle, its place and its leaf."""

    index: int
    leaf: _Leaf


class _Bundle(msgspec.Struct):
    """Of a bundle, its entries."""

    entries: list[_Item]


@dataclass(frozen=True, slots=True)
class NamedBody:
    """A sealed body that an entry of a bundle names, with the digest of what was sealed."""

    index: int
    kind: BodyKind
    kept: KeptBody
    plain: bytes


def named_bodies(bundle: bytes) -> list[NamedBody]:
    """Return the sealed bodies the entries of a bundle name; `ValueError` if one does it wrong."""
    try:
        return [
            NamedBody(item.index, kind, kept, exchange.decode(details[f"{kind}_body"]))
            for part in audit.parts_of(bundle)
            for item in kit.read_json(part, _Bundle).entries
            for details in (item.leaf.core.details,)
            for kind in KINDS
            if (kept := KeptBody.named(kind, details))
        ]
    except (msgspec.DecodeError, kit.NodeError, KeyError) as error:
        raise ValueError(str(error)) from error


def release(
    conn: kit.Connection,
    settings: Settings,
    request: str,
    bundle: bytes,
    said: Release,
    *,
    at: datetime,
) -> dict[str, Path]:
    """Enter that the bodies of a request leave; return their files that are still here, by digest.

    The caller commits before anything is given away.
    """
    place = BodyPlace.of(settings)
    found = {
        exchange.encode(one.kept.digest): file
        for one in named_bodies(bundle)
        if (file := place.find(one.kept))
    }
    if not found:
        raise BodiesMissing(request=request[:80])
    audit.append(
        conn,
        settings.tenant,
        audit.Entry(
            kind=audit.Kind.VIEW,
            request=request,
            at=at,
            asker=settings.tenant,
            holder=settings.tenant,
            procedure="",
            outcome="released",
            mode=audit.Mode(settings.mode),
            purpose=said.purpose,
            details={
                "by": said.by,
                "order": said.order,
                "records": str(len(found)),
                "bodies": " ".join(list(found)[:MOST_NAMED]),
            },
        ),
    )
    return found
