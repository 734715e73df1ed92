"""A node tells a unit over a real NATS server what changed; node and server are killed halfway."""

import os
import signal
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from tests.app.nats_server import NatsServer, nats_server
from tests.app.office import approved
from tests.app.receiver import until
from tests.store.rows import RESIDENT, file

from renkei.app.demo.ecosystem import A, Ecosystem, ecosystem
from renkei.app.disclosure.subscriptions import Notice
from renkei.app.operations.checks import Check
from renkei.app.operations.doctor import examine
from renkei.app.settings import read_settings
from renkei.exchange import StreamPlan

SUBSCRIPTION = ("15", "01/person_search")


class Node:
    """Node A with a NATS server in its settings."""

    def __init__(self, eco: Ecosystem, server: NatsServer) -> None:
        settings = eco.file(A)
        more = f'\n[nats]\nservers = ["{server.url}"]\n'
        settings.write_text(settings.read_text(encoding="utf-8") + more, encoding="utf-8")
        self.eco, self.server = eco, server
        self.settings = read_settings(settings)
        self._file = eco.folder / "resident.csv"

    @property
    def plan(self) -> StreamPlan:
        assert self.settings.nats is not None
        return self.settings.nats

    def load(self, people: int) -> None:
        """Load so many residents as all there are."""
        rows = [approved(n) for n in range(people)]
        self._file.write_bytes(file(RESIDENT, rows).getvalue())
        self.eco.run(A, "load", str(self._file))

    def told(self) -> list[str]:
        """Return of whom the stream tells, in its order."""
        return [
            str(int(event.key["register_number"][:-1]))
            for message in self.server.messages(self.plan)
            for event in msgspec.json.decode(message.data, type=Notice).events
        ]

    def line(self) -> Check:
        """Return what the doctor says of the line."""
        (found,) = (one for one in examine(self.settings) if one.code.startswith("nats"))
        return found


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with tempfile.TemporaryDirectory(prefix="renkei-nats-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        binaries = os.environ.get("RENKEI_TEST_BINARIES", "")
        with (
            nats_server(folder) as server,
            ecosystem(folder / "sites", at=datetime.now(UTC), binaries=binaries) as eco,
        ):
            found = Node(eco, server)
            eco.start(A)
            yield found


@pytest.mark.clause("RK-12.10")
def test_nothing_is_lost_or_twice_though_node_and_server_are_killed(node):
    added = node.eco.run(A, "subscriptions", "add", *SUBSCRIPTION, "--url", "nats:")
    assert added["subject"] == "renkei.test.131016.15.01.person_search"
    node.load(600)
    until(lambda: node.told())
    os.kill(node.eco.processes[A.name].pid, signal.SIGSTOP)  # in the midst of its letters
    node.server.kill()
    node.eco.kill(A)
    assert node.line().verdict == "bad"
    node.server.start()
    node.eco.start(A)
    node.load(650)
    until(lambda: len(node.told()) >= 650, 90)
    listed = node.eco.run(A, "subscriptions", "list")
    assert [(one["letters_waiting"], one["dead_letters"]) for one in listed.values()] == [(0, 0)]
    assert sorted(node.told(), key=int) == [str(n) for n in range(650)]
    assert node.line().code == "nats-good"
