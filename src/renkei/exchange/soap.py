"""SOAP 1.1 envelopes: read with suspicion, written plainly.

What a hostile sender may do in XML is refused before anything of it is used: document types and
their entities, processing instructions, deep nesting, another encoding than the two of WS-I Basic
Profile 1.1. No error repeats what stood in the message.
"""

from dataclasses import dataclass
from html import escape
from typing import Literal, TypeAlias

from lxml import etree

from renkei.exchange.errors import (
    SoapHeaderUnknown,
    SoapMalformed,
    SoapTypeWrong,
    SoapVersionDiffers,
)

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no other name for it

SPACE = "http://schemas.xmlsoap.org/soap/envelope/"
MEDIA_TYPE = "text/xml"
ENCODINGS = ("utf-8", "utf-16")
_ENVELOPE, _HEADER, _BODY = (f"{{{SPACE}}}{name}" for name in ("Envelope", "Header", "Body"))
_MUST = f"{{{SPACE}}}mustUnderstand"
_ACTOR = f"{{{SPACE}}}actor"
_NEXT = "http://schemas.xmlsoap.org/soap/actor/next"

FaultCode = Literal["Client", "Server", "VersionMismatch", "MustUnderstand"]


@dataclass(frozen=True, slots=True)
class SoapMessage:
    """What an envelope holds: its header blocks by name, and the one element of its body."""

    headers: dict[str, Element]
    body: Element


def read_soap(data: bytes, content_type: str, *, understood: frozenset[str]) -> SoapMessage:
    """Read an envelope; `understood` names the header blocks whoever reads it knows.

    A block that must be understood and is not, is an error; one that need not be is passed over.
    """
    envelope = _parse(data, _encoding(content_type))
    if envelope.tag != _ENVELOPE:
        is_envelope = etree.QName(envelope).localname == "Envelope"
        raise SoapVersionDiffers if is_envelope else SoapMalformed(defect="no SOAP-ENV:Envelope")
    parts = list(envelope)
    names = [child.tag for child in parts]
    if names not in ([_BODY], [_HEADER, _BODY]):
        raise SoapMalformed(defect="Envelope: Header?, Body")
    headers: dict[str, Element] = {}
    for block in parts[0] if len(parts) == 2 else ():
        if block.tag in headers:
            raise SoapMalformed(defect="a header block stands twice")
        if block.tag in understood:
            headers[block.tag] = block
        elif block.get(_MUST) in ("1", "true") and block.get(_ACTOR) in (None, "", _NEXT):
            raise SoapHeaderUnknown
    inside = list(parts[-1])
    if len(inside) != 1:
        raise SoapMalformed(defect=f"Body: {len(inside)} elements, 1 wanted")
    return SoapMessage(headers, inside[0])


def write_soap(body: str, header: str = "") -> bytes:
    """Return an envelope around the text of one element, and of header blocks.

    >>> write_soap("<a/>").endswith(b"<a/></SOAP-ENV:Body></SOAP-ENV:Envelope>")
    True
    """
    blocks = f"<SOAP-ENV:Header>{header}</SOAP-ENV:Header>" if header else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SPACE}">{blocks}<SOAP-ENV:Body>{body}'
        "</SOAP-ENV:Body></SOAP-ENV:Envelope>"
    ).encode()


def write_soap_fault(code: str, text: str, detail: str) -> bytes:
    """Return the envelope of a fault; `detail` is the text of elements.

    `code` is one of SOAP (`SOAP-ENV:Client` …) or of a protocol above it; `text` is Japanese.
    """
    said = escape(text, quote=False)
    return write_soap(
        f"<SOAP-ENV:Fault><faultcode>{code}</faultcode>"
        f'<faultstring xml:lang="ja">{said}</faultstring>'
        f"<detail>{detail}</detail></SOAP-ENV:Fault>"
    )


def write_block(block: Element) -> str:
    """Return an element as it was sent, to stand in an answer again, its namespaces declared."""
    return etree.tostring(block, encoding="unicode", with_tail=False)


def _encoding(content_type: str) -> str | None:
    """Return the encoding the HTTP header states, if it states one."""
    kind, *parameters = (part.strip() for part in content_type.split(";"))
    if kind.lower() != MEDIA_TYPE:
        raise SoapTypeWrong
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            found = value.strip().strip('"').lower()
            if found not in ENCODINGS:
                raise SoapTypeWrong
            return found
    return None


def _parse(data: bytes, encoding: str | None) -> Element:
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        # Not `from error`: its text may quote the message.
        line = getattr(error, "lineno", None) or 1
        raise SoapMalformed(defect=f"no well-formed XML, line {line}") from None
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None:
        raise SoapMalformed(defect="DOCTYPE")
    stated = (tree.docinfo.encoding or "utf-8").lower()
    if not stated.startswith(ENCODINGS):
        raise SoapTypeWrong
    beside = (*root.itersiblings(preceding=True), *root.itersiblings())
    inside = root.iter(etree.ProcessingInstruction, etree.Entity)
    if any(one.tag is etree.ProcessingInstruction for one in beside) or any(True for _ in inside):
        raise SoapMalformed(defect="a processing instruction or an entity")
    return root
