"""The logs a site signs: that of its entries, and the output log of its map, each in its folder."""

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


def own_logs(settings: Settings, key: audit.Verifier) -> tuple[OwnLog, OwnLog]:
    """Return the log and its output log; PolicyMalformed for a policy that is of other logs."""
    policy, folder = settings.quorum.policy(key), settings.state / "log"
    return (
        OwnLog(audit.LOG, folder, key, policy),
        OwnLog(
            audit.OUTPUT,
            folder / audit.OUTPUT_FOLDER,
            audit.output_verifier(key),
            policy.for_output(),
        ),
    )


def witnessed(settings: Settings, key: audit.Verifier) -> audit.Witnessed | None:
    """Return what the witnesses of the settings have cosigned; None where they name none."""
    if not settings.quorum.is_set:
        return None
    return audit.published_witnessed(settings.state / "log", settings.quorum.policy(key))
