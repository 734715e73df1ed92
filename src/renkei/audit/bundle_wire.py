"""The form of a bundle: its members, each of its type, in the one spelling there is."""

import re
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from renkei import kit
from renkei.audit.encoding import from_base64url
from renkei.audit.errors import BundleMalformed, BundleTooLarge
from renkei.audit.prefix_tree import LONGEST_PATH
from renkei.audit.tree import HASH

FORMAT = "renkei-bundle/v1"
WITH_MAP = "renkei-bundle/v2"
WITNESSED = "renkei-bundle/v3"
OF_SHARDS = "renkei-bundle/v4"
MOST_SHARDS = 200
LARGEST_BUNDLE = 32 * 1024 * 1024
BELOW = 2**53  # what a whole number in JSON is for every reader

Wire = TypeVar("Wire")


class MapWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The newest epoch, its place in the output log, and its entries as the log's beginning."""

    checkpoint: str
    consistency: Annotated[list[str], Meta(max_length=128)]
    epoch: msgspec.Raw
    inclusion: Annotated[list[str], Meta(max_length=64)]
    number: Annotated[int, Meta(ge=0)]


class HeadWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the map says of a label: how many entries and which is the last."""

    count: Annotated[int, Meta(ge=1, lt=BELOW)]
    hash: str
    last: Annotated[int, Meta(ge=0, lt=BELOW)]


class StrangerWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The leaf of another label where this one would stand."""

    head: str
    path: str


class ProofWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The proof of what the map says of a label."""

    head: HeadWire | None
    siblings: Annotated[list[str], Meta(max_length=LONGEST_PATH)]
    stranger: StrangerWire | None


class WitnessedWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What witnesses cosigned of the log, as the beginning of what the bundle is made under."""

    checkpoint: str
    consistency: Annotated[list[str], Meta(max_length=128)]


class EntryWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry, its place and its audit path."""

    index: Annotated[int, Meta(ge=0)]
    leaf: msgspec.Raw
    proof: Annotated[list[str], Meta(max_length=64)]


class ChainWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many entries of a chain are in the bundle, and what the map says of it."""

    count: Annotated[int, Meta(ge=0)]
    label: str
    map: ProofWire | msgspec.UnsetType = msgspec.UNSET


class StatementWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the bundle says of itself; a reader makes it anew and compares."""

    en: str
    ja: str


class BundleWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    chains: list[ChainWire]
    checkpoint: str
    entries: list[EntryWire]
    format: Literal["renkei-bundle/v1", "renkei-bundle/v2", "renkei-bundle/v3"]
    request: str | None
    statement: StatementWire
    vkey: str
    map: MapWire | msgspec.UnsetType = msgspec.UNSET
    witnessed: WitnessedWire | msgspec.UnsetType = msgspec.UNSET


class PlacedWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry, and in which shard it stands."""

    entry: EntryWire
    shard: str


class ShardWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One shard: its own bundle, or its last checkpoint and the entry by which its entries went.

    Of one that is closed, the entry that says so.
    """

    checkpoint: str | None
    closing: PlacedWire | None
    name: str
    opening: EntryWire | None
    pruning: PlacedWire | None
    part: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class ShardsWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of several shards; `opened` holds what was released in another shard than its own."""

    format: Literal["renkei-bundle/v4"]
    opened: list[PlacedWire]
    request: str | None
    shards: Annotated[list[ShardWire], Meta(min_length=1, max_length=MOST_SHARDS)]
    statement: StatementWire
    vkey: str


class _FormatWire(msgspec.Struct, frozen=True):
    """What tells which form a file has."""

    format: str


def format_of(data: bytes) -> str:
    """Return which form a file says it has; BundleMalformed where it does not say."""
    return _read(data, _FormatWire).format


def decode(data: bytes) -> BundleWire:
    """Read the file; BundleMalformed for anything `bundle` would not write."""
    return _read(data, BundleWire)


def decode_shards(data: bytes) -> ShardsWire:
    """Read the file of several shards; BundleMalformed for anything `bundle` would not write."""
    return _read(data, ShardsWire)


def _read(data: bytes, form: type[Wire]) -> Wire:
    if len(data) > LARGEST_BUNDLE:
        raise BundleTooLarge(limit=LARGEST_BUNDLE)
    try:
        wire = kit.read_json(data, form)
        same = kit.canonical(kit.read_json(data, object)) == data
    except msgspec.DecodeError as error:
        path = re.search(r"at `(\$[^`]*)`", str(error))
        raise BundleMalformed(where=path[1] if path else "$") from error
    except (kit.NotCanonical, UnicodeError, RecursionError) as error:
        raise BundleMalformed(where="$") from error
    if not same:
        raise BundleMalformed(where="$")
    return wire


def read_hash(text: str, where: str) -> bytes:
    """Read a hash; BundleMalformed, with its place, for anything else."""
    try:
        data = from_base64url(text)
    except ValueError as error:
        raise BundleMalformed(where=where) from error
    if len(data) != HASH:
        raise BundleMalformed(where=where)
    return data
