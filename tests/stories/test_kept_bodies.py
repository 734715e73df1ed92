"""What passes is kept by policy: sealed before it goes, named by its entry, opened elsewhere."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path
from uuid import uuid4

import pytest
from tests.app.parties import codes, unzipped, zipped
from tests.stories.passing import TARGET, Pair, passing_pair

from renkei import audit, exchange, federation, kit
from renkei.app.bodies.expiry import due_bodies, expire_bodies
from renkei.app.bodies.opening import open_bodies
from renkei.app.bodies.place import BodyPlace, KeptBody
from renkei.app.bodies.release import Release
from renkei.app.bodies.sealed_body import BodyKind, SealedBody, key_id
from renkei.app.demo.ecosystem import A, B, Ecosystem, Part
from renkei.app.errors import BodiesMissing, CustodianKeyDiffers, EvidenceBroken
from renkei.app.proofs import offline_verifier
from renkei.app.proofs.exchange_evidence import MOST_WITHIN, write_evidence
from renkei.app.settings import Settings, read_settings
from renkei.app.site import now, running_database

pytestmark = pytest.mark.xdist_group("passing")

KEYS = {"a": federation.SealingKey.generate(), "b": federation.SealingKey.generate()}
ORDER = Release("情報公開担当", "audit of 31/shelters", "総務第12号")
DAYS = 30
OTHER_SERVICE = TARGET.replace("shelters", "readers")


def keep_shelters(eco: Ecosystem) -> None:
    """Let both keep what goes to the shelters of B, A also the answers of its own by all means."""
    for part in (A, B):
        file = eco.file(part)
        lines = f'''
[bodies]
seal_to = "{KEYS[part.name].listed}"
[[bodies.keep]]
name = "shelters"
services = ["JP/MUN/{B.tenant}/31/shelters"]
days = {DAYS}
[[bodies.keep]]
name = "perhaps"
services = ["JP/MUN/{A.tenant}"]
kinds = ["answer"]
must = false
days = 1
'''
        file.write_text(file.read_text(encoding="utf-8") + lines, encoding="utf-8")


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    binaries = os.environ.get("RENKEI_TEST_BINARIES", "")
    with passing_pair(binaries, register=keep_shelters) as found:
        yield found


@pytest.fixture(autouse=True)
def forgetful(pair):
    pair.system.asked.clear()


def settings_of(pair: Pair, part: Part) -> Settings:
    return read_settings(pair.eco.file(part))


def place_of(pair: Pair, part: Part) -> BodyPlace:
    plan = settings_of(pair, part).bodies
    assert plan is not None
    return BodyPlace(plan.place)


def kept(pair: Pair, part: Part, entry: audit.Entry, kind: BodyKind) -> bytes:
    """Return the body that an entry names, opened with its custodian's key."""
    named = KeptBody.named(kind, entry.details)
    assert named is not None
    file = place_of(pair, part).find(named)
    assert file is not None
    assert hashlib.sha256(file.read_bytes()).digest() == named.digest
    with file.open("rb") as stream:
        body = SealedBody.read(stream, KEYS[part.name])
        assert (body.of.tenant, body.of.request, body.of.kind) == (
            part.tenant,
            entry.request,
            kind,
        )
        return b"".join(body.pieces())


@contextmanager
def place_broken(pair: Pair, part: Part) -> Iterator[None]:
    """Put a plain file where bodies are kept: nothing can be written there."""
    root = place_of(pair, part).root
    aside = root.with_name("aside")
    root.rename(aside)
    root.touch()
    try:
        yield
    finally:
        root.unlink()
        aside.rename(root)


@pytest.mark.clause("RK-9.12", "RK-9.13")
@pytest.mark.parametrize("size", [5, 3 << 20])
def test_both_keep_question_and_answer_sealed_each_to_its_own_custodian(pair, size):
    body = os.urandom(size)
    _, head, told = pair.send("PUT", "/large" if size > 5 else "/x", body)
    number = head["x-road-request-id"]
    for part in (A, B):
        first, last = pair.entries(number, part)
        assert kept(pair, part, first, "question") == body
        assert kept(pair, part, last, "answer") == told
        assert first.details["question_policy"] == "shelters"
        until = kit.day_of(first.at) + timedelta(days=DAYS)
        assert first.details["question_until"] == until.isoformat()
        assert first.details["question_sealed_to"] == key_id(KEYS[part.name].public)
        (file,) = [f for f, _, _ in place_of(pair, part).all() if first_digest(first) in f.name]
        assert body[:5] not in file.read_bytes()


def first_digest(entry: audit.Entry) -> str:
    return exchange.decode(entry.details["question_sealed"]).hex()


