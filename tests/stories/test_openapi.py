"""What a node describes of itself it keeps, whatever is asked: schemathesis calls it, well and ill.

`RENKEI_TEST_EXAMPLES=500` makes the run long and draws anew; else the same few calls are made.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from openapi_spec_validator import validate

from renkei.app.demo.ecosystem import H1, A, B, L, Part, R
from renkei.app.demo.scenarios import SCENARIOS

pytestmark = pytest.mark.xdist_group("ecosystem-looks")

STATUTE = next(one for one in SCENARIOS if one.name == "statute")
CLIENT = f"JP/MUN/{A.tenant}/{STATUTE.unit}"
LONG = os.environ.get("RENKEI_TEST_EXAMPLES")
HOOKS = Path(__file__).with_name("openapi_checks.py")
SECONDS = 300
PURPOSE = {"header.PF-Purpose": "%E5%85%90%E7%AB%A5%E6%89%8B%E5%BD%93"}
"""Given, since no schema says which bytes are text in UTF-8."""
STATUS = re.compile(r'"status_code": ?([0-9]{3})')
REPLACED = (
    "not_a_server_error",
    "positive_data_acceptance",
    "unsupported_method",
    "missing_required_header",
    "ignored_auth",
)
"""Checks of schemathesis that cannot hold here; `openapi_checks` says why, and what does."""


@dataclass(frozen=True)
class Called:
    """What came of a run: what it said, and how often each status was answered."""

    code: int
    said: str
    statuses: Counter[str]


class Node:
    """A's node, as a unit asks it what B answers."""

    def __init__(self, stage, folder: Path) -> None:
        self.folder = folder
        self.ecosystem = stage.ecosystem
        self.url = stage.ecosystem.staff(A)
        self.token = stage.ecosystem.tokens["a"][STATUTE.unit]

    def told(self, target: str) -> Any:
        """Return what a metaservice of a unit of B tells."""
        said = {"X-Road-Client": CLIENT, "Authorization": f"Bearer {self.token}"}
        url = f"{self.url}/r1/JP/MUN/{B.tenant}/{target}"
        with urlopen(Request(url, headers={**said, "PF-Mode": "test"}), timeout=60) as answer:
            return json.loads(answer.read())

    def described(self) -> Iterator[dict[str, Any]]:
        """Yield the description of every service of every unit of B."""
        for unit in B.units:
            for method in self.told(f"{unit}/listMethods")["service"]:
                yield self.told(f"{unit}/getOpenAPI?serviceCode={method['service_code']}")

    def doors(self, part: Part | None = None, file: str = "openapi") -> dict[str, Any]:
        """Return what a site describes of its doors beside `/r1/`."""
        url = self.url if part is None else self.ecosystem.staff(part)
        with urlopen(f"{url}/{file}.json", timeout=60) as answer:
            told: dict[str, Any] = json.loads(answer.read())
        return told

    def call(
        self,
        document: dict[str, Any],
        parameters: Mapping[str, object],
        *,
        token: str = "",
        url: str = "",
        replaced: Sequence[str] = REPLACED,
        more: Sequence[str] = ("--continue-on-failure",),
    ) -> Called:
        """Let schemathesis call everything a description names, with some parameters as given."""
        file, settings = self.folder / "openapi.json", self.folder / "schemathesis.toml"
        report = self.folder / "report.ndjson"
        file.write_text(json.dumps(document), encoding="utf-8")
        given = [
            f"{json.dumps(name)} = {json.dumps(value)}"
            for name, value in (PURPOSE | dict(parameters)).items()
        ]
        checks = [f"{name}.enabled = false" for name in replaced]
        lines = ["[parameters]", *given, "[checks]", *checks, ""]
        settings.write_text("\n".join(lines), encoding="utf-8")
        chance = ["--max-examples", LONG] if LONG else ["--max-examples", "5", "--seed", "1"]
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings)),
            *("run", str(file), "--url", url or self.url),
            *("-H", f"Authorization: Bearer {token or self.token}"),
            *(*chance, *([] if LONG else ["--generation-deterministic"])),
            *("--no-color", "--no-shrink", *more),
            *("--report", "ndjson", "--report-ndjson-path", str(report)),
        ]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=os.environ | {"SCHEMATHESIS_HOOKS": str(HOOKS)},
            capture_output=True,
            text=True,
            timeout=None if LONG else SECONDS,
        )
        statuses = Counter(STATUS.findall(report.read_text(encoding="utf-8")))
        return Called(done.returncode, done.stdout + done.stderr, statuses)


@pytest.fixture
def node(stage, tmp_path) -> Node:
    return Node(stage, tmp_path)


@pytest.fixture
def lawful(unit) -> dict[str, object]:
    """Give what makes a question one the law permits; the rest is left to chance."""
    ask = unit.ready(STATUTE)
    return {
        "path.instance": "JP",
        "path.class": "MUN",
        "path.member": str(B.tenant),
        "header.X-Road-Client": CLIENT,
        "header.PF-Mode": "test",
        "path.year": str(ask.year),
        "header.PF-Procedure": STATUTE.procedure,
        "header.PF-Subject": ask.subject,
        "header.PF-On": unit.stage.day.isoformat(),
        "query.items": STATUTE.items,
    }


