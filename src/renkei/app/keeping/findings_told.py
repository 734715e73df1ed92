"""What a comparison of logs found is told to the one it names: signed, kept and shown there.

`POST /exchanges/findings` on the line between members. It is kept with the day's own comparison, as
the word of who told it: nothing of what we find ourselves rests on it.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Annotated

import msgspec

from renkei import audit, exchange, federation, kit
from renkei.app.errors import FindingsWrong
from renkei.app.proofs.exchange_lists import Part
from renkei.app.proofs.three_ways import Fault, Lack
from renkei.app.site import Site

log = logging.getLogger("renkei.app")

FINDINGS = "/exchanges/findings"
MOST = 400
LONGEST_AGO = timedelta(days=31)


class Found(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of them: of which exchange, which part, and what is wrong with it."""

    request: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    part: Part
    fault: Fault


class Findings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was found of a day against the one that is told, in place of what it was told before."""

    day: date
    findings: Annotated[tuple[Found, ...], msgspec.Meta(max_length=MOST)]


class FindingsKept(msgspec.Struct, frozen=True):
    """How many are kept now of that day and that teller."""

    kept: int


def hear(site: Site, caller: federation.Caller, at: datetime) -> exchange.Answer:
    """Keep what a member found against us; a later notice of that day takes its place."""
    tenant, said = site.desk.tenant, _parse(caller.question.body, at)
    lacks = [
        Lack(one.request, tenant, one.part, one.fault, caller.member.id) for one in said.findings
    ]
    with site.database.transaction(tenant) as conn:
        request_id = caller.envelope.id
        exchange.first_time(conn, tenant, caller.signature, request_id=request_id, at=at)
        before = of_day(conn, tenant, said.day)
        kept = [one for one in lacks_of(before) if one.by != caller.member.id] if before else []
        # Until we compared the day ourselves we are the one that was not asked about it.
        fresh = before or audit.Reconciliation(said.day, at, 0, (tenant,), "[]")
        audit.keep_reconciliation(conn, tenant, replace(fresh, lacks=render([*kept, *lacks])))
    for one in lacks:
        log.error("of the exchanges of %s we are told: %s", said.day, one.text("en"))
    body = msgspec.json.encode(FindingsKept(len(lacks)))
    return exchange.Answer(200, (("content-type", "application/json"),), body)


async def tell(
    channel: federation.Channel, who: str, day: date, lacks: Sequence[Lack], *, at: datetime
) -> None:
    """Tell a member what was found against it, as much as one notice holds."""
    found = tuple(Found(one.request, one.part, one.fault) for one in lacks[:MOST])
    body = msgspec.json.encode(Findings(day, found))
    reply = await channel.call(kit.tenant(who), "POST", FINDINGS, body, at=at)
    federation.body_of(kit.tenant(who), reply)


def of_day(conn: kit.Connection, tenant: kit.Tenant, day: date) -> audit.Reconciliation | None:
    """Return what is kept of a day, which nobody else changes until the transaction ends."""
    audit.alone(conn, tenant)
    found = [one for one in audit.reconciliations(conn, tenant, day) if one.day == day]
    return found[0] if found else None


def lacks_of(found: audit.Reconciliation) -> list[Lack]:
    """Return who lacks what, as it was kept: what we found, and what others told us."""
    return kit.read_json(found.lacks.encode(), list[Lack])


def render(lacks: Iterable[Lack]) -> str:
    """Return it as it is kept."""
    return msgspec.json.encode([asdict(one) for one in sorted(lacks)]).decode()


def _parse(body: bytes, at: datetime) -> Findings:
    try:
        said = kit.read_json(body, Findings)
    except msgspec.DecodeError as error:
        raise FindingsWrong(part="form") from error
    today = kit.day_of(at)
    if not today - LONGEST_AGO <= said.day <= today:
        raise FindingsWrong(part="day")
    return said
