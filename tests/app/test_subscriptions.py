"""A unit is told what it may know, when it may, once; and the books say so."""

from datetime import date, timedelta

import msgspec
import pytest
from tests.app.office import SEARCH, URL, approved, begin, notices, office, told, wanted
from tests.store.asking import PROTECTION, chain, give_codes, load, protection
from tests.store.rows import ALLOWANCE, NOW, RESIDENT, TOWN, allowance, register_number, resident

from renkei import audit, law, standard, store
from renkei.app.disclosure import subscriptions
from renkei.app.errors import UrlUnusable
from renkei.exchange import outbox
from renkei.kit import Connection, day_of
from renkei.standard import row_rules


def entries(conn: Connection) -> list[audit.Entry]:
    """Sequence what was entered and return it."""
    signer = audit.Signer.from_seed("a.example", bytes(32))
    audit.sequence(conn, TOWN, signer, at=NOW)
    rows = conn.execute("SELECT leaf FROM audit_entry ORDER BY i").fetchall()
    return [audit.Leaf.parse(bytes(leaf)).entry() for (leaf,) in rows]


@pytest.mark.clause("RK-12.6")
def test_a_subscriber_is_told_what_each_load_did_and_only_the_items_it_may_know(conn):
    load(conn, RESIDENT, approved(1), approved(2))
    begin(conn, wanted("name"))
    load(conn, RESIDENT, approved(1, name="見本　改名"), approved(3), on=1)
    assert told(conn, wanted("name")) == ["1 new", "2 new", "1 changed", "2 gone", "3 new"]
    assert told(conn, wanted("name")) == []


def test_a_notice_says_which_load_which_day_and_the_values_of_it(conn):
    load(conn, RESIDENT, approved(1))
    begin(conn, wanted("name", "birth_date"))
    subscriptions.serve(conn, office(), wanted("name", "birth_date"), at=NOW)
    (notice,) = notices(conn, wanted().name)
    (event,) = notice.events
    assert (notice.interface, notice.entity, notice.mode) == (SEARCH, "resident", "test")
    assert notice.provision == "IN-01-person_search-15"
    assert event.key == {"register_number": register_number(1)}
    assert event.values == {"name": "見本　1号", "birth_date": "1980-02-29"}
    assert (event.position, event.on, event.known_at) == (1, date(2026, 4, 1), NOW)


def test_of_a_record_that_is_gone_no_value_is_told(conn):
    load(conn, RESIDENT, approved(1))
    begin(conn, wanted(), since=1)
    load(conn, RESIDENT, on=1)
    subscriptions.serve(conn, office(), wanted(), at=NOW)
    (notice,) = notices(conn, wanted().name)
    assert [event.values for event in notice.events] == [None]


def test_a_subscriber_that_begins_now_is_not_told_of_before(conn):
    load(conn, RESIDENT, approved(1))
    begin(conn, wanted(), since=1)
    load(conn, RESIDENT, approved(1), approved(2), on=1)
    assert told(conn, wanted()) == ["2 new"]


def test_the_loads_of_other_entities_are_passed_without_a_letter(conn):
    begin(conn, wanted())
    load(conn, ALLOWANCE, allowance(1, 2))
    assert told(conn, wanted()) == []
    assert store.position_of(conn, TOWN, wanted().name) == store.Position(1)


@pytest.mark.clause("RK-12.6")
def test_who_is_not_approved_is_told_of_only_once_approved(conn):
    load(conn, RESIDENT, resident(1, approval_state="1"), approved(2))
    begin(conn, wanted())
    assert told(conn, wanted()) == ["2 new"]
    load(conn, RESIDENT, approved(1), approved(2), on=1)
    assert told(conn, wanted()) == ["1 changed"]


@pytest.mark.clause("RK-12.6")
def test_a_protected_person_is_left_out_and_told_of_when_the_protection_ends(conn):
    load(conn, RESIDENT, approved(1), approved(2))
    load(conn, PROTECTION, protection(1))
    begin(conn, wanted())
    assert told(conn, wanted()) == ["2 new"]
    load(conn, RESIDENT, approved(1, name="見本　改名"), approved(2), on=1)
    assert told(conn, wanted()) == []
    load(conn, PROTECTION, protection(1, protection_state="4"), on=1)
    assert told(conn, wanted()) == ["1 changed"]
    assert store.withheld(conn, TOWN, wanted().name) == []


def test_what_is_told_later_are_the_values_of_then(conn):
    load(conn, RESIDENT, approved(1, protected="1"))
    begin(conn, wanted("name"))
    load(conn, RESIDENT, approved(1, name="見本　改名", protected="1"), on=1)
    assert told(conn, wanted("name")) == []
    load(conn, RESIDENT, approved(1, name="見本　改名"), on=2)
    subscriptions.serve(conn, office(), wanted("name"), at=NOW + timedelta(days=2))
    values = [event.values for one in notices(conn, wanted().name) for event in one.events]
    assert values[-1] == {"name": "見本　改名"}


def test_a_unit_that_keeps_the_restrictions_itself_is_told_of_protected_persons(conn):
    load(conn, RESIDENT, approved(1, protected="1"))
    begin(conn, wanted(with_protected=True))
    assert told(conn, wanted(with_protected=True)) == ["1 new"]


