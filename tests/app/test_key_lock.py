"""Locked key files open with a key that is kept elsewhere, and with nothing else."""

import pytest
from tests.app.conftest import A
from tests.app.test_keys import READ, made

from renkei.app.errors import (
    FileUnreadable,
    KeyNotSealed,
    KeysExposed,
    KeysLocked,
    LockBeside,
    LockKeyMissing,
)
from renkei.app.membership import key_lock
from renkei.app.membership.keys import PLAIN, Keys


def locked(tmp_path, name="log.key") -> Keys:
    keys = made(tmp_path / "keys", name)
    keys.lock(f"file:{tmp_path / 'medium' / 'kek'}")
    return keys


@pytest.mark.parametrize("name", sorted(READ.keys() - PLAIN))
def test_a_sealed_key_is_read_as_before_and_stands_nowhere_readable(tmp_path, name):
    keys = made(tmp_path / "keys", name)
    plain = (keys.folder / name).read_bytes()
    keys.lock(f"file:{tmp_path / 'kek'}")
    assert READ[name](keys)
    assert keys._read(name) == plain
    kept = b"".join(one.read_bytes() for one in keys.folder.iterdir())
    assert all(line not in kept for line in plain.split() if len(line) > 30)


def test_without_the_key_nothing_opens_and_the_error_says_where_it_should_be(tmp_path):
    keys = locked(tmp_path)
    (tmp_path / "medium" / "kek").unlink()
    with pytest.raises(LockKeyMissing, match="kek"):
        keys.signer()


def test_a_plain_file_put_into_a_locked_folder_is_not_used(tmp_path):
    other, keys = made(tmp_path / "other"), locked(tmp_path)
    (other.folder / "log.key").replace(keys.folder / "log.key")
    with pytest.raises(KeyNotSealed, match=r"log\.key"):
        keys.signer()


def test_a_file_in_the_place_of_another_does_not_open(tmp_path):
    keys = locked(tmp_path)
    (keys.folder / "backup.key").replace(keys.folder / "log.key")
    with pytest.raises(FileUnreadable, match="another key, or altered"):
        keys.signer()


@pytest.mark.parametrize("length", [0, 40, -5])
def test_a_damaged_file_is_named(tmp_path, length):
    keys = locked(tmp_path)
    file = keys.folder / "log.key"
    file.write_bytes(key_lock.HEAD + file.read_bytes().removeprefix(key_lock.HEAD)[:length])
    with pytest.raises(FileUnreadable, match=r"log\.key"):
        keys.signer()


def test_new_keys_of_a_locked_folder_are_sealed(tmp_path):
    keys = locked(tmp_path)
    keys.drop("tokens.pem")
    fresh = keys.tokens(make=True)
    assert (keys.folder / "tokens.pem").read_bytes().startswith(key_lock.HEAD)
    assert keys.tokens().pem() == fresh.pem()


def test_an_interrupted_lock_is_gone_on_with_and_again_is_no_harm(tmp_path):
    keys = made(tmp_path / "keys")
    plain = (keys.folder / "log.key").read_bytes()
    where = f"file:{tmp_path / 'kek'}"
    _, sealed = keys.lock(where)
    (keys.folder / "log.key").write_bytes(plain)  # as if it had not come to this one
    assert keys.lock(where)[1] == ["log.key"]
    assert keys.lock(where)[1] == []
    assert "signing.pem" in sealed
    assert "tls.pem" not in sealed


def test_unlocked_the_files_are_what_they_were(tmp_path):
    keys = made(tmp_path / "keys")
    before = {one.name: one.read_bytes() for one in keys.folder.iterdir()}
    keys.lock(f"file:{tmp_path / 'kek'}")
    keys.unlock()
    assert {one.name: one.read_bytes() for one in keys.folder.iterdir()} == before
    assert keys.unlock() == []


def test_the_key_may_come_from_systemd(tmp_path, monkeypatch):
    keys, given = made(tmp_path / "keys"), tmp_path / "credentials"
    given.mkdir()
    other = made(tmp_path / "other")
    other.lock(f"file:{given / 'renkei-keys'}")
    with pytest.raises(LockKeyMissing, match="credential:renkei-keys"):
        keys.lock("credential:renkei-keys")
    monkeypatch.setenv(key_lock.CREDENTIALS, str(given))
    keys.lock("credential:renkei-keys")
    assert keys.signer().verifier.name


@pytest.mark.parametrize("where", ["credential:a/b", "credential:", "somewhere", ""])
def test_a_place_that_says_nothing_is_refused(tmp_path, where):
    keys = made(tmp_path / "keys")
    with pytest.raises(FileUnreadable, match="locked-by"):
        keys.lock(where)


def test_a_key_beside_what_it_seals_or_open_to_others_is_no_lock(tmp_path):
    keys = made(tmp_path / "keys")
    with pytest.raises(LockBeside):
        keys.lock(f"file:{keys.folder / 'kek'}")
    (tmp_path / "kek").write_text("x")
    (tmp_path / "kek").chmod(0o644)
    with pytest.raises(KeysExposed):
        keys.lock(f"file:{tmp_path / 'kek'}")
    assert key_lock.KeyLock.of(keys.folder, A) is None


def test_a_locked_folder_is_not_locked_by_another_key(tmp_path):
    keys = locked(tmp_path)
    with pytest.raises(KeysLocked, match="medium"):
        keys.lock(f"file:{tmp_path / 'other'}")
