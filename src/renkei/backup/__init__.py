"""Copies of a site's whole database, and the way back to any moment of them.

Words: *archive* (a folder or an S3-compatible store), *base* (a copy of the whole database), *log
file* (16 MiB of PostgreSQL's write-ahead log), *tail* (the log file that is still being written),
*lineage* (one run of one database: a restored one begins another), *writer* (the one folder of a
site that may write into an archive).
Promise: what was committed stands in the archive a few seconds later, sealed, and comes back to the
moment asked for, or the file that prevents it is named. An archive that is away loses nothing: the
database keeps its log until a limit, and a base is taken anew where that limit was passed.
Trust: whoever holds the archive alone can read nothing and change nothing unnoticed, but can
withhold the newest files or all of them. Whoever holds the key and the archive reads everything.
Nothing here knows what the database holds; nothing is ever restored over a living one.
"""

from renkei.backup.archive import S3, Archive, Target
from renkei.backup.bases import ended, take
from renkei.backup.errors import (
    ArchiveConflict,
    ArchiveForeign,
    ArchiveGone,
    ArchiveTaken,
    ArchiveUnreachable,
    BackupDamaged,
    BackupFailed,
    BackupKeyDiffers,
    BackupMissing,
    BackupProgramsDiffer,
    BackupRightsMissing,
    LogFileMissing,
    LogNotKept,
    RestoreFailed,
    RestoreOccupied,
    ShipperBusy,
    TargetMalformed,
)
from renkei.backup.holdings import Base, Holding, holding, holdings
from renkei.backup.keeping import Keep, Pruned, prune
from renkei.backup.ownership import Writer, claim
from renkei.backup.restoring import Restored, restore
from renkei.backup.seal import BackupKey
from renkei.backup.shipping import Shipped, Standing, forget, hold, release, ship, standing
from renkei.backup.verification import Checkup, verify

__all__ = [
    "S3",
    "Archive",
    "ArchiveConflict",
    "ArchiveForeign",
    "ArchiveGone",
    "ArchiveTaken",
    "ArchiveUnreachable",
    "BackupDamaged",
    "BackupFailed",
    "BackupKey",
    "BackupKeyDiffers",
    "BackupMissing",
    "BackupProgramsDiffer",
    "BackupRightsMissing",
    "Base",
    "Checkup",
    "Holding",
    "Keep",
    "LogFileMissing",
    "LogNotKept",
    "Pruned",
    "RestoreFailed",
    "RestoreOccupied",
    "Restored",
    "Shipped",
    "ShipperBusy",
    "Standing",
    "Target",
    "TargetMalformed",
    "Writer",
    "claim",
    "ended",
    "forget",
    "hold",
    "holding",
    "holdings",
    "prune",
    "release",
    "restore",
    "ship",
    "standing",
    "take",
    "verify",
]
