"""The X-Road® message protocol 4.0: the questions of `/r1/…` for clients that speak its SOAP.

    POST /                      a question, listMethods, allowedMethods, getWsdl
    GET  /wsdl?subsystemCode=06 the description of a unit

Header blocks of the protocol say who asks whom; what the law asks for besides stands in blocks of
our own namespace (`procedure`, `purpose`, `consent`, `mode`, `on`, `items`). The answer repeats the
blocks and adds the hash of the request. Faults have status 200, as the protocol has them.
"""

import hashlib
import uuid
from base64 import b64encode
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from renkei import exchange, kit, standard
from renkei.app.access import use_of
from renkei.app.errors import HeaderBlockWrong, OperationUnknown
from renkei.app.metaservices import Metaservices
from renkei.app.oversight import error_response
from renkei.app.questions import Questions
from renkei.app.site import Site
from renkei.app.soap_questions import (
    call_of,
    check,
    fault_element,
    prove,
    requests_of,
    row_of,
    said_of,
    schema_of,
)
from renkei.exchange import Answer, metadata
from renkei.standard import generate
from renkei.standard.generate.xroad_wsdl import (
    ADDRESS_PARTS,
    HEADERS,
    IDENTIFIERS,
    OUR_HEADERS,
    OURS,
    XROAD,
    xroad_namespace,
    xroad_wsdl,
)

TYPE = ("content-type", "text/xml;charset=utf-8")
VERSION = "4.0"
HASH = "http://www.w3.org/2001/04/xmlenc#sha512"
ENDPOINT = "/xroad-endpoint"
"""What the address in the WSDL becomes at a node that serves as its client's HTTP proxy."""
BLOCKS = tuple(f"{{{XROAD}}}{name}" for name in HEADERS)
OUR_BLOCKS = tuple(f"{{{OURS}}}{name}" for name in OUR_HEADERS)
UNDERSTOOD = frozenset({*BLOCKS, *OUR_BLOCKS, exchange.SECURITY})


