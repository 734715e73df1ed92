"""The map says of each label what the entries say, epoch by epoch, or it is found out."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.audit.kills import kill_everywhere
from tests.audit.samples import AT, ENTRY, HANAKO, TARO, entries, files, tamper, write

from renkei import audit
from renkei.audit import Defect, Finding
from renkei.audit.epochs import map_proof
from renkei.audit.map_replay import MapReplay, label_of
from renkei.audit.prefix_tree import Head
from renkei.audit.signed_tree import OUTPUT
from renkei.audit.tree import leaf_hash
from renkei.kit import Database, Tenant


def labels(number: int) -> list[bytes]:
    return [bytes([n, 7]) * 16 for n in range(number)]


def epoch(
    database: Database, tenant: Tenant, signer: audit.Signer, **options: int
) -> audit.Epoch | None:
    with database.transaction(tenant) as conn:
        return audit.make_epoch(conn, tenant, signer, at=AT, **options)


def mapped(database: Database, tenant: Tenant, signer: audit.Signer) -> list[audit.Epoch]:
    """Write a log of 90 entries about 9 persons and one about nobody, under three epochs."""
    persons = labels(12)  # of which three have no entry
    made = []
    for start in range(0, 90, 30):
        batch = [
            replace(one, label=persons[n * n % (4 + n // 10)])
            for n, one in enumerate(entries(30, start=start), start)
        ]
        write(database, tenant, signer, [batch, [replace(ENTRY, label=None)]])
        found = epoch(database, tenant, signer)
        assert found is not None
        made.append(found)
    return made


@pytest.mark.clause("RK-25.1")
def test_the_map_is_made_again_from_the_entries_alone(
    database: Database, tenant: Tenant, signer: audit.Signer, tmp_path: Path
) -> None:
    made = mapped(database, tenant, signer)
    with database.transaction(tenant) as conn:
        audit.publish(conn, tenant, tmp_path)
    replay = MapReplay(enumerate(made))
    leaves = list(audit.published_entries(tmp_path, signer.verifier))
    for index, leaf in enumerate(leaves):
        replay.follow(index, label_of(leaf), leaf_hash(leaf))
    replay.close(len(leaves))
    assert replay.findings == []
    assert replay.map.root == made[-1].map_root
    assert [one.input_size for one in made] == [31, 62, 93]


@pytest.mark.clause("RK-25.2")
def test_the_map_proves_how_many_entries_a_label_has_and_which_has_none(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    *_, last = mapped(database, tenant, signer)
    with database.transaction(tenant) as conn:
        for label in labels(30):
            proof = map_proof(conn, tenant, signer.name, last, label)
            assert proof.root(label) == last.map_root
            found = audit.entries_of(conn, tenant, label)
            head = Head(len(found), found[-1].index, found[-1].hash) if found else None
            assert proof.head == head


@pytest.mark.clause("RK-25.3")
def test_every_epoch_is_a_leaf_of_the_signed_output_log(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    made = mapped(database, tenant, signer)
    key = audit.output_verifier(signer.verifier)
    with database.transaction(tenant) as conn:
        newest = OUTPUT.newest(conn, tenant)
        assert newest is not None
        signed = audit.Checkpoint.open(newest.note, [key])
        tree = OUTPUT.tree(conn, tenant, 3)
        assert (signed.size, signed.root) == (3, tree.root())
        assert signed.origin == f"{signer.name}/output"
        checkpoint = audit.newest(conn, tenant)
    assert checkpoint is not None
    assert (made[-1].input_size, made[-1].input_root) == (checkpoint.size, checkpoint.root)
    assert audit.Epoch.parse(made[0].render()) == made[0]
    with pytest.raises(audit.KeyUnknown):
        audit.Checkpoint.open(newest.note, [signer.verifier])


def test_without_new_entries_there_is_no_new_epoch(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    assert epoch(database, tenant, signer) is None
    mapped(database, tenant, signer)
    assert epoch(database, tenant, signer) is None


def test_a_long_log_is_taken_in_by_steps_that_end_at_signed_sizes(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    write(database, tenant, signer, [entries(5, start=5 * n) for n in range(5)])
    sizes = []
    while made := epoch(database, tenant, signer, most=11):
        sizes.append(made.input_size)
    assert sizes == [10, 20, 25]
    write(database, tenant, signer, [entries(40, start=100)])
    last = epoch(database, tenant, signer, most=11)
    assert last is not None
    assert last.input_size == 65


def test_a_maker_killed_at_any_statement_and_repeated_gives_the_same_epoch(
    database: Database, dsn: str, tenant: Tenant, signer: audit.Signer
) -> None:
    mapped(database, tenant, signer)
    write(database, tenant, signer, [entries(20, start=200, label=TARO)])
    with database.transaction(tenant) as conn, conn.transaction(force_rollback=True):
        wanted = audit.make_epoch(conn, tenant, signer, at=AT)
    statements = kill_everywhere(
        dsn, tenant, lambda conn: audit.make_epoch(conn, tenant, signer, at=AT)
    )
    assert statements >= 10
    assert epoch(database, tenant, signer) == wanted
    with database.transaction(tenant) as conn:
        assert audit.verify(conn, tenant, signer.verifier) == []


def test_the_output_log_is_published_beside_the_log_and_verifies_with_it(
    database: Database, tenant: Tenant, signer: audit.Signer, tmp_path: Path
) -> None:
    made = mapped(database, tenant, signer)
    with database.transaction(tenant) as conn:
        audit.publish(conn, tenant, tmp_path)
    assert sorted(files(tmp_path / "output")) == [
        "checkpoint",
        "tile/0/000.p/3",
        "tile/entries/000.p/3",
    ]
    assert made[1].render() in (tmp_path / "output/tile/entries/000.p/3").read_bytes()
    assert audit.verify_directory(tmp_path, signer.verifier) == []
    path = tmp_path / "output/tile/entries/000.p/3"
    path.write_bytes(path.read_bytes().replace(b'"input_size":62', b'"input_size":61'))
    findings = audit.verify_directory(tmp_path, signer.verifier)
    altered = [Finding(0, Defect.OUTPUT), Finding(3, Defect.OUTPUT)]
    assert findings == [*altered, Finding(61, Defect.FORKED)]


@pytest.mark.clause("RK-25.3")
def test_a_root_signed_that_the_entries_do_not_give_is_named(
    database: Database, tenant: Tenant, signer: audit.Signer, dsn: str, tmp_path: Path
) -> None:
    """The owner hides Taro's last entry from the map, and signs that as if it were whole."""
    write(database, tenant, signer, [entries(4), entries(3, label=TARO)])
    tamper(
        dsn, tenant, "UPDATE audit_entry SET label = NULL, seq = NULL, prev_i = NULL WHERE i = 6"
    )
    assert epoch(database, tenant, signer)
    with database.transaction(tenant) as conn:
        audit.publish(conn, tenant, tmp_path)
    assert audit.verify_directory(tmp_path, signer.verifier) == [Finding(0, Defect.MAP)]
    text = Finding(0, Defect.MAP).text("ja")
    assert text == "第0期の索引の根は、記録から得られるものではありません。"


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE audit_epoch SET leaf = 'x' WHERE e = 1", Finding(1, Defect.EPOCH)),
        ("DELETE FROM audit_epoch WHERE e = 1", Finding(3, Defect.OUTPUT)),
        ("UPDATE audit_output_checkpoint SET size = 4 WHERE size = 3", Finding(4, Defect.OUTPUT)),
        ("UPDATE audit_map_tile SET slots = '' WHERE place = ''", Finding(2, Defect.MAP_TILE)),
        ("DELETE FROM audit_map_tile WHERE place = ''", Finding(2, Defect.MAP_TILE)),
    ],
)
def test_what_is_altered_of_the_map_or_its_log_is_named(
    database: Database,
    tenant: Tenant,
    signer: audit.Signer,
    dsn: str,
    statement: str,
    finding: Finding,
) -> None:
    mapped(database, tenant, signer)
    with database.transaction(tenant) as conn:
        assert audit.verify(conn, tenant, signer.verifier) == []
    tamper(dsn, tenant, statement)
    with database.transaction(tenant) as conn:
        assert finding in audit.verify(conn, tenant, signer.verifier)


