"""One site, ready to work: its database running and migrated, its desk set up, its keys at hand."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from renkei import audit, exchange, federation, kit, standard, store
from renkei.app.membership.keys import Keys
from renkei.app.membership.list_in_force import desk_at_start, enter, keep, read_kept
from renkei.app.membership.rotation import Rotation
from renkei.app.settings import Role, Settings
from renkei.app.standards.catalogue import opened
from renkei.kit.postgres import Postgres

log = logging.getLogger("renkei.app")

ROOMS: dict[Role, tuple[str, ...]] = {
    "node": (
        *("renkei.audit", "renkei.law", "renkei.identity", "renkei.store", "renkei.exchange"),
        "renkei.process",
    ),
    "converter": ("renkei.audit", "renkei.exchange"),
    "registrar": ("renkei.audit", "renkei.identity", "renkei.exchange"),
    "log": ("renkei.audit", "renkei.identity", "renkei.exchange"),
}
"""Which rooms keep tables in the database of a role."""

POOL = 8
WATCH_SECONDS = 0.5
COMMAND_SECONDS = 120
"""How long a node that starts waits for a command that runs the embedded server."""


def now() -> datetime:
    """Read the clock; the edges do, the rooms never."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Site:
    """What the doors of one process share."""

    settings: Settings
    keys: Keys
    membership: federation.Membership
    signer: audit.Signer
    database: kit.Database
    dsn: str
    tokens: exchange.TokenIssuer | None = None  # a node's alone

    @property
    def desk(self) -> federation.Desk:
        """Return the desk by the list in force now; take it once for a question."""
        return self.membership.desk

    @property
    def credentials(self) -> federation.Credentials:
        """Return what we prove ourselves with now."""
        return self.membership.credentials

    @property
    def tiles(self) -> Path:
        """Return the folder the own log is published in."""
        return self.settings.state / "log"


@contextmanager
def open_site(settings: Settings) -> Iterator[Site]:
    """Start or join the database, bring it to this program's schema, and set the desk up."""
    keys = Keys(settings.keys, settings.tenant)
    keys.credentials()
    signer = keys.signer()
    before, (desk, text) = read_kept(settings), desk_at_start(settings, at=now())
    membership = federation.Membership(desk, site_credentials(settings, desk))
    tokens = None
    if settings.role == "node":
        keys.make_opening()
        keys.sign_in(make=True)
        tokens = exchange.TokenIssuer(keys.tokens(make=True), settings.oauth.issuer)
    with running_database(settings, join=False) as dsn:
        prepare_database(dsn, settings)
        with kit.Database(dsn, size=POOL) as database:
            with database.transaction(settings.tenant) as conn:
                enter(conn, desk, before, at=now())
            if text is not None:
                keep(settings, text)
            yield Site(settings, keys, membership, signer, database, dsn, tokens)


def prepare_database(dsn: str, settings: Settings, known: standard.Catalogue | None = None) -> None:
    """Bring a database to this program's schema and, where records are kept, to the standard.

    Whoever has compiled the site's standard already gives it: with overlays that takes seconds.
    """
    rooms = ROOMS[settings.role]
    steps = kit.migrate(dsn, rooms)
    if "renkei.store" in rooms:
        steps += store.align(dsn, known or site_standard(settings))
    for step in steps:
        log.info("applied %s", step)


def site_standard(settings: Settings) -> standard.Catalogue:
    """Return the standard a site keeps its records by: the shipped one and its own overlays.

    Between organisations the shipped one alone counts: an overlay is the town's own affair.
    """
    return opened(None, settings.overlays)


def read_desk(settings: Settings) -> federation.Desk:
    """Set a desk up by the list in force here, or one at hand that may follow it."""
    return desk_at_start(settings, at=now())[0]


def issuing_channel(settings: Settings, desk: federation.Desk) -> federation.Channel:
    """Return the line on which codes are issued, followed and carried over: patient, and wide."""
    membership = federation.Membership(desk, site_credentials(settings, desk))
    return federation.Channel(
        membership, seconds=federation.ISSUE_SECONDS, limits=federation.ISSUE_LIMITS
    )


def site_credentials(settings: Settings, desk: federation.Desk) -> federation.Credentials:
    """Read what a site proves itself with under the list of a desk."""
    return Rotation.of(settings).credentials(desk.me, at=now())


@contextmanager
def running_database(settings: Settings, *, join: bool = True) -> Iterator[str]:
    """Give the connection string: the given one, or that of the embedded server.

    Whoever finds the embedded server stopped runs it as long as it lives. A command beside a
    running node joins the node's server; a node joins nobody, since it would lose the server when
    the command ends: it waits for that end.
    """
    if settings.database != "embedded":
        yield settings.database
        return
    settings.state.mkdir(parents=True, exist_ok=True)
    note = settings.state / "database.dsn"
    server = Postgres(settings.state / "database", binaries=settings.binaries)
    deadline = time.monotonic() + COMMAND_SECONDS
    while True:
        try:
            server.start()
            break
        except kit.ServerDirectoryInUse:
            if join and note.exists():
                yield note.read_text(encoding="utf-8")
                return
            if join or time.monotonic() > deadline:
                raise
            time.sleep(WATCH_SECONDS)
    stop = threading.Event()
    watch = threading.Thread(target=_watch, args=(server, stop), name="database watch")
    try:
        note.write_text(server.dsn(), encoding="utf-8")
        watch.start()
        yield server.dsn()
    finally:
        stop.set()
        watch.join()
        server.stop()


def _watch(server: Postgres, stop: threading.Event) -> None:
    """Start the embedded server again when it was killed; what was committed is there."""
    while not stop.wait(WATCH_SECONDS):
        if not server.is_running:
            log.error("the database server died and is started again")
            try:
                server.restart()
            except kit.NodeError:
                log.exception("the database server does not start")
