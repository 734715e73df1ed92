"""A system in SOAP behind a node that answers as it is told, and a unit's client that sends raw."""

import http.client
import re
from dataclasses import dataclass, field
from uuid import uuid4

from lxml import etree
from tests.stories.passing import CLIENT, Pair

from renkei import exchange
from renkei.app.demo.ecosystem import B
from renkei.standard.generate.xroad_wsdl import ADDRESS_PARTS, IDENTIFIERS, OURS, XROAD

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XML = "text/xml; charset=utf-8"
FAULT = (
    f'<S:Envelope xmlns:S="{SOAP}"><S:Body><S:Fault><faultcode>S:Server</faultcode>'
    "<faultstring>its own</faultstring></S:Fault></S:Body></S:Envelope>"
).encode()
XOP = '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:one"/>'


def identifier(name: str, address: str, version: str = "") -> str:
    """Return the block `client` or `service`."""
    kind = "SERVICE" if name == "service" else "SUBSYSTEM"
    parts = [*address.split("/"), *([version] if version else [])]
    inside = "".join(f"<i:{k}>{v}</i:{k}>" for k, v in zip(ADDRESS_PARTS, parts, strict=False))
    return f'<x:{name} i:objectType="{kind}">{inside}</x:{name}>'


def envelope(service: str, body: str = "", /, **changes: str) -> bytes:
    """Return the envelope of a message to a service of B, its blocks changed by name."""
    blocks = {
        "client": identifier("client", CLIENT),
        "service": identifier("service", f"JP/MUN/{B.tenant}/31/{service}"),
        "userId": "<x:userId>JP00000000001</x:userId>",
        "id": f"<x:id>JP-{uuid4()}</x:id>",
        "protocolVersion": "<x:protocolVersion>4.0</x:protocolVersion>",
        "mode": "<o:mode>test</o:mode>",
    } | changes
    return (
        f'<e:Envelope xmlns:e="{SOAP}" xmlns:x="{XROAD}" xmlns:i="{IDENTIFIERS}" xmlns:o="{OURS}">'
        f"<e:Header>{''.join(blocks.values())}</e:Header><e:Body>"
        f"{body or f'<{service}/>'}</e:Body></e:Envelope>"
    ).encode()


def packed(
    soap: bytes, *parts: tuple[str, bytes], kind: str = XML, boundary: str = "one.two"
) -> tuple[bytes, str]:
    """Return a package and its type; `parts` are the heads and contents of attachments."""
    every = [(f"Content-Type: {kind}\r\nContent-ID: <root>", soap), *parts]
    body = b"".join(
        f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n" for head, content in every
    )
    outer = kind.partition(";")[0]
    return (
        body + f"--{boundary}--\r\n".encode(),
        f'multipart/related; type="{outer}"; start="<root>"; boundary="{boundary}"',
    )


@dataclass
class SoapSystem:
    """What answers in SOAP; it keeps fields and body of what it was asked."""

    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(
        self, scope: exchange.Scope, receive: exchange.Receive, send: exchange.Send
    ) -> None:
        """Repeat the header as the protocol says, or do what the path says."""
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        fields = {n.decode(): v.decode("latin-1") for n, v in scope["headers"]}
        self.asked.append((fields, body))
        found = re.search(rb"<[\w-]+:Envelope.*</[\w-]+:Envelope>", body, re.DOTALL)
        assert found is not None
        status, kind, told = answer(scope["path"].rsplit("/", 1)[-1], found[0])
        head = [(b"content-type", kind.encode()), (b"x-of-the-system", b"1")]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": told})


