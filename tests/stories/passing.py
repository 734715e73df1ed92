"""Two nodes without a hub, a system behind one that does as it is told, and a unit's line."""

import asyncio
import hashlib
import http.client
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import uvicorn
from tests.exchange.serving import serving

from renkei import audit, exchange, federation
from renkei.app.demo.ecosystem import A, B, Ecosystem, Part, ecosystem
from renkei.app.proofs.books import Log, read_log

CLIENT = f"JP/MUN/{A.tenant}/15"
OTHER = f"JP/MUN/{A.tenant}/17"
SERVICE = "31/shelters"
TARGET = f"/r1/JP/MUN/{B.tenant}/{SERVICE}"
WAIT_SECONDS = 20.0
DESCRIPTION = """
openapi: 3.1.0
info: {title: Shelters, version: "1"}
servers: [{url: "http://10.0.0.7/internal"}]
paths:
  /shelters/{number}:
    get: {summary: one shelter, responses: {"200": {description: it}}}
    put: {summary: change it, responses: {"204": {description: done}}}
"""


@dataclass
class System:
    """What a vendor runs behind a node; it keeps what it was asked."""

    asked: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)

    async def __call__(
        self, scope: exchange.Scope, receive: exchange.Receive, send: exchange.Send
    ) -> None:
        """Answer with what came, or misbehave as the path says."""
        if scope["type"] != "http":
            return
        digest, size, more = hashlib.sha256(), 0, True
        while more:
            message = await receive()
            digest.update(message.get("body", b""))
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
        fields = {n.decode(): v.decode("latin-1") for n, v in scope["headers"]}
        path = scope["raw_path"].decode()
        target = f"{path}?{scope['query_string'].decode()}"
        self.asked.append((scope["method"], target, fields, digest.hexdigest()))
        body = json.dumps({"size": size, "sha256": digest.hexdigest()}).encode()
        status, head = 200, [(b"content-type", b"application/json")]
        kind = path.rsplit("/", 1)[-1]
        if kind.startswith("slow"):
            await asyncio.sleep(1.5)
        match kind:
            case "broken":
                body, head = b"{", [*head, (b"content-length", b"100")]
            case "moved":
                status, head = 302, [*head, (b"location", b"http://127.0.0.1:9/")]
            case "nothing":
                status, body = 404, b'{"error": "no such shelter"}'
            case "sly":
                head += [(b"x-road-error", b"client.sly"), (b"x-road-id", b"other")]
                head += [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"etag", b'"7"')]
            case "empty":
                status, body = 204, b""
            case "large":
                body = bytes(3 << 20)
            case "huge":
                body = bytes(5 << 20)
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})


def send(
    eco: Ecosystem,
    method: str,
    target: str,
    body: bytes = b"",
    *,
    client: str = CLIENT,
    part: Part = A,
    more: Mapping[str, str],
) -> tuple[int, dict[str, str], bytes]:
    """Send a message as a unit of a node; return status, headers and body."""
    token = eco.tokens[part.name][client.rsplit("/", 1)[-1]]
    said = {
        "X-Road-Client": client,
        "X-Road-Id": f"m-{uuid4()}",
        "Authorization": f"Bearer {token}",
        "PF-Mode": "test",
    } | {name.replace("_", "-"): value for name, value in more.items()}
    door = eco.settings[part.name].staff_door
    line = http.client.HTTPConnection(door.host, door.port, timeout=60)
    try:
        line.request(method, target, body or None, said)
        answer = line.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, answer.read()
    finally:
        line.close()


