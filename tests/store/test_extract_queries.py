"""A query is data: what it finds is what the plainest reading of it finds, and nothing else."""

from collections.abc import Callable
from datetime import date

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.extracting import (
    BIRTHS,
    NAMES,
    Version,
    both_towns,
    child,
    naive,
    q,
    rows,
    rows_of,
    versions,
)
from tests.store.rows import DAY, OTHER_TOWN, TOWN, day, hour, register_number

from renkei.kit import Database, tenant
from renkei.standard import catalogue
from renkei.store import extracts
from renkei.store.extracts import (
    AgeBetween,
    All,
    Any,
    BeginsWith,
    Between,
    Column,
    Contains,
    Equals,
    InFiscalYear,
    IsEmpty,
    Not,
    OneOf,
    Order,
    parse_query,
    render_query,
)


@pytest.fixture(scope="module")
def kept(database: Database) -> dict[str, list[Version]]:
    """Give every version of a town that has a past, beside another one."""
    both_towns(database)
    return versions(database)


PERSON_TESTS = st.one_of(
    st.builds(Equals, item=st.just("x.name"), value=st.sampled_from(NAMES)),
    st.builds(
        OneOf,
        item=st.just("x.name"),
        values=st.lists(st.sampled_from(NAMES), min_size=1).map(tuple),
    ),
    st.builds(Equals, item=st.just("x.sex"), value=st.sampled_from("12")),
    st.builds(BeginsWith, item=st.just("x.name"), value=st.sampled_from(["青", "=", "%", "_"])),
    st.builds(Contains, item=st.just("x.name"), value=st.sampled_from(["橋", "　", "%", "\\"])),
    st.builds(IsEmpty, item=st.sampled_from(["x.building", "x.sex", "x.birth_date"])),
    st.builds(
        Between,
        item=st.just("x.birth_date"),
        least=st.sampled_from(["1980-01-31", "1980-02-15", "2010-04-01"]),
        most=st.sampled_from([None, "2010-04-01", "2020-12-31"]),
    ),
    st.builds(
        AgeBetween,
        item=st.just("x.birth_date"),
        on=st.sampled_from([date(2026, 4, 1), date(2026, 2, 28), date(2024, 2, 29)]),
        least=st.sampled_from([None, 16, 44, 45, 46]),
        most=st.sampled_from([46, 100]),
    ),
    st.builds(InFiscalYear, item=st.just("x.birth_date"), year=st.sampled_from([1979, 2009, 2010])),
)
ALLOWANCE_TESTS = st.one_of(
    st.builds(
        Between,
        item=st.just("child_allowance.monthly_amount"),
        least=st.sampled_from([None, "9999"]),
        most=st.sampled_from(["10000", "15000"]),
    ),
    st.builds(
        Between,
        item=st.just("child_allowance.claimed_on"),
        least=st.just("2024-10-01"),
        most=st.sampled_from([None, "2024-10-01", "2025-01-01"]),
    ),
    st.builds(IsEmpty, item=st.just("child_allowance.paid_until")),
    st.builds(
        InFiscalYear,
        item=st.sampled_from(["child_allowance.paid_until", "child_allowance.claimed_on"]),
        year=st.sampled_from([2024, 2025]),
    ),
)


def trees(
    leaves: "st.SearchStrategy[extracts.Condition]",
) -> "st.SearchStrategy[extracts.Condition]":
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(All, of=st.lists(inner, max_size=3).map(tuple)),
            st.builds(Any, of=st.lists(inner, max_size=3).map(tuple)),
            st.builds(Not, of=inner),
        ),
        max_leaves=6,
    )


def renamed(condition: "extracts.Condition", alias: str) -> "extracts.Condition":
    return parse_query(
        render_query(q("resident.name", where=condition)).replace(b'"x.', f'"{alias}.'.encode())
    ).where


MOMENTS = st.tuples(
    st.sampled_from([None, day(-1), day(0), day(1), day(2), day(5)]),
    st.sampled_from([None, hour(-1), hour(0), hour(1), hour(2), hour(9)]),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[*HealthCheck])
@given(trees(PERSON_TESTS), MOMENTS, st.booleans(), st.sampled_from(["resident", "person"]))
def test_a_query_of_one_entity_finds_what_the_plain_reading_finds(
    database, kept, where, when, distinct, leading
):
    columns = [f"{leading}.{name}" for name in ("name", "sex", "birth_date")]
    query = q(
        *columns,
        leading=leading,
        where=renamed(where, leading),
        on=when[0],
        known=when[1],
        distinct=distinct,
    )
    assert sorted(rows(database, query)) == naive(kept, query)


