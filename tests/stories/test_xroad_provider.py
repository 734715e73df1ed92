"""A provider written with fastapi-xroad-soap stands behind B; zeep and raw bytes ask it through A.

RK-14.7 to RK-14.11, with software on both sides that knows nothing of us.
"""

import hashlib
import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from uuid import uuid4

import pytest
import requests
import uvicorn
import zeep
from lxml import etree
from tests.exchange.serving import serving
from tests.stories.outside import xroad_provider
from tests.stories.passing import CLIENT, Pair, passing_pair
from tests.stories.soap_system import (
    WSDL,
    XML,
    SoapSystem,
    envelope,
    fault_of,
    packed,
    post,
)
from XRoad import XClient
from zeep.transports import Transport

from renkei.app.demo.ecosystem import A, B, Ecosystem
from renkei.standard import catalogue
from renkei.standard.generate.xroad_wsdl import (
    ADDRESS_PARTS,
    IDENTIFIERS,
    OURS,
    XROAD,
    xroad_wsdl,
)

pytestmark = pytest.mark.xdist_group("soap-passing")

SWAREF = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
 targetNamespace="http://ws-i.org/profiles/basic/1.1/xsd">
<xs:simpleType name="swaRef"><xs:restriction base="xs:anyURI"/></xs:simpleType></xs:schema>"""
SHELTERS = "https://shelters.example.org"
BINDING = f"{{{SHELTERS}}}serviceBinding"
PLAN = bytes(range(256)) * 4096


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    config = uvicorn.Config(SoapSystem(), host="127.0.0.1", port=0, log_config=None, lifespan="off")
    with xroad_provider() as url, serving(config) as port:

        def register(eco: Ecosystem) -> None:
            (eco.file(B).parent / "plans.wsdl").write_text(WSDL, encoding="utf-8")
            mtom = (f"http://127.0.0.1:{port}/mtom", "plans.wsdl")
            services = dict.fromkeys(("shelterCount", "shelterPlan"), (url, f"{url}?wsdl"))
            lines = "".join(
                f'\n[services."31/{code}"]\nurl = "{place}"\n'
                f'rights."{CLIENT}" = ["POST /"]\nwsdl = "{wsdl}"\n'
                for code, (place, wsdl) in (services | {"mtom": mtom}).items()
            )
            with eco.file(B).open("a", encoding="utf-8") as file:
                file.write(lines)

        with passing_pair(os.environ.get("RENKEI_TEST_BINARIES", ""), register) as found:
            yield found


class Published(Transport):
    """zeep's way to the world, where the public schemas both WSDLs import are at hand."""

    def load(self, url: str) -> bytes:
        """Return a schema, or what stands at an address."""
        schemas = {"swaref": SWAREF, "xroad": blocks(XROAD), "identifiers": blocks(IDENTIFIERS)}
        name = url.rsplit("/", 1)[-1].removesuffix(".xsd")
        found: bytes = schemas[name] if name in schemas else super().load(url)
        return found

    def post_xml(self, address, envelope, headers):
        """Send without the declaration of XML, which the framework does not expect."""
        return self.post(address, etree.tostring(envelope), headers)


class InTest(zeep.Plugin):
    """What a client says to a node that is in test; in production it says nothing."""

    def egress(self, envelope, http_headers, operation, binding_options):
        """Add our block to the header."""
        mode = etree.SubElement(envelope[0], f"{{{OURS}}}mode")
        mode.text = "test"
        return envelope, http_headers


def blocks(space: str) -> bytes:
    """Return the schema of the protocol's blocks, or of what identifies."""
    known = catalogue()
    root = etree.fromstring(xroad_wsdl(known.unit("06"), known).encode())
    (schema,) = (one for one in root.iter("{*}schema") if one.get("targetNamespace") == space)
    for one in schema.iter("{*}import"):
        one.set("schemaLocation", "http://x-road.eu/xsd/identifiers.xsd")
    return etree.tostring(schema)


@contextmanager
def zeep_for(pair: Pair, code: str) -> Iterator[zeep.Client]:
    """Give a client made from the description A's node tells of a service of B."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {pair.eco.tokens['a']['15']}"
    parts = dict(zip(ADDRESS_PARTS, ("JP", "MUN", B.tenant, "31", code), strict=False))
    query = "&".join(f"{name}={value}" for name, value in parts.items())
    with session:
        transport = Published(session=session, timeout=20, operation_timeout=20)
        wsdl = f"{pair.eco.staff(A)}/wsdl?{query}"
        client = zeep.Client(wsdl, transport=transport, plugins=[InTest()])
        # The framework looks for namespaces at the outermost element alone.
        client.set_ns_prefix("t", SHELTERS)
        yield client


def framed(code: str, asked: str, **changes: str) -> bytes:
    """Return an envelope that declares the namespace of the framework where it looks for it."""
    made = envelope(code, asked, **changes)
    return made.replace(b"<e:Envelope", f'<e:Envelope xmlns:t="{SHELTERS}"'.encode(), 1)


def header(code: str) -> dict[str, object]:
    client = dict(zip(ADDRESS_PARTS, CLIENT.split("/"), strict=False))
    holder = dict(zip(ADDRESS_PARTS, ("JP", "MUN", B.tenant, "31", code), strict=False))
    return {
        "client": {"objectType": "SUBSYSTEM"} | client,
        "service": {"objectType": "SERVICE"} | holder,
        "id": f"JP-{uuid4()}",
        "protocolVersion": "4.0",
        "userId": "JP00000000001",
    }


@pytest.mark.clause("RK-14.11", "RK-14.7")
def test_zeep_asks_by_the_description_the_framework_made(pair):
    """The provider's WSDL leads the client to its own node, and on."""
    with zeep_for(pair, "shelterCount") as client:
        (port,) = client.wsdl.services["xroadService"].ports.values()
        assert port.binding_options["address"] == "http://example.org/xroad-endpoint"
        service = client.create_service(BINDING, pair.eco.staff(A))
        told = service.shelterCount(district="三鷹", _soapheaders=header("shelterCount"))
    body = told.body if hasattr(told, "body") else told
    assert (body.district, body.beds, body.asker) == ("三鷹", 20, f"{A.tenant}/15")


