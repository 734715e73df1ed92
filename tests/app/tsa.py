"""A time-stamping authority of our own: OpenSSL's `ts` behind HTTP, and the root it is of."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIG = """\
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
signer_digest = sha256
[ext]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
"""


@dataclass
class Authority:
    """One that answers; `answer` is put in the place of its replies if it is set."""

    url: str
    root: Path
    asked: int = 0
    answer: bytes | None = None
    status: int = 200


@contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    """Make the keys and certificates, and answer queries until the end."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "openssl.cnf"
    config.write_text(CONFIG.format(folder=folder), encoding="utf-8")
    (folder / "serial").write_text("01\n", encoding="utf-8")
    new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    root, key = folder / "root.pem", folder / "root.key"
    subject = ["-subj", "/CN=Test root", "-keyout", str(key), "-out", str(root)]
    _openssl(*new, "-x509", "-days", "30", *subject)
    request = folder / "tsa.csr"
    subject = ["-subj", "/CN=Test TSA", "-keyout", str(folder / "tsa.key"), "-out", str(request)]
    _openssl(*new, *subject)
    _openssl(
        *("x509", "-req", "-in", str(request), "-CA", str(root), "-CAkey", str(key)),
        *("-CAcreateserial", "-days", "30", "-extfile", str(config), "-extensions", "ext"),
        *("-out", str(folder / "tsa.pem")),
    )
    found = Authority("", root)
    lock = threading.Lock()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                found.asked += 1
                reply = found.answer
                if reply is None:
                    (folder / "query").write_bytes(query)
                    asked = ["-config", str(config), "-queryfile", str(folder / "query")]
                    _openssl("ts", "-reply", *asked, "-out", str(folder / "reply"))
                    reply = (folder / "reply").read_bytes()
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    found.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)
