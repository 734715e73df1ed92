"""Where a run keeps what it writes: in memory where there is room, and gone when the run ends.

A run makes two hundred databases of some two thousand files each. To make these files takes a
second and a half of processor on a disk's file system and a twentieth of one in memory. Nothing is
proved less by it: a killed process loses the same on both, and only a power cut tells them apart.
`TMPDIR` names another place to use instead, whose files stay.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108  # the directory made there is ours alone
ROOM = 4 << 30
PREFIX = "renkei-run-"


def make_scratch(within: Path = MEMORY, room: int = ROOM) -> Path | None:
    """Make the directory of this run and let all its processes use it; None where the disk does.

    What a run that was killed left behind is removed.
    """
    if "TMPDIR" in os.environ or _room(within) < room:
        return None
    for left in within.glob(f"{PREFIX}*"):
        if left.stat().st_uid == os.geteuid() and not Path(f"/proc/{_pid(left)}").exists():
            shutil.rmtree(left, ignore_errors=True)
    made = within / f"{PREFIX}{os.getpid()}"
    made.mkdir(mode=0o711)  # the account of a database server passes through it
    os.environ["TMPDIR"] = str(made)
    tempfile.tempdir = None
    return made


def remove_scratch(made: Path) -> None:
    """Remove the directory of this run, with all in it."""
    del os.environ["TMPDIR"]
    tempfile.tempdir = None
    shutil.rmtree(made)


def _pid(made: Path) -> str:
    return made.name.removeprefix(PREFIX)


def _room(within: Path) -> int:
    """Return the bytes that a directory, and the machine's memory, still have for programs too."""
    with suppress(OSError):
        found = os.statvfs(within)
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        (free,) = (int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable"))
        if not found.f_flag & os.ST_NOEXEC and os.access(within, os.W_OK):
            return min(found.f_bavail * found.f_frsize, free)
    return 0
