"""The doctor: what is wrong with a site, or between it and another one, in words.

Each check looks at one thing and says what it found: good, a warning, or bad with what to do. A
check that cannot be made says why, in the words of the error. Nothing is changed.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar

import aiohttp

from renkei import audit, exchange, federation, kit
from renkei.app.errors import MembersMissing, WitnessSawFork, WitnessSawMore, WitnessWentBack
from renkei.app.keeping import witness_line
from renkei.app.keeping.findings_told import lacks_of
from renkei.app.keeping.own_logs import OwnLog, own_logs
from renkei.app.keeping.time_stamps import newest_day
from renkei.app.membership import foreign_lists
from renkei.app.membership.expiry import Verdict, expiries
from renkei.app.membership.keys import Keys
from renkei.app.membership.list_in_force import judge, read_kept
from renkei.app.membership.members_source import fetch
from renkei.app.operations.checks import Check
from renkei.app.operations.code_checks import code_checks
from renkei.app.operations.sign_in_checks import sign_in_checks
from renkei.app.proofs.three_ways import Fault
from renkei.app.settings import Settings
from renkei.app.site import ROOMS, now, read_desk, running_database, site_credentials
from renkei.federation import Channel, Desk, Member

_T = TypeVar("_T")

SKEW_WARNS = timedelta(seconds=10)
FREE_SHARE = 0.1
PEER_SECONDS = 8.0
WITNESS_LATE = timedelta(days=1)


def examine(settings: Settings) -> list[Check]:
    """Look at everything; what hangs on a part that is not there is left out."""
    checks: list[Check] = []
    keys = Keys(settings.keys, settings.tenant)
    credentials = _tried(checks, "keys", keys.credentials)
    if settings.mode == "production" and not keys.is_locked:
        checks.append(Check("keys-plain", "warning"))
    desk = _tried(checks, "members", lambda: read_desk(settings))
    checks.append(_directory(settings))
    if desk is not None and credentials is not None:
        credentials = site_credentials(settings, desk)
        found = expiries(desk.members, credentials, at=now())
        checks += [Check(one.code, one.verdict, one.facts) for one in found]
        checks += _own_row(desk, credentials)
        checks += _anchors(settings, desk)
        checks += asyncio.run(sign_in_checks(settings, desk))
    checks += _disk(settings)
    checks += asyncio.run(_node(settings))
    if settings.nats is not None:
        checks.append(asyncio.run(_stream(settings.nats)))
    if settings.time_stamp is not None:
        checks.append(_time_stamp(settings, settings.time_stamp.url))
    signer = _tried([], "keys", keys.signer) if settings.quorum.is_set else None
    if signer is not None:
        _tried(checks, "witnesses", lambda: checks.extend(_witnesses(settings, signer)))
    _tried(checks, "database", lambda: checks.extend(_database(settings)))
    if desk is not None and credentials is not None and now() < desk.members.valid_until:
        checks += asyncio.run(_peers(desk, credentials))
    return checks


def _tried(checks: list[Check], code: str, look: Callable[[], _T]) -> _T | None:
    try:
        found = look()
    except kit.NodeError as error:
        checks.append(Check(f"{code}-bad", "bad", error=error))
        return None
    checks.append(Check(f"{code}-good", "good"))
    return found


def _directory(settings: Settings) -> Check:
    """Fetch the list as the node's keeper does: may it follow the one in force?"""
    facts: dict[str, object] = {"source": str(settings.list_source)}
    try:
        fetched = fetch(settings.list_source, seconds=PEER_SECONDS)
        text = b"" if fetched is None else fetched.text
        found = judge(settings, text, read_kept(settings), at=now())
    except MembersMissing as error:  # no trouble while the list in force holds
        return Check("directory-silent", "warning", facts, error)
    except kit.NodeError as error:
        return Check("directory-bad", "bad", facts, error)
    return Check("directory-good", "good", facts | {"version": found.members.version})


