"""The asker enters before it sends, and believes no answer but the one its request asks for."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec
import pytest
from tests.exchange.serving import serving
from tests.federation.desks import (
    H1,
    H2,
    HELD,
    ITEMS,
    UNCODED,
    YEAR,
    A,
    B,
    Desks,
    R,
    fill,
    make_desks,
)
from tests.store.rows import register_number

from renkei import audit, exchange, federation, identity, kit
from renkei.app.demo.ecosystem import free_port
from renkei.exchange import Answer
from renkei.federation.door import Caller, door
from renkei.federation.errors import PeerRefusedCall, ReplyUnexpected
from renkei.federation.inquiry import Provided, Receipted, Refused, render
from renkei.federation.issuing import BATCH, Header, Issued, parse_acquisition
from renkei.federation.question import Asked

JSON = (("content-type", "application/json"),)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Asking:
    """A with its keys, its database and a line; H1 and R answer as a test lets them."""

    desks: Desks
    database: kit.Database
    answers: dict[kit.Tenant, Callable[[Caller], bytes]]
    membership: federation.Membership

    def asked(self, message: str) -> federation.Fact:
        """Ask one question of unit 15 about the person who is held, over the wire."""
        envelope = exchange.Envelope(
            exchange.client(f"JP/MUN/{A}/15"),
            message,
            procedure="JT99000000001501",
            subject=register_number(HELD),
            mode=audit.Mode.TEST,
        )
        call = exchange.service_call(f"/r1/JP/MUN/{B}/06/income/{YEAR}", f"items={ITEMS}")

        async def conversation() -> federation.Fact:
            async with federation.Channel(self.membership) as channel:
                keys = self.desks.node[A]
                counter = federation.Counter(self.membership, keys, self.database, channel, now)
                return await counter.ask(Asked(envelope, call, f"q-{message}"), lambda _: None)

        return asyncio.run(conversation())

    def acquired(self, number: str, others: int = 0) -> federation.Acquired:
        """Ask for the code of a person who has none yet, after so many others."""

        async def conversation() -> federation.Acquired:
            async with federation.Channel(self.membership) as channel:
                strangers = [(register_number(1000 + n), number) for n in range(others)]
                people = iter([*strangers, (register_number(UNCODED), number)])
                return await federation.acquire(
                    self.desks.desk[A],
                    self.desks.node[A],
                    self.database,
                    channel,
                    people,
                    clock=now,
                    progress=lambda _: None,
                )

        return asyncio.run(conversation())

    def kinds(self, message: str) -> list[audit.Kind]:
        """Return what A has entered about a question, committed."""
        with self.database.transaction(A) as conn:
            signer = audit.Signer.from_seed("a.example", bytes(32))
            audit.sequence(conn, A, signer, at=now())
            return [one.entry.kind for one in audit.entries_for_request(conn, A, f"q-{message}")]


@pytest.fixture(scope="module")
def asking(tmp_path_factory, database) -> Iterator[Asking]:
    folder = tmp_path_factory.mktemp("desks")
    desks = make_desks(folder, ports := {H1: free_port(), R: free_port()})
    with database.transaction(A) as conn:
        fill(conn, desks)
    ours = federation.Membership(desks.desk[A], federation.Credentials.read(folder / A, A))
    made = Asking(desks, database, {}, ours)
    doors = []
    for tenant, port in ports.items():
        own = federation.Credentials.read(folder / tenant, tenant)
        theirs = federation.Membership(desks.desk[tenant], own)

        def handle(caller: Caller, at: datetime, tenant: kit.Tenant = tenant) -> Answer:
            return Answer(200, JSON, made.answers[tenant](caller))

        app = door(handle, membership=theirs, clock=now)
        doors.append(federation.server_config(app, "127.0.0.1", port, membership=theirs))
    with serving(doors[0]), serving(doors[1]):
        yield made


@pytest.mark.clause("RK-3.4")
def test_the_question_is_entered_before_anything_is_sent(asking):
    seen = []

    def look(caller: Caller) -> bytes:
        seen.append(asking.kinds("m-1"))
        return render(Refused(H1, "table-differs", "", ""))

    asking.answers[H1] = look
    assert asking.asked("m-1").reason == "table-differs"
    assert seen == [[audit.Kind.REQUEST]]
    assert asking.kinds("m-1") == [audit.Kind.REQUEST, audit.Kind.REFUSAL]


@pytest.mark.clause("RK-3.8")
@pytest.mark.parametrize("reply", [Receipted("r"), Provided({"total_income": 1}, "e"), None])
def test_an_answer_of_another_type_ends_the_question(asking, reply):
    message = f"m-{type(reply).__name__}"
    asking.answers[H1] = lambda _: b'{"type":"odd"}' if reply is None else render(reply)
    with pytest.raises((ReplyUnexpected, federation.InquiryMalformed)):
        asking.asked(message)
    assert asking.kinds(message) == [audit.Kind.REQUEST, audit.Kind.FAILURE]


@pytest.mark.clause("RK-1.12")
def test_an_error_before_anything_was_decided_leaves_no_entry(asking):
    envelope = exchange.Envelope(exchange.client(f"JP/MUN/{A}/15"), "m-none")
    call = exchange.service_call(f"/r1/JP/MUN/{B}/06/income/{YEAR}")
    with asking.database.transaction(A) as conn:
        asked = Asked(replace(envelope, mode=audit.Mode.TEST), call, "q-m-none")
        with pytest.raises(federation.InquiryIncomplete):
            federation.question.open_question(
                conn, asking.desks.desk[A], asking.desks.node[A], asked, at=now()
            )
    assert asking.kinds("m-none") == []


def issued(desks: Desks, caller: Caller, **header: str) -> bytes:
    """Return what a registrar answers whose header may say something else."""
    asked = parse_acquisition(caller.question.body)
    people = [
        (identity.AcquisitionNumber.parse(exchange.decode(one.acquisition)), identity.Pid.random())
        for one in asked.people
    ]
    said = Header(**{"id": asked.id, "registrar": R, "organisation": A} | header, at=now())
    directory = desks.desk[A].directory
    issuance = identity.encrypt_persons(people, said.parties["organisation"], directory)
    for keys in (desks.converter[H1], desks.converter[H2]):
        issuance = identity.convert_issuance(issuance, keys, directory, **said.parties)
    return msgspec.json.encode(Issued(said, msgspec.Raw(identity.render(issuance))))


def codes(asking: Asking) -> int:
    """Return how many codes A keeps for the person who had none."""
    with asking.database.transaction(A) as conn:
        person, seal = register_number(UNCODED), asking.desks.node[A].seal
        return len(identity.codes_of(conn, A, [person], seal=seal))


@pytest.mark.clause("RK-7.6")
@pytest.mark.parametrize("header", [{"id": "another"}, {"organisation": B}])
def test_codes_under_another_header_are_not_kept(asking, header):
    asking.answers[R] = lambda caller: issued(asking.desks, caller, **header)
    with pytest.raises(ReplyUnexpected):
        asking.acquired("983205673214")
    assert codes(asking) == 0


@pytest.mark.clause("RK-7.6")
def test_codes_with_a_proof_that_does_not_hold_are_not_kept_and_others_are(asking):

    def with_a_wrong_proof(caller: Caller) -> bytes:
        answer = msgspec.json.decode(issued(asking.desks, caller))
        steps = answer["issuance"]["conversions"]
        steps[0]["proof"], steps[1]["proof"] = steps[1]["proof"], steps[0]["proof"]
        return msgspec.json.encode(answer)

    asking.answers[R] = with_a_wrong_proof
    with pytest.raises(identity.ConversionProofWrong):
        asking.acquired("983205673214")
    assert codes(asking) == 0
    asking.answers[R] = lambda caller: issued(asking.desks, caller)
    assert asking.acquired("983205673214") == federation.Acquired(1, (), ())
    assert codes(asking) == 1


@pytest.mark.clause("RK-7.7")
def test_people_whose_numbers_are_nobodys_are_named_and_the_others_get_their_codes(asking):

    def answer(caller: Caller) -> bytes:
        if len(msgspec.json.decode(caller.question.body)["people"]) > 1:
            raise identity.NumberUnknown
        return issued(asking.desks, caller)

    asking.answers[R] = answer
    told = asking.acquired("983205673214", others=BATCH)
    assert told.kept == 1
    assert told.without == tuple(register_number(1000 + n) for n in range(BATCH))

    def nobody(_: Caller) -> bytes:
        raise identity.NumberUnknown

    asking.answers[R] = nobody
    with pytest.raises(PeerRefusedCall, match="number-unknown"):
        asking.acquired("983205673214")
