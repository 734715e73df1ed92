"""What a demonstration says in the end: findings, each with what was wanted of it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: what was found, and whether the promise holds by it."""

    ja: str
    en: str
    holds: bool

    def line(self) -> str:
        """Return it for a reader of either language."""
        return f"{'✓' if self.holds else '✗'} {self.ja} / {self.en}"


@dataclass(slots=True)
class Verdict:
    """All findings; the promise holds if every one does."""

    findings: list[Finding] = field(default_factory=list)

    def add(self, ja: str, en: str, *, holds: bool) -> None:
        """Add a finding."""
        self.findings.append(Finding(ja, en, holds))

    @property
    def holds(self) -> bool:
        """Tell whether the promise holds."""
        return bool(self.findings) and all(one.holds for one in self.findings)

    def text(self) -> str:
        """Return the findings and the verdict."""
        said = "成立 / it holds" if self.holds else "不成立 / IT DOES NOT HOLD"
        return "\n".join([*(one.line() for one in self.findings), f"判定 / verdict: {said}"])