@pytest.mark.clause("RK-9.13")
def test_what_falls_under_no_policy_and_what_is_empty_is_not_kept(pair):
    before = len(list(place_of(pair, A).all()))
    for target, path in ((OTHER_SERVICE, "/open/7"), (TARGET, "/empty")):
        _, head, _ = pair.send("GET", path, target=target)
        for entry in pair.entries(head["x-road-request-id"], A):
            assert not [name for name in entry.details if name.endswith(("_sealed", "_policy"))]
    assert len(list(place_of(pair, A).all())) == before


@pytest.mark.clause("RK-9.13")
@pytest.mark.parametrize("part", [A, B], ids=["asker", "provider"])
def test_what_must_be_kept_and_cannot_be_is_not_passed_on_and_entered(pair, part):
    with place_broken(pair, part):
        status, kind, code = pair.code("POST", "/x", b"must be kept", X_Road_Id=f"full-{part.name}")
    assert (status, code, pair.system.asked) == (500, "body-not-sealed", [])
    assert kind.endswith("internal_error")
    (entries,) = pair.log(A, f"full-{part.name}").entries.values()
    outcomes = [(one.kind.value, one.details.get("error")) for one in entries]
    failed = ("failure", "body-not-sealed")
    assert outcomes == ([failed] if part is A else [("request", None), failed])


def test_the_id_of_a_message_that_could_not_be_kept_may_be_used_again(pair):
    with place_broken(pair, A):
        assert pair.send("POST", "/x", b"again", X_Road_Id="again")[0] == 500
    assert pair.send("POST", "/x", b"again", X_Road_Id="again")[0] == 200
    before = len(list(place_of(pair, A).all()))
    assert pair.code("POST", "/x", b"again", X_Road_Id="again")[2] == "request-id-reused"
    assert len(list(place_of(pair, A).all())) == before  # what no entry names does not stay


@pytest.mark.clause("RK-9.13")
def test_what_may_go_unkept_passes_and_the_entry_says_so(pair):
    own = TARGET.replace(B.tenant, A.tenant)
    with place_broken(pair, A):
        status, head, _ = pair.send("GET", "/x", target=own)
    assert status == 200
    last = pair.entries(head["x-road-request-id"], A)[-1]
    assert last.details["answer_not_sealed"] == "body-not-sealed"
    assert "answer_sealed" not in last.details
    _, head, told = pair.send("GET", "/x", target=own)
    assert kept(pair, A, pair.entries(head["x-road-request-id"], A)[-1], "answer") == told


def exported(pair: Pair, folder: Path, body: bytes = b"hello") -> tuple[str, list[Path], bytes]:
    """Return the number of a message, A's evidence of it with its bodies, and what was told."""
    _, head, told = pair.send("POST", "/x", body)
    number = head["x-road-request-id"]
    pair.entries(number, A)
    folder.mkdir(exist_ok=True)
    files = write_evidence(settings_of(pair, A), number, folder / "e.zip", released=ORDER)
    return number, files, told


def renkei(*words: object) -> bytes:
    """Run the program as its user does; return what it printed."""
    line = [sys.executable, "-m", "renkei", *map(str, words), "--json"]
    return subprocess.run(line, capture_output=True, check=True).stdout


def authority(pair: Pair) -> str:
    return pair.eco.settings["a"].authority


@pytest.mark.clause("RK-9.9", "RK-9.10", "RK-9.15")
def test_evidence_with_its_sealed_bodies_is_verified_offline_and_opened_by_the_custodian(
    pair, tmp_path
):
    number, _, told = exported(pair, tmp_path / "one")
    bundle = tmp_path / "e.zip"
    word = ("--by", ORDER.by, "--purpose", ORDER.purpose, "--order", ORDER.order)
    renkei("evidence", number, "--bodies", *word, "-s", pair.eco.file(A), "--out", bundle)
    # 1. A stranger: the file is the one the entry names; so is the plain body beside it.
    with zipfile.ZipFile(bundle) as archive:
        archive.extract("verify.py", tmp_path)
    (tmp_path / "question").write_bytes(b"hello")
    words = [bundle, "--authority", authority(pair), "--question-body", tmp_path / "question"]
    said = subprocess.run(
        [sys.executable, tmp_path / "verify.py", *words, "--json"], capture_output=True, check=True
    )
    proven = [one["code"] for one in json.loads(said.stdout)["proven"]]
    assert (proven.count("sealed"), proven.count("body")) == (2, 1)
    # 2. The custodian: what opens is what the entries say.
    (tmp_path / "key.pem").touch(mode=0o600)
    (tmp_path / "key.pem").write_bytes(KEYS["a"].pem())
    key = ("--key", tmp_path / "key.pem")
    opened = json.loads(renkei("bodies", "open", *words[:3], *key, "--out", tmp_path))["opened"]
    files = [Path(one["file"]) for one in opened]
    assert [file.read_bytes() for file in files] == [b"hello", told]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
    # 3. Who took them stands in the log, under the message's own number.
    view = pair.entries(number, A)[-1]
    assert (view.kind, view.outcome, view.purpose) == ("view", "released", ORDER.purpose)
    assert (view.details["by"], view.details["order"]) == (ORDER.by, ORDER.order)
    assert view.details["records"] == "2"


