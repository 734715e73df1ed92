"""Who looked at a person's data at another house: asked by our portal, over the exchange.

It is an inquiry like any other, by the person's linkage code and never by a number, entered here,
at the log operator and there; the bundle that comes back is verified before anything is told of it.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from renkei import audit, exchange, federation, kit, law
from renkei.app.disclosure.usage import Span, UsagePeriod, Usages
from renkei.app.hub import json_answer
from renkei.app.site import Site, now
from renkei.app.units.questions import Questions
from renkei.app.units.rest_answers import RestAnswers
from renkei.exchange import Answer


@dataclass(frozen=True, slots=True)
class UsageElsewhere:
    """The way from the portals of one site to other houses."""

    site: Site
    questions: Questions
    answers: RestAnswers
    channel: federation.Channel

    async def ask(
        self,
        envelope: exchange.Envelope,
        call: exchange.ServiceCall,
        number: str,
        person: str,
        span: Span | None,
        accept: str,
        more: exchange.Fields,
    ) -> Answer:
        """Return a page of the looks at a person there; without a span, the bundle as it came."""
        asked = replace(envelope, subject=person, procedure=law.OWN_ACCESS, relation="applicant")
        fact = await self.questions.follow(asked, call, number, is_own_access=True)
        match fact:
            case federation.OwnAccess():
                body = fact.bundle
                if span is not None:
                    desk = self.site.desk
                    found = Usages.of(fact.entries, desk.members, desk.releases.own, span)
                    body = msgspec.json.encode(found)
                return json_answer(200, body, *more)
            case _:
                return self.answers.told(fact, accept, more)

    async def look(self, holder: str) -> None:
        """See that a house answers, or raise why not."""
        await self._told(holder, federation.STATE)

    async def period(self, holder: str) -> UsagePeriod:
        """Return from when on a house has entries."""
        body = await self._told(holder, federation.USAGE_PERIOD)
        return UsagePeriod(federation.parse_period(kit.tenant(holder), body).since)

    async def _told(self, holder: str, path: str) -> bytes:
        peer = kit.tenant(self.site.desk.members.by_id(holder).id)
        fields = (("pf-mode", self.site.desk.mode),)
        reply = await self.channel.call(peer, "GET", path, b"", fields, at=now())
        return federation.body_of(peer, reply)


def usage_period(site: Site, caller: federation.Caller, at: datetime) -> Answer:
    """Tell the portal of another house from when on there are entries here; nobody else."""
    site.desk.expect(caller.member, kind="organisation")
    if not caller.member.portals:
        raise federation.CallerNotEntitled(caller=caller.member.id)
    with site.database.transaction(site.desk.tenant) as conn:
        since = audit.first_at(conn, site.desk.tenant) or at
    return json_answer(200, msgspec.json.encode(federation.Period(since)))
