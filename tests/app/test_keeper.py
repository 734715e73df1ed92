"""The keeper's turns fall between the steps of others, and cost nothing and hide nothing."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from tests.app.conftest import AT, AUTHORITY, plan

from renkei import audit
from renkei.app.keeping.keeper import LogKeeper
from renkei.app.membership.initiation import found_site, write_members
from renkei.app.operations.oversight import standing
from renkei.app.settings import read_settings
from renkei.app.site import open_site


@pytest.fixture
def site(tmp_path_factory):
    with tempfile.TemporaryDirectory(prefix="renkei-keeper-") as made:
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
            yield opened


@pytest.fixture
def entered(site):
    """Give one entry that is promised and has no place in the log yet."""
    tenant = site.desk.tenant
    entry = audit.Entry(
        kind=audit.Kind.ISSUANCE,
        request="between-the-steps",
        at=AT,
        asker=tenant,
        holder=tenant,
        procedure="",
        outcome="issued",
        mode=audit.Mode.TEST,
    )
    with site.database.transaction(tenant) as conn:
        audit.append(conn, tenant, entry)
    return entry


def sequence(site):
    with site.database.transaction(site.desk.tenant) as conn:
        audit.sequence(conn, site.desk.tenant, site.signer, at=AT)


def test_what_was_sequenced_before_a_crash_is_published_after_it(site, entered):
    sequence(site)
    assert not (site.tiles / "checkpoint").exists()
    keeper = LogKeeper(site)
    keeper.start()
    keeper.finish()
    assert audit.verify_directory(site.tiles, site.signer.verifier) == []
    published = audit.published_entries(site.tiles, site.signer.verifier)
    requests = [audit.Leaf.parse(leaf).entry().request for leaf in published]
    assert requests == ["members/1", "between-the-steps"]


def test_a_log_that_never_runs_dry_is_published_all_the_same(site, entered, monkeypatch):
    """Each time the keeper takes what is pending there is one more, until one of them is public."""
    reading, seen = audit.sequence, []

    def more_and_sequence(conn, tenant, *parts, **facts):
        seen.append((site.tiles / "checkpoint").exists())
        if not seen[-1] and len(seen) < 10:
            audit.append(conn, tenant, replace(entered, request=f"more-{len(seen)}"))
        return reading(conn, tenant, *parts, **facts)

    monkeypatch.setattr(audit, "sequence", more_and_sequence)
    keeper = LogKeeper(site)
    keeper.start()
    keeper.finish()
    assert seen[:2] == [False, True]


@pytest.mark.parametrize("first", ["pending", "newest"])
def test_a_tree_is_not_told_complete_while_it_is_sequenced(site, entered, monkeypatch, first):
    """Sequence right after one of the two readings: the answer may be late, but never wrong."""
    reading = getattr(audit, first)

    def then_sequence(conn, tenant):
        found = reading(conn, tenant)
        sequence(site)
        return found

    monkeypatch.setattr(audit, first, then_sequence)
    told = standing(site)
    assert told.pending + told.size >= 1