def test_a_body_too_large_for_the_zip_lies_beside_it(pair, tmp_path):
    body = os.urandom(MOST_WITHIN)
    _, (bundle, beside), _ = exported(pair, tmp_path, body)
    digest = hashlib.sha256(beside.read_bytes()).digest()
    report = offline_verifier.verify(
        [("e.zip", bundle.read_bytes())], [authority(pair)], sealed=[digest]
    )
    assert (report.broken, [one.code for one in report.proven].count("sealed")) == ([], 2)
    opened = open_bodies(bundle, [beside], KEYS["a"], authority(pair), tmp_path / "out")
    assert opened[0].file.read_bytes() == body
    alone = open_bodies(bundle, [], KEYS["a"], authority(pair), tmp_path / "answer")
    assert [one.named.kind for one in alone] == ["answer"]


def test_sealed_bodies_that_were_tampered_with_are_named_and_nothing_is_opened(pair, tmp_path):
    _, (bundle,), _ = exported(pair, tmp_path)
    parts = unzipped(bundle.read_bytes())
    name = next(one for one in parts if one.startswith("bodies/"))
    flipped = parts[name][:-1] + bytes([parts[name][-1] ^ 1])
    other = f"bodies/{exchange.encode(hashlib.sha256(flipped).digest())}.sealed"
    renamed = {one: data for one, data in parts.items() if one != name} | {other: flipped}
    for contents, code in (
        (parts | {name: flipped}, "sealed-altered"),
        (parts | {name: parts[name][:-9]}, "sealed-altered"),
        (renamed, "sealed-unnamed"),
    ):
        report = offline_verifier.verify([("e.zip", zipped(contents))], [authority(pair)])
        assert codes(report.broken) == {code}
        bundle.write_bytes(zipped(contents))
        with pytest.raises(EvidenceBroken):
            open_bodies(bundle, [], KEYS["a"], authority(pair), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_another_custodian_opens_nothing(pair, tmp_path):
    _, (bundle,), _ = exported(pair, tmp_path)
    with pytest.raises(CustodianKeyDiffers):
        open_bodies(bundle, [], KEYS["b"], authority(pair), tmp_path / "out")


@pytest.mark.clause("RK-9.13")
@pytest.mark.parametrize("part", [A, B])
def test_after_a_kill_no_entry_names_a_body_that_is_not_there(pair, part):
    prefix = f"kill-{part.name}-"

    def send(number: int) -> None:
        if number == 8:
            pair.eco.kill(part)
            pair.eco.start(part)
        with suppress(OSError, HTTPException):
            pair.send("POST", "/x", os.urandom(300_000), X_Road_Id=f"{prefix}{uuid4()}")

    with ThreadPoolExecutor(3) as clients:
        list(clients.map(send, range(16)))
    named = 0
    for entries in pair.log(part, prefix).entries.values():
        for entry in entries:
            for kind in ("question", "answer"):
                if f"{kind}_sealed" in entry.details:
                    body = kept(pair, part, entry, kind)
                    digest = exchange.encode(hashlib.sha256(body).digest())
                    assert entry.details[f"{kind}_body"] == digest
                    named += 1
    assert named > 8


@pytest.mark.clause("RK-9.14", "RK-9.15")
def test_after_its_time_a_body_is_deleted_with_an_entry_and_no_proof_is_broken(pair, tmp_path):
    number, _, _ = exported(pair, tmp_path)
    settings, place = settings_of(pair, A), place_of(pair, A)
    count, at = len(list(place.all())), now() + timedelta(days=DAYS + 1)
    assert due_bodies(settings, now()) == 0
    with running_database(settings) as dsn, kit.Database(dsn, size=1) as records:
        assert expire_bodies(settings, records, now()) == 0
        assert expire_bodies(settings, records, at) == count
        assert (list(place.all()), expire_bodies(settings, records, at)) == ([], 0)
    with pytest.raises(BodiesMissing):
        write_evidence(settings, number, tmp_path / "late.zip", released=ORDER)
    (bundle,) = write_evidence(settings, number, tmp_path / "late.zip")
    report = offline_verifier.verify([("late.zip", bundle.read_bytes())], [authority(pair)])
    assert (report.broken, report.verdict) == ([], "proven")
    assert "sealed-not-given" in codes(report.unproven)
    deleted = [
        entry
        for entries in pair.log(A, "").entries.values()
        for entry in entries
        if entry.kind is audit.Kind.RETENTION and entry.details.get("target") == "bodies"
    ]
    digests = {one for entry in deleted for one in entry.details["bodies"].split()}
    assert sum(int(entry.details["records"]) for entry in deleted) == len(digests) == count
    (first, *_) = pair.entries(number, A)
    assert first.details["question_sealed"] in digests
