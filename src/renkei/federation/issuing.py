"""Issuing linkage codes (符号の取得): an organisation asks the registrar, the converters convert.

The organisation sends each number it lawfully holds beside an acquisition number (取得番号) drawn
for this once; what goes to the converters has no number, and what comes back has codes only. In
the same breath each person is enrolled at the log operator, so that no code exists without the
handle its questions will be entered under.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypedDict

import msgspec

from renkei import audit, exchange, identity, kit
from renkei.federation.answering import NodeKeys
from renkei.federation.channel import Channel, body_of
from renkei.federation.desk import Desk
from renkei.federation.door import Caller
from renkei.federation.errors import InquiryMalformed, PeerRefusedCall, ReplyUnexpected
from renkei.federation.hub import LogKeys
from renkei.federation.inquiry import parsed

ISSUE, CONVERT_ISSUANCE = "/registrar/issue", "/hub/convert-issuance"
ENROL, CLOSE = "/hub/enrol", "/hub/close"
BATCH = 500
"""Persons per request: what fits a message body, and costs a converter about a second."""

ISSUE_SECONDS = 120.0
ISSUE_LIMITS = exchange.Limits(body=4 << 20)
"""A batch takes longer and weighs more than a question."""

NOBODYS = frozenset({identity.NumbersNotInUse.code(), identity.NumberUnknown.code()})
"""How the registrar says that no number of a batch is anybody's."""

Call = Callable[[kit.Tenant, str, bytes], bytes]
"""Ask a peer and wait: (peer, path, body) → the body of its answer."""


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One code wanted: the acquisition number that will name it, and the personal number."""

    acquisition: str
    number: str


class Acquisition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an organisation asks the registrar."""

    id: str
    people: tuple[Wanted, ...]


class Parties(TypedDict):
    """What the identity room must be told about an issuance."""

    organisation: kit.Tenant
    context: bytes


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an issuance says about itself; its digest is the context of every proof."""

    id: str
    registrar: str
    organisation: str
    at: datetime

    @property
    def context(self) -> bytes:
        """Return the 32 bytes every proof of this issuance is bound to."""
        return kit.digest(msgspec.to_builtins(self))

    @property
    def parties(self) -> Parties:
        """Return whom the issuance must be for, and what its proofs are bound to."""
        return Parties(organisation=kit.tenant(self.organisation), context=self.context)


class Issued(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An issuance on its way: the header, and the chain of conversions so far."""

    header: Header
    issuance: msgspec.Raw

    def opened(self) -> identity.Issuance:
        """Return the chain; whoever uses it says for whom it must be."""
        return identity.parse(bytes(self.issuance), identity.Issuance)


@dataclass(frozen=True, slots=True)
class Acquired:
    """What became of an acquisition: how many codes were kept, and for whom none was.

    `shared` are two register numbers of one human; `without` those whose personal number is not
    in use at the registrar, by register number.
    """

    kept: int
    shared: tuple[identity.SharedCode, ...]
    without: tuple[str, ...]


def parse_acquisition(body: bytes) -> Acquisition:
    """Parse what an organisation asks the registrar."""
    return parsed(body, Acquisition)


def parse_issued(body: bytes) -> Issued:
    """Parse an issuance on its way."""
    return parsed(body, Issued)


def register(
    conn: kit.Connection,
    desk: Desk,
    secrets: identity.RegistrarSecrets,
    caller: Caller,
    acquisition: Acquisition,
    *,
    at: datetime,
) -> list[tuple[identity.AcquisitionNumber, identity.Pid]]:
    """Take the numbers up and enter the acquisition; the conversions follow the commit.

    A number that is not in use is left out. One that is in no list and was never issued is
    nobody's: nothing is made of it, and an acquisition of such alone is refused by that name.
    """
    desk.expect(caller.member, kind="organisation")
    exchange.first_time(conn, desk.tenant, caller.signature, request_id=acquisition.id, at=at)
    numbers = [wanted.number for wanted in acquisition.people]
    organisation = kit.tenant(caller.member.id)
    pids = identity.pids_for(conn, desk.tenant, numbers, organisation=organisation, secrets=secrets)
    found = sum(pid is not None for pid in pids)
    if not found:
        if identity.are_unknown(conn, desk.tenant, numbers, secrets=secrets):
            raise identity.NumberUnknown
        raise identity.NumbersNotInUse
    audit.append(conn, desk.tenant, entry_of_batch(desk, organisation, acquisition.id, found, at))
    try:
        drawn = [
            identity.AcquisitionNumber.parse(exchange.decode(wanted.acquisition))
            for wanted in acquisition.people
        ]
    except ValueError as error:
        raise InquiryMalformed(defect="acquisition") from error
    return [(number, pid) for number, pid in zip(drawn, pids, strict=True) if pid is not None]


