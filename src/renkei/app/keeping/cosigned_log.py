"""One published log of a site and its witnesses: which are asked, and what each has cosigned.

It reads what is published; a witness that is away is left alone, ever longer, and gets all it
missed in one step when it is back.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import aiohttp

from renkei import audit, kit
from renkei.app.errors import WitnessSawMore, WitnessSilent, WitnessWentBack
from renkei.app.keeping import witness_line
from renkei.app.keeping.own_logs import OwnLog
from renkei.app.keeping.witness_line import KnownSize
from renkei.app.site import Site

log = logging.getLogger("renkei.app")

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0
AGAIN = timedelta(hours=1)
"""How old the cosignature of a log that does not grow may be: it says that nothing newer exists."""


@dataclass(frozen=True, slots=True)
class WitnessStanding:
    """How it stands with one witness: what it cosigned last, and what is wrong since when."""

    log: str
    witness: audit.PolicyWitness
    size: int = 0
    at: datetime | None = None
    trouble: kit.NodeError | None = None
    since: datetime | None = None


class CosignedLog:
    """A log of ours as it is published, under its policy."""

    def __init__(self, site: Site, log: OwnLog, clock: Callable[[], datetime]) -> None:
        """Take the log."""
        self._site, self._log, self._clock = site, log, clock
        self.policy = log.policy
        self._standing = {
            one.name: WitnessStanding(log.key.name, one) for one in self.policy.witnesses
        }
        self._spared: dict[str, tuple[float, float]] = {}
        self._lines: dict[str, tuple[int, str]] = {}
        self._is_read = False
        self.cosigned: audit.Checkpoint | None = None
        """The newest checkpoint that meets the policy."""

    @property
    def origin(self) -> str:
        """Return which log it is."""
        return self._log.key.name

    @property
    def standing(self) -> list[WitnessStanding]:
        """Return how it stands with each witness, in the order of the policy."""
        return list(self._standing.values())

    def published(self) -> audit.Checkpoint | None:
        """Return the checkpoint that is published now; None before the first."""
        try:
            note = (self._log.folder / "checkpoint").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return audit.Checkpoint.open(note, [self._log.key])

    def ask(self, checkpoint: audit.Checkpoint) -> None:
        """Ask every witness that has not cosigned this published checkpoint yet."""
        if not self._is_read:
            self._read()
        by_url: dict[str, list[audit.PolicyWitness]] = {}
        for one in self.policy.witnesses:
            if one.url and self._is_due(one, checkpoint):
                by_url.setdefault(one.url, []).append(one)
        if by_url:
            asyncio.run(self._ask(checkpoint, by_url))
        self._publish(checkpoint)

    def _read(self) -> None:
        """Begin where the last process ended."""
        tenant = self._site.desk.tenant
        with self._site.database.transaction(tenant) as conn:
            known = audit.last_cosigned(conn, tenant, self.policy, self.origin)
        for name, last in known.items():
            self._standing[name] = replace(self._standing[name], size=last.size, at=last.at)
        found = audit.published_cosigned(self._log.folder)
        if found is not None:
            try:
                self.cosigned = self.policy.accept(found.note).checkpoint
            except kit.NodeError:  # cosigned under another policy: the next one is under this
                self.cosigned = None
        self._lines = {name: (last.size, last.line) for name, last in known.items()}
        self._is_read = True

    def _is_due(self, one: audit.PolicyWitness, checkpoint: audit.Checkpoint) -> bool:
        stands = self._standing[one.name]
        if time.monotonic() < self._spared.get(one.url, (0.0, 0.0))[0]:
            return False
        is_old = stands.at is None or self._clock() - stands.at > AGAIN
        is_wrong = stands.trouble is not None and not isinstance(stands.trouble, WitnessWentBack)
        return stands.size != checkpoint.size or is_old or is_wrong

    async def _ask(
        self, checkpoint: audit.Checkpoint, by_url: dict[str, list[audit.PolicyWitness]]
    ) -> None:
        async with witness_line.session() as session:
            await asyncio.gather(
                *(self._ask_one(session, url, group, checkpoint) for url, group in by_url.items())
            )

    async def _ask_one(
        self,
        session: aiohttp.ClientSession,
        url: str,
        group: Sequence[audit.PolicyWitness],
        checkpoint: audit.Checkpoint,
    ) -> None:
        try:
            found, back = await self._cosignatures(session, url, group, checkpoint)
        except kit.NodeError as error:
            self._spare(url)
            self._trouble(group, error)
            return
        self._spared.pop(url, None)
        with self._site.database.transaction(self._site.desk.tenant) as conn:
            for one in found:
                audit.keep_cosignature(conn, self._site.desk.tenant, one, checkpoint)
        names = {one.key: one.name for one in group}
        for one in found:
            name = names[one.key]
            self._lines[name] = (checkpoint.size, one.line)
            self._standing[name] = replace(self._standing[name], size=checkpoint.size, at=one.at)
        self._trouble(group, back)

    async def _cosignatures(
        self,
        session: aiohttp.ClientSession,
        url: str,
        group: Sequence[audit.PolicyWitness],
        checkpoint: audit.Checkpoint,
    ) -> tuple[list[audit.Cosignature], kit.NodeError | None]:
        """Ask from the size we remember; once more from the one the witness names instead."""
        before = max(self._standing[one.name].size for one in group)
        name, back = ", ".join(one.name for one in group), None
        old = min(before, checkpoint.size)
        for _ in range(3):  # another node of ours may ask it meanwhile
            submission = self._submission(old, checkpoint)
            said = await witness_line.submit(session, url, group, submission)
            if not isinstance(said, KnownSize):
                return said, back
            old = said.size
            if old > checkpoint.size:
                self._check_whole(name, old)
                return [], None
            if old < before:
                back = WitnessWentBack(witness=name, log=self.origin, size=old, before=before)
        raise WitnessSilent(witness=name, reason="409")

    def _check_whole(self, name: str, size: int) -> None:
        """Another node of ours may have published more; else entries are missing here."""
        tenant = self._site.desk.tenant
        with self._site.database.transaction(tenant) as conn:
            newest = self._log.tree.newest(conn, tenant)
        ours = 0 if newest is None else newest.size
        if size > ours:
            raise WitnessSawMore(witness=name, log=self.origin, size=size, ours=ours)

    def _submission(self, old: int, checkpoint: audit.Checkpoint) -> audit.Submission:
        proof: tuple[bytes, ...] = ()
        if 0 < old < checkpoint.size:
            proof = audit.published_tree(self._log.folder, checkpoint.size).consistency(old)
        return audit.Submission(old, proof, checkpoint.note)

    def _publish(self, checkpoint: audit.Checkpoint) -> None:
        """Put the cosigned checkpoint beside the newest one, once the quorum is there."""
        lines = {
            name: line for name, (size, line) in self._lines.items() if size == checkpoint.size
        }
        note = checkpoint.note + "".join(lines.values())
        is_new = self.cosigned is None or self.cosigned.note != note
        if lines and is_new and self.policy.is_met(lines):
            found = audit.publish_cosigned(self._log.folder, note, self.policy)
            self.cosigned = found.checkpoint

    def _spare(self, url: str) -> None:
        """Leave a witness alone for a while, twice as long each time."""
        pause = min(max(self._spared.get(url, (0.0, 0.0))[1] * 2, FIRST_PAUSE), LONGEST_PAUSE)
        self._spared[url] = (time.monotonic() + pause, pause)

    def _trouble(self, group: Sequence[audit.PolicyWitness], error: kit.NodeError | None) -> None:
        """Remember what is wrong, and say it once."""
        for one in group:
            stands = self._standing[one.name]
            before = stands.trouble
            if error is None and isinstance(before, WitnessWentBack):
                continue  # it stays said until the next start: its file was set back
            if (before and before.code()) == (error and error.code()):
                continue
            if error is None:
                log.info("the witness %s cosigns %s again", one.name, stands.log)
            elif one is group[0]:
                log.error("%s: %s", error.code(), error)
            since = None if error is None else self._clock()
            self._standing[one.name] = replace(stands, trouble=error, since=since)
