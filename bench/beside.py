"""Programs that only benchmarks compare with: each in an environment of its own, beside ours."""

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.measure import BaselineMissing

ROOT = Path(__file__).parents[1]


def python_with(name: str) -> Path:
    """Return the Python that has what `requirements/NAME.lock` names; install it if need be."""
    place = ROOT / ".cache" / name
    program = place / "bin" / "python"
    if (place / "ready").exists():
        return program
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise BaselineMissing("uv is not installed: run `make bench`, which installs it")
    print(f"installing {name} into {place.relative_to(ROOT)}", flush=True)
    lock = ROOT / "requirements" / f"{name}.lock"
    install = ["pip", "install", "--quiet", "--no-config", "--require-hashes", "-r", str(lock)]
    for step in (
        ["venv", "--quiet", "--python", sys.executable, str(place)],
        [*install, "--python", str(program)],
    ):
        if subprocess.run([uv, *step], check=False).returncode != 0:
            raise BaselineMissing(f"{name} could not be installed from requirements/{name}.lock")
    (place / "ready").touch()
    return program


@contextmanager
def asked_by(command: Sequence[str], name: str) -> Iterator[Callable[[int], None]]:
    """Give what has a program of its own do so much, and waits until it is done.

    It says `ready`, then takes a number a line, and ends each with a line.
    """
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as side:
        assert side.stdin is not None
        assert side.stdout is not None
        said, heard = side.stdin, side.stdout
        if heard.readline().strip() != "ready":
            raise BaselineMissing(f"{name} does not begin here")

        def ask(count: int) -> None:
            said.write(f"{count}\n")
            said.flush()
            assert heard.readline()

        try:
            yield ask
        finally:
            side.kill()


def told_by(sides: Mapping[str, Sequence[str]], rounds: int) -> dict[str, dict[str, float]]:
    """Run programs in turn, each telling its figures as one JSON object; return their medians."""
    told: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, command in sides.items():
            done = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
            told[name].append(json.loads(done.stdout))
    return {
        name: {key: statistics.median(one[key] for one in rows) for key in rows[0]}
        for name, rows in told.items()
    }
