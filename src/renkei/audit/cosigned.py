"""What witnesses cosigned of an own log: remembered in the database, published beside the tiles."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from renkei import kit
from renkei.audit.cosignatures import Cosignature, WitnessKey
from renkei.audit.directory import OUTPUT_FOLDER
from renkei.audit.notes import LARGEST_NOTE, Checkpoint
from renkei.audit.policies import Cosigned, Policy
from renkei.audit.publication import write_whole
from renkei.audit.shards import published_years, shard_folder
from renkei.audit.signed_tree import sql
from renkei.audit.witness_evidence import Witnessed

COSIGNED = "checkpoint.cosigned"


@dataclass(frozen=True, slots=True)
class LastCosigned:
    """What one witness cosigned last of a log."""

    size: int
    line: str
    at: datetime | None


NEVER_COSIGNED = LastCosigned(0, "", None)


def keep_cosignature(
    conn: kit.Connection, tenant: kit.Tenant, cosignature: Cosignature, checkpoint: Checkpoint
) -> None:
    """Remember what a witness cosigned; what it cosigned at a larger size stays."""
    conn.execute(
        sql.keep_cosignature,
        {
            "tenant": tenant,
            "origin": checkpoint.origin,
            "witness": _named(cosignature.key),
            "size": checkpoint.size,
            "line": cosignature.line,
            "at": cosignature.at,
        },
    )


def last_cosigned(
    conn: kit.Connection, tenant: kit.Tenant, policy: Policy, origin: str
) -> dict[str, LastCosigned]:
    """Return what the witnesses of a policy cosigned last of a log, by their names there."""
    rows = conn.execute(sql.cosignatures_kept, {"tenant": tenant, "origin": origin})
    found = {witness: LastCosigned(size, line, at) for witness, size, line, at in rows}
    return {
        one.name: found[_named(one.key)] for one in policy.witnesses if _named(one.key) in found
    }


def keep_beside(directory: Path, name: str, data: bytes) -> None:
    """Put a file beside a published log, whole and on the disk."""
    write_whole(directory / name, data)


def publish_cosigned(directory: Path, note: str, policy: Policy) -> Cosigned:
    """Put a checkpoint that meets the policy beside the newest one; QuorumMissed if it does not.

    Verifiers with a policy read this one; it lags behind by the time witnesses take.
    """
    accepted = policy.accept(note)
    keep_beside(directory, COSIGNED, note.encode())
    return accepted


def published_cosigned(directory: Path) -> Checkpoint | None:
    """Return the cosigned checkpoint as it is published, believed of nobody yet."""
    try:
        with (directory / COSIGNED).open(encoding="utf-8") as file:
            return Checkpoint.parse(file.read(LARGEST_NOTE + 1))
    except FileNotFoundError:
        return None


def published_witnessed(directory: Path, policy: Policy) -> Witnessed | None:
    """Return what is published as cosigned of a log and its output log, where the policy is met.

    Of its newest shard, and beside it of the older ones.
    """
    found = []
    for year in published_years(directory):
        folder, of_shard = shard_folder(directory, year), policy.for_shard(year)
        log = _accepted(folder, of_shard)
        if log is not None:
            found.append(Witnessed(log, _accepted(folder / OUTPUT_FOLDER, of_shard.for_output())))
    return found[-1]._replace(others=tuple(found[:-1])) if found else None


def _accepted(directory: Path, policy: Policy) -> Checkpoint | None:
    """Return the cosigned checkpoint; what another policy made, or nobody, is none."""
    try:
        found = published_cosigned(directory)
        return found and policy.accept(found.note).checkpoint
    except (kit.NodeError, UnicodeDecodeError):
        return None


def _named(key: WitnessKey) -> str:
    """Return what tells a key from all others: its name, and the id that is of its bytes."""
    return f"{key.name}+{key.id.hex()}"
