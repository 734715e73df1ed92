"""A case kept in the database: taken whole or not at all, once, its past in a chain."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from threading import Thread
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
from psycopg.types.json import Jsonb
from tests.process.signing import SIGNER, A, deployed, library

from renkei import audit, kit
from renkei.kit import tenant
from renkei.process import bpmn, cases, feel
from renkei.process.cases import inbox, outbox, waiting
from renkei.process.cases.encoding import BEGIN, chained, facts_of
from renkei.process.scenarios import bpmn as model

AT = datetime(2027, 4, 1, 9, tzinfo=UTC)
DAY = date(2027, 4, 1)
LIBRARY = library()
KNOWN: bpmn.Variables = {"number": "A-1", "amount": Decimal("1.50")}

MODEL = """
start s -> a
user a -> b
boundary late on=a timer=P7D -> l
service b -> m
catch m message=返答 key="number" -> t
throw t signal=済 -> n
send n message=通知 key="number" -> e
user l -> e
end e
"""


@pytest.fixture
def case(conn):
    """Give a case that waits at its first task."""
    return begun(conn, MODEL, **KNOWN)


def begun(conn, text, **variables):
    definition = bpmn.read(model(text), "model.bpmn")
    kept = deployed(conn, definition, since=DAY, at=AT)
    id_ = uuid4()
    start = bpmn.Start(AT, variables)
    one = cases.Begun(id_, kept, DAY, start, "tanto", business_key="A-1")
    cases.begin(conn, A, [one], LIBRARY, at=AT)
    return id_


def give(conn, case, command, **facts):
    given = cases.Given(case, command, "tanto", **facts)
    return cases.take(conn, A, given, LIBRARY, at=AT)


def waits(conn, case):
    rows = conn.execute(
        b"SELECT element, key FROM process_wait WHERE case_id = %s ORDER BY key", [case]
    )
    return dict(rows.fetchall())


def test_a_command_and_all_it_brings_about_stand_in_the_tables(conn, case):
    assert list(waits(conn, case)) == ["late", "a"]
    taken = give(conn, case, bpmn.Bring(AT, waits(conn, case)["a"], {"ok": True}))
    assert list(waits(conn, case)) == ["b"]
    assert taken.seq == len(history(conn, case))


def history(conn, case):
    return cases.history(conn, A, case)


def is_whole(conn, case):
    return cases.is_whole(history(conn, case), cases.case_of(conn, A, case))


def test_a_history_shows_when_an_event_was_taken_out_or_changed(conn, case):
    events, row = history(conn, case), cases.case_of(conn, A, case)
    assert cases.is_whole(events, row)
    assert not cases.is_whole([*events[:1], *events[2:]], row)
    assert not cases.is_whole(events[:-1], row)
    assert not cases.is_whole([*events[:1], events[1]._replace(actor="another")], row)
    assert not cases.is_whole(events, replace(row, id=UUID(int=1)))


def test_a_history_read_behind_its_case_is_whole_too(conn, case):
    row = cases.case_of(conn, A, case)
    give(conn, case, bpmn.Bring(AT, waits(conn, case)["a"], {"ok": True}))
    assert cases.is_whole(history(conn, case), row)


def test_the_events_of_a_command_are_one_row_and_shown_one_by_one(conn, case):
    give(conn, case, bpmn.Bring(AT, waits(conn, case)["a"], {"ok": True}))
    past = history(conn, case)
    rows = conn.execute(b"SELECT seq, kind, element, place FROM process_event ORDER BY seq")
    told = [(one.seq, one.event.kind.value, one.event.element, one.event.place) for one in past]
    assert rows.fetchall() == told
    assert conn.execute(b"SELECT count(*) FROM process_history").fetchone() == (2,)


def test_events_that_were_a_row_each_become_the_history_they_were(fresh_dsn):
    """The migration is given what a program before it left, its hashes too."""
    step = files("renkei.process") / "sql" / "migrations" / "0005_before_histories.sql"
    with fresh_dsn() as dsn:
        kit.migrate(dsn, ["renkei.process"])
        with kit.Database(dsn) as database:
            with database.transaction(A) as conn:
                case, late = begun(conn, MODEL, **KNOWN), AT + timedelta(days=1)
                give(conn, case, bpmn.Bring(late, waits(conn, case)["a"], {"ok": True}))
                past, row = history(conn, case), cases.case_of(conn, A, case)
            with psycopg.connect(dsn) as conn:
                conn.execute(AS_IT_WAS)
                head = BEGIN
                for one in past:
                    facts = facts_of(one.event)
                    head = chained(head, case, one.seq, [facts], *one[2:5])
                    told = (A, case, one.seq, *facts[:3], Jsonb(facts[3]), *one[2:5], head)
                    conn.execute(KEEP_AS_IT_WAS, told)
                conn.execute(b"SET ROLE renkei_owner")
                conn.execute(step.read_bytes())
            with database.transaction(A) as conn:
                assert [one._replace(hash=None) for one in history(conn, case)] == [
                    one._replace(hash=None) for one in past
                ]
                assert cases.is_whole(history(conn, case), row)
                count = conn.execute(b"SELECT count(*) FROM process_history").fetchone()
    assert count == (2,)


AS_IT_WAS = b"""
    DROP VIEW process_event;
    DROP TABLE process_history;
    CREATE TABLE process_event (
        tenant text, case_id uuid, seq bigint, kind text, element text, place bigint, data jsonb,
        actor text, basis text, at timestamptz, hash bytea
    );
    ALTER TABLE process_event OWNER TO renkei_owner;
    ALTER TABLE process_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant_only ON process_event
        USING (tenant = current_setting('renkei.tenant', true));
    ALTER TABLE process_case ADD FOREIGN KEY (tenant, definition) REFERENCES process_definition;
