"""The documents of the metaservices: who takes part, and what a unit answers.

Names and forms are those of the X-Road® service metadata protocols for REST and messages.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from html import escape

import msgspec

from renkei import kit
from renkei.exchange.addresses import Client, Member, Service, Subsystem

LIST_METHODS, ALLOWED_METHODS = "listMethods", "allowedMethods"
GET_OPENAPI, GET_WSDL = "getOpenAPI", "getWsdl"
METASERVICES = frozenset({LIST_METHODS, ALLOWED_METHODS, GET_OPENAPI, GET_WSDL, "listClients"})
"""Codes no service of a unit may have."""
SOAP = "SOAP"
"""The type of a service that is told in SOAP alone."""

_XROAD, _IDENTIFIERS = "http://x-road.eu/xsd/xroad.xsd", "http://x-road.eu/xsd/identifiers"


@dataclass(frozen=True, slots=True)
class ListedClient:
    """An organisation or one of its units, with the organisation's name and the unit's."""

    client: Client
    name: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """A service with its endpoints: HTTP method and path, `*` for one segment that varies."""

    service: Service
    endpoints: tuple[tuple[str, str], ...]
    kind: str = "OPENAPI"


def clients_json(listed: Iterable[ListedClient]) -> bytes:
    """Return the answer of listClients in JSON."""
    members = [{"id": _identifier(one.client), "name": one.name} for one in listed]
    return msgspec.json.encode({"member": members})


def clients_xml(listed: Iterable[ListedClient]) -> bytes:
    """Return the answer of listClients in XML, the form of old."""
    members = "".join(
        f"<xroad:member>{_identifier_xml(one.client)}<xroad:name>{_text(one.name)}</xroad:name>"
        + (f"<xroad:subsystemName>{_text(one.unit)}</xroad:subsystemName>" if one.unit else "")
        + "</xroad:member>"
        for one in listed
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<xroad:clientList xmlns:xroad="{_XROAD}" xmlns:id="{_IDENTIFIERS}">{members}'
        "</xroad:clientList>"
    ).encode()


def methods_json(methods: Iterable[Method]) -> bytes:
    """Return the answer of listMethods and allowedMethods."""
    services = [
        {
            **_identifier(one.service.provider),
            "object_type": "SERVICE",
            "service_type": one.kind,
            "service_code": one.service.code,
            "endpoint_list": [{"method": method, "path": path} for method, path in one.endpoints],
        }
        for one in methods
    ]
    return msgspec.json.encode({"service": services})


def joined(one: bytes, other: bytes) -> bytes:
    """Join two answers of listMethods for a client of REST; what cannot be read adds nothing.

    >>> joined(b'{"service":[]}', b'{"service":[{"service_code":"x"},{"service_type":"SOAP"}]}')
    b'{"service":[{"service_code":"x"}]}'
    """
    found = [raw for text in (one, other) for raw, kind in _told(text) if kind.service_type != SOAP]
    return msgspec.json.encode(_Services(found))


def soap_codes(told: bytes) -> list[str]:
    """Return the codes of what an answer of listMethods has for clients of SOAP.

    >>> soap_codes(b'{"service":[{"service_code":"x"},{"service_code":"y","service_type":"SOAP"}]}')
    ['y']
    """
    return [one.service_code for _, one in _told(told) if one.service_type == SOAP]


def _told(text: bytes) -> list[tuple[msgspec.Raw, "_Kind"]]:
    with suppress(msgspec.DecodeError):
        found = kit.read_json(text, _Services).service
        return [(one, kit.read_json(one, _Kind)) for one in found]
    return []


class _Services(msgspec.Struct):
    """The one member of the answer of listMethods."""

    service: list[msgspec.Raw]


class _Kind(msgspec.Struct):
    """What is read of a service that is told."""

    service_code: str = ""
    service_type: str = ""


def services_xml(name: str, services: Iterable[Service]) -> str:
    """Return the body of a SOAP answer of listMethods and allowedMethods: `name`Response."""
    told = "".join(
        f'<xroad:service id:objectType="SERVICE">{_parts_xml(one.provider)}'
        f"<id:serviceCode>{_text(one.code)}</id:serviceCode></xroad:service>"
        for one in services
    )
    spaces = f'xmlns:xroad="{_XROAD}" xmlns:id="{_IDENTIFIERS}"'
    return f"<xroad:{name}Response {spaces}>{told}</xroad:{name}Response>"


def _identifier(client: Client) -> dict[str, str]:
    organisation = client.organisation
    said = {
        "object_type": "MEMBER",
        "xroad_instance": organisation.instance,
        "member_class": organisation.member_class,
        "member_code": str(organisation.code),
    }
    match client:
        case Subsystem(code=code):
            return said | {"object_type": "SUBSYSTEM", "subsystem_code": code}
        case Member():
            return said


def _identifier_xml(client: Client) -> str:
    kind = _identifier(client)["object_type"]
    return f'<xroad:id id:objectType="{kind}">{_parts_xml(client)}</xroad:id>'


def _parts_xml(client: Client) -> str:
    said = _identifier(client)
    names = {
        "xroad_instance": "xRoadInstance",
        "member_class": "memberClass",
        "member_code": "memberCode",
        "subsystem_code": "subsystemCode",
    }
    return "".join(
        f"<id:{tag}>{_text(said[name])}</id:{tag}>" for name, tag in names.items() if name in said
    )


def _text(text: str) -> str:
    return escape(text, quote=False)
