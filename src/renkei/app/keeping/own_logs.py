"""The logs a site signs: each shard of its entries and the output log of its map, in its folder."""

from dataclasses import dataclass
from pathlib import Path

from renkei import audit
from renkei.app.settings import Settings


@dataclass(frozen=True, slots=True)
class OwnLog:
    """One of them: its tree, where it is published, by which key, and who must cosign it."""

    tree: audit.SignedTree
    folder: Path
    key: audit.Verifier
    policy: audit.Policy


def own_logs(
    settings: Settings, key: audit.Verifier, year: int = audit.FIRST
) -> tuple[OwnLog, OwnLog]:
    """Return a shard of the log, and its output log; PolicyMalformed for a policy of other logs."""
    policy = settings.quorum.policy(key).for_shard(year)
    folder, own = audit.shard_folder(settings.state / "log", year), audit.shard_verifier(key, year)
    return (
        OwnLog(audit.LOG.of(year), folder, own, policy),
        OwnLog(
            audit.OUTPUT.of(year),
            folder / audit.OUTPUT_FOLDER,
            audit.output_verifier(own),
            policy.for_output(),
        ),
    )


def witnessed(settings: Settings, key: audit.Verifier) -> audit.Witnessed | None:
    """Return what the witnesses of the settings have cosigned; None where they name none."""
    if not settings.quorum.is_set:
        return None
    return audit.published_witnessed(settings.state / "log", settings.quorum.policy(key))
