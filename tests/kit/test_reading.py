"""What others wrote is a value of its kind, or wrong in one way, whatever is wrong with it."""

from threading import Event, Thread

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei.kit import read_json, read_msgpack


class Note(msgspec.Struct, frozen=True):
    text: str


DEEP = 100_000
looking, has_read, read_too_early = Event(), Event(), Event()


def found_out() -> type:
    """Be looked into for a while, as a large kind is."""
    looking.set()
    if has_read.wait(0.5):
        read_too_early.set()
    return str


Part = msgspec.defstruct("Part", [("text", "found_out()")], module=__name__)
Whole = msgspec.defstruct("Whole", [("part", Part)], module=__name__)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"text": 1}',
        b'{"text": "\xff"}',
        "[" * DEEP,
        b'{"text": "a", "x": ' + b"[" * DEEP + b"]" * DEEP + b"}",
        b'{"text": "a", "x": ' + b'{"x":' * DEEP + b"1" + b"}" * DEEP + b"}",
    ],
)
def test_json_is_wrong_in_one_way(data: bytes | str) -> None:
    with pytest.raises(msgspec.DecodeError):
        read_json(data, Note)


@pytest.mark.parametrize(
    "data", [b"", b"\x81\xa4text\x01", b"\x81\xa4text\xa1\xff", b"\x91" * DEEP]
)
def test_a_packed_message_is_wrong_in_one_way(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        read_msgpack(data, Note)


def test_a_value_of_a_kind_json_has_not_is_made_or_wrong() -> None:
    def made(_: type, value: str) -> complex:
        return complex(value)

    assert read_json('["1+2j"]', list[complex], made) == [1 + 2j]
    with pytest.raises(msgspec.DecodeError):
        read_json('["i"]', list[complex], made)


def test_nobody_reads_a_kind_that_another_thread_is_just_looking_into() -> None:
    """One that is half known would be read from where there is nothing yet: the process ends."""

    def second() -> None:
        looking.wait()
        with pytest.raises(msgspec.ValidationError):
            read_json(b"{}", Whole)
        has_read.set()

    other = Thread(target=second)
    other.start()
    read_json(b'{"part": {"text": "a"}}', Whole)
    other.join()
    assert not read_too_early.is_set()


@given(st.text())
def test_what_was_written_is_read(text: str) -> None:
    assert read_json(msgspec.json.encode(Note(text)), Note) == Note(text)
    assert read_msgpack(msgspec.msgpack.encode(Note(text)), Note) == Note(text)


@given(st.binary())
def test_no_bytes_do_anything_else(data: bytes) -> None:
    for read in (read_json, read_msgpack):
        try:
            assert isinstance(read(data, Note), Note)
        except msgspec.DecodeError:
            continue
