"""What the settings say of access tokens: the issuer, how long one lives, who may fetch one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import msgspec

from renkei import exchange
from renkei.app.errors import ScopeUnknown

MODES = ("production", "drill", "test")
DOORS = (CHANGES, DELIVERIES, JOBS, TASKS) = ("changes", "deliveries", "jobs", "tasks")
"""The doors that a scope names by a word; a service it names as `unit/service`."""

_NAME = r"[!#-.0-\[\]-~]{1,255}"  # RFC 6749, 3.3, without the slash between two of them
_WORD = re.compile(rf"{'|'.join(DOORS)}|{_NAME}/{_NAME}")
_ISSUER = re.compile(r"https?://[A-Za-z0-9._:%\[\]-]+(?:/[A-Za-z0-9._~%-]+)*")

Seconds = Annotated[int, msgspec.Meta(ge=30, le=3600)]


class ClientEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A client as written: its algorithm, secrets or public keys, and a scope if it has less."""

    alg: exchange.Algorithm
    secrets: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()


class OAuthEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The table `oauth` as written."""

    issuer: str = ""
    token_seconds: Seconds = 300
    assertion_seconds: Seconds = 300
    clients: dict[str, ClientEntry] = {}


@dataclass(frozen=True, slots=True)
class TokenClient:
    """A unit that may fetch tokens: what proves it, and what it may use; no scope is everything."""

    keys: exchange.ClientKeys
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OAuthPlan:
    """How one site issues tokens."""

    issuer: str
    token_life: timedelta
    assertion_life: timedelta
    clients: dict[str, TokenClient]

    @property
    def token_endpoint(self) -> str:
        """Return the address tokens are fetched at."""
        return f"{self.issuer}/token"


def is_scope_word(text: str) -> bool:
    """Tell whether a scope may be narrowed to this.

    >>> [is_scope_word(word) for word in ("06/income", "tasks", "06/income/2026", "test")]
    [True, True, False, False]
    """
    return _WORD.fullmatch(text) is not None


def granted(client: TokenClient, mode: str, asked: str) -> tuple[str, ...]:
    """Return the scope of a new token: the mode of the node, then what it is narrowed to.

    >>> keys = exchange.ClientKeys.parse("HS256", ["0" * 32])
    >>> granted(TokenClient(keys, ("06/income", "tasks")), "test", "tasks")
    ('test', 'tasks')
    >>> granted(TokenClient(keys, ()), "test", "")
    ('test',)
    """
    words = [word for word in dict.fromkeys(asked.split(" ")) if word]
    narrowed = [word for word in words if word not in MODES]
    modes = {word for word in words if word in MODES}
    is_known = all(
        word in client.scope if client.scope else is_scope_word(word) for word in narrowed
    )
    if not is_known or not modes <= {mode}:
        raise ScopeUnknown(scope=" ".join((mode, *client.scope)))
    return (mode, *(narrowed or client.scope))


def oauth_plan(entry: OAuthEntry, default: str) -> OAuthPlan:
    """Parse the table; what nothing could be done with is a `ValueError` that names the place."""
    issuer = entry.issuer or default
    if not _ISSUER.fullmatch(issuer):
        raise ValueError("oauth.issuer: https://host, without a query and a last slash")
    clients = {unit: _client(f"oauth.clients.{unit}", one) for unit, one in entry.clients.items()}
    life, assertion = entry.token_seconds, entry.assertion_seconds
    return OAuthPlan(issuer, timedelta(seconds=life), timedelta(seconds=assertion), clients)


def _client(place: str, entry: ClientEntry) -> TokenClient:
    wanted, other = ("secrets", "keys") if entry.alg == "HS256" else ("keys", "secrets")
    texts: Sequence[str] = getattr(entry, wanted)
    if getattr(entry, other) or not 0 < len(texts) <= 4:
        raise ValueError(f"{place}: {entry.alg} wants {wanted}, one to four, and no {other}")
    if unknown := [word for word in entry.scope if not is_scope_word(word)]:
        raise ValueError(f"{place}.scope: {unknown[0]} is neither unit/service nor a door")
    try:
        return TokenClient(exchange.ClientKeys.parse(entry.alg, texts), entry.scope)
    except exchange.ClientKeyMalformed as error:
        raise ValueError(f"{place}.{wanted}: {error}") from None
