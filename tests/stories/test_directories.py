"""A and C stand in the lists of two governing bodies that name each other: messages cross."""

import json
import os
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.parties import codes, unzipped, zipped
from tests.exchange.serving import serving
from tests.stories.passing import CLIENT, System, send

from renkei import audit
from renkei.app.demo.ecosystem import H1, H2, PARTS, A, C, Ecosystem, L, Part, R, found_ecosystem
from renkei.app.membership.initiation import authority_signer, write_anchor, write_members
from renkei.app.membership.members_serving import PATH, list_routes
from renkei.app.operations.doctor import examine
from renkei.app.proofs import offline_verifier
from renkei.federation import Anchor

pytestmark = pytest.mark.xdist_group("directories")

ELSEWHERE = "JP-X"
SERVICE = f"/r1/{ELSEWHERE}/MUN/{C.tenant}/31/shelters"
SECONDS = 30


@dataclass
class Body:
    """A governing body: its ecosystem, its instance, and where its list is fetched."""

    eco: Ecosystem
    parts: tuple[Part, ...]
    instance: str
    port: int = 0
    version: int = 1

    @property
    def file(self) -> Path:
        """Return its signed list."""
        return self.eco.folder / "members.json"

    @property
    def authority(self) -> audit.Signer:
        """Return its key."""
        return authority_signer(self.eco.folder / "authority.key")

    def anchor(self, *organisations: str) -> Anchor:
        """Return what names it to the other one."""
        source = f"http://127.0.0.1:{self.port}{PATH}"
        return Anchor(
            authority=str(self.authority.verifier),
            source=source,
            instance=self.instance,
            organisations=organisations,
        )

    def issue(self, *anchors: Anchor) -> None:
        """Issue its list, which names other directories."""
        files = []
        for number, anchor in enumerate(anchors):
            files.append(self.eco.folder / f"anchor-{number}.json")
            write_anchor(anchor, files[-1], instance=self.instance)
        rows = [self.eco.folder / part.name / "public.json" for part in self.parts]
        self.version += 1
        write_members(
            rows,
            self.file,
            self.authority,
            version=self.version,
            at=datetime.now(UTC),
            instance=self.instance,
            anchors=files,
        )


@dataclass
class Two:
    """Both bodies, and what stands behind C."""

    ours: Body
    theirs: Body
    system: System

    def send(self, target: str, body: bytes = b"", **more: str) -> tuple[int, dict[str, str], str]:
        """Send a message as a unit of A; return status, headers and the code of a fault."""
        method = "POST" if body else "GET"
        status, fields, text = send(self.ours.eco, method, target, body, more=more)
        return status, fields, "" if status == 200 else json.loads(text)["code"]

    def health(self, body: Body, part: Part) -> dict[str, dict[str, str]]:
        """Return what a node says of its lists."""
        with urllib.request.urlopen(f"{body.eco.staff(part)}/health", timeout=5) as answer:
            members: dict[str, dict[str, str]] = json.load(answer)["members"]
            return members

    def entries(self, body: Body, part: Part, number: str) -> list[audit.Entry]:
        """Return what a party entered about a message."""
        while json.loads(body.eco.oversight(part, "checkpoint"))["pending"]:
            time.sleep(0.05)
        row = json.loads((body.eco.folder / part.name / "public.json").read_bytes())
        data = body.eco.oversight(part, f"requests/{number}")
        key = audit.Verifier.parse(row["log_key"])
        return [one.entry for one in audit.verify_bundle(data, [key]).entries]


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def two() -> Iterator[Two]:
    with ExitStack() as stack:
        made = stack.enter_context(tempfile.TemporaryDirectory(prefix="renkei-two-"))
        folder = Path(made)
        folder.chmod(0o711)
        system = System()
        config = uvicorn.Config(system, host="127.0.0.1", port=0, log_config=None, lifespan="off")
        port = stack.enter_context(serving(config))
        bodies = []
        for name, parts, instance in (
            ("ours", PARTS, "JP"),
            ("theirs", (C, H1, H2, R, L), ELSEWHERE),
        ):
            binaries = os.environ.get("RENKEI_TEST_BINARIES", "")
            eco = found_ecosystem(
                folder / name, at=datetime.now(UTC), binaries=binaries, parts=parts
            )
            stack.callback(eco.stop)
            body = Body(eco, parts, instance)
            app = Starlette(routes=list_routes(body.file))
            config = uvicorn.Config(app, "127.0.0.1", 0, log_config=None)
            body.port = stack.enter_context(serving(config))
            bodies.append(body)
        ours, theirs = bodies
        file = theirs.eco.file(C)
        right = f'url = "http://127.0.0.1:{port}/api"\nrights."{CLIENT}" = ["* /**"]\n'
        text = file.read_text(encoding="utf-8")
        file.write_text(f'{text}\n[services."31/shelters"]\n{right}', encoding="utf-8")
        ours.issue(theirs.anchor())
        theirs.issue(ours.anchor(A.tenant))
        ours.eco.start(A)
        theirs.eco.start(C)
        found = Two(ours, theirs, system)
        wait_for(lambda: found.send(f"{SERVICE}/shelters/1")[0] == 200)
        yield found


@pytest.mark.clause("RK-8.13")
def test_a_message_crosses_from_one_directory_to_the_other_signed_and_entered_at_both(
    two: Two,
) -> None:
    status, fields, _ = two.send(f"{SERVICE}/shelters/7", b"x" * 50_000)
    number = fields["x-road-request-id"]
    assert status == 200
    assert fields["x-road-service"] == SERVICE.removeprefix("/r1/")
    for body, part, last in ((two.ours, A, "answer"), (two.theirs, C, "provision")):
        first, second = two.entries(body, part, number)
        assert (first.kind.value, second.kind.value) == ("request", last)
        assert (first.asker, first.holder) == (A.tenant, C.tenant)
        assert first.details["service"] == SERVICE.removeprefix("/r1/")
        assert first.details["client"] == CLIENT


