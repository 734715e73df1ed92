"""A site speaks its own release and those on its shelf, and no other than the authority signed."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.app.conftest import plan
from tests.standard.next_release import NEXT, write_next

from renkei import audit, standard
from renkei.app.errors import EditionTaken, FileUnreadable
from renkei.app.membership.initiation import AUTHORITY, authority_signer, found_site
from renkei.app.standards.releasing import shelved, write_release
from renkei.standard.errors import ReleaseUnsigned
from renkei.standard.releases import make_release

AT = datetime(2026, 4, 2, tzinfo=UTC)
DAY = date(2026, 4, 2)
OURS = standard.catalogue().edition.edition


def shelf(folder: Path, key: Path) -> Path:
    """Put the next release on a shelf, signed by a key."""
    put = folder / "releases"
    put.mkdir(parents=True)
    content = write_next(folder / "catalogue")
    write_release(content, [], key=key, issuer=AUTHORITY, out=put / "next.release", at=AT)
    (put / "readme.txt").write_text("is no release")
    return put


@pytest.fixture(scope="module")
def signer(tmp_path_factory) -> tuple[audit.Signer, Path]:
    """Return the authority and a shelf with a release it signed."""
    folder = tmp_path_factory.mktemp("shelf")
    key = folder / "authority.key"
    return authority_signer(key), shelf(folder, key)


@pytest.mark.clause("RK-19.1")
def test_what_the_authority_signed_is_spoken_while_it_is_in_force(signer):
    authority, folder = signer
    spoken = shelved(folder, str(authority.verifier))
    assert [one.edition.edition for one in spoken.on(DAY)] == [OURS, NEXT]
    assert [one.edition.edition for one in spoken.on(date(2026, 3, 31))] == [OURS]


def test_a_release_of_somebody_else_stops_the_start(signer, tmp_path):
    authority, _ = signer
    with pytest.raises(ReleaseUnsigned, match=NEXT):
        shelved(shelf(tmp_path, tmp_path / "other.key"), str(authority.verifier))


def test_a_shelf_that_is_not_there_is_named(signer, tmp_path):
    with pytest.raises(FileUnreadable, match="nowhere"):
        shelved(tmp_path / "nowhere", str(signer[0].verifier))


def test_one_edition_has_one_table_of_provisions(signer, tmp_path):
    """Nobody would decide by the other: it is refused where it is made, and where it is put."""
    authority, _ = signer
    content, put = tmp_path / "content", tmp_path / "releases"
    shutil.copytree(str(standard.shipped_folder()), content)
    put.mkdir()
    made = {"key": tmp_path / "a.key", "issuer": AUTHORITY, "out": put / "same.release", "at": AT}
    write_release(content, [], **made)
    uses = content / "own_use.tsv"
    uses.write_text(uses.read_text(encoding="utf-8").replace("-0001", "-0002"), encoding="utf-8")
    with pytest.raises(EditionTaken, match=OURS):
        write_release(content, [], **made | {"out": put / "other.release"})
    signed = {str(authority.verifier): authority.sign}
    for name, folder in (("same", standard.shipped_folder()), ("other", content)):
        release = make_release(standard.compile_catalogue(folder), signed)
        (put / f"{name}.release").write_bytes(release)
    with pytest.raises(EditionTaken, match=r"other\.release"):
        shelved(put, str(authority.verifier))


@pytest.mark.clause("RK-19.1")
def test_the_row_says_what_we_answer_in_and_what_our_systems_hold(run, signer, tmp_path):
    authority, folder = signer
    founded = found_site(tmp_path / "a", plan(authority=str(authority.verifier)), at=AT)
    row = json.loads(founded.public.read_bytes())
    assert (row["releases"], row["characters"]) == ([OURS], "UTF-8")
    text = founded.settings.read_text(encoding="utf-8")
    text = text.replace('keys = "keys"', f'keys = "keys"\nreleases = "{folder}"')
    founded.settings.write_text(text, encoding="utf-8")
    words = ("standard", "accept", "-s", founded.settings, "--json")
    said = json.loads(run(*words, "--characters", "windows-31j").out)
    assert said["releases"] == [OURS, NEXT]
    row = json.loads(founded.public.read_bytes())
    assert (row["releases"], row["characters"]) == ([OURS, NEXT], "Windows-31J")
    assert json.loads(run(*words).out)["characters"] == "Windows-31J"
    refused = run(*words, "--characters", "latin-1")
    assert (refused.code, refused.err.partition(":")[0]) == (1, "charset-unknown")
