"""The npm package `soap`, installed once beside the repository, and a client that asks with it.

`requirements/node` pins every package by its hash and names no registry: npm asks the one it knows.
It was made by `npm install --package-lock-only --omit-lockfile-registry-resolved`.
"""

import fcntl
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest

ROOT = Path(__file__).parents[2]
PLACE = ROOT / ".cache" / "node"
PINNED = ROOT / "requirements" / "node"
SCRIPT = Path(__file__).with_name("soap_client.mjs")


@dataclass(frozen=True, slots=True)
class NodeClient:
    """Runs the client in a process of its own."""

    node: str

    @classmethod
    def installed(cls) -> Self:
        """Install what is pinned unless it is there; skip the test where there is no Node."""
        node, npm = shutil.which("node"), shutil.which("npm")
        if node is None or npm is None:
            pytest.skip("node and npm are not installed")
        PLACE.parent.mkdir(exist_ok=True)
        with (PLACE.parent / "node.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # one worker installs, the others wait
            _install(npm)
        return cls(node)

    def ask(self, **said: object) -> dict[str, Any]:
        """Ask one question and return `result` or `fault`, as the package tells it."""
        done = subprocess.run(
            [self.node, str(SCRIPT)],
            cwd=PLACE,
            input=json.dumps(said),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told


def _install(npm: str) -> None:
    pinned = {PLACE / path.name: path.read_bytes() for path in PINNED.iterdir()}
    ended = PLACE / "node_modules" / ".package-lock.json"  # npm writes it last
    there = (path.exists() and path.read_bytes() == text for path, text in pinned.items())
    if ended.exists() and all(there):
        return
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir()
    for path, text in pinned.items():
        path.write_bytes(text)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([npm, "ci", *quiet], cwd=PLACE, check=True, stdout=subprocess.DEVNULL)
