"""A file with a case is judged by its content, named so that it leads nowhere, and erasable."""

import zipfile
from io import BytesIO
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.process.signing import A
from tests.process.test_cases import AT, history, is_whole
from tests.process.test_tasks import HEAD, ONE, OTHER, TWO, again, task

from renkei.process import tasks
from renkei.process.tasks.attachments import LARGEST, LONGEST_NAME, SUFFIXES, clean_name, media_of
from renkei.process.tasks.remarks import LONGEST

PDF = b"%PDF-1.7\n%%EOF"
TEXT = "text/plain"


def archive(*names):
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as held:
        for name in names:
            held.writestr(name, "x")
    return made.getvalue()


def attach(conn, one, name="申請書.pdf", content=PDF, doer=ONE):
    return tasks.attach(conn, A, one.ref, name, content, doer=doer, at=AT)


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (PDF, ".pdf"),
        (b"\x89PNG\r\n\x1a\n...", ".png"),
        (b"\xff\xd8\xff\xe0", ".jpg"),
        (archive("[Content_Types].xml", "word/document.xml"), ".docx"),
        (archive("xl/workbook.xml"), ".xlsx"),
        ("受付,日".encode(), ".txt"),
        ("受付,日".encode("cp932"), ".txt"),
    ],
)
def test_a_file_is_of_the_kind_that_its_content_is(content, ending):
    assert SUFFIXES[media_of(content)][0] == ending


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x00\x01",
        b"PK\x03\x04 no archive",
        archive("any.txt"),
        archive("xl/workbook.xml", "xl/vbaProject.bin"),
        b"a\x00b",
        b"\x1b[31m",
        b"\xff\xfe\x00\xd8",
        b" %PDF-1.7\x00",
    ],
)
def test_what_is_none_of_these_is_not_taken(content):
    with pytest.raises(tasks.AttachmentUnfit):
        media_of(content)


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("申請書.pdf", "申請書.pdf"),
        ("C:\\Users\\x\\申請書.PDF", "申請書.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("a.html", "a.html.pdf"),
        ("書\u202efdp.exe", "書fdp.exe.pdf"),
        ("…" * 400 + ".pdf", "…" * (LONGEST_NAME - 10) + ".pdf"),
        (".pdf", "pdf.pdf"),
        ('a"b\r\n<c>.pdf', "abc.pdf"),
    ],
)
def test_a_name_leads_nowhere_and_ends_as_its_kind(given_, kept):
    assert clean_name(given_, "application/pdf") == kept


@given(st.text(max_size=300))
def test_whatever_a_file_is_called_its_name_is_plain(name):
    try:
        kept = clean_name(name, TEXT)
    except tasks.AttachmentNameUnfit:
        return
    assert 0 < len(kept) <= LONGEST_NAME
    assert not set('/\\\r\n\x00\u202e<>:"|?*') & set(kept)
    assert kept.endswith(SUFFIXES[TEXT])
    assert clean_name(kept, TEXT) == kept


@pytest.mark.parametrize("name", ["", "..", "/", " . ", "\u200f\x00"])
def test_a_name_with_nothing_in_it_is_refused(name):
    with pytest.raises(tasks.AttachmentNameUnfit):
        clean_name(name, TEXT)


def test_a_file_and_a_comment_are_in_the_history_by_their_digests_alone(conn):
    one = task(conn)
    file = attach(conn, one)
    said = tasks.comment(conn, A, one.ref, "本人に電話で確認", doer=ONE, at=AT)
    events = history(conn, one.ref.case)[-2:]
    assert [past.event.data["id"] for past in events] == [str(file.id), str(said.id)]
    whole = repr(events)
    assert "電話" not in whole
    assert "申請書" not in whole
    assert tasks.content_of(conn, A, one.ref.case, file.id) == ("申請書.pdf", file.media, PDF)


def test_what_is_erased_is_gone_and_the_history_says_by_whom_and_why(conn):
    one = task(conn)
    kept = attach(conn, one).id, tasks.comment(conn, A, one.ref, "x", doer=ONE, at=AT).id
    for id_ in kept:
        tasks.erase(conn, A, id_, doer=HEAD, basis="本人の請求", at=AT)
        with pytest.raises(tasks.RemarkUnknown):
            tasks.erase(conn, A, id_, doer=HEAD, basis="本人の請求", at=AT)
    assert not tasks.comments(conn, A, one.ref.case)
    assert not tasks.attachments(conn, A, one.ref.case)
    past = history(conn, one.ref.case)
    assert (past[-1].actor, past[-1].basis) == (HEAD.actor, "本人の請求")
    assert is_whole(conn, one.ref.case)


def test_what_somebody_wrote_they_or_a_manager_erase_and_nobody_else(conn):
    one = task(conn)
    said = tasks.comment(conn, A, one.ref, "x", doer=ONE, at=AT)
    conn.execute(b"SAVEPOINT before")
    with pytest.raises(tasks.EraseNotYours):
        tasks.erase(conn, A, said.id, doer=TWO, basis="x", at=AT)
    conn.execute(b"ROLLBACK TO before")
    tasks.erase(conn, A, said.id, doer=ONE, basis="x", at=AT)


def test_what_is_too_large_or_too_much_is_refused_and_changes_nothing(conn):
    one = task(conn)
    with pytest.raises(tasks.AttachmentTooLarge):
        attach(conn, one, content=PDF + bytes(LARGEST))
    for said in ("", " \n", "x" * (LONGEST + 1), "a\u202eb", "a\x00b"):
        with pytest.raises(tasks.RemarkUnfit):
            tasks.comment(conn, A, one.ref, said, doer=ONE, at=AT)
    assert again(conn, one) == one
    assert len(history(conn, one.ref.case)) == 3


def test_a_file_of_another_case_is_not_given_out_under_this_one(conn):
    one, two = task(conn), task(conn)
    file = attach(conn, one)
    with pytest.raises(tasks.RemarkUnknown):
        tasks.content_of(conn, A, two.ref.case, file.id)
    with pytest.raises(tasks.RemarkUnknown):
        tasks.content_of(conn, A, one.ref.case, UUID(int=1))
    with pytest.raises(tasks.TaskNotOffered):
        attach(conn, one, doer=OTHER)
