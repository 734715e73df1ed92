"""Who nests brackets without end is told that the message is malformed, at every door."""

import http.client
import json
from contextlib import closing

import pytest
from tests.stories.peers import Peers

from renkei import federation
from renkei.app.demo.ecosystem import H1, A, B, L, Part, R
from renkei.app.demo.scenarios import SCENARIOS
from renkei.app.membership.list_in_force import read_kept

pytestmark = pytest.mark.xdist_group("ecosystem-doors")

STATUTE = next(one for one in SCENARIOS if one.name == "statute")
DEEP = 20_000
TEXTS = {
    "alone": "[" * DEEP,
    "beside": '{"x": ' + "[" * DEEP + "]" * DEEP + "}",
    "within": '{"inquiry": ' + '{"x": ' * DEEP + "1" + "}" * DEEP + "}",
}
DOORS = [
    (B, federation.ANSWER),
    (H1, federation.CONVERT),
    (H1, federation.CONVERT_ISSUANCE),
    (L, federation.RECEIPT),
    (L, federation.ENROL),
    (R, federation.ISSUE),
]
JSON = "application/json"


@pytest.fixture(scope="module")
def peers(stage) -> Peers:
    members = read_kept(stage.ecosystem.settings["a"])
    assert members is not None
    return Peers(stage, members)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize(("part", "path"), DOORS)
def test_a_member_is_told_that_its_message_is_malformed(
    peers, part: Part, path: str, text: str
) -> None:
    question = peers.question(A, part, path, text.encode(), content_type=JSON)
    assert peers.code(A, part, question) == (400, "inquiry-malformed")


def told(stage, path: str, text: str, content_type: str) -> tuple[int, bytes]:
    """Send what nests to a door of A's own units, as one of them."""
    eco = stage.ecosystem
    door = eco.settings["a"].staff_door
    said = {
        "X-Road-Client": f"JP/MUN/{A.tenant}/06",
        "Authorization": f"Bearer {eco.tokens['a']['06']}",
        "PF-Mode": "test",
        "Content-Type": content_type,
    }
    with closing(http.client.HTTPConnection(door.host, door.port, timeout=60)) as line:
        line.request("POST", path, text.encode(), said)
        answer = line.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize(
    "path",
    [
        "/own/06/income/look-up",
        "/own/06/income/list",
        "/own/22/mailing/send-to",
        "/own/22/account/pay-to",
    ],
)
def test_a_unit_is_told_that_its_message_is_malformed(stage, path: str, text: str) -> None:
    status, body = told(stage, path, text, JSON)
    assert (status, json.loads(body)["code"]) == (500, "inquiry-malformed")  # as X-Road has it


@pytest.mark.parametrize("text", ["<x>" * DEEP, "<x>" * DEEP + "</x>" * DEEP])
@pytest.mark.parametrize("path", [f"/soap/JP/MUN/{B.tenant}/06", "/"])
def test_a_unit_is_told_that_its_xml_is_malformed(stage, path: str, text: str) -> None:
    _, body = told(stage, path, text, "text/xml")
    assert b"soap-malformed" in body


def test_what_was_asked_before_is_answered_after_it(unit) -> None:
    assert unit.told(STATUTE).outcome == "answered"