@pytest.mark.clause("RK-14.8")
def test_a_raw_client_sends_an_attachment_and_gets_it_back(pair):
    """An attachment of the framework, both ways."""
    asked = "<t:shelterPlan><plan>cid:plan</plan></t:shelterPlan>"
    soap = framed("shelterPlan", asked)
    part = (
        "Content-Type: application/octet-stream\r\nContent-ID: <plan>\r\n"
        'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; name="plan.bin"'
    )
    sent, kind = packed(soap, (part, b64encode(PLAN)))
    head, got = post(pair, sent, kind, SOAPAction="shelterPlan")
    whole = message_from_bytes(f"Content-Type: {head['content-type']}\r\n\r\n".encode() + got)
    told, returned = (
        one.get_payload(decode=True) for one in whole.walk() if not one.is_multipart()
    )
    root = etree.fromstring(bytes(told))
    assert root.findtext(".//{*}sha256") == hashlib.sha256(PLAN).hexdigest()
    assert root.findtext(".//{*}size") == str(len(PLAN))
    assert returned == PLAN
    wanted = b64encode(hashlib.sha512(soap).digest()).decode()
    assert root.findtext(f".//{{{XROAD}}}requestHash") == wanted


@pytest.mark.clause("RK-14.8")
def test_a_package_of_mtom_reaches_the_framework(pair):
    """The envelope as application/xop+xml, with nothing to include."""
    asked = "<t:shelterCount><district>野</district></t:shelterCount>"
    sent, kind = packed(
        framed("shelterCount", asked),
        kind='application/xop+xml; charset=utf-8; type="text/xml"',
    )
    _, got = post(pair, sent, kind, SOAPAction="shelterCount")
    assert etree.fromstring(got).findtext(".//{*}beds") == "10"


@pytest.mark.clause("RK-14.8")
def test_zeep_reads_an_answer_of_mtom(pair):
    """What is included beside the envelope is what the system sent."""
    with zeep_for(pair, "mtom") as client:
        service = client.create_service("{urn:plans}plansBinding", pair.eco.staff(A))
        said = {name: value for name, value in header("mtom").items() if name != "userId"}
        told = service.mtom(_soapheaders=said)
    assert told == b"\x00\xffraw\r\n"


@pytest.mark.clause("RK-14.9")
def test_a_fault_of_the_framework_is_told_as_it_is(pair):
    """Whatever status it comes with."""
    with zeep_for(pair, "shelterCount") as client:
        service = client.create_service(BINDING, pair.eco.staff(A))
        with pytest.raises(zeep.exceptions.Fault, match="no such district"):
            service.shelterCount(district="nowhere", _soapheaders=header("shelterCount"))


@pytest.mark.clause("RK-14.9")
def test_what_the_framework_does_not_repeat_is_told_to_be_missing(pair):
    """This framework knows no `issue`, as no X-Road would accept either."""
    asked = "<t:shelterCount><district>野</district></t:shelterCount>"
    sent = framed("shelterCount", asked, issue="<x:issue>7</x:issue>")
    _, got = post(pair, sent, XML, SOAPAction="shelterCount")
    wanted = "server.clientproxy.service_failed.inconsistent_headers"
    assert fault_of(got) == (wanted, "headers-inconsistent")


@pytest.mark.clause("RK-14.11")
def test_pyxroad_asks_a_system_by_way_of_its_node(pair):
    """It fetches the description of the service, then uses the node as its HTTP proxy."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {pair.eco.tokens['a']['15']}"
        transport = Published(session=session, timeout=20, operation_timeout=20)
        service = f"JP/MUN/{B.tenant}/31/shelterCount"
        node, plugins = pair.eco.staff(A), [InTest()]
        client = XClient(node, client=CLIENT, service=service, transport=transport, plugins=plugins)
        client.set_ns_prefix("t", SHELTERS)
        told = client.request(district="井の頭")
    body = told.get("body", told)
    assert (body["beds"], body["asker"]) == (30, f"{A.tenant}/15")
