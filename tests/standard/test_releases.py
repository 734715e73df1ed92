"""A release is one file that a trusted key signed; two may be in force on one day."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.standard.folder import write

from renkei.standard import CompiledDamaged, compile_catalogue, read_compiled
from renkei.standard.errors import ReleaseDamaged, ReleaseUnsigned
from renkei.standard.releases import Release, Shelf, make_release, read_release, unverified

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"1")


def fits(key: Ed25519PrivateKey):
    def verify(data: bytes, signature: bytes) -> bool:
        try:
            key.public_key().verify(signature, data)
        except Exception:  # whatever is wrong with it, it does not fit
            return False
        return True

    return verify


TRUSTED = {"issuer": fits(KEY)}


def release(folder: Path, file: str = "", old: str = "", new: str = "") -> bytes:
    return make_release(compile_catalogue(write(folder, file, old, new)), {"issuer": KEY.sign})


def test_a_signed_release_is_read_whole(tmp_path):
    read = read_release(release(tmp_path), TRUSTED)
    assert read.version == read_compiled(compile_catalogue(tmp_path)).version


def test_the_same_folder_and_key_give_the_same_file(tmp_path):
    assert release(tmp_path / "a") == release(tmp_path / "b")


def test_a_release_no_trusted_key_signed_is_refused(tmp_path):
    data = make_release(compile_catalogue(write(tmp_path)), {"issuer": OTHER.sign})
    with pytest.raises(ReleaseUnsigned, match="issuer"):
        read_release(data, TRUSTED)
    assert unverified(data).edition.id == "small"


def test_a_signature_of_one_release_does_not_carry_another(tmp_path):
    """The signature covers the version, so a changed catalogue needs a new one."""
    old = msgspec.msgpack.decode(release(tmp_path / "a"), type=Release)
    new = compile_catalogue(write(tmp_path / "b", "standard.yaml", "小さな", "別の"))
    forged = msgspec.msgpack.encode(Release(old.format, new, old.signatures))
    with pytest.raises(ReleaseUnsigned):
        read_release(forged, TRUSTED)


@pytest.mark.parametrize("keep", [0, 10, 1000, -1])
def test_a_truncated_release_is_damaged(tmp_path, keep):
    with pytest.raises((ReleaseDamaged, CompiledDamaged)):
        read_release(release(tmp_path)[:keep], TRUSTED)


def test_a_flipped_byte_anywhere_is_noticed(tmp_path):
    data = release(tmp_path)
    for place in range(0, len(data), max(1, len(data) // 40)):
        flipped = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises((ReleaseDamaged, ReleaseUnsigned, CompiledDamaged)):
            read_release(flipped, TRUSTED)


def test_two_releases_are_in_force_side_by_side_by_date(tmp_path):
    days = "since: 2025-04-01\nuntil: 2026-09-30"
    data = release(tmp_path / "a", "standard.yaml", "since: 2026-04-01", days)
    old = read_release(data, TRUSTED)
    write(tmp_path / "b", "standard.yaml", 'edition: "1"', 'edition: "2"')
    unit = (tmp_path / "b/units/01.yaml").read_text(encoding="utf-8")
    unit = unit.replace("items: [year, sex]", "items: [year, sex, state]")
    (tmp_path / "b/units/01.yaml").write_text(unit, encoding="utf-8")
    rows = (tmp_path / "b/provisions.tsv").read_text(encoding="utf-8")
    rows = rows.replace("01-1-002 01-1-004", "01-1-002 01-1-004 01-1-005")
    (tmp_path / "b/provisions.tsv").write_text(rows, encoding="utf-8")
    shelf = Shelf.of([old, read_compiled(compile_catalogue(tmp_path / "b"))])

    def items(day: date) -> dict[str, int]:
        return {e: len(one.items) for e, one in shelf.interfaces("01", "person", day).items()}

    assert items(date(2025, 4, 1)) == {"1": 2}
    assert items(date(2026, 4, 1)) == {"2": 3, "1": 2}
    assert list(items(date(2026, 9, 30))) == ["2", "1"]
    assert items(date(2026, 10, 1)) == {"2": 3}
    assert shelf.on(date(2024, 4, 1)) == ()
