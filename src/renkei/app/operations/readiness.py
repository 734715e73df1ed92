"""Readiness (受付可否): whether a site takes questions now, and what keeps it from that.

`/health` says that the process and its database live; whoever shares out traffic asks `/ready`.
"""

import msgspec
from starlette.responses import Response

from renkei import kit
from renkei.app.errors import LogBehind, LogKeeperStopped
from renkei.app.operations.running import Running
from renkei.app.site import Site

BEHIND_SECONDS = 30
"""How long the log may not have been kept whole; it is five times a second."""


class Reason(msgspec.Struct, frozen=True):
    """One thing that keeps a site from being ready."""

    code: str
    message: str
    message_ja: str


class Ready(msgspec.Struct, frozen=True):
    """What `/ready` says."""

    ready: bool
    reasons: tuple[Reason, ...]


def unready(site: Site, running: Running) -> list[kit.NodeError]:
    """Return everything that keeps a site from taking questions."""
    found: list[kit.NodeError] = []

    def look(error: kit.NodeError) -> None:
        found.append(error)

    for check in (running.drain.check, lambda: _database(site), lambda: _members(site)):
        try:
            check()
        except kit.NodeError as error:
            look(error)
    keeper = running.keeper
    if keeper is not None and not keeper.is_alive():
        look(LogKeeperStopped())
    elif keeper is not None and keeper.seconds_behind > BEHIND_SECONDS:
        look(LogBehind(seconds=round(keeper.seconds_behind)))
    return found


def ready_response(reasons: list[kit.NodeError]) -> Response:
    """Say whether a site is ready: 200, or 503 with the reasons in both languages."""
    said = tuple(Reason(one.code(), one.text("en"), one.text("ja")) for one in reasons)
    head = {"Retry-After": "5"} if said else {}
    return Response(
        msgspec.json.encode(Ready(not said, said)),
        status_code=503 if said else 200,
        headers=head | {"Cache-Control": "no-store"},
        media_type="application/json",
    )


def _database(site: Site) -> None:
    with site.database.transaction(site.desk.tenant) as conn:
        conn.execute("SELECT 1")


def _members(site: Site) -> None:
    site.desk.members.by_id(site.desk.tenant)
