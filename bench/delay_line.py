"""A line that delays: every frame from one address to another waits a while, the others go at once.

Run as `python -m bench.delay_line ONE OTHER FROM TO SECONDS JITTER` between two interfaces. It is
for kernels without netem: a program, so it costs processor time and is exact to milliseconds only.
Each frame draws its own jitter, so frames overtake each other. It says when it stands, and at its
end how many frames it held up.
"""

import heapq
import random
import select
import signal
import socket
import sys
import time

ALL = 3  # ETH_P_ALL
SOL_PACKET, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING = 263, 15, 23
PREFIX = 10  # virtio_net_hdr: what the kernel has left to do, checksum and segments
LONGEST = 1 << 17
IPV4 = b"\x08\x00"


def opened(name: str) -> socket.socket:
    """Take every frame that comes in at an interface."""
    line = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    line.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    line.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    line.bind((name, ALL))
    return line


def is_between(data: bytes, source: bytes, target: bytes) -> bool:
    """Tell whether it is a packet from one address to the other."""
    frame = data[PREFIX:]
    return frame[12:14] == IPV4 and (frame[26:30], frame[30:34]) == (source, target)


def end(*_: object) -> None:
    """End in good order when told to."""
    raise SystemExit(0)


def carry(one: str, other: str, way: tuple[bytes, bytes], seconds: float, jitter: float) -> None:
    """Carry frames both ways until told to end."""
    sides = opened(one), opened(other)
    chance = random.Random()  # noqa: S311 # chance, not a secret
    waiting: list[tuple[float, int, socket.socket, bytes]] = []
    seen = held = 0
    print("stands", flush=True)
    try:
        while True:
            left = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
            for side in select.select(sides, [], [], left)[0]:
                data, seen = side.recv(LONGEST), seen + 1
                due = time.monotonic()
                if is_between(data, *way):
                    held += 1
                    due += seconds + chance.random() * jitter
                heapq.heappush(waiting, (due, seen, sides[side is sides[0]], data))
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, side, data = heapq.heappop(waiting)
                side.send(data)
    finally:
        print(held, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    source, target = (socket.inet_aton(word) for word in sys.argv[3:5])
    carry(sys.argv[1], sys.argv[2], (source, target), float(sys.argv[5]), float(sys.argv[6]))
