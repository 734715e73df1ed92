"""Software of others that runs beside ours in an environment of its own, from a lock file.

`.cache/xroad-provider` is made from `requirements/xroad-provider.lock` by the first run. To renew
the lock file: `uv pip compile --universal --generate-hashes --no-header --no-annotate`, fed with
`fastapi-xroad-soap`, `uvicorn`, `pydantic<2.9` and `pydantic-xml<2.12`: with later ones the
framework cannot make a fault.
"""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

from tests.house.source import ROOT

PLACE = ROOT / ".cache" / "xroad-provider"
LOCK = ROOT / "requirements" / "xroad-provider.lock"
PROGRAM = Path(__file__).with_name("xroad_provider.py")
SECONDS = 60


def environment() -> Path:
    """Return the interpreter that has the framework; install it if need be."""
    python, done = PLACE / "bin" / "python", PLACE / "ready"
    if done.exists() and done.read_bytes() == LOCK.read_bytes():
        return python
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    assert uv is not None, "uv is not installed: run `make`, which installs it"
    install = ["pip", "install", "--quiet", "--no-config", "--require-hashes", "-r", str(LOCK)]
    shutil.rmtree(PLACE, ignore_errors=True)  # a run that was stopped leaves half of one
    for step in (
        ["venv", "--quiet", "--python", sys.executable, str(PLACE)],
        [*install, "--python", str(python)],
    ):
        subprocess.run([uv, *step], check=True)
    done.write_bytes(LOCK.read_bytes())
    return python


@contextmanager
def xroad_provider() -> Iterator[str]:
    """Start the provider and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = subprocess.Popen([str(environment()), str(PROGRAM), str(port)])
    url = f"http://127.0.0.1:{port}/service"
    try:
        deadline = time.monotonic() + SECONDS
        while running.poll() is None and time.monotonic() < deadline:
            with suppress(OSError), urlopen(f"{url}?wsdl", timeout=5):
                break
            time.sleep(0.1)
        assert running.poll() is None, "the provider ended"
        yield url
    finally:
        running.terminate()
        running.wait(10)
