"""The log's files and its map are put right by one command."""

import json
from dataclasses import replace

from tests.app.conftest import AT, A

from renkei import audit, identity, kit
from renkei.app.membership.keys import Keys
from renkei.app.site import now, prepare_database
from renkei.identity.group import hash_to_group


def test_a_lost_file_and_a_lost_map_are_made_again(founded, settings, running, run) -> None:
    prepare_database(running, settings)
    signer = Keys(settings.keys, settings.tenant).signer()
    entry = audit.Entry(
        kind=audit.Kind.VIEW,
        request="mend-me",
        at=AT,
        asker=A,
        holder=A,
        procedure="",
        outcome="seen",
        mode=audit.Mode.TEST,
        label=bytes(32),
    )
    folder = settings.state / "log"
    with kit.Database(running, size=1) as database, database.transaction(A) as conn:
        audit.append(conn, A, entry)
        audit.sequence(conn, A, signer, at=AT)
        audit.make_epoch(conn, A, signer, at=AT)
        audit.publish(conn, A, folder)
    lost = next(path for path in folder.glob("tile/0/**/*") if path.is_file())
    lost.unlink()
    done = run("log", "mend", "--settings", founded.settings, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["files"] == [str(lost.relative_to(folder))]
    assert audit.verify_directory(folder, signer.verifier) == []


WORD = ("--by", "staff-7", "--order", "総務第12号", "--purpose", "支援措置の終了")


def test_what_was_withheld_of_a_person_is_released_and_entered(
    founded, settings, running, run
) -> None:
    prepare_database(running, settings)
    keys = Keys(settings.keys, settings.tenant)
    signer, at = keys.signer(), now()
    nym = identity.Nym(A, 1, hash_to_group(b"hanako"))
    year = kit.day_of(at).year
    sealed = audit.Entry(
        kind=audit.Kind.REFUSAL,
        request="JP-protected",
        at=at,
        asker="131024",
        holder=A,
        procedure="P-102",
        outcome="refused",
        mode=audit.Mode.TEST,
        withheld=True,
    )
    with kit.Database(running, size=1) as database, database.transaction(A) as conn:
        identity.keep_codes(conn, A, [("000000000000001", nym)], seal=keys.seal())
        chain = identity.history_of(conn, A, "000000000000001", seal=keys.seal()).current
        audit.append(conn, A, replace(sealed, label=chain.sealed_label(year)))
        audit.sequence(conn, A, signer, at=at)
    asked = ("log", "release", "JP-protected", *WORD, "--settings", founded.settings)
    refused = run(*asked, "--subject", "000000000000002")
    assert (refused.code, refused.err.startswith("exchange-unknown")) == (1, True)
    done = run(*asked, "--subject", "000000000000001", "--json")
    assert json.loads(done.out)["released"] == 1
    again = run(*asked, "--subject", "000000000000001")
    assert (again.code, again.err.startswith("entry-released")) == (1, True)
    with kit.Database(running, size=1) as database, database.transaction(A) as conn:
        audit.sequence(conn, A, signer, at=at)
        labels = [chain.label(year)]
        shown = audit.verify_bundle(
            audit.bundle(conn, A, signer.verifier, labels=labels), [signer.verifier]
        )
    assert shown.entries[0].entry.request == "JP-protected"
    assert shown.entries[-1].entry.details["by"] == "staff-7"
