"""A sealed body opens with its key, whole and unchanged, or not at all; it is kept the same way."""

import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.memory import peak_of

from renkei import federation
from renkei.app.bodies.place import COMING, BodyPlace
from renkei.app.bodies.sealed_body import PIECE, BodyOf, SealedBody, key_id, sealed
from renkei.app.errors import CustodianKeyDiffers, SealedBodyDamaged

KEY = federation.SealingKey.generate()
OF = BodyOf("131016", "68ed711c-1f0d-4443-b2ef-5b3429636b27", "question")
UNTIL = date(2031, 11, 28)
MIB = 1 << 20


def file_of(body: bytes, of: BodyOf = OF) -> bytes:
    return b"".join(sealed([body], of, KEY.public))


def opened(data: bytes, key: federation.SealingKey = KEY) -> bytes:
    return b"".join(SealedBody.read(BytesIO(data), key).pieces())


def put(place: BodyPlace, *pieces: bytes) -> Path:
    kept = place.put(sealed(pieces, OF, KEY.public), UNTIL, key_id(KEY.public))
    found = place.find(kept)
    assert found is not None
    return found


@pytest.mark.clause("RK-9.12")
@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])
def test_a_body_of_any_size_opens_to_what_was_sealed(size):
    body = (bytes(range(251)) * (size // 251 + 1))[:size]
    assert opened(file_of(body)) == body
    read = SealedBody.read(BytesIO(file_of(body)), KEY)
    assert (read.of, read.custodian) == (OF, key_id(KEY.public))


@given(st.lists(st.binary(max_size=99), max_size=9))
def test_how_a_body_comes_makes_no_difference(pieces):
    assert opened(b"".join(sealed(pieces, OF, KEY.public))) == b"".join(pieces)


def test_two_sealed_files_of_one_body_share_nothing_but_their_head():
    one, other = file_of(b"the same"), file_of(b"the same")
    assert one[-24:] != other[-24:]


@pytest.mark.clause("RK-9.12")
def test_what_was_changed_anywhere_does_not_open():
    whole = file_of(b"what was said")
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1
        with pytest.raises((SealedBodyDamaged, CustodianKeyDiffers)):
            opened(bytes(changed))


@pytest.mark.clause("RK-9.12")
def test_what_was_cut_off_lengthened_or_put_in_another_order_does_not_open():
    whole = file_of(bytes(2 * PIECE + 7))
    start = len(whole) - (2 * PIECE + 7 + 3 * 16)
    full = PIECE + 16
    first, second = whole[start : start + full], whole[start + full : start + 2 * full]
    cases = {
        "nothing": b"",
        "no head": whole[:10],
        "no piece": whole[:start],
        "one piece": whole[: start + full],
        "two pieces": whole[: start + 2 * full],
        "half a piece": whole[: start + full + 99],
        "more": whole + b"x",
        "a piece more": whole + whole[-23:],
        "order": whole[:start] + second + first + whole[start + 2 * full :],
        "twice": whole[:start] + first + first + whole[start + 2 * full :],
    }
    for case, data in cases.items():
        with pytest.raises(SealedBodyDamaged):
            opened(data)
        assert case


@pytest.mark.clause("RK-9.12")
def test_a_piece_under_another_head_does_not_open():
    one, other = file_of(b"one"), file_of(b"two", BodyOf(OF.tenant, "another", "answer"))
    with pytest.raises(SealedBodyDamaged):
        opened(one[:-19] + other[-19:])


@pytest.mark.clause("RK-9.12")
def test_another_key_opens_nothing_and_the_one_that_would_is_named():
    other = federation.SealingKey.generate()
    with pytest.raises(CustodianKeyDiffers) as raised:
        opened(file_of(b"x"), other)
    assert raised.value.facts == {"found": key_id(KEY.public), "given": key_id(other.public)}


def test_a_head_that_names_a_key_it_was_not_sealed_to_does_not_open():
    other = federation.SealingKey.generate()
    data = b"".join(sealed([b"x"], OF, other.public))
    with pytest.raises(SealedBodyDamaged):
        opened(data.replace(key_id(other.public).encode(), key_id(KEY.public).encode()))


def test_a_large_body_is_sealed_kept_and_opened_in_the_memory_of_a_few_pieces(tmp_path):
    place, many = BodyPlace(tmp_path), 48

    def pieces() -> Iterator[bytes]:
        for _ in range(many):
            yield bytes(MIB)

    def kept_and_opened() -> int:
        kept = place.put(sealed(pieces(), OF, KEY.public), UNTIL, key_id(KEY.public))
        file = place.find(kept)
        assert file is not None
        with file.open("rb") as stream:
            return sum(map(len, SealedBody.read(stream, KEY).pieces()))

    size, peak = peak_of(kept_and_opened)
    assert size == many * MIB
    assert peak < 10 * MIB


def test_a_kept_body_is_found_by_what_its_entry_names_and_goes_after_its_day(tmp_path):
    place = BodyPlace(tmp_path / "kept")
    file = put(place, b"one", b"two")
    assert [one.stat().st_mode & 0o077 for one in (tmp_path / "kept", file.parent, file)] == [0] * 3
    assert opened(file.read_bytes()) == b"onetwo"
    assert place.due(UNTIL) == []
    ((until, files),) = place.due(date(2031, 11, 29))
    assert (until, files) == (UNTIL, [file])
    place.delete(files)
    assert list(place.all()) == []
    assert [one.name for one in (tmp_path / "kept").iterdir()] == [COMING]


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_leaves_no_half_body(tmp_path):
    place = BodyPlace(tmp_path)
    with pytest.raises(OSError, match="File too large"), files_at_most(MIB):
        put(place, bytes(3 * MIB))
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


KILLED = """
import sys, time
from datetime import date
from pathlib import Path
from renkei.app.bodies.place import BodyPlace

def pieces():
    yield bytes(1 << 20)
    print("half", flush=True)
    time.sleep(60)

BodyPlace(Path(sys.argv[1])).put(pieces(), date(2031, 11, 28), "k" * 43)
"""


@pytest.mark.clause("RK-9.13")
def test_a_process_killed_halfway_leaves_no_body_and_what_it_left_is_swept_out(tmp_path):
    place = BodyPlace(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half\n"
        process.send_signal(signal.SIGKILL)
    assert list(place.all()) == []
    assert place.sweep(before=time.time() - 3600) == 0  # it might still be written
    assert place.sweep(before=time.time() + 1) == 1
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []
