"""The form of a bundle: its members, each of its type, in the one spelling there is."""

import re
from typing import Annotated, Literal

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
LARGEST_BUNDLE = 32 * 1024 * 1024
BELOW = 2**53  # what a whole number in JSON is for every reader


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


def decode(data: bytes) -> BundleWire:
    """Read the file; BundleMalformed for anything `bundle` would not write."""
    if len(data) > LARGEST_BUNDLE:
        raise BundleTooLarge(limit=LARGEST_BUNDLE)
    try:
        wire = kit.read_json(data, BundleWire)
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
