"""The key by which the benchmarks of processes sign their definitions, and the library of it."""

from datetime import date, datetime

from renkei import audit, kit
from renkei.process import bpmn, cases

SIGNER = audit.Signer.from_seed("renkei.example/bench", bytes(32))


def library() -> cases.Library:
    """Return a library that believes this key."""
    return cases.Library([SIGNER.verifier])


def deployed(
    conn: kit.Connection,
    tenant: kit.Tenant,
    definition: bpmn.Definition,
    *,
    since: date,
    at: datetime,
) -> cases.Deployed:
    """Put a definition in force."""
    return cases.deploy(
        conn, tenant, definition, valid_from=since, by="bench", signer=SIGNER, at=at
    )
