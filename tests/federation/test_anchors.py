"""Another directory speaks for those it was named for, and for nobody our own list speaks for."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import uvicorn
from tests.exchange.serving import serving
from tests.federation.site import A, B, C, clock, hello, membership, row

from renkei import audit
from renkei.app.demo.ecosystem import free_port
from renkei.federation.anchors import MOST_ANCHORS, Anchor
from renkei.federation.channel import Channel, Reply
from renkei.federation.desk import Desk
from renkei.federation.door import door
from renkei.federation.errors import (
    CallerNotEntitled,
    DirectoryExpired,
    DirectoryOutside,
    DirectoryOverreaches,
    MembersMalformed,
    MembersUnsigned,
    PeerBrokeOff,
    PeerUnknown,
)
from renkei.federation.listener import server_config
from renkei.federation.member import Member, Node
from renkei.federation.members import Members, read_members, sign_members
from renkei.federation.tls import Credentials
from renkei.kit import Tenant

OURS = audit.Signer.from_seed("ours.example", bytes(32))
THEIRS = audit.Signer.from_seed("theirs.example", b"2" * 32)
SOURCE = "http://127.0.0.1:9/members.json"
TO_THEIRS = Anchor(authority=str(THEIRS.verifier), source=SOURCE, instance="JP-X")
TO_OURS = Anchor(authority=str(OURS.verifier), source=SOURCE, instance="JP")
DAY = timedelta(days=1)


def ours(*rows: Member, anchors: tuple[Anchor, ...] = (TO_THEIRS,)) -> Members:
    text = sign_members(rows, OURS, instance="JP", version=1, at=clock(), anchors=anchors)
    return read_members(text, OURS.verifier)


def theirs(*rows: Member, instance: str = "JP-X", valid_for: timedelta = DAY) -> Members:
    at = clock() - timedelta(hours=1)
    text = sign_members(
        rows, THEIRS, instance=instance, version=7, at=at, valid_for=valid_for, anchors=(TO_OURS,)
    )
    return read_members(text, THEIRS.verifier)


@dataclass(frozen=True)
class Keys:
    """A and B in our directory, C in theirs; each where it can be asked."""

    of: Mapping[Tenant, Credentials]
    ports: Mapping[Tenant, int]

    def row(self, number: Tenant) -> Member:
        return row(self.of[number], self.ports[number])


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("keys")
    of = {one: Credentials.create(folder / one, one, at=clock()) for one in (A, B, C)}
    return Keys(of, {number: free_port() for number in of})


# For whom a directory speaks


@pytest.mark.clause("RK-8.13")
def test_who_stands_in_a_named_directory_is_known_with_the_address_of_its_instance(
    keys: Keys,
) -> None:
    own, other = ours(keys.row(A), keys.row(B)), theirs(keys.row(C))
    found = own.joined([(TO_THEIRS, other)])
    assert found.by_id(C) == keys.row(C)
    assert (found.address(C).render(), found.address(B).render()) == (
        f"JP-X/MUN/{C}",
        f"JP/MUN/{B}",
    )
    assert (found.all, found.everyone) == (own.all, (*own.all, keys.row(C)))
    assert (found.is_abroad(C), found.is_abroad(B)) == (True, False)
    assert (found.digest, found.version) == (own.digest, own.version)
    with pytest.raises(PeerUnknown):
        found.alone.by_id(C)
    assert found.alone == own


@pytest.mark.clause("RK-8.13")
@pytest.mark.parametrize(("named", "is_known"), [((C,), True), ((B,), False), ((), True)])
def test_a_directory_speaks_for_its_scope_alone(keys: Keys, named, is_known: bool) -> None:
    anchor = msgspec.structs.replace(TO_THEIRS, organisations=named)
    found = ours(keys.row(A), anchors=(anchor,)).joined([(anchor, theirs(keys.row(C)))])
    assert found.is_abroad(C) is is_known


@pytest.mark.clause("RK-8.13")
def test_whom_our_own_list_names_no_other_one_speaks_for(keys: Keys, tmp_path: Path) -> None:
    """Neither with false keys nor with the right ones; nor is a hub taken from there."""
    false = Credentials.create(tmp_path / "false", B, at=clock())
    hub = msgspec.structs.replace(keys.row(C), kind="log")
    own = ours(keys.row(A), keys.row(B))
    for other in (theirs(row(false, 1)), theirs(keys.row(B)), theirs(hub)):
        found = own.joined([(TO_THEIRS, other)])
        assert found == own
        assert found.by_id(B) == keys.row(B)


@pytest.mark.clause("RK-8.13")
@pytest.mark.parametrize("part", ["certificates", "signing_keys", "nodes"])
def test_a_directory_that_gives_away_somebodys_certificate_or_key_is_refused_whole(
    keys: Keys, part: str
) -> None:
    b = keys.row(B)
    node = Node(url="https://127.0.0.1:7", certificates=b.certificates)
    taken = {"nodes": (node,)} if part == "nodes" else {part: getattr(b, part)}
    other = theirs(msgspec.structs.replace(keys.row(C), **taken))
    with pytest.raises(DirectoryOverreaches):
        ours(keys.row(A), b).joined([(TO_THEIRS, other)])


@pytest.mark.clause("RK-8.13")
def test_of_two_directories_the_one_named_first_speaks_for_a_number(keys: Keys, tmp_path) -> None:
    later = audit.Signer.from_seed("later.example", b"3" * 32)
    to_later = Anchor(authority=str(later.verifier), source=SOURCE, instance="JP-Y")
    own = ours(keys.row(A), anchors=(TO_THEIRS, to_later))
    first = TO_THEIRS, theirs(keys.row(C))

    def of_later(member: Member) -> tuple[Anchor, Members]:
        text = sign_members([member], later, instance="JP-Y", version=1, at=clock())
        return to_later, read_members(text, later.verifier)

    same = of_later(row(Credentials.create(tmp_path / "same", C, at=clock())))
    found = own.joined([first, same])
    assert found.by_id(C) == keys.row(C)
    assert [anchor for anchor, _ in found.foreign] == [TO_THEIRS]
    other = msgspec.structs.replace(keys.row(C), id=B)
    with pytest.raises(DirectoryOverreaches):
        own.joined([first, of_later(other)])


@pytest.mark.clause("RK-8.13")
def test_a_list_of_another_instance_or_key_is_none_of_a_directory(keys: Keys) -> None:
    with pytest.raises(DirectoryOutside):
        ours(keys.row(A)).joined([(TO_THEIRS, theirs(keys.row(C), instance="JP-Y"))])
    text = sign_members([keys.row(C)], OURS, instance="JP-X", version=1, at=clock())
    with pytest.raises(MembersUnsigned):
        read_members(text, TO_THEIRS.verifier)


@pytest.mark.clause("RK-8.12")
@pytest.mark.parametrize(
    "anchors",
    [
        [{"authority": "x"}],
        [{"source": "ftp://127.0.0.1/x"}],
        [{"instance": "JP"}],
        [{"instance": "JP", "organisations": ("131017",)}],
        [{"instance": "a/b"}],
        [{"organisations": (C, C)}],
        [{}, {"instance": "JP-Y"}],
        [{}] * (MOST_ANCHORS + 1),
    ],
)
def test_an_anchor_that_is_malformed_is_not_signed(keys: Keys, anchors) -> None:
    ours(
        keys.row(A),
        anchors=(msgspec.structs.replace(TO_THEIRS, instance="JP", organisations=(C,)),),
    )
    made = tuple(msgspec.structs.replace(TO_THEIRS, **change) for change in anchors)
    with pytest.raises(MembersMalformed, match="anchor"):
        ours(keys.row(A), anchors=made)


# Across two directories, on the line


def config_of(keys: Keys, number: Tenant, members: Members) -> uvicorn.Config:
    mine = membership(keys.of[number], members)
    app = door(hello, membership=mine, clock=clock)
    return server_config(app, "127.0.0.1", keys.ports[number], membership=mine)


async def ask(channel: Channel, peer: Tenant) -> Reply:
    return await channel.call(peer, "POST", "/x", b"{}", at=clock())


def talk(keys: Keys, number: Tenant, members: Members, *peers: Tenant) -> list[str]:
    """Let a member ask others; return what each said, or the code of what went wrong."""

    async def conversation() -> list[str]:
        told = []
        async with Channel(membership(keys.of[number], members)) as channel:
            for peer in peers:
                try:
                    reply = await ask(channel, peer)
                except (PeerBrokeOff, DirectoryExpired) as error:
                    told.append(error.code())
                    continue
                fault = reply.fault
                told.append(reply.answer.body.decode() if fault is None else fault.code)
        return told

    return asyncio.run(conversation())


@pytest.mark.clause("RK-8.13", "RK-8.14")
def test_members_of_two_directories_that_name_each_other_ask_and_answer(keys: Keys) -> None:
    own, other = ours(keys.row(A), keys.row(B)), theirs(keys.row(C))
    here, there = own.joined([(TO_THEIRS, other)]), other.joined([(TO_OURS, own)])
    with serving(config_of(keys, C, there)), serving(config_of(keys, B, here)):
        assert talk(keys, A, here, C, B) == [f"{A} /x 2"] * 2
        assert talk(keys, C, there, B) == [f"{C} /x 2"]
        # Named by one side alone nobody gets through, either way.
        assert talk(keys, C, there, B) == [f"{C} /x 2"]
    with serving(config_of(keys, C, other)), serving(config_of(keys, B, here)):
        assert talk(keys, A, here, C, B) == ["peer-broke-off", f"{A} /x 2"]


@pytest.mark.clause("RK-8.14")
def test_a_directory_that_ended_stops_its_own_members_alone(keys: Keys) -> None:
    own, other = ours(keys.row(A), keys.row(B)), theirs(keys.row(C))
    ended = theirs(keys.row(C), valid_for=timedelta(minutes=1))
    here, late = (own.joined([(TO_THEIRS, one)]) for one in (other, ended))
    there = other.joined([(TO_OURS, own)])
    with serving(config_of(keys, C, there)), serving(config_of(keys, B, late)):
        assert talk(keys, A, late, C, B) == ["directory-expired", f"{A} /x 2"]
        # Who still believes it is refused by those who do not, with a signed fault.
        assert talk(keys, C, there, B) == ["directory-expired"]
        assert talk(keys, A, here, C) == [f"{A} /x 2"]


@pytest.mark.clause("RK-8.15")
def test_no_inquiry_is_taken_from_another_directory(keys: Keys) -> None:
    own = ours(keys.row(A), keys.row(B))
    here = own.joined([(TO_THEIRS, theirs(keys.row(C)))])
    desk: Desk = membership(keys.of[B], here).desk
    desk.expect(here.by_id(A), kind="organisation")
    with pytest.raises(CallerNotEntitled):
        desk.expect(here.by_id(C), kind="organisation")
