"""The WSDL of a unit for clients of the X-Road® message protocol 4.0.

The same questions as in `wsdl`, wrapped: the operation and its element are called as the service,
the answer `…Response`; inside stand the request and the answer of the unit's own schema. Header
blocks are those of the protocol and, in a namespace of ours, what the law asks for besides.
"""

from html import escape

from renkei.standard.content import Catalogue
from renkei.standard.generate.xml_names import message_name, namespace
from renkei.standard.generate.xsd import DECLARATION, schema_element
from renkei.standard.linkage import Interface, Timing
from renkei.standard.model import Unit

XROAD = "http://x-road.eu/xsd/xroad.xsd"
IDENTIFIERS = "http://x-road.eu/xsd/identifiers"
OURS = "urn:renkei:headers"
PLACE = "http://example.org/xroad-endpoint"
ADDRESS_PARTS = (
    "xRoadInstance",
    "memberClass",
    "memberCode",
    "subsystemCode",
    "serviceCode",
    "serviceVersion",
)
HEADERS = ("client", "service", "userId", "issue", "id", "protocolVersion")
OUR_HEADERS = ("procedure", "purpose", "consent", "mode", "on", "items", "second")
_OPTIONAL = ' minOccurs="0"'

_SPACES = f"""\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{IDENTIFIERS}" \
xmlns:id="{IDENTIFIERS}" elementFormDefault="qualified">
{{parts}}<xs:attribute name="objectType" type="xs:string"/>
<xs:complexType name="identifier"><xs:sequence>
{{refs}}</xs:sequence><xs:attribute ref="id:objectType" use="required"/></xs:complexType>
</xs:schema>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{XROAD}" \
xmlns:id="{IDENTIFIERS}" elementFormDefault="qualified">
<xs:import namespace="{IDENTIFIERS}"/>
<xs:element name="client" type="id:identifier"/><xs:element name="service" type="id:identifier"/>
<xs:element name="userId" type="xs:string"/><xs:element name="issue" type="xs:string"/>
<xs:element name="id" type="xs:string"/><xs:element name="protocolVersion" type="xs:string"/>
</xs:schema>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{OURS}" \
elementFormDefault="qualified">
{{ours}}</xs:schema>
"""


def xroad_namespace(unit: str) -> str:
    """Return the namespace of the wrappers of a unit."""
    return f"urn:renkei:xroad:{unit}"


def answered(unit: Unit, standard: Catalogue) -> tuple[Interface, ...]:
    """Return what a unit answers at once to other organisations."""
    return tuple(
        one
        for one in standard.interfaces_of(unit.id)
        if one.between_organisations and Timing.immediate in one.timings
    )


def xroad_wsdl(unit: Unit, standard: Catalogue) -> str:
    """Return the description of a unit; the address is one nobody answers at."""
    found = answered(unit, standard)
    space = xroad_namespace(unit.id)
    wrappers = "".join(
        _wrapper(one.service, message_name(one, "要求"))
        + _wrapper(f"{one.service}Response", message_name(one, "回答"))
        for one in found
    )
    headers = [("xrd", name) for name in HEADERS] + [("o", name) for name in OUR_HEADERS]
    parts = "".join(
        f'<wsdl:part name="{name}" element="{prefix}:{name}"/>' for prefix, name in headers
    )
    return "".join(
        [
            DECLARATION,
            '<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" ',
            'xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" ',
            'xmlns:xs="http://www.w3.org/2001/XMLSchema" ',
            f'xmlns:xrd="{XROAD}" xmlns:o="{OURS}" ',
            f'xmlns:t="{namespace(unit.id)}" xmlns:x="{space}" ',
            f'targetNamespace="{space}" name="{unit.name}">\n<wsdl:types>\n',
            schema_element(unit, standard),
            _shared(),
            f'<xs:schema targetNamespace="{space}" elementFormDefault="qualified">\n',
            f'<xs:import namespace="{namespace(unit.id)}"/>\n{wrappers}</xs:schema>\n',
            "</wsdl:types>\n",
            f'<wsdl:message name="headers">{parts}</wsdl:message>\n',
            *(_messages(one.service) for one in found),
            f'<wsdl:portType name="{unit.name}">\n',
            *(_operation(one) for one in found),
            f'</wsdl:portType>\n<wsdl:binding name="{unit.name}_soap" type="x:{unit.name}">\n',
            '<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>\n',
            *(_bound(one.service) for one in found),
            f'</wsdl:binding>\n<wsdl:service name="{unit.name}">',
            f'<wsdl:port name="{unit.name}" binding="x:{unit.name}_soap">',
            f'<soap:address location="{PLACE}"/></wsdl:port></wsdl:service>\n</wsdl:definitions>\n',
        ]
    )


def _shared() -> str:
    parts = "".join(f'<xs:element name="{name}" type="xs:string"/>\n' for name in ADDRESS_PARTS)
    refs = "".join(
        f'<xs:element ref="id:{name}"{_OPTIONAL if n > 2 else ""}/>\n'
        for n, name in enumerate(ADDRESS_PARTS)
    )
    ours = "".join(f'<xs:element name="{name}" type="xs:string"/>\n' for name in OUR_HEADERS)
    return _SPACES.format(parts=parts, refs=refs, ours=ours)


def _wrapper(name: str, inside: str) -> str:
    return (
        f'<xs:element name="{name}"><xs:complexType><xs:sequence>'
        f'<xs:element ref="t:{inside}"/></xs:sequence></xs:complexType></xs:element>\n'
    )


def _messages(service: str) -> str:
    return "".join(
        f'<wsdl:message name="{name}"><wsdl:part name="parameters" element="x:{name}"/>'
        "</wsdl:message>\n"
        for name in (service, f"{service}Response")
    )


def _operation(interface: Interface) -> str:
    name = interface.service
    said = escape(interface.ja, quote=False)
    return (
        f'<wsdl:operation name="{name}"><wsdl:documentation>{said}</wsdl:documentation>'
        f'<wsdl:input message="x:{name}"/><wsdl:output message="x:{name}Response"/>'
        "</wsdl:operation>\n"
    )


def _bound(name: str) -> str:
    headers = "".join(
        f'<soap:header message="x:headers" part="{part}" use="literal"/>'
        for part in (*HEADERS, *OUR_HEADERS)
    )
    return (
        f'<wsdl:operation name="{name}"><soap:operation soapAction="" style="document"/>'
        f'<wsdl:input><soap:body parts="parameters" use="literal"/>{headers}</wsdl:input>'
        f'<wsdl:output><soap:body parts="parameters" use="literal"/></wsdl:output>'
        "</wsdl:operation>\n"
    )