@settings(max_examples=120, deadline=None, suppress_health_check=[*HealthCheck])
@given(trees(st.one_of(PERSON_TESTS, ALLOWANCE_TESTS)), MOMENTS, st.booleans(), st.booleans())
def test_a_query_of_joined_entities_finds_what_the_plain_reading_finds(
    database, kept, where, when, optional, distinct
):
    query = q(
        *("child_allowance.child_number", "child_allowance.monthly_amount", "child.name"),
        leading="child_allowance",
        joins=(child(optional=optional),),
        where=renamed(where, "child"),
        on=when[0],
        known=when[1],
        distinct=distinct,
    )
    assert sorted(rows(database, query)) == naive(kept, query)


def test_a_query_is_the_same_after_json():
    query = q(
        "resident.name",
        where=Not(of=Any(of=(Equals(item="resident.sex", value="1"), All()))),
        order=(Order(item="resident.kana", descending=True),),
        on=DAY,
        known=hour(1),
        limit=3,
    )
    assert parse_query(render_query(query)) == query


def test_values_are_those_of_the_day_and_as_known_then(database, kept):
    asked = Equals(item="resident.register_number", value=register_number(2))
    before = q("resident.name", where=asked, on=day(1))
    after = q("resident.name", where=asked, on=day(2))
    unknown = q("resident.name", where=asked, on=day(2), known=hour(0))
    assert [rows(database, one) for one in (before, after, unknown)] == [
        [(NAMES[2],)],
        [("青空　改",)],
        [(NAMES[2],)],
    ]


def test_a_person_is_found_as_a_resident_first_and_outside_the_register_then(database, kept):
    asked = OneOf(
        item="person.register_number", values=tuple(register_number(n) for n in (5, 7, 50))
    )
    query = q("person.name", leading="person", where=asked, on=day(1))
    assert sorted(rows(database, query)) == sorted([(NAMES[5],), (NAMES[0],), ("住登外　50号",)])


@pytest.mark.parametrize("descending", [False, True])
def test_what_is_empty_comes_last_either_way(database, kept, descending):
    order = (Order(item="resident.building", descending=descending),)
    found = [row[0] for row in rows(database, q("resident.building", order=order))]
    assert found[0]
    assert not found[-1]


def test_rows_come_in_order_what_is_empty_last(database, kept):
    order = (
        Order(item="resident.building"),
        Order(item="resident.register_number", descending=True),
    )
    found = rows(database, q("resident.building", "resident.register_number", order=order))
    filled = [row for row in found if row[0]]
    assert found[: len(filled)] == filled
    assert [row[1] for row in filled[:2]] == sorted((row[1] for row in filled[:2]), reverse=True)


def test_a_limit_cuts(database, kept):
    assert len(rows(database, q("resident.name", limit=3))) == 3


@pytest.mark.parametrize("other", [OTHER_TOWN, tenant("141003")])
def test_another_towns_context_finds_nothing_of_this_town(database, kept, other):
    query = q(
        *("child_allowance.child_number", "child.name"),
        leading="child_allowance",
        joins=(child(),),
    )
    assert rows(database, query)
    with database.transaction(other) as conn:
        assert rows_of(conn, query, TOWN) == []


def test_without_row_security_too_nothing_of_another_town_is_found(database, kept, dsn):
    query = q(
        *("child_allowance.child_number", "child.name"),
        leading="child_allowance",
        joins=(child(optional=True),),
    )
    with psycopg.connect(dsn) as conn:
        assert conn.execute("SELECT count(*) FROM store_child_allowance").fetchone() == (10,)
        assert sorted(rows_of(conn, query, TOWN)) == naive(kept, query)
        assert rows_of(conn, query, tenant("141003")) == []


