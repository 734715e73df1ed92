"""Where a portal of the own house asks who looked at a person's data, here or at another house.

    GET /r1/JP/MUN/131016/usage/findUsage/v2/findUsage?userCode=…
    GET /r1/JP/MUN/131016/usage/findUsage/v2/usagePeriod | heartbeat
    GET /r1/JP/MUN/131016/usage/findUsage/v2/bundle | evidence?userCode=…

The settings name which units are portals: they answer for having proven who asks. Each showing is
entered in the person's own chain; whom it is shown to is not. Another house is asked over the
exchange, where the portal is one by the members list too.
"""

import asyncio
from contextlib import suppress
from datetime import datetime
from urllib.parse import parse_qsl

import msgspec

from renkei import exchange, federation
from renkei.app.disclosure.permission import Office
from renkei.app.disclosure.usage import Span, UsageRecord
from renkei.app.disclosure.usage_elsewhere import UsageElsewhere
from renkei.app.errors import (
    ParameterMalformed,
    PathUnknown,
    RepresentationElsewhere,
    UnitNoPortal,
)
from renkei.app.hub import json_answer
from renkei.app.keeping.own_logs import witnessed
from renkei.app.operations.oversight import unit_of
from renkei.app.proofs.exchange_evidence import Exporter
from renkei.app.site import Site, now
from renkei.exchange import Answer

MOST = 1000
PARAMETERS = ("userCode", "periodStart", "periodEnd", "offset", "limit")
USER = "x-road-userid"
EVIDENCE = "/v2/evidence"


class UsageDoor:
    """The answers of one site."""

    def __init__(self, site: Site, elsewhere: UsageElsewhere) -> None:
        """Take the site, and the way to other houses."""
        self._site, self._elsewhere = site, elsewhere
        self._office = Office.of(site.settings, site.desk)

    def is_meant(self, service: exchange.Service) -> bool:
        """Tell whether a service is this one, of whichever house."""
        return (service.provider.code, service.code) == federation.USAGE

    async def answer(
        self,
        question: exchange.Question,
        envelope: exchange.Envelope,
        call: exchange.ServiceCall,
        number: str,
        more: exchange.Fields,
    ) -> Answer:
        """Answer one of the five; under our number for it, where another house is asked."""
        unit = unit_of(envelope.client)
        if unit not in self._site.settings.portals:
            raise UnitNoPortal(unit=unit)
        if question.method != "GET":
            raise exchange.MethodNotPassed(method=question.method[:20], known="GET")
        if call.service.provider.organisation != self._office.address:
            return await self._away(question, envelope, call, number, more)
        body = await asyncio.to_thread(self._told, question, envelope, call)
        if call.path == EVIDENCE:
            return Answer(200, (("content-type", "application/zip"), *more), body)
        return json_answer(200, body, *more)

    async def _away(
        self,
        question: exchange.Question,
        envelope: exchange.Envelope,
        call: exchange.ServiceCall,
        number: str,
        more: exchange.Fields,
    ) -> Answer:
        """Ask another house, which gives no evidence file; what is malformed stays here."""
        asked, holder = _parameters(call.query), call.service.provider.organisation.code
        match call.path:
            case "/v2/heartbeat":
                await self._elsewhere.look(holder)
                return json_answer(200, msgspec.json.encode({"status": "OK"}), *more)
            case "/v2/usagePeriod":
                period = await self._elsewhere.period(holder)
                return json_answer(200, msgspec.json.encode(period), *more)
            case "/v2/findUsage" | "/v2/bundle":
                person, for_another = _person(question, asked)
                span = None if call.path == "/v2/bundle" else _span(asked)
            case _:
                raise PathUnknown(path=call.path[:80])
        if for_another:
            raise RepresentationElsewhere(holder=holder)
        accept = question.field("accept") or ""
        return await self._elsewhere.ask(envelope, call, number, person, span, accept, more)

    def _told(
        self, question: exchange.Question, envelope: exchange.Envelope, call: exchange.ServiceCall
    ) -> bytes:
        site, at, asked = self._site, now(), _parameters(call.query)
        seen = witnessed(site.settings, site.signer.verifier)
        record = UsageRecord(self._office, site.desk.members, site.desk.releases.own, seen)
        with site.database.transaction(self._office.tenant) as conn:
            match call.path:
                case "/v2/heartbeat":
                    conn.execute("SELECT 1")
                    return msgspec.json.encode({"status": "OK"})
                case "/v2/usagePeriod":
                    return msgspec.json.encode(record.period(conn, at=at))
                case "/v2/findUsage":
                    person, for_another = _person(question, asked)
                    found = record.find(conn, person, _span(asked), at=at)
                    body = msgspec.json.encode(found)
                case "/v2/bundle":
                    person, for_another = _person(question, asked)
                    body = record.bundle(conn, person, site.signer.verifier, at=at)
                case "/v2/evidence":
                    person, for_another = _person(question, asked)
                    labels = record.labels(conn, person, at=at)
                    body = Exporter.of(site).pack_list(conn, labels)
                case _:
                    raise PathUnknown(path=call.path[:80])
            record.enter(conn, person, envelope, call.service, for_another=for_another, at=at)
            return body


def _parameters(query: str) -> dict[str, str]:
    """Return the parameters of a query, each at most once.

    >>> _parameters("userCode=1&limit=5")
    {'userCode': '1', 'limit': '5'}
    """
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=20):
        if name not in PARAMETERS or name in found:
            raise ParameterMalformed(name=name[:40], wanted=", ".join(PARAMETERS))
        found[name] = value
    return found


def _person(question: exchange.Question, asked: dict[str, str]) -> tuple[str, bool]:
    """Return whom it is about, and whether somebody else asks for them (代理)."""
    person, user = asked.get("userCode", ""), question.field(USER) or ""
    for name, value in (("userCode", person), ("X-Road-UserId", user)):
        if not value:
            raise ParameterMalformed(name=name, wanted="userCode=…, X-Road-UserId: …")
    return person, person != user


def _span(asked: dict[str, str]) -> Span:
    return Span(
        _time(asked, "periodStart"),
        _time(asked, "periodEnd"),
        _number(asked, "offset", 0, 10**9),
        _number(asked, "limit", MOST, MOST),
    )


def _time(asked: dict[str, str], name: str) -> datetime | None:
    """Return a time of RFC 3339, which names its zone."""
    if name not in asked:
        return None
    with suppress(ValueError):
        found = datetime.fromisoformat(asked[name])
        if found.tzinfo is not None:
            return found
    raise ParameterMalformed(name=name, wanted="2026-11-28T09:00:00+09:00")


def _number(asked: dict[str, str], name: str, default: int, most: int) -> int:
    text = asked.get(name, str(default))
    if not (text.isascii() and text.isdigit() and int(text[:12]) <= most):
        raise ParameterMalformed(name=name, wanted=f"0 … {most}")
    return int(text)
