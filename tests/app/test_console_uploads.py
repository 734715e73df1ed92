"""A form with a file is read as browsers send it; anything else is no form of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei.app.console.uploads import Upload, parse_parts
from renkei.app.errors import FormStale

KIND = "multipart/form-data; boundary=edge"
BODY = (
    b'--edge\r\nContent-Disposition: form-data; name="title"\r\n\r\nA\r\nB\r\n'
    b'--edge\r\nContent-Disposition: form-data; name="item"\r\n\r\n1\r\n'
    b'--edge\r\nContent-Disposition: form-data; name="item"\r\n\r\n\r\n'
    b'--edge\r\nContent-Disposition: form-data; name="file"; filename="\xe6\x94\xb9 \'a\'.csv"\r\n'
    b"Content-Type: text/csv\r\n\r\nrow\xff\r\n\r\n"
    b"--edge--\r\n"
)


def test_fields_and_files_are_read_by_their_names():
    fields, files = parse_parts(KIND, BODY)
    assert fields == {"title": ["A\r\nB"], "item": ["1", ""]}
    assert files == {"file": Upload("改 'a'.csv", b"row\xff\r\n")}


def test_a_file_that_was_not_chosen_is_none():
    body = (
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename=""\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\r\n--edge--\r\n"
    )
    assert parse_parts(KIND, body) == ({}, {})


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", BODY),
        ("multipart/form-data; boundary=" + "e" * 71, BODY),
        ("multipart/form-data; boundary=縁", BODY),
        ("multipart/mixed; boundary=edge", BODY),
        (KIND, b""),
        (KIND, b"before" + BODY),
        (KIND, BODY[:-6]),
        (KIND, BODY + b"after"),
        (KIND, b"--edge\r\n\r\nno name\r\n--edge--\r\n"),
        (KIND, b'--edge\r\nContent-Disposition: form-data; name="a"\r\n--edge--\r\n'),
        (KIND, b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--edge--\r\n'),
        (KIND, b'--edge\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n\r\n--edge--\r\n'),
        (
            KIND,
            b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 1001 + b"--edge--",
        ),
    ],
)
def test_what_no_browser_sends_is_no_form(kind, body):
    with pytest.raises(FormStale):
        parse_parts(kind, body)


@given(st.integers(0, len(BODY) - 1), st.binary(max_size=8))
def test_whatever_is_changed_in_a_form_it_is_read_or_refused(place, more):
    try:
        fields, files = parse_parts(KIND, BODY[:place] + more + BODY[place + len(more) :])
    except FormStale:
        return
    assert len(fields) + len(files) <= 4
