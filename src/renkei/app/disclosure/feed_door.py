"""The feed's doors: a unit pulls what changed over HTTP, an operator reads it as a command.

Keys only: who reads is told of which records something became, and asks for the values where they
are needed. Each reading leaves its entries.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from datetime import date, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from renkei import audit, exchange, identity, kit, law, standard, store
from renkei.app.disclosure.permission import Leaving, Office, everyone_in, leaving, withheld_persons
from renkei.app.errors import ParameterMalformed
from renkei.app.openapi.operation import (
    Content,
    DescribedRoute,
    Named,
    Operation,
    Parameter,
    Reply,
    shared_header,
)
from renkei.app.openapi.terms import DRAINING, TELLING, UNIT, UNIT_ERRORS
from renkei.app.operations.oversight import check_unit, client_field, error_response, unit_of
from renkei.app.site import Site, now
from renkei.app.units.oauth_plan import CHANGES

LIMIT, MOST = 1000, 5000
LINES = "application/x-ndjson"
SEALED_FOR = "store_event"


class Line(msgspec.Struct, frozen=True):
    """One event as it is read: what became of which record, by which load."""

    position: int
    entity: str
    became: store.Became
    key: dict[str, str]
    on: date
    known_at: datetime

    @classmethod
    def of(cls, entity: standard.Entity, event: store.Event) -> "Line":
        """Name the parts of the key."""
        key = dict(zip(entity.key, event.key, strict=True))
        return cls(event.position, event.entity, event.became, key, event.on, event.known_at)


class LastLine(msgspec.Struct, frozen=True):
    """Where to go on reading, and whether more is there already."""

    next: str
    more: bool


OPERATION = Operation(
    "GET",
    "/changes",
    "変更のあった記録のキー",
    "The keys of what changed, as far as the unit may read something of it today.",
    (
        Reply(
            200,
            "一行に一つの変更。最後の行は続きの位置",
            Content(Named("Changes", {"type": "string"}), LINES),
        ),
        DRAINING,
    ),
    TELLING,
    (*UNIT_ERRORS, ParameterMalformed),
    (UNIT,),
    (
        shared_header("X-Road-Client"),
        Parameter("since", "query", "どこから。前の回答の next", {"type": "string"}, False),
        Parameter(
            "limit", "query", "件数", {"type": "integer", "minimum": 1, "maximum": MOST}, False
        ),
    ),
)


def feed_routes(site: Site) -> list[DescribedRoute]:
    """Return `GET /changes?since=POSITION&limit=N` for the own units."""
    office = Office.of(site.settings, site.desk)

    def changes(request: Request) -> Response:
        try:
            unit = _unit(site, request)
            asked = request.query_params
            if not asked.keys() <= {"since", "limit"}:
                raise ParameterMalformed(name="?", wanted="since, limit")
            since = _position(office, unit, asked.get("since", "0"))
            limit = _limit(asked.get("limit", str(LIMIT)))
            with site.database.transaction(office.tenant) as conn:
                lines, after, more = tell(conn, office, unit, since, limit, at=now())
            last = LastLine(_token(office, unit, after), more)
            return Response(msgspec.json.Encoder().encode_lines([*lines, last]), media_type=LINES)
        except kit.NodeError as error:
            return error_response(error)

    return [OPERATION.route(changes)]


def tell(
    conn: kit.Connection,
    office: Office,
    unit: str,
    since: store.Position,
    limit: int,
    *,
    at: datetime,
) -> tuple[list[Line], store.Position, bool]:
    """Return the next events of records a unit may read, where it stands then, whether more is.

    The law of today is asked for each interface; what it permits nothing of is passed over.
    """
    on = kit.day_of(at)
    permits = permitted(office, unit, on)
    if not permits:
        return [], since, False
    page = store.changes_since(
        conn,
        office.tenant,
        since,
        limit=limit,
        entities=permits,
        standard=office.catalogue,
    )
    request = office.new_id()
    lines: list[Line] = []
    for name in dict.fromkeys(event.entity for event in page.events):
        entity = office.catalogue.entity(name)
        events = [event for event in page.events if event.entity == name]
        found = leaving(conn, office, entity, events, entity.key, on=on)
        _enter(conn, office, permits[name], entity, found, request=request, at=at)
        lines += [Line.of(entity, one.event) for one in found.records]
    lines.sort(key=lambda line: line.position)
    return lines, page.after, len(page.events) >= limit


def permitted(office: Office, unit: str, on: date) -> dict[str, law.Permit]:
    """Return the entities a unit may read something of today, each with a permit to do so."""
    found: dict[str, law.Permit] = {}
    for interface in office.catalogue.interfaces:
        procedure = office.procedure(unit, interface)
        if interface.entity in found or not procedure:
            continue
        request = office.request(unit, interface, procedure, interface.items)
        match office.decide(request, on):
            case law.Permit() as permit:
                found[interface.entity] = permit
            case law.Refusal():
                pass
    return found


def _enter(
    conn: kit.Connection,
    office: Office,
    permit: law.Permit,
    entity: standard.Entity,
    found: Leaving,
    *,
    request: str,
    at: datetime,
) -> None:
    """Enter that the unit was told of changes to these persons' records, keys only."""
    store.disclose(
        conn,
        permit,
        everyone_in(entity, entity.key, found.records),
        tenant=office.tenant,
        records=len(found.records),
        occasion=store.Occasion(
            request=request,
            at=at,
            mode=office.mode,
            details={"as": "changes", "entity": entity.name},
        ),
        seal=office.seal,
    )


