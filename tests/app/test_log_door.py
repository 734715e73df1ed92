"""Everybody fetches the published log and never an entry; the oversight body fetches those too."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.seat import staffed_site
from tests.app.test_console_record import looks
from tests.audit.samples import AT, entries
from tests.exchange.serving import serving

from renkei import audit
from renkei.app.operations.log_door import log_door
from renkei.app.operations.oversight import oversight_routes
from renkei.app.site import Site
from renkei.audit import verify_directory
from renkei.kit import Database

TOKEN = {"Authorization": "Bearer secret"}
MANY = 258
FILES = (
    *("checkpoint", "tile/0/000", "tile/0/001.p/2", "tile/1/000.p/1"),
    *("output/checkpoint", "output/tile/0/000.p/1", "output/tile/entries/000.p/1"),
    *("2027/checkpoint", "2027/tile/0/000.p/2", "2027/output/checkpoint"),
    *("2027/output/tile/0/000.p/1", "2027/output/tile/entries/000.p/1"),
)
ENTRIES = ("tile/entries/000", "tile/entries/001.p/2", "2027/tile/entries/000.p/2")


@pytest.fixture(scope="module")
def site(folder: Path, database: Database) -> Iterator[Site]:
    """Give a site with a published log of two years, and the oversight body's token."""
    with staffed_site(folder / "sites", database) as found:
        tenant, signer = found.desk.tenant, found.signer
        later = replace(entries(1)[0], request="later", at=AT.replace(year=AT.year + 1))
        with database.transaction(tenant) as conn:
            audit.append_many(conn, tenant, [*entries(MANY), later])
            audit.sequence(conn, tenant, signer, at=AT)
            for year in (audit.FIRST, AT.year + 1):
                audit.make_epoch(conn, tenant, signer, at=AT, year=year)
            audit.publish(conn, tenant, found.tiles)
        (found.tiles / "tile" / "secret").write_text("not of a log")
        oversight = sha256(b"secret").hexdigest()
        yield replace(found, settings=replace(found.settings, oversight=oversight))


@pytest.fixture(scope="module")
def doors(site: Site) -> Iterator[tuple[int, int]]:
    """Give the ports of the public door and of the staff door."""
    public = log_door(site.tiles, rate=1000)
    staff = Starlette(routes=list(oversight_routes(site)))
    one, two = (uvicorn.Config(app, "127.0.0.1", 0, log_config=None) for app in (public, staff))
    with serving(one) as at_public, serving(two) as at_staff:
        yield at_public, at_staff


def fetch(port: int, path: str, head: dict[str, str] | None = None, method: str = "GET"):
    """Ask for a path as it is written, and give status, fields and body."""
    line = HTTPConnection("127.0.0.1", port, timeout=20)
    line.request(method, path, headers=head or {})
    answer = line.getresponse()
    said = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    line.close()
    return said


@pytest.mark.clause("RK-48.8")
@pytest.mark.parametrize("path", FILES)
def test_everybody_fetches_notes_and_hashes_as_they_are_published(site, doors, path):
    status, fields, body = fetch(doors[0], f"/{path}")
    assert (status, body) == (200, (site.tiles / path).read_bytes())
    wanted = "immutable" if "tile/" in path else "no-cache"
    assert wanted in fields["cache-control"]


@pytest.mark.clause("RK-48.8")
@pytest.mark.parametrize("path", ENTRIES)
def test_no_entry_is_served_at_the_public_door(site, doors, path):
    assert (site.tiles / path).exists()
    assert fetch(doors[0], f"/{path}", TOKEN)[0] == 404


@pytest.mark.clause("RK-48.8")
@pytest.mark.parametrize(
    "path",
    [
        *("/", "/tile", "/tile/0", "/tile/0/", "/tile/secret", "/tile/0/000.p", "/tile/0/0"),
        *("/output", "/output/output/checkpoint", "/2027/2027/checkpoint", "/checkpoint/"),
        *("/tile/64/000", "/tile/00/000", "/tile/0/000.p/0", "/tile/0/000.p/256", "/tile/0/x000"),
        *("/../renkei.toml", "/%2e%2e/renkei.toml", "/tile/%2e%2e/checkpoint", "//checkpoint"),
        *("/tile/entries%2f000", "/tile%2Fentries/000", "/tile/0/../entries/000", "/%00"),
        *("/.checkpoint.tmp", "/tile/entries/000%0a", "/tile/0/\\..\\000", "/tile/%D9%A0/000"),
    ],
)
def test_whatever_else_lies_in_the_folder_is_not_there(doors, path):
    assert fetch(doors[0], path)[0] == 404


def test_the_public_door_takes_nothing(doors):
    assert fetch(doors[0], "/checkpoint", method="PUT")[0] == 405
    assert fetch(doors[0], "/checkpoint", method="DELETE")[0] == 405


@pytest.mark.clause("RK-48.8")
def test_who_asks_too_often_waits(site):
    door = log_door(site.tiles, rate=1, clock=lambda: 0.0)
    with serving(uvicorn.Config(door, "127.0.0.1", 0, log_config=None)) as port:
        said = [fetch(port, "/checkpoint") for _ in range(12)]
    assert [status for status, _, _ in said].count(200) >= 10
    assert (said[-1][0], "retry-after" in said[-1][1]) == (429, True)


@pytest.mark.clause("RK-48.9")
def test_the_oversight_body_fetches_a_log_whole_and_verifies_it(site, doors, tmp_path):
    before = len(looks(site))
    for path in (*FILES, *ENTRIES):
        assert fetch(doors[1], f"/oversight/log/{path}")[0] == 401
        status, _, body = fetch(doors[1], f"/oversight/log/{path}", TOKEN)
        assert status == 200
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(body)
    assert verify_directory(tmp_path, site.signer.verifier) == []
    entered = looks(site)[before:]
    assert [one.details["about"] for one in entered] == list(ENTRIES)
    assert all(one.withheld for one in entered)
    assert fetch(doors[1], "/oversight/log/tile/secret", TOKEN)[0] == 404