def _anchors(settings: Settings, desk: Desk) -> Iterator[Check]:
    """Fetch the lists of the directories our own names, as the node's keeper does."""
    own = desk.members
    for anchor in own.anchors if settings.role == "node" else ():
        facts: dict[str, object] = {"directory": anchor.title, "source": anchor.source}
        try:
            foreign_lists.look(settings, own, anchor, at=now())
        except kit.NodeError as error:
            verdict: Verdict = "warning" if isinstance(error, MembersMissing) else "bad"
            yield Check("anchor-bad", verdict, facts, error)
            continue
        theirs = foreign_lists.read_kept(settings, anchor)
        version = "-" if theirs is None else theirs.version
        there = [one for one in own.everyone if own.directory_of(one.id) == anchor]
        yield Check("anchor-good", "good", facts | {"version": version, "count": len(there)})


def _own_row(desk: Desk, credentials: federation.Credentials) -> Iterator[Check]:
    """Compare what the list says of us with what we hold: others believe the list."""
    row = desk.members.by_id(desk.tenant)
    parts = {
        "certificates": federation.fingerprint(credentials.certificate)
        in map(federation.fingerprint, row.all_certificates),
        "signing_keys": exchange.public_text(credentials.signing.public) in row.signing_keys,
    }
    wrong = ", ".join(name for name, agrees in parts.items() if not agrees)
    if without := [one for one in row.releases if one not in _spoken(desk)]:
        yield Check("own-releases-lack", "warning", {"releases": " ".join(without)})
    if wrong:
        yield Check("own-row-differs", "bad", {"parts": wrong})
    else:
        yield Check("own-row-agrees", "good", {"version": desk.members.version})


def _spoken(desk: Desk) -> tuple[str, ...]:
    """Return the editions of the standard we can ask and answer in today."""
    return tuple(one.edition.edition for one in desk.releases.on(kit.day_of(now())))


def _disk(settings: Settings) -> Iterator[Check]:
    place = settings.state if settings.state.exists() else settings.state.parent
    usage = shutil.disk_usage(place)
    share = usage.free / usage.total
    verdict: Verdict = "good" if share > FREE_SHARE else "warning"
    yield Check("disk", verdict, {"free": f"{usage.free / 2**30:.1f}", "percent": f"{share:.0%}"})


async def _node(settings: Settings) -> list[Check]:
    """Ask the staff door whether the node runs."""
    door = settings.staff_door
    url = f"http://{door.host}:{door.port}/health"
    facts: dict[str, object] = {"address": f"{door.host}:{door.port}"}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PEER_SECONDS)) as session,
            session.get(url) as answer,
        ):
            verdict: Verdict = "good" if answer.status == 200 else "bad"
            code = "node-answers" if verdict == "good" else "node-unwell"
            return [Check(code, verdict, facts | {"status": answer.status})]
    except (aiohttp.ClientError, TimeoutError, OSError):
        return [Check("node-silent", "warning", facts)]


async def _stream(plan: exchange.StreamPlan) -> Check:
    """Look at the line to the NATS server and at the town's stream there."""
    facts: dict[str, object] = {"servers": plan.shown, "stream": plan.stream}
    try:
        state = await exchange.look_at_stream(plan, seconds=PEER_SECONDS)
    except exchange.NatsStreamMissing as error:  # the first letter makes it
        return Check("nats-bad", "warning", facts, error)
    except kit.NodeError as error:
        return Check("nats-bad", "bad", facts, error)
    held = {"server": state.server, "messages": state.messages, "size": f"{state.bytes:,}"}
    return Check("nats-good", "good", facts | held)


def _database(settings: Settings) -> Iterator[Check]:
    with running_database(settings) as dsn:
        done, waiting = kit.applied(dsn, ROOMS[settings.role])
        if waiting:
            yield Check("schema-older", "warning", {"count": len(waiting)})
            return
        yield Check("schema-good", "good", {"count": len(done)})
        with kit.Database(dsn, size=1) as database, database.transaction(settings.tenant) as conn:
            pending = audit.pending(conn, settings.tenant)
            size = audit.signed_size(conn, settings.tenant)
            since = kit.day_of(now()) - timedelta(days=7)
            compared = audit.reconciliations(conn, settings.tenant, since)
            yield from code_checks(conn, settings, at=now())
        if settings.role == "node" and size:
            yield from _reconciled(compared)
        yield from _told_of(compared)
        verdict: Verdict = "good" if not pending else "warning"
        code = "log-level" if not pending else "log-waits"
        yield Check(code, verdict, {"size": size, "pending": pending})


