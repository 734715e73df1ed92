"""What is wrong in a model, and what went wrong in an evaluation: a place, a sentence, a remedy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from renkei.kit import Language, texts_of
from renkei.process import feel
from renkei.process.decisions.places import Place

ROOM = "renkei.process.decisions"
Severity = Literal["error", "alert"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A defect of a model, found without evaluating it."""

    code: str
    place: Place
    severity: Severity = "error"
    facts: Mapping[str, object] = field(default_factory=dict, hash=False)

    def text(self, language: Language = "en") -> str:
        """Return the place, what is wrong there and what to do next."""
        return f"{self.place}: {phrase(self.code, language, **self.facts)}"

    def as_data(self) -> dict[str, object]:
        """Return the finding for programs."""
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.place.file,
            "line": self.place.line,
            "element": self.place.element,
            "ja": self.text("ja"),
            "en": self.text("en"),
        }


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value is null, with its place; `inner` is the problem of an expression."""

    code: str
    place: Place
    facts: Mapping[str, object] = field(default_factory=dict, hash=False)
    inner: feel.Problem | None = None

    def reason(self, language: Language = "en") -> str:
        """Return the reason alone."""
        if self.inner is not None:
            return self.inner.text(language)
        return phrase(self.code, language, **self.facts)

    def text(self, language: Language = "en") -> str:
        """Return the place and the reason."""
        return f"{self.place}: {self.reason(language)}"

    def as_data(self) -> dict[str, object]:
        """Return the problem for programs."""
        return {
            "code": self.code,
            "file": self.place.file,
            "line": self.place.line,
            "element": self.place.element,
            "ja": self.reason("ja"),
            "en": self.reason("en"),
        }


def phrase(code: str, language: Language, /, **facts: object) -> str:
    """Return a text of this package in a language, with the facts filled in."""
    return texts_of(ROOM)[code][language].format_map(facts)
