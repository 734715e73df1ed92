"""Deleting kept bodies after their last day: the entry first, then the files.

A crash between leaves files whose deletion stands in the log already; the next run enters them
anew and deletes them. So a body may be entered as deleted twice, and is never gone without it.
"""

import time
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from renkei import audit, exchange, kit
from renkei.app.bodies.place import STALE_SECONDS, BodyPlace
from renkei.app.settings import Settings

AT_ONCE = 400
"""So many digests fit into one entry."""


def due_bodies(settings: Settings, at: datetime) -> int:
    """Return how many kept bodies are past their last day."""
    return sum(len(files) for _, files in BodyPlace.of(settings).due(kit.day_of(at)))


def expire_bodies(settings: Settings, records: kit.Database, at: datetime) -> int:
    """Delete what is past its last day, and what was never finished; return how many bodies."""
    place, deleted = BodyPlace.of(settings), 0
    place.sweep(before=time.time() - STALE_SECONDS)
    for until, files in place.due(kit.day_of(at)):
        for first in range(0, len(files), AT_ONCE):
            batch = files[first : first + AT_ONCE]
            details = {
                "target": "bodies",
                "records": str(len(batch)),
                "until": until.isoformat(),
                "bodies": " ".join(map(_digest, batch)),
            }
            with records.transaction(settings.tenant) as conn:
                audit.append(conn, settings.tenant, _entry(settings, details, at))
            place.delete(batch)
            deleted += len(batch)
    return deleted


def _digest(file: Path) -> str:
    """Return the digest of a body as the entry of its message has it."""
    return exchange.encode(bytes.fromhex(file.name.partition(".")[0]))


def _entry(settings: Settings, details: dict[str, str], at: datetime) -> audit.Entry:
    return audit.Entry(
        kind=audit.Kind.RETENTION,
        request=str(uuid4()),
        at=at,
        asker=settings.tenant,
        holder=settings.tenant,
        procedure="",
        outcome="deleted",
        mode=audit.Mode(settings.mode),
        details=details,
    )
