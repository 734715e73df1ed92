"""What strikes the lines between sites: silence, loss, refusal, a narrow line, a slow one.

Each is a context: within it the packets of the given ways are struck, after it none is. The counts
are the kernel's own (nftables), those of the slow line its program's.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from random import Random

import msgspec

from bench.namespaces import BRIDGE, Network, port, told
from renkei.app.demo.ecosystem import PORTS, Part

Way = tuple[Part, Part]
TABLE, WALL = "faults", "wall"
CHAIN = "struck"
DOORS = "{}-{}".format(*PORTS)
SHARES = 5, 30
"""Of 100 packets that loss takes."""

RATES = 8, 32
"""Kilobytes a second that a narrow line lets through; what is more is lost, as by a policer."""

SLOWEST = 0.4
JITTER = 0.1
"""Seconds that a packet waits on a slow line, and how much more by chance."""


@dataclass(slots=True)
class Strike:
    """One fault: what it is, and how many packets it has struck, known at its end.

    What strikes no line but a site counts the kills.
    """

    said: str
    hits: int = 0
    of: str = "packets"


Fault = Callable[[Network, Sequence[Way], Random], AbstractContextManager[Strike]]


def silence(net: Network, ways: Sequence[Way], _: Random) -> AbstractContextManager[Strike]:
    """Let every packet vanish on its way, unknown to who sent it."""
    return _dropping(net, ways, "silence", ())


def loss(net: Network, ways: Sequence[Way], chance: Random) -> AbstractContextManager[Strike]:
    """Let some packets vanish."""
    share = chance.randint(*SHARES)
    words = ("numgen", "random", "mod", "100", "<", str(share))
    return _dropping(net, ways, f"loss of {share} %", words)


def narrow(net: Network, ways: Sequence[Way], chance: Random) -> AbstractContextManager[Strike]:
    """Let so many bytes a second through and no more."""
    rate = chance.randint(*RATES)
    words = ("limit", "rate", "over", str(rate), "kbytes/second", "burst", "4", "kbytes")
    return _dropping(net, ways, f"narrowed to {rate} kB/s", words)


@contextmanager
def refused(net: Network, ways: Sequence[Way], _: Random) -> Iterator[Strike]:
    """Let every call be refused or reset at once, as a firewall before the caller does.

    Answers of the struck site to calls of the other are let through: they go to no door.
    """
    strike = Strike("refused")
    sites = {one.name: one for one, _ in ways}.values()
    for site in sites:
        hook = "{ type filter hook output priority 0; }"
        net.inside(site, "nft", "add", "table", "inet", TABLE)
        net.inside(site, "nft", "add", "chain", "inet", TABLE, CHAIN, hook)
    for one, other in ways:
        words = ("ip", "daddr", net.host(other), "tcp", "dport", DOORS, "counter")
        reset = ("reject", "with", "tcp", "reset")
        net.inside(one, "nft", "add", "rule", "inet", TABLE, CHAIN, *words, *reset)
    try:
        yield strike
    finally:
        for site in sites:
            strike.hits += counted(net.inside(site, *_listing("inet")))
            net.inside(site, "nft", "delete", "table", "inet", TABLE)


@contextmanager
def slow(net: Network, ways: Sequence[Way], chance: Random) -> Iterator[Strike]:
    """Let every packet of the first way wait: a program stands in its target's line."""
    (one, other), *_ = ways
    seconds = round(chance.uniform(SLOWEST / 2, SLOWEST), 2)
    strike = Strike(f"{one.name}->{other.name} slower by {seconds}+{JITTER} s")
    told("ip", "link", "add", "name", "line", "type", "veth", "peer", "name", "line-end")
    told("ip", "link", "set", "line", "up")
    told("ip", "link", "set", "line-end", "up")
    words = (port(other), "line", net.host(one), net.host(other), str(seconds), str(JITTER))
    command = [sys.executable, "-m", "bench.delay_line", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        try:
            if program.stdout is None or program.stdout.readline().strip() != "stands":
                raise RuntimeError("the delaying line does not stand")
            told("ip", "link", "set", port(other), "nomaster")
            told("ip", "link", "set", "line-end", "master", BRIDGE)
            yield strike
        finally:
            program.terminate()
            said, _ = program.communicate(timeout=10)
            told("ip", "link", "delete", "line")
            told("ip", "link", "set", port(other), "master", BRIDGE)
    strike.hits = int(said)


def walled(net: Network, site: Part, others: Sequence[Part]) -> None:
    """Let no call of the others reach a site's doors, for good; what it calls itself comes back."""
    hook = "{ type filter hook input priority 0; }"
    net.inside(site, "nft", "add", "table", "inet", WALL)
    net.inside(site, "nft", "add", "chain", "inet", WALL, CHAIN, hook)
    for other in others:
        words = ("ip", "saddr", net.host(other), "tcp", "dport", DOORS, "counter", "drop")
        net.inside(site, "nft", "add", "rule", "inet", WALL, CHAIN, *words)


def knocked(net: Network, site: Part) -> int:
    """Return how many packets of calls a site's wall has held off."""
    return counted(net.inside(site, *_listing("inet", WALL)))


FAULTS: dict[str, Fault] = {
    "silence": silence,
    "loss": loss,
    "refused": refused,
    "narrow": narrow,
    "slow": slow,
}


@contextmanager
def _dropping(
    net: Network, ways: Sequence[Way], said: str, words: Sequence[str]
) -> Iterator[Strike]:
    """Drop packets of the ways at the bridge, those that the words choose."""
    strike = Strike(said)
    hook = "{ type filter hook forward priority 0; }"
    told("nft", "add", "table", "bridge", TABLE)
    told("nft", "add", "chain", "bridge", TABLE, CHAIN, hook)
    for one, other in ways:
        between = ("ip", "saddr", net.host(one), "ip", "daddr", net.host(other))
        told("nft", "add", "rule", "bridge", TABLE, CHAIN, *between, *words, "counter", "drop")
    try:
        yield strike
    finally:
        strike.hits = counted(told(*_listing("bridge")))
        told("nft", "delete", "table", "bridge", TABLE)


def _listing(family: str, table: str = TABLE) -> tuple[str, ...]:
    return ("nft", "-j", "list", "chain", family, table, CHAIN)


def counted(listing: str) -> int:
    """Return how many packets the rules of a chain have struck."""
    found = msgspec.json.decode(listing)["nftables"]
    rules = [one["rule"]["expr"] for one in found if "rule" in one]
    return sum(part["counter"]["packets"] for rule in rules for part in rule if "counter" in part)
