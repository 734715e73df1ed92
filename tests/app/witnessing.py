"""A log to be witnessed, and a witness in a process of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path

from renkei import audit
from renkei.app.demo.ecosystem import free_port
from renkei.app.witness.plan import found_witness, read_plan
from renkei.audit.tree import Edge, Tree, leaf_hash

PATIENCE = 60.0


class Grown:
    """A log of a hundred entries at any of its sizes; `fork` is where it leaves the plain one."""

    size = 100

    def __init__(
        self, name: str = "log.example/1", fork: int = 100, seed: bytes = bytes(32)
    ) -> None:
        self.name = name
        self._signer = audit.Signer.from_seed(name, seed)
        self._hashes = [leaf_hash(bytes([n, n >= fork])) for n in range(self.size)]
        self.keys = [self._signer.verifier]

    def note(self, size: int) -> str:
        edge = Edge()
        edge.extend(self._hashes[:size])
        return audit.Checkpoint.sign(self._signer, size, edge.root()).note

    def submission(self, old: int, new: int) -> audit.Submission:
        tree = Tree(new, lambda level, n, width: b"".join(self._hashes[:width]))
        proof = tree.consistency(old, new) if 0 < old < new else ()
        return audit.Submission(old, proof, self.note(new))


@dataclass
class WitnessProcess:
    """A witness that runs."""

    process: subprocess.Popen[bytes]
    host: str
    port: int
    folder: Path
    keys: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def add(self, body: bytes) -> tuple[int, bytes, str]:
        answer = self._asked("POST", "/add-checkpoint", body)
        return answer[0], answer[1], answer[2]

    def shown(self, origin: str) -> tuple[int, bytes]:
        return self._asked("GET", f"/{sha256(origin.encode()).hexdigest()}/checkpoint")[:2]

    def health(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self._asked("GET", "/health")[1])
        return found

    def _asked(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes, str]:
        connection = HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.getheader("Content-Type", "")
        finally:
            connection.close()


@contextmanager
def witness_running(
    folder: Path, logs: Sequence[Grown] = (), *, keys: Sequence[str] = ()
) -> Iterator[WitnessProcess]:
    """Found a witness in a folder, or take the one that is there, and run it."""
    settings = folder / "witness.toml"
    if not settings.exists():
        found_witness(folder, "witness.example/w1", f"127.0.0.1:{free_port()}")
        with settings.open("a", encoding="utf-8") as file:
            for key in [*(str(log.keys[0]) for log in logs), *keys]:
                file.write(f'[[log]]\nkeys = ["{key}"]\n')
    plan = read_plan(settings)
    command = [sys.executable, "-m", "renkei", "witness", "run", "-s", str(settings)]
    process = subprocess.Popen([*command, "--with-parent"])
    public = tuple(str(one.key) for one in plan.cosigners())
    running = WitnessProcess(process, plan.host, plan.port, folder, public)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                running.health()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield running
    finally:
        process.terminate()
        process.wait(PATIENCE)
