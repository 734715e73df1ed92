"""A site keeps its backups by itself, and comes back by one command with books that balance."""

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from tests.app.conftest import AT, A, Run, plan
from tests.store.rows import RESIDENT, day, file, hour, resident

from renkei import audit, backup, kit, store
from renkei.app.keeping.backups import BackupKeeper, archive_of, back_up_now
from renkei.app.membership.initiation import found_site
from renkei.app.membership.keys import Keys
from renkei.app.settings import Settings, read_settings
from renkei.app.site import prepare_database, running_database

SECONDS = 60


@dataclass(frozen=True)
class Kept:
    """A site whose keeper has taken its first base, and a moment between two of its loads."""

    file: Path
    settings: Settings
    noted: datetime


def load(dsn: str, number: int) -> None:
    """Load the residents of a day: one more every day."""
    with kit.Database(dsn, size=1) as database, database.transaction(A) as conn:
        rows = file(RESIDENT, [resident(n) for n in range(10 + number)])
        store.load(conn, A, RESIDENT, rows, on=day(number), at=hour(number))


def enter(dsn: str, settings: Settings, request: str) -> None:
    """Enter something into the log and publish it."""
    entry = audit.Entry(
        kind=audit.Kind.VIEW,
        request=request,
        at=AT,
        asker=A,
        holder=A,
        procedure="",
        outcome="seen",
        mode=audit.Mode.TEST,
    )
    with kit.Database(dsn, size=1) as database, database.transaction(A) as conn:
        audit.append(conn, A, entry)
        audit.sequence(conn, A, Keys(settings.keys, A).signer(), at=AT)
        audit.publish(conn, A, settings.state / "log")


def wait_for_base(settings: Settings) -> backup.Base:
    deadline = time.monotonic() + SECONDS
    while True:
        if (settings.keys / "backup.key").exists():
            found = backup.holdings(archive_of(settings))
            if found and found[-1].bases:
                return found[-1].bases[-1]
        assert time.monotonic() < deadline, "no base was taken"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def kept(folder: Path) -> Kept:
    founded = found_site(folder / "kept", plan(), at=AT)
    (folder / "kept" / "keys" / "backup.key").unlink()  # as of a site older than backups
    with founded.settings.open("a", encoding="utf-8") as settings_file:
        settings_file.write('\n[backup]\ntarget = "backups"\nevery = "1d"\n')
    settings = read_settings(founded.settings)
    assert settings.backup is not None
    with running_database(settings) as dsn:
        prepare_database(dsn, settings)
        keeper = BackupKeeper(settings, settings.backup, dsn)
        keeper.start()
        try:
            wait_for_base(settings)
            load(dsn, 0)
            enter(dsn, settings, "first")
            with psycopg.connect(dsn, autocommit=True) as conn:
                noted = backup.standing(conn).at
            load(dsn, 1)
            enter(dsn, settings, "second")
        finally:
            keeper.finish()
        with psycopg.connect(dsn, autocommit=True) as conn:
            # What is written as the keeper ends is the database's own talk, not ours.
            assert backup.standing(conn).waiting < 2**20
    return Kept(founded.settings, settings, noted)


def restored(kept: Kept, run: Run, *words: object) -> tuple[int, dict[str, object]]:
    target = kept.settings.state.parent / "backups"
    said = run("restore", "--from", target, "--settings", kept.file, "--json", *words)
    return said.code, json.loads(said.out) if said.out else {"said": said.err}


def test_one_command_restores_to_the_end_and_the_books_balance(kept, run) -> None:
    code, facts = restored(kept, run, "--to", kept.file.parent / "end")
    assert (code, facts["holds"]) == (0, True)
    assert (facts["loads"], facts["records"]) == (2, 11)
    assert facts["entries"] == facts["published entries"] == 2


def test_a_restored_past_names_the_published_entries_it_lacks(kept, run) -> None:
    at = kept.noted.isoformat()
    code, facts = restored(kept, run, "--to", kept.file.parent / "past", "--at", at)
    assert (facts["loads"], facts["records"], facts["entries"]) == (1, 10, 1)
    assert facts["defects"] == [
        "1 entries published after the moment restored are not in the database."
    ]
    assert code == 2


def test_a_restored_folder_goes_on_as_the_site_once_it_took_over(kept, run) -> None:
    restored(kept, run, "--to", kept.file.parent / "next")
    text = kept.file.read_text(encoding="utf-8").replace('state = "state"', 'state = "next"')
    (kept.file.parent / "next.toml").write_text(text, encoding="utf-8")
    settings = read_settings(kept.file.parent / "next.toml")
    with pytest.raises(backup.ArchiveTaken):
        back_up_now(settings)
    base = back_up_now(settings, take_over=True)
    with pytest.raises(backup.ArchiveTaken):
        back_up_now(kept.settings)
    assert base.timeline == 2
    back_up_now(kept.settings, take_over=True)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_commands_say_what_there_is(kept, run, language) -> None:
    said = run("backup", "list", "--settings", kept.file, language=language)
    found = [base for one in backup.holdings(archive_of(kept.settings)) for base in one.bases]
    assert (said.code, [base.version in said.out for base in found]) == (0, [True] * len(found))
    assert found
    said = run("backup", "verify", "--settings", kept.file, "--json", language=language)
    assert (said.code, json.loads(said.out)["defects"]) == (0, [])
    said = run("backup", "prune", "--settings", kept.file, "--json", language=language)
    assert "bases removed" in json.loads(said.out)
    assert backup.verify(archive_of(kept.settings), everything=True).defects == []


def test_a_site_without_a_plan_says_so(founded, run) -> None:
    said = run("backup", "now", "--settings", founded.settings, language="ja")
    assert (said.code, said.err.startswith("backup-not-planned: ")) == (1, True)


def test_a_moment_without_a_zone_is_japans(kept, run) -> None:
    early = (kept.noted - timedelta(days=1)).astimezone(kit.in_japan(kept.noted).tzinfo)
    words = ("--to", kept.file.parent / "early", "--at", early.replace(tzinfo=None).isoformat())
    code, facts = restored(kept, run, *words)
    assert code == 1
    assert f"{early.isoformat()[:19]}" in str(facts["said"])
