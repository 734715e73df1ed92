"""A unit delivers over HTTP with its own token; what comes is taken in whole or not at all."""

import hashlib
import json
import socket
from base64 import b64encode
from dataclasses import replace

import psycopg
import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.conftest import A
from tests.app.seat import Seat, staffed_site
from tests.exchange.serving import exchange_bytes, serving
from tests.store.rows import RESIDENT, file, personal_number, resident

from renkei import store
from renkei.app.deliveries.delivery_door import delivery_routes
from renkei.app.deliveries.receiving import Receiver

TOKEN, OTHER_TOKEN = "the token of unit 01", "the token of unit 06"
PATH = "/deliveries/resident?on=2026-11-24"


def residents(*numbers: int, **changes: str) -> bytes:
    return file(RESIDENT, [resident(number, **changes) for number in numbers]).getvalue()


def digest(data: bytes) -> str:
    return f"sha-256=:{b64encode(hashlib.sha256(data).digest()).decode()}:"


@pytest.fixture(scope="module")
def site(folder, database):
    with staffed_site(folder / "sites", database) as found:
        units = {
            "01": hashlib.sha256(TOKEN.encode()).hexdigest(),
            "06": hashlib.sha256(OTHER_TOKEN.encode()).hexdigest(),
        }
        yield replace(found, settings=replace(found.settings, units=units))


@pytest.fixture(scope="module")
def port(site):
    app = Starlette(routes=delivery_routes(site, Receiver.of(site.settings, site.database)))
    with serving(uvicorn.Config(app, "127.0.0.1", 0, log_config=None)) as number:
        yield number


@pytest.fixture
def seat(port, dsn):
    yield Seat(port)
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("TRUNCATE store_resident, store_resident_history, store_delivery")
        conn.execute("TRUNCATE store_load CASCADE")


def put(seat, data: bytes, path: str = PATH, **changes: str):
    headers = {"authorization": f"Bearer {TOKEN}", "content_digest": digest(data)} | changes
    return seat.ask("PUT", path, data, **headers)


def test_a_delivery_is_loaded_and_again_changes_nothing(seat):
    first, second = put(seat, residents(1, 2)), put(seat, residents(1, 2))
    assert (first.status, second.status) == (200, 200)
    told = json.loads(first.body)
    assert (told["outcome"], told["changes"]["new"]) == ("loaded", 2)
    assert json.loads(second.body)["outcome"] == "already-loaded"


def test_what_is_blocked_comes_back_with_its_findings_and_no_value(seat):
    said = put(seat, residents(1, birth_date="昨日"))
    told = json.loads(said.body)
    assert (said.status, told["outcome"]) == (422, "blocked")
    assert told["findings"][0]["shape"] == "漢漢"
    for value in ("昨日", personal_number(1), "見本　1号"):
        assert value not in said.text


def test_an_older_day_is_a_conflict_and_is_in_the_book(seat, database):
    put(seat, residents(1))
    assert put(seat, residents(1, 2), "/deliveries/resident?on=2026-11-23").status == 409
    with database.transaction(A) as conn:
        assert store.deliveries(conn, A)[0].error == "snapshot-older"


def test_differences_carry_their_number(seat):
    put(seat, residents(1))
    lines = residents(2).decode().splitlines(keepends=True)
    data = f"{lines[0]}異動区分,{lines[1]}1,{lines[2]}".encode()
    path = "/deliveries/resident?on=2026-11-25&difference=1"
    assert json.loads(put(seat, data, path).body)["changes"]["new"] == 1


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        (PATH, {"authorization": ""}, 401, "token-refused"),
        (PATH, {"authorization": "Bearer x"}, 401, "token-refused"),
        (PATH, {"authorization": f"Bearer {OTHER_TOKEN}"}, 401, "token-refused"),
        ("/deliveries/seal_registration?on=2026-11-24", {}, 401, "token-refused"),
        ("/deliveries/nonsense?on=2026-11-24", {}, 404, "definition-unknown"),
        ("/deliveries/resident", {}, 400, "delivery-terms-malformed"),
        ("/deliveries/resident?on=today", {}, 400, "delivery-terms-malformed"),
        (f"{PATH}&difference=0", {}, 400, "delivery-terms-malformed"),
        (f"{PATH}&difference=x", {}, 400, "delivery-terms-malformed"),
        (f"{PATH}&difference={'9' * 30}", {}, 400, "delivery-terms-malformed"),
        (f"{PATH}&name=..%2F..%2Fx", {}, 400, "delivery-terms-malformed"),
        (f"{PATH}&diference=1", {}, 400, "delivery-terms-malformed"),
        (f"{PATH}&name=%00", {}, 400, "delivery-terms-malformed"),
        (PATH, {"content_digest": ""}, 400, "delivery-digest-missing"),
        (PATH, {"content_digest": "sha-512=:AAAA:"}, 400, "delivery-digest-missing"),
        (PATH, {"content_digest": digest(b"other")}, 400, "delivery-digest-differs"),
    ],
)
def test_what_does_not_fit_is_refused_in_both_languages(seat, path, headers, status, code):
    said = put(seat, residents(1), path, **headers)
    told = json.loads(said.body)
    assert (said.status, told["code"]) == (status, code)
    assert told["message"]
    assert told["message_ja"]
    assert seat.ask("GET", PATH).status == 405


def head(length: int) -> bytes:
    lines = [
        f"PUT {PATH} HTTP/1.1",
        "host: x",
        "connection: close",
        f"authorization: Bearer {TOKEN}",
        f"content-digest: {digest(residents(1))}",
        f"content-length: {length}",
        "\r\n",
    ]
    return "\r\n".join(lines).encode()


def test_a_body_over_the_limit_is_refused_before_it_is_read(port):
    said = exchange_bytes(port, head(2**60))
    assert b" 413 " in said.splitlines()[0]
    assert b"body-too-large" in said


def test_a_sender_that_goes_away_leaves_nothing(seat, port, site, database):
    data = residents(1, 2, 3)
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(head(len(data)) + data[:100])
    assert put(seat, residents(1)).status == 200
    assert list((site.settings.state / "spool").iterdir()) == []
    with database.transaction(A) as conn:
        assert len(store.deliveries(conn, A)) == 1


def test_a_third_at_once_is_told_to_come_again(seat, port):
    data = residents(1)
    lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
    for line in lines:
        line.sendall(head(len(data)) + data[:10])
    for _ in range(100):
        said = put(seat, data)
        if said.status == 503:
            break
    assert json.loads(said.body)["code"] == "deliveries-busy"
    for line in lines:
        line.sendall(data[10:])
        assert b" 200 " in line.recv(1000)
        line.close()
    assert put(seat, data).status == 200
