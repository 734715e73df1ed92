"""What the doctor sees of codes: what the log operator has yet to hear, and what we have."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from renkei import identity, kit
from renkei.app.membership.expiry import Verdict
from renkei.app.operations.checks import Check
from renkei.app.settings import Settings

LATE = timedelta(minutes=5)
"""How long a death may wait for the log operator before it is a trouble."""


def code_checks(conn: kit.Connection, settings: Settings, *, at: datetime) -> Iterator[Check]:
    """Look at the outbox of a registrar, and at when a node last followed its codes."""
    if settings.role == "registrar":
        waiting = identity.closings_waiting(conn, settings.tenant)
        if waiting.since is None:
            yield Check("closings-told", "good")
            return
        facts: dict[str, object] = {"count": waiting.count, "since": _shown(waiting.since)}
        verdict: Verdict = "bad" if at - waiting.since > LATE else "warning"
        yield Check("closings-wait", verdict, facts)
    if settings.role == "node":
        last = identity.followed_up(conn, settings.tenant)
        if last is not None and at - last < 2 * settings.follow_every:
            yield Check("codes-followed", "good", {"last": _shown(last)})
        elif last is not None or identity.are_codes_kept(conn, settings.tenant):
            yield Check("codes-unfollowed", "warning", {"last": _shown(last) if last else "–"})


def _shown(at: datetime) -> str:
    return f"{kit.in_japan(at):%Y-%m-%d %H:%M}"
