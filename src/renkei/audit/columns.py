"""What an entry is found by: columns beside the leaf that repeat what its core says."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from renkei import kit


class Columns(NamedTuple):
    """The values of one entry, named as the columns are; the partner is the other organisation."""

    at: datetime
    kind: str
    outcome: str
    partner: str
    message: str
    client: str
    service: str
    withheld: bool


def columns_of(core: bytes, tenant: str) -> Columns:
    """Return what an entry in the log of an organisation is found by; DecodeError for no core."""
    read = kit.read_json(core, _Core)
    told = read.details
    return Columns(
        read.at,
        read.kind,
        read.outcome,
        read.holder if read.asker == tenant else read.asker,
        told.message,
        told.client,
        told.service,
        read.withheld,
    )


def packed(rows: Sequence[Columns]) -> dict[str, kit.Column]:
    """Return the columns of many entries, by their names."""
    at, kind, outcome, partner, message, client, service, withheld = zip(*rows, strict=True)
    texts = (kind, outcome, partner, message, client, service)
    return {
        "at": kit.InstantsColumn(at),
        **dict(zip(Columns._fields[1:7], map(kit.TextsColumn, texts), strict=True)),
        "withheld": kit.TruthsColumn(withheld),
    }


class _Details(msgspec.Struct, frozen=True, gc=False):
    """The details that are looked at here."""

    message: str = ""
    client: str = ""
    service: str = ""


class _Core(msgspec.Struct, frozen=True, gc=False):
    """The members of a core that are looked at here."""

    asker: str
    at: datetime
    details: _Details
    holder: str
    kind: str
    outcome: str
    withheld: bool
