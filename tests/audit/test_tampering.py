"""Whatever the owner of the tables does to a log, the verification names it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.audit.samples import AT, ENTRY, HANAKO, TARO, entries, tamper, write

from renkei import audit
from renkei.audit import Defect, Finding
from renkei.kit import Database, Tenant

Found = Callable[[str], list[Finding]]


@pytest.fixture
def found(database: Database, dsn: str, tenant: Tenant, signer: audit.Signer) -> Found:
    """Give a function that tampers with a log of 20 entries and returns what is found.

    Even entries are Hanako's, odd ones Taro's; 5 of them under each of four checkpoints.
    """
    both = [replace(one, label=(HANAKO, TARO)[n % 2]) for n, one in enumerate(entries(20))]
    write(database, tenant, signer, [both[n : n + 5] for n in range(0, 20, 5)])

    def after(statement: str) -> list[Finding]:
        with database.transaction(tenant) as conn:
            assert audit.verify(conn, tenant, signer.verifier) == []
        tamper(dsn, tenant, statement)
        with database.transaction(tenant) as conn:
            return audit.verify(conn, tenant, signer.verifier)

    return after


def test_an_altered_row_is_named(found: Found) -> None:
    changed = found(
        "UPDATE audit_entry SET leaf = convert_to(replace(convert_from(leaf, 'UTF8'), "
        "'06.tax_base', '06.tax_case'), 'UTF8') WHERE i = 6"
    )
    assert changed == [Finding(6, Defect.ALTERED)]
    assert changed[0].text("ja") == "記録6は署名後に書き換えられています。"


def test_a_row_altered_beyond_reading_is_named(found: Found) -> None:
    findings = found("UPDATE audit_entry SET leaf = 'nonsense' WHERE i = 6")
    assert Finding(6, Defect.ALTERED) in findings


@pytest.mark.parametrize(
    "column",
    [
        *(f"label = '\\x{'03' * 32}'", "seq = 40", "request = 'other'", "prev_i = 1"),
        *("at = now()", "kind = 'view'", "outcome = ''", "partner = tenant", "message = 'm'"),
        *("client = 'JP'", "service = 'JP'", "withheld = true"),
    ],
)
def test_an_altered_column_is_named(found: Found, column: str) -> None:
    findings = found(f"UPDATE audit_entry SET {column} WHERE i = 6")  # noqa: S608
    assert findings == [Finding(6, Defect.ALTERED)]


def test_a_removed_row_is_named_and_so_is_the_gap_in_the_chain(found: Found) -> None:
    findings = found("DELETE FROM audit_entry WHERE i = 6")
    assert findings == [Finding(6, Defect.REMOVED), Finding(8, Defect.CHAIN)]


def test_a_removed_last_row_is_named_and_so_is_the_head(found: Found) -> None:
    findings = found("DELETE FROM audit_entry WHERE i = 19")
    assert set(findings) == {Finding(19, Defect.REMOVED), Finding(19, Defect.HEAD)}


def test_two_rows_in_each_others_place_are_named(found: Found) -> None:
    findings = found(
        "WITH old AS (SELECT * FROM audit_entry) UPDATE audit_entry AS new SET leaf = old.leaf, "
        "request = old.request FROM old "
        "WHERE new.i IN (6, 8) AND old.i = 14 - new.i"
    )
    assert {Finding(6, Defect.MOVED), Finding(8, Defect.MOVED)} < set(findings)


def test_rows_after_the_last_checkpoint_are_named(found: Found) -> None:
    findings = found("DELETE FROM audit_checkpoint WHERE size = 20")
    assert set(findings) >= {Finding(i, Defect.UNSIGNED) for i in range(15, 20)}


def test_a_forged_checkpoint_is_named(found: Found) -> None:
    findings = found("UPDATE audit_checkpoint SET note = replace(note, '10', '11') WHERE size = 10")
    assert findings == [Finding(10, Defect.CHECKPOINT)]


def test_a_checkpoint_of_another_size_is_named(found: Found) -> None:
    findings = found("UPDATE audit_checkpoint SET size = 9 WHERE size = 10")
    assert findings == [Finding(9, Defect.CHECKPOINT)]


def test_an_altered_or_missing_head_is_named(found: Found) -> None:
    assert found("UPDATE audit_head SET count = 9 WHERE last_i = 18") == [Finding(18, Defect.HEAD)]


def test_a_missing_head_is_named(found: Found) -> None:
    assert found("DELETE FROM audit_head WHERE last_i = 18") == [Finding(18, Defect.HEAD)]


def test_a_missing_tile_is_named(found: Found) -> None:
    assert found("DELETE FROM audit_tile") == [Finding(0, Defect.TILE)]


def test_a_row_and_its_tile_altered_together_still_fork_from_what_was_signed(
    found: Found,
) -> None:
    findings = found(
        "WITH changed AS (UPDATE audit_entry SET leaf = convert_to(replace(convert_from(leaf, "
        "'UTF8'), '06.tax_base', '06.tax_case'), 'UTF8') WHERE i = 6 RETURNING leaf) "
        "UPDATE audit_tile SET hashes = overlay(hashes placing "
        "sha256('\\x00' || changed.leaf) FROM 193) FROM changed WHERE level = 0"
    )
    assert {size for size, defect in map(_pair, findings) if defect == Defect.FORKED} == {
        10,
        15,
        20,
    }


def _pair(finding: Finding) -> tuple[int, Defect]:
    return finding.at, finding.defect


@pytest.mark.clause("RK-9.4")
def test_nothing_is_signed_over_an_altered_tree(
    database: Database, dsn: str, tenant: Tenant, signer: audit.Signer
) -> None:
    write(database, tenant, signer, [entries(3)])
    tamper(dsn, tenant, "UPDATE audit_tile SET hashes = overlay(hashes placing '\\x00' from 1)")
    with database.transaction(tenant) as conn, conn.transaction(force_rollback=True):
        audit.append(conn, tenant, ENTRY)
        with pytest.raises(audit.LogAltered):
            audit.sequence(conn, tenant, signer, at=AT)


def test_a_log_put_back_and_continued_differently_forks_from_a_kept_checkpoint(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    (old,) = write(database, tenant, signer, [entries(10)])
    with (
        database.transaction(tenant) as conn,
        conn.transaction(force_rollback=True),
    ):  # a backup restored is a history not committed
        audit.append_many(conn, tenant, entries(5, start=10))
        kept = audit.sequence(conn, tenant, signer, at=AT)
        assert kept is not None
    (new,) = write(database, tenant, signer, [entries(7, start=100)])
    with database.transaction(tenant) as conn:
        assert audit.verify(conn, tenant, signer.verifier, kept=[old]) == []
        findings = audit.verify(conn, tenant, signer.verifier, kept=[old, kept])
        _, proof = audit.consistency(conn, tenant, kept.size)
        with pytest.raises(audit.LogForked):
            audit.check_fork(kept, new, proof)
    assert findings == [Finding(15, Defect.FORKED)]


def test_a_log_put_back_and_not_continued_is_shorter_than_a_kept_checkpoint(
    database: Database, tenant: Tenant, signer: audit.Signer
) -> None:
    write(database, tenant, signer, [entries(10)])
    kept = audit.Checkpoint.sign(signer, 15, bytes(32))
    with database.transaction(tenant) as conn:
        findings = audit.verify(conn, tenant, signer.verifier, kept=[kept])
        with pytest.raises(audit.LogForked):
            audit.consistency(conn, tenant, kept.size)
    assert findings == [Finding(15, Defect.FORKED)]
