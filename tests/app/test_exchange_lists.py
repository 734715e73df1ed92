"""A member is told of its own exchanges alone, each with a place in the log that it can check."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import pytest
from tests.app.seat import staffed_site
from tests.audit.samples import AT, ENTRY

from renkei import audit, exchange, federation, kit
from renkei.app.demo import ecosystem
from renkei.app.membership.keys import Keys
from renkei.app.proofs.exchange_lists import MOST_TOLD, Listed, Place, parse_listed, told
from renkei.app.proofs.proven_places import proven
from renkei.app.site import Site

A, B, C = (part.tenant for part in (ecosystem.A, ecosystem.B, ecosystem.R))
DAY = kit.day_of(AT)
MANY = MOST_TOLD + 5


def receipted(number, asker=B, holder=C):
    return replace(
        ENTRY,
        request=f"{asker}-{number}",
        asker=asker,
        holder=holder,
        outcome="receipted",
        label=bytes([number % 7]) * 32,
        salt=number.to_bytes(16),
    )


@pytest.fixture(scope="module")
def operator(folder: Path, database: kit.Database) -> Iterator[Site]:
    """Give the site of a log operator with entries of several members, in two shards."""
    with staffed_site(folder / "sites", database) as found:
        entries = [receipted(n) for n in range(MANY)] + [receipted(n, A, C) for n in range(3)]
        next_year = replace(receipted(9, A, C), request="next", at=AT.replace(year=AT.year + 1))
        with database.transaction(found.desk.tenant) as conn:
            audit.append_many(conn, found.desk.tenant, [*entries, next_year])
            audit.sequence(conn, found.desk.tenant, found.signer, at=AT)
        yield replace(found, settings=replace(found.settings, role="log"))


def page(site, who, after="", day=DAY):
    """Return what a member is told."""
    members = site.desk.members
    query = urlencode({"day": day.isoformat(), "after": after})
    caller = federation.Caller(
        members.by_id(who),
        exchange.Envelope(members.address(who), "m-1"),
        exchange.Question("GET", "/exchanges", query),
        exchange.Signature("key", "n" * 22, 0, b"", ""),
    )
    return parse_listed(site.desk.tenant, day, told(site, caller).body)


@pytest.mark.clause("RK-39.8")
def test_the_log_operator_tells_a_member_only_of_exchanges_it_took_part_in(operator):
    assert {one.request for one in page(operator, A).exchanges} == {f"{A}-{n}" for n in range(3)}
    for who in (A, B, C):
        found = page(operator, who).exchanges
        assert found
        assert all(who in (one.asker, one.holder) for one in found)


def promised(signer, at=AT):
    return audit.Receipt(signer.name, b"\1" * 32, at, 60, b"\2" * 32).sign(signer)


@pytest.fixture(scope="module")
def holder(operator: Site, folder: Path) -> Site:
    """Give A's site with an end of each kind, promised by its own operator, another, or nobody."""
    by_us = promised(Keys(folder / "sites" / "l" / "keys", ecosystem.L.tenant).signer())
    by_other = promised(audit.Signer.from_seed("another.example/log", bytes(32)))
    ends = {
        "answered": ("answer", "answered", by_us),
        "provided": ("provision", "answered", by_us),
        "refused-after": ("refusal", "refused", by_us),
        "in-set": ("answer", federation.IN_SET, ""),
        "failed": ("failure", "failed", ""),
        "refused-before": ("refusal", "refused", ""),
        "of-another": ("answer", "answered", by_other),
        "asked": ("request", "asked", ""),
    }
    day = AT - timedelta(days=9)
    entries = [
        replace(
            ENTRY,
            request=name,
            at=day,
            kind=audit.Kind(kind),
            outcome=outcome,
            details={"receipt": line} if line else {},
        )
        for name, (kind, outcome, line) in ends.items()
    ]
    with operator.database.transaction(operator.desk.tenant) as conn:
        audit.append_many(conn, operator.desk.tenant, entries)
        audit.sequence(conn, operator.desk.tenant, operator.signer, at=AT)
    return replace(operator, settings=replace(operator.settings, role="node"))


@pytest.mark.clause("RK-49.1")
def test_a_log_operator_is_told_of_the_ends_of_what_it_promised_and_of_no_others(holder):
    found = page(holder, ecosystem.L.tenant, day=DAY - timedelta(days=9)).exchanges
    assert {one.request for one in found} == {
        *("answered", "provided", "refused-after", "in-set", "failed")
    }


@pytest.mark.clause("RK-39.8", "RK-48.1")
def test_every_entry_is_told_once_over_the_pages_and_each_is_proven(operator):
    pages = [page(operator, C)]
    while pages[-1].after:
        pages.append(page(operator, C, pages[-1].after))
    told_of = [one.entry for one in pages for one in one.exchanges]
    assert len(pages) == 2
    assert len(set(told_of)) == len(told_of) == MANY + 3
    assert proven(pages, operator.signer.verifier).keys() == set(told_of)


