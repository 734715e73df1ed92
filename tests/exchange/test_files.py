"""A file is accepted whole or not at all, once; it ends when nothing of it can change any more."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from renkei import exchange
from renkei.exchange import FileIdReused, FileMessagesReused, files, tasks
from renkei.identity import Seal
from renkei.kit import Connection, Database, tenant

TOWN, OTHER = tenant("131016"), tenant("131024")
AT = datetime(2026, 4, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SEAL = Seal(bytes(range(32)))
CLIENT = exchange.client("JP/MUN/131016/15")
PLACE = "files"


def accept(
    conn: Connection, name: str, *messages: str, digest: bytes = bytes(32), at: datetime = AT
) -> files.FileState:
    handed = [tasks.Handed(message, message.encode(), message.encode()) for message in messages]
    return files.accept(
        conn,
        TOWN,
        CLIENT,
        name,
        handed,
        digest=digest,
        place=PLACE,
        folder="15/MUN-131024-06/income",
        content=b"what stood in it",
        at=at,
        expires_at=at + HOUR,
        seal=SEAL,
        priority=5,
    )


def claim(conn: Connection, *, at: datetime = AT) -> list[tasks.Task]:
    return tasks.claim(conn, TOWN, at=at, until=at + HOUR / 60, most=10, seal=SEAL)


def end(conn: Connection, task: tasks.Task, at: datetime = AT) -> None:
    assert tasks.end(conn, TOWN, task, task.question + b" answered", at=at, seal=SEAL)


def ended(conn: Connection, at: datetime = AT) -> list[str]:
    return [one.id for one in files.ended(conn, TOWN, PLACE, at=at)]


def test_a_file_ends_with_its_last_question_and_is_told_in_its_order(conn: Connection) -> None:
    accept(conn, "f", "b", "a", "c")
    *first, last = claim(conn)
    for task in first:
        end(conn, task)
    assert ended(conn) == []
    end(conn, last)
    assert ended(conn) == ["f"]
    (file,) = files.ended(conn, TOWN, PLACE, at=AT)
    told = files.answers(conn, TOWN, file, seal=SEAL)
    assert [one.answer for one in told] == [b"b answered", b"a answered", b"c answered"]
    assert files.content(conn, TOWN, file, seal=SEAL) == b"what stood in it"
    files.set_answered(conn, TOWN, file.client, file.id, at=AT)
    assert ended(conn) == []
    assert files.ended(conn, TOWN, "another place", at=AT) == []


def test_what_expired_ends_a_file_but_not_while_somebody_works_on_it(conn: Connection) -> None:
    accept(conn, "f", "a", "b")
    (task, _) = claim(conn, at=AT + HOUR - timedelta(seconds=1))
    assert ended(conn, AT + HOUR) == []
    end(conn, task, AT + HOUR)
    assert ended(conn, AT + HOUR) == []
    assert ended(conn, AT + HOUR + timedelta(minutes=1)) == ["f"]
    (file,) = files.ended(conn, TOWN, PLACE, at=AT + 2 * HOUR)
    assert [one.answer is None for one in files.answers(conn, TOWN, file, seal=SEAL)].count(True)


def test_the_same_file_again_is_the_same_and_another_one_is_refused(conn: Connection) -> None:
    first = accept(conn, "f", "a")
    assert accept(conn, "f", "a", at=AT + HOUR / 2) == first
    assert len(claim(conn)) == 1
    with pytest.raises(FileIdReused, match="f"):
        accept(conn, "f", "a", digest=b"x" * 32)
    assert files.find(conn, TOWN, CLIENT, "f") == first
    assert files.find(conn, TOWN, exchange.client("JP/MUN/131016/17"), "f") is None


def test_a_used_message_id_keeps_the_whole_file_out(conn: Connection) -> None:
    accept(conn, "f", "a")
    with pytest.raises(FileMessagesReused, match="1 questions") as error, conn.transaction():
        files.accept(
            conn,
            TOWN,
            CLIENT,
            "g",
            [tasks.Handed("b", b"b", b"b"), tasks.Handed("a", b"other", b"other")],
            digest=bytes(32),
            place=PLACE,
            folder="x",
            content=b"",
            at=AT,
            expires_at=AT + HOUR,
            seal=SEAL,
            priority=5,
        )
    assert error.value.facts["lines"] == "2"
    assert files.find(conn, TOWN, CLIENT, "g") is None
    assert [task.question for task in claim(conn)] == [b"a"]


def test_progress_counts_what_ended_and_what_expired(conn: Connection) -> None:
    accept(conn, "f", "a", "b", "c")
    end(conn, claim(conn)[0])
    (now,) = files.progress(conn, TOWN, at=AT)
    assert (now.lines, now.ended, now.expired, now.answered_at) == (3, 1, 0, None)
    (later,) = files.progress(conn, TOWN, at=AT + HOUR)
    assert (later.ended, later.expired) == (1, 2)


def test_a_file_and_its_tasks_are_kept_until_it_was_answered(conn: Connection) -> None:
    accept(conn, "f", "a")
    end(conn, claim(conn)[0])
    late = AT + 30 * 24 * HOUR
    assert (files.forget(conn, TOWN, before=late), tasks.forget(conn, TOWN, before=late)) == (0, 0)
    (file,) = files.ended(conn, TOWN, PLACE, at=late)
    files.set_answered(conn, TOWN, file.client, "f", at=AT)
    assert (files.forget(conn, TOWN, before=late), tasks.forget(conn, TOWN, before=late)) == (1, 1)


def test_what_stood_in_a_file_is_sealed_and_nobody_elses(
    conn: Connection, database: Database
) -> None:
    accept(conn, "f", "a")
    row = conn.execute("SELECT content FROM exchange_file").fetchone()
    assert row is not None
    assert b"what stood" not in row[0]
    with database.transaction(OTHER) as theirs:
        assert theirs.execute("SELECT count(*) FROM exchange_file").fetchone() == (0,)
        assert theirs.execute("SELECT count(*) FROM exchange_file_line").fetchone() == (0,)


def test_the_task_of_a_file_cannot_be_deleted_under_it(conn: Connection) -> None:
    accept(conn, "f", "a")
    with pytest.raises(psycopg.errors.ForeignKeyViolation), conn.transaction():
        conn.execute("DELETE FROM exchange_task")