FAULTS: dict[str, frozenset[Fault]] = {
    "receipt-broken": frozenset({"receipt-broken"}),
    "receipt-late": frozenset({"receipt-late"}),
    "reconciled-lacks": frozenset({"lacks", "unproven", "unreceived"}),
}
"""What is said of each fault that a comparison finds."""


def _reconciled(found: list[audit.Reconciliation]) -> Iterator[Check]:
    """Say what the daily comparisons of the last week found."""
    if not found:
        yield Check("reconciled-late", "warning")
    for day in found:
        facts: dict[str, object] = {"day": day.day, "count": day.compared}
        if lacks := [one for one in lacks_of(day) if not one.by]:
            for code, faults in FAULTS.items():
                if here := [one for one in lacks if one.fault in faults]:
                    said = ", ".join(
                        f"{one.request} ({one.tenant}: {one.part})" for one in here[:10]
                    )
                    yield Check(code, "bad", facts | {"lacks": said})
        elif day.unreached:
            names = {"unreached": ", ".join(day.unreached)}
            yield Check("reconciled-partly", "warning", facts | names)
        else:
            yield Check("reconciled", "good", facts)


def _told_of(found: list[audit.Reconciliation]) -> Iterator[Check]:
    """Say what others found against us."""
    for day in found:
        if told := [one for one in lacks_of(day) if one.by]:
            said = ", ".join(
                f"{one.request} ({one.by}: {one.part}, {one.fault})" for one in told[:10]
            )
            yield Check("told-of-lacks", "bad", {"day": day.day, "lacks": said})


def _time_stamp(settings: Settings, url: str) -> Check:
    """Tell whether the newest time stamp is of today or yesterday."""
    day = newest_day(settings.state / "log")
    facts: dict[str, object] = {"day": day or "–", "url": url}
    is_late = day is None or day < kit.day_of(now() - timedelta(days=1))
    return Check(
        "time-stamp-late" if is_late else "time-stamp-good", "warning" if is_late else "good", facts
    )


def _witnesses(settings: Settings, signer: audit.Signer) -> Iterator[Check]:
    """Compare what each witness shows of our logs with those that stand here."""
    years = audit.published_years(settings.state / "log")
    logs = [one for year in years for one in own_logs(settings, signer.verifier, year)]
    with running_database(settings) as dsn, kit.Database(dsn, size=1) as database:
        if kit.applied(dsn, ROOMS[settings.role])[1]:
            return  # said by the check of the database
        with database.transaction(settings.tenant) as conn:
            for log in logs:
                known = audit.last_cosigned(conn, settings.tenant, log.policy, log.key.name)
                for one in log.policy.witnesses:
                    last = known.get(one.name, audit.NEVER_COSIGNED)
                    yield _witness(conn, settings.tenant, log, one, last)


def _witness(
    conn: kit.Connection,
    tenant: kit.Tenant,
    log: OwnLog,
    one: audit.PolicyWitness,
    last: audit.LastCosigned,
) -> Check:
    of = {"witness": one.name, "log": log.key.name}
    facts: dict[str, object] = of | {"size": last.size, "url": one.url or "-"}
    newest = log.tree.newest(conn, tenant)
    ours = 0 if newest is None else newest.size
    try:
        if one.url:
            shown = asyncio.run(_shown(one, log.key.name))
            theirs = audit.Checkpoint.open(shown, [log.key]) if shown else None
            size = 0 if theirs is None else theirs.size
            if size > ours:
                raise WitnessSawMore(**of, size=size, ours=ours)
            if size < last.size:
                raise WitnessWentBack(**of, size=size, before=last.size)
            if theirs is not None and log.tree.tree(conn, tenant, size).root() != theirs.root:
                raise WitnessSawFork(**of, size=size)
    except kit.NodeError as error:
        is_bad = isinstance(error, WitnessSawMore | WitnessSawFork | WitnessWentBack)
        return Check("witness-bad", "bad" if is_bad else "warning", facts, error)
    if ours and (last.at is None or now() - last.at > WITNESS_LATE):
        return Check("witness-late", "warning", facts)
    return Check("witness-good", "good", facts)


