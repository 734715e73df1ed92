"""What others wrote is a value of its kind, or wrong in one way, whatever is wrong with it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei.kit import read_json, read_msgpack


class Note(msgspec.Struct, frozen=True):
    text: str


DEEP = 100_000


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
