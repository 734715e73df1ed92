"""What a client of the X-Road® message protocol 4.0 is told of services: lists and descriptions.

    listMethods, allowedMethods, getWsdl in SOAP; GET /wsdl?subsystemCode=06

The standard's services are described here; of registered systems the provider's node is asked.
"""

import uuid
from collections.abc import Mapping
from contextlib import suppress

from renkei import exchange, standard
from renkei.app.errors import OperationUnknown
from renkei.app.site import Site
from renkei.app.units.metaservices import Metaservices
from renkei.exchange import Answer, metadata
from renkei.federation import ServiceUnknown
from renkei.standard.generate.xroad_wsdl import ADDRESS_PARTS, XROAD, xroad_wsdl

TYPE = ("content-type", "text/xml;charset=utf-8")


class XRoadMetadata:
    """The answers of one site."""

    def __init__(self, site: Site, metaservices: Metaservices) -> None:
        """Take the site, and who knows what there is."""
        self._site = site
        self._metaservices = metaservices
        self._standard = standard.catalogue()

    async def answer(
        self,
        service: exchange.Service,
        client: exchange.Client,
        message: exchange.SoapMessage,
        header: str,
    ) -> Answer:
        """Answer a metaservice of a unit."""
        provider, name = service.provider, service.code
        if message.body.tag != f"{{{XROAD}}}{name}":
            raise OperationUnknown
        match name:
            case metadata.LIST_METHODS:
                found = self._metaservices.offered(provider)
            case metadata.ALLOWED_METHODS:
                found = self._metaservices.allowed(provider, client)
            case metadata.GET_WSDL:
                code = message.body.findtext(f"{{{XROAD}}}serviceCode", "").strip()
                wsdl = await self._wsdl(provider, code, client)
                return _with_wsdl(message, header, wsdl)
            case _:
                raise OperationUnknown
        services = [exchange.Service(provider, one.service) for one in found]
        services += await self._metaservices.registered_in_soap(name, provider, client)
        told = metadata.services_xml(name, services)
        return Answer(200, (TYPE,), exchange.write_soap(told, header))

    async def description(self, asked: Mapping[str, str]) -> bytes:
        """Return the WSDL of a unit, or of one service where all of its address is given."""
        unit, code = asked.get("subsystemCode", ""), asked.get("serviceCode", "")
        with suppress(OperationUnknown):
            if not code or code in {one.service for one in self._standard.interfaces_of(unit)}:
                return self._of_standard(unit)
        parts = [asked.get(name, "") for name in ADDRESS_PARTS[:5]]
        if not all(parts):
            raise OperationUnknown
        provider = exchange.service("/".join(parts)).provider
        own = self._site.desk.members.address(self._site.desk.tenant)
        return await self._wsdl(provider, code, own)

    async def _wsdl(
        self, provider: exchange.Subsystem, code: str, client: exchange.Client
    ) -> bytes:
        if code in {one.service for one in self._metaservices.offered(provider)}:
            return self._of_standard(provider.code)
        try:
            return await self._metaservices.wsdl(provider, code, client)
        except ServiceUnknown:
            raise OperationUnknown from None

    def _of_standard(self, unit: str) -> bytes:
        try:
            return xroad_wsdl(self._standard.unit(unit), self._standard).encode()
        except standard.DefinitionUnknown:
            raise OperationUnknown from None


def _with_wsdl(message: exchange.SoapMessage, header: str, wsdl: bytes) -> Answer:
    """Return the answer of getWsdl: its envelope, and the description as a second part."""
    told = exchange.write_block(message.body).replace("getWsdl", "getWsdlResponse")
    boundary = f"xroad{uuid.uuid4().hex}"
    parts = (exchange.write_soap(told, header), wsdl)
    head = f"\r\n--{boundary}\r\ncontent-type:text/xml\r\n\r\n".encode()
    body = b"".join(head + part for part in parts) + f"\r\n--{boundary}--\r\n".encode()
    kind = f'multipart/related; type="text/xml"; boundary={boundary}'
    return Answer(200, (("content-type", kind),), body.removeprefix(b"\r\n"))
