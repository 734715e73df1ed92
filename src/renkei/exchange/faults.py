"""Faults: an error or refusal as a unit reads it, marked X-Road-Error, JSON or XML.

The types are spelled as X-Road 7.8 spells them. A type that begins with `server.` is sent with
status 500, any other with 400. Beside type, message and detail the JSON form has our own members
`code` and `message_ja`.
"""

from dataclasses import dataclass, replace
from typing import Literal, Self
from xml.sax.saxutils import escape

import msgspec

from renkei.exchange.messages import Answer, Fields
from renkei.kit import NodeError, read_json

Side = Literal["clientproxy", "serverproxy"]
"""Who says no: the node of the asker, or the node of the holder."""

ERROR = "x-road-error"

TYPES = {
    "access-token-expired": "client.access_denied",
    "access-token-wrong": "client.access_denied",
    "address-incomplete": "invalid_request",
    "address-malformed": "invalid_request",
    "address-unsafe": "invalid_request",
    "answer-not-bound": "inconsistent_response",
    "answer-redirected": "http_error",
    "answer-too-large": "http_error",
    "answer-untrusted": "inconsistent_response",
    "body-broken": "client.io_error",
    "body-late": "client.io_error",
    "body-without-room": "io_error",
    "body-too-large": "client.invalid_body",
    "bulk-answer-differs": "inconsistent_response",
    "bulk-differs": "invalid_body",
    "bulk-receipts-differ": "invalid_body",
    "caller-not-entitled": "access_denied",
    "successor-unknown": "access_denied",
    "caller-unclear": "ssl_authentication_failed",
    "challenge-wrong": "client.invalid_request",
    "certificate-missing": "ssl_authentication_failed",
    "certificate-unknown": "ssl_authentication_failed",
    "cursor-strange": "client.invalid_request",
    "database-unreachable": "database_error",
    "description-defective": "service_failed.invalid_body",
    "difference-missing": "client.invalid_request",
    "difference-repeated": "client.invalid_request",
    "digest-wrong": "invalid_signature_value",
    "headers-inconsistent": "service_failed.inconsistent_headers",
    "envelope-differs": "inconsistent_headers",
    "header-block-wrong": "missing_header_field",
    "header-malformed": "client.invalid_request",
    "header-missing": "missing_header_field",
    "header-twice": "duplicate_header_field",
    "header-unknown": "client.invalid_request",
    "headers-too-large": "client.invalid_request",
    "inquiry-incomplete": "client.invalid_request",
    "item-not-in-entity": "client.invalid_request",
    "inquiry-malformed": "invalid_body",
    "member-class-unknown": "unknown_member",
    "member-code-wrong": "unknown_member",
    "item-not-in-release": "client.invalid_request",
    "item-not-listed": "client.invalid_request",
    "members-expired": "global_conf_outdated",
    "directory-expired": "global_conf_outdated",
    "holder-abroad": "unknown_member",
    "mode-differs": "client.invalid_request",
    "instance-unknown": "client.invalid_request",
    "notice-blocked": "client.invalid_body",
    "notice-malformed": "client.invalid_body",
    "notice-not-yours": "client.access_denied",
    "not-for-us": "unknown_member",
    "operation-unknown": "unknown_service",
    "path-unknown": "unknown_service",
    "node-busy": "client.too_many_requests",
    "node-draining": "maintenance_mode",
    "package-malformed": "client.invalid_body",
    "password-would-travel": "client.access_denied",
    "peer-broke-off": "network_error",
    "peer-busy": "network_error",
    "peer-certificate-wrong": "ssl_authentication_failed",
    "peer-paused": "network_error",
    "peer-refused-call": "service_failed",
    "peer-silent": "network_error",
    "peer-unknown": "unknown_member",
    "peer-unreachable": "network_error",
    "personal-number-in-header": "client.invalid_request",
    "receipt-late": "invalid_request",
    "method-not-passed": "client.invalid_http_method",
    "provider-answer-too-large": "service_failed.http_error",
    "provider-broke-off": "service_failed.io_error",
    "provider-not-soap": "service_failed.invalid_soap",
    "provider-silent": "service_failed.network_error",
    "provider-status-wrong": "service_failed.http_error",
    "provider-unreachable": "service_failed.network_error",
    "release-differs": "inconsistent_response",
    "release-not-shared": "client.invalid_request",
    "release-unknown": "client.invalid_request",
    "replayed": "client.invalid_request",
    "relay-not-listed": "access_denied",
    "relay-refused": "network_error",
    "relay-too-large": "http_error",
    "reply-unexpected": "inconsistent_response",
    "request-id-reused": "client.invalid_request",
    "schema-broken": "client.invalid_body",
    "sealed-malformed": "invalid_body",
    "sealed-unreadable": "invalid_body",
    "scope-insufficient": "client.access_denied",
    "selection-not-permitted": "client.access_denied",
    "selection-unfit": "client.invalid_request",
    "service-not-in-release": "unknown_service",
    "service-unknown": "unknown_service",
    "signature-expired": "invalid_signature_value",
    "signature-incomplete": "signature_verification",
    "signature-key-unknown": "signature_verification",
    "signature-malformed": "malformed_signature",
    "signature-missing": "missing_signature",
    "signature-wrong": "invalid_signature_value",
    "snapshot-older": "client.invalid_request",
    "soap-header-unknown": "client.invalid_request",
    "soap-malformed": "client.invalid_body",
    "soap-type-wrong": "client.invalid_content_type",
    "soap-version-differs": "client.invalid_protocol_version",
    "subject-not-passed": "client.invalid_request",
    "task-expired": "service_failed",
    "task-unknown": "client.invalid_request",
    "parameter-malformed": "client.invalid_request",
    "questions-too-many": "client.too_many_requests",
    "token-refused": "client.access_denied",
    "too-many-found": "client.invalid_request",
    "verifier-missing": "client.invalid_request",
    "wrapper-differs": "inconsistent_headers",
    "username-token-expired": "client.access_denied",
    "username-token-malformed": "client.access_denied",
}
"""Error code → X-Road code, internal_error for any other; without a family, of `Side`'s family."""


