"""What the settings say of single sign-on: whose word on staff counts here, and who takes ours."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from renkei import exchange
from renkei.app.sign_in.staff import OVERSIGHT_ALONE, StaffRole

EVERYBODY = "*"  # a group everyone is of; in `provide`, every member
LOOPBACK = ("127.0.0.1", "localhost")

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)
_CLIENT = re.compile(r"[!-~]{1,255}", re.ASCII)
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+(?:/[A-Za-z0-9._~%-]+)*/?", re.ASCII)
_REDIRECT = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+/[!-~]*", re.ASCII)

Roles = Mapping[str, tuple[StaffRole, ...]]
Named = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class IssuerEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A provider that is no member, and which of its groups get which roles here."""

    address: str
    client: str
    ja: Named
    en: Named
    secret: str = ""
    key: str = ""
    alg: exchange.IdAlgorithm = "RS256"
    number: Named = "sub"
    name: Named = "name"
    groups: Named = "groups"
    accounts: bool = False
    roles: dict[str, tuple[StaffRole, ...]] = {}


class MemberEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which roles the staff of a member get here, by their roles there."""

    roles: dict[str, tuple[StaffRole, ...]]


class ClientEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A web application of ours that staff sign in to by their account here."""

    ja: Named
    en: Named
    redirects: tuple[str, ...]
    alg: exchange.Algorithm
    secrets: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


class SignInEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The table `sign_in` as written."""

    console: str = ""
    issuers: dict[str, IssuerEntry] = {}
    members: dict[str, MemberEntry] = {}
    provide: tuple[str, ...] = ()
    clients: dict[str, ClientEntry] = {}


@dataclass(frozen=True, slots=True)
class OwnClient:
    """A client that is no member: where codes for it go, and what proves it."""

    id: str
    ja: str
    en: str
    redirects: tuple[str, ...]
    keys: exchange.ClientKeys


@dataclass(frozen=True, slots=True)
class SignInPlan:
    """How single sign-on works at one site, both ways."""

    console: str
    issuers: dict[str, IssuerEntry] = field(default_factory=dict)
    members: dict[str, Roles] = field(default_factory=dict)
    provide: frozenset[str] = frozenset()
    clients: dict[str, OwnClient] = field(default_factory=dict)
    folder: Path = Path()

    @property
    def vouches(self) -> bool:
        """Tell whether this site vouches for its staff to anybody."""
        return bool(self.provide or self.clients)

    def vouches_to(self, member: str) -> bool:
        """Tell whether this site vouches for its staff to a member."""
        return bool(self.provide & {member, EVERYBODY})


def granted(roles: Roles, groups: Collection[str]) -> frozenset[StaffRole]:
    """Return the roles somebody of these groups has here.

    >>> sorted(granted({"tax": ("officer",), "*": ("operator",)}, ["tax", "x"]))
    ['officer', 'operator']
    >>> granted({"tax": ("officer",)}, ["x"])
    frozenset()

    Whoever oversees has no power besides, whatever other groups would give:

    >>> sorted(granted({"audit": ("oversight",), "tax": ("officer",)}, ["audit", "tax"]))
    ['oversight']
    """
    of = {*groups, EVERYBODY}
    found = frozenset(role for group, given in roles.items() if group in of for role in given)
    return found & OVERSIGHT_ALONE or found


def is_guarded(address: str) -> bool:
    """Tell whether nobody between us and an address can listen: TLS, or this machine.

    >>> [is_guarded(one) for one in ("https://a.example", "http://127.0.0.1:1", "http://a.example")]
    [True, True, False]
    """
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def sign_in_plan(entry: SignInEntry, folder: Path, default: str) -> SignInPlan:
    """Parse the table; what nothing could be done with is a `ValueError` that names the place."""
    console = entry.console or default
    if entry.console and (not is_guarded(console) or urlsplit(console).path):
        raise ValueError("sign_in.console: https://host, without a path")
    for name, one in entry.issuers.items():
        _check_issuer(f"sign_in.issuers.{name}", name, one)
    proofs = [one.secret or one.key for one in entry.issuers.values()]
    if len(set(proofs)) < len(proofs):
        # What proves us at one would prove, at the other, whoever it was shown to.
        raise ValueError("sign_in.issuers: each wants a secret or key of its own")
    for number, member in entry.members.items():
        if not member.roles:
            raise ValueError(f"sign_in.members.{number}.roles: at least one group is wanted")
    clients = {name: _client(name, one) for name, one in entry.clients.items()}
    members: dict[str, Roles] = {number: one.roles for number, one in entry.members.items()}
    issuers, provide = dict(entry.issuers), frozenset(entry.provide)
    return SignInPlan(console, issuers, members, provide, clients, folder)


def _check_issuer(place: str, name: str, entry: IssuerEntry) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{place}: the name is small letters, digits and hyphens")
    if not _ADDRESS.fullmatch(entry.address) or not is_guarded(entry.address):
        raise ValueError(f"{place}.address: https://… is wanted, as the provider spells it")
    if not _CLIENT.fullmatch(entry.client):
        raise ValueError(f"{place}.client: the client id is wanted")
    if bool(entry.secret) == bool(entry.key):
        raise ValueError(f"{place}: a secret or a key is wanted, and not both")
    if entry.accounts == bool(entry.roles):
        raise ValueError(f"{place}: accounts = true or roles by group are wanted, and not both")


def _client(name: str, entry: ClientEntry) -> OwnClient:
    place = f"sign_in.clients.{name}"
    if not _NAME.fullmatch(name):  # a member's id has capitals and slashes
        raise ValueError(f"{place}: the name is small letters, digits and hyphens")
    if not entry.redirects or not all(map(_is_redirect, entry.redirects)):
        raise ValueError(f"{place}.redirects: https://… addresses are wanted, whole")
    texts = entry.secrets if entry.alg == "HS256" else entry.keys
    if not 0 < len(texts) <= 4 or (entry.secrets and entry.keys):
        raise ValueError(f"{place}: secrets for HS256, keys for the others, one to four")
    try:
        keys = exchange.ClientKeys.parse(entry.alg, texts)
    except exchange.ClientKeyMalformed as error:
        raise ValueError(f"{place}: {error}") from None
    return OwnClient(name, entry.ja, entry.en, entry.redirects, keys)


def _is_redirect(text: str) -> bool:
    return bool(_REDIRECT.fullmatch(text)) and is_guarded(text) and "#" not in text