async def _shown(one: audit.PolicyWitness, origin: str) -> str:
    async with witness_line.session() as session:
        return await witness_line.shown(
            session, one.url, sha256(origin.encode()).hexdigest(), one.name
        )


async def _peers(desk: Desk, credentials: federation.Credentials) -> list[Check]:
    """Ask every node of every other member what it goes by, and ours where we have several."""
    asked = [one for one in desk.members.everyone if one.id != desk.tenant or one.nodes]
    membership = federation.Membership(desk, credentials)
    async with Channel(membership, seconds=PEER_SECONDS) as channel:
        found = await asyncio.gather(*(_peer(desk, channel, member) for member in asked))
    return [check for checks in found for check in checks]


async def _peer(desk: Desk, channel: Channel, member: Member) -> list[Check]:
    """Ask every node of a member; one that is away is no trouble while another one answers."""
    nodes = member.all_nodes
    if channel.relay_of(member):
        nodes = nodes[:1]  # which one is asked is the relay's choice
    found = await asyncio.gather(*(_node_of(desk, channel, member, node.url) for node in nodes))
    checks = [check for each in found for check in each]
    if any(check.error is None for check in checks):
        return [_lesser(check) for check in checks]
    return checks


def _lesser(check: Check) -> Check:
    if isinstance(check.error, federation.PeerUnreachable):
        return Check("peer-node-away", "warning", check.facts, check.error)
    return check


async def _node_of(desk: Desk, channel: Channel, member: Member, url: str) -> list[Check]:
    facts: dict[str, object] = {"peer": member.id, "name": member.ja, "url": url}
    sent = now()
    try:
        peer = kit.tenant(member.id)
        node = "" if channel.relay_of(member) else url
        reply = await channel.call(peer, "GET", federation.STATE, at=sent, node=node)
        said = federation.parse_state(peer, federation.body_of(peer, reply))
    except kit.NodeError as error:
        return [Check("peer-bad", "bad", facts, error)]
    took = now() - sent
    wrong = list(_disagreements(desk, said, facts, sent + took / 2))
    ours, theirs = _spoken(desk), member.releases
    if desk.me.kind == "organisation" and theirs and not set(ours) & set(theirs):
        releases: dict[str, object] = {"theirs": " ".join(theirs), "ours": " ".join(ours)}
        wrong.append(Check("peer-release", "warning", facts | releases))
    if not wrong:
        ms = round(took / timedelta(milliseconds=1))
        code = "peer-node-good" if member.nodes else "peer-good"
        return [Check(code, "good", facts | {"ms": ms})]
    return wrong


def _disagreements(
    desk: Desk, said: federation.State, facts: dict[str, object], at: datetime
) -> Iterator[Check]:
    """Yield on what two nodes disagree, and what follows."""
    if said.mode != desk.mode:
        yield Check("peer-mode", "bad", facts | {"theirs": said.mode, "ours": desk.mode})
    ours = desk.members.list_of(said.tenant)
    if said.members_digest != ours.digest.hex():
        verdict: Verdict = "bad" if said.members == ours.version else "warning"
        code = "peer-list-forked" if verdict == "bad" else "peer-list"
        yield Check(code, verdict, facts | {"theirs": said.members, "ours": ours.version})
    if desk.table(said.table, kit.day_of(at)) is None:
        versions = {"theirs": said.table[:12], "ours": desk.provisions.version[:12]}
        yield Check("peer-table", "bad", facts | versions)
    skew = abs(said.at - at)
    if skew > SKEW_WARNS:
        limit = timedelta(seconds=exchange.WINDOW_SECONDS)
        bad: Verdict = "bad" if skew > limit else "warning"
        yield Check("peer-clock", bad, facts | {"seconds": round(skew.total_seconds())})
