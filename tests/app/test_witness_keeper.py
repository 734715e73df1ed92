"""A site's log is cosigned after it is published, and goes on when no witness is there."""

import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.app.conftest import AT, AUTHORITY, plan
from tests.app.witnessing import witness_running

from renkei import audit
from renkei.app.commands.verification import Trust, verify_path
from renkei.app.keeping import own_logs
from renkei.app.keeping.quorum_plan import QuorumPlan
from renkei.app.keeping.witnesses import WitnessKeeper
from renkei.app.membership.initiation import found_site, write_members
from renkei.app.operations.doctor import _witnesses
from renkei.app.proofs.exchange_evidence import Exporter
from renkei.app.settings import read_settings
from renkei.app.site import now, open_site


class Log:
    """A site with a log that grows at our word, and what it takes to publish it."""

    def __init__(self, site):
        self.site = site
        self._number = 0

    @property
    def key(self):
        return self.site.signer.verifier

    def grow(self, count=1, label=None):
        tenant = self.site.desk.tenant
        with self.site.database.transaction(tenant) as conn:
            for _ in range(count):
                self._number += 1
                self.request = f"r-{self._number}"
                audit.append(conn, tenant, replace(entry(tenant, self.request), label=label))
            checkpoint = audit.sequence(conn, tenant, self.site.signer, at=now())
            self.epoch = audit.make_epoch(conn, tenant, self.site.signer, at=now())
        with self.site.database.transaction(tenant) as conn:
            audit.publish(conn, tenant, self.site.tiles)
        return checkpoint

    def keeper(self, *witnesses, quorum=None, clock=now):
        """Return a keeper that asks these witnesses, by both of their keys or by the first."""
        asked = tuple(
            audit.PolicyWitness(f"w{n}-{key[-3:-1]}", audit.WitnessKey.parse(key), one.url)
            for n, one in enumerate(witnesses)
            for key in one.keys
        )
        count = len(asked) if quorum is None else quorum
        settings = replace(self.site.settings, quorum=QuorumPlan(asked, count))
        return WitnessKeeper(replace(self.site, settings=settings), clock=clock)

    def cosigned(self, keeper):
        found = audit.published_cosigned(self.site.tiles)
        assert found is not None
        return keeper.policy.accept(found.note)


def entry(tenant, request):
    return audit.Entry(
        kind=audit.Kind.ISSUANCE,
        request=request,
        at=AT,
        asker=tenant,
        holder=tenant,
        procedure="",
        outcome="issued",
        mode=audit.Mode.TEST,
    )


