"""The SOAP door of the own units: the questions of `/r1/…`, asked as the WSDL of a unit says.

    GET  /soap/JP/MUN/131024/06?wsdl    what that organisation's unit answers
    POST /soap/JP/MUN/131024/06         get_income and the others; SOAP 1.1, document/literal
    POST /soap/JP/MUN/131016/06         notify_levy and the others, from our own unit 06

An envelope is translated into the same question as a REST request and asked at the same counter, so
that law, entry and answer cannot differ; a notice goes the way of one in REST. The header block
`_電文見出し` says who asks, for what; a WS-Security UsernameToken or the bearer token proves it. A
fault has status 500 (SOAP 1.1, 6.2).
"""

import uuid
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from renkei import exchange, federation, kit, standard
from renkei.app.errors import OperationUnknown, SchemaBroken, TokenRefused
from renkei.app.operations.oversight import error_response
from renkei.app.site import Site
from renkei.app.units.notice_door import TAKEN, NoticeDoor
from renkei.app.units.questions import Questions
from renkei.app.units.soap_questions import (
    Said,
    call_of,
    check,
    elements,
    failure,
    fault_element,
    losses_block,
    notices_of,
    prove,
    requests_of,
    row_of,
    said_of,
    schema_of,
)
from renkei.exchange import Answer, Fields
from renkei.standard import generate
from renkei.standard.generate.xml_names import HEADER, RECEIPT, namespace

TYPE = ("content-type", "text/xml;charset=utf-8")
SPACE = "urn:renkei:fault"


@dataclass(frozen=True, slots=True)
class Asking:
    """What an envelope asks or tells: the interface, when, what its header says."""

    interface: standard.Interface
    timing: standard.Timing
    header: dict[str, str]