def issue(
    desk: Desk,
    people: Sequence[tuple[identity.AcquisitionNumber, identity.Pid]],
    *,
    id_: str,
    organisation: kit.Tenant,
    call: Call,
    at: datetime,
) -> Issued:
    """Run the conversions for an organisation, and enrol the same persons at the log operator."""
    enrol_at_log(desk, [pid for _, pid in people], id_=id_, call=call, at=at)
    return convert_through(desk, people, id_, organisation, call, at)


def enrol_at_log(
    desk: Desk, pids: Sequence[identity.Pid], *, id_: str, call: Call, at: datetime
) -> None:
    """Enrol persons at the log operator, by acquisition numbers drawn for nothing else."""
    operator = desk.directory.log_operator
    fresh = [(identity.AcquisitionNumber.random(), pid) for pid in pids]
    call(operator, ENROL, _render(convert_through(desk, fresh, id_, operator, call, at)))


def convert_through(
    desk: Desk,
    people: Sequence[tuple[identity.AcquisitionNumber, identity.Pid]],
    id_: str,
    organisation: kit.Tenant,
    call: Call,
    at: datetime,
) -> Issued:
    """Encrypt persons to an organisation, and have every converter carry them on in its turn."""
    issuance = identity.encrypt_persons(people, organisation, desk.directory)
    header = Header(id_, desk.tenant, organisation, at)
    issued = Issued(header, msgspec.Raw(identity.render(issuance)))
    for converter in desk.directory.converters:
        issued = parse_issued(call(converter, CONVERT_ISSUANCE, _render(issued)))
        if issued.header != header:
            raise ReplyUnexpected(peer=converter)
    return issued


def convert_issued(
    conn: kit.Connection,
    desk: Desk,
    keys: identity.ConverterKeys,
    caller: Caller,
    issued: Issued,
    *,
    at: datetime,
) -> Issued:
    """Convert an issuance; a converter's part. Only the registrar may ask for it."""
    desk.expect(caller.member, kind="registrar")
    header = issued.header
    exchange.first_time(conn, desk.tenant, caller.signature, request_id=header.id, at=at)
    issuance = issued.opened()
    desk.expect_in_use(issuance.encrypted.receiver, at=at)
    converted = identity.convert_issuance(issuance, keys, desk.directory, **header.parties)
    count = len(issuance.encrypted.numbers)
    audit.append(conn, desk.tenant, entry_of_batch(desk, header.organisation, header.id, count, at))
    return Issued(header, msgspec.Raw(identity.render(converted)))


def enrol(
    conn: kit.Connection,
    desk: Desk,
    keys: LogKeys,
    caller: Caller,
    issued: Issued,
    *,
    at: datetime,
) -> None:
    """Enrol persons at the log operator. The acquisition numbers are not kept."""
    nyms = _told_of(conn, desk, keys, caller, issued, at)
    identity.enrol(conn, desk.tenant, nyms)
    entry = entry_of_batch(desk, desk.tenant, issued.header.id, len(nyms), at)
    audit.append(conn, desk.tenant, entry)


def close(
    conn: kit.Connection,
    desk: Desk,
    keys: LogKeys,
    caller: Caller,
    issued: Issued,
    *,
    at: datetime,
) -> None:
    """Close the handles of persons: what is asked about them from now on is refused, and entered.

    They come as those who are enrolled do, so nobody on the way learns whose they are.
    """
    nyms = _told_of(conn, desk, keys, caller, issued, at)
    closed = identity.close_handles(conn, desk.tenant, nyms, at=at)
    entry = entry_of_batch(desk, desk.tenant, issued.header.id, closed, at, outcome="closed")
    audit.append(conn, desk.tenant, entry)


def _told_of(
    conn: kit.Connection, desk: Desk, keys: LogKeys, caller: Caller, issued: Issued, at: datetime
) -> list[identity.Nym]:
    """Return whom the registrar tells the log operator of, each message once."""
    desk.expect(caller.member, kind="registrar")
    header = issued.header
    exchange.first_time(conn, desk.tenant, caller.signature, request_id=header.id, at=at)
    verified = identity.verify_issuance(issued.opened(), desk.directory, **header.parties)
    opened = identity.open_issuance(verified, *keys.opening)
    return [nym for _, nym in opened]


