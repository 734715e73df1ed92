"""The years of a site's log are shown, held and pruned by command."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.app.conftest import A
from tests.audit.samples import ENTRY
from tests.audit.years import Years, label, moment

from renkei import audit, kit
from renkei.app.membership.keys import Keys
from renkei.app.site import prepare_database

IN_2018, CLOSED = moment("2018-06-01 09:00"), moment("2019-02-01 09:00")
WORD = ("--by", "記録係", "--order", "総務第12号", "--purpose", "訴訟")


@pytest.fixture
def old(founded, settings, running) -> Iterator[Years]:
    """Give a site whose log has a year that ended long ago, and one that did not."""
    prepare_database(running, settings)
    signer = Keys(settings.keys, settings.tenant).signer()
    with kit.Database(running, size=1) as database:
        years = Years(database, A, signer)
        folder = settings.state / "log"
        sealed = replace(ENTRY, withheld=True, label=bytes(32), at=IN_2018, request="sealed")
        with database.transaction(A) as conn:
            audit.append(conn, A, sealed)
        years.deed("old", IN_2018)
        years.turn(IN_2018, folder)
        years.turn(CLOSED, folder)
        years.deed("new", CLOSED)
        years.turn(CLOSED, folder)
        yield years


def shards(run, founded, *words: str) -> list[dict[str, object]]:
    done = run("log", *words, "--settings", founded.settings, "--json")
    assert done.code == 0, done.err
    found: list[dict[str, object]] = json.loads(done.out)["shards"]
    return found


def test_years_are_shown_held_and_pruned(old: Years, founded, settings, run) -> None:
    # 1. One is due.
    first, second = shards(run, founded, "shards")
    assert (first["year"], first["entries"], first["withheld"], first["due"]) == (2018, 2, 1, True)
    assert (second["closed"], second["due"], second["rule"]) == ("", False, "RT-40")
    # 2. Held, it stays.
    held = shards(run, founded, "hold", "2018", *WORD)
    assert (held[0]["holds"], held[0]["due"]) == (["総務第12号"], False)
    assert shards(run, founded, "prune", "--by", "記録係", "--yes") == []
    lifted = shards(run, founded, "hold", "2018", *WORD, "--lift")
    assert (lifted[0]["holds"], lifted[0]["due"]) == ([], True)
    missing = run("log", "hold", "2091", *WORD, "--settings", founded.settings)
    assert (missing.code, missing.err.startswith("shard-unknown")) == (1, True)
    # 3. Shown, nothing goes; said, all goes, once.
    assert [one["year"] for one in shards(run, founded, "prune", "--by", "記録係")] == [2018]
    assert "old" in old.places()
    pruned = shards(run, founded, "prune", "--by", "記録係", "--yes")
    assert [one["entries"] for one in pruned] == [2]
    assert "old" not in old.places()
    assert shards(run, founded, "prune", "--by", "記録係", "--yes") == []
    # 4. What is left is whole, published and in a list.
    folder = settings.state / "log"
    assert (folder / "minimum-index").read_text() == "2\n"
    checked = run("verify", str(folder), "--key", str(old.signer.verifier))
    assert checked.code == 0, checked.out
    assert "were pruned" in checked.out or "廃棄されています" in checked.out
    verdict = audit.verify_bundle(old.bundle(label(CLOSED)), [old.signer.verifier])
    assert verdict.whole
    assert [one.entry.request for one in verdict.entries] == ["new"]