@pytest.mark.clause("RK-48.1")
def test_an_entry_of_a_later_shard_is_proven_under_its_own_checkpoint(operator):
    found = page(operator, A, day=DAY.replace(year=DAY.year + 1))
    assert [one.place.year for one in found.exchanges] == [DAY.year + 1]
    assert len(proven([found], operator.signer.verifier)) == 1
    first = page(operator, A)
    mixed = msgspec.structs.replace(found, checkpoints=first.checkpoints)
    assert proven([mixed], operator.signer.verifier) == {}


@pytest.mark.clause("RK-48.3")
def test_no_chain_of_a_person_is_told(operator):
    """The leaf has its label, the number of the person's accesses and the hash before it."""
    raw = msgspec.json.encode(page(operator, A)).decode()
    for n in range(7):
        assert exchange.encode(bytes([n]) * 32) not in raw
    assert not {"label", "seq", "prev"} & set(Place.__struct_fields__)


def one_of(site):
    found = page(site, A)
    return found, found.exchanges[0]


def with_place(found: Listed, one, **changes) -> Listed:
    place = msgspec.structs.replace(one.place, **changes)
    return msgspec.structs.replace(
        found, exchanges=(msgspec.structs.replace(one, place=place), *found.exchanges[1:])
    )


OTHER = exchange.encode(b"\7" * 32)


@pytest.mark.clause("RK-48.2")
@pytest.mark.parametrize(
    "changes",
    [
        {"leaf": OTHER},
        {"leaf": ""},
        {"leaf": "§"},
        {"index": 0},
        {"index": 1 << 40},
        {"path": ()},
        {"path": (OTHER,) * 63},
        {"path": ("no hash",)},
        {"year": 2031},
    ],
)
def test_a_place_that_does_not_hold_proves_nothing_of_that_entry_alone(operator, changes):
    found, one = one_of(operator)
    kept = proven([found], operator.signer.verifier).keys()
    assert kept - proven([with_place(found, one, **changes)], operator.signer.verifier).keys() == {
        one.entry
    }


@pytest.mark.clause("RK-48.2")
def test_a_leaf_named_for_two_entries_proves_neither(operator):
    found, one = one_of(operator)
    same = found.exchanges[1].place
    twice = with_place(found, one, **msgspec.structs.asdict(same))
    assert proven([twice], operator.signer.verifier).keys() == {found.exchanges[2].entry}


@pytest.mark.clause("RK-48.2")
def test_what_another_key_signed_proves_nothing(operator):
    found, _ = one_of(operator)
    key = operator.signer.verifier
    stranger = audit.Signer.from_seed(key.name, bytes(32))
    assert proven([found], stranger.verifier) == {}
    other_log = audit.Signer.from_seed("another.example/log", bytes(32))
    checkpoint = audit.Checkpoint.parse(found.checkpoints[0])
    notes = [
        audit.Checkpoint.sign(by, checkpoint.size, checkpoint.root).note
        for by in (stranger, other_log)
    ]
    for note in (*notes, "", "no note"):
        forged = msgspec.structs.replace(found, checkpoints=(note,))
        assert proven([forged], key) == {}


@pytest.mark.clause("RK-48.2")
def test_without_a_place_nothing_is_proven(operator):
    found, one = one_of(operator)
    bare = msgspec.structs.replace(one, place=None)
    assert (
        proven([msgspec.structs.replace(found, exchanges=(bare,))], operator.signer.verifier) == {}
    )


@pytest.mark.clause("RK-48.1")
@pytest.mark.parametrize(
    "changes",
    [
        {"at": AT.replace(tzinfo=None)},
        {"at": AT.replace(year=9999, month=12, day=31, hour=23)},
        {"at": AT - timedelta(days=2)},
        {"due": AT.replace(tzinfo=None)},
    ],
)
def test_a_time_without_a_zone_or_of_another_day_is_no_list(operator, changes):
    found, one = one_of(operator)
    body = msgspec.json.encode(found)
    assert parse_listed(operator.desk.tenant, DAY, body) == found
    odd = (msgspec.structs.replace(one, **changes), *found.exchanges[1:])
    body = msgspec.json.encode(msgspec.structs.replace(found, exchanges=odd))
    with pytest.raises(federation.ReplyUnexpected):
        parse_listed(operator.desk.tenant, DAY, body)


def test_a_place_signed_since_a_time_without_a_zone_is_no_list(operator):
    found, one = one_of(operator)
    body = msgspec.json.encode(with_place(found, one, since=AT.replace(tzinfo=None)))
    with pytest.raises(federation.ReplyUnexpected):
        parse_listed(operator.desk.tenant, DAY, body)