def settle_at_log(
    desk: Desk,
    followed: Sequence[tuple[identity.Pid, identity.Pid | None]],
    *,
    id_: str,
    call: Call,
    at: datetime,
) -> None:
    """Let the log operator enrol who comes in a place, then close who leaves it; again is no harm.

    A code that another one follows asks nothing any more, wherever its organisation still keeps it.
    """
    if new := [pid for _, pid in followed if pid is not None]:
        enrol_at_log(desk, new, id_=id_, call=call, at=at)
    if old := [pid for pid, _ in followed]:
        close_at_log(desk, old, id_=id_, call=call, at=at)


def close_at_log(
    desk: Desk, pids: Sequence[identity.Pid], *, id_: str, call: Call, at: datetime
) -> None:
    """Let the log operator close persons: of a death, or of a pid that another one follows."""
    operator = desk.directory.log_operator
    drawn = [(identity.AcquisitionNumber.random(), pid) for pid in pids]
    call(operator, CLOSE, _render(convert_through(desk, drawn, id_, operator, call, at)))


async def acquire(
    desk: Desk,
    keys: NodeKeys,
    database: kit.Database,
    channel: Channel,
    people: Iterator[tuple[str, str]],
    *,
    clock: Callable[[], datetime],
    progress: Callable[[int], None],
) -> Acquired:
    """Acquire codes for people (register number, personal number), batch by batch, resumable.

    Whoever gets none is named; where nobody gets one, the registrar's own words are raised.
    """
    kept, shared, without, done = 0, list[identity.SharedCode](), list[str](), 0
    refused: PeerRefusedCall | None = None
    while batch := list(islice(people, BATCH)):
        drawn = {identity.AcquisitionNumber.random(): person for person, _ in batch}
        wanted = tuple(
            Wanted(exchange.encode(number.encoded), personal)
            for number, (_, personal) in zip(drawn, batch, strict=True)
        )
        request = Acquisition(exchange.new_id(desk.members.instance), wanted)
        registrar = desk.directory.registrar
        headers = (("pf-mode", desk.mode),)
        reply = await channel.call(
            registrar, "POST", ISSUE, msgspec.json.encode(request), headers, at=clock()
        )
        done += len(batch)
        try:
            body = body_of(registrar, reply)
        except PeerRefusedCall as error:
            if error.facts["code"] not in NOBODYS:
                raise
            refused = error  # of this batch, whoever is in the next
            without += drawn.values()
            progress(done)
            continue
        issued = parse_issued(body)
        header = issued.header
        if (header.id, header.organisation) != (request.id, desk.tenant):
            raise ReplyUnexpected(peer=registrar)
        verified = identity.verify_issuance(issued.opened(), desk.directory, **header.parties)
        opened = identity.open_issuance(verified, *keys.opening)
        codes = [(drawn[number], nym) for number, nym in opened if number in drawn]
        without += [drawn[number] for number in drawn.keys() - {number for number, _ in opened}]
        kept += len(codes)
        with database.transaction(desk.tenant) as conn:
            shared += identity.keep_codes(conn, desk.tenant, codes, seal=keys.seal)
            at = clock()
            audit.append(
                conn, desk.tenant, entry_of_batch(desk, desk.tenant, header.id, len(codes), at)
            )
        progress(done)
    if refused is not None and not kept:
        raise refused
    return Acquired(kept - len(shared), tuple(shared), tuple(sorted(without)))


def entry_of_batch(
    desk: Desk,
    organisation: str,
    request: str,
    count: int,
    at: datetime,
    *,
    outcome: str = "issued",
    more: Mapping[str, str] | None = None,
) -> audit.Entry:
    """Return the entry of a batch: how many codes for whom, under no person's label."""
    return audit.Entry(
        kind=audit.Kind.ISSUANCE,
        request=request,
        at=at,
        asker=organisation,
        holder=desk.directory.registrar,
        procedure="",
        outcome=outcome,
        mode=audit.Mode(desk.mode),
        details={"persons": str(count), **(more or {})},
    )


def _render(issued: Issued) -> bytes:
    return msgspec.json.encode(issued)
