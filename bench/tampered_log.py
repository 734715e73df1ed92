"""Share of manipulations of a log that are found by each who must find them: citizen and witness.

Real rows in PostgreSQL and files on disk are deleted, altered, reordered and forked: once by who
may write in the tables, once by who besides holds the log's key and makes the whole log anew, or
leaves the log as it is and makes its map anew without an entry. A witness runs in a process of its
own; the citizen runs `renkei verify` with a policy, offline.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg

from bench.measure import Ratio, Result, server
from renkei import audit, kit
from renkei.app.demo.ecosystem import free_port
from renkei.app.errors import WitnessSawFork, WitnessSilent
from renkei.app.keeping import witness_line
from renkei.app.keeping.witness_line import KnownSize
from renkei.app.witness.plan import found_witness, read_plan

RATIO = Ratio(floor=1.0, baseline="every manipulation, by each who must find it (a share)")
AT = datetime(2026, 11, 28, tzinfo=UTC)
PERSON = bytes([1]) * 32
PATIENCE = 60.0
EVERY = 7  # entry is about the person
Entries = list[audit.Entry]
Change = Callable[[Entries, int], Entries]


def options(parser: argparse.ArgumentParser) -> None:
    """Add the size of each log."""
    parser.add_argument("--entries", type=int, default=20_000, help="of each log (default 20,000)")
    parser.add_argument("--binaries", type=Path, help="PostgreSQL's programs, if not the usual")


def deleted(entries: Entries, at: int) -> Entries:
    """Leave one out."""
    return [*entries[:at], *entries[at + 1 :]]


def altered(entries: Entries, at: int) -> Entries:
    """Say of one that it was for another purpose."""
    return [*entries[:at], replace(entries[at], purpose="別の目的"), *entries[at + 1 :]]


def reordered(entries: Entries, at: int) -> Entries:
    """Put one in the place of the next of the same person."""
    changed = list(entries)
    changed[at], changed[at + EVERY] = changed[at + EVERY], changed[at]
    return changed


CHANGES: dict[str, Change] = {"delete": deleted, "alter": altered, "reorder": reordered}
ROWS = {
    "delete": "DELETE FROM audit_entry WHERE tenant = %(t)s AND i = %(i)s",
    "alter": "UPDATE audit_entry SET leaf = convert_to(replace(convert_from(leaf, 'UTF8'), "
    "'児童手当', '児童相談'), 'UTF8') WHERE tenant = %(t)s AND i = %(i)s",
    "reorder": "WITH old AS (SELECT * FROM audit_entry WHERE tenant = %(t)s) "
    "UPDATE audit_entry AS new SET leaf = old.leaf FROM old WHERE new.tenant = %(t)s "
    "AND (new.i, old.i) IN ((%(i)s, %(j)s), (%(j)s, %(i)s))",
}
EMPTYING = (
    "DELETE FROM audit_entry WHERE tenant = %s",
    "DELETE FROM audit_head WHERE tenant = %s",
    "DELETE FROM audit_tile WHERE tenant = %s",
    "DELETE FROM audit_checkpoint WHERE tenant = %s",
)
UNMAPPING = (
    "DELETE FROM audit_map_tile WHERE tenant = %s",
    "DELETE FROM audit_epoch WHERE tenant = %s",
    "DELETE FROM audit_output_tile WHERE tenant = %s",
    "DELETE FROM audit_output_checkpoint WHERE tenant = %s",
)
HIDING = (
    (
        "UPDATE audit_head SET count = count - 1, head = %(head)s, last_i = %(before)s "
        "WHERE tenant = %(t)s AND label = %(label)s"
    ),
    (
        "UPDATE audit_entry SET label = NULL, seq = NULL, prev_i = NULL "
        "WHERE tenant = %(t)s AND i = %(last)s"
    ),
)
"""Without a gap: the chain of the person ends one entry earlier."""
Command = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Scene:
    """One log before anything is done to it, and the key it is signed by."""

    tenant: kit.Tenant
    signer: audit.Signer
    folder: Path
    entries: Entries

    @property
    def key(self) -> audit.Verifier:
        """Return the key by which the log is believed."""
        return self.signer.verifier

    @property
    def target(self) -> int:
        """Return the place of an entry of the person somewhere in the middle."""
        half = len(self.entries) // 2
        return next(n for n in range(half, len(self.entries)) if self.entries[n].label == PERSON)


@dataclass(frozen=True, slots=True)
class Found:
    """Who found a manipulation, and by what; nothing where it was not found."""

    manipulation: str
    by_citizen: str
    by_witness: str
    is_witness_wanted: bool

    @property
    def missed(self) -> int:
        """Return how many who must find it did not."""
        return (not self.by_citizen) + (self.is_witness_wanted and not self.by_witness)

    @property
    def wanted(self) -> int:
        """Return how many must find it."""
        return 1 + self.is_witness_wanted

    def line(self) -> str:
        """Return the verdict as a line."""
        witness = self.by_witness or ("NOT FOUND" if self.is_witness_wanted else "—")
        citizen = self.by_citizen or "NOT FOUND"
        return f"{self.manipulation:35} witness: {witness:17} citizen: {citizen}"


class Stage:
    """A database, a witness, a policy, the citizen's command, and what is done with them."""

    def __init__(
        self, dsn: str, database: kit.Database, folder: Path, policy: Path, command: Command
    ) -> None:
        self._dsn, self._database, self._folder = dsn, database, folder
        self._policy, self._command = policy, command
        self._witnesses = audit.Policy.parse(policy.read_text(encoding="utf-8")).witnesses
        self._url = self._witnesses[0].url

    def write(
        self, tenant: kit.Tenant, signer: audit.Signer, entries: Entries, to: Path
    ) -> audit.Checkpoint:
        """Append, sequence and publish as a site does."""
        for start in range(0, len(entries), 2000):
            with self._database.transaction(tenant) as conn:
                audit.append_many(conn, tenant, entries[start : start + 2000])
                audit.sequence(conn, tenant, signer, at=AT)
        with self._database.transaction(tenant) as conn:
            while audit.make_epoch(conn, tenant, signer, at=AT):
                pass
        return self.publish(tenant, to)

    def publish(self, tenant: kit.Tenant, to: Path) -> audit.Checkpoint:
        """Publish both logs into a folder."""
        with self._database.transaction(tenant) as conn:
            checkpoint = audit.publish(conn, tenant, to)
        assert checkpoint is not None
        return checkpoint

    def cosign_output(self, folder: Path, old: int) -> audit.Checkpoint:
        """Ask the witness for the output log of a published log."""
        note = (folder / audit.OUTPUT_FOLDER / "checkpoint").read_text(encoding="utf-8")
        checkpoint = audit.Checkpoint.parse(note)
        return self.cosign(folder / audit.OUTPUT_FOLDER, checkpoint, old)

    def cosign(self, folder: Path, checkpoint: audit.Checkpoint, old: int) -> audit.Checkpoint:
        """Ask the witness as a site does; WitnessSawFork is its verdict."""
        proof: tuple[bytes, ...] = ()
        if 0 < old < checkpoint.size:
            proof = audit.published_tree(folder, checkpoint.size).consistency(old)
        submission = audit.Submission(old, proof, checkpoint.note)

        async def ask() -> list[audit.Cosignature] | KnownSize:
            async with witness_line.session() as session:
                return await witness_line.submit(session, self._url, self._witnesses, submission)

        said = asyncio.run(ask())
        assert not isinstance(said, KnownSize)
        return audit.Checkpoint.parse(checkpoint.note + "".join(one.line for one in said))

    def prepare(
        self, number: int, signer: audit.Signer, size: int
    ) -> tuple[Scene, audit.Witnessed]:
        """Write an honest log, have it cosigned, and see that the citizen accepts it."""
        tenant = town(number)
        entries = [entry(n) for n in range(size)]
        scene = Scene(tenant, signer, self._folder / f"log-{number}", entries)
        checkpoint = self.write(tenant, signer, entries, scene.folder)
        cosigned = audit.Witnessed(
            self.cosign(scene.folder, checkpoint, 0), self.cosign_output(scene.folder, 0)
        )
        said = self.verify(scene, tenant, cosigned)
        assert said == "", said
        return scene, cosigned

    def verify(
        self, scene: Scene, tenant: kit.Tenant, seen: audit.Witnessed, *, policy: bool = True
    ) -> str:
        """Download the person's list and run the citizen's command; return what it objects."""
        file = self._folder / "bundle.json"
        with self._database.transaction(tenant) as conn:
            try:
                data = audit.bundle(conn, tenant, scene.key, labels=[PERSON], witnessed=seen)
            except kit.NodeError as error:  # the download itself cannot be made
                return f"download: {error.code()}"
        file.write_bytes(data)
        more = ("--policy", str(self._policy)) if policy else ()
        return self._command("verify", str(file), "--key", str(scene.key), *more)

    def in_rows(self, name: str, scene: Scene, cosigned: audit.Witnessed) -> Found:
        """Change rows as who may write in the tables."""
        at = scene.target
        other = next(
            n for n in range(at + 1, len(scene.entries)) if scene.entries[n].label == PERSON
        )
        with psycopg.connect(self._dsn) as owner:
            done = owner.execute(ROWS[name].encode(), {"t": scene.tenant, "i": at, "j": other})
            assert done.rowcount == (2 if name == "reorder" else 1)
        by_citizen = self.verify(scene, scene.tenant, cosigned)
        return Found(f"{name}: rows in PostgreSQL", by_citizen, "", is_witness_wanted=False)

    def in_files(self, name: str, scene: Scene) -> Found:
        """Change the published entries on disk; whoever replays the log finds it."""
        below = (scene.folder / "tile" / "entries").rglob("*")
        file = min(path for path in below if path.is_file())
        data = file.read_bytes()
        first = 2 + int.from_bytes(data[:2])
        second = first + 2 + int.from_bytes(data[first : first + 2])
        changed = {
            "delete": data[first:],
            "alter": data.replace("児童手当".encode(), "児童相談".encode(), 1),
            "reorder": data[first:second] + data[:first] + data[second:],
        }[name]
        assert changed != data
        file.write_bytes(changed)
        said = self._command("verify", str(scene.folder), "--key", str(scene.signer.verifier))
        return Found(f"{name}: files on disk", said, "", is_witness_wanted=False)

    def rewritten(self, name: str, scene: Scene, cosigned: audit.Witnessed) -> Found:
        """Make the whole log anew, signed by the real key, and grow it: nothing in it is broken."""
        changed = CHANGES[name](scene.entries, scene.target)
        with psycopg.connect(self._dsn) as owner:
            for statement in (*EMPTYING, *UNMAPPING):
                owner.execute(statement.encode(), [scene.tenant])
        return self.shown(f"{name}: whole log made anew", scene, scene.tenant, changed, cosigned)

    def unmapped(self, scene: Scene, cosigned: audit.Witnessed) -> Found:
        """Keep the log as it is, and make its map anew without the person's last entry."""
        with self._database.transaction(scene.tenant) as conn:
            *_, before, last = audit.entries_of(conn, scene.tenant, PERSON)
        facts: dict[str, object] = {"t": scene.tenant, "label": PERSON, "head": before.hash}
        facts |= {"before": before.index, "last": last.index}
        with psycopg.connect(self._dsn) as owner:
            for statement in HIDING:
                assert owner.execute(statement.encode(), facts).rowcount == 1
            for statement in UNMAPPING:
                owner.execute(statement.encode(), [scene.tenant])
        folder = scene.folder.with_name(scene.folder.name + "-unmapped")
        with self._database.transaction(scene.tenant) as conn:
            while audit.make_epoch(conn, scene.tenant, scene.signer, at=AT):
                pass
        self.publish(scene.tenant, folder)
        assert cosigned.output is not None
        by_witness = ""
        try:
            self.cosign_output(folder, cosigned.output.size)
        except WitnessSawFork as error:
            by_witness = error.code()
        # Without a policy nothing is wrong with such a list: only the witness has seen the other.
        unseen = cosigned._replace(output=None)
        plain = self.verify(scene, scene.tenant, unseen, policy=False)
        assert plain == "", plain
        said = [self.verify(scene, scene.tenant, seen) for seen in (cosigned, unseen)]
        by_citizen = " + ".join(said) if all(said) else ""
        return Found(
            "hide: a second map of one log", by_citizen, by_witness, is_witness_wanted=True
        )

    def forked(self, scene: Scene, other: kit.Tenant, cosigned: audit.Witnessed) -> Found:
        """Keep the log as it is for others, and show this citizen one without an entry."""
        changed = deleted(scene.entries, scene.target)
        return self.shown("fork: a second log for one citizen", scene, other, changed, cosigned)

    def shown(
        self,
        name: str,
        scene: Scene,
        tenant: kit.Tenant,
        entries: Entries,
        cosigned: audit.Witnessed,
    ) -> Found:
        """Publish another history under the same name, and see who notices."""
        more = [entry(n) for n in range(len(scene.entries), len(scene.entries) + 5)]
        folder = scene.folder.with_name(scene.folder.name + "-other")
        checkpoint = self.write(tenant, scene.signer, [*entries, *more], folder)
        by_witness = ""
        try:
            self.cosign(folder, checkpoint, cosigned.log.size)
        except WitnessSawFork as error:
            by_witness = error.code()
        # The old cosignatures stand under another text; whatever is shown with them is refused.
        text = checkpoint.note + "".join(
            f"{line}\n" for line in cosigned.log.note.splitlines() if line.startswith("— witness")
        )
        said = [
            self.verify(scene, tenant, audit.Witnessed(audit.Checkpoint.parse(note), None))
            for note in (checkpoint.note, text)
        ]
        return Found(
            name, " + ".join(said) if all(said) else "", by_witness, is_witness_wanted=True
        )


