"""Entries hold every part of a request: what the law said can be said again from the log alone."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import cast

import pytest
from tests.federation.desks import AT, HELD, YEAR, A, Desks, as_tenant, entries, log_signer

from renkei import audit, kit, law
from renkei.app.standards.replay import Replay, trial_entry, try_table
from renkei.federation.inquiry import Fact
from renkei.federation.question import Opened
from renkei.standard import catalogue

OWN_USE = {"unit": "17", "procedure": "JT99000000001701", "query": "items=total_income"}
ASKED: Mapping[str, tuple[dict[str, str], str]] = {
    "permitted": ({}, ""),
    "household": ({"relation": "household"}, ""),
    "own-use": ({**OWN_USE, "consent": "C-1", "relation": "guardian"}, ""),
    "no-consent": (OWN_USE, "consent-missing"),
    "minor": ({"relation": "minor"}, "person-not-named"),
    "year": ({"path": f"/r1/JP/MUN/131024/06/income/{YEAR - 3}"}, "year-not-named"),
    "procedure": ({"procedure": "JT99000000009999"}, "procedure-not-named"),
    "item": ({"query": "items=salary_receipts"}, "item-not-named"),
}
DAY = kit.day_of(AT)


def asked(conn: kit.Connection, desks: Desks) -> dict[str, Opened | Fact]:
    """Ask one question of each kind at A."""
    return {
        name: cast("Opened | Fact", desks.opened(conn, HELD, message=name, **how))
        for name, (how, _) in ASKED.items()
    }


def replay(conn: kit.Connection, day: date = DAY) -> Replay:
    as_tenant(conn, A)
    audit.sequence(conn, A, log_signer(A), at=AT)
    return Replay(conn, A, "municipality", catalogue(), day, day)


@pytest.mark.clause("RK-9.8")
def test_the_law_says_the_same_of_what_the_log_holds(conn, desks):
    asked(conn, desks)
    told = {past.entry.removeprefix("inquiry-"): past for past in replay(conn)}
    assert {name: past.reason for name, past in told.items()} == {
        name: reason for name, (_, reason) in ASKED.items()
    }
    found = law.simulate(told.values(), law.provision_table())
    assert (found.same, found.changes) == (len(ASKED), {})


@pytest.mark.clause("RK-9.8")
def test_the_request_read_back_is_the_one_that_was_decided(conn, desks):
    opened = [one for one in asked(conn, desks).values() if isinstance(one, Opened)]
    told = {past.entry: past.request for past in replay(conn)}
    for one in opened:
        request = one.inquiry.request(desks.desk[A].members)
        if request.consent:
            (entry,) = entries(conn, A, one.inquiry)
            assert entry.details["consent"] == request.consent == "given"
        assert told[one.inquiry.id] == request


def test_what_a_change_would_have_refused_is_counted_and_the_look_is_entered(conn, desks):
    asked(conn, desks)
    replay(conn)
    fewer = tuple(row for row in law.provision_table().provisions if row.row != "NA-074")
    table = law.compiled(fewer, law.provision_table().own_uses)
    trial = try_table(*(conn, desks.desk[A], catalogue(), table, (DAY, DAY)), law_of=None)
    audit.append(conn, A, trial_entry(desks.desk[A], trial, by="1004", at=AT))
    facts = trial.facts(law.Words(catalogue(), "ja"))
    assert (facts["decisions"], facts["newly_refused"]) == (len(ASKED), 2)
    assert "許可(NA-074)" in str(facts["changes"])
    assert trial.untold == Counter()
    audit.sequence(conn, A, log_signer(A), at=AT)
    (look,) = audit.search(conn, A, audit.Search(kind=audit.Kind.VIEW))
    assert look.entry.details["as"] == "law-simulation"
    assert look.entry.table == table.version


def test_a_period_without_questions_has_no_decisions(conn, desks):
    asked(conn, desks)
    assert list(replay(conn, date(2020, 1, 1))) == []