def operator_lines(
    conn: kit.Connection, office: Office, since: store.Position, limit: int, *, at: datetime
) -> tuple[list[Line], store.Position]:
    """Return the next events of all records for an operator, and where reading goes on.

    Who is withheld is not listed, as in every list. The reading is entered.
    """
    on = kit.day_of(at)
    page = store.changes_since(conn, office.tenant, since, limit=limit, standard=office.catalogue)
    entities = {entity.name: entity for entity in office.catalogue.entities}
    named = [_subject(entities[event.entity], event) for event in page.events]
    out = withheld_persons(conn, office, {one for one in named if one}, on=on)
    lines = [
        Line.of(entities[event.entity], event)
        for event, person in zip(page.events, named, strict=True)
        if person not in out
    ]
    if page.events:
        audit.append(conn, office.tenant, _operator_entry(office, since, page.after, lines, at))
    return lines, page.after


def _subject(entity: standard.Entity, event: store.Event) -> str:
    """Return the person of an event; the subject is part of the key."""
    return event.key[entity.key.index(entity.subject)] if entity.subject in entity.key else ""


def _operator_entry(
    office: Office,
    since: store.Position,
    after: store.Position,
    lines: Iterable[Line],
    at: datetime,
) -> audit.Entry:
    return audit.Entry(
        kind=audit.Kind.VIEW,
        request=office.new_id(),
        at=at,
        asker=office.tenant,
        holder=office.tenant,
        procedure="",
        outcome="answered",
        mode=office.mode,
        details={
            "as": "feed",
            "since": f"{since.load}.{since.seen}",
            "until": f"{after.load}.{after.seen}",
            "records": str(sum(1 for _ in lines)),
        },
    )


def _unit(site: Site, request: Request) -> str:
    """Return the unit that asks, once it has shown its token."""
    named = exchange.client(client_field(request.headers.get("x-road-client")))
    check_unit(site, named, request.headers.get("authorization"), CHANGES)
    return unit_of(named)


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= MOST):
        raise ParameterMalformed(name="limit", wanted=f"1 … {MOST}")
    return int(text)


def _token(office: Office, unit: str, position: store.Position) -> str:
    """Return a position as the unit carries it: a key in it is for nobody's log."""
    if not position.mark:
        return str(position.load)
    plain = msgspec.json.encode((position.load, position.mark, position.seen))
    sealed = office.seal.close(plain, SEALED_FOR, office.tenant.encode(), unit.encode())
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def _position(office: Office, unit: str, text: str) -> store.Position:
    """Read a position: the number of a load, or what the last line of an answer said."""
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return store.Position(int(text))
    try:
        sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        plain = office.seal.open(sealed, SEALED_FOR, office.tenant.encode(), unit.encode())
    except (ValueError, identity.SealBroken) as error:
        wanted = "a load's number, or `next` of the last answer"
        raise ParameterMalformed(name="since", wanted=wanted) from error
    return store.Position(*kit.read_json(plain, tuple[int, tuple[str, ...], int]))
