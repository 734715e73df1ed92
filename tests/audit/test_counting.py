"""What is counted is what a search finds, by partner and day, and by unnamed person."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import time, timedelta
from random import Random

import pytest
from tests.audit.samples import AT, ENTRY, write

from renkei import audit, kit
from renkei.audit import DayCount, Kind, Search

OPENS, CLOSES = time(7), time(20)
TOWNS = ("131016", "131024", "131032", "131041")
PEOPLE = [bytes([n]) * 32 for n in range(12)]
WANTED = [
    Search(),
    Search(kind=Kind.REQUEST, outcome="receipted"),
    Search(asker="131024"),
    Search(holder="131032", provision="T-57"),
    Search(since=AT + timedelta(days=2), until=AT + timedelta(days=5)),
    Search(provision="nowhere"),
]


@pytest.fixture
def log(database, tenant, signer):
    """Give a log operator's transaction with 300 receipts and refusals of ten days."""
    chance = Random(7)  # noqa: S311  # no secret

    def one(n):
        asker, holder = chance.sample(TOWNS, 2)
        is_refusal = chance.random() < 0.1
        return replace(
            ENTRY,
            request=f"r-{n}",
            salt=n.to_bytes(16),
            asker=asker,
            holder=holder,
            at=AT + timedelta(minutes=chance.randrange(14_400)),
            kind=Kind.REFUSAL if is_refusal else Kind.REQUEST,
            outcome="refused" if is_refusal else "receipted",
            provision=chance.choice(["T-57", "T-58"]),
            label=None if chance.random() < 0.1 else chance.choice(PEOPLE),
            withheld=chance.random() < 0.1,
        )

    write(database, tenant, signer, [[one(n) for n in range(300)]])
    with database.looking(tenant) as conn:
        yield conn


def found(conn, tenant, wanted):
    return [one.entry for one in audit.search_all(conn, tenant, wanted, page=400, withheld=True)]


def is_late(entry):
    moment = kit.in_japan(entry.at)
    return moment.isoweekday() >= 6 or not OPENS <= moment.time() < CLOSES


@pytest.mark.parametrize("wanted", WANTED)
def test_days_are_those_of_what_is_found(log, tenant, wanted):
    entries = found(log, tenant, wanted)
    every = Counter((one.asker, kit.day_of(one.at)) for one in entries)
    late = Counter((one.asker, kit.day_of(one.at)) for one in entries if is_late(one))
    counted = audit.count_days(log, tenant, wanted, opens=OPENS, closes=CLOSES)
    assert set(counted) == {DayCount(*key, every[key], late[key]) for key in every}
    assert len(counted) == len(every)


@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize(("often", "many"), [(1, 1), (8, 5), (99, 4), (99, 99)])
def test_persons_are_those_one_partner_or_many_came_back_to(log, tenant, wanted, often, many):
    by_person: defaultdict[bytes, Counter[str]] = defaultdict(Counter)
    for one in found(log, tenant, wanted):
        if one.label is not None:
            by_person[one.label][one.asker] += 1
    strikes = {
        label: set(counts.items())
        for label, counts in by_person.items()
        if max(counts.values()) >= often or len(counts) >= many
    }
    counted = audit.count_persons(log, tenant, wanted, often=often, many=many, limit=99)
    assert {one.label: set(one.partners) for one in counted} == strikes
    for one in counted:
        counts = [count for _, count in one.partners]
        assert counts == sorted(counts, reverse=True)
        assert one.count == sum(counts)


def test_those_furthest_beyond_stand_first(log, tenant):
    few = audit.count_persons(log, tenant, Search(), often=2, many=4, limit=3)
    every = audit.count_persons(log, tenant, Search(), often=2, many=4, limit=99)
    beyond = [max(one.partners[0][1] / 2, len(one.partners) / 4) for one in every]
    assert few == every[:3]
    assert beyond == sorted(beyond, reverse=True)


def test_another_tenant_counts_nothing(log):
    strange = kit.tenant("131016")
    hours = {"opens": OPENS, "closes": CLOSES}
    assert audit.count_days(log, strange, Search(), **hours) == []
    assert audit.count_persons(log, strange, Search(), often=1, many=1, limit=9) == []