class XRoadSoapDoor:
    """The routes of one site."""

    def __init__(self, site: Site, questions: Questions, metaservices: Metaservices) -> None:
        """Take the site, where questions are asked, and who says what there is."""
        self._site = site
        self._questions = questions
        self._limits = exchange.Limits()
        self._standard = standard.catalogue()
        self._metaservices = metaservices

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/", self.ask, methods=["POST"]),
            Route(ENDPOINT, self.ask, methods=["POST"]),
            Route("/wsdl", self.describe, methods=["GET"]),
        ]

    def describe(self, request: Request) -> Response:
        """Return the WSDL of a unit."""
        try:
            text = self._wsdl(request.query_params.get("subsystemCode", ""))
        except kit.NodeError as error:
            return error_response(error)
        return Response(text, media_type="text/xml")

    async def ask(self, request: Request) -> Answer:
        """Ask what an envelope asks; everything that goes wrong is a fault."""
        detail = str(uuid.uuid4())
        interface: standard.Interface | None = None
        try:
            body = await exchange.read_body(request.scope, request.receive, self._limits)
            kind = request.headers.get("content-type", "")
            message = exchange.read_soap(body, kind, understood=UNDERSTOOD)
            service, said = self._header(message)
            row: dict[str, str] = {}
            if service.code not in metadata.METASERVICES:
                interface, row = self._request(service, message)
                subject = self._standard.entity(interface.entity).subject or ""
                said["pf-subject"] = row.get(subject, "")
            fields = tuple((name, value) for name, value in said.items() if value)
            envelope = exchange.envelope(fields, instance=self._site.desk.members.instance)
            use = "" if interface is None else use_of(service)
            prove(self._site, message, envelope, request.headers.get("authorization"), use)
            header = _repeated(message, body)
            if interface is None:
                return self._told_of(service, envelope, message, header)
            items = _text(message, f"{{{OURS}}}items")
            call = call_of(service.provider, interface, row, items)
            fact = await self._questions.ask(envelope, call, detail)
            if fact.outcome == "answered" and fact.record is not None:
                told = generate.xml_answer(interface, row_of(fact.record), self._standard)
                name, space = f"{service.code}Response", xroad_namespace(service.provider.code)
                wrapped = f'<x:{name} xmlns:x="{space}">{told}</x:{name}>'
                return Answer(200, (TYPE,), exchange.write_soap(wrapped, header))
            why = said_of(fact)
            code = "server.serverproxy.access_denied" if fact.reason else "SOAP-ENV:Client"
            inside = fault_element(why, interface, self._standard)
            return self._fault(code, why.text, f"{inside}{_detail(fact.inquiry)}")
        except kit.NodeError as error:
            fault = exchange.Fault.of(error, detail=detail)
            inside = f'<code xmlns="urn:renkei:fault">{error.code()}</code>'
            return self._fault(fault.type, error.text("ja"), f"{inside}{_detail(detail)}")

    def _header(self, message: exchange.SoapMessage) -> tuple[exchange.Service, dict[str, str]]:
        """Read the blocks as the fields of REST: one set of rules holds for both."""
        for name in ("client", "service", "id", "protocolVersion"):
            if f"{{{XROAD}}}{name}" not in message.headers:
                raise HeaderBlockWrong(name=name)
        if _text(message, f"{{{XROAD}}}protocolVersion") != VERSION:
            raise HeaderBlockWrong(name="protocolVersion")
        ours = {name: _text(message, f"{{{OURS}}}{name}") for name in OUR_HEADERS}
        said = {
            "x-road-client": "/".join(_address(message, "client", 4)),
            "x-road-id": _text(message, f"{{{XROAD}}}id"),
            "x-road-userid": _text(message, f"{{{XROAD}}}userId"),
            "x-road-issue": _text(message, f"{{{XROAD}}}issue"),
            "pf-procedure": ours["procedure"],
            "pf-purpose": quote(ours["purpose"], safe=""),
            "pf-consent": ours["consent"],
            "pf-mode": ours["mode"],
            "pf-on": ours["on"],
        }
        return exchange.service("/".join(_address(message, "service", 5))), said

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

    def _told_of(
        self,
        service: exchange.Service,
        envelope: exchange.Envelope,
        message: exchange.SoapMessage,
        header: str,
    ) -> Answer:
        """Answer a metaservice of a unit."""
        provider = service.provider
        if message.body.tag != f"{{{XROAD}}}{service.code}":
            raise OperationUnknown
        offered = self._metaservices.offered(provider)
        match service.code:
            case metadata.LIST_METHODS:
                found = offered
            case metadata.ALLOWED_METHODS:
                found = self._metaservices.allowed(provider, envelope.client)
            case "getWsdl":
                code = message.body.findtext(f"{{{XROAD}}}serviceCode", "")
                if code not in {one.service for one in offered}:
                    raise OperationUnknown
                return self._with_wsdl(message, header, provider.code)
            case _:
                raise OperationUnknown
        services = (exchange.Service(provider, one.service) for one in found)
        told = metadata.services_xml(service.code, services)
        return Answer(200, (TYPE,), exchange.write_soap(told, header))

    def _with_wsdl(self, message: exchange.SoapMessage, header: str, unit: str) -> Answer:
        """Return the answer of getWsdl: its envelope, and the description as a second part."""
        told = exchange.write_block(message.body).replace("getWsdl", "getWsdlResponse")
        boundary = f"xroad{uuid.uuid4().hex}"
        parts = (exchange.write_soap(told, header), self._wsdl(unit).encode())
        head = f"\r\n--{boundary}\r\ncontent-type:text/xml\r\n\r\n".encode()
        body = b"".join(head + part for part in parts) + f"\r\n--{boundary}--\r\n".encode()
        kind = f'multipart/related; type="text/xml"; boundary={boundary}'
        return Answer(200, (("content-type", kind),), body.removeprefix(b"\r\n"))

    def _wsdl(self, unit: str) -> str:
        try:
            return xroad_wsdl(self._standard.unit(unit), self._standard)
        except standard.DefinitionUnknown:
            raise OperationUnknown from None

    def _fault(self, code: str, text: str, detail: str) -> Answer:
        if self._site.settings.fault_types == "7.7" and not code.startswith("SOAP-ENV:"):
            code = exchange.as_before(code)
        return Answer(200, (TYPE,), exchange.write_soap_fault(code, text, detail))


def _address(message: exchange.SoapMessage, name: str, count: int) -> list[str]:
    """Return the parts of an identifier, each encoded as it stands in a path."""
    block = message.headers[f"{{{XROAD}}}{name}"]
    found = [block.findtext(f"{{{IDENTIFIERS}}}{part}") for part in ADDRESS_PARTS[:count]]
    return [quote(part.strip(), safe="") for part in found if part]


def _text(message: exchange.SoapMessage, name: str) -> str:
    block = message.headers.get(name)
    return "" if block is None else (block.text or "").strip()


def _repeated(message: exchange.SoapMessage, body: bytes) -> str:
    """Return the blocks of the request in their order, and its hash."""
    kept = [block for name, block in message.headers.items() if name in (*BLOCKS, *OUR_BLOCKS)]
    digest = b64encode(hashlib.sha512(body).digest()).decode()
    hashed = f'<h:requestHash xmlns:h="{XROAD}" algorithmId="{HASH}">{digest}</h:requestHash>'
    return "".join(map(exchange.write_block, kept)) + hashed


def _detail(number: str) -> str:
    return f"<faultDetail>{number}</faultDetail>"
