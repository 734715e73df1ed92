"""Cases are found by what they are and what they know, page by page, by indexes that hold."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.process.signing import A
from tests.process.test_cases import AT, MODEL, begun, give, waits

from renkei.process import bpmn, cases, feel
from renkei.process.cases import Condition, Search
from renkei.process.cases.searches import STUCK, found, read_value, standings

KNOWN: list[bpmn.Variables] = [
    {"amount": Decimal("600.0"), "child": {"age": Decimal(3), "name": "甲"}, "on": "x"},
    {"amount": Decimal(1200), "child": {"age": Decimal(5), "name": "乙"}, "note": None},
    {"amount": "1200", "on": feel.Date.parse("2027-03-31"), "list": [Decimal(1), Decimal(9)]},
]


@pytest.fixture(scope="module")
def three(database):
    with database.transaction(A) as conn:
        return [begun(conn, MODEL, number=f"S-{n}", **told) for n, told in enumerate(KNOWN)]


def hits(database, three, *conditions, **facts):
    wanted = Search(conditions=tuple(Condition.parse(one) for one in conditions), **facts)
    with database.transaction(A) as conn:
        there = {one.id for one in cases.search(conn, A, wanted)}
    return [n for n, id_ in enumerate(three) if id_ in there]


@pytest.mark.parametrize(
    ("conditions", "wanted"),
    [
        (["amount=600"], [0]),
        (["amount = 600.00"], [0]),
        (["amount>600"], [1]),
        (["amount>=600", "amount<1200"], [0]),
        (["amount=1200"], [1]),
        (['amount="1200"'], [2]),
        (["child.age<=3"], [0]),
        (["child.name=乙"], [1]),
        (["child.age>0", "child.name=甲"], [0]),
        (["note"], [1]),
        (["child.age"], [0, 1]),
        (["on=2027-03-31"], [2]),
        (['on<date("2027-04-01")'], [2]),
        (["list=9"], []),
        (["list>8"], []),
        (["list"], [2]),
        (["amount=600", "amount=1200"], []),
        (["missing"], []),
        (["amount=1 or 1=1"], []),
        (['child."; DROP TABLE process_case=1'], []),
    ],
)
def test_a_case_is_found_by_what_it_knows(database, three, conditions, wanted):
    assert hits(database, three, *conditions) == wanted


@pytest.mark.parametrize("text", ["", "=1", "a=", "a..b=1", "a\x00=1", "a" * 300, "a=" + "1" * 300])
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(cases.ConditionUnreadable):
        Condition.parse(text)


NUMBERS = st.decimals(-10_000, 10_000, places=2)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(NUMBERS, NUMBERS, st.sampled_from(["=", "<", ">", "<=", ">="]))
def test_numbers_compare_as_numbers_however_they_are_written(conn, known, other, sign):
    case = begun(conn, "start s -> a\nuser a -> e\nend e", amount=known)
    there = cases.search(conn, A, Search(conditions=(Condition.parse(f"amount {sign} {other}"),)))
    is_so = {"=": known == other, "<": known < other, ">": known > other}
    is_so |= {"<=": known <= other, ">=": known >= other}
    assert (case in {one.id for one in there}) == is_so[sign]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_whatever_is_typed_is_some_value(text):
    assert read_value(text) is not None


def test_a_value_is_found_as_it_is_now_and_where_it_waits(conn):
    case = begun(conn, MODEL, number="A-1")
    give(conn, case, bpmn.Change(AT, {"amount": Decimal("7.0")}))
    give(conn, case, bpmn.Trouble(AT, waits(conn, case)["a"], "broken"))
    wanted = Search(status=STUCK, at="a", conditions=(Condition.parse("amount=7"),))
    assert [one.id for one in cases.search(conn, A, wanted)] == [case]
    stands = standings(conn, A, [case])[case]
    assert (set(stands.elements), stands.incidents) == ({"a", "late"}, 1)


MANY = 20_000


@pytest.fixture(scope="module")
def many(database):
    """Fill a town with cases that stand side by side, as the engine writes them."""
    with database.transaction(A) as conn:
        like = begun(conn, MODEL, number="many")
        conn.execute("SET LOCAL ROLE NONE")
        conn.execute("SET LOCAL session_replication_role = replica")  # no look at each reference
        conn.execute(
            "INSERT INTO process_case SELECT tenant, gen_random_uuid(), definition, process,"
            " 'M-' || n, applied_on, 'running', state,"
            " '{}', seq, head, NULL, started_at + n / 3 * interval '1 minute', NULL"
            " FROM process_case, generate_series(1, %s) AS n WHERE id = %s",
            [MANY, like],
        )
        conn.execute(
            "INSERT INTO process_wait SELECT held.tenant, held.id, 1,"
            " CASE WHEN held.business_key LIKE '%77' THEN 'incident' ELSE 'task' END,"
            " CASE WHEN held.business_key LIKE '%99' THEN 'rare' ELSE 'usual' END, '', '', NULL,"
            " '{}', held.started_at, held.started_at FROM process_case AS held"
            " WHERE held.business_key LIKE 'M-%'"
        )
        conn.execute(
            "INSERT INTO process_known SELECT tenant, id, one.name, one.value::text, one.value"
            " FROM process_case, LATERAL substr(business_key, 3) AS n,"
            " LATERAL (VALUES ('n', n::int), ('of.part', n::int % 7)) AS one (name, value)"
            " WHERE business_key LIKE 'M-%'"
        )
    with database.connect() as conn:
        conn.execute("SET ROLE NONE")
        conn.execute("ANALYZE process_case, process_wait, process_known")
    return MANY


def test_a_list_is_paged_without_a_gap_or_a_row_twice_either_way_round(database, many):
    with database.transaction(A) as conn:
        newest = [one.id for one in cases.search_all(conn, A, Search(at="usual"), page=997)]
        oldest = Search(at="usual", order="oldest")
        other = [one.id for one in cases.search_all(conn, A, oldest, page=1_000)]
    assert len(newest) == len(set(newest)) == many - many // 100
    assert newest == other[::-1]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Search(), "process_case_started"),
        (Search(since=AT + timedelta(days=4)), "process_case_started"),
        (Search(process="p", status="running"), "process_case_"),
        (Search(process="q", status="running"), "process_case_of"),
        (Search(business_key="M-17"), "process_case_key"),
        (Search(conditions=(Condition.parse("n=17"),)), "process_known_said"),
        (
            Search(conditions=(Condition.parse("n=17"), Condition.parse("of.part>2"))),
            "process_known_said",
        ),
        (Search(conditions=(Condition.parse("n>19990"),)), "process_known_number"),
        (Search(conditions=(Condition.parse("of.part>2"),)), "process_known"),
        (Search(at="rare"), "process_wait_at"),
        (Search(status=STUCK), "process_wait"),
    ],
)
def test_no_search_reads_every_case(database, many, wanted, index):
    statement, asked = found(A, wanted, most=51)
    with database.transaction(A) as conn:
        rows = conn.execute(b"EXPLAIN " + statement, asked).fetchall()
    plan = "\n".join(line for (line,) in rows)
    assert index in plan, plan
    assert "Seq Scan on process_case" not in plan, plan


def test_the_next_page_begins_at_its_place_in_the_index(database, many):
    with database.transaction(A) as conn:
        some = cases.search(conn, A, Search(), most=many // 2)
        statement, asked = found(A, Search(), after=some[-1], most=51)
        rows = conn.execute(b"EXPLAIN " + statement, asked).fetchall()
    [condition] = [line for (line,) in rows if "Index Cond" in line]
    assert "ROW(started_at, id) <" in condition.replace("held.", "")
