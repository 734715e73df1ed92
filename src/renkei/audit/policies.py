"""Which witnesses must have cosigned before a checkpoint is believed (C2SP tlog-policy).

A text of lines: `log VKEY [URL]`, `witness NAME VKEY [URL]`, `group NAME all|any|K MEMBER…`, and
one `quorum NAME`, or `quorum none`. Keys alone count; addresses are for those who ask.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from renkei.audit.cosignatures import Cosignature, WitnessKey, cosignatures, log_key
from renkei.audit.epochs import output_verifier
from renkei.audit.errors import PolicyMalformed, QuorumMissed, VerifierMalformed
from renkei.audit.notes import Checkpoint, NoteKey, Verifier
from renkei.audit.shards import shard_verifier

LARGEST_POLICY = 256 * 1024
MOST_LINES = 1000
NONE = "none"


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A witness by the name it has in one policy; the address, if given, is where it is asked."""

    name: str
    key: WitnessKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Counts as one that cosigned when so many of its members have."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint that a policy accepts, and the witnesses' names with their times."""

    checkpoint: Checkpoint
    witnesses: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses, groups, and the one of them that must have cosigned."""

    logs: tuple[tuple[NoteKey, str], ...]
    witnesses: tuple[PolicyWitness, ...]
    groups: tuple[Group, ...]
    quorum: str

    @classmethod
    def of(
        cls, log: NoteKey, witnesses: Iterable[PolicyWitness], threshold: int | None = None
    ) -> Self:
        """Return the policy of one log and so many of some witnesses; None: all of them."""
        given = tuple(witnesses)
        count = len(given) if threshold is None else threshold
        if count == 0:
            return cls(((log, ""),), given, (), NONE)
        members = tuple(one.name for one in given)
        text = cls(((log, ""),), given, (Group("quorum", count, members),), "quorum").render()
        return cls.parse(text)  # so that what cannot be written cannot be set up either

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a policy; PolicyMalformed names the line that cannot be read."""
        if len(text) > LARGEST_POLICY or re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
            raise PolicyMalformed(line=0)
        reading = _Reading()
        lines = text.split("\n")
        if lines.pop() or len(lines) > MOST_LINES:
            raise PolicyMalformed(line=len(lines) + 1)
        for number, line in enumerate(lines, 1):
            try:
                reading.take(re.split(r"[ \t]+", line.strip(" \t")))
            except (ValueError, VerifierMalformed) as error:
                raise PolicyMalformed(line=number) from error
        if reading.quorum is None:
            raise PolicyMalformed(line=len(lines))
        return cls(
            tuple(reading.logs), tuple(reading.witnesses), tuple(reading.groups), reading.quorum
        )

    def render(self) -> str:
        """Return the policy as text."""
        lines = [f"log {key} {url}".rstrip() for key, url in self.logs]
        lines += [f"witness {one.name} {one.key} {one.url}".rstrip() for one in self.witnesses]
        lines += [
            f"group {one.name} {one.threshold} {' '.join(one.members)}" for one in self.groups
        ]
        return "\n".join([*lines, f"quorum {self.quorum}", ""])

    def accept(self, note: str, trusted: Iterable[NoteKey] = ()) -> Cosigned:
        """Return what a note says, if a log of the policy signed it and the quorum cosigned.

        A policy without logs is for those who know the log's key from elsewhere (`trusted`).
        """
        keys = [key for key, _ in self.logs] or list(trusted)
        checkpoint = Checkpoint.open(note, keys)
        found = self.cosignatures(note)
        if not self.is_met(found):
            raise QuorumMissed(
                log=checkpoint.origin[:200],
                size=checkpoint.size,
                quorum=self.quorum,
                found=", ".join(sorted(found)) or "-",
            )
        return Cosigned(checkpoint, {name: one.at for name, one in found.items()})

    def for_shard(self, year: int) -> Self:
        """Return the same policy for a shard of each of its logs: who names a log covers them."""
        logs = tuple(
            (shard_verifier(key, year) if isinstance(key, Verifier) else key, url)
            for key, url in self.logs
        )
        return replace(self, logs=logs)

    def for_output(self) -> Self:
        """Return the same policy for the output logs of its logs: who names a log covers both.

        A key stands once in a policy, so that one of an output log could not be written beside it.
        """
        logs = tuple(
            (output_verifier(key) if isinstance(key, Verifier) else key, url)
            for key, url in self.logs
        )
        return replace(self, logs=logs)

    def cosignatures(self, note: str) -> dict[str, Cosignature]:
        """Return the cosignatures of the policy's witnesses that stand on a note, by name."""
        names = {one.key: one.name for one in self.witnesses}
        return {names[one.key]: one for one in cosignatures(note, names)}

    def is_met(self, names: Iterable[str]) -> bool:
        """Tell whether these witnesses are enough."""
        have = set(names)
        for group in self.groups:  # each names only those before it
            if len(have & set(group.members)) >= group.threshold:
                have.add(group.name)
        return self.quorum == NONE or self.quorum in have


class _Reading:
    """What the lines so far have said; ValueError for what may not follow."""

    def __init__(self) -> None:
        self.logs: list[tuple[NoteKey, str]] = []
        self.witnesses: list[PolicyWitness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self._names: set[str] = set()
        self._members: set[str] = set()

    def take(self, words: list[str]) -> None:
        """Read the words of a line."""
        match words:
            case [""] | []:
                return
            case [comment, *_] if comment.startswith("#"):
                return
            case ["log", vkey, *url] if len(url) < 2:
                key = log_key(vkey)
                _check(key.public not in [one.public for one, _ in self.logs])
                self.logs.append((key, "".join(url)))
            case ["witness", name, vkey, *url] if len(url) < 2:
                witness = WitnessKey.parse(vkey)
                _check(witness.public not in [one.key.public for one in self.witnesses])
                self._define(name)
                self.witnesses.append(PolicyWitness(name, witness, "".join(url)))
            case ["group", name, count, first, *rest]:
                self._group(name, count, (first, *rest))
            case ["quorum", name]:
                _check(self.quorum is None and (name == NONE or name in self._names))
                self.quorum = name
            case _:
                _check(False)

    def _group(self, name: str, count: str, members: tuple[str, ...]) -> None:
        # A name is a member once, so that each witness counts in one way only.
        _check(len(set(members)) == len(members) and self._members.isdisjoint(members))
        _check(self._names.issuperset(members))
        self._members |= set(members)
        if count in ("all", "any"):
            threshold = len(members) if count == "all" else 1
        else:
            _check(re.fullmatch("[1-9][0-9]{0,3}", count) is not None)
            threshold = int(count)
        _check(1 <= threshold <= len(members))
        self._define(name)
        self.groups.append(Group(name, threshold, members))

    def _define(self, name: str) -> None:
        _check(name != NONE and name not in self._names)
        self._names.add(name)


def _check(holds: bool) -> None:
    if not holds:
        raise ValueError("not a policy")
