"""The yardstick of an exchange: two nginx in a row with mutual TLS, and an echo behind them.

It is the topology of an exchange between two nodes (own node, their node, their system) with
nothing but transport: no law, no codes, no signature, no log. nginx comes from Debian; where it
is absent the benchmark says so.
"""

import shutil
import subprocess
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.request import urlopen

from renkei.federation import Credentials
from renkei.kit import tenant

COMMON = """
daemon off;
master_process off;
pid {folder}/{name}.pid;
error_log {folder}/{name}.log crit;
events {{ worker_connections 256; }}
http {{
  access_log {folder}/{name}-access.log;
  client_body_temp_path {folder}/{name}-body;
  proxy_temp_path {folder}/{name}-proxy;
  fastcgi_temp_path {folder}/{name}-fastcgi;
  uwsgi_temp_path {folder}/{name}-uwsgi;
  scgi_temp_path {folder}/{name}-scgi;
  keepalive_requests 1000000;
{servers}
}}
"""

CONSUMER = """
  upstream provider {{ server 127.0.0.1:{provider}; keepalive 32; }}
  server {{
    listen 127.0.0.1:{consumer};
    location / {{
      proxy_pass https://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_ssl_certificate {folder}/consumer.crt;
      proxy_ssl_certificate_key {folder}/consumer.key;
      proxy_ssl_trusted_certificate {folder}/provider.crt;
      proxy_ssl_verify on;
      proxy_ssl_name 131024;
      proxy_ssl_protocols TLSv1.3;
    }}
  }}
"""

PROVIDER = """
  upstream system {{ server 127.0.0.1:{system}; keepalive 32; }}
  server {{
    listen 127.0.0.1:{provider} ssl;
    ssl_certificate {folder}/provider.crt;
    ssl_certificate_key {folder}/provider.key;
    ssl_client_certificate {folder}/consumer.crt;
    ssl_verify_client on;
    ssl_protocols TLSv1.3;
    location / {{
      proxy_pass http://system;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}
"""

SYSTEM = """
  server {{
    listen 127.0.0.1:{system};
    location / {{ default_type application/json; return 200 '{answer}'; }}
  }}
"""


class Relay:
    """Three nginx processes on loopback; `pids` are what the processor time is read from."""

    def __init__(self, folder: Path, *, ports: tuple[int, int, int], answer: str = "") -> None:
        """Take consumer, provider and system ports, and the answer the system gives.

        Without an answer the system is somebody else's.
        """
        self._names = ("system", "provider", "consumer") if answer else ("provider", "consumer")
        self.url = f"http://127.0.0.1:{ports[0]}/"
        self.pids: list[int] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        names = dict(zip(("consumer", "provider", "system"), ports, strict=True))
        for name, servers in (("consumer", CONSUMER), ("provider", PROVIDER), ("system", SYSTEM)):
            text = servers.format(folder=folder, answer=answer.replace("'", ""), **names)
            conf = COMMON.format(folder=folder, name=name, servers=text)
            (folder / f"{name}.conf").write_text(conf, encoding="utf-8")
            if name != "system":
                owner = tenant("131016" if name == "consumer" else "131024")
                made = Credentials.create(folder / f"{name}-keys", owner, at=datetime.now(UTC))
                pem = made.tls_file.read_bytes()
                (folder / f"{name}.key").write_bytes(pem)
                (folder / f"{name}.crt").write_text(made.certificate, encoding="ascii")
        self._folder = folder

    @staticmethod
    def available() -> bool:
        """Say whether nginx is on this machine."""
        return shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin") is not None

    def __enter__(self) -> Self:
        program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin") or "nginx"
        for name in self._names:
            command = [program, "-p", str(self._folder), "-c", f"{self._folder}/{name}.conf"]
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            self._processes.append(process)
            self.pids.append(process.pid)
        deadline = time.monotonic() + 10
        while True:
            with suppress(OSError), urlopen(self.url, timeout=2):  # noqa: S310 # loopback
                return self
            if time.monotonic() > deadline:
                raise TimeoutError("the relay did not start")
            time.sleep(0.05)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(10)
