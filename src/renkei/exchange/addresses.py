"""Addresses: who asks and which service is meant, e.g. JP/MUN/131016/15/income.

A text is split at its slashes first, then each segment is percent-decoded once. What could be
read in two ways (dot segments, a second encoding, control characters) is refused, never repaired.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

from renkei.exchange.errors import (
    AddressIncomplete,
    AddressMalformed,
    AddressUnsafe,
    MemberClassUnknown,
    MemberCodeWrong,
)
from renkei.kit import Tenant, corporate_number_ok, organisation_code_ok

CLASSES = ("MUN", "PREF", "GOV", "COM")
LONGEST = 255
LONGEST_SUFFIX = 4096

_SEGMENT = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*", re.ASCII)
_QUERY = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*", re.ASCII)
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_FORBIDDEN = frozenset("%:;/\\")


@dataclass(frozen=True, slots=True)
class Member:
    """The address of an organisation."""

    instance: str
    member_class: str
    code: Tenant

    @property
    def organisation(self) -> "Member":
        """Return the organisation itself: what a client is, or is a unit of."""
        return self

    def render(self) -> str:
        """Return the address as it stands in a path or header."""
        return _render(self.instance, self.member_class, self.code)


@dataclass(frozen=True, slots=True)
class Subsystem:
    """The address of a unit of an organisation, as a client or as a provider."""

    organisation: Member
    code: str

    def render(self) -> str:
        """Return the address as it stands in a path or header."""
        return f"{self.organisation.render()}/{_render(self.code)}"


Client = Member | Subsystem


@dataclass(frozen=True, slots=True)
class Service:
    """The address of a service of a unit."""

    provider: Subsystem
    code: str

    def render(self) -> str:
        """Return the address as it stands in a path or header."""
        return f"{self.provider.render()}/{_render(self.code)}"


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """One request's target: the service, and the path and query meant for the provider.

    Path and query are kept as they were sent. The path is empty or begins with a slash.
    """

    service: Service
    path: str = ""
    query: str = ""

    def render(self) -> str:
        """Return the target as it stands in a request line."""
        return f"/r1/{self.service.render()}{self.path}{'?' * bool(self.query)}{self.query}"

    def segments(self) -> tuple[str, ...]:
        """Return the decoded segments of the path: what rights are matched on."""
        return tuple(_decode(part, "path") for part in self.path.split("/")[1:])


@lru_cache(1024)
def client(text: str) -> Client:
    """Parse a client: an organisation, or one of its units.

    >>> client("JP/MUN/131016/15").code
    '15'
    """
    parts = text.split("/")
    if len(parts) not in (3, 4):
        raise AddressIncomplete(parts=len(parts), wanted="3/4")
    asker = _member(parts[:3])
    return Subsystem(asker, _segment(parts[3], "subsystem")) if len(parts) == 4 else asker


def service(text: str) -> Service:
    """Parse a service: instance, class, member, subsystem, service.

    >>> service("JP/MUN/131016/15/income").render()
    'JP/MUN/131016/15/income'
    """
    parts = text.split("/")
    if len(parts) != 5:
        raise AddressIncomplete(parts=len(parts), wanted="5")
    return _service(tuple(parts))


def segments(text: str, part: str) -> tuple[str, ...]:
    """Parse an address of another kind: its segments, decoded; `part` names it in the error.

    >>> segments("JP/GOV/4000012090001/node1", "x-road-security-server")[3]
    'node1'
    """
    return tuple(_segment(segment, part) for segment in text.split("/"))


def service_call(path: str, query: str = "") -> ServiceCall:
    """Parse the target of a request, path and query as they were sent.

    >>> service_call("/r1/JP/MUN/131016/06/income/2026/list", "limit=5").path
    '/2026/list'
    """
    head, *parts = path.split("/", 7)
    if head or len(parts) < 6:
        raise AddressIncomplete(parts=len(parts), wanted="6")
    if parts[0] != "r1":
        raise AddressMalformed(part="/r1")
    if len(query) > LONGEST_SUFFIX or not _QUERY.fullmatch(query):
        raise AddressMalformed(part="query")
    rest = f"/{parts[6]}" if len(parts) == 7 else ""
    _refuse_unsafe_path(rest)
    return ServiceCall(_service(tuple(parts[1:6])), rest, query)


@lru_cache(1024)
def _service(parts: tuple[str, ...]) -> Service:
    provider = Subsystem(_member(list(parts[:3])), _segment(parts[3], "subsystem"))
    return Service(provider, _segment(parts[4], "service"))


def _member(parts: list[str]) -> Member:
    instance, member_class, code = map(_segment, parts, ("instance", "class", "member"))
    if member_class not in CLASSES:
        raise MemberClassUnknown(part="class", known=", ".join(CLASSES))
    return member(instance, member_class, code)


@lru_cache(1024)
def member(instance: str, member_class: str, code: str) -> Member:
    """Join the parts of an organisation's address; the number must be one of its class.

    >>> member("JP", "MUN", "131016").render()
    'JP/MUN/131016'
    """
    match member_class:
        case "MUN" | "PREF":
            # A prefecture's code is its two digits, three zeros and the check digit.
            is_prefecture = code[2:5] == "000"
            right = organisation_code_ok(code) and is_prefecture == (member_class == "PREF")
        case _:
            right = corporate_number_ok(code)
    if not right:
        raise MemberCodeWrong(member_class=member_class)
    return Member(instance, member_class, Tenant(code))


def _segment(text: str, part: str) -> str:
    """Decode one segment that names something; one name has one spelling."""
    name = _decode(text, part)
    if name in (".", ".."):
        raise AddressUnsafe(part=part)
    if (
        not 0 < len(name) <= LONGEST
        or not _FORBIDDEN.isdisjoint(name)
        or any(unicodedata.category(sign)[0] in "CZ" for sign in name)
        or not unicodedata.is_normalized("NFC", name)
    ):
        raise AddressMalformed(part=part)
    return name


def _decode(text: str, part: str) -> str:
    if not _SEGMENT.fullmatch(text):
        raise AddressMalformed(part=part)
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise AddressMalformed(part=part) from None


def _refuse_unsafe_path(path: str) -> None:
    """Refuse a path that some server behind us could resolve to another one."""
    if len(path) > LONGEST_SUFFIX:
        raise AddressMalformed(part="path")
    *inner, last = path.split("/")[1:] or [""]
    for segment in (*inner, last):
        decoded = _decode(segment, "path")
        if any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in decoded):
            raise AddressMalformed(part="path")
        # `..;x` and `..\x` are dot segments to some servers, `%252e` to those that decode twice.
        names = re.split(r"[/\\]", decoded)
        if any(name.split(";", 1)[0] in (".", "..") for name in names) or _ESCAPE.search(decoded):
            raise AddressUnsafe(part="path")
    if "" in inner:
        raise AddressUnsafe(part="path")


@lru_cache(4096)
def _render(*parts: str) -> str:
    return "/".join(quote(part, safe="'()+,=") for part in parts)
