"""A new site's database begins as a copy of one that was made once a run, migrated and aligned.

The run starts a hundred sites. To make a cluster and its tables takes one of a town three and a
half seconds of processor, to copy it a tenth of one. The site looks through all of it as at every
start, and adds what its own overlays ask for. Two copies have one system identifier, as a cluster
and its restored backup have; who tells clusters apart by it makes them by hand. Only what
`prepared.py` forks copies.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

from renkei import store
from renkei.app.site import ROOMS
from renkei.kit import migrate
from renkei.kit.postgres import Postgres
from renkei.standard import catalogue

NAME = "RENKEI_TEST_CLUSTERS"
"""The folder of a run's clusters, told to its processes."""
_ORDINARY = Postgres._make_cluster


def make_folder() -> None:
    """Make the folder of this run, and let all its processes know."""
    made = Path(tempfile.mkdtemp(prefix="renkei-clusters-"))
    made.chmod(0o711)  # the account of a database server passes through it
    os.environ[NAME] = str(made)


def remove_folder() -> None:
    """Remove the folder of this run, with all in it."""
    shutil.rmtree(os.environ.pop(NAME))


def make_tables(dsn: str, rooms: Sequence[str]) -> None:
    """Make the tables of these rooms, and of the standard where records are kept."""
    migrate(dsn, rooms)
    if "renkei.store" in rooms:
        store.align(dsn, catalogue())


def copy_clusters() -> None:
    """Let new clusters of sites be copies in this process and those it forks, if a run has some."""
    if NAME in os.environ:
        Postgres._make_cluster = _copied  # type: ignore[method-assign]


def _copied(self: Postgres) -> None:
    role = _role(self._directory)
    if self._data.exists() or role is None:
        _ORDINARY(self)
        return
    fresh = self._data.with_name("data.new")
    subprocess.run(["cp", "-a", str(_cluster(role, self._given)), str(fresh)], check=True)
    fresh.rename(self._data)


def _role(directory: Path) -> str | None:
    """Return the role of the site whose database shall stand here; None where it is no site's."""
    for above in directory.parents[:3]:
        file = above / "renkei.toml"
        if file.is_file():
            found: str = tomllib.loads(file.read_text(encoding="utf-8")).get("role", "node")
            return found
    return None


def _cluster(role: str, binaries: Path | None) -> Path:
    """Return the cluster of a role, made by whoever asks first."""
    folder = Path(os.environ[NAME])
    made = folder / role / "data"
    with (folder / f"{role}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            fresh = folder / f"{role}.new"
            with Postgres(fresh, binaries=binaries) as server:
                make_tables(server.dsn(), ROOMS[role])  # type: ignore[index]  # as settings name it
            fresh.rename(made.parent)
    return made
