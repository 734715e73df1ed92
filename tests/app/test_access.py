"""An access token opens what the unit's own token opens, for its minutes, and nothing else."""

import json
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from tests.app.oauth import Answered, Node, client_id, found_node, node
from tests.store.rows import TOWN, register_number

from renkei.app.site import now

__all__ = ["node"]  # the fixture

LIFE = timedelta(seconds=300)


def token(node: Node, unit: str = "15", ago: int = 0, scope: tuple[str, ...] = ("test",)) -> str:
    """Return a token the node itself issued, some seconds ago."""
    tokens, at = node.site.tokens, now() - timedelta(seconds=ago)
    assert tokens is not None
    return tokens.issue(client_id(unit), scope, token_id="one", at=at, life=LIFE)


def at_door(node: Node, door: str, shown: str) -> Answered:
    """Knock at one of the doors that want a unit's token, with whatever it shows."""
    ours = {"x_road_client": client_id("15"), "authorization": f"Bearer {shown}"}
    said = ours | {"pf_procedure": "JT99000000001502", "pf_purpose": "x", "pf_mode": "test"}
    match door:
        case "own":
            body = json.dumps({"by": "register_number", "value": register_number(1)}).encode()
            return node.send("POST", "/own/01/person_search/look-up", body, **said)
        case "tasks":
            path = "/tasks/00000000-0000-0000-0000-000000000000"
            return node.send("GET", path, **ours)
        case "changes":
            return node.send("GET", "/changes?since=0", **ours)
        case "jobs":
            return node.send("POST", "/jobs/claim", b'{"names": ["15/weigh"]}', **ours)
        case "deliveries":
            return node.send("PUT", "/deliveries/income?on=2026-04-01", **ours)
        case "listMethods":
            return node.send("GET", f"/r1/JP/MUN/{TOWN}/06/listMethods", **ours)
    return node.ask("15", shown)


OPEN = {
    "r1": (404, "subject-unknown"),
    "own": (200, "answered"),
    "tasks": (404, "task-unknown"),
    "listMethods": (200, None),
}
"""Door → what the unit is told there once it is let in: all but a door that is closed."""


def outcome(found: Answered) -> object:
    return found.body.get("outcome") or found.body.get("code")


@pytest.mark.clause("RK-15.1")
@pytest.mark.parametrize("door", OPEN)
def test_a_token_opens_what_the_one_of_the_settings_opens(node: Node, door: str) -> None:
    for shown in (token(node), node.units["15"]):
        found = at_door(node, door, shown)
        assert (found.status, outcome(found)) == OPEN[door]


@pytest.mark.clause("RK-15.1")
def test_a_token_opens_the_feed_the_jobs_and_the_door_of_deliveries(node: Node) -> None:
    """What is missing there is told by the door itself."""
    for door in ("changes", "jobs"):
        found = at_door(node, door, token(node))
        assert found.status == at_door(node, door, node.units["15"]).status == 200
    fetched = token(node, unit="06")
    found = at_door(node, "deliveries", fetched)
    assert (found.status, found.body["code"]) == (400, "delivery-digest-missing")


DOORS = ("r1", "own", "tasks", "changes", "deliveries", "jobs", "listMethods")


@pytest.mark.clause("RK-15.12")
@pytest.mark.parametrize("door", DOORS)
def test_a_token_that_is_past_is_told_apart(node: Node, door: str) -> None:
    """The client learns that it is time to fetch another."""
    unit = "06" if door == "deliveries" else "15"
    found = at_door(node, door, token(node, unit, ago=300))
    assert (found.status, found.body["code"]) == (401, "access-token-expired")
    challenge = found.headers["www-authenticate"]
    assert challenge.startswith('Bearer realm="renkei", error="invalid_token", ')
    if door not in ("changes", "deliveries", "jobs"):
        assert found.headers["x-road-error"] == "client.access_denied"


