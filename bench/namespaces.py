"""A network namespace for each site, joined by veth pairs to a bridge in a namespace of ours.

Nothing here leaves the machine: the bridge has no way out. Namespaces have no names: they live
as long as the process that holds them, and the kernel removes them with it, whatever ended it.
The units' own lines to their nodes come from the bridge's side; no fault between sites meets them.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from renkei.app.demo.ecosystem import Part, Place

APART = ("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
MARK = "RENKEI_APART"
HOST = "10.213.0.{number}"  # inside the namespaces only
OURS = HOST.format(number=254)
BRIDGE = "bridge"
TRIAL = """
ip link add name t0 type bridge && ip link add name t1 type veth peer name t2 &&
nft add table bridge t && nft add chain bridge t c '{ type filter hook forward priority 0; }' &&
nft add rule bridge t c ip saddr 10.0.0.1 numgen random mod 100 '<' 5 counter drop &&
nft add rule bridge t c limit rate over 8 kbytes/second counter drop &&
nft add table inet t && nft add chain inet t c '{ type filter hook output priority 0; }' &&
nft add rule inet t c meta l4proto tcp reject with tcp reset
"""


def lacking() -> str:
    """Return why sites cannot be put apart and struck here; empty if they can."""
    try:
        done = subprocess.run([*APART, "sh", "-c", TRIAL], capture_output=True, text=True)
    except FileNotFoundError:
        return "needs unshare (util-linux)"
    said = " ".join(done.stderr.split())[:200]
    return f"needs root, ip (iproute2), nft, bridge and veth: {said}" if done.returncode else ""


def run_apart(module: str, words: Sequence[str]) -> int:
    """Run a module in a network and a process namespace of its own; its end ends all in it."""
    sys.stdout.flush()
    command = [*APART, sys.executable, "-m", module, *words]
    return subprocess.run(command, check=False, env=os.environ | {MARK: "1"}).returncode


def told(*command: str) -> str:
    """Run a command of the network and return what it said; raise if it failed."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@dataclass(frozen=True, slots=True)
class Network:
    """Where each site is; what strikes the lines between them is in `network_faults`."""

    places: dict[str, Place]

    def host(self, part: Part) -> str:
        """Return a site's address."""
        return self.places[part.name].host

    def inside(self, part: Part, *command: str) -> str:
        """Run a command in a site's namespace."""
        return told(*self.places[part.name].enter, *command)


def port(part: Part) -> str:
    """Return the bridge's end of a site's line."""
    return f"to-{part.name}"


@contextmanager
def network(parts: Sequence[Part]) -> Iterator[Network]:
    """Join a namespace for each site to a bridge in ours."""
    if MARK not in os.environ:
        raise RuntimeError("a network is made in a namespace apart: see run_apart")
    holders, places = [], {}
    try:
        told("ip", "link", "set", "lo", "up")
        # With an address of its own: else it takes that of some port, and changes it with them.
        told("ip", "link", "add", "name", BRIDGE, "address", "02:00:00:00:00:01", "type", "bridge")
        told("ip", "addr", "add", f"{OURS}/24", "dev", BRIDGE)
        told("ip", "link", "set", BRIDGE, "up")
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
            told("ip", "link", "add", "name", port(part), "type", "veth", *peer)
            told("ip", "link", "set", port(part), "master", BRIDGE, "up")
            host = HOST.format(number=number)
            told(*enter, "ip", "addr", "add", f"{host}/24", "dev", "eth0")
            told(*enter, "ip", "link", "set", "eth0", "up")
            told(*enter, "ip", "link", "set", "lo", "up")
            places[part.name] = Place(host, enter)
        yield Network(places)
    finally:
        for holder in holders:
            holder.kill()
            holder.wait()
