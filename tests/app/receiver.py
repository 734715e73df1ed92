"""A unit's receiver of letters: a real HTTP server that can fail, be slow, or die half-way."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec

from renkei.app.disclosure.subscriptions import Notice
from renkei.exchange import ID_FIELD, Question

Mood = int | str | Callable[[], object]


class Receiver(ThreadingHTTPServer):
    """Answers each post by the next of its moods, then 204; keeps what it took, by id, in order.

    A mood is a status, "slow" (answers too late), "half" (reads all, then breaks off), or something
    to do once the letter is taken, before any answer, such as killing who posted it.
    """

    daemon_threads = True

    def __init__(self, *moods: Mood, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.moods = list(moods)
        self.asked: list[str] = []
        self.taken: dict[str, Notice] = {}
        self.questions: list[Question] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/changes?of=renkei"

    def told(self) -> list[str]:
        """Return what was told, in the order it came first: whose record, what became of it."""
        return [
            f"{int(event.key['register_number'][:-1])} {event.became.value}"
            for notice in self.taken.values()
            for event in notice.events
        ]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        id_ = self.headers[ID_FIELD]
        self.server.asked.append(id_)
        path, _, query = self.path.partition("?")
        fields = tuple((name.lower(), value) for name, value in self.headers.items())
        self.server.questions.append(Question("POST", path, query, fields, body))
        mood = self.server.moods.pop(0) if self.server.moods else 204
        if mood == "half":
            self.connection.close()
            return
        if mood == "slow":
            time.sleep(1.5)
            mood = 204
        if callable(mood) or (isinstance(mood, int) and mood < 300):
            self.server.taken.setdefault(id_, msgspec.json.decode(body, type=Notice))
        if callable(mood):
            mood()
            return
        self.send_response(int(mood))
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiver(*moods: Mood, port: int = 0) -> Iterator[Receiver]:
    """Run a receiver for a block."""
    server = Receiver(*moods, port=port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def until(reached: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)
