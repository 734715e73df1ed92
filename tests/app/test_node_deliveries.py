"""A node that runs takes deliveries in from its folder and over HTTP, and shows its console."""

import hashlib
import json
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.app.seat import STAFF, Seat
from tests.app.test_delivery_door import digest
from tests.store.rows import RESIDENT, file, resident

from renkei import exchange
from renkei.app.demo.ecosystem import A, ecosystem
from renkei.standard import catalogue
from renkei.standard.synthetic import example_row

WAIT_SECONDS = 60


@pytest.fixture(scope="module")
def node():
    """Run A市's node in a process of its own, with a folder and staff."""
    with tempfile.TemporaryDirectory(prefix="renkei-node-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        binaries = os.environ.get("RENKEI_TEST_BINARIES", "")
        with ecosystem(folder / "sites", at=datetime.now(UTC), binaries=binaries) as founded:
            settings = founded.file(A)
            text = settings.read_text(encoding="utf-8")
            secret = f'password = "{STAFF["1001"].secret}"'
            staff = f'\n[staff."1001"]\nname = "運用"\nroles = ["operator"]\n{secret}\n'
            settings.write_text(f'deliveries = "deliveries"\n{text}{staff}', encoding="utf-8")
            founded.start(A)
            yield founded


@pytest.fixture
def seat(node):
    return Seat(node.settings["a"].staff_door.port)


def test_what_is_put_into_the_folder_is_acknowledged_and_shown(node, seat):
    root = node.folder / "a" / "deliveries"
    data = file(RESIDENT, [resident(1), resident(2)]).getvalue()
    (root / "incoming" / "01" / "resident.csv").write_bytes(data)
    manifest = {
        "file": "resident.csv",
        "entity": "resident",
        "states_on": "2026-04-01",
        "organisation": A.tenant,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
    }
    notice = root / "incoming" / "01" / "resident.csv.manifest.json"
    notice.write_text(json.dumps(manifest), encoding="utf-8")
    deadline = time.monotonic() + WAIT_SECONDS
    while not (found := list((root / "done" / "01").glob("*.ack.json"))):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert json.loads(found[0].read_bytes())["outcome"] == "loaded"
    page = seat.signed_in("1001").get("/console/deliveries/entities/resident?lang=en")
    assert "loaded 2026-04-01 resident.csv 2" in page.plain


def test_a_delivery_larger_than_any_question_comes_in_over_http(node, seat):
    income = catalogue().entity("income")
    padding = b"# " + b"x" * 60_000 + b"\n"
    data = padding * 160 + file(income, [example_row(income, catalogue())]).getvalue()
    assert len(data) > 8 * exchange.Limits().body
    said = seat.ask(
        "PUT",
        "/deliveries/income?on=2026-04-01",
        data,
        authorization=f"Bearer {node.tokens['a']['06']}",
        content_digest=digest(data),
    )
    assert said.status == 200, said.text
    assert json.loads(said.body)["records"] == 1
