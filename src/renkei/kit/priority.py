"""Giving way: what takes long lets what is waited for go first, on one machine."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from renkei.kit.database import Connection

NICE = 10  # of 19: gets what is left over, and all of it when nothing else runs


def give_way(conn: "Connection") -> bool:
    """Lower the priority of this thread, and of the server process that works for a connection.

    The threads it begins have it too; the others keep theirs (elsewhere than on Linux, the whole
    process gives way). SQL has no words for it, so it is done only where that process is seen: a
    server on this machine, reached by its socket. Return whether it was done there too.
    """
    os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))
    pid = conn.info.backend_pid
    try:
        # The number could be another machine's, or another container's.
        seen = Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"postgres: ")
        if not seen or not conn.info.host.startswith("/"):
            return False
        os.setpriority(os.PRIO_PROCESS, pid, NICE)
    except OSError:
        return False
    return True
