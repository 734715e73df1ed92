"""Headers: what a message says about itself beside its body.

The X-Road-* headers are those of the X-Road® message protocol for REST; the PF-* headers are our
own and a closed list: who asks under which procedure, for what purpose, about whom.
"""

import hashlib
import re
import unicodedata
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote, unquote_to_bytes

import msgspec

from renkei import kit
from renkei.audit import Mode
from renkei.exchange.addresses import Client, Service, client, segments
from renkei.exchange.errors import (
    HeaderMalformed,
    HeaderMissing,
    HeaderTwice,
    HeaderUnknown,
    PersonalNumberInHeader,
)
from renkei.exchange.messages import ONE_HOP, Fields, Question
from renkei.standard import SubjectRelation

CLIENT, ID, SERVICE = "x-road-client", "x-road-id", "x-road-service"
REQUEST_ID, REQUEST_HASH = "x-road-request-id", "x-road-request-hash"
USER_ID, ISSUE = "x-road-userid", "x-road-issue"
SECURITY_SERVER, REPRESENTED_PARTY = "x-road-security-server", "x-road-represented-party"
PROCEDURE, PURPOSE, SUBJECT = "pf-procedure", "pf-purpose", "pf-subject"
CONSENT, MODE, ON, TO = "pf-consent", "pf-mode", "pf-on", "pf-to"
EXPIRES, RELEASE, RELATION = "pf-expires", "pf-release", "pf-relation"
SECOND = "pf-second"

EDGE_FIELDS = frozenset(
    {PROCEDURE, PURPOSE, SUBJECT, CONSENT, MODE, ON, EXPIRES, RELEASE, RELATION, SECOND}
)
"""The PF-* fields a unit may send to its node."""
NODE_FIELDS = (EDGE_FIELDS - {EXPIRES, SECOND}) | {TO}
"""The PF-* fields a node may send to a node."""

LONGEST_PURPOSE = 200
LONGEST_ID = 255

