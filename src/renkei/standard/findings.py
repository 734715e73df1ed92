"""What is wrong in a catalogue: a place, a sentence in Japanese and English, and the remedy."""

from dataclasses import dataclass, field

from renkei.kit import Language, say


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file of the catalogue, counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        """Return the place as editors understand it."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect of the catalogue. `kind` names what sort of definition the sentence is about."""

    code: str
    place: Place
    kind: str = "definition"
    facts: dict[str, str | int] = field(default_factory=dict)

    def text(self, language: Language = "en") -> str:
        """Return the place, what is wrong there and what to do next."""
        kind = say(f"definition-{self.kind}", language)
        return f"{self.place}: {say(self.code, language, kind=kind, **self.facts)}"