def answer(how: str, asked: bytes) -> tuple[int, str, bytes]:
    """Return status, type and body of an answer to an envelope."""
    root = etree.fromstring(asked)
    (inside,) = root[-1]
    inside.tag = f"{inside.tag}Response"
    content = bytes(range(256)) * (12 << 10)  # 3 MiB: it waits in a file
    part = "Content-Type: application/octet-stream\r\nContent-ID: <one>"
    match how:
        case "other":
            next(root.iter(f"{{{XROAD}}}userId")).text = "JP00000000002"
        case "bare":
            root[0].clear()
        case "headless":
            root.remove(root[0])
        case "fault":
            return 500, XML, FAULT
        case "page":
            return 404, "text/html", b"<html/>"
        case "nothing":
            return 200, "text/plain", b""
        case "doctype":
            return 200, XML, b"<!DOCTYPE a>" + etree.tostring(root)
        case "hashed":
            root[0].append(
                etree.fromstring(f'<x:requestHash xmlns:x="{XROAD}">old</x:requestHash>')
            )
            inside.append(etree.Comment(" kept "))
            inside.text = etree.CDATA("a<b")
        case "attached" | "cut":
            data, kind = packed(etree.tostring(root), (part, content))
            return 200, kind, data if how == "attached" else data[:-30]
        case "mtom":
            inside.append(etree.fromstring(f"<data>{XOP}</data>"))
            xop = 'application/xop+xml; charset=utf-8; type="text/xml"'
            data, kind = packed(etree.tostring(root), (part, b"\x00\xffraw\r\n"), kind=xop)
            return 200, kind, data
        case _:
            pass
    return 200, XML, etree.tostring(root)


def post(
    pair: Pair, body: bytes, kind: str = XML, *, unit: str = "15", **more: str
) -> tuple[dict[str, str], bytes]:
    """Send bytes to `/` of A's node as a unit; every answer has status 200."""
    token = pair.eco.tokens["a"][unit]
    said = {"Content-Type": kind, "Authorization": f"Bearer {token}"}
    said |= {name.replace("_", "-"): value for name, value in more.items()}
    door = pair.eco.settings["a"].staff_door
    line = http.client.HTTPConnection(door.host, door.port, timeout=60)
    try:
        line.request("POST", "/", body, {name: value for name, value in said.items() if value})
        got = line.getresponse()
        assert got.status == 200
        return {name.lower(): value for name, value in got.getheaders()}, got.read()
    finally:
        line.close()


def fault_of(data: bytes) -> tuple[str, str]:
    """Return type and code of a fault."""
    found = etree.fromstring(data).find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault")
    assert found is not None, data[:2000]
    assert found.findtext("detail/faultDetail")
    code = found.findtext("detail/{urn:renkei:fault}code", "")
    return found.findtext("faultcode", ""), code


KINDS = (
    "echo",
    "other",
    "bare",
    "headless",
    "fault",
    "page",
    "nothing",
    "doctype",
    "hashed",
    "attached",
    "cut",
    "mtom",
)
"""Names of the system's services, each at the path of its name."""

WSDL = f"""<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:t="urn:plans"
 xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="{XROAD}" targetNamespace="urn:plans">
<w:types><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:plans">
<xs:import namespace="{XROAD}" schemaLocation="http://x-road.eu/xsd/xroad.xsd"/>
<xs:element name="mtom"><xs:complexType/></xs:element>
<xs:element name="mtomResponse"><xs:complexType><xs:sequence>
<xs:element name="data" type="xs:base64Binary"/></xs:sequence></xs:complexType></xs:element>
</xs:schema></w:types>
<w:message name="in"><w:part name="p" element="t:mtom"/></w:message>
<w:message name="out"><w:part name="p" element="t:mtomResponse"/></w:message>
<w:message name="h"><w:part name="client" element="x:client"/>
<w:part name="service" element="x:service"/><w:part name="id" element="x:id"/>
<w:part name="protocolVersion" element="x:protocolVersion"/></w:message>
<w:portType name="plans"><w:operation name="mtom"><w:input message="t:in"/>
<w:output message="t:out"/></w:operation></w:portType>
<w:binding name="plansBinding" type="t:plans">
<s:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
<w:operation name="mtom"><s:operation soapAction="mtom"/><w:input><s:body use="literal"/>
<s:header message="t:h" part="client" use="literal"/>
<s:header message="t:h" part="service" use="literal"/>
<s:header message="t:h" part="id" use="literal"/>
<s:header message="t:h" part="protocolVersion" use="literal"/></w:input>
<w:output><s:body use="literal"/></w:output></w:operation></w:binding>
<w:service name="plans"><w:port name="plans" binding="t:plansBinding">
<s:address location="http://10.0.0.7/internal"/></w:port></w:service></w:definitions>
"""
