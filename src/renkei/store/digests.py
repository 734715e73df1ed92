"""Digests of records by block, of a delivered file: made without a database, small to send.

A block is every record whose key hashes to the same number; about a thousand records are in one.
Its digest is the sum of the digests of its records. Whoever holds the same records has the same
digests, in whatever order; where a digest differs, one of about a thousand records does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from renkei.kit import Tenant, canonical, read_json
from renkei.standard import Catalogue, Entity, ItemType
from renkei.store.digest_statements import JOINT
from renkei.store.errors import DigestsMalformed
from renkei.store.findings import Findings
from renkei.store.reading import Reading
from renkei.store.snapshot import Limits

if TYPE_CHECKING:
    import polars as pl

IN_A_BLOCK = 1000
MOST_BLOCKS = 2**20
HALF = 2**64
PIECE = 1 << 20
MOST_BYTES = 64 << 20  # of a file of digests

DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Block:
    """How many records are in a block, and the sums of both halves of their digests."""

    records: int = 0
    high: int = 0
    low: int = 0

    @property
    def digest(self) -> str:
        """Return the digest as it is written, 32 hex digits."""
        return f"{self.high:016x}{self.low:016x}"


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of digests as it is sent."""

    type: Literal["renkei-digests-1"]
    organisation: str
    entity: str
    states_on: date
    items: tuple[str, ...]
    blocks: tuple[
        tuple[
            Annotated[int, msgspec.Meta(ge=0)],
            Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")],
        ],
        ...,
    ]


@dataclass(frozen=True, slots=True)
class Digests:
    """The digests of all records of an entity on a day; `items` are what was digested, in order."""

    organisation: str
    entity: str
    on: date
    items: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def records(self) -> int:
        """Return how many records were digested."""
        return sum(block.records for block in self.blocks)

    def drifted(self, other: "Digests") -> list[int]:
        """Return the numbers of the blocks in which the other one differs."""
        pairs = enumerate(zip(self.blocks, other.blocks, strict=True))
        return [number for number, (ours, theirs) in pairs if ours != theirs]

    def written(self) -> bytes:
        """Return the file an owner sends."""
        document = {
            "type": "renkei-digests-1",
            "organisation": self.organisation,
            "entity": self.entity,
            "states_on": self.on.isoformat(),
            "items": list(self.items),
            "blocks": [[block.records, block.digest] for block in self.blocks],
        }
        return canonical(document) + b"\n"


def read_digests(text: bytes) -> Digests:
    """Read the file an owner sent."""
    try:
        if len(text) > MOST_BYTES:
            raise DigestsMalformed(reason=f"more than {MOST_BYTES} bytes")
        said = read_json(text, _Written)
    except msgspec.DecodeError as error:
        raise DigestsMalformed(reason=str(error)) from error
    if not 0 < len(said.blocks) <= MOST_BLOCKS or len(said.blocks) & (len(said.blocks) - 1):
        raise DigestsMalformed(reason=f"{len(said.blocks)} blocks are no power of two")
    blocks = (Block(n, int(text[:16], 16), int(text[16:], 16)) for n, text in said.blocks)
    return Digests(said.organisation, said.entity, said.states_on, said.items, tuple(blocks))


def digests_of(
    entity: Entity,
    file: Path,
    *,
    tenant: Tenant,
    standard: Catalogue,
    on: date,
    findings: Findings,
    blocks: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Digests | None:
    """Digest a snapshot's file; None if it has errors, which are then among the findings."""
    count = blocks or blocks_for(_lines(file))
    records, high, low = [0] * count, [0] * count, [0] * count
    for key, text in rows_of(
        entity, file, tenant=tenant, standard=standard, on=on, findings=findings, limits=limits
    ):
        number, digest = block_of(key, count), digest_of(text)
        records[number] += 1
        high[number] += int.from_bytes(digest[:8])
        low[number] += int.from_bytes(digest[8:])
    if findings.errors:
        return None
    made = [
        Block(n, one % HALF, two % HALF) for n, one, two in zip(records, high, low, strict=True)
    ]
    return Digests(tenant, entity.name, on, tuple(item.name for item in entity.items), tuple(made))


def rows_of(
    entity: Entity,
    file: Path,
    *,
    tenant: Tenant,
    standard: Catalogue,
    on: date,
    findings: Findings,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[tuple[str, str]]:
    """Yield the text of the key and of the whole of every record of a file, as the store has it.

    A file of another organisation is none of this one's; that and every error are findings.
    """
    import polars as pl

    names = [item.name for item in entity.items]
    zero = [item.name for item in entity.items if item.type is ItemType.decimal]
    with file.open("rb") as stream:
        reading = Reading(tenant, entity, standard, on, stream, findings, limits, name=file.name)
        for text, _, _ in reading.blocks():
            if findings.errors:
                continue
            schema = dict.fromkeys(names, pl.String)
            frame = pl.read_csv(text, has_header=False, schema=schema).with_columns(
                pl.col(zero).replace("-0", "0")  # which is the same number
            )
            frame = frame.fill_null("")
            yield from zip(_joined(frame, entity.key), _joined(frame, names), strict=True)


def _joined(frame: "pl.DataFrame", names: Sequence[str]) -> "pl.Series":
    import polars as pl

    return frame.select(pl.concat_str(names, separator=JOINT)).to_series()


def blocks_for(records: int) -> int:
    """Return into how many blocks that many records are parted: a power of two.

    >>> blocks_for(0), blocks_for(1_000), blocks_for(1_000_000)
    (1, 1, 1024)
    """
    return min(MOST_BLOCKS, 1 << max(0, (records - 1) // IN_A_BLOCK).bit_length())


def block_of(key: str, count: int) -> int:
    """Return the number of the block of a key."""
    return int.from_bytes(sha256(key.encode()).digest()[:3], "little") & (count - 1)


def digest_of(text: str) -> bytes:
    """Return the digest of a record: half of a SHA-256."""
    return sha256(text.encode()).digest()[:16]


def _lines(file: Path) -> int:
    with file.open("rb") as stream:
        return sum(piece.count(b"\n") for piece in iter(lambda: stream.read(PIECE), b""))
