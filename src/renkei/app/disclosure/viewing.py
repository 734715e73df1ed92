"""The door for views in the house (庁内の閲覧): a unit looks up and lists what its own town holds.

    POST /own/{unit}/{service}/look-up    {"by": "register_number", "value": "…"}
    POST /own/{unit}/{service}/list       {"by": "kana", "begins": "ヤマ", "limit": 50}
    POST /own/22/mailing/send-to          {"value": "宛名番号"}
    POST /own/22/account/pay-to           {"value": "宛名番号", "use": "1"}

The headers are those of a question to another organisation, without a subject: the values stand in
the body, where no log of a proxy keeps them. Look-ups by the key go through the `Coalescer`.
"""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from renkei import exchange, federation, kit, law, store
from renkei.app.disclosure.opened import KeptFrom, No, Opened, entered
from renkei.app.disclosure.view_operations import LISTED, LOOK, PAY, SEND
from renkei.app.disclosure.views import (
    List,
    LookUp,
    PayTo,
    Records,
    SendTo,
    Sent,
    Unlock,
    View,
    Wanted,
    interface_of,
    item_ids,
    parse,
)
from renkei.app.hub import json_answer
from renkei.app.openapi.operation import DescribedRoute
from renkei.app.operations.oversight import check_token, check_unit, unit_of
from renkei.app.site import Site, now
from renkei.app.units.rest_answers import RestAnswers
from renkei.exchange import Answer


