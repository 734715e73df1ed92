"""The log's files and its map are put right by one command."""

import json

from tests.app.conftest import AT, A

from renkei import audit, kit
from renkei.app.membership.keys import Keys
from renkei.app.site import prepare_database


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
