"""What an entry says, in the words of whoever reads it; what has no name stands as it is."""

from dataclasses import dataclass

from renkei import federation, kit, standard


@dataclass(frozen=True, slots=True)
class Words:
    """The names of members, items and procedures, and the texts of codes."""

    members: federation.Members
    standard: standard.Catalogue
    language: kit.Language

    def who(self, number: str) -> str:
        """Return the name of a member."""
        found = next((one for one in self.members.everyone if one.id == number), None)
        return number if found is None else self._named(found.ja, found.en)

    def item(self, number: str) -> str:
        """Return the name of an item."""
        try:
            found = self.standard.item(number)
        except standard.DefinitionUnknown:
            return number
        return self._named(found.ja, found.en)

    def procedure(self, code: str) -> str:
        """Return the name of a procedure, and its code."""
        try:
            found = self.standard.procedure(code)
        except standard.DefinitionUnknown:
            return code
        return f"{self._named(found.ja, found.en)} ({code})"

    def code(self, kind: str, name: str) -> str:
        """Return the text of a code of some kind, such as an outcome or the reason of a refusal."""
        texts = kit.texts_of().get(f"{kind}-{name}")
        return texts[self.language] if texts else name

    def _named(self, ja: str, en: str) -> str:
        return ja if self.language == "ja" else en