@pytest.fixture(scope="module")
def log():
    with tempfile.TemporaryDirectory(prefix="renkei-witnessed-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        founded = found_site(folder / "r", plan(role="registrar"), at=AT)
        rows = [founded.public]
        for number, role in (("4000012090001", "log"), ("1000012090004", "converter")):
            other = plan(
                role=role, tenant=number, member_class="COM", peers=f"127.0.0.1:{len(rows)}"
            )
            rows.append(found_site(folder / role, other, at=AT).public)
        write_members(rows, folder / "r" / "members.json", AUTHORITY, version=1, at=AT)
        with open_site(read_settings(founded.settings)) as opened:
            yield Log(opened)


def looked(keeper):
    """Return what the doctor finds of the witnesses."""
    site = keeper._site
    return {check.code for check in _witnesses(site.settings, site.signer)}


def codes(keeper):
    return {one.trouble and one.trouble.code() for one in keeper.standing}


@pytest.mark.clause("RK-39.5")
def test_a_published_checkpoint_is_cosigned_and_lies_beside_the_newest(log, tmp_path):
    with witness_running(tmp_path, keys=[str(log.key)]) as witness:
        keeper = log.keeper(witness)
        for count in (3, 300, 1):
            grown = log.grow(count)
            keeper.turn()
            accepted = log.cosigned(keeper)
            assert accepted.checkpoint.size == grown.size
            assert len(accepted.witnesses) == 2
        assert audit.verify_directory(log.site.tiles, log.key) == []
        file = tmp_path / "policy.txt"
        file.write_text(keeper.policy.render(), encoding="utf-8")
        checked = verify_path(log.site.tiles, Trust([str(log.key)]), file)
        assert checked.holds
        assert f"Up to size {grown.size} the witnesses w0-" in checked.statement["en"]
        (epochs,) = (one for one in keeper.all_cosigned.values() if one != keeper.cosigned)
        assert (epochs.origin, epochs.size) == (f"{log.key.name}/output", 3)
        # A keeper that starts anew goes on from what the database remembers, and asks nobody.
        again = log.keeper(witness)
        witness.process.kill()
        again.turn()
        assert codes(again) == {None}
        assert again.cosigned == keeper.cosigned


@pytest.mark.clause("RK-43.1")
def test_the_output_log_is_cosigned_like_the_log(log, tmp_path):
    with witness_running(tmp_path, keys=[str(log.key)]) as witness:
        keeper = log.keeper(witness)
        for _ in range(2):
            log.grow()
            keeper.turn()
            output = audit.published_cosigned(log.site.tiles / "output")
            assert output is not None
            with pytest.raises(audit.KeyUnknown):
                keeper.policy.accept(output.note)
            accepted = keeper.policy.for_output().accept(output.note)
            assert len(accepted.witnesses) == 2
            assert keeper.cosigned is not None
            assert log.epoch.input_size == keeper.cosigned.size
    kept = (log.site.tiles / "output" / "checkpoint.cosigned").read_text(encoding="utf-8")
    assert output is not None
    other = kept.replace(f"\n{output.size}\n", f"\n{output.size - 1}\n", 1)
    (log.site.tiles / "output" / "checkpoint.cosigned").write_text(other, encoding="utf-8")
    with pytest.raises(audit.NoteForged):
        audit.verify_directory(log.site.tiles, log.key)
    (log.site.tiles / "output" / "checkpoint.cosigned").write_text(kept, encoding="utf-8")


@pytest.mark.clause("RK-43.3", "RK-43.5")
def test_what_a_site_gives_out_shows_its_witnesses_and_verifies_by_their_policy(log, tmp_path, run):
    """The bundle from the site's own folder, the commands as a citizen runs them."""
    label, key = bytes([7]) * 32, str(log.key)
    with witness_running(tmp_path, keys=[key]) as witness:
        keeper = log.keeper(witness)
        site = keeper._site
        assert own_logs.witnessed(log.site.settings, log.key) is None
        log.grow(2, label=label)
        keeper.turn()
    log.grow(1, label=label)
    exporter = Exporter(site.settings, log.key, site.desk.members)
    with site.database.transaction(site.desk.tenant) as conn:
        seen = own_logs.witnessed(site.settings, log.key)
        late = audit.bundle(conn, site.desk.tenant, log.key, labels=[label], witnessed=seen)
        assert b"renkei-bundle/v3" in exporter.bundle(conn, log.request)
    (tmp_path / "policy.txt").write_text(keeper.policy.render(), encoding="utf-8")
    said = verified(run, tmp_path, late, key)
    assert (said["holds"], said["statement"]) == (False, "")
    assert "has not the cosignatures that the policy wants" in said["broken"][0]
    with witness_running(tmp_path, keys=[key]):
        for one in keeper._logs:
            one._spared.clear()
        keeper.turn()
    with site.database.transaction(site.desk.tenant) as conn:
        seen = own_logs.witnessed(site.settings, log.key)
        data = audit.bundle(conn, site.desk.tenant, log.key, labels=[label], witnessed=seen)
    said = verified(run, tmp_path, data, key)
    assert said["statement"].startswith("Complete as of ")
    assert "1 chains have 3 entries" in said["statement"]
    # The folder: both trees, or the one that is not cosigned by name.
    folder = run("verify", log.site.tiles, "--key", key, "--policy", tmp_path / "policy.txt")
    assert "its map up to epoch" in folder.out
    cosigned = log.site.tiles / "output" / "checkpoint.cosigned"
    cosigned.rename(cosigned.with_name("aside"))
    folder = run("verify", log.site.tiles, "--key", key, "--policy", tmp_path / "policy.txt")
    assert (folder.code, f"have cosigned {log.key.name}/output at" in folder.err) == (1, True)
    cosigned.with_name("aside").rename(cosigned)


def verified(run, folder, data, key):
    """Run the citizen's command on a bundle; return what it says."""
    (folder / "bundle.json").write_bytes(data)
    words = ("--key", key, "--policy", folder / "policy.txt", "--json")
    return json.loads(run("verify", folder / "bundle.json", *words).out)


@pytest.mark.clause("RK-43.1")
def test_no_epoch_is_cosigned_before_the_entries_it_is_made_from(log, tmp_path):
    """The log grows while it is asked for, as it does at a site that is busy."""

    def clock():
        log.grow()
        return now()

    with witness_running(tmp_path, keys=[str(log.key)]) as witness:
        keeper = log.keeper(witness, clock=clock)
        log.grow()
        for _ in range(2):
            keeper.turn()
    seen = audit.published_witnessed(log.site.tiles, keeper.policy)
    assert seen is not None
    assert seen.output is not None
    epoch = audit.published_epoch(log.site.tiles / "output", seen.output.size - 1)
    assert epoch.input_size <= seen.log.size


@pytest.mark.clause("RK-39.5")
def test_a_witness_that_is_away_holds_nothing_up_and_gets_all_in_one_step(log, tmp_path):
    with witness_running(tmp_path, keys=[str(log.key)]) as witness:
        keeper = log.keeper(witness)
        first = log.grow()
        keeper.turn()
    for _ in range(3):
        last = log.grow(2)
    keeper.turn()
    assert codes(keeper) == {"witness-silent"}
    assert log.cosigned(keeper).checkpoint.size == first.size
    assert audit.Checkpoint.parse((log.site.tiles / "checkpoint").read_text()).size == last.size
    with witness_running(tmp_path, keys=[str(log.key)]) as witness:
        for one in keeper._logs:
            one._spared.clear()
        keeper.turn()
    assert codes(keeper) == {None}
    assert log.cosigned(keeper).checkpoint.size == last.size


def test_one_of_two_is_enough_where_the_policy_says_so(log, tmp_path):
    with (
        witness_running(tmp_path / "a", keys=[str(log.key)]) as one,
        witness_running(tmp_path / "b", keys=[str(log.key)]) as other,
    ):
        keeper = log.keeper(one, other, quorum=2)
        other.process.kill()
        grown = log.grow()
        keeper.turn()
    assert codes(keeper) == {None, "witness-silent"}
    assert log.cosigned(keeper).checkpoint.size == grown.size
    with pytest.raises(audit.QuorumMissed):
        log.keeper(one, other).policy.accept(keeper.cosigned.note)


@pytest.mark.clause("RK-39.6")
def test_a_witness_that_was_set_back_is_named_and_led_forward(log, tmp_path):
    with witness_running(tmp_path, keys=[str(log.key)]) as witness:
        keeper = log.keeper(witness)
        log.grow()
        keeper.turn()
        old = (tmp_path / "witness.db").read_bytes()
        log.grow()
        keeper.turn()
    (tmp_path / "witness.db").write_bytes(old)
    with witness_running(tmp_path, keys=[str(log.key)]):
        assert {check.code for check in _witnesses(keeper._site.settings, log.site.signer)} == {
            "witness-bad"
        }
        grown = log.grow()
        keeper.turn()
        assert codes(keeper) == {"witness-went-back"}
        keeper.turn()
        assert codes(keeper) == {"witness-went-back"}, "said until the next start"
        assert {check.code for check in _witnesses(keeper._site.settings, log.site.signer)} == {
            "witness-good"
        }
    assert log.cosigned(keeper).checkpoint.size == grown.size


def test_a_witness_that_does_not_know_our_log_is_named(log, tmp_path):
    with witness_running(tmp_path) as witness:
        keeper = log.keeper(witness)
        log.grow()
        keeper.turn()
        assert codes(keeper) == {"witness-refused"}
        (trouble, *_) = [one.trouble for one in keeper.standing]
        assert "origin-unknown" in str(trouble)


def test_a_witness_with_other_keys_than_ours_of_it_is_not_believed(log, tmp_path):
    with (
        witness_running(tmp_path / "a", keys=[str(log.key)]) as one,
        witness_running(tmp_path / "b", keys=[str(log.key)]) as other,
    ):
        other.keys = one.keys
        keeper = log.keeper(other)
        log.grow()
        keeper.turn()
    assert codes(keeper) == {"witness-line-false"}


@pytest.mark.clause("RK-39.6")
def test_a_log_that_lost_entries_is_named(log, tmp_path):
    with witness_running(tmp_path, keys=[str(log.key)]) as witness:
        keeper = log.keeper(witness)
        log.grow()
        for name in keeper.all_cosigned:
            beyond = audit.Checkpoint.sign(log.site.signer.named(name), 100_000, bytes(32))
            assert witness.add(audit.Submission(0, (), beyond.note).render())[0] == 200
        keeper.turn()
        assert codes(keeper) == {"witness-saw-more"}
        checks = list(_witnesses(keeper._site.settings, log.site.signer))
    assert {(check.code, check.verdict) for check in checks} == {("witness-bad", "bad")}
    assert "100000" in checks[0].text("ja")


def test_what_the_settings_name_is_asked_by_a_thread_of_its_own(log, tmp_path, run):
    """The tables `witness` of a settings file, from the file to the cosigned checkpoint."""
    settings = log.site.settings
    file = settings.keys.parent / "renkei.toml"
    plain = file.read_text(encoding="utf-8")
    with witness_running(tmp_path, keys=[str(log.key)]) as witness:
        tables = "".join(
            f'[[witness]]\nname = "w{n}"\nurl = "{witness.url}"\nkey = "{key}"\n'
            for n, key in enumerate(witness.keys)
        )
        file.write_text(f'witness_quorum = "any"\n{plain}\n{tables}', encoding="utf-8")
        try:
            site = replace(log.site, settings=read_settings(file))
            said = run("witness", "policy", "-s", file)
        finally:
            file.write_text(plain, encoding="utf-8")
        grown = log.grow()
        keeper = WitnessKeeper(site, seconds=0.05)
        assert said.out == keeper.policy.render()
        keeper.start()
        deadline = time.monotonic() + 60
        while keeper.cosigned is None or keeper.cosigned.size < grown.size:
            assert time.monotonic() < deadline, keeper.standing
            time.sleep(0.05)
        keeper.finish()
    assert keeper.policy.accept(keeper.cosigned.note).checkpoint.size == grown.size
    shown = run("witness", "show", "-s", tmp_path / "witness.toml", "--json")
    assert shown.code == 0
    assert str(grown.size) in shown.out
