"""The header of the X-Road® message protocol 4.0: read as the fields of REST, repeated, compared.

Its blocks say who asks whom; what the law asks for besides stands in blocks of our own namespace.
"""

import hashlib
from base64 import b64encode
from urllib.parse import quote

from lxml import etree

from renkei import exchange
from renkei.app.errors import EnvelopeDiffers, HeaderBlockWrong, WrapperDiffers
from renkei.federation import Message
from renkei.standard.generate.xroad_wsdl import (
    ADDRESS_PARTS,
    HEADERS,
    IDENTIFIERS,
    OUR_HEADERS,
    OURS,
    XROAD,
)

VERSION = "4.0"
HASH = "http://www.w3.org/2001/04/xmlenc#sha512"
REPRESENTATION = "http://x-road.eu/xsd/representation.xsd"
REQUEST_HASH = f"{{{XROAD}}}requestHash"
REPRESENTED_PARTY = f"{{{REPRESENTATION}}}representedParty"
SECURITY_SERVER = f"{{{XROAD}}}securityServer"
REPEATED = (
    *(f"{{{XROAD}}}{name}" for name in HEADERS),
    *(f"{{{OURS}}}{name}" for name in OUR_HEADERS),
    REPRESENTED_PARTY,
    SECURITY_SERVER,
)
UNDERSTOOD = frozenset({*REPEATED, exchange.SECURITY})
COMPARED = (
    *(f"{{{XROAD}}}{name}" for name in ("client", "service", "userId", "issue", "id")),
    REPRESENTED_PARTY,
)
"""What a system must repeat; X-Road compares these, by value and in any order."""


def opened(package: exchange.Package) -> exchange.SoapMessage:
    """Read the envelope of a package; blocks that others must understand are left to them."""
    return exchange.open_soap(
        package.envelope,
        package.kind,
        understood=UNDERSTOOD,
        kinds=(exchange.XOP_TYPE,) if package.mark else (),
    )


def read_header(message: exchange.SoapMessage) -> tuple[exchange.Service, dict[str, str]]:
    """Read the blocks as the fields of REST: one set of rules holds for both."""
    for name in ("client", "service"):
        if f"{{{XROAD}}}{name}" not in message.headers:
            raise HeaderBlockWrong(name=name)
    if not text_of(message, f"{{{XROAD}}}id"):
        raise HeaderBlockWrong(name="id")
    if text_of(message, f"{{{XROAD}}}protocolVersion") != VERSION:
        raise HeaderBlockWrong(name="protocolVersion")
    ours = {name: text_of(message, f"{{{OURS}}}{name}") for name in OUR_HEADERS}
    server = (*ADDRESS_PARTS[:3], "serverCode")
    party = ("partyClass", "partyCode")
    said = {
        "x-road-client": _parts(message, f"{{{XROAD}}}client", ADDRESS_PARTS[:4]),
        "x-road-id": text_of(message, f"{{{XROAD}}}id"),
        "x-road-userid": text_of(message, f"{{{XROAD}}}userId"),
        "x-road-issue": text_of(message, f"{{{XROAD}}}issue"),
        "x-road-security-server": _parts(message, SECURITY_SERVER, server),
        "x-road-represented-party": _parts(message, REPRESENTED_PARTY, party, REPRESENTATION),
        "pf-procedure": ours["procedure"],
        "pf-purpose": quote(ours["purpose"], safe=""),
        "pf-consent": ours["consent"],
        "pf-mode": ours["mode"],
        "pf-on": ours["on"],
        "pf-second": ours["second"],
    }
    asked = _parts(message, f"{{{XROAD}}}service", ADDRESS_PARTS[:5])
    return exchange.service(asked), said


def text_of(message: exchange.SoapMessage, name: str) -> str:
    """Return the text of a block, empty if it is not there; what holds elements is no text."""
    block = message.headers.get(name)
    if block is None:
        return ""
    if len(block):
        raise HeaderBlockWrong(name=name.partition("}")[2])
    return (block.text or "").strip()


def repeated(message: exchange.SoapMessage, envelope: bytes) -> str:
    """Return the blocks of a question in their order, and the hash of its envelope."""
    kept = [block for name, block in message.headers.items() if name in REPEATED]
    return "".join(map(exchange.write_block, kept)) + hash_block(envelope)


def hash_block(envelope: bytes) -> str:
    """Return the block that ties an answer to the envelope it answers, as it was received."""
    digest = b64encode(hashlib.sha512(envelope).digest()).decode()
    return f'<h:requestHash xmlns:h="{XROAD}" algorithmId="{HASH}">{digest}</h:requestHash>'


def check_repeated(
    question: exchange.SoapMessage, answer: exchange.SoapMessage, service: str
) -> None:
    """Refuse an answer that does not say whom it is for, of which service and to what."""
    for name in COMPARED:
        asked, told = (_values(one.headers.get(name)) for one in (question, answer))
        if asked != told:
            raise exchange.HeadersInconsistent(service=service, name=name.partition("}")[2])


def check_wrapper(message: exchange.SoapMessage, service: exchange.Service) -> None:
    """Refuse a body whose element is not called as the service: no right to it was looked up."""
    if not etree.QName(message.body).localname.startswith(service.code):
        raise WrapperDiffers


async def check_arrived(message: Message, given: exchange.Fields, body: exchange.Body) -> None:
    """Refuse an envelope that says otherwise than the message that was signed and has the right.

    Its system believes the envelope, so nobody may ask there in another's name.
    """
    kind = exchange.Question(message.method, "/", "", given).field("content-type") or ""
    soap = opened(await exchange.open_package(body.pieces(), kind))
    service, said = read_header(soap)
    for name, told, known in (
        ("client", exchange.client(said["x-road-client"]), message.envelope.client),
        ("service", service, message.call.service),
        ("id", said["x-road-id"], message.envelope.id),
    ):
        if told != known:
            raise EnvelopeDiffers(name=name)
    check_wrapper(soap, service)


def _values(block: exchange.Element | None) -> tuple[object, ...]:
    """Return what a block says: its own text or its parts, and what kind of thing it names."""
    if block is None:
        return ()
    parts = sorted((str(one.tag), (one.text or "").strip()) for one in block)
    own = "" if parts else (block.text or "").strip()
    return own, block.get(f"{{{IDENTIFIERS}}}objectType"), tuple(parts)


def _parts(
    message: exchange.SoapMessage, block: str, names: tuple[str, ...], space: str = IDENTIFIERS
) -> str:
    """Return the parts of an identifier as they stand in a path, each encoded.

    None may stand there twice, in whatever namespace: whoever reads it next might take the other.
    """
    found = message.headers.get(block)
    if found is None:
        return ""
    if len({etree.QName(one).localname for one in found}) != len(found):
        raise HeaderBlockWrong(name=block.partition("}")[2])
    texts = [found.findtext(f"{{{space}}}{name}") for name in names]
    return "/".join(quote(text.strip(), safe="") for text in texts if text)
