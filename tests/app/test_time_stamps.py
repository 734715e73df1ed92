"""A checkpoint is stamped once a day, and nobody is believed but who the certificates name."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.app.tsa import authority
from tests.app.witnessing import Grown

from renkei import audit, kit
from renkei.app.commands.verification import Trust, verify_path
from renkei.app.errors import TimeStampFalse, TimeStampMissing
from renkei.app.keeping.time_stamp_plan import TimeStampEntry, TimeStampPlan, time_stamp_plan
from renkei.app.keeping.time_stamps import TimeStampKeeper, newest_day, roots, verify_time_stamps
from renkei.audit.tree import leaf_hash

LOG = Grown()


@pytest.fixture(scope="module")
def tsa(tmp_path_factory):
    with authority(tmp_path_factory.mktemp("tsa")) as found:
        yield found


@pytest.fixture
def folder(tmp_path):
    """Give a published log of one tile."""
    made = tmp_path / "log"
    (made / "tile/0/000.p").mkdir(parents=True)
    (made / "tile/entries/000.p").mkdir(parents=True)
    entries = [bytes([n, 0]) for n in range(7)]
    (made / "tile/0/000.p/7").write_bytes(b"".join(map(leaf_hash, entries)))
    (made / "tile/entries/000.p/7").write_bytes(b"".join(b"\0\2" + one for one in entries))
    (made / "checkpoint").write_text(LOG.note(7), encoding="utf-8")
    return made


def keeper(tsa, folder, at=None, **changes):
    plan = replace(TimeStampPlan(tsa.url, tsa.root), **changes)
    return TimeStampKeeper(plan, folder, LOG.keys[0], lambda: at or datetime.now(UTC))


@pytest.mark.clause("RK-39.7")
def test_a_checkpoint_is_stamped_once_a_day_and_verified_offline(tsa, folder):
    before = tsa.asked
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    for at in (None, None, tomorrow, tomorrow):
        keeper(tsa, folder, at).turn()
    assert tsa.asked - before == 2
    stamps = verify_time_stamps(folder, LOG.keys[0], roots(tsa.root))
    assert [stamp.checkpoint.size for stamp in stamps] == [7, 7]
    assert abs(stamps[0].at - datetime.now(UTC)) < timedelta(hours=1)
    assert newest_day(folder) == kit.day_of(tomorrow)
    checked = verify_path(folder, Trust([str(LOG.keys[0])]), None, tsa.root)
    assert checked.holds
    assert "2 time stamps" in checked.statement["en"]


@pytest.mark.clause("RK-39.7")
def test_openssl_verifies_what_was_kept(tsa, folder):
    """Another program, from the two files alone."""
    keeper(tsa, folder).turn()
    (stamp,) = (folder / "timestamps").iterdir()
    command = ["openssl", "ts", "-verify", "-in", stamp, "-CAfile", tsa.root]
    data = folder / f"checkpoint.{stamp.stem}"
    subprocess.run([*command, "-data", data], check=True, capture_output=True)


def test_what_witnesses_cosigned_is_stamped_where_there_is_any(tsa, folder):
    cosigner = audit.Cosigner("w.example", audit.Algorithm.ED25519, bytes(32))
    note = LOG.note(5) + cosigner.cosign(LOG.note(5), at=datetime.now(UTC))
    (folder / "checkpoint.cosigned").write_text(note, encoding="utf-8")
    keeper(tsa, folder).turn()
    (stamp,) = verify_time_stamps(folder, LOG.keys[0], roots(tsa.root))
    assert stamp.checkpoint.note == note
    assert verify_path(folder, Trust([str(LOG.keys[0])]), None, tsa.root).holds


def test_a_stamp_of_an_authority_not_trusted_is_not_kept(tsa, folder, tmp_path):
    with authority(tmp_path / "other") as other, pytest.raises(TimeStampFalse):
        keeper(tsa, folder, roots=other.root).turn()
    assert newest_day(folder) is None


def test_a_stamp_of_something_else_is_not_kept(tsa, folder):
    keeper(tsa, folder).turn()
    (stamp,) = (folder / "timestamps").iterdir()
    tsa.answer = stamp.read_bytes()
    try:
        with pytest.raises(TimeStampFalse):
            keeper(tsa, folder, datetime.now(UTC) + timedelta(days=1)).turn()
    finally:
        tsa.answer = None
    assert len(list((folder / "timestamps").iterdir())) == 1


def test_another_checkpoint_under_an_old_stamp_is_found(tsa, folder):
    keeper(tsa, folder).turn()
    (stamp,) = (folder / "timestamps").iterdir()
    (folder / f"checkpoint.{stamp.stem}").write_text(LOG.note(6), encoding="utf-8")
    with pytest.raises(TimeStampFalse):
        verify_time_stamps(folder, LOG.keys[0], roots(tsa.root))


def test_a_stamped_checkpoint_of_another_history_is_found(tsa, folder):
    other = Grown(fork=3)
    (folder / "checkpoint").write_text(other.note(7), encoding="utf-8")
    keeper(tsa, folder).turn()
    (folder / "checkpoint").write_text(LOG.note(7), encoding="utf-8")
    checked = verify_path(folder, Trust([str(LOG.keys[0])]), None, tsa.root)
    assert [finding.defect for finding in checked.broken] == [audit.Defect.FORKED]


@pytest.mark.parametrize(("status", "answer"), [(500, b""), (200, b"x" * 300_000)])
def test_an_authority_that_gives_none_is_said(tsa, folder, status, answer):
    tsa.status, tsa.answer = status, answer
    try:
        with pytest.raises(TimeStampMissing):
            keeper(tsa, folder).turn()
    finally:
        tsa.status, tsa.answer = 200, None
    with pytest.raises(TimeStampMissing):
        keeper(tsa, folder, url="http://127.0.0.1:1/").turn()


def test_without_a_plan_nothing_is_asked_and_an_address_is_one(folder, tmp_path):
    made = TimeStampKeeper(None, folder, LOG.keys[0], lambda: datetime.now(UTC))
    made.start()
    made.finish()
    assert newest_day(folder) is None
    with pytest.raises(ValueError, match="url"):
        time_stamp_plan(TimeStampEntry("tsa.example", "roots.pem"), tmp_path)
