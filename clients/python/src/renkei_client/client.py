"""A unit's client of its own node. Retries only what surely has one effect."""

import json
import ssl
import time
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Literal, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from renkei_client.errors import NodeUnreachable, ReplyLost, ReplyMalformed
from renkei_client.messages import Question, Task
from renkei_client.metadata import Change, Changes, Method, Participant
from renkei_client.record import Record
from renkei_client.replies import Reply, fault_of, read_reply
from renkei_client.wire import Received, Wire

R = TypeVar("R", bound=Record)
Mode = Literal["production", "drill", "test"]

TOO_MANY, ACCEPTED, OK = 429, 202, 200
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0


class Client:
    """What one unit asks its node with. It holds no connection and may be shared by threads."""

    def __init__(
        self,
        url: str,
        *,
        client: str,
        token: str,
        mode: Mode = "production",
        timeout: float = 30.0,
        attempts: int = 3,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Name the node's address, the unit (`JP/MUN/131016/15`) and its token.

        `timeout` in seconds is for each step of an exchange; `attempts` counts the first one.
        """
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError("url: an address that begins with http:// or https:// is wanted")
        if attempts < 1:
            raise ValueError("attempts: at least one")
        self._wire = Wire(url, timeout, context)
        self._said = {"X-Road-Client": client, "Authorization": f"Bearer {token}"}
        self._mode = mode
        self._attempts = attempts

    def ask(self, question: Question[R]) -> Reply[R]:
        """Ask and wait for the end.

        Never sent twice once the node may have heard it: then `ReplyLost` is raised.
        """
        return read_reply(self._get(question.target(), self._headers(question)), question)

    def ask_later(
        self, question: Question[R], *, expires: datetime | None = None, urgency: int | None = None
    ) -> Task[R]:
        """Hand a question over; the node asks until it has an answer or it expires.

        Sent again where no reply came: the same id is the same task.
        """
        more = {"Prefer": "respond-async"}
        if expires is not None:
            more["PF-Expires"] = expires.isoformat()
        if urgency is not None:
            more["Priority"] = f"u={urgency}"
        headers = self._headers(question) | more
        received = self._get(question.target(), headers, repeatable=True)
        if received.status != ACCEPTED:
            raise fault_of(received)
        body = received.object()
        times = (datetime.fromisoformat(str(body[n])) for n in ("accepted_at", "expires_at"))
        return Task(question, str(body["number"]), *times)

    def reply_of(self, task: Task[R]) -> Reply[R] | None:
        """Return how the question of a task ended, None while it waits."""
        received = self._read(f"/tasks/{quote(task.number, safe='')}")
        return None if received.status == ACCEPTED else read_reply(received, task.question)

    def wait(self, task: Task[R], *, seconds: float, every: float = 1.0) -> Reply[R] | None:
        """Return how a task ended, None if it did not in so many seconds."""
        deadline = time.monotonic() + seconds
        while (reply := self.reply_of(task)) is None:
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            time.sleep(min(every, left))
        return reply

    def clients(self) -> tuple[Participant, ...]:
        """Return every organisation and its units."""
        found = self._document("/listClients", {"Accept": "application/json"})
        return tuple(
            Participant(_address(one["id"]), str(one.get("name", "")))
            for one in _objects(found, "member")
            if isinstance(one.get("id"), dict)
        )

    def methods(self, unit: str) -> tuple[Method, ...]:
        """Return what a unit (`JP/MUN/131024/06`) answers to others."""
        return self._methods(unit, "listMethods")

    def allowed_methods(self, unit: str) -> tuple[Method, ...]:
        """Return what of it some provision of today lets this unit ask."""
        return self._methods(unit, "allowedMethods")

    def openapi(self, unit: str, service: str) -> dict[str, object]:
        """Return the description of one service."""
        query = urlencode({"serviceCode": service})
        return self._document(f"/r1/{quote(unit)}/getOpenAPI?{query}")

    def changes(self, since: str = "0", *, limit: int = 1000) -> Changes:
        """Return the next changes of records this unit may read; keep `next` once done."""
        received = self._read(f"/changes?{urlencode({'since': since, 'limit': limit})}")
        if received.status != OK:
            raise fault_of(received)
        *lines, last = map(json.loads, received.body.splitlines())
        return Changes(tuple(map(_change, lines)), str(last["next"]), bool(last["more"]))

    def all_changes(self, since: str = "0", *, limit: int = 1000) -> Iterator[Changes]:
        """Yield page after page until there is no more for now."""
        more = True
        while more:
            page = self.changes(since, limit=limit)
            yield page
            since, more = page.next, page.more

    def _methods(self, unit: str, service: str) -> tuple[Method, ...]:
        found = self._document(f"/r1/{quote(unit)}/{service}")
        return tuple(
            Method(
                str(one["service_code"]),
                tuple(
                    (str(end.get("method", "")), str(end.get("path", "")))
                    for end in _objects(one, "endpoint_list")
                ),
            )
            for one in _objects(found, "service")
        )

    def _document(self, target: str, more: Mapping[str, str] | None = None) -> dict[str, object]:
        received = self._read(target, more)
        if received.status != OK:
            raise fault_of(received)
        return received.object()

    def _headers(self, question: Question[R]) -> dict[str, str]:
        return self._said | {"PF-Mode": self._mode} | question.headers()

    def _read(self, target: str, more: Mapping[str, str] | None = None) -> Received:
        """Read what has no effect; tried again in each case."""
        mode = {"PF-Mode": self._mode} if target.startswith("/r1/") else {}
        return self._get(target, self._said | mode | dict(more or {}), repeatable=True)

    def _get(self, target: str, headers: dict[str, str], *, repeatable: bool = False) -> Received:
        pause, left = FIRST_PAUSE, self._attempts
        while True:
            left -= 1
            try:
                received = self._wire.get(target, headers)
                if received.status != TOO_MANY or not left:
                    return received
                pause = _seconds(received, pause)
            except NodeUnreachable:
                if not left:
                    raise
            except ReplyLost:
                if not (left and repeatable):
                    raise
            time.sleep(min(pause, LONGEST_PAUSE))
            pause *= 2


def _seconds(received: Received, usual: float) -> float:
    text = received.headers.get("retry-after", "")
    return float(text) if text.isdigit() else usual


def _objects(found: Mapping[str, object], name: str) -> list[dict[str, object]]:
    listed = found.get(name)
    if not isinstance(listed, list):
        raise ReplyMalformed(f"no list {name}")
    return [one for one in listed if isinstance(one, dict)]


def _address(found: object) -> str:
    names = ("xroad_instance", "member_class", "member_code", "subsystem_code")
    assert isinstance(found, dict)  # noqa: S101  # seen by the caller
    return "/".join(str(found[name]) for name in names if found.get(name))


def _change(line: Mapping[str, object]) -> Change:
    key = line["key"]
    return Change(
        position=int(str(line["position"])),
        entity=str(line["entity"]),
        became=str(line["became"]),
        key=key if isinstance(key, dict) else {},
        on=date.fromisoformat(str(line["on"])),
        known_at=datetime.fromisoformat(str(line["known_at"])),
    )
