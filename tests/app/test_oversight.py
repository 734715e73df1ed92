"""A token is taken from either field of HTTP, and what the oversight body takes is entered."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg
import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.seat import AT, staffed_site
from tests.app.test_console_record import ENTRY, looks
from tests.exchange.serving import serving

from renkei.app.errors import TokenRefused
from renkei.app.operations.oversight import check_token, oversight_routes
from renkei.app.site import Site
from renkei.audit import Kind, append, sequence
from renkei.kit import Database

TOKEN = "secret"
WANTED = sha256(TOKEN.encode()).hexdigest()
Door = Callable[..., int]


def basic(text: str) -> str:
    return f"Basic {b64encode(text.encode()).decode()}"


@pytest.mark.clause("RK-1.3")
@pytest.mark.parametrize("given", ["Bearer secret", "secret", basic("15:secret"), basic(":secret")])
def test_the_token_is_taken(given: str) -> None:
    check_token(given, WANTED, "unit 15")


@pytest.mark.clause("RK-1.3")
@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "Bearer",
        "Bearer other",
        basic("secret"),
        basic("15:other"),
        "Basic §",
        "Basic /w==",
    ],
)
def test_what_is_no_token_is_refused(given: str | None) -> None:
    with pytest.raises(TokenRefused):
        check_token(given, WANTED, "unit 15")


def test_without_a_token_in_the_settings_nobody_is_let_in() -> None:
    with pytest.raises(TokenRefused):
        check_token("Bearer ", "", "unit 15")


@pytest.fixture(scope="module")
def site(folder: Path, database: Database) -> Iterator[Site]:
    """Give A市's site with one entry that the law withholds, and the oversight body's token."""
    with staffed_site(folder / "sites", database) as found:
        settings = replace(found.settings, oversight=WANTED)
        with database.transaction(found.desk.tenant) as conn:
            append(conn, found.desk.tenant, replace(ENTRY, request="w-1", withheld=True))
            sequence(conn, found.desk.tenant, found.signer, at=AT)
        yield replace(found, settings=settings)


@pytest.fixture
def door(site: Site) -> Iterator[Door]:
    """Give a function that asks the staff door as the oversight body: the status of each answer."""
    app = Starlette(routes=list(oversight_routes(site)))
    config = uvicorn.Config(app, "127.0.0.1", 0, log_config=None)
    with serving(config) as port:

        def ask(path: str, token: str = TOKEN) -> int:
            head = {"Authorization": f"Bearer {token}"}
            request = Request(f"http://127.0.0.1:{port}/oversight/{path}", headers=head)
            try:
                with urlopen(request, timeout=30) as answer:
                    return int(answer.status)
            except HTTPError as error:
                return error.code

        yield ask


def test_what_the_token_takes_is_entered_as_withheld_as_it_is(site: Site, door: Door) -> None:
    before = len(looks(site))
    assert door("requests/w-1") == 200
    (look,) = looks(site)[before:]
    assert (look.kind, look.outcome, look.withheld) == (Kind.VIEW, "seen", True)
    assert look.details == {"as": "oversight-requests", "about": "w-1"}


@pytest.mark.parametrize(("path", "token"), [("requests/w-1", "x"), ("chains/w-1", TOKEN)])
def test_what_shows_nothing_is_not_entered(site: Site, door: Door, path: str, token: str) -> None:
    before = len(looks(site))
    assert door(path, token) in (401, 404)
    assert len(looks(site)) == before


@pytest.mark.clause("RK-49.3")
def test_what_the_token_takes_is_read_by_the_role_that_can_only_read(
    site: Site, door: Door
) -> None:
    with psycopg.connect(site.dsn, autocommit=True) as owner:
        owner.execute("REVOKE SELECT ON audit_entry FROM renkei_application")
        try:
            assert door("requests/w-1") == 200
        finally:
            owner.execute("GRANT SELECT ON audit_entry TO renkei_application")
