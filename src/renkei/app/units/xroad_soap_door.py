"""The X-Road® message protocol 4.0: the questions of `/r1/…` for clients that speak its SOAP.

    POST /                      a question, a message, listMethods, allowedMethods, getWsdl
    GET  /wsdl?subsystemCode=06 the description of a unit

Alone or as the first part of a package. What names a service of the standard is a question, what
names another a message for a system behind some node (`SoapPassing`). Faults have status 200, as
the protocol has them.
"""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from renkei import exchange, kit, standard
from renkei.app.errors import OperationUnknown
from renkei.app.operations.oversight import error_response
from renkei.app.passing.soap_passing import Asked, SoapPassing
from renkei.app.site import Site
from renkei.app.units.access import use_of
from renkei.app.units.questions import Questions
from renkei.app.units.soap_questions import (
    call_of,
    check,
    fault_element,
    losses_block,
    prove,
    requests_of,
    row_of,
    said_of,
    schema_of,
)
from renkei.app.units.xroad_header import opened, read_header, repeated, text_of
from renkei.app.units.xroad_metadata import TYPE, XRoadMetadata
from renkei.exchange import Answer, Package, Passed, metadata
from renkei.standard import generate
from renkei.standard.generate.xroad_wsdl import OURS, xroad_namespace

ENDPOINT = "/xroad-endpoint"
"""What the address in the WSDL becomes at a node that serves as its client's HTTP proxy."""


class XRoadSoapDoor:
    """The routes of one site."""

    def __init__(
        self, site: Site, questions: Questions, passing: SoapPassing, told: XRoadMetadata
    ) -> None:
        """Take the site, where questions are asked and messages passed, and who says what is."""
        self._site = site
        self._questions = questions
        self._passing = passing
        self._told = told
        self._limits = exchange.Limits()
        self._standard = standard.catalogue()
        self._lawful = {(one.unit, one.service) for one in self._standard.interfaces}

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/", self.ask, methods=["POST"]),
            Route(ENDPOINT, self.ask, methods=["POST"]),
            Route("/wsdl", self.describe, methods=["GET"]),
        ]

    async def describe(self, request: Request) -> Response:
        """Return the WSDL of a unit, or of a registered system that is asked in SOAP."""
        try:
            text = await self._told.description(request.query_params)
        except kit.NodeError as error:
            return error_response(error)
        return Response(text, media_type="text/xml")

    async def ask(self, request: Request) -> Answer | Passed:
        """Ask what an envelope asks, or pass it on; everything that goes wrong is a fault."""
        number = kit.timed_number()
        try:
            question = exchange.Question.received(request.scope, b"", self._limits)
            rest = exchange.received(request.receive)
            package = await self._package(request, question, rest)
            soap = opened(package)
            service, said = read_header(soap)
            asked = Asked(package, soap, question.fields, _present(said))
            if self._is_passed(service):
                envelope = self._envelope(said)
                ended = await self._passing.pass_on(asked, rest, envelope, service, number)
                return self._said(ended, number) if isinstance(ended, exchange.Fault) else ended
            if not soap.is_understood:
                raise exchange.SoapHeaderUnknown
            if package.has_attachments:
                raise exchange.PackageMalformed(defect="attachments, which no question has")
            return await self._answer(asked, service, said, number)
        except kit.NodeError as error:
            return self._said(exchange.Fault.of(error, detail=number), number)

    async def _package(
        self, request: Request, question: exchange.Question, rest: AsyncIterator[bytes]
    ) -> Package:
        """Read until the envelope is there; what follows it is read by whoever needs it."""
        kind = question.field("content-type") or ""
        if not exchange.is_related(kind):
            body = await exchange.read_body(request.scope, request.receive, self._limits)
            return Package.of(body, kind)
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await exchange.open_package(rest, kind)
        except TimeoutError:
            raise exchange.BodyLate(seconds=round(self._limits.seconds)) from None

    def _envelope(self, said: dict[str, str]) -> exchange.Envelope:
        return exchange.envelope(_present(said), instance=self._site.desk.members.instance)

    def _is_passed(self, service: exchange.Service) -> bool:
        """Tell a message for a system from what the standard and the metaservices answer."""
        named = (service.provider.code, service.code)
        return named not in self._lawful and service.code not in metadata.METASERVICES

    async def _answer(
        self, asked: Asked, service: exchange.Service, said: dict[str, str], number: str
    ) -> Answer:
        """Answer a metaservice, or a question of the standard."""
        authorization = dict(asked.fields).get("authorization")
        header = repeated(asked.soap, asked.package.envelope)
        if service.code in metadata.METASERVICES:
            envelope = self._envelope(said)
            prove(self._site, asked.soap, envelope, authorization, "")
            return await self._told.answer(service, envelope.client, asked.soap, header)
        interface, row = self._request(service, asked.soap)
        subject = self._standard.entity(interface.entity).subject or ""
        envelope = self._envelope(said | {"pf-subject": row.get(subject, "")})
        prove(self._site, asked.soap, envelope, authorization, use_of(service))
        items = text_of(asked.soap, f"{{{OURS}}}items")
        call = call_of(service.provider, interface, row, items)
        fact = await self._questions.ask(envelope, call, number)
        if fact.outcome == "answered" and fact.record is not None:
            told = generate.xml_answer(interface, row_of(fact.record), self._standard)
            name, space = f"{service.code}Response", xroad_namespace(service.provider.code)
            wrapped = f'<x:{name} xmlns:x="{space}">{told}</x:{name}>'
            header += losses_block(fact)
            return Answer(200, (TYPE,), exchange.write_soap(wrapped, header))
        why = said_of(fact)
        code = "server.serverproxy.access_denied" if fact.reason else "SOAP-ENV:Client"
        inside = fault_element(why, interface, self._standard)
        return self._fault(code, why.text, f"{inside}{_detail(fact.inquiry)}")

    def _request(
        self, service: exchange.Service, message: exchange.SoapMessage
    ) -> tuple[standard.Interface, dict[str, str]]:
        """Return what the wrapper in the body asks of which interface."""
        unit = service.provider.code
        wrapper, inside = message.body, list(message.body)
        is_wrapper = wrapper.tag == f"{{{xroad_namespace(unit)}}}{service.code}"
        found = requests_of(unit, self._standard)
        if not is_wrapper or len(inside) != 1 or inside[0].tag not in found:
            raise OperationUnknown
        interface = found[str(inside[0].tag)]
        if interface.service != service.code:
            raise OperationUnknown
        check(schema_of(unit, self._standard), inside[0])
        return interface, generate.read_xml_request(interface, inside[0], self._standard)

    def _said(self, fault: exchange.Fault, number: str) -> Answer:
        """Return a fault of a node."""
        inside = f'<code xmlns="urn:renkei:fault">{fault.code}</code>'
        return self._fault(fault.type, fault.message_ja, f"{inside}{_detail(number)}")

    def _fault(self, code: str, text: str, detail: str) -> Answer:
        if self._site.settings.fault_types == "7.7" and not code.startswith("SOAP-ENV:"):
            code = exchange.as_before(code)
        return Answer(200, (TYPE,), exchange.write_soap_fault(code, text, detail))


def _present(said: dict[str, str]) -> exchange.Fields:
    return tuple((name, value) for name, value in said.items() if value)


def _detail(number: str) -> str:
    return f"<faultDetail>{number}</faultDetail>"
