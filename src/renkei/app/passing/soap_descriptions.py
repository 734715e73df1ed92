"""The WSDL of registered systems that are asked in SOAP: read from a file or an address.

What is told names no address of the hall: every port has the one nobody answers at, as the X-Road®
service metadata protocol wants it.
"""

import asyncio

from lxml import etree

from renkei import exchange
from renkei.app.errors import DescriptionDefective
from renkei.app.passing.descriptions import text_at
from renkei.standard.generate.xroad_wsdl import PLACE

WSDL = "http://schemas.xmlsoap.org/wsdl/"
_BINDINGS = tuple(f"{{{WSDL}{name}/}}address" for name in ("soap", "soap12", "http"))


async def read(provider: exchange.Provider) -> bytes | None:
    """Read a provider's WSDL anew, or None where it is not asked in SOAP."""
    if not provider.wsdl:
        return None
    service = f"{provider.unit}/{provider.service}"
    text = await text_at(provider.wsdl, service)
    return await asyncio.to_thread(parse, text, service)


def parse(text: bytes, service: str) -> bytes:
    """Read a WSDL 1.1; its addresses are replaced.

    >>> told = parse(b'''<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"><service name="s">
    ... <port><address xmlns="http://schemas.xmlsoap.org/wsdl/soap/" location="http://10.0.0.7"/>
    ... </port></service></definitions>''', "31/x")
    >>> b"10.0.0.7" in told, b"http://example.org/xroad-endpoint" in told
    (False, True)
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise DescriptionDefective(service=service, defect=type(error).__name__) from error
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None or root.tag != f"{{{WSDL}}}definitions":
        raise DescriptionDefective(service=service, defect="wsdl:definitions, no DOCTYPE")
    for address in root.iter(*_BINDINGS):
        address.set("location", PLACE)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)