@pytest.mark.clause("RK-9.17")
def test_a_stranger_verifies_what_crossed_by_the_keys_of_both_bodies(two: Two) -> None:
    """One party's evidence proves the other's signature, since it holds the other's list."""
    _, fields, _ = two.send(f"{SERVICE}/shelters/8", b"x" * 50)
    number = fields["x-road-request-id"]
    keys = [str(body.authority.verifier) for body in (two.ours, two.theirs)]
    bundles = {}
    for name, body, part in (("a.zip", two.ours, A), ("c.zip", two.theirs, C)):
        two.entries(body, part, number)
        bundles[name] = body.eco.oversight(part, f"evidence/{number}")
    alone = offline_verifier.verify([("a.zip", bundles["a.zip"])], keys[:1])
    assert (alone.verdict, codes(alone.broken)) == ("proven", set())
    assert {"directory", "question-signed", "answer-signed"} <= codes(alone.proven)
    told = next(one.text("ja") for one in alone.proven if one.code == "directory")
    assert ELSEWHERE in told
    both = offline_verifier.verify(bundles.items(), keys)
    assert (both.verdict, codes(both.broken)) == ("proven", set())
    assert "agree" in codes(both.proven)
    other = offline_verifier.verify(bundles.items(), keys[:1])
    assert "authority-differs" in codes(other.broken)


@pytest.mark.clause("RK-9.17")
def test_a_list_of_another_directory_that_is_not_what_ours_names_is_broken(two: Two) -> None:
    _, fields, _ = two.send(f"{SERVICE}/shelters/9", b"x" * 50)
    number = fields["x-road-request-id"]
    two.entries(two.ours, A, number)
    evidence = unzipped(two.ours.eco.oversight(A, f"evidence/{number}"))
    (path,) = (name for name in evidence if name.startswith("directories/"))
    key = str(two.ours.authority.verifier)

    def broken(path: str, data: bytes) -> set[str]:
        changed = zipped(evidence | {path: data})
        return codes(offline_verifier.verify([("a.zip", changed)], [key]).broken)

    forged = evidence[path].replace(b'"version":', b'"version":1', 1)
    ours = two.ours.file.read_bytes()
    assert broken(path, forged) == {"directory-forged"}
    assert broken(path, ours) == {"directory-forged"}
    assert broken("directories/00000000.json", evidence[path]) == {"directory-unnamed"}
    without = zipped({name: data for name, data in evidence.items() if name != path})
    report = offline_verifier.verify([("a.zip", without)], [key])
    assert (report.verdict, codes(report.broken)) == ("reserved", set())
    assert "key-not-listed" in codes(report.unproven)


@pytest.mark.clause("RK-8.15")
def test_a_question_under_a_linkage_code_does_not_leave_its_directory(two: Two) -> None:
    target = f"/r1/{ELSEWHERE}/MUN/{C.tenant}/06/income/2025"
    told = two.send(target, PF_Procedure="JT99000000001501", PF_Subject="000000600000209")
    assert (told[0], told[2]) == (500, "holder-abroad")


def test_clients_of_another_directory_are_listed_under_its_instance(two: Two) -> None:
    url = f"{two.ours.eco.staff(A)}/listClients?xRoadInstance={ELSEWHERE}"
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        listed = json.load(answer)["member"]
    assert {one["id"]["member_code"] for one in listed} == {C.tenant}
    assert {one["id"]["xroad_instance"] for one in listed} == {ELSEWHERE}


@pytest.mark.clause("RK-8.14")
def test_a_forged_list_of_the_other_directory_is_said_and_messages_go_on(two: Two) -> None:
    good = two.theirs.file.read_bytes()
    two.theirs.file.write_bytes(good.replace(b'"version":', b'"version":1', 1))
    try:
        wait_for(lambda: "members-unsigned" in two.health(two.ours, A)["troubles"].values())
        assert two.send(f"{SERVICE}/shelters/2")[0] == 200
        checks = {one.code: one for one in examine(two.ours.eco.settings["a"])}
        assert checks["anchor-bad"].verdict == "bad"
        assert ELSEWHERE in checks["anchor-bad"].text("ja")
    finally:
        two.theirs.file.write_bytes(good)
    wait_for(lambda: not two.health(two.ours, A)["troubles"])
    peers = {
        one.facts["peer"]: one.code
        for one in examine(two.ours.eco.settings["a"])
        if "peer" in one.facts
    }
    assert peers[C.tenant] == "peer-good"


@pytest.mark.clause("RK-8.13")
def test_a_directory_that_is_no_longer_named_is_not_talked_to(two: Two) -> None:
    """First C's list leaves A out of the scope, on lines that stand too; then A's drops C."""
    two.theirs.issue(two.ours.anchor("131024"))
    gone = {"certificate-unknown", "peer-broke-off"}
    wait_for(lambda: two.send(f"{SERVICE}/shelters/3")[2] in gone)
    two.ours.issue()
    wait_for(lambda: two.send(f"{SERVICE}/shelters/4")[2] == "peer-unknown")
    two.theirs.issue(two.ours.anchor(A.tenant))
    two.ours.issue(two.theirs.anchor(C.tenant))
    wait_for(lambda: two.send(f"{SERVICE}/shelters/5")[0] == 200)
