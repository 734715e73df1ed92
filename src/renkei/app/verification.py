"""Verifying offline: a bundle file or a folder of a published log, against keys already trusted."""

from dataclasses import dataclass
from pathlib import Path

from renkei import audit, kit
from renkei.app.errors import FileUnreadable


@dataclass(frozen=True, slots=True)
class Checked:
    """What was verified and whether it holds; `broken` names the first defects."""

    path: Path
    entries: int
    statement: dict[kit.Language, str]
    broken: tuple[audit.Finding, ...]

    @property
    def holds(self) -> bool:
        """Tell whether every link is there."""
        return not self.broken

    def facts(self, language: kit.Language) -> dict[str, object]:
        """Return what to print."""
        return {
            "file": str(self.path),
            "holds": self.holds,
            "entries": self.entries,
            "statement": self.statement[language],
            "broken": [finding.text(language) for finding in self.broken],
        }


def verify_path(path: Path, keys: list[str]) -> Checked:
    """Verify a bundle, or a log folder with `checkpoint` and `tile/`, with no network at all."""
    trusted = [audit.Verifier.parse(key) for key in keys]
    if path.is_dir():
        (key, *_) = trusted
        broken = tuple(audit.verify_directory(path, key))
        size = audit.Checkpoint.open((path / "checkpoint").read_text(encoding="utf-8"), [key]).size
        facts = {"size": size, "origin": key.name}
        said: dict[kit.Language, str] = {
            "ja": kit.say("log-verified", "ja", **facts),
            "en": kit.say("log-verified", "en", **facts),
        }
        return Checked(path, size, said, broken)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileUnreadable(file=str(path), reason=error.strerror or "") from error
    verdict = audit.verify_bundle(data, trusted)
    broken = () if verdict.broken is None else (verdict.broken,)
    return Checked(path, len(verdict.entries), verdict.statement, broken)
