"""A unit that fetches tokens is registered by a command; what it prints the settings take."""

import json
import stat
import tomllib
from pathlib import Path

import pytest
from joserfc.jwk import ECKey
from tests.app.conftest import AT, Run, Said, plan

from renkei.app.membership.initiation import found_site
from renkei.app.settings import read_settings
from renkei.exchange import draw_client_key


def made(run: Run, *words: object) -> dict[str, str]:
    said = run("client", "15", *words, "--json")
    assert said.code == 0, said.err
    found: dict[str, str] = json.loads(said.out)
    return found


@pytest.mark.parametrize("alg", ["HS256", "ES256", "PS256", "RS256"])
def test_what_is_printed_is_a_setting(run: Run, tmp_path: Path, alg: str) -> None:
    told = made(run, "--alg", alg, "--out", tmp_path / "key.pem", "--scope", "06/income")
    founded = found_site(tmp_path / "a", plan(), at=AT)
    with founded.settings.open("a", encoding="utf-8") as settings:
        settings.write(f"\n{told['settings']}\n")
    client = read_settings(founded.settings).oauth.clients["15"]
    assert (client.keys.algorithm, client.scope) == (alg, ("06/income",))


def test_a_private_key_is_written_for_its_owner_alone_and_once(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    told = made(run, "--out", file)
    assert told["key"] == str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    drawn = ECKey.import_key(file.read_text())
    (kept,) = tomllib.loads(told["settings"])["oauth"]["clients"]["15"]["keys"]
    assert drawn.is_private
    assert ECKey.import_key(kept).thumbprint() == drawn.thumbprint()
    assert "PRIVATE" not in told["settings"]
    again: Said = run("client", "15", "--out", file)
    assert (again.code, again.err.split(":")[0]) == (1, "file-exists")


def test_a_unit_gives_its_own_public_key(run: Run, tmp_path: Path) -> None:
    file, (private, public) = tmp_path / "public.pem", draw_client_key("ES256")
    file.write_text(public)
    told = made(run, "--public", file)
    assert told.keys() == {"settings"}
    file.write_text(private)
    assert run("client", "15", "--public", file).err.startswith("client-key-malformed")
    assert run("client", "15", "--public", tmp_path / "x").err.startswith("file-unreadable")


def test_a_secret_is_drawn_anew_each_time(run: Run) -> None:
    first, second = (made(run, "--alg", "HS256") for _ in range(2))
    assert first["secret"] != second["secret"]
    assert first["secret"] in first["settings"]
    assert len(first["secret"]) >= 43


@pytest.mark.parametrize("word", ["test", "06", "a b/c", ""])
def test_a_scope_that_is_none_is_refused_before_anything_is_made(run, tmp_path, word) -> None:
    file = tmp_path / "key.pem"
    said = run("client", "15", "--out", file, "--scope", word)
    assert (said.code, said.err.split(":")[0]) == (1, "scope-unknown")
    assert not file.exists()


def test_a_person_reads_the_entry_and_apart_from_it_the_secret(run: Run) -> None:
    said = run("client", "15", "--alg", "HS256")
    (secret,) = tomllib.loads(said.out)["oauth"]["clients"]["15"]["secrets"]
    assert said.err == f"# secret: {secret}\n"