class SoapDoor:
    """The routes of one site."""

    def __init__(self, site: Site, questions: Questions, notices: NoticeDoor) -> None:
        """Take the site, where questions are asked, and where notices are taken."""
        self._site = site
        self._questions = questions
        self._notices = notices
        self._limits = exchange.Limits()
        self._standard = standard.catalogue()

    def routes(self) -> list[Route]:
        """Return the two routes."""
        path = "/soap/{instance}/{member_class}/{code}/{unit}"
        return [
            Route(path, self.describe, methods=["GET"]),
            Route(path, self.ask, methods=["POST"]),
        ]

    def describe(self, request: Request) -> Response:
        """Return the WSDL of a unit, with the address it was asked at."""
        try:
            unit = self._provider(request)
            text = generate.wsdl(self._standard.unit(unit.code), self._standard)
        except kit.NodeError as error:
            return error_response(error)
        place = escape(str(request.url.replace(query="")))
        return Response(
            text.replace(generate.PLACE.format(unit.code), place), media_type="text/xml"
        )

    async def ask(self, request: Request) -> Answer:
        """Ask what an envelope asks, or take what it tells; all that goes wrong is a fault."""
        detail, asking = str(uuid.uuid4()), None
        try:
            body = await exchange.read_body(request.scope, request.receive, self._limits)
            message = exchange.read_soap(
                body,
                request.headers.get("content-type", ""),
                understood=frozenset({exchange.SECURITY, self._header_name(request)}),
            )
            provider = self._provider(request)
            asking = self._operation(provider.code, message)
            self._read(asking, message)
            row = self._row(asking, message)
            envelope = self._envelope(asking, row)
            use = f"{provider.code}/{asking.interface.service}"
            prove(self._site, message, envelope, request.headers.get("authorization"), use)
            if asking.timing is not standard.Timing.immediate:
                return await self._take(asking, envelope, provider, message)
            call = call_of(provider, asking.interface, row, asking.header.get("照会項目", ""))
            fact = await self._questions.ask(envelope, call, detail)
            return self._told(fact, asking, envelope, call.service)
        except kit.NodeError as error:
            return self._fault(failure(error), asking, detail, ())

    def _provider(self, request: Request) -> exchange.Subsystem:
        parts = request.path_params
        names = [
            quote(parts[name], safe="") for name in ("instance", "member_class", "code", "unit")
        ]
        found = exchange.client("/".join(names))
        assert isinstance(found, exchange.Subsystem)  # noqa: S101  # it has four parts
        return found

    def _header_name(self, request: Request) -> str:
        return f"{{{namespace(request.path_params['unit'])}}}{HEADER}"

    def _operation(self, unit: str, message: exchange.SoapMessage) -> Asking:
        """Return the interface whose request or notice stands in the body."""
        name = str(message.body.tag)
        if (found := requests_of(unit, self._standard).get(name)) is not None:
            return Asking(found, standard.Timing.immediate, {})
        if (found := notices_of(unit, self._standard).get(name)) is not None:
            return Asking(found, generate.notices(found)[0], {})
        raise OperationUnknown

    def _read(self, asking: Asking, message: exchange.SoapMessage) -> None:
        """Hold body and header against the schema of the unit, and read the header."""
        interface = asking.interface
        space = f"{{{namespace(interface.unit)}}}"
        header = message.headers.get(f"{space}{HEADER}")
        if header is None:
            raise SchemaBroken(name=HEADER, line=1)
        schema = schema_of(interface.unit, self._standard)
        for element in (header, message.body):
            check(schema, element)
        said = asking.header
        said |= {etree.QName(child).localname: child.text or "" for child in header}
        if (day := header.find(f"{space}基準日")) is not None:
            said["基準日"] = "-".join(part.text or "" for part in day)

    def _row(self, asking: Asking, message: exchange.SoapMessage) -> dict[str, str]:
        """Return the parameters of a request; a notice has none."""
        if asking.timing is not standard.Timing.immediate:
            return {}
        return generate.read_xml_request(asking.interface, message.body, self._standard)

    def _envelope(self, asking: Asking, row: dict[str, str]) -> exchange.Envelope:
        """Say in the fields of REST what the header block says: one set of rules holds for both."""
        desk, said = self._site.desk, asking.header
        subject = self._standard.entity(asking.interface.entity).subject or ""
        asker = desk.members.address(desk.tenant)
        if said["利用団体コード"] != desk.tenant:
            raise TokenRefused(who=said["利用団体コード"][:13], header="利用団体コード")
        fields = {
            "x-road-client": f"{asker.render()}/{quote(said['利用業務ユニット番号'], safe='')}",
            "x-road-id": said["電文番号"],
            "x-road-userid": said.get("職員番号", ""),
            "pf-second": said.get("立会職員番号", ""),
            "pf-procedure": said.get("事務手続コード", ""),
            "pf-purpose": quote(said.get("利用目的", ""), safe=""),
            "pf-subject": row.get(subject, ""),
            "pf-consent": said.get("同意番号", ""),
            "pf-on": said.get("基準日", ""),
            "pf-mode": said["運用区分"],
        }
        given = tuple((name, value) for name, value in fields.items() if value)
        return exchange.envelope(given, instance=desk.members.instance)

    async def _take(
        self,
        asking: Asking,
        envelope: exchange.Envelope,
        provider: exchange.Subsystem,
        message: exchange.SoapMessage,
    ) -> Answer:
        """Take a notice in and give its receipt."""
        interface = asking.interface
        call = exchange.ServiceCall(exchange.Service(provider, interface.service))
        self._notices.check(envelope, call)
        notice = generate.read_xml_notice(interface, message.body, self._standard)
        text = await self._notices.take(envelope, call, interface, notice)
        more = (("x-road-id", envelope.id), ("x-road-service", call.service.render()))
        told = elements(コード=str(TAKEN), 電文番号=envelope.id, 説明=text)
        body = f'<{RECEIPT} xmlns="{namespace(interface.unit)}">{told}</{RECEIPT}>'
        return Answer(200, (TYPE, *more), exchange.write_soap(body))

    def _told(
        self,
        fact: federation.Fact,
        asking: Asking,
        envelope: exchange.Envelope,
        service: exchange.Service,
    ) -> Answer:
        """Return the answer, or the fault of the standard that says why there is none."""
        more: Fields = (
            ("x-road-id", envelope.id),
            ("x-road-service", service.render()),
            ("x-road-request-id", fact.inquiry),
            ("pf-outcome", fact.outcome),
            (exchange.RELEASE, fact.release),
        )
        if fact.outcome == "answered" and fact.record is not None:
            row = row_of(fact.record)
            body = generate.xml_answer(asking.interface, row, self._standard)
            return Answer(200, (TYPE, *more), exchange.write_soap(body, losses_block(fact)))
        more += (("pf-refused-by", fact.by), ("pf-provision", fact.provision))
        return self._fault(said_of(fact), asking, fact.inquiry, more)

    def _fault(self, said: Said, asking: Asking | None, detail: str, more: Fields) -> Answer:
        """Return a fault: in the form of the interface, once it is known which one was called."""
        if asking is None:
            told = elements(code=said.code, message=said.text, detail=detail)
            inside = f'<fault xmlns="{SPACE}">{told}</fault>'
        else:
            inside = fault_element(said, asking.interface, self._standard, asking.timing)
        body = exchange.write_soap_fault(f"SOAP-ENV:{said.family}", said.text, inside)
        return Answer(500, (TYPE, ("x-road-error", said.code), *more), body)
