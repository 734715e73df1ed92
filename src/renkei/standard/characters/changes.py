"""What was changed in a text and what could not be kept: nothing happens to characters silently."""

from dataclasses import dataclass
from enum import StrEnum

from renkei.kit import Language, say


class Kind(StrEnum):
    """Why one piece of text stands where another stood."""

    width = "width"  # 半角 and 全角
    composition = "composition"  # か and a combining ゛ are が
    compatibility = "compatibility"  # ㈱, ㍻, and U+FA19 for 神
    variant = "variant"  # 異体字: the same character in another form
    confusable = "confusable"  # another character that people write for it: only to compare
    selector = "selector"  # the variation selector (IVS) went, the base character stays
    twin = "twin"  # one cell of JIS X 0208, two names in Unicode: 〜 and ～
    given = "given"  # by a table that the caller brought, such as a town's own 外字
    byte_order_mark = "byte_order_mark"


@dataclass(frozen=True, slots=True)
class Replacement:
    """One change: at a position of the text before, counted from 0, in code points."""

    position: int
    before: str
    after: str
    kind: Kind

    def text(self, language: Language = "en") -> str:
        """Return the change and its reason as a person reads it, positions counted from 1."""
        reason = say(f"character-kind-{self.kind.replace('_', '-')}", language)
        return say(
            "character-replaced",
            language,
            position=self.position + 1,
            before=shown(self.before),
            after=shown(self.after) or "-",
            reason=reason,
        )


@dataclass(frozen=True, slots=True)
class Changed:
    """A text and every change that led to it."""

    text: str
    replacements: tuple[Replacement, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Tell whether anything differs from the text that was given."""
        return bool(self.replacements)


@dataclass(frozen=True, slots=True)
class Unrepresentable:
    """A character the charset does not have; 〓 stands in its place."""

    position: int
    character: str
    charset: str

    def text(self, language: Language = "en") -> str:
        """Return which character, where, and what to do next."""
        return say(
            "character-unrepresentable",
            language,
            position=self.position + 1,
            character=shown(self.character),
            charset=self.charset,
        )


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that mean nothing in the charset; U+FFFD stands in their place, once for the run."""

    offset: int
    data: bytes
    charset: str

    def text(self, language: Language = "en") -> str:
        """Return which bytes, where, and what to do next."""
        head = self.data[:8].hex(" ").upper() + (" …" if len(self.data) > 8 else "")
        return say(
            "character-damaged", language, offset=self.offset, bytes=head, charset=self.charset
        )


def shown(text: str) -> str:
    """Return the characters with their code points, so that look-alikes can be told apart.

    >>> shown("﨑")
    '﨑 (U+FA11)'
    """
    return " ".join(f"{_visible(c)} (U+{ord(c):04X})" for c in text)


def _visible(character: str) -> str:
    # Half a surrogate pair cannot be written anywhere; a control character moves the cursor.
    return character if character.isprintable() else "□"