def test_a_lost_map_is_made_anew_from_the_entries(
    database: Database, tenant: Tenant, signer: audit.Signer, dsn: str
) -> None:
    *_, last = mapped(database, tenant, signer)
    tamper(dsn, tenant, "DELETE FROM audit_map_tile")
    write(database, tenant, signer, [entries(2, start=300)])
    with pytest.raises(audit.MapAltered):
        epoch(database, tenant, signer)
    with database.transaction(tenant) as conn:
        with pytest.raises(audit.MapAltered):
            map_proof(conn, tenant, signer.name, last, HANAKO)
        assert audit.remake_map(conn, tenant, signer.name) == 9
    assert epoch(database, tenant, signer)
    with database.transaction(tenant) as conn:
        assert audit.verify(conn, tenant, signer.verifier) == []


def test_a_map_made_anew_from_altered_entries_is_refused(
    database: Database, tenant: Tenant, signer: audit.Signer, dsn: str
) -> None:
    mapped(database, tenant, signer)
    tamper(dsn, tenant, "DELETE FROM audit_entry WHERE i = 91")
    with database.transaction(tenant) as conn, pytest.raises(audit.MapAltered):
        audit.remake_map(conn, tenant, signer.name)


def test_another_organisation_sees_nothing_of_the_map(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    mapped(database, tenant, signer)
    with database.transaction(Tenant("131024")) as conn:
        for table in ("map_tile", "epoch", "output_tile", "output_checkpoint"):
            assert conn.execute(f"SELECT FROM audit_{table}".encode()).rowcount == 0


@pytest.mark.parametrize("data", [b"", b"{}", b'{"at":"x"}'])
def test_what_is_no_epoch_is_refused(data: bytes) -> None:
    with pytest.raises(audit.EpochMalformed):
        audit.Epoch.parse(data)
