"""Which witnesses a site asks, and how many must have cosigned: by the settings, or by a file.

The file is text of C2SP tlog-policy whose witnesses have addresses; it can have groups.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from renkei import audit, kit
from renkei.app.errors import FileUnreadable

MOST = 32


class WitnessEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One of the tables `witness` as written."""

    name: str
    url: str
    key: str


QuorumEntry = Literal["all", "any"] | Annotated[int, msgspec.Meta(ge=0, le=MOST)]


@dataclass(frozen=True, slots=True)
class QuorumPlan:
    """The witnesses of a site; none where nothing is set."""

    witnesses: tuple[audit.PolicyWitness, ...] = ()
    threshold: int | None = None
    file: Path | None = None

    @property
    def is_set(self) -> bool:
        """Tell whether there are witnesses at all."""
        return bool(self.witnesses or self.file)

    def policy(self, log: audit.Verifier) -> audit.Policy:
        """Return the policy for the own log; PolicyMalformed for a file that is of other logs."""
        if self.file is None:
            return audit.Policy.of(log, self.witnesses, self.threshold)
        try:
            found = audit.Policy.parse(self.file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise FileUnreadable(file=str(self.file), reason=type(error).__name__) from error
        if found.logs and log.public not in [key.public for key, _ in found.logs]:
            raise audit.PolicyMalformed(line=0)
        return (
            found
            if found.logs
            else audit.Policy(((log, ""),), found.witnesses, found.groups, found.quorum)
        )


def quorum_plan(
    entries: Sequence[WitnessEntry], quorum: QuorumEntry, file: str, folder: Path
) -> QuorumPlan:
    """Parse the settings of witnesses, or raise `ValueError` with the defect."""
    if file and entries:
        raise ValueError("witness_policy: a file, or the tables `witness`, not both")
    if file:
        return QuorumPlan(file=folder / file)
    witnesses = tuple(map(_witness, entries))
    for what, values in (
        ("name", {one.name for one in witnesses}),
        ("key", {one.key.public for one in witnesses}),
    ):
        if len(values) != len(witnesses):
            raise ValueError(f"witness.{what}: each once")
    count = len(witnesses)
    if isinstance(quorum, str):
        return QuorumPlan(witnesses, count if quorum == "all" else min(1, count))
    if quorum > count or count > MOST:
        raise ValueError(f"witness_quorum: {quorum} of {count} witnesses cannot be had")
    return QuorumPlan(witnesses, quorum)


def _witness(raw: WitnessEntry) -> audit.PolicyWitness:
    if not re.fullmatch(r"[^\s\x00-\x1f]{1,100}", raw.name) or raw.name in ("none", "quorum"):
        raise ValueError("witness.name: one word, not `none` and not `quorum`")
    if not re.fullmatch(r"https?://[^\s@?#]+", raw.url):
        raise ValueError("witness.url: an address that begins with http:// or https:// is wanted")
    try:
        return audit.PolicyWitness(raw.name, audit.WitnessKey.parse(raw.key), raw.url)
    except kit.NodeError as error:
        raise ValueError(f"witness.key: {error}") from error
