"""Whatever leaves is entered: whole for one person, a head and a small entry each for many."""

from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest
from tests.store.asking import OCCASION, SEAL, chain, give_codes, load, nym, permit
from tests.store.rows import OTHER_TOWN, RESIDENT, TOWN, register_number, resident

from renkei import audit, identity, store
from renkei.kit import Connection


def entered(conn: Connection) -> list[audit.Entry]:
    """Return the entries that wait for the sequencer, in their order."""
    rows = conn.execute("SELECT core, label FROM audit_outbox ORDER BY q").fetchall()
    return [replace(audit.Leaf(core).entry(), label=label) for core, label in rows]


def disclose(conn: Connection, *numbers: int, records: int | None = None) -> audit.Promise:
    return store.disclose(
        conn,
        permit("name", "address"),
        [register_number(n) for n in numbers],
        tenant=TOWN,
        records=len(numbers) if records is None else records,
        occasion=OCCASION,
        seal=SEAL,
    )


def test_one_persons_release_is_one_whole_entry_in_that_persons_chain(conn: Connection) -> None:
    give_codes(conn, 1)
    promise = disclose(conn, 1)
    (entry,) = entered(conn)
    assert promise == audit.Leaf(entry.core()).core_hash
    assert entry.label == chain(conn, 1).label(2026)
    assert (entry.kind, entry.outcome) == (audit.Kind.VIEW, "answered")
    assert (entry.provision, entry.items) == ("IN-01-person_search-15", ("01-1-004", "01-1-017"))
    assert entry.details == {"records": "1", "persons": "1"}


def test_a_release_of_many_is_a_head_and_a_small_entry_for_each_person_once(
    conn: Connection,
) -> None:
    give_codes(conn, 1, 2)
    promise = disclose(conn, 1, 2, 2, records=3)
    head, *small = entered(conn)
    assert (head.label, head.purpose) == (None, "見本の審査")
    assert head.details == {"records": "3", "persons": "2"}
    assert {entry.label for entry in small} == {chain(conn, n).label(2026) for n in (1, 2)}
    named = {"head": urlsafe_b64encode(promise).decode().rstrip("=")}
    assert [entry.details for entry in small] == [named, named]
    assert {(entry.items, entry.provision) for entry in small} == {((), head.provision)}
    assert len({entry.salt for entry in (head, *small)}) == 3


def test_the_order_of_the_small_entries_is_not_that_of_the_numbers(conn: Connection) -> None:
    give_codes(conn, *range(1, 30))
    disclose(conn, *range(1, 30))
    labels = [entry.label or b"" for entry in entered(conn)[1:]]
    assert labels == sorted(labels)


def test_a_chain_begins_before_there_is_a_code_and_the_code_changes_nothing(
    conn: Connection,
) -> None:
    disclose(conn, 1)
    before = chain(conn, 1)
    give_codes(conn, 1)
    disclose(conn, 1)
    assert [entry.label for entry in entered(conn)] == [before.label(2026)] * 2
    assert identity.history_of_code(conn, TOWN, nym(1), seal=SEAL).every == (before,)


def test_entries_about_a_protected_person_go_to_the_sealed_chain(conn: Connection) -> None:
    load(conn, RESIDENT, resident(1), resident(2, protected="1"))
    give_codes(conn, 1, 2)
    disclose(conn, 1, 2)
    found = {entry.label: entry.withheld for entry in entered(conn)}
    sealed = chain(conn, 2).sealed_label(2026)
    assert found == {None: False, chain(conn, 1).label(2026): False, sealed: True}


def test_what_the_law_withholds_goes_to_the_sealed_chain(conn: Connection) -> None:
    give_codes(conn, 1)
    store.disclose(
        conn,
        permit("name"),
        [register_number(1)],
        tenant=TOWN,
        records=1,
        occasion=replace(OCCASION, withheld=True),
        seal=SEAL,
    )
    (entry,) = entered(conn)
    assert (entry.label, entry.withheld) == (chain(conn, 1).sealed_label(2026), True)


def test_nothing_found_is_entered_too(conn: Connection) -> None:
    disclose(conn)
    (entry,) = entered(conn)
    assert (entry.outcome, entry.label) == ("not-held", None)
    assert entry.details == {"records": "0", "persons": "0"}


def test_records_of_nobody_are_entered_as_answered(conn: Connection) -> None:
    disclose(conn, records=4)
    assert [entry.outcome for entry in entered(conn)] == ["answered"]


def test_a_permit_for_another_holder_discloses_nothing(conn: Connection) -> None:
    with pytest.raises(store.PermitElsewhere):
        store.disclose(
            conn, permit("name"), [], tenant=OTHER_TOWN, records=0, occasion=OCCASION, seal=SEAL
        )
    assert entered(conn) == []


def test_more_persons_than_one_piece_are_all_entered(conn: Connection) -> None:
    disclose(conn, *range(1, 5003))
    assert len(entered(conn)) == 5003
