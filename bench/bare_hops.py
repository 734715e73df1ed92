"""Two hops in Python with nothing of ours in them: what an exchange costs before it is one.

The same libraries as a node's (uvicorn, uvloop, httptools, aiohttp, cryptography), the same lines:
a consumer's hop signs the body and carries it over mutual TLS to a provider's hop, which verifies,
asks the system, signs the answer; the consumer's hop verifies that. No header is read, no right
looked up, nothing entered. What an exchange costs beyond this is Renkei's own.

Run as `python -m bench.bare_hops HOP PORT NEXT OWN THEIRS`: two folders with `tls.pem`, the address
of the next hop, and which hop this is.
"""

import ssl
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from subprocess import Popen

import aiohttp
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bench.http_asking import await_port
from renkei.exchange import Receive, Scope, Send, plain_session
from renkei.federation import Credentials
from renkei.kit import tenant

ECDSA = ec.ECDSA(SHA256())
CONSUMER, PROVIDER = "consumer", "provider"
TLS = "tls.pem"


class Hop:
    """One of the two: an ASGI application."""

    def __init__(self, hop: str, following: str, own: Path, theirs: Path) -> None:
        """Take which it is, where it sends, and whose keys it has and believes."""
        self._is_consumer = hop == CONSUMER
        self._following = following
        key = load_pem_private_key((own / TLS).read_bytes(), None)
        public = x509.load_pem_x509_certificate((theirs / TLS).read_bytes()).public_key()
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        assert isinstance(public, ec.EllipticCurvePublicKey)
        self._key, self._public = key, public
        self._line = line(ssl.PROTOCOL_TLS_CLIENT, own, theirs) if self._is_consumer else False
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one message on and its answer back."""
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        said = dict(scope["headers"])
        if self._session is None:
            self._session = plain_session(aiohttp.TCPConnector(ssl=self._line or True, limit=64))
        if self._is_consumer:
            head = {"signature": self._key.sign(body, ECDSA).hex()}
        else:
            self._public.verify(bytes.fromhex(said[b"signature"].decode()), body, ECDSA)
            head = {}
        async with self._session.post(self._following, data=body, headers=head) as response:
            answer = await response.read()
            if self._is_consumer:
                self._public.verify(bytes.fromhex(response.headers["signature"]), answer, ECDSA)
        fields = [(b"content-length", str(len(answer)).encode())]
        if not self._is_consumer:
            fields.append((b"signature", self._key.sign(answer, ECDSA).hex().encode()))
        await send({"type": "http.response.start", "status": 200, "headers": fields})
        await send({"type": "http.response.body", "body": answer})


def line(side: int, own: Path, theirs: Path) -> ssl.SSLContext:
    """Return a side of the line between both hops: each certificate is pinned."""
    context = ssl.SSLContext(side)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(own / TLS)
    context.load_verify_locations(theirs / TLS)
    return context


@contextmanager
def bare_hops(folder: Path, ports: tuple[int, int], system: str) -> Iterator[dict[str, int]]:
    """Run both before a system, the consumer's on the first port; give their process numbers."""
    owners = {CONSUMER: tenant("131016"), PROVIDER: tenant("131024")}
    for hop, owner in owners.items():
        Credentials.create(folder / hop, owner, at=datetime.now(UTC))
    following = {CONSUMER: f"https://127.0.0.1:{ports[1]}/", PROVIDER: system}
    pids = {}
    with ExitStack() as stack:
        for hop, other, port in ((PROVIDER, CONSUMER, ports[1]), (CONSUMER, PROVIDER, ports[0])):
            words = [hop, str(port), following[hop], str(folder / hop), str(folder / other)]
            command = [sys.executable, "-m", "bench.bare_hops", *words]
            process = Popen(command, cwd=Path(__file__).parent.parent)
            stack.callback(process.wait, 10)
            stack.callback(process.terminate)
            await_port(port, partial(_runs, process))
            pids[hop] = process.pid
        yield pids


def _runs(process: Popen[bytes]) -> bool:
    return process.poll() is None


async def serve(hop: str, port: int, following: str, own: Path, theirs: Path) -> None:
    """Serve one hop until it is told to end."""
    config = uvicorn.Config(
        Hop(hop, following, own, theirs),
        host="127.0.0.1",
        port=port,
        log_level="warning",
        http="httptools",
        access_log=False,
        proxy_headers=False,
        lifespan="off",
        timeout_keep_alive=75,
        ssl_context_factory=None
        if hop == CONSUMER
        else lambda _config, _default: line(ssl.PROTOCOL_TLS_SERVER, own, theirs),
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    import uvloop

    uvloop.run(
        serve(sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]), Path(sys.argv[5]))
    )