def entry(number: int) -> audit.Entry:
    """Return an entry; every so many one is about the person."""
    label = PERSON if number % EVERY == 3 else bytes([2 + number % 5]) * 32
    return audit.Entry(
        kind=audit.Kind.REQUEST,
        request=f"r-{number}",
        at=AT,
        asker="131016",
        holder="131024",
        procedure="JT99000000001501",
        outcome="answered",
        purpose="児童手当の認定",
        mode=audit.Mode.TEST,
        label=label,
        salt=number.to_bytes(16),
    )


def town(number: int) -> kit.Tenant:
    """Return the n-th organisation whose number has its check digit."""
    good = (f"{body}{check}" for body in count(13000) for check in range(10))
    numbers = (one for one in good if kit.organisation_code_ok(one))
    return kit.tenant(next(one for n, one in enumerate(numbers) if n == number))


def as_process(*words: str) -> str:
    """Run the program as a citizen does; return what it objects, nothing where all holds."""
    run = subprocess.run(
        [sys.executable, "-m", "renkei", *words],
        env=os.environ | {"RENKEI_LANG": "en"},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode == 0:
        return ""
    lines = [line for line in (run.stderr or run.stdout).splitlines() if line.strip()]
    return lines[-1].strip().partition(":")[0][:60]


@contextmanager
def witness(folder: Path, signers: Sequence[audit.Signer]) -> Iterator[Path]:
    """Run a witness of some logs; give the policy of who trusts it."""
    port = free_port()
    settings = found_witness(folder, "witness.example/demo", f"127.0.0.1:{port}")
    with settings.open("a", encoding="utf-8") as file:
        for signer in signers:
            file.write(f'[[log]]\nkeys = ["{signer.verifier}"]\n')
    url = f"http://127.0.0.1:{port}"
    keys = [one.key for one in read_plan(settings).cosigners()]
    policy = folder / "policy.txt"
    lines = [f"witness w{n} {key} {url}" for n, key in enumerate(keys)]
    policy.write_text("\n".join([*lines, "group w all w0 w1", "quorum w", ""]), encoding="utf-8")
    run = [sys.executable, "-m", "renkei", "witness", "run", "--with-parent", "-s", str(settings)]
    process = subprocess.Popen(run)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                asyncio.run(_look(url))
                break
            except WitnessSilent:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield policy
    finally:
        process.terminate()
        process.wait(PATIENCE)


async def _look(url: str) -> None:
    async with witness_line.session() as session:
        await witness_line.shown(session, url, "0" * 64, "w")


def demonstrate(dsn: str, folder: Path, size: int, command: Command = as_process) -> list[Found]:
    """Do everything to logs of that size; return who found what."""
    signers = [
        audit.Signer.from_seed(f"renkei.example/{n}/access-log", bytes([n]) * 32) for n in range(8)
    ]
    found: list[Found] = []
    with kit.Database(dsn) as database, witness(folder / "witness", signers) as policy:
        stage = Stage(dsn, database, folder, policy, command)
        for number, name in enumerate(CHANGES):
            scene, cosigned = stage.prepare(number, signers[number], size)
            found.append(stage.in_rows(name, scene, cosigned))
            found.append(stage.in_files(name, scene))
        for number, name in enumerate(CHANGES, 3):
            scene, cosigned = stage.prepare(number, signers[number], size)
            found.append(stage.rewritten(name, scene, cosigned))
        scene, cosigned = stage.prepare(6, signers[6], size)
        found.append(stage.forked(scene, town(8), cosigned))
        scene, cosigned = stage.prepare(7, signers[7], size)
        found.append(stage.unmapped(scene, cosigned))
    return found


def run(args: argparse.Namespace) -> Result:
    """Demonstrate, print a line each, and count."""
    size = 1000 if args.quick else args.entries
    with (
        tempfile.TemporaryDirectory(prefix="renkei-tampered-") as made,
        server(["renkei.audit"], args.binaries) as running,
    ):
        found = demonstrate(running.dsn, Path(made), size)
    for one in found:
        print(one.line(), flush=True)
    wanted, missed = sum(one.wanted for one in found), sum(one.missed for one in found)
    verdict = "all found / すべて見つかりました" if not missed else f"{missed} NOT FOUND / 見逃し"
    print(f"{wanted} findings wanted: {verdict}", flush=True)
    return Result(
        (wanted - missed) / wanted,
        {"entries": size, "manipulations": len(found), "wanted": wanted, "missed": missed},
    )