class ViewingDoor:
    """The routes of one site, and the look-ups that wait together."""

    def __init__(self, site: Site) -> None:
        """Take the site; `running` begins."""
        self._site = site
        self._seal = site.keys.node().seal
        self._limits = exchange.Limits()
        self._lookups: store.Coalescer[store.Viewing, store.Ask, Records] = store.Coalescer(
            self._view_each
        )

    @asynccontextmanager
    async def running(self, _: object) -> AsyncIterator[None]:
        """Stop the look-ups at the end."""
        async with self._lookups:
            yield

    def routes(self) -> list[DescribedRoute]:
        """Return the routes."""
        return [
            SEND.route(self.door(self._send_to)),
            PAY.route(self.door(self._pay_to)),
            LOOK.route(self.door(self._look_up)),
            LISTED.route(self.door(self._list)),
        ]

    def door(
        self, view: Callable[[Request, bytes, exchange.Envelope, str], Awaitable[Answer]]
    ) -> Callable[[Request], Awaitable[Answer]]:
        async def endpoint(request: Request) -> Answer:
            detail = str(uuid.uuid4())
            try:
                body = await exchange.read_body(request.scope, request.receive, self._limits)
                question = exchange.Question.received(request.scope, body, self._limits)
                members = self._site.desk.members
                envelope = exchange.envelope(question.fields, instance=members.instance)
                use = f"{request.path_params['unit']}/{request.path_params['service']}"
                check_unit(self._site, envelope.client, question.field("authorization"), use)
                return await view(request, body, envelope, detail)
            except kit.NodeError as error:
                accept = request.headers.get("accept", "")
                return RestAnswers(self._site.settings.fault_types).failed(error, detail, accept)

        return endpoint

    async def _look_up(
        self, request: Request, body: bytes, envelope: exchange.Envelope, detail: str
    ) -> Answer:
        asked = parse(body, LookUp)
        opened = self.open(request, asked, envelope, detail, "look-up")
        match opened.decision:
            case law.Refusal() | KeptFrom() as no:
                return await run_in_threadpool(self.refuse, opened, no, asked)
            case law.Permit() as permit:
                viewing = opened.viewing(self._site.desk.tenant, permit)
        if opened.entity.key == (asked.by,):
            ask = store.Ask(asked.value, opened.occasion)
            records = await self._lookups.ask(viewing, ask) or ()
        else:
            records = await run_in_threadpool(self._view_by, viewing, asked, opened.occasion)
        return _told(opened, permit, records)

    async def _list(
        self, request: Request, body: bytes, envelope: exchange.Envelope, detail: str
    ) -> Answer:
        asked = parse(body, List)
        selection = asked.selection()
        opened = self.open(request, asked, envelope, detail, "list")
        match opened.decision:
            case law.Refusal() | KeptFrom() as no:
                return await run_in_threadpool(self.refuse, opened, no, asked)
            case law.Permit() as permit:
                viewing = opened.viewing(self._site.desk.tenant, permit)
        page = await run_in_threadpool(self._view_list, viewing, selection, asked, opened.occasion)
        return _told(opened, permit, page.records, page.after, indexed=page.indexed)

    async def _send_to(
        self, request: Request, body: bytes, envelope: exchange.Envelope, detail: str
    ) -> Answer:
        asked = parse(body, SendTo)
        opened = self.open(request, asked, envelope, detail, "send-to")
        return await run_in_threadpool(self._tell, opened, asked, "mailing_address")

    async def _pay_to(
        self, request: Request, body: bytes, envelope: exchange.Envelope, detail: str
    ) -> Answer:
        asked = parse(body, PayTo)
        opened = self.open(request, asked, envelope, detail, "pay-to")
        return await run_in_threadpool(self._tell, opened, asked, "registered_account")

    def _tell(self, opened: Opened, asked: SendTo | PayTo, entity: str) -> Answer:
        """Return to whom something goes; everybody whose registration told it gets an entry."""
        if opened.entity.name != entity:
            raise federation.ServiceUnknown(service=opened.entity.name)
        match opened.decision:
            case law.Refusal() | KeptFrom() as no:
                return self.refuse(opened, no, asked)
            case law.Permit() as permit:
                pass
        tenant, occasion = self._site.desk.tenant, opened.occasion
        days = {"on": opened.on, "today": kit.day_of(occasion.at)}
        looked = opened.unlocked
        destination = account = None
        with self._site.database.transaction(tenant) as conn:
            if isinstance(asked, PayTo):
                account = store.people.account(
                    conn, tenant, permit, asked.value, asked.use, **days, looked=looked
                )
            else:
                destination = store.people.destination(
                    conn, tenant, permit, asked.value, **days, looked=looked
                )
            found = destination or account
            is_told = found is not None and not found.withheld
            persons = {asked.value, found.register_number} if found else {asked.value}
            store.disclose(
                conn,
                permit,
                {person for person in persons if person},
                tenant=tenant,
                records=int(is_told),
                occasion=occasion,
                seal=self._seal,
            )
        outcome = "not-held" if found is None else "answered" if is_told else "withheld"
        said = Sent(occasion.request, outcome, permit.provision, permit.table, destination, account)
        return json_answer(200, msgspec.json.encode(said), ("pf-outcome", outcome))

    def open(
        self, request: Request, asked: Wanted, envelope: exchange.Envelope, detail: str, kind: str
    ) -> Opened:
        """Say what is asked in the words of the law, and let it decide; then who asks.

        With the right to see protected persons it takes two: any of them may be among the records.
        """
        desk, at = self._site.desk, now()
        if envelope.mode != desk.mode:
            raise federation.ModeDiffers(theirs=envelope.mode, ours=desk.mode)
        if not envelope.procedure:
            raise federation.InquiryIncomplete(name="PF-Procedure")
        interface, entity = interface_of(
            request.path_params["unit"], request.path_params["service"]
        )
        unit = unit_of(envelope.client)
        unlocked = self._unlocked(unit, asked.unlock)
        on = envelope.on or kit.day_of(at)
        details = {"view": kind, "item": asked.by, "on": on.isoformat()}
        details |= {"interface": interface.name, "relation": envelope.relation or "applicant"}
        if envelope.consent:
            details["consent"] = "given"
        if asked.known is not None:
            details["known"] = asked.known.isoformat()
        if asked.unlock is not None:
            details["unlock"] = asked.unlock.reason
        asked_for = law.Request.in_house(
            desk.tenant,
            federation.KINDS[desk.me.member_class],
            unit,
            envelope.procedure,
            information=interface.information.code,
            items=item_ids(interface, entity, asked),
            consent=envelope.consent or "",
            relation=envelope.relation or "applicant",
        )
        with kit.metered("law"):
            decision = law.decide(asked_for, desk.provisions, kit.day_of(at))
        by = desk.at_desk(envelope, "look", is_restricted=unlocked, at=at)
        details |= {} if by is None else by.request.facts()
        decided: law.Permit | No = decision
        if isinstance(decision, law.Permit) and isinstance(by, law.StaffRefusal):
            decided = KeptFrom(decision, by)
        occasion = store.Occasion(
            request=detail,
            at=at,
            mode=envelope.mode,
            purpose=envelope.purpose or "",
            details=details,
        )
        return Opened(decided, entity, on, asked.known, unlocked, occasion)

    def _unlocked(self, unit: str, unlock: Unlock | None) -> bool:
        """Tell whether the unit shows the right to see protected persons; refuse a wrong one."""
        if unlock is None:
            return False
        wanted = self._site.settings.unlocks.get(unit, "")
        check_token(unlock.token, wanted, f"{unit} unlock")
        return True

    def _view_each(
        self, viewing: store.Viewing, asks: Sequence[store.Ask]
    ) -> Mapping[store.Ask, Records]:
        with self._site.database.transaction(viewing.tenant) as conn:
            shown = store.view_each(conn, viewing, asks, seal=self._seal)
        return {ask: (record,) for ask, record in shown.items() if record is not None}

    def _view_by(self, viewing: store.Viewing, asked: LookUp, occasion: store.Occasion) -> Records:
        with self._site.database.transaction(viewing.tenant) as conn:
            return store.view_by(
                conn, viewing, asked.by, asked.value, occasion=occasion, seal=self._seal
            )

    def _view_list(
        self,
        viewing: store.Viewing,
        selection: store.Selection,
        asked: List,
        occasion: store.Occasion,
    ) -> store.Shown:
        with self._site.database.transaction(viewing.tenant) as conn:
            return store.view_list(
                conn,
                viewing,
                selection,
                after=asked.after,
                limit=asked.limit,
                occasion=occasion,
                seal=self._seal,
            )

    def refuse(self, opened: Opened, no: No, asked: Wanted) -> Answer:
        """Enter a refusal, then tell it; in the chain of the person, if it was about one."""
        tenant, subject = self._site.desk.tenant, opened.entity.subject
        about = isinstance(asked, LookUp | SendTo | PayTo) and asked.by == subject
        person = getattr(asked, "value", None) if about else None
        with self._site.database.transaction(tenant) as conn:
            reason, provision = entered(
                conn, no, person, tenant=tenant, occasion=opened.occasion, seal=self._seal
            )
        code = f"refusal-{reason}"
        fault = exchange.Fault.refusal(
            reason, kit.say(code, "en"), kit.say(code, "ja"), detail=opened.occasion.request
        )
        said = (("pf-refused-by", str(tenant)), ("pf-provision", provision))
        return fault.spelt(self._site.settings.fault_types).answer("", *said, status=403)


def _told(
    opened: Opened, permit: law.Permit, records: Records, after: str = "", *, indexed: bool = True
) -> Answer:
    """Return a view as the unit reads it: whoever may not be seen is as if not there."""
    inquiry, outcome = opened.occasion.request, "answered" if records else "not-held"
    view = View(inquiry, outcome, permit.provision, permit.table, records, after, indexed)
    return json_answer(200, msgspec.json.encode(view), ("pf-outcome", outcome))