def joined(documents: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Return one description of everything some describe."""
    whole, *others = documents
    for other in others:
        whole["paths"] |= other["paths"]
        whole["components"]["schemas"] |= other["components"]["schemas"]
    return whole


def test_whoever_calls_gets_what_the_description_of_a_service_says(node):
    called = node.call(joined(node.described()), {})
    assert called.code == 0, called.said
    assert called.statuses["400"]


def test_a_lawful_question_is_answered_as_described_whatever_else_it_says(node, lawful):
    called = node.call(node.told("06/getOpenAPI?serviceCode=income"), lawful)
    assert called.code == 0, called.said
    assert called.statuses["200"]


def test_a_description_that_promises_too_much_is_found_out(node, lawful):
    document = node.told("06/getOpenAPI?serviceCode=income")
    (path,) = document["paths"].values()
    path["get"]["responses"].pop("400")
    called = node.call(document, lawful, more=["--max-failures", "1"])
    assert called.code == 1
    assert "Undocumented status code" in called.said


DOORS = {
    *("/token", "/.well-known/oauth-authorization-server", "/.well-known/jwks.json"),
    *("/tasks/{number}", "/changes", "/deliveries/{entity}", "/jobs/claim", "/jobs/done"),
    *(
        "/bulk/{instance}/{member_class}/{member}/{unit}/{service}",
        "/bulk/{number}",
        "/bulk/{number}/answer",
    ),
    *(f"/own/{{unit}}/{{service}}/{one}" for one in ("look-up", "list", "send-to", "pay-to")),
}
WATCHED = {
    *("/health", "/ready", "/metrics"),
    *("/oversight/requests/{inquiry}", "/oversight/chains/{inquiry}"),
    *("/oversight/chains/{inquiry}/evidence", "/oversight/log/{path}"),
    *("/oversight/evidence/{request}", "/oversight/checkpoint", "/oversight/meter"),
}
ELSEWHERE = ("not_a_server_error", "positive_data_acceptance", "missing_required_header")
"""Of the replaced checks, those that cannot hold at the other doors either."""


def of(document: dict[str, Any], paths: set[str]) -> dict[str, Any]:
    """Return a description of some paths alone."""
    kept = {path: told for path, told in document["paths"].items() if path in paths}
    return document | {"paths": kept}


def test_every_site_describes_its_doors_in_openapi(node):
    document = node.doors()
    validate(document)
    assert set(document["paths"]) == DOORS | WATCHED
    for part in (H1, R):
        watched = node.doors(part)
        validate(watched)
        assert set(watched["paths"]) == WATCHED


@pytest.mark.parametrize(
    ("part", "paths"),
    [
        (
            A,
            {
                *("/inquiries", "/bulk-inquiries", "/usage/period"),
                *("/sign-in/token", "/sign-in/keys"),
            },
        ),
        (
            H1,
            {
                *("/hub/convert", "/hub/convert-issuance", "/hub/convert-transfer"),
                *("/hub/convert-bulk", "/hub/quotient"),
            },
        ),
        (R, {"/registrar/issue", "/registrar/following"}),
        (
            L,
            {
                *("/hub/receipt", "/hub/enrol", "/hub/receipt-transfer"),
                *("/hub/receipt-bulk", "/hub/close"),
            },
        ),
    ],
)
def test_every_site_describes_its_door_for_members(node, part, paths):
    document = node.doors(part, "openapi-members")
    validate(document)
    assert set(document["paths"]) == paths | {"/state", "/exchanges", "/exchanges/findings"}
    assert document["components"]["securitySchemes"]["member"]["type"] == "mutualTLS"


def test_the_units_doors_answer_as_described(node):
    given = {"header.X-Road-Client": CLIENT, "header.PF-Mode": "test", "query.since": "0"}
    called = node.call(of(node.doors(), DOORS), given, replaced=ELSEWHERE)
    assert called.code == 0, called.said
    assert called.statuses["200"]


def test_a_view_of_the_house_is_answered_as_described(node):
    given = {
        "header.X-Road-Client": CLIENT,
        "header.PF-Mode": "test",
        "header.PF-Procedure": STATUTE.procedure,
        "path.unit": "01",
        "path.service": "person_search",
    }
    views = {path for path in DOORS if path.endswith(("look-up", "list"))}
    called = node.call(of(node.doors(), views), given, replaced=ELSEWHERE)
    assert called.code == 0, called.said


def test_who_watches_over_a_site_is_answered_as_described(node):
    token = node.ecosystem.tokens["a"]["oversight"]
    called = node.call(of(node.doors(), WATCHED), {}, token=token, replaced=ELSEWHERE)
    assert called.code == 0, called.said
    assert called.statuses["200"]