@dataclass
class Pair:
    """The nodes of A and B as they run, and what stands behind B."""

    eco: Ecosystem
    members: federation.Members
    system: System

    def send(
        self,
        method: str = "GET",
        path: str = "",
        body: bytes = b"",
        *,
        client: str = CLIENT,
        target: str = TARGET,
        part: Part = A,
        **more: str,
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a message as a unit of a node; return status, headers and body."""
        return send(self.eco, method, target + path, body, client=client, part=part, more=more)

    def code(self, *args: str, **more: str) -> tuple[int, str, str]:
        """Send a message that fails; return status, type and code of the fault."""
        status, _, body = self.send(*args, **more)  # type: ignore[arg-type]
        fault = json.loads(body)
        return status, fault["type"], fault["code"]

    def log(self, part: Part, prefix: str) -> Log:
        """Return a party's log as it is published, once all that was entered stands in it.

        Of the messages those whose ids begin so: what a test wrote to one side alone has no other.
        """
        member, folder = self.members.by_id(part.tenant), self.eco.settings[part.name].state / "log"
        while (found := read_log(member, folder)).size < self._sealed(part):
            time.sleep(0.05)
        kept = {
            number: entries
            for number, entries in found.entries.items()
            if entries[0].details.get("message", "").startswith(prefix)
        }
        return replace(found, entries=kept)

    def _sealed(self, part: Part) -> int:
        """Wait until nothing a party entered lacks its place; return how many entries there are."""
        while (said := json.loads(self.eco.oversight(part, "checkpoint")))["pending"]:
            time.sleep(0.05)
        return int(said["size"])

    def entries(self, number: str, part: Part) -> list[audit.Entry]:
        """Return what a party entered about a message, once all of it has its place."""
        self._sealed(part)
        data = self.eco.oversight(part, f"requests/{number}")
        key = audit.Verifier.parse(self.members.by_id(part.tenant).log_key)
        return [one.entry for one in audit.verify_bundle(data, [key]).entries]

    def await_asked(self, target: str) -> None:
        """Wait until the system was asked for a target."""
        deadline = time.monotonic() + WAIT_SECONDS
        while target not in [one[1] for one in self.system.asked]:
            assert time.monotonic() < deadline, self.system.asked
            time.sleep(0.02)

    def await_entries(self, message: str, part: Part, count: int) -> list[audit.Entry]:
        """Return what a party entered about a message id, once there is so much of it."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            found = [one for each in self.log(part, message).entries.values() for one in each]
            if len(found) >= count:
                return found
            assert time.monotonic() < deadline, found
            time.sleep(0.1)

    def outcomes(self, number: str, part: Part) -> list[tuple[str, str]]:
        """Return kind and outcome of each entry about a message."""
        return [(one.kind.value, one.outcome) for one in self.entries(number, part)]


@contextmanager
def passing_pair(
    binaries: str, register: Callable[[Ecosystem], None] | None = None
) -> Iterator[Pair]:
    """Found A and B, register the system behind B and one of A's own, and start both.

    `register` may add to the settings before.
    """
    with ExitStack() as stack:
        made = stack.enter_context(tempfile.TemporaryDirectory(prefix="renkei-passing-"))
        folder = Path(made)
        folder.chmod(0o711)
        system = System()
        config = uvicorn.Config(system, host="127.0.0.1", port=0, log_config=None, lifespan="off")
        port = stack.enter_context(serving(config))
        eco = stack.enter_context(
            ecosystem(folder / "sites", at=datetime.now(UTC), binaries=binaries)
        )
        away = eco.settings["r"].staff_door.port  # nobody is started there
        _register(eco, B, "31/shelters", f"http://127.0.0.1:{port}/api", CLIENT, "* /**")
        (eco.file(B).parent / "shelters.yaml").write_text(DESCRIPTION, encoding="utf-8")
        _register(eco, B, "31/readers", f"http://127.0.0.1:{port}/api", CLIENT, "GET /open/*")
        _register(eco, B, "31/away", f"http://127.0.0.1:{away}/", "*", "GET /**")
        _register(eco, A, "31/shelters", f"http://127.0.0.1:{port}/own", CLIENT, "GET /**")
        if register is not None:
            register(eco)
        eco.start(A, B)
        text = (eco.folder / "members.json").read_bytes()
        authority = audit.Verifier.parse(eco.settings["a"].authority)
        yield Pair(eco, federation.read_members(text, authority), system)


def _register(
    eco: Ecosystem, part: Part, service: str, url: str, client: str, endpoint: str
) -> None:
    file = eco.file(part)
    lines = f'\n[services."{service}"]\nurl = "{url}"\nrights."{client}" = ["{endpoint}"]\n'
    if (part, service) == (B, "31/shelters"):
        lines += 'openapi = "shelters.yaml"\n'
    file.write_text(file.read_text(encoding="utf-8") + lines, encoding="utf-8")
