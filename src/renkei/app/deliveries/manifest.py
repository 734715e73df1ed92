"""What a unit says about a file it delivers: the manifest beside it, or a marker that it is whole.

`resident.csv.manifest.json` names the file, the entity, the day, the organisation, size and digest.
Where a system can write no manifest, an empty `resident.2026-11-24.csv.ready` says that the file of
that name is whole; entity and day are in the name, and nothing can be checked but the content.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import msgspec

from renkei import standard, store
from renkei.kit import Tenant, read_json

MANIFEST, READY = ".manifest.json", ".ready"
MOST_BYTES = 64 << 10
PLAIN = re.compile(r"[^/\\\x00-\x1f.][^/\\\x00-\x1f]{0,199}")

DeliveryKind = Literal["snapshot", "difference", "digests"]


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A manifest as a unit writes it."""

    file: str
    entity: str
    states_on: date
    organisation: str
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, msgspec.Meta(ge=0)]
    kind: DeliveryKind = "snapshot"
    number: Annotated[int, msgspec.Meta(ge=1)] | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed of a file; what a marker cannot say is None."""

    file: str
    entity: str
    states_on: date
    kind: DeliveryKind = "snapshot"
    number: int | None = None
    organisation: str | None = None
    sha256: bytes | None = None
    size: int | None = None


def read_manifest(data: bytes, findings: store.Findings) -> Claim | None:
    """Parse a manifest; what is wrong with it is a finding."""
    try:
        said = read_json(data, _Written)
    except msgspec.DecodeError:
        findings.error("manifest-unreadable")
        return None
    return Claim(
        said.file,
        said.entity,
        said.states_on,
        said.kind,
        said.number,
        said.organisation,
        bytes.fromhex(said.sha256),
        said.size,
    )


def read_marker(name: str, *, today: date, findings: store.Findings) -> Claim | None:
    """Return what the name of a marked file says: `ENTITY.csv` or `ENTITY.YYYY-MM-DD.csv`."""
    file = name.removesuffix(READY)
    entity, *rest = file.split(".")
    on = today
    if len(rest) > 1:
        try:
            on = date.fromisoformat(rest[0])
        except ValueError:
            findings.error("manifest-unreadable")
            return None
    return Claim(file, entity, on)


def judge_claim(
    claim: Claim,
    findings: store.Findings,
    *,
    tenant: Tenant,
    unit: str,
    known: standard.Catalogue,
) -> standard.Entity | None:
    """Find what keeps a claimed file from being looked at; return its entity if there is one."""
    if not PLAIN.fullmatch(claim.file):
        findings.error("delivery-name-refused")
    if claim.organisation not in (None, tenant):
        findings.error("delivery-elsewhere", wanted=tenant)
    if claim.kind == "difference" and claim.number is None:
        findings.error("delivery-number-missing")
    try:
        entity = known.entity(claim.entity)
    except standard.DefinitionUnknown:
        findings.error("delivery-entity-unknown")
        return None
    if entity.unit != unit:
        findings.error("delivery-of-other-unit", wanted=entity.unit, found=unit)
    return entity
