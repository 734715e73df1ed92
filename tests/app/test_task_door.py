"""A unit with an address is told the answer of a task by a letter; what waits is worked on once."""

import json
import time
import urllib.error
import urllib.request
from email.message import Message
from uuid import uuid4

import pytest
from tests.app.test_viewing import ABSENT, Town, town
from tests.store.rows import TOWN, register_number

from renkei.app.units.task_door import is_async
from renkei.exchange import outbox

__all__ = ["town"]  # the fixture

SECONDS = 20
TARGET = f"/r1/JP/MUN/{TOWN}/06/income/2026?items=total_income"


def send(town: Town, path: str, unit: str, **more: str) -> tuple[int, dict[str, object]]:
    """Ask as a unit and return status and body."""
    status, _, body = told(town, path, unit, **more)
    return status, body


def told(town: Town, path: str, unit: str, **more: str) -> tuple[int, Message, dict[str, object]]:
    """Ask as a unit and return status, headers and body."""
    said = {
        "X-Road-Client": f"JP/MUN/{TOWN}/{unit}",
        "X-Road-Id": f"JP-{uuid4()}",
        "Authorization": f"Bearer {town.tokens[unit]}",
        "PF-Procedure": "JT99000000001501",
        "PF-Subject": register_number(ABSENT),
        "PF-Mode": "test",
    } | {name.replace("_", "-"): value for name, value in more.items()}
    request = urllib.request.Request(town.url + path, headers=said)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, json.load(error)


def ended(town: Town, unit: str, **more: str) -> tuple[str, int, dict[str, object]]:
    """Hand a question over and wait for its end."""
    status, body = send(town, TARGET, unit, Prefer="respond-async", **more)
    assert status == 202
    deadline = time.monotonic() + SECONDS
    number = str(body["number"])
    while status == 202:
        assert time.monotonic() < deadline
        time.sleep(0.05)
        status, body = send(town, f"/tasks/{number}", unit)
    return number, status, body


@pytest.mark.clause("RK-1.16")
def test_who_has_an_address_is_sent_the_answer(town: Town) -> None:
    number, status, body = ended(town, "15")
    with town.site.database.transaction(TOWN) as conn:
        (waiting,) = outbox.backlog(conn, TOWN)
        at = waiting.oldest
        assert at is not None
        (claimed,) = outbox.claim(conn, TOWN, at=at, until=at, seal=town.site.keys.node().seal)
    assert (waiting.destination, waiting.url) == ("callback/15", "http://127.0.0.1:9/answers")
    (letter,) = claimed.letters
    said = json.loads(letter.body)
    assert (letter.id, said["number"], said["status"]) == (number, number, status)
    assert json.loads(said["answer"]) == body


def test_who_has_none_is_not(town: Town) -> None:
    ended(town, "01")
    with town.site.database.transaction(TOWN) as conn:
        assert "callback/01" not in {one.destination for one in outbox.backlog(conn, TOWN)}


@pytest.mark.clause("RK-1.15")
@pytest.mark.parametrize(
    ("prefer", "wanted"),
    [
        ("respond-async", True),
        ("Respond-Async; wait=10", True),
        ("wait=10, respond-async", True),
        ("respond-asynchronously", False),
        ("", False),
    ],
)
def test_what_is_preferred_is_read_as_rfc_7240_says(prefer: str, *, wanted: bool) -> None:
    assert is_async(prefer) is wanted


@pytest.mark.clause("RK-1.17")
def test_one_question_too_many_is_told_when_to_come_again(town: Town) -> None:
    path = f"/r1/JP/MUN/{TOWN}/06/nothing"
    first, (status, headers, body) = (told(town, path, "15") for _ in range(2))
    assert [first[2]["code"], body["code"]] == ["service-unknown", "questions-too-many"]
    assert (status, headers["Retry-After"]) == (429, "1")
    assert town.entries(str(body["detail"])) == []
