"""A sealed file opens under its name and key as it was, and nothing else opens at all."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.backup.site import KEY

from renkei import backup
from renkei.backup.seal import LARGEST
from renkei.backup.segments import Segment, parse_segment, position, written

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # the bounds are naive by contract
AT = datetime(2026, 4, 1, tzinfo=UTC)


@given(st.text(max_size=50), st.binary(max_size=5000), MOMENTS)
def test_what_was_sealed_opens_as_it_was(name: str, data: bytes, at: datetime) -> None:
    opened = KEY.open(name, KEY.close(name, data, at))
    assert (opened.data, opened.at) == (data, at)


@given(st.data())
def test_no_changed_byte_goes_unnoticed(drawn: st.DataObject) -> None:
    sealed = bytearray(KEY.close("name", b"content" * 20, AT))
    place = drawn.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= drawn.draw(st.integers(1, 255))
    with pytest.raises((backup.BackupDamaged, backup.BackupKeyDiffers)):
        KEY.open("name", bytes(sealed))


@given(st.integers(0, 200))
def test_no_file_cut_off_opens(length: int) -> None:
    sealed = KEY.close("name", b"content" * 20, AT)
    with pytest.raises(backup.BackupDamaged):
        KEY.open("name", sealed[: min(length, len(sealed) - 1)])


def test_a_file_under_another_name_does_not_open() -> None:
    with pytest.raises(backup.BackupDamaged, match="other"):
        KEY.open("other", KEY.close("name", b"", AT))


def test_a_file_that_opens_to_more_than_any_of_ours_is_refused() -> None:
    with pytest.raises(backup.BackupDamaged, match="larger"):
        KEY.open("name", KEY.close("name", bytes(LARGEST + 1), AT))


def test_two_sealings_of_one_content_are_different_bytes() -> None:
    assert KEY.close("name", b"content", AT) != KEY.close("name", b"content", AT)


@given(st.integers(1, 99), st.integers(0, 2**37), st.sampled_from([2**20, 2**24, 2**26]))
def test_the_name_of_a_log_file_is_read_back(timeline: int, number: int, size: int) -> None:
    segment = Segment(timeline, number, size)
    assert parse_segment(segment.name, size) == segment


@given(st.integers(0, 2**64 - 1))
def test_a_position_is_read_back(lsn: int) -> None:
    assert position(written(lsn)) == lsn
