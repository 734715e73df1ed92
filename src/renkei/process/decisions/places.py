"""Where something stands in a model, as editors and people understand it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file, and the element there: its kind and its name or number.

    >>> str(Place("tax.dmn", 12, "decision 税額").inside("rule 3"))
    'tax.dmn:12 decision 税額 / rule 3'
    """

    file: str
    line: int
    element: str = ""

    def __str__(self) -> str:
        """Return file, line and element."""
        return f"{self.file}:{self.line} {self.element}".rstrip()

    def inside(self, part: str, line: int | None = None) -> "Place":
        """Return the place of a part of this element."""
        element = f"{self.element} / {part}" if self.element else part
        return Place(self.file, self.line if line is None else line, element)