_MADE_HERE = frozenset({REQUEST_ID, REQUEST_HASH})
_OF_NODES = frozenset({"date", "signature", "signature-input", "content-digest"})
_FOR_OWN_NODE = _OF_NODES | {"authorization", "prefer", "priority", EXPIRES, SECOND, TO}
_PLAIN = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9_.:\-]{1,64}", re.ASCII)
_TWELVE = re.compile(r"[0-9]{12}", re.ASCII)
_AS_PRINTED = re.compile(r"(?<![0-9])[0-9]{4} ?[0-9]{4} ?[0-9]{4}(?![0-9])", re.ASCII)
_IN_AN_ID = re.compile(r"(?<![0-9A-Za-z])[0-9]{12}(?![0-9A-Za-z])", re.ASCII)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_PURPOSE = re.compile(r"(?:[A-Za-z0-9\-._~]|%[0-9A-Fa-f]{2})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a question says about itself. Without a PF-Mode it is meant: production.

    `release` is the release of the standard it is written in; without one, the receiver's own.
    `relation` is whom it is about as the procedure sees them; without one, who applies.
    `user_id` is who asks, `second` the member of staff who looks along.
    """

    client: Client
    id: str
    id_generated: bool = False
    user_id: str | None = None
    issue: str | None = None
    security_server: str | None = None
    represented_party: str | None = None
    procedure: str | None = None
    purpose: str | None = None
    subject: str | None = None
    consent: str | None = None
    mode: Mode = Mode.PRODUCTION
    on: date | None = None
    release: str | None = None
    relation: SubjectRelation | None = None
    second: str | None = None

    def fields(self) -> Fields:
        """Return the header fields that say the same."""
        written = {
            CLIENT: self.client.render(),
            ID: self.id,
            USER_ID: self.user_id,
            ISSUE: self.issue,
            SECURITY_SERVER: self.security_server,
            REPRESENTED_PARTY: self.represented_party,
            PROCEDURE: self.procedure,
            PURPOSE: None if self.purpose is None else quote(self.purpose, safe=""),
            SUBJECT: self.subject,
            CONSENT: self.consent,
            MODE: self.mode.value,
            ON: None if self.on is None else self.on.isoformat(),
            RELEASE: self.release,
            RELATION: self.relation,
            SECOND: self.second,
        }
        return tuple((name, value) for name, value in written.items() if value is not None)


def again(envelope: Envelope, tries: int) -> Envelope:
    """Return the envelope of a question that is asked once more: as a message of its own.

    >>> said = (("x-road-client", "JP/MUN/131016"), ("x-road-id", "a"))
    >>> again(envelope(said, instance="JP"), 2).id
    'a/2'
    """
    mark = f"/{tries}"
    return replace(envelope, id=f"{envelope.id[: LONGEST_ID - len(mark)]}{mark}")


def new_id(instance: str) -> str:
    """Return a new message id, for a client that sent none."""
    return f"{instance}-{kit.timed_number()}"


def envelope(fields: Fields, *, instance: str, known: frozenset[str] = EDGE_FIELDS) -> Envelope:
    """Parse the header fields of a question.

    X-Road-Client may stand there more than once, the last one counts; any other header read here
    is refused when it does. A PF-* header outside the closed list is refused by name.
    """
    read = _read(fields, known)
    if CLIENT not in read:
        raise HeaderMissing(name=CLIENT)
    _check(read)
    return Envelope(
        client=client(read[CLIENT]),
        id=read.get(ID) or new_id(instance),
        id_generated=ID not in read,
        user_id=read.get(USER_ID),
        issue=read.get(ISSUE),
        security_server=read.get(SECURITY_SERVER),
        represented_party=read.get(REPRESENTED_PARTY),
        procedure=read.get(PROCEDURE),
        purpose=_purpose(read.get(PURPOSE)),
        subject=read.get(SUBJECT),
        consent=read.get(CONSENT),
        mode=_mode(read.get(MODE)),
        on=_day(read.get(ON)),
        release=read.get(RELEASE),
        relation=_relation(read.get(RELATION)),
        second=read.get(SECOND),
    )


def kept_fields(fields: Fields) -> Fields:
    """Return the fields that travel on: all but those of one hop and those made here.

    Of X-Road-Client only the last one travels.
    """
    last = max((n for n, (name, _) in enumerate(fields) if name == CLIENT), default=-1)
    return tuple(
        (name, value)
        for n, (name, value) in enumerate(fields)
        if name not in ONE_HOP and name not in _MADE_HERE and (name != CLIENT or n == last)
    )


def passed_fields(fields: Fields) -> Fields:
    """Return the fields of a question that are passed on to another node, and to the system there.

    Left behind: what proves the unit to its own node, and what only that node heeds.
    """
    return tuple(field for field in kept_fields(fields) if field[0] not in _FOR_OWN_NODE)


def answered_fields(fields: Fields) -> Fields:
    """Return the fields of a system's answer that are passed on: none that a node writes."""
    return tuple(
        (name, value)
        for name, value in fields
        if name not in ONE_HOP and name not in _OF_NODES and not name.startswith(("x-road-", "pf-"))
    )


def request_hash(
    question: Question, envelope: Envelope, request_id: str, body_sha512: bytes = b""
) -> str:
    """Return X-Road-Request-Hash: what ties an answer to the question as this node received it.

    base64 of SHA-512(SHA-512(head) + SHA-512(body)), or of SHA-512(head) where there is no body.
    Of a body beside the question its SHA-512 is given.
    Names stand in lower case here, since HTTP does not tell them apart.
    """
    made = [(REQUEST_ID, request_id), *([(ID, envelope.id)] if envelope.id_generated else [])]
    lines = [question.method, question.target]
    lines += [f"{name}:{value}" for name, value in (*kept_fields(question.fields), *made)]
    head = hashlib.sha512("".join(f"{line}\r\n" for line in lines).encode("latin-1")).digest()
    if question.body:
        body_sha512 = hashlib.sha512(question.body).digest()
    if body_sha512:
        head = hashlib.sha512(head + body_sha512).digest()
    return b64encode(head).decode()


def answer_fields(
    envelope: Envelope, service: Service, *, request_id: str, request_hash: str
) -> Fields:
    """Return the header fields an answer to a unit carries."""
    return (
        (ID, envelope.id),
        (CLIENT, envelope.client.render()),
        (SERVICE, service.render()),
        (REQUEST_ID, request_id),
        (REQUEST_HASH, request_hash),
    )


def _read(fields: Fields, known: frozenset[str]) -> dict[str, str]:
    read: dict[str, str] = {}
    for name, value in fields:
        if name.startswith("pf-") and name not in known:
            raise HeaderUnknown(name=name)
        if name in _FORMS:
            if name in read and name != CLIENT:
                raise HeaderTwice(name=name)
            read[name] = value
    return read


_FORMS = {
    CLIENT: _PLAIN,
    ID: _PLAIN,
    USER_ID: _PLAIN,
    ISSUE: _PLAIN,
    SECURITY_SERVER: _PLAIN,
    REPRESENTED_PARTY: _PLAIN,
    PROCEDURE: _NAME,
    PURPOSE: _PURPOSE,
    SUBJECT: _NAME,
    CONSENT: _NAME,
    MODE: _NAME,
    ON: _DAY,
    RELEASE: _NAME,
    RELATION: _NAME,
    SECOND: _PLAIN,
}


_FREE = frozenset(
    {ID, USER_ID, ISSUE, REPRESENTED_PARTY, PROCEDURE, PURPOSE, CONSENT, RELEASE, SECOND}
)
"""What a unit may word as it likes: none of it may hold a personal number."""


def _check(read: dict[str, str]) -> None:
    for name, value in read.items():
        if not _FORMS[name].fullmatch(value):
            raise HeaderMalformed(name=name)
    if SUBJECT in read and _TWELVE.fullmatch(read[SUBJECT]):
        raise PersonalNumberInHeader(name=SUBJECT)
    for name in _FREE & read.keys():
        if _holds_personal_number(name, read[name]):
            raise PersonalNumberInHeader(name=name)
    for name, sizes in ((SECURITY_SERVER, {4}), (REPRESENTED_PARTY, {1, 2})):
        if name in read and len(segments(read[name], name)) not in sizes:
            raise HeaderMalformed(name=name)


def _holds_personal_number(name: str, text: str) -> bool:
    """Tell whether what a unit may word as it likes holds twelve digits with their check digit.

    A message id is often made by a machine: in letters, or as a UUID, such digits are chance.

    >>> _holds_personal_number("pf-consent", "C-983205673214")
    True
    >>> _holds_personal_number("pf-consent", "C-983205673215")
    False
    """
    if name == ID:
        found = _IN_AN_ID.findall(_UUID.sub("", text))
    else:
        plain = unquote_to_bytes(text).decode(errors="replace") if name == PURPOSE else text
        found = _AS_PRINTED.findall(unicodedata.normalize("NFKC", plain))
    return any(kit.personal_number_ok(digits.replace(" ", "")) for digits in found)


def _purpose(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        purpose = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise HeaderMalformed(name=PURPOSE) from None
    if not 0 < len(purpose) <= LONGEST_PURPOSE or not purpose.replace("\u3000", " ").isprintable():
        raise HeaderMalformed(name=PURPOSE)
    return purpose


def _mode(text: str | None) -> Mode:
    try:
        return Mode.PRODUCTION if text is None else Mode(text)
    except ValueError:
        raise HeaderMalformed(name=MODE) from None


def _relation(text: str | None) -> SubjectRelation | None:
    try:
        return None if text is None else kit.read_value(text, SubjectRelation)
    except msgspec.ValidationError:
        raise HeaderMalformed(name=RELATION) from None


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise HeaderMalformed(name=ON) from None
