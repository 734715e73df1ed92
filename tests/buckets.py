"""A store that speaks S3, in this process: what buckets are tested against."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

from moto.server import ThreadedMotoServer


@contextmanager
def bucket_server(bucket: str) -> Iterator[str]:
    """Give the address of a store with one bucket."""
    store = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    store.start()
    host, port = store.get_host_and_port()
    address = f"http://{host}:{port}"
    with urlopen(Request(f"{address}/{bucket}", method="PUT")):
        pass
    yield address
    store.stop()