def fault_type(code: str, side: Side = "clientproxy") -> str:
    """Return the type of the fault that says an error.

    >>> fault_type("peer-unknown"), fault_type("item-not-in-entity")
    ('server.clientproxy.unknown_member', 'client.invalid_request')
    """
    kind = TYPES.get(code, "internal_error")
    return kind if kind.startswith("client.") else f"server.{side}.{kind}"


class _Body(msgspec.Struct, frozen=True):
    """The JSON form."""

    type: str
    message: str
    detail: str
    code: str = ""
    message_ja: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong or was refused, under the number `detail` it has in the node's own log."""

    type: str
    code: str
    message: str
    message_ja: str
    detail: str

    @classmethod
    def of(cls, error: NodeError, *, detail: str, side: Side = "clientproxy") -> Self:
        """Say an error."""
        return cls(
            type=fault_type(error.code(), side),
            code=error.code(),
            message=error.text(),
            message_ja=error.text("ja"),
            detail=detail,
        )

    @classmethod
    def refusal(
        cls, code: str, message: str, message_ja: str, *, detail: str, side: Side = "clientproxy"
    ) -> Self:
        """Say a lawful no: access denied, with the reason as its code."""
        return cls(f"server.{side}.access_denied", code, message, message_ja, detail)

    @property
    def status(self) -> int:
        """Return the HTTP status a unit expects with this type."""
        return 500 if self.type.lower().startswith("server.") else 400

    def spelt_as_before(self) -> Self:
        """Return the fault with its type as nodes up to X-Road 7.7 wrote it.

        >>> Fault("server.clientproxy.unknown_member", "x", "", "", "1").spelt_as_before().type
        'Server.ClientProxy.UnknownMember'
        """
        return replace(self, type=as_before(self.type))

    def spelt(self, version: str) -> Self:
        """Return the fault with its type as that version of X-Road, 7.8 or 7.7, writes it."""
        return self.spelt_as_before() if version == "7.7" else self

    def answer(self, accept: str = "", *more: tuple[str, str], status: int | None = None) -> Answer:
        """Return the answer that says it, in XML where the asker prefers that.

        >>> Fault("server.clientproxy.access_denied", "x", "No.", "否", "1").answer().status
        500
        """
        if any(kind in accept for kind in ("text/xml", "application/xml", "text/*")):
            parts = (("type", self.type), ("message", self.message), ("detail", self.detail))
            inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in parts)
            kind, body = "application/xml;charset=utf-8", f"<error>{inner}</error>".encode()
        else:
            kind = "application/json;charset=utf-8"
            body = msgspec.json.encode(
                _Body(self.type, self.message, self.detail, self.code, self.message_ja)
            )
        head: Fields = (("content-type", kind), (ERROR, self.type), *more)
        return Answer(status or self.status, head, body)


_FAMILIES = {"clientproxy": "ClientProxy", "serverproxy": "ServerProxy"}


def as_before(kind: str) -> str:
    """Return a type as nodes up to X-Road 7.7 wrote it.

    >>> as_before("client.invalid_request")
    'Client.InvalidRequest'
    """
    return ".".join(_FAMILIES.get(part) or _camel(part) for part in kind.split("."))


def _camel(part: str) -> str:
    return "".join(word.capitalize() for word in part.split("_"))


def read_fault(answer: Answer) -> Fault | None:
    """Return the fault a node answered with, or None: an answer without X-Road-Error is none."""
    if answer.field(ERROR) is None:
        return None
    try:
        body = read_json(answer.body, _Body)
    except msgspec.DecodeError:
        return Fault(answer.field(ERROR) or "", "", "", "", "")
    return Fault(body.type, body.code, body.message, body.message_ja, body.detail)