ATTACKS = ("'; DROP TABLE store_resident; --", "' OR '1'='1", "%(tenant)s", "{}", "$1", "\\'", "%s")


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("kind", [Equals, BeginsWith, Contains])
def test_a_value_is_never_text_of_the_statement(database, kept, attack, kind):
    query = q("resident.name", where=kind(item="resident.name", value=attack))
    compiled = extracts.statement(extracts.plan(query, catalogue()))
    assert attack == "{}" or attack not in compiled.rows.as_string().replace("%(tenant)s", "")
    assert rows(database, query) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"entity":"resident"', b'"entity":"resident; DROP TABLE x"'),
        (b'"entity":"resident"', b'"entity":"pg_authid"'),
        (b'"resident.name"', b'"resident.tenant"'),
        (b'"resident.name"', b'"resident.known_from"'),
    ],
)
def test_an_identifier_is_one_of_the_standards_or_the_query_is_refused(old, new):
    query = parse_query(render_query(q("resident.name")).replace(old, new))
    with pytest.raises(extracts.QueryDefective):
        extracts.plan(query, catalogue())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b'{"leading":{"entity":"resident"},"columns":[]}',
        b'{"leading":{"entity":"resident"},"columns":[{"item":"resident.name\\" FROM x --"}]}',
        b'{"leading":{"entity":"resident","alias":"a\\" b"},"columns":[{"item":"a.name"}]}',
        b'{"leading":{"entity":"resident"},"columns":[{"item":"resident.name"}],"sql":"SELECT 1"}',
        b'{"leading":{"entity":"resident"},"columns":[{"item":"resident.name"}],"limit":0}',
        b'{"leading":{"entity":"resident"},"columns":[{"item":"resident.name"}],"where":'
        + b'{"is":"not","of":' * 40
        + b'{"is":"all"}'
        + b"}" * 41,
        b'{"leading":{"entity":"resident"},"columns":[{"item":"resident.name"}],"where":'
        + b'{"is":"not","of":' * 20_000,
        b'{"leading":{"entity":"\xff"}}',
        b" " * 300_000,
    ],
    ids=range(12),
)
def test_what_is_no_query_is_refused(text):
    with pytest.raises(extracts.QueryUnreadable):
        parse_query(text)


def fault(query: "extracts.Query") -> set[str]:
    return {defect.code for defect in extracts.defects(query, catalogue())}


DEFECTS: "dict[str, Callable[[], extracts.Query]]" = {
    "entity-unknown": lambda: q("nobody.name", leading="nobody"),
    "item-unknown": lambda: q("resident.nothing"),
    "alias-unknown": lambda: q("someone.name"),
    "operator-unfit": lambda: q("resident.name", where=BeginsWith(item="resident.sex", value="1")),
    "code-unknown": lambda: q("resident.name", where=Equals(item="resident.sex", value="7")),
    "value-malformed": lambda: q(
        "resident.name", where=Equals(item="resident.postal_code", value="12")
    ),
    "range-open": lambda: q("resident.name", where=Between(item="resident.birth_date")),
    "range-reversed": lambda: q(
        "resident.name",
        where=Between(item="resident.birth_date", least="2020-01-01", most="2019-01-01"),
    ),
    "order-not-shown": lambda: q(
        "resident.name", order=(Order(item="resident.kana"),), distinct=True
    ),
    "no-code-list": lambda: extracts.Query(
        leading=extracts.Source(entity="resident"),
        columns=(Column(item="resident.name", named=True),),
    ),
    "alias-twice": lambda: q(
        "resident.name",
        joins=(
            extracts.Join(
                entity="resident", to="resident", pairs=(("register_number", "register_number"),)
            ),
        ),
    ),
    "join-unknown": lambda: q(
        "resident.name",
        joins=(extracts.Join(entity="income", to="resident", pairs=(("sex", "tax_year"),)),),
    ),
}


@pytest.mark.parametrize("code", DEFECTS)
def test_a_defect_is_named_in_both_languages_and_quotes_no_value(code):
    query = DEFECTS[code]()
    assert code in fault(query)
    with pytest.raises(extracts.QueryDefective) as raised:
        extracts.plan(query, catalogue())
    assert raised.value.text("ja") != raised.value.text("en")
    assert "2020-01-01" not in raised.value.text("ja") + raised.value.text("en")


def test_every_defect_is_found_at_once():
    query = q("resident.nothing", "resident.void", where=Equals(item="a.b", value="1"))
    assert len(extracts.defects(query, catalogue())) == 3


def test_the_tenant_stands_with_every_table_and_every_join():
    query = q("child_allowance.child_number", leading="child_allowance", joins=(child(),))
    text = extracts.statement(extracts.plan(query, catalogue())).rows.as_string()
    assert text.count("tenant = %(tenant)s") == text.count('FROM "store_')
    assert text.count('"child_allowance".tenant = "child".tenant') == 1


def test_births_of_the_samples_are_told_apart():
    assert len(set(BIRTHS)) == len(BIRTHS)
