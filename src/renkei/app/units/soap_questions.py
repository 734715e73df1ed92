"""What both SOAP doors share: a unit's schema, the values of an answer, the standard's faults."""

from dataclasses import dataclass
from functools import cache
from html import escape
from urllib.parse import quote

from lxml import etree

from renkei import exchange, federation, kit, law, standard
from renkei.app.errors import SchemaBroken, TokenRefused
from renkei.app.operations.oversight import check_unit, unit_of
from renkei.app.site import Site, now
from renkei.standard import generate
from renkei.standard.generate.xml_names import FAULT, message_name, namespace
from renkei.standard.mediation import Loss

MEDIATION = "urn:renkei:mediation"

FAULTS = {
    "access-token-expired": "consumer-not-named",
    "access-token-wrong": "consumer-not-named",
    "automatic-answer-withheld": "withheld",
    "asker-not-named": "consumer-not-named",
    "body-too-large": "too-large",
    "code-not-issued": "code-not-issued",
    "difference-missing": "out-of-order",
    "difference-repeated": "repeated",
    "load-not-later": "busy",
    "node-busy": "busy",
    "node-draining": "busy",
    "not-held": "not-held",
    "notice-blocked": "value-not-valid",
    "notice-not-yours": "consumer-not-named",
    "questions-too-many": "busy",
    "request-id-reused": "repeated",
    "snapshot-older": "out-of-order",
    "subject-unknown": "request-malformed",
    "scope-insufficient": "consumer-not-named",
    "token-refused": "consumer-not-named",
    **{f"staff-{reason}": "consumer-not-named" for reason in law.StaffReason},
}
"""Code of an outcome, a refusal or an error → fault of the standard; see `_kind` for others."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a fault says: the code of ours, the text, whose fault it is."""

    code: str
    text: str
    family: exchange.FaultCode
    error: kit.NodeError | None = None


def _kind(said: Said, known: tuple[standard.Fault, ...]) -> standard.Fault:
    """Return the fault of the standard for what happened; a refusal by law is `no-provision`."""
    wanted = FAULTS.get(said.code)
    if wanted is None:
        status = 403 if said.error is None else said.error.status
        wanted = (
            "busy"
            if status == 503
            else "system-error"
            if status >= 500
            else "no-provision"
            if status == 403
            else "request-malformed"
        )
    faults = {fault.id: fault for fault in known}
    return faults.get(wanted) or faults["request-malformed"]


@cache
def requests_of(unit: str, known: standard.Catalogue) -> dict[str, standard.Interface]:
    """Return the interfaces of a unit that answer at once, by the element of their request."""
    return {
        f"{{{namespace(unit)}}}{message_name(one, '要求')}": one
        for one in known.interfaces_of(unit)
        if standard.Timing.immediate in one.timings
    }


@cache
def notices_of(unit: str, known: standard.Catalogue) -> dict[str, standard.Interface]:
    """Return the interfaces of a unit that send unasked, by the element of their notice."""
    return {
        f"{{{namespace(unit)}}}{message_name(one, '電文')}": one
        for one in known.interfaces_of(unit)
        if generate.notices(one)
    }


@cache
def schema_of(unit: str, known: standard.Catalogue) -> etree.XMLSchema:
    """Return the schema of a unit, compiled: it takes as long as some hundred questions."""
    text = generate.xsd(known.unit(unit), known)
    return etree.XMLSchema(etree.fromstring(text.encode()))


def check(schema: etree.XMLSchema, element: exchange.Element) -> None:
    """Refuse an element its schema does; the error names the element and the line, no value."""
    if schema.validate(element):
        return
    first = next(iter(schema.error_log))  # type: ignore[call-overload]  # unknown to the stub
    raise SchemaBroken(name=etree.QName(element).localname, line=first.line)


def elements(**texts: str) -> str:
    return "".join(f"<{name}>{escape(text, quote=False)}</{name}>" for name, text in texts.items())


def said_of(fact: federation.Fact) -> Said:
    """Return how a question ended that was not answered."""
    code = fact.reason or fact.outcome
    text = kit.say(f"refusal-{code}" if fact.reason else f"outcome-{code}", "ja")
    return Said(code, text, "Server" if fact.outcome == "refused" else "Client")


def failure(error: kit.NodeError) -> Said:
    """Return an error as a fault says it."""
    family: exchange.FaultCode = "Server" if error.status >= 500 else "Client"
    match error:
        case exchange.SoapVersionDiffers():
            family = "VersionMismatch"
        case exchange.SoapHeaderUnknown():
            family = "MustUnderstand"
        case _:
            pass
    return Said(error.code(), error.text("ja"), family, error)


def row_of(record: dict[str, str | int | None]) -> dict[str, str]:
    """Return the values of a fact as a row holds them."""
    return {name: "" if value is None else str(value) for name, value in record.items()}


def losses_block(fact: federation.Fact) -> str:
    """Return the header block that names what did not come through whole; none where all did."""
    if not fact.losses:
        return ""
    told = "".join(
        f'<m:loss item="{escape(loss.item)}" why="{loss.why}">'
        f"{escape(_loss_text(loss), quote=False)}</m:loss>"
        for loss in fact.losses
    )
    return f'<m:losses xmlns:m="{MEDIATION}">{told}</m:losses>'


def _loss_text(loss: Loss) -> str:
    changes = (f"{one.position}:{one.before}→{one.after}" for one in loss.characters)
    return " ".join((loss.text("ja"), *changes))


def fault_element(
    said: Said,
    interface: standard.Interface,
    known: standard.Catalogue,
    timing: standard.Timing = standard.Timing.immediate,
) -> str:
    """Return `_…_異常` of an interface: the standard's fault, what happened, what to do."""
    kind = _kind(said, known.faults(interface, timing))
    name = message_name(interface, FAULT)
    told = elements(コード=kind.id, 説明=f"{said.text} ({said.code})", 対処=kind.remedy_ja)
    return f'<{name} xmlns="{namespace(interface.unit)}">{told}</{name}>'


def prove(
    site: Site,
    message: exchange.SoapMessage,
    envelope: exchange.Envelope,
    authorization: str | None,
    use: str,
) -> None:
    """Refuse whoever cannot prove to be the unit that asks: by a UsernameToken, or the token."""
    security = message.headers.get(exchange.SECURITY)
    if security is None:
        check_unit(site, envelope.client, authorization, use)
        return
    token = exchange.read_username_token(security)
    who, unit = envelope.client.render(), unit_of(envelope.client)
    if token.username not in (unit, who):
        raise TokenRefused(who=who, header="wsse:Username")
    if not token.is_digest:
        check_unit(site, envelope.client, token.password)
        return
    at, password = now(), site.settings.passwords.get(unit, "")
    token.check_time(at)
    if not password or not token.fits(password):
        raise TokenRefused(who=who, header="wsse:Password")
    with site.database.transaction(site.desk.tenant) as conn:
        exchange.first_time(conn, site.desk.tenant, token, request_id=envelope.id, at=at)


def call_of(
    provider: exchange.Subsystem, interface: standard.Interface, row: dict[str, str], items: str
) -> exchange.ServiceCall:
    """Return the call that REST makes with the same parameters and items."""
    path = "".join(f"/{quote(row[one.item], safe='')}" for one in interface.parameters)
    return exchange.service_call(
        f"/r1/{provider.render()}/{interface.service}{path}",
        f"items={quote(items, safe=',')}" if items else "",
    )
