"""How often one visitor may ask: by the address they come from, with nobody's name and no cookie.

The generic cell rate algorithm, as for the units; a visitor may use up ten seconds' worth at once.
Only those are remembered who came just now, and no more than fit: whoever was there longest goes.
"""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from math import ceil

from renkei.app.errors import VisitorsTooMany

MOST = 100_000
BURST_SECONDS = 10.0


def visitor(host: str) -> str:
    """Return whom an address stands for: of IPv6 the network of one house, 64 bits.

    >>> visitor("192.0.2.7"), visitor("2001:db8:1:2:3::4"), visitor("::ffff:192.0.2.7")
    ('192.0.2.7', '2001:db8:1:2', '192.0.2.7')
    """
    try:
        address = ip_address(host)
    except ValueError:
        return host[:64]
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return ":".join(part.lstrip("0") or "0" for part in address.exploded.split(":")[:4])


class Visitors:
    """The visitors of one door."""

    def __init__(self, rate: int, clock: Callable[[], float], *, most: int = MOST) -> None:
        """Take how many a second, a clock that never goes back, how many to remember."""
        self._rate = rate
        self._clock = clock
        self._most = most
        self._due: OrderedDict[str, float] = OrderedDict()

    def enter(self, host: str) -> None:
        """Let a request in, or raise `VisitorsTooMany`; one that is kept out counts for none."""
        who, now = visitor(host), self._clock()
        due = max(self._due.get(who, 0.0), now) + 1 / self._rate
        late = due - now - BURST_SECONDS
        if late > 1e-9:
            raise VisitorsTooMany(rate=self._rate, seconds=max(1, ceil(late)))
        self._due[who] = due
        self._due.move_to_end(who)
        if len(self._due) > self._most:
            self._due.popitem(last=False)
