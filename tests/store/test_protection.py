"""Who is protected is known from every record that says so, from the day it is known."""

import psycopg
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.asking import (
    ADDRESSEE_PROTECTION,
    OUTSIDER,
    PROTECTION,
    load,
    outsider,
    protection,
)
from tests.store.rows import DAY, OTHER_TOWN, RESIDENT, TOWN, Row, day, register_number, resident

from renkei import store
from renkei.kit import Connection, Database
from renkei.standard import Use, catalogue
from renkei.standard.judgement import withheld_from

EVERYBODY = [register_number(n) for n in range(1, 9)]


def among(conn: Connection, on: int = 0, use: Use = Use.listing) -> list[int]:
    found = store.protected(conn, TOWN, EVERYBODY, on=day(on), use=use)
    return [n for n in range(1, 9) if register_number(n) in found]


def test_a_resident_and_an_unregistered_person_are_protected_by_their_flag(
    conn: Connection,
) -> None:
    load(conn, RESIDENT, resident(1), resident(2, protected="1"))
    load(conn, OUTSIDER, outsider(3), outsider(4, protected="1"))
    assert among(conn) == [2, 4]
    assert among(conn, use=Use.issuing) == [2, 4]
    assert among(conn, use=Use.delivery) == []


def test_a_protection_counts_until_it_is_ended_even_after_its_period(conn: Connection) -> None:
    over = {"valid_until": "2026-03-31", "protection_state": "3"}
    ended = {"protection_state": "4", "protection_ended_on": "2026-03-01"}
    load(conn, RESIDENT, *(resident(n) for n in (1, 2, 3)))
    load(conn, PROTECTION, protection(1), protection(2, **over), protection(3, **ended))
    assert among(conn) == [1, 2]


def test_a_protection_of_an_addressee_ends_on_the_day_it_states_not_before(
    conn: Connection,
) -> None:
    rows: list[Row] = [
        {"register_number": register_number(n), "serial_number": "1", "started_on": "2026-01-01"}
        for n in (1, 2, 3)
    ]
    rows[1] = {**rows[1], "ended_on": "2026-03-31"}
    rows[2] = {**rows[2], "ended_on": day(5).isoformat()}
    load(conn, ADDRESSEE_PROTECTION, *rows)
    assert (among(conn), among(conn, on=5)) == ([1, 3], [1])


def test_who_left_counts_as_last_known(conn: Connection) -> None:
    load(conn, RESIDENT, resident(1), resident(2, protected="1"), resident(3))
    load(conn, RESIDENT, resident(1), on=1)
    assert among(conn, on=2) == [2]


def test_a_state_delivered_before_its_day_protects_at_once_and_ends_no_protection(
    conn: Connection,
) -> None:
    load(conn, RESIDENT, resident(1), resident(2, protected="1"))
    load(conn, RESIDENT, resident(1, protected="1"), resident(2), on=3)
    assert (among(conn, on=1), among(conn, on=3)) == ([1, 2], [1])


def test_another_towns_protections_are_not_seen(conn: Connection) -> None:
    load(conn, RESIDENT, resident(1, protected="1"))
    assert among(conn) == [1]
    assert store.protected(conn, OTHER_TOWN, EVERYBODY, on=DAY) == frozenset()
    conn.execute("SELECT set_config('renkei.tenant', %s, true)", [OTHER_TOWN])
    assert among(conn) == []


def test_without_row_security_another_towns_protections_are_not_seen_either(dsn: str) -> None:
    with psycopg.connect(dsn) as conn:  # a superuser, who passes every policy by
        conn.execute("SELECT set_config('renkei.tenant', %s, true)", [TOWN])
        load(conn, RESIDENT, resident(1, protected="1"))
        assert among(conn) == [1]
        assert store.protected(conn, OTHER_TOWN, EVERYBODY, on=DAY) == frozenset()
        conn.rollback()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("1234"), st.sampled_from("01")), min_size=8, max_size=8))
def test_the_store_finds_whom_the_rules_of_the_standard_withhold(
    database: Database, states: list[tuple[str, str]]
) -> None:
    residents = [resident(n, protected=flag) for n, (_, flag) in enumerate(states, 1)]
    held = [protection(n, protection_state=state) for n, (state, _) in enumerate(states, 1)]
    wanted = {
        row["register_number"]
        for entity, rows in ((RESIDENT, residents), (PROTECTION, held))
        for row in rows
        if Use.listing in withheld_from(catalogue(), entity, row, on=DAY)
    }
    with database.transaction(TOWN) as conn:
        load(conn, RESIDENT, *residents)
        load(conn, PROTECTION, *held)
        assert store.protected(conn, TOWN, EVERYBODY, on=DAY) == wanted
        raise psycopg.Rollback
