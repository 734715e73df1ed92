"""A vendor starts the sandbox, tries what it prints, and finds it again as it was."""

import http.client
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from renkei.app.demo.ecosystem import A, B, free_port
from renkei.app.sandbox.echo import echo_system
from renkei.app.sandbox.sites import UNITS
from renkei_client import (
    Answer,
    Client,
    CodeNotIssued,
    NotHeld,
    Question,
    Record,
    Refused,
    SubjectUnknown,
)
from renkei_client.records import Income, Resident

pytestmark = pytest.mark.xdist_group("sandbox")

PEOPLE = "1000"  # the fewest among whom there is somebody for every trial
RECORDS: dict[str, type[Record]] = {"06/income": Income, "01/resident": Resident}
TYPES = {
    "answered": Answer,
    "not-held": NotHeld,
    "subject-unknown": SubjectUnknown,
    "code-not-issued": CodeNotIssued,
    "refused": Refused,
}
Facts = dict[str, Any]


def command(folder: Path, *more: str) -> list[str]:
    words = ("-m", "renkei", "sandbox", "--json", "--folder", str(folder), "--people", PEOPLE)
    return [sys.executable, *words, *more]


@contextmanager
def sandbox(folder: Path, *more: str) -> Iterator[Facts]:
    """Start the sandbox as a vendor does; Ctrl-C at the end, which must end it well."""
    log = folder.parent / "said.log"
    with log.open("w") as said:
        started = subprocess.Popen(command(folder, *more), stdout=subprocess.PIPE, stderr=said)
    assert started.stdout is not None
    try:
        line = started.stdout.readline()
        assert line, log.read_text()
        yield json.loads(line)
    finally:
        started.send_signal(signal.SIGINT)
        ended = started.wait(60)
        started.stdout.close()
    assert ended == 0


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="renkei-sandbox-") as made:
        Path(made).chmod(0o711)  # the account of the database comes in
        yield Path(made) / "s"


@pytest.fixture(scope="module")
def founded(place) -> Facts:
    """Found it for one unit, and end: what is opened later was there before."""
    words = command(place, "--unit", "15", "--port", str(free_port()), "--once")
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    facts: Facts = json.loads(done.stdout)
    return facts | {"token": Path(facts["units"]["15"]["token_file"]).read_text()}


@pytest.fixture(scope="module")
def opened(place, founded) -> Iterator[Facts]:
    """Open it again for more units, with a system behind each side."""
    with echo_system() as own:
        behind = ("--echo", "31/echo", "--provider", f"31/shelters={own}")
        with sandbox(place, *behind) as facts:
            yield facts


def send(facts: Facts, trial: Facts) -> tuple[str, str, str]:
    """Send a trial as it stands; return outcome, code and body."""
    token = Path(facts["units"][trial["unit"]]["token_file"]).read_text()
    line = http.client.HTTPConnection(urlsplit(facts["node"]).netloc, timeout=60)
    headers = trial["headers"] | {"Authorization": f"Bearer {token}"}
    line.request(
        trial["method"],
        trial["target"],
        json.dumps(trial["body"]) if trial["body"] else None,
        headers,
    )
    answer = line.getresponse()
    text = answer.read().decode()
    line.close()
    return answer.headers["PF-Outcome"], json.loads(text).get("code", ""), text


def test_it_says_that_everything_is_synthetic_and_hides_the_tokens(opened):
    assert (opened["synthetic"], opened["mode"]) == (True, "test")
    assert set(opened["units"]) == set(UNITS)
    for unit in opened["units"].values():
        file = Path(unit["token_file"])
        assert file.stat().st_mode & 0o077 == 0
        assert file.read_text() not in json.dumps(opened)


def test_everything_it_offers_ends_as_it_says(opened):
    kinds = set()
    for trial in opened["trials"]:
        outcome, code, text = send(opened, trial)
        assert (outcome, code) == (trial["outcome"], trial["reason"]), trial
        kinds.add(trial["kind"])
        if trial["kind"] == "outlandish":
            (record,) = json.loads(text)["records"]
            with pytest.raises(UnicodeEncodeError):
                record["name"].encode("cp932")
    assert kinds == {
        "answered",
        "not-held",
        "protected",
        "unknown",
        "no-code",
        "refused",
        "outlandish",
    }


with_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@with_curl
@pytest.mark.parametrize(
    ("service", "client"),
    [("31/echo", f"JP/MUN/{A.tenant}/{UNITS[0]}"), ("31/shelters", f"JP/MUN/{B.tenant}/15")],
)
def test_messages_are_passed_on_to_the_partner_s_system_and_to_the_vendor_s(
    opened, service, client
):
    line = opened["systems"][service] + "/a/7 -X POST --data-binary 避難所"
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=True)
    told = json.loads(done.stdout)
    assert (told["synthetic"], told["method"], told["path"]) == (True, "POST", "/a/7")
    assert (told["headers"]["x-road-client"], told["body"]) == (client, "避難所")


@with_curl
def test_a_line_for_curl_runs_as_it_is_printed(opened):
    trial = next(one for one in opened["trials"] if one["kind"] == "answered")
    done = subprocess.run(["sh", "-c", trial["curl"]], capture_output=True, check=True)
    assert json.loads(done.stdout)["outcome"] == "answered"


def test_the_client_package_is_told_the_same(opened):
    for trial in opened["trials"]:
        if trial["service"] not in RECORDS:
            continue
        unit, said = opened["units"][trial["unit"]], trial["headers"]
        token = Path(unit["token_file"]).read_text()
        node = Client(opened["node"], client=unit["client"], token=token, mode="test")
        items = urlsplit(trial["target"]).query.removeprefix("items=")
        record = RECORDS[trial["service"]]
        question: Question[Any] = Question(
            record,
            holder=opened["partner"],
            parameters=(str(opened["year"]),) if record is Income else (),
            procedure=said["PF-Procedure"],
            subject=said["PF-Subject"],
            purpose=unquote(said["PF-Purpose"]),
            consent=said.get("PF-Consent", ""),
            items=tuple(filter(None, items.split(","))),
        )
        reply = node.ask(question)
        assert isinstance(reply, TYPES[trial["outcome"]]), trial
        if isinstance(reply, Refused):
            assert reply.code == trial["reason"]


def test_opened_again_it_keeps_tokens_people_and_address_and_takes_other_units(founded, opened):
    assert Path(opened["units"]["15"]["token_file"]).read_text() == founded["token"]
    assert opened["node"] == founded["node"]
    assert [one for one in opened["trials"] if one["unit"] == "15"] == founded["trials"]
    assert set(founded["units"]) == {"15"}
    added = next(one for one in opened["trials"] if one["unit"] == "28")
    assert send(opened, added)[0] == added["outcome"] == "answered"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ((), "port-taken"),
        (("--seed", "8"), "sandbox-differs"),
        (("--provider", "31"), "provider-malformed"),
        (("--unit", "99"), "definition-unknown"),
    ],
)
def test_what_cannot_be_opened_is_said_and_what_runs_goes_on(place, opened, more, code):
    done = subprocess.run(command(place, *more), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.partition(":")[0]) == (1, code)
    assert send(opened, opened["trials"][0])[0] == "refused"


def test_what_is_no_sandbox_is_let_be(tmp_path):
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    done = subprocess.run(command(tmp_path), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.partition(":")[0]) == (1, "sandbox-folder-taken")
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]
