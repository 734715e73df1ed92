"""A site's keys are made once, are readable by its account alone, and are refused otherwise."""

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.app.conftest import AT, A, plan

from renkei import federation, kit
from renkei.app.errors import (
    FileExists,
    FileUnreadable,
    KeysExposed,
    KeysMissing,
    SettingsDefective,
)
from renkei.app.membership.initiation import authority_signer, found_site, write_members
from renkei.app.membership.keys import Keys
from renkei.app.settings import read_settings

B = kit.tenant("131024")
FILES = {
    "node": {"tls.pem", "signing.pem", "log.key", "sealing.key", "decryption.json"}
    | {"tokens.pem", "relay.pem", "sign-in.pem"},
    "converter": {"tls.pem", "signing.pem", "log.key", "converter.json"},
    "registrar": {"tls.pem", "signing.pem", "log.key", "sealing.key", "index.key"},
    "log": {"tls.pem", "signing.pem", "log.key", "decryption.json"},
}
READ: dict[str, Callable[[Keys], object]] = {
    "tls.pem": Keys.credentials,
    "signing.pem": Keys.credentials,
    "log.key": Keys.signer,
    "sealing.key": Keys.seal,
    "decryption.json": Keys.node,
    "converter.json": Keys.converter,
    "index.key": Keys.registrar,
    "backup.key": Keys.backup,
    "tokens.pem": Keys.tokens,
    "relay.pem": Keys.opening,
    "sign-in.pem": Keys.sign_in,
}
ROLE = {"converter.json": "converter", "index.key": "registrar"}


def made(folder, name="log.key") -> Keys:
    """Return the keys of a role that has the file."""
    keys = Keys(folder, A)
    keys.make(ROLE.get(name, "node"), organisations=(A, B), at=AT)  # type: ignore[arg-type]
    return keys


@pytest.mark.parametrize("role", FILES)
def test_a_role_gets_its_keys_and_only_its_account_may_read_them(tmp_path, role):
    Keys(tmp_path, A).make(role, organisations=(A, B), at=AT)
    assert {path.name for path in tmp_path.iterdir()} == FILES[role] | {"backup.key"}
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o600}


@pytest.mark.parametrize("name", READ)
def test_a_key_that_others_may_read_is_refused(tmp_path, name):
    keys = made(tmp_path, name)
    READ[name](keys)
    (tmp_path / name).chmod(0o640)
    with pytest.raises(KeysExposed, match=name):
        READ[name](keys)


@pytest.mark.parametrize("name", READ)
def test_a_missing_key_is_named(tmp_path, name):
    keys = made(tmp_path, name)
    (tmp_path / name).unlink()
    with pytest.raises(KeysMissing, match=name):
        READ[name](keys)


@pytest.mark.parametrize("name", READ)
def test_a_damaged_key_is_named_and_not_shown(tmp_path, name):
    keys = made(tmp_path, name)
    (tmp_path / name).write_text("c2VjcmV0")
    with pytest.raises(kit.NodeError) as caught:
        READ[name](keys)
    assert name in str(caught.value)
    assert "c2VjcmV0" not in str(caught.value)


@pytest.mark.parametrize("name", READ)
def test_no_key_is_ever_overwritten(tmp_path, name):
    tmp_path.joinpath(name).write_text("kept")
    with pytest.raises(FileExists, match=name):
        made(tmp_path, name)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["kept"]


def test_founding_a_site_twice_overwrites_nothing(tmp_path):
    found_site(tmp_path, plan(), at=AT)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(FileExists, match=r"renkei\.toml"):
        found_site(tmp_path, plan(), at=AT)
    for name in ("renkei.toml", "public.json"):
        (tmp_path / name).unlink()
    with pytest.raises(FileExists, match=r"keys/tls\.pem"):
        found_site(tmp_path, plan(), at=AT)
    left = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert left.items() < before.items()


def test_a_plan_that_could_not_be_read_back_makes_nothing(tmp_path):
    with pytest.raises(SettingsDefective, match=r"doors\.peers"):
        found_site(tmp_path / "new", plan(peers="nowhere"), at=AT)
    assert not (tmp_path / "new").exists()


def test_settings_are_written_as_they_were_meant(tmp_path):
    database = r"""host=/tmp password='a"b\c' """
    found_site(tmp_path, plan(database=database), at=AT)
    assert read_settings(tmp_path / "renkei.toml").database == database


def test_the_public_row_holds_no_secret_and_goes_into_the_list(tmp_path):
    found = found_site(tmp_path, plan(), at=AT)
    row = found.public.read_text()
    for path in (tmp_path / "keys").iterdir():
        secret = path.read_text().rpartition("BEGIN PRIVATE KEY")[2].split()
        assert not any(part in row for part in secret if len(part) > 16)
    authority = authority_signer(tmp_path / "authority.key")
    out = tmp_path / "members.json"
    assert write_members([found.public], out, authority, version=1, at=AT) == 1
    members = federation.read_members(out.read_bytes(), authority.verifier)
    assert members.by_id(A).en == "City A"


def test_the_authoritys_key_is_made_once_and_guarded(tmp_path):
    file = tmp_path / "authority.key"
    first = authority_signer(file)
    assert str(authority_signer(file).verifier) == str(first.verifier)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    with pytest.raises(KeysExposed):
        authority_signer(file)
    file.chmod(0o600)
    file.write_text("zz")
    with pytest.raises(FileUnreadable):
        authority_signer(file)


def test_a_row_that_is_none_is_named(tmp_path):
    row = tmp_path / "public.json"
    authority = authority_signer(tmp_path / "authority.key")
    for data in (b"{}", b"\xff", b'{"id": 1}'):
        row.write_bytes(data)
        with pytest.raises(FileUnreadable, match=r"public\.json"):
            write_members([row], tmp_path / "out", authority, version=1, at=AT)
    row.unlink()
    with pytest.raises(FileUnreadable, match=r"public\.json"):
        write_members([row], tmp_path / "out", authority, version=1, at=AT)


def test_an_older_node_makes_its_key_of_tokens_once_whoever_starts_first(tmp_path):
    keys = made(tmp_path)
    (tmp_path / "tokens.pem").unlink()
    with ThreadPoolExecutor(8) as pool:
        found = {key.name for key in pool.map(lambda _: keys.tokens(make=True), range(8))}
    assert found == {keys.tokens().name}
    assert not list(tmp_path.glob("tokens.pem.*"))
    assert stat.S_IMODE((tmp_path / "tokens.pem").stat().st_mode) == 0o600
