"""What the doctor found at one thing it looked at."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from renkei import kit
from renkei.app.membership.expiry import Verdict


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `doctor-{code}` says what was found, the error what to do."""

    code: str
    verdict: Verdict
    facts: dict[str, object] = field(default_factory=dict)
    error: kit.NodeError | None = None

    def text(self, language: kit.Language) -> str:
        """Return what was found, and of an error what to do."""
        said = kit.say(f"doctor-{self.code}", language, **self.facts)
        return said if self.error is None else f"{said} {self.error.text(language)}"


def worst(checks: Iterable[Check]) -> Verdict:
    """Return the worst verdict of all."""
    found = {check.verdict for check in checks}
    return "bad" if "bad" in found else "warning" if "warning" in found else "good"
