"""A client of HTTP that costs little: connections that stay, one request at a time on each."""

import asyncio
import socket
import time
from collections.abc import Callable, Sequence

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def ask_one(connection: Connection, request: bytes) -> bytes:
    """Send one request and return the body of its answer, which must be a 200."""
    reader, writer = connection
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
    body = await reader.readexactly(length)
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"{head.decode()}{body.decode()}")
    return body


def ask_all(port: int, requests: Sequence[bytes], clients: int) -> None:
    """Ask everything, each of so many clients one after the other on its own connection."""

    async def client(mine: Sequence[bytes]) -> None:
        connection = await asyncio.open_connection("127.0.0.1", port)
        for request in mine:
            await ask_one(connection, request)
        connection[1].close()
        await connection[1].wait_closed()

    async def everyone() -> None:
        await asyncio.gather(*(client(requests[n::clients]) for n in range(clients)))

    asyncio.run(everyone())


def ask_paced(port: int, requests: Sequence[bytes], per_second: float, clients: int) -> list[float]:
    """Ask at a pace, whatever is still unanswered; return how long each took, in seconds.

    A request is due at its time and its wait counts from there, so that a server that stops for a
    moment is not asked less meanwhile.
    """
    took: list[float] = [0.0] * len(requests)

    async def everyone() -> None:
        idle: asyncio.Queue[Connection] = asyncio.Queue()
        for _ in range(clients):
            idle.put_nowait(await asyncio.open_connection("127.0.0.1", port))
        loop = asyncio.get_running_loop()
        start = loop.time() + 0.1

        async def one(number: int, due: float) -> None:
            connection = await idle.get()
            await ask_one(connection, requests[number])
            took[number] = loop.time() - due
            idle.put_nowait(connection)

        running = []
        for number in range(len(requests)):
            due = start + number / per_second
            if (early := due - loop.time()) > 0:
                await asyncio.sleep(early)
            running.append(asyncio.create_task(one(number, due)))
        await asyncio.gather(*running)
        while not idle.empty():
            idle.get_nowait()[1].close()

    asyncio.run(everyone())
    return took


def await_port(port: int, is_alive: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something listens."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if not is_alive() or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
