"""SOAP 1.1 envelopes: read with suspicion, written plainly.

What a hostile sender may do in XML is refused before anything of it is used: document types and
their entities, processing instructions, deep nesting, another encoding than the two of WS-I Basic
Profile 1.1. No error repeats what stood in the message.
"""

from dataclasses import dataclass
from html import escape
from io import BytesIO
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
XOP_TYPE = "application/xop+xml"
ENCODINGS = ("utf-8", "utf-16")
_ENVELOPE, _HEADER, _BODY = (f"{{{SPACE}}}{name}" for name in ("Envelope", "Header", "Body"))
_MUST = f"{{{SPACE}}}mustUnderstand"
_ACTOR = f"{{{SPACE}}}actor"
_FAULT = f"{{{SPACE}}}Fault"
_NEXT = "http://schemas.xmlsoap.org/soap/actor/next"

FaultCode = Literal["Client", "Server", "VersionMismatch", "MustUnderstand"]


@dataclass(frozen=True, slots=True)
class SoapMessage:
    """What an envelope holds: header blocks by name, and the one element of its body.

    `is_understood` is false where whoever read it is told to understand a block and does not.
    """

    headers: dict[str, Element]
    body: Element
    is_understood: bool = True

    @property
    def is_fault(self) -> bool:
        """Tell whether the body holds a fault of SOAP."""
        return bool(self.body.tag == _FAULT)


def read_soap(data: bytes, content_type: str, *, understood: frozenset[str]) -> SoapMessage:
    """Read an envelope; `understood` names the header blocks whoever reads it knows.

    A block that must be understood and is not, is an error; one that need not be is passed over.
    """
    message = open_soap(data, content_type, understood=understood)
    if not message.is_understood:
        raise SoapHeaderUnknown
    return message


def open_soap(
    data: bytes, content_type: str, *, understood: frozenset[str], kinds: tuple[str, ...] = ()
) -> SoapMessage:
    """Read an envelope that may be for somebody else, who is left to understand the rest of it.

    `kinds` names media types that are taken besides `text/xml`.
    """
    root = _parse(data, _encoding(content_type, (MEDIA_TYPE, *kinds)))
    header, body = _parts(root)
    headers: dict[str, Element] = {}
    is_understood = True
    for block in header:
        if block.tag in headers:
            raise SoapMalformed(defect="a header block stands twice")
        if block.tag in understood:
            headers[str(block.tag)] = block
        elif block.get(_MUST) in ("1", "true") and block.get(_ACTOR) in (None, "", _NEXT):
            is_understood = False
    inside = list(body)
    if len(inside) != 1:
        raise SoapMalformed(defect=f"Body: {len(inside)} elements, 1 wanted")
    return SoapMessage(headers, inside[0], is_understood)


def with_block(data: bytes, content_type: str, name: str, block: str) -> bytes:
    """Return an envelope with one block more at the end of its header, in place of any so called.

    Comments, character data and the encoding stay; it was read before (`open_soap`).
    """
    encoding = _encoding(content_type, (MEDIA_TYPE, XOP_TYPE))
    root = _parse(data, encoding, comments=True)
    header = root.find(_HEADER)
    if header is None:
        raise SoapMalformed(defect="no Header")
    for known in header.findall(name):
        header.remove(known)
    header.append(etree.fromstring(block))
    tree = root.getroottree()
    is_wide = (encoding or tree.docinfo.encoding or "").lower().startswith("utf-16")
    written = BytesIO()
    tree.write(written, encoding="utf-16" if is_wide else "utf-8", xml_declaration=True)
    return written.getvalue()


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


def _parts(envelope: Element) -> tuple[list[Element], Element]:
    """Return the blocks of the header and the body."""
    if envelope.tag != _ENVELOPE:
        is_envelope = etree.QName(envelope).localname == "Envelope"
        raise SoapVersionDiffers if is_envelope else SoapMalformed(defect="no SOAP-ENV:Envelope")
    parts = list(envelope)
    names = [child.tag for child in parts]
    if names not in ([_BODY], [_HEADER, _BODY]):
        raise SoapMalformed(defect="Envelope: Header?, Body")
    return list(parts[0]) if len(parts) == 2 else [], parts[-1]


def _encoding(content_type: str, kinds: tuple[str, ...]) -> str | None:
    """Return the encoding the HTTP header states, if it states one."""
    kind, *parameters = (part.strip() for part in content_type.split(";"))
    if kind.lower() not in kinds:
        raise SoapTypeWrong
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            found = value.strip().strip('"').lower()
            if found not in ENCODINGS:
                raise SoapTypeWrong
            return found
    return None


def _parse(data: bytes, encoding: str | None, *, comments: bool = False) -> Element:
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=not comments,
        strip_cdata=not comments,
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
