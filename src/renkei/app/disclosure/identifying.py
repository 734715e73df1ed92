"""The door for 本人確認: is somebody who they say, by what our town holds; no value is told.

    POST /own/{unit}/{service}/identify   {"value": "個人番号", "name": …, "birth_date", "sex", …}
    POST /own/{unit}/{service}/challenge  {}: what a card is to sign
    POST /own/{unit}/{service}/prove      {"value": "個人番号", "challenge", "certificates": [], …}

A check is a view by the law: the procedure must be allowed to see the number, the four basic items
and the building. A card is verified only where the node is a recognised verifier (署名検証者).
"""

from urllib.parse import quote

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.routing import Route

from renkei import exchange, identity, law, store
from renkei.app.disclosure.cards import Challenges, Recognised, prove
from renkei.app.disclosure.opened import KeptFrom, Opened
from renkei.app.disclosure.viewing import ViewingDoor
from renkei.app.disclosure.views import ByNumber, Challenge, Identified, Identify, Prove, parse
from renkei.app.hub import json_answer
from renkei.app.operations.oversight import unit_of
from renkei.app.site import Site, now
from renkei.exchange import Answer


class IdentifyingDoor:
    """The routes of one site, beside those for views."""

    def __init__(self, site: Site, viewing: ViewingDoor) -> None:
        """Take the site, and the door that recognises units and asks the law."""
        self._site = site
        self._viewing = viewing
        self._seal = site.keys.node().seal
        self._recognised = Recognised(site.settings.verifier)
        self._challenges = Challenges(site.settings.tenant, self._seal, now)

    def routes(self) -> list[Route]:
        """Return the routes."""
        doors = {"identify": self._identify, "challenge": self._challenge, "prove": self._prove}
        return [
            Route(f"/own/{{unit}}/{{service}}/{name}", self._viewing.door(one), methods=["POST"])
            for name, one in doors.items()
        ]

    async def _identify(
        self, request: Request, body: bytes, envelope: exchange.Envelope, detail: str
    ) -> Answer:
        asked = parse(body, Identify)
        opened = self._viewing.open(request, asked, envelope, detail, "identify")
        return await run_in_threadpool(self._check, opened, asked, asked.claim())

    async def _challenge(
        self, _: Request, __: bytes, envelope: exchange.Envelope, ___: str
    ) -> Answer:
        """Give what a card is to sign, where somebody here may verify it."""
        by = self._recognised.name
        drawn, until = self._challenges.new(unit_of(envelope.client))
        body = msgspec.json.encode(Challenge(drawn, until))
        return json_answer(200, body, ("pf-verifier", quote(by)))

    async def _prove(
        self, request: Request, body: bytes, envelope: exchange.Envelope, detail: str
    ) -> Answer:
        asked = parse(body, Prove)
        verifier = await run_in_threadpool(self._recognised.verifier)
        number = self._challenges.opened(asked.challenge, unit_of(envelope.client))
        opened = self._viewing.open(request, asked, envelope, detail, "prove")
        signer = await run_in_threadpool(prove, verifier, asked, at=opened.occasion.at)
        once = (envelope.client, f"challenge-{number}")
        return await run_in_threadpool(self._check, opened, asked, signer, once)

    def _check(
        self,
        opened: Opened,
        asked: ByNumber,
        said: store.Claim | identity.Proven | identity.Unproven,
        once: tuple[exchange.Client, str] | None = None,
    ) -> Answer:
        """Say whether somebody is who they say; a number that only fits is nobody's."""
        match opened.decision:
            case law.Refusal() | KeptFrom() as no:
                return self._viewing.refuse(opened, no, asked)
            case law.Permit() as permit:
                pass
        tenant, occasion = self._site.desk.tenant, opened.occasion
        viewing = opened.viewing(tenant, permit)
        about = (occasion.request, permit.provision, permit.table)
        with self._site.database.transaction(tenant) as conn:
            if once is not None:
                exchange.first_use(conn, tenant, *once, at=occasion.at)
            match said:
                case identity.Unproven() as why:
                    store.enter_unproven(conn, viewing, why, occasion=occasion, seal=self._seal)
                    return _checked(about, "unproven", reason=why)
                case identity.Proven():
                    claim = store.Claim(said.name, said.birth_date, said.sex, said.address)
                case store.Claim() as claim:
                    pass
            found = store.identify(
                conn, viewing, asked.value, claim, occasion=occasion, seal=self._seal
            )
        return _checked(about, found.check, found.differs)


def _checked(
    about: tuple[str, str, str], outcome: str, differs: tuple[str, ...] = (), reason: str = ""
) -> Answer:
    """Return how a check ended, as the unit reads it."""
    inquiry, provision, table = about
    said = Identified(inquiry, outcome, provision, table, differs, reason)
    return json_answer(200, msgspec.json.encode(said), ("pf-outcome", outcome))