"""
KEEP_AS_IT_WAS = b"""
    INSERT INTO process_event VALUES (%s, %s, %s, %s, %s, %s, nullif(%s, '{}'), %s, %s, %s, %s)
"""


def test_a_key_too_long_to_be_looked_for_is_an_incident_and_stops_nobody(conn):
    """It may come of what an applicant said: nothing else of its batch fails with it."""
    case = begun(conn, MODEL, **KNOWN | {"number": "9" * 256})
    give(conn, case, bpmn.Bring(AT, waits(conn, case)["a"], {"ok": True}))
    give(conn, case, bpmn.Bring(AT, waits(conn, case)["b"], {}))
    [wait] = cases.case_of(conn, A, case).case.waits.values()
    assert (wait.kind, wait.handler, wait.name) == (bpmn.Kind.INCIDENT, "m", "key-too-long")
    give(conn, case, bpmn.Change(AT, {"number": "9" * 255}))
    give(conn, case, bpmn.Resume(AT, wait.key))
    [wait] = cases.case_of(conn, A, case).case.waits.values()
    assert wait.kind is bpmn.Kind.MESSAGE


def test_a_job_of_a_name_too_long_waits_for_a_person(conn):
    named = "a" * 256  # by its id, where the model gives the job no name
    case = begun(conn, f"start s -> {named}\nservice {named} -> e\nend e")
    [wait] = cases.case_of(conn, A, case).case.waits.values()
    assert (wait.kind, wait.name) == (bpmn.Kind.INCIDENT, "name-too-long")


def test_a_case_is_known_by_a_number_that_can_be_looked_for(conn):
    held = deployed(conn, bpmn.read(model(MODEL)), since=DAY, at=AT)
    one = cases.Begun(uuid4(), held, DAY, bpmn.Start(AT, {}), "t", business_key="9" * 256)
    with pytest.raises(cases.BusinessKeyTooLong):
        cases.begin(conn, A, [one], LIBRARY, at=AT)


def test_a_command_under_its_key_has_its_effect_once(conn, case):
    command = bpmn.Bring(AT, waits(conn, case)["a"], {})
    first = give(conn, case, command, key="k-1")
    later = msgspec.structs.replace(command, at=AT + timedelta(hours=1))
    again = give(conn, case, later, key="k-1")
    assert (first.is_again, again.is_again, again.seq) == (False, True, first.seq)


def test_a_key_is_known_as_long_as_it_is_kept_and_not_longer(conn, case):
    give(conn, case, bpmn.Change(AT, {"x": True}), key="k-1")
    assert cases.forget_commands(conn, A, before=AT, most=9) == 0
    assert cases.forget_commands(conn, A, before=AT + timedelta(seconds=1), most=9) == 1
    assert not give(conn, case, bpmn.Change(AT, {"x": True}), key="k-1").is_again


def test_a_key_of_another_command_is_refused(conn, case):
    give(conn, case, bpmn.Change(AT, {"x": Decimal(1)}), key="k-1")
    with pytest.raises(cases.CommandReused):
        give(conn, case, bpmn.Change(AT, {"x": Decimal(2)}), key="k-1")


def test_a_command_that_does_not_fit_stops_no_other_of_its_batch(conn, case):
    wrong = cases.Given(case, bpmn.Bring(AT, 999), "tanto")
    right = cases.Given(case, bpmn.Bring(AT, waits(conn, case)["a"]), "tanto")
    first, second = cases.take_all(conn, A, [wrong, right], LIBRARY, at=AT)
    assert isinstance(first.refused, bpmn.CommandUnfit)
    assert second.refused is None


def test_a_timer_comes_when_it_is_due_and_not_before(conn, case):
    assert waiting.fire_due(conn, A, LIBRARY, at=AT + timedelta(days=6), most=10) == []
    [fired] = waiting.fire_due(conn, A, LIBRARY, at=AT + timedelta(days=7), most=10)
    assert fired.refused is None
    assert list(waits(conn, case)) == ["l"]


def test_a_clock_that_was_moved_fires_nothing_twice_and_stops_no_case(conn, case):
    ahead, back = AT + timedelta(days=400), AT - timedelta(days=1)
    [fired] = waiting.fire_due(conn, A, LIBRARY, at=ahead, most=10)
    assert fired.refused is None
    assert waiting.fire_due(conn, A, LIBRARY, at=back, most=10) == []
    taken = cases.Given(case, bpmn.Bring(back, waits(conn, case)["l"], {}), "tanto")
    assert cases.take(conn, A, taken, LIBRARY, at=back).status is bpmn.Status.COMPLETED
    assert is_whole(conn, case)
    assert waiting.fire_due(conn, A, LIBRARY, at=ahead, most=10) == []


UNKEPT = """
start s -> t
script t set="x := '%s'" -> e
boundary late on=w timer=P1D -> t
user w -> t
end e
"""


@pytest.mark.parametrize("text", ["\\u0000", "\\uD800"])
def test_a_text_no_database_keeps_waits_for_a_person_and_stops_no_other_case(conn, case, text):
    broken = begun(conn, UNKEPT.replace("start s -> t", "start s -> w") % text)
    fired = waiting.fire_due(conn, A, LIBRARY, at=AT + timedelta(days=8), most=10)
    assert {one.given.case for one in fired if one.refused is None} == {case, broken}
    [wait] = cases.case_of(conn, A, broken).case.waits.values()
    assert wait.kind is bpmn.Kind.INCIDENT


@pytest.mark.parametrize("text", ["\0", "\ud800"])
def test_what_no_database_keeps_is_refused_by_itself(conn, case, text):
    wrong = cases.Given(case, bpmn.Change(AT, {"x": text}), "tanto")
    right = cases.Given(case, bpmn.Change(AT, {"x": "髙"}), "tanto")
    first, second = cases.take_all(conn, A, [wrong, right], LIBRARY, at=AT)
    assert isinstance(first.refused, feel.FeelTextNotKept)
    assert second.refused is None
    assert is_whole(conn, case)


def at_job(conn, case):
    give(conn, case, bpmn.Bring(AT, waits(conn, case)["a"], {}))
    lease = timedelta(minutes=1)
    return waiting.claim_jobs(conn, A, ["b"], at=AT, lease=lease, most=10)


def test_a_job_is_claimed_by_one_and_brought_once(conn, case):
    [job] = at_job(conn, case)
    assert waiting.claim_jobs(conn, A, ["b"], at=AT, lease=timedelta(minutes=1), most=10) == []
    [taken] = waiting.bring_done(
        conn, A, [waiting.Done(job, {"found": "x"})], LIBRARY, actor="service b", at=AT
    )
    assert taken.refused is None
    [again] = waiting.bring_done(conn, A, [waiting.Done(job, {})], LIBRARY, actor="b", at=AT)
    assert isinstance(again.refused, cases.LeaseLost)


def test_who_lost_a_lease_brings_nothing(conn, case):
    [job] = at_job(conn, case)
    later = AT + timedelta(minutes=2)
    [other] = waiting.claim_jobs(conn, A, ["b"], at=later, lease=timedelta(minutes=1), most=10)
    [late] = waiting.bring_done(conn, A, [waiting.Done(job, {})], LIBRARY, actor="b", at=later)
    assert isinstance(late.refused, cases.LeaseLost)
    [right] = waiting.bring_done(conn, A, [waiting.Done(other, {})], LIBRARY, actor="b", at=later)
    assert right.refused is None


def test_a_job_that_fails_for_good_is_an_incident(conn, case):
    [job] = at_job(conn, case)
    waiting.bring_done(
        conn, A, [waiting.Done(job, {}, trouble="no such record")], LIBRARY, actor="b", at=AT
    )
    kinds = conn.execute(b"SELECT kind, name FROM process_wait WHERE case_id = %s", [case])
    assert kinds.fetchall() == [("incident", "job-failed")]


def test_a_job_that_fails_is_tried_again_later_each_time_until_its_tries_are_used_up(conn, case):
    [job] = at_job(conn, case)
    lease, at, pauses = timedelta(minutes=1), AT, []
    while waiting.retry(conn, A, job, at=at, trouble="busy"):
        held = conn.execute(b"SELECT not_before FROM process_wait WHERE kind = 'job'").fetchone()
        assert held is not None
        pauses.append((held[0] - at).total_seconds())
        assert waiting.claim_jobs(conn, A, ["b"], at=at, lease=lease, most=9) == []
        at = held[0]
        [job] = waiting.claim_jobs(conn, A, ["b"], at=at, lease=lease, most=9)
    assert pauses == [10.0, 20.0]
    assert job.tries == waiting.MOST_TRIES


def test_what_a_worker_brings_twice_under_its_key_is_there_and_not_lost(conn, case):
    [job] = at_job(conn, case)
    done = waiting.Done(job, {"found": "x"}, key="job 1")
    first, again = (
        waiting.bring_done(conn, A, [done], LIBRARY, actor="b", at=AT)[0] for _ in range(2)
    )
    assert (first.refused, again.refused, first.is_again, again.is_again) == (
        *(None, None),
        *(False, True),
    )
    [other] = waiting.bring_done(
        conn, A, [waiting.Done(job, {}, key="job 2")], LIBRARY, actor="b", at=AT
    )
    assert isinstance(other.refused, cases.LeaseLost)


def hold(conn):
    return waiting.hold_jobs(conn, A, ["b"], at=AT, most=10)


def test_jobs_are_held_with_their_cases_and_brought_in_one(conn):
    both = [begun(conn, "start s -> b\nservice b -> c\nuser c", **KNOWN) for _ in range(2)]
    held = hold(conn)
    assert held.days == dict.fromkeys(both, DAY)
    assert [held.cases[one.case].case.waits[one.wait].handler for one in held.jobs] == ["b", "b"]
    done = [waiting.Done(job, {"n": Decimal(n)}) for n, job in enumerate(held.jobs)]
    taken = waiting.bring_done(conn, A, done, LIBRARY, actor="b", at=AT, locked=held.cases)
    assert [one.refused for one in taken] == [None, None]
    for one in both:
        assert list(waits(conn, one)) == ["c"]
        assert is_whole(conn, one)
        assert held.cases[one].case == cases.case_of(conn, A, one).case


def test_two_jobs_of_one_case_are_brought_in_one(conn):
    case = begun(
        conn, "start s -> f\nand f -> b, c\nservice b -> j\nservice c -> j\nand j -> u\nuser u"
    )
    held = waiting.hold_jobs(conn, A, ["b", "c"], at=AT, most=10)
    done = [waiting.Done(job, {job.element: Decimal(1)}) for job in held.jobs]
    waiting.bring_done(conn, A, done, LIBRARY, actor="b", at=AT, locked=held.cases)
    assert list(waits(conn, case)) == ["u"]
    assert is_whole(conn, case)


def incoming(id_="m-1", key="A-1", **variables):
    until = AT + timedelta(days=30)
    return inbox.Incoming("131024", id_, "返答", key, variables, until)


def test_a_message_that_comes_early_waits_for_its_case(conn, case):
    early = inbox.receive(conn, A, incoming(answer="yes"), LIBRARY, at=AT)
    assert early.fate is inbox.Fate.WAITING
    [job] = at_job(conn, case)
    waiting.bring_done(conn, A, [waiting.Done(job, {})], LIBRARY, actor="b", at=AT)
    inbox.deliver_waiting(conn, A, LIBRARY, at=AT, most=10)
    assert inbox.fate_of(conn, A, "131024", "m-1") == inbox.Decided(inbox.Fate.DELIVERED, case)


def test_the_same_message_again_has_no_second_effect(conn, case):
    [job] = at_job(conn, case)
    waiting.bring_done(conn, A, [waiting.Done(job, {})], LIBRARY, actor="b", at=AT)
    first = inbox.receive(conn, A, incoming(), LIBRARY, at=AT)
    again = inbox.receive(conn, A, incoming(), LIBRARY, at=AT)
    assert first == again == inbox.Decided(inbox.Fate.DELIVERED, case)


def test_a_message_of_another_key_reaches_no_case_and_expires(conn, case):
    [job] = at_job(conn, case)
    waiting.bring_done(conn, A, [waiting.Done(job, {})], LIBRARY, actor="b", at=AT)
    inbox.receive(conn, A, incoming(key="B-9"), LIBRARY, at=AT)
    inbox.expire(conn, A, at=AT + timedelta(days=31))
    assert inbox.fate_of(conn, A, "131024", "m-1").fate is inbox.Fate.EXPIRED


def test_what_leaves_a_case_waits_to_be_sent_under_a_key_that_stays(conn, case):
    [job] = at_job(conn, case)
    waiting.bring_done(conn, A, [waiting.Done(job, {})], LIBRARY, actor="b", at=AT)
    inbox.receive(conn, A, incoming(), LIBRARY, at=AT)
    lease = timedelta(minutes=1)
    letters = outbox.claim(conn, A, at=AT, lease=lease, most=10)
    assert {(one.kind, one.name) for one in letters} == {("signal", "済"), ("message", "通知")}
    later = outbox.claim(conn, A, at=AT + timedelta(minutes=2), lease=lease, most=10)
    assert {one.key for one in later} == {one.key for one in letters}
    outbox.sent(conn, A, later)
    assert outbox.claim(conn, A, at=AT + timedelta(hours=1), lease=lease, most=10) == []


def test_a_case_that_was_kept_goes_on_as_one_that_was_not(conn, case):
    row = cases.case_of(conn, A, case)
    definition = LIBRARY.get(conn, A, row.definition)
    player = bpmn.advance(
        definition,
        bpmn.new_case(definition),
        bpmn.Start(AT, KNOWN),
    )
    assert row.case == player.case


def test_the_definition_of_the_day_is_chosen_and_a_withdrawn_one_is_not(conn):
    old = bpmn.read(model("start s -> e\nend e"))
    new = bpmn.read(model("start s -> a\ntask a -> e\nend e"))
    first = deployed(conn, old, since=DAY, at=AT)
    second = deployed(conn, new, since=date(2027, 10, 1), at=AT)
    assert (first.version, second.version) == (1, 2)
    assert LIBRARY.in_force(conn, A, "p", on=date(2027, 9, 30)).hash == first.hash
    assert LIBRARY.in_force(conn, A, "p", on=date(2027, 10, 1)).hash == second.hash
    cases.withdraw(conn, A, second.hash, by="tanto", reason="誤り", at=AT)
    assert LIBRARY.in_force(conn, A, "p", on=date(2027, 10, 1)).hash == first.hash
    with pytest.raises(cases.ProcessNotInForce):
        LIBRARY.in_force(conn, A, "p", on=date(2026, 1, 1))


def test_no_other_tenant_sees_a_case(database, conn, case):
    with database.transaction(tenant("131024")) as other, pytest.raises(cases.CaseUnknown):
        cases.case_of(other, tenant("131024"), case)


def test_cases_are_found_by_what_they_know(conn, case):
    assert [one.id for one in cases.find(conn, A, variables={"number": "A-1"})] == [case]
    assert cases.find(conn, A, variables={"number": "A-2"}) == []
    assert [one.id for one in cases.find(conn, A, at="a", process="p", status="running")] == [case]


def test_a_timer_its_case_cannot_take_is_left_for_a_while_and_stops_no_other(conn):
    poisoned = begun(conn, MODEL.replace("P7D", "PT1H"), number="A-1")
    conn.execute("SET LOCAL ROLE NONE")
    conn.execute("UPDATE process_definition SET model = '<a/>'")
    conn.execute("SET LOCAL ROLE renkei_application")
    later, fresh = AT + timedelta(hours=2), library()
    [first] = waiting.fire_due(conn, A, fresh, at=later, most=1)
    assert first.refused is not None
    begun(conn, MODEL.replace("P7D", "PT2H"), number="A-2")
    [second] = waiting.fire_due(conn, A, LIBRARY, at=later, most=1)
    assert second.refused is None
    [again] = waiting.fire_due(conn, A, fresh, at=later + timedelta(minutes=1), most=10)
    assert (again.given.case, again.refused is None) == (poisoned, False)


def test_a_case_goes_on_by_a_definition_that_was_withdrawn(conn, case):
    held = cases.case_of(conn, A, case).definition
    cases.withdraw(conn, A, held, by="tanto", reason="誤り", at=AT)
    assert give(conn, case, bpmn.Bring(AT, waits(conn, case)["a"], {})).refused is None


def test_what_another_writes_now_is_passed_over_without_waiting(database):
    """So that who holds a wait never waits for a case whose writer waits for the wait."""
    hour = AT + timedelta(hours=1)

    def claimed(conn):
        held = waiting.hold_jobs(conn, A, ["b"], at=AT, most=10)
        return len(held.jobs), len(waiting.fire_due(conn, A, LIBRARY, at=hour, most=10))

    text = "start s -> b\nservice b -> c\nboundary late on=b timer=PT1H -> c\nuser c"
    with database.transaction(A) as conn:
        case = begun(conn, text)
    with database.transaction(A) as writer:
        give(writer, case, bpmn.Change(AT, {"x": Decimal(1)}))
        with database.transaction(A) as other:
            assert claimed(other) == (0, 0)
            writer.execute("SELECT FROM process_wait WHERE case_id = %s FOR UPDATE NOWAIT", [case])
    with database.transaction(A) as other:
        assert claimed(other) == (1, 1)


def test_two_writers_of_one_case_come_one_after_the_other(database):
    with database.transaction(A) as conn:
        case = begun(conn, MODEL, number="A-3")
    one = bpmn.Change(AT, {"x": Decimal(1)})
    with database.transaction(A) as first:
        give(first, case, one)
        other = Thread(target=change, args=(database, case, {"y": Decimal(2)}))
        other.start()
        other.join(0.2)
        assert other.is_alive(), "it does not wait for the first"
    other.join()
    with database.transaction(A) as conn:
        known = cases.case_of(conn, A, case).case.places[1].variables
        assert known == {"number": "A-3", "x": Decimal(1), "y": Decimal(2)}
        assert is_whole(conn, case)


def change(database, case, variables, **facts):
    with database.transaction(A) as conn:
        give(conn, case, bpmn.Change(AT, variables), **facts)


def test_the_same_command_given_twice_at_once_has_its_effect_once(database):
    with database.transaction(A) as conn:
        case = begun(conn, MODEL, number="A-4")
    with database.transaction(A) as first:
        give(first, case, bpmn.Change(AT, {"x": True}), key="k-4")
        other = Thread(target=change, args=(database, case, {"x": True}), kwargs={"key": "k-4"})
        other.start()
        other.join(0.2)
    other.join()
    with database.transaction(A) as conn:
        kinds = [one.event.kind for one in history(conn, case)]
    assert kinds.count(bpmn.Happened.CHANGED) == 1


@pytest.mark.parametrize("table", ["case", "history", "wait", "outbox", "command"])
def test_what_fails_at_any_table_leaves_nothing(database, table):
    """Before each write, as if the program were killed there: all of it is gone."""
    with database.transaction(A) as conn:
        case = begun(conn, "start s -> a\nuser a -> t\nthrow t signal=S -> b\nuser b -> e\nend e")
        before = cases.case_of(conn, A, case), history(conn, case)
    with pytest.raises(psycopg.errors.CheckViolation):
        bring_broken(database, table, case)
    with database.transaction(A) as conn:
        assert (cases.case_of(conn, A, case), history(conn, case)) == before


def bring_broken(database, table, case):
    with database.transaction(A) as conn:
        conn.execute("SET LOCAL ROLE NONE")  # only the owner may break a table
        conn.execute(f"ALTER TABLE process_{table} ADD CONSTRAINT broken CHECK (false) NOT VALID")
        conn.execute("SET LOCAL ROLE renkei_application")
        give(conn, case, bpmn.Bring(AT, waits(conn, case)["a"], {}), key=f"k-{table}")


def test_no_case_goes_on_by_a_definition_that_was_changed_in_the_database(conn, case):
    conn.execute("SET LOCAL ROLE NONE")
    other = model("start s -> e\nend e")
    conn.execute("UPDATE process_definition SET model = %s", [other])
    conn.execute("SET LOCAL ROLE renkei_application")
    given = cases.Given(case, bpmn.Change(AT, {}), "tanto")
    with pytest.raises(cases.DefinitionAltered):
        cases.take(conn, A, given, library(), at=AT)


SIGNED = "process 署名\n  start s -> e\n  end e"


@pytest.mark.parametrize(
    "change",
    [
        "valid_from = '2020-01-01'",
        "valid_until = '2030-01-01'",
        "version = 700",
        "deployed_by = 'another'",
        "note = ''",
        "note = replace(note, '131016', '131024')",
    ],
)
def test_a_definition_counts_only_as_the_organisation_signed_it(conn, change):
    one = deployed(conn, bpmn.read(model(SIGNED)), since=DAY, at=AT)
    assert library().in_force(conn, A, "署名", on=DAY) == one
    conn.execute("SET LOCAL ROLE NONE")
    changed = f"UPDATE process_definition SET {change} WHERE hash = %s"  # noqa: S608 # from above
    conn.execute(changed, [one.hash])
    conn.execute("SET LOCAL ROLE renkei_application")
    with pytest.raises(cases.DefinitionUnsigned):
        library().in_force(conn, A, "署名", on=DAY)
    with pytest.raises(cases.DefinitionUnsigned):
        library().get(conn, A, one.hash)


def test_a_definition_another_key_signed_is_none_of_ours(conn):
    definition, other = bpmn.read(model(SIGNED)), SIGNER.named("other.example")
    cases.deploy(conn, A, definition, valid_from=DAY, by="t", signer=other, at=AT)
    assert library().in_force(conn, A, "署名", on=DAY)  # the same key, whatever its name elsewhere
    stranger = cases.Library([audit.Signer.from_seed("x.example", b"2" * 32).verifier])
    with pytest.raises(cases.DefinitionUnsigned):
        stranger.get(conn, A, definition.hash)
