"""Letters between bodies as pages show them: with whom, which, when, and how it stands."""

from dataclasses import dataclass
from uuid import UUID

from renkei import federation, kit
from renkei.app.processes import partner_desk
from renkei.process.partners import register

SHOWN = 100


@dataclass(frozen=True, slots=True)
class ShownLetter:
    """A letter as a page shows it."""

    kept: register.Kept
    partner: str
    title: str
    fate: str

    @classmethod
    def of(
        cls, kept: register.Kept, members: federation.Members, reader: kit.Language
    ) -> "ShownLetter":
        """Return a letter with its partner and its state in words."""
        return cls(
            kept,
            named(members, kept.partner, reader),
            title(kept, reader),
            partner_desk.fate(kept, reader),
        )


def named(members: federation.Members, number: str, reader: kit.Language) -> str:
    """Return what a partner is called; one that left the list has its number."""
    try:
        member = members.by_id(number)
    except federation.PeerUnknown:
        return number
    return f"{member.ja if reader == 'ja' else member.en} ({number})"


def title(kept: register.Kept, reader: kit.Language) -> str:
    """Return what a letter is called in the reader's language."""
    known = {one.hash: one for one in partner_desk.PUBLIC()}
    public = known.get(kept.collaboration)
    kind = None if public is None else public.letters.get(kept.name)
    return kept.name if reader == "ja" or kind is None else kind.en


def letters_of(
    conn: kit.Connection, desk: federation.Desk, reader: kit.Language, case: UUID
) -> list[ShownLetter]:
    """Return the letters of a case, the newest first."""
    found = register.of_case(conn, desk.tenant, case, most=SHOWN)
    return [ShownLetter.of(one, desk.members, reader) for one in found]
