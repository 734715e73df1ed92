"""What this room raises; each names the file, the moment or the right that is missing."""

from renkei.kit import NodeError


class TargetMalformed(NodeError):
    """{target} is no place for backups: name a folder, or s3://bucket/prefix."""

    status = 400


class ArchiveUnreachable(NodeError):
    """The archive {target} does not take or give files: {reason}.

    Check the disk or the store and its credentials. The database goes on and keeps its log.
    """

    status = 503


class ArchiveGone(NodeError):
    """The archive {target} is not there: it has no file `owner` any more.

    Check that the disk is mounted. To begin a new archive there: `renkei backup now --take-over`.
    """

    status = 503


class ArchiveForeign(NodeError):
    """The archive {target} belongs to {owner}, not to {tenant}; nothing was written.

    Give each site a folder or prefix of its own.
    """

    status = 409


class ArchiveTaken(NodeError):
    """The archive {target} is written by another folder of this site since {since}.

    If that one no longer runs, take it over: `renkei backup now --take-over`. Never run both.
    """

    status = 409


class ArchiveConflict(NodeError):
    """The archive holds {name} already, with other content: two databases write into it.

    Stop the copy of this site that should not run; nothing was overwritten.
    """

    status = 409


class BackupDamaged(NodeError):
    """The archive's file {name} is damaged: {reason}."""


class BackupKeyDiffers(NodeError):
    """The archive's file {name} was sealed with the key {found}, and ours is {ours}.

    Give the key file of the site that wrote it with --key.
    """


class BackupMissing(NodeError):
    """The archive {target} holds no complete base backup of {at} or before; the first is {first}.

    Choose a later time, or another archive.
    """

    status = 404


class BackupFailed(NodeError):
    """The base backup stopped: {reason}. What was written of it is no backup and is pruned."""


class BackupRightsMissing(NodeError):
    """The database does not let us copy it: {reason}. The operator must set this: {wanted}"""


class BackupProgramsDiffer(NodeError):
    """The backup is of PostgreSQL {data}, and the programs are version {programs}.

    Name the directory of programs of version {data} in the setting `binaries`.
    """


class LogFileMissing(NodeError):
    """The archive lacks the log file {name}. It can be restored up to {until}.

    Restore to that time or before with --at, or find the file.
    """


class LogNotKept(NodeError):
    """The database gave up log that the archive had not taken: the limit of {limit} was passed.

    A new base backup begins a new stretch; between {since} and its end nothing can be restored.
    """


class ShipperBusy(NodeError):
    """Another process of this site sends the log and has not reached {wanted} in {seconds} s.

    Look at its log: the archive may be away.
    """

    status = 503


class RestoreOccupied(NodeError):
    """The folder {folder} is not empty; nothing is restored over what is there. Name a new one."""


class RestoreFailed(NodeError):
    """The database could not be restored: {reason}. The folder {folder} may be removed."""