@pytest.mark.clause("RK-15.1", "RK-15.10")
@pytest.mark.parametrize("door", DOORS)
def test_what_the_node_did_not_issue_to_this_unit_opens_nothing(node: Node, door: str) -> None:
    """Of another unit, of another mode, forged, of nobody."""
    unit = "06" if door == "deliveries" else "15"
    genuine = token(node, unit)
    other = token(node, "01")
    mode = token(node, unit, scope=("production",))
    for shown in (other, mode, f"{genuine[:-8]}AAAAAAAA", "a.b.c", "..", token(node, "99")):
        found = at_door(node, door, shown)
        assert (found.status, found.body["code"]) == (401, "access-token-wrong")
        assert 'error="invalid_token"' in found.headers["www-authenticate"]


@pytest.mark.clause("RK-15.10")
@pytest.mark.parametrize(
    ("door", "word"),
    [
        ("r1", "06/income"),
        ("own", "01/person_search"),
        ("tasks", "tasks"),
        ("changes", "changes"),
        ("deliveries", "deliveries"),
        ("jobs", "jobs"),
    ],
)
def test_a_narrowed_token_opens_only_what_it_names(node: Node, door: str, word: str) -> None:
    unit = "06" if door == "deliveries" else "15"
    named = at_door(node, door, token(node, unit, scope=("test", "06/other", word)))
    assert outcome(named) != "scope-insufficient"
    assert named.status != 403
    found = at_door(node, door, token(node, unit, scope=("test", "06/other")))
    assert (found.status, found.body["code"]) == (403, "scope-insufficient")
    assert 'error="insufficient_scope"' in found.headers["www-authenticate"]


@pytest.mark.clause("RK-15.10")
@pytest.mark.parametrize("name", ["%E6%97%A5", "a%22", "a" * 255])
def test_a_name_nobody_has_is_told_in_ascii(node: Node, name: str) -> None:
    shown = token(node, scope=("test", "06/other"))
    found = node.ask("15", shown, f"/r1/JP/MUN/{TOWN}/06/{name}")
    assert (found.status, found.body["code"]) == (403, "scope-insufficient")
    own = {"x_road_client": client_id("15"), "authorization": f"Bearer {shown}", "pf_mode": "test"}
    assert node.send("POST", f"/own/01/{name}/list", b"{}", **own).status == 403


@pytest.mark.clause("RK-15.10")
def test_a_narrowed_token_may_still_ask_what_there_is(node: Node) -> None:
    assert at_door(node, "listMethods", token(node, scope=("test", "06/other"))).status == 200


@pytest.mark.clause("RK-15.1")
def test_a_token_is_shown_as_bearer_only(node: Node) -> None:
    for spelt in ("Bearer", "bearer", "BEARER"):
        found = node.ask("15", "", authorization=f"{spelt} {token(node)}")
        assert outcome(found) == "subject-unknown"
    found = node.ask("15", "", authorization=token(node))
    assert outcome(found) == "token-refused"


@pytest.mark.clause("RK-1.23")
@pytest.mark.parametrize(("shown", "error"), [("wrong", True), ("a.b.c", True), ("", False)])
def test_who_is_not_proven_is_told_which_proof_is_wanted(
    node: Node, shown: str, error: bool
) -> None:
    proof = f"Bearer {shown}" if shown else ""
    question = node.ask("15", "", authorization=proof)
    assert question.body["type"] == "client.access_denied"
    own = {"x_road_client": client_id("15"), "authorization": proof}
    for found in (question, node.send("GET", "/changes?since=0", **own)):
        assert (found.status, found.headers["www-authenticate"][:7]) == (401, "Bearer ")
        assert ('error="invalid_token"' in found.headers["www-authenticate"]) is error


@pytest.mark.clause("RK-15.7", "RK-15.9")
def test_tokens_and_marks_outlive_a_restart_and_a_client_taken_out_does_not() -> None:
    with tempfile.TemporaryDirectory(prefix="renkei-oauth-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        town = found_node(folder)
        with town.running():
            used = town.assertion("15")
            fetched, others = town.post(town.form(used)).body["access_token"], town.token("17")
        text = town.settings.read_text(encoding="utf-8")
        start = text.index('[oauth.clients."17"]')
        town.settings.write_text(text[:start], encoding="utf-8")
        with town.running():
            assert outcome(town.ask("15", fetched)) == "subject-unknown"
            assert outcome(town.ask("17", others)) == "access-token-wrong"
            assert town.post(town.form(used)).body["code"] == "replayed"
            assert town.fetch("17").body["code"] == "client-assertion-wrong"
