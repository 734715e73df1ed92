"""The database server of a laptop: PostgreSQL's own programs, run from a directory of ours.

    with Postgres(Path("data/database")) as server:
        migrate(server.dsn(), rooms)

`programs` finds what to run. The server has no TCP port; its socket stands in a directory that only
its account may enter, which is why the socket asks for no password. It lives exactly as long as the
`Postgres` object that started it.
"""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

import psycopg
from psycopg import conninfo
from psycopg import sql as compose

from renkei.kit.errors import (
    DatabaseNotMade,
    PostgresMissing,
    ServerDirectoryClosed,
    ServerDirectoryInUse,
    ServerNotPrepared,
    ServerNotStarted,
    ServerVersionDiffers,
)
from renkei.kit.programs import (
    Account,
    account_for,
    environment,
    find_binaries,
    readable_copy,
    version_of,
)

PORT = "5432"  # of the socket's name; there is no TCP port
SOCKET_PATH_LIMIT = 103  # bytes; Linux allows 107, macOS 103
SHORT_SOCKET = "renkei-socket-"
START_SECONDS = 300  # replaying 2 GB of log after a crash takes its time
HANDOVER_SECONDS = 30  # a server whose parent was killed is shutting down

SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    # Vacuum and analysis little by little: once a minute they were felt by whoever waited then.
    "autovacuum_naptime": "15s",
    # Log that waits for its copy (renkei.backup) may fill this much of the disk, and no more.
    "max_slot_wal_keep_size": "8GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    # The values of a failed statement may be personal data: neither they nor it are logged.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    # After a crash: one call for the file system instead of one for each of some thousand files.
    **({"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {}),
}

# Runs as a program of its own, since a fork of a threaded process must not run Python code.
# The order counts: the kernel forgets the death signal when the account changes, and a parent
# that died before prctl sends none. SIGINT is PostgreSQL's fast shutdown: clients are cut off,
# a checkpoint is written, and the next start has nothing to recover.
GUARD = """
import ctypes, os, signal, sys
parent, uid, gid, *command = sys.argv[1:]
if uid:
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, int(signal.SIGINT), 0, 0, 0)
if os.getppid() == int(parent):
    os.execv(command[0], command)
"""


class Postgres:
    """One database server in one directory, from `start` to `stop`."""

    def __init__(
        self,
        directory: Path,
        *,
        binaries: Path | None = None,
        settings: Mapping[str, str] | None = None,
        patience: float = START_SECONDS,
    ) -> None:
        """Name the directory and, if not the usual ones, the programs; nothing starts yet.

        `settings` go before our own; `patience` is for a start that replays days of log.
        """
        self._settings = SETTINGS | dict(settings or {})
        self._patience = patience
        self._directory = directory.resolve()
        self._data = self._directory / "data"
        self._log = self._directory / "server.log"
        self._given = binaries
        self._binaries = Path()
        self._version = ""
        self._account = Account("")
        self._socket = self._directory / "socket"
        self._lock: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        # The kernel ties the death signal to the thread that forked: this one stays.
        self._keeper = ThreadPoolExecutor(max_workers=1)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def dsn(self, dbname: str = "renkei") -> str:
        """Return the connection string of a database, as the superuser `postgres`."""
        return conninfo.make_conninfo(
            host=str(self._socket), port=PORT, user="postgres", dbname=dbname
        )

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database, empty or as the copy of a template nobody is connected to."""
        statement = compose.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            compose.Identifier(name), compose.Identifier(template or "template1")
        )
        try:
            with psycopg.connect(self.dsn("postgres"), autocommit=True) as conn:
                conn.execute(statement)
        except psycopg.Error as error:
            raise DatabaseNotMade(name=name, reason=_first_line(error)) from error

    def start(self) -> None:
        """Make the cluster if there is none, start the server, return when it answers.

        Recovers what a killed server left behind. Refuses a directory in use, out of reach, or
        of another major version; it opens no directory that it did not make itself.
        """
        try:
            self._hold()
            self._choose_programs(find_binaries(self._given))
            self._make_cluster()
            self._make_socket()
            self._launch()
            self._make_first_database()
        except OSError as error:
            self.stop()
            raise ServerNotPrepared(directory=str(self._directory), reason=str(error)) from error
        except BaseException:
            self.stop()
            raise

    @property
    def is_running(self) -> bool:
        """Tell whether the server this object started still lives."""
        return self._process is not None and self._process.poll() is None

    def restart(self) -> None:
        """Start the server again after it died; its log is replayed, the lock is kept."""
        self._launch()

    def stop(self) -> None:
        """Shut down fast: open transactions are rolled back, committed ones stay."""
        process, self._process = self._process, None
        if process is not None:
            for step, patience in ((signal.SIGINT, 60), (signal.SIGQUIT, 15), (signal.SIGKILL, 15)):
                process.send_signal(step)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(patience)
                    break
        if self._lock is not None:
            self._forget_short_socket()
            self._lock.close()
            self._lock = None

    def _hold(self) -> None:
        """Take the directory's lock; it falls with this process, however that ends."""
        if not self._directory.exists():
            self._directory.mkdir(parents=True, mode=0o700)
            if os.geteuid() == 0:
                self._directory.chmod(0o711)  # the server's account must pass, not look
        path = self._directory / "lock"
        path.touch(mode=0o600)
        lock = path.open("a+b")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise ServerDirectoryInUse(lock=str(path)) from None
        self._lock = lock
        self._forget_short_socket()

    def _choose_programs(self, found: Path) -> None:
        """Choose the account and programs it can run, copied to where it can read them."""
        version = version_of(found, Account("ourselves"))
        if version is None:
            raise PostgresMissing(places=str(found))
        self._account = account_for(self._data)
        if not self._account.may_enter(self._directory):
            raise ServerDirectoryClosed(account=self._account.name, directory=str(self._directory))
        if version_of(found, self._account) is None:
            found = readable_copy(found, version)
            if version_of(found, self._account) is None:
                raise ServerDirectoryClosed(account=self._account.name, directory=str(found))
        self._binaries, self._version = found, version

    def _make_cluster(self) -> None:
        """Run initdb beside the place and move the result there, so that half is never used."""
        if self._data.exists():
            there = (self._data / "PG_VERSION").read_text(encoding="ascii").strip()
            if [there] != re.findall(r"^\d+", self._version):
                raise ServerVersionDiffers(
                    directory=str(self._data), data=there, programs=self._version
                )
            return
        fresh = self._data.with_name("data.new")
        answer = subprocess.CompletedProcess("initdb", 1, stdout="")
        for ctype in ("C.UTF-8", "C"):  # not every system knows C.UTF-8; both sort by code point
            if fresh.exists():
                shutil.rmtree(fresh)
            self._account.make_own(fresh)
            answer = self._account.run(
                self._binaries / "initdb",
                f"--pgdata={fresh}",
                f"--locale={ctype}",
                "--lc-collate=C",
                "--lc-messages=C",
                "--encoding=UTF8",
                "--username=postgres",
                "--auth-local=trust",
                "--auth-host=reject",
                "--data-checksums",
                "--no-sync",  # an empty cluster can be made again
            )
            if answer.returncode == 0:
                fresh.rename(self._data)
                return
        shutil.rmtree(fresh)
        raise ServerNotPrepared(directory=str(self._data), reason=_last_lines(answer.stdout))

    def _make_socket(self) -> None:
        """Make the socket's directory: beside the data, or a short one where paths are long."""
        self._socket = self._directory / "socket"
        # A comma separates hosts in a connection string and cannot be escaped there.
        length = len(os.fsencode(self._socket / f".s.PGSQL.{PORT}"))
        if length <= SOCKET_PATH_LIMIT and "," not in str(self._socket):
            self._account.make_own(self._socket)
            return
        self._socket = Path(tempfile.mkdtemp(prefix=SHORT_SOCKET))
        if self._lock is not None:
            self._lock.write(os.fsencode(self._socket))
            self._lock.flush()
        self._account.make_own(self._socket)
        if not self._account.may_enter(self._socket):
            raise ServerDirectoryClosed(account=self._account.name, directory=str(self._socket))

    def _forget_short_socket(self) -> None:
        """Remove the short socket directory that the lock file names, ours or a killed one's."""
        if self._lock is not None:
            self._lock.seek(0)
            short = Path(os.fsdecode(self._lock.read(4096)))
            if short.name.startswith(SHORT_SOCKET):
                shutil.rmtree(short, ignore_errors=True)
            self._lock.truncate(0)

    def _launch(self) -> None:
        """Start the server, once more while its killed predecessor is still letting go."""
        deadline = time.monotonic() + HANDOVER_SECONDS
        while True:
            self._remove_strange_locks()
            self._log.touch(mode=0o600)
            said_before = self._log.stat().st_size
            self._process = self._keeper.submit(self._spawn).result()
            if self._answers(self._process):
                return
            with self._log.open("rb") as log:
                log.seek(said_before)
                said = log.read().decode("utf-8", "replace")
            held = re.search("lock file .* already exists|shared memory block .* in use", said)
            if not held or time.monotonic() > deadline:
                raise ServerNotStarted(reason=_last_lines(said), log=str(self._log))
            time.sleep(0.1)

    def _spawn(self) -> subprocess.Popen[bytes]:
        """Start the server through GUARD, in a session of its own: Ctrl-C is for the node."""
        account = self._account
        quoted = str(self._socket).replace('"', '""')
        settings = self._settings | {"unix_socket_directories": f'"{quoted}"'}
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", "-c", GUARD, str(os.getpid())),
                    *("" if part is None else str(part) for part in (account.uid, account.gid)),
                    *(str(self._binaries / "postgres"), "-D", str(self._data)),
                    *(part for item in settings.items() for part in ("-c", "=".join(item))),
                ],
                cwd="/",
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _answers(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait until the server answers a connection; say no if it ended."""
        deadline = time.monotonic() + self._patience
        while process.poll() is None:
            with suppress(psycopg.OperationalError, FileNotFoundError):
                psycopg.connect(self.dsn("postgres"), connect_timeout=5).close()
                # Not a predecessor's last words: the cluster names our process.
                if _first_word(self._data / "postmaster.pid") == str(process.pid):
                    return True
            if time.monotonic() > deadline:
                raise ServerNotStarted(
                    reason=f"no answer in {self._patience} seconds", log=str(self._log)
                )
            time.sleep(0.02)
        return False

    def _remove_strange_locks(self) -> None:
        """Remove lock files whose number belongs to a process that is no server of ours.

        PostgreSQL clears them itself when that process is gone, but not when it is a zombie, nor
        when another process of the account got its number after a restart of the machine.
        """
        for lock in (self._data / "postmaster.pid", self._socket / f".s.PGSQL.{PORT}.lock"):
            with suppress(FileNotFoundError, PermissionError):  # gone, or another account's
                process = Path(f"/proc/{_first_word(lock)}")
                state = (process / "stat").read_text(encoding="utf-8", errors="replace")
                zombie = state.rpartition(")")[2].split()[0] == "Z"
                if zombie or (process / "cwd").readlink() != self._data:
                    lock.unlink()

    def _make_first_database(self) -> None:
        """Create the database `renkei` where there is none yet."""
        try:
            psycopg.connect(self.dsn()).close()
        except psycopg.OperationalError:
            self.create_database("renkei")


def _first_word(lock: Path) -> str:
    """Return the process that a lock file of PostgreSQL names."""
    return lock.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()


def _first_line(error: Exception) -> str:
    return str(error).split("\n", maxsplit=1)[0]


def _last_lines(text: str) -> str:
    return " / ".join(text.strip().splitlines()[-3:])
