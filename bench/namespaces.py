"""A network namespace for each site, joined by veth pairs to a bridge in a namespace of ours.

Nothing here leaves the machine: the bridge has no way out. Namespaces have no names: they live
as long as the process that holds them, and the kernel removes them with it, whatever ended it.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from renkei.app.ecosystem import Part, Place

APART = ("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
MARK = "RENKEI_APART"
HOST = "10.213.0.{number}"  # inside the namespaces only


def lacking() -> str:
    """Return why namespaces cannot be made here; empty if they can."""
    trial = "ip link add name t0 type bridge && ip link add name t1 type veth peer name t2"
    try:
        done = subprocess.run([*APART, "sh", "-c", trial], capture_output=True, text=True)
    except FileNotFoundError:
        return "needs unshare (util-linux)"
    said = done.stderr.strip()
    return f"needs root, ip (iproute2), bridge and veth: {said}" if done.returncode else ""


def run_apart(module: str, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a module in a network and a process namespace of its own; its end ends all in it."""
    return subprocess.run(
        [*APART, sys.executable, "-m", module, *words],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env=os.environ | {MARK: "1"},
    )


@dataclass(frozen=True, slots=True)
class Network:
    """The places of the sites, and the routes between them to cut and to heal."""

    places: dict[str, Place]

    def cut(self, one: Part, other: Part) -> None:
        """Let one site's packets to another vanish; the other direction stays."""
        self._route("add", one, other)

    def heal(self, one: Part, other: Part) -> None:
        """Let them arrive again."""
        self._route("del", one, other)

    def _route(self, verb: str, one: Part, other: Part) -> None:
        host = self.places[other.name].host
        _ip(*self.places[one.name].enter, "ip", "route", verb, "blackhole", f"{host}/32")


@contextmanager
def network(parts: Sequence[Part]) -> Iterator[Network]:
    """Join a namespace for each site to a bridge in ours; a relay is one more part of the list."""
    if MARK not in os.environ:
        raise RuntimeError("a network is made in a namespace apart: see run_apart")
    holders, places = [], {}
    try:
        _ip("ip", "link", "set", "lo", "up")
        _ip("ip", "link", "add", "name", "bridge", "type", "bridge")
        _ip("ip", "addr", "add", f"{HOST.format(number=254)}/24", "dev", "bridge")
        _ip("ip", "link", "set", "bridge", "up")
        for number, part in enumerate(parts, 1):
            holder = subprocess.Popen(
                ["unshare", "--net", "sh", "-c", "echo; exec sleep infinity"],
                stdout=subprocess.PIPE,
            )
            holders.append(holder)
            if holder.stdout is not None:
                holder.stdout.readline()  # the namespace is made
            enter = ("nsenter", "--net", "--target", str(holder.pid))
            peer = ("peer", "name", "eth0", "netns", str(holder.pid))
            _ip("ip", "link", "add", "name", f"to-{part.name}", "type", "veth", *peer)
            _ip("ip", "link", "set", f"to-{part.name}", "master", "bridge", "up")
            host = HOST.format(number=number)
            _ip(*enter, "ip", "addr", "add", f"{host}/24", "dev", "eth0")
            _ip(*enter, "ip", "link", "set", "eth0", "up")
            _ip(*enter, "ip", "link", "set", "lo", "up")
            places[part.name] = Place(host, enter)
        yield Network(places)
    finally:
        for holder in holders:
            holder.kill()
            holder.wait()


def _ip(*command: str) -> None:
    subprocess.run(command, check=True)