def with_delivery_withheld() -> standard.Catalogue:
    """Return the standard of a town that withholds protected persons from delivery as well."""
    known = standard.catalogue()
    uses = (row_rules.Use.listing, row_rules.Use.issuing, row_rules.Use.delivery)
    rules = tuple(
        msgspec.structs.replace(rule, then=row_rules.BeWithheldFrom(uses=uses))
        if rule.id == "01-R018"
        else rule
        for rule in known.content.rules
    )
    return standard.Catalogue("delivery", msgspec.structs.replace(known.content, rules=rules))


def test_where_the_standard_withholds_delivery_no_unit_is_told(conn):
    load(conn, RESIDENT, approved(1, protected="1"), approved(2))
    begin(conn, wanted(with_protected=True))
    assert told(conn, wanted(with_protected=True), office(with_delivery_withheld())) == ["2 new"]


def test_a_refused_subscription_is_not_kept_and_the_refusal_is_entered(conn):
    decision = subscriptions.subscribe(
        conn, office(), wanted("resident_record_code"), URL, since=store.START, at=NOW
    )
    assert isinstance(decision, law.Refusal)
    assert decision.reason is law.Reason.ITEM_NOT_NAMED
    assert store.all_subscriptions(conn, TOWN) == []
    assert outbox.backlog(conn, TOWN) == []
    (entry,) = entries(conn)
    assert (entry.kind, entry.outcome, entry.unit) == (audit.Kind.REFUSAL, "refused", "15")
    assert entry.details["reason"] == "item-not-named"


def test_a_unit_no_provision_names_is_refused(conn):
    decision = subscriptions.subscribe(
        conn, office(), wanted(unit="99"), URL, since=store.START, at=NOW
    )
    assert isinstance(decision, law.Refusal)


def test_when_the_law_changes_events_wait_and_go_on_when_it_permits_again(conn):
    """The provision is out of force on the days between; asked each day, nothing is told."""
    load(conn, RESIDENT, approved(1))
    begin(conn, wanted())
    known = standard.catalogue()
    ended = tuple(
        msgspec.structs.replace(row, until=day_of(NOW) - timedelta(days=1))
        if row.row == "IN-01-person_search-15"
        else row
        for row in known.content.provisions
    )
    later = standard.Catalogue("ended", msgspec.structs.replace(known.content, provisions=ended))
    assert told(conn, wanted(), office(later)) == []
    (kept,) = store.all_subscriptions(conn, TOWN)
    assert (kept.refused, kept.refused_on) == ("not-in-force", day_of(NOW))
    assert told(conn, kept) == ["1 new"]
    assert store.all_subscriptions(conn, TOWN)[0].refused is None
    assert [entry.outcome for entry in entries(conn)][:2] == ["subscribed", "refused"]


def test_each_person_told_of_has_an_entry_in_the_own_chain(conn):
    load(conn, RESIDENT, approved(1), approved(2))
    give_codes(conn, 1, 2)
    begin(conn, wanted("name"))
    told(conn, wanted("name"))
    head, *small = entries(conn)[1:]
    assert (head.details["as"], head.details["persons"]) == ("subscription", "2")
    assert head.items == ("01-1-004",)
    labels = {chain(conn, number).label(2026) for number in (1, 2)}
    assert {entry.label for entry in small} == labels


def test_who_is_left_out_has_no_entry_of_a_release(conn):
    load(conn, RESIDENT, approved(1, protected="1"))
    begin(conn, wanted())
    told(conn, wanted())
    assert [entry.outcome for entry in entries(conn)] == ["subscribed"]


def test_many_events_go_in_letters_of_a_bounded_size(conn):
    load(conn, RESIDENT, *(approved(n) for n in range(250)))
    begin(conn, wanted())
    subscriptions.serve(conn, office(), wanted(), at=NOW)
    assert [len(one.events) for one in notices(conn, wanted().name)] == [100, 100, 50]


def test_a_subscription_that_ended_leaves_nothing_behind(conn):
    load(conn, RESIDENT, approved(1, protected="1"), approved(2))
    begin(conn, wanted())
    subscriptions.serve(conn, office(), wanted(), at=NOW)
    subscriptions.unsubscribe(conn, office(), wanted().name)
    assert subscriptions.serve(conn, office(), wanted(), at=NOW) == subscriptions.Served()
    assert store.all_consumers(conn, TOWN) == []
    assert store.withheld(conn, TOWN, wanted().name) == []
    assert outbox.backlog(conn, TOWN) == []
    with pytest.raises(store.SubscriptionUnknown):
        subscriptions.unsubscribe(conn, office(), wanted().name)


def test_a_unit_has_one_subscription_of_an_interface(conn):
    begin(conn, wanted())
    with pytest.raises(store.SubscriptionExists):
        begin(conn, wanted("name"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://unit.example/",
        "http://",
        "http://u:p@unit.example/",
        "http://a b/",
        "http://x:0/",
    ],
)
def test_an_address_nothing_can_be_posted_to_is_refused(url):
    with pytest.raises(UrlUnusable):
        subscriptions.check_url(url)
