"""A decision in words, for whoever asked and for whoever must answer for it."""

from collections.abc import Iterator

from renkei import kit
from renkei.kit import Language, texts_of
from renkei.law.decisions import Permit, Reason, Refusal, Request
from renkei.law.explanation import Explanation, Lack, Near
from renkei.standard import Catalogue, DefinitionUnknown

ROOM = "renkei.law"


def sentences(told: Explanation, standard: Catalogue, language: Language) -> list[str]:
    """Return the decision as sentences: what was asked, why yes or no, what would change it."""
    words = Words(standard, language)
    decision = told.decision
    said = [words.asked(decision.request, told.on.isoformat())]
    match decision:
        case Permit():
            said.append(words.text("permitted", row=decision.provision, cited=decision.citation))
            if decision.ordinance:
                said.append(words.text("ordinance", ordinance=decision.ordinance))
        case Refusal():
            said.append(words.text("refused", reason=words.reason(decision.reason)))
            said += [words.near(one) for one in told.near if one.lacks]
            if not told.near:
                said.append(words.text("nothing-near"))
    return said


class Words:
    """What things are called in one language, by one standard."""

    def __init__(self, standard: Catalogue, language: Language) -> None:
        """Take the standard that names them."""
        self._standard = standard
        self._language = language

    def text(self, code: str, **facts: object) -> str:
        """Return a text."""
        return texts_of(ROOM)[code][self._language].format_map(facts)

    def reason(self, reason: str) -> str:
        """Return the sentence of a reason."""
        return kit.say(f"refusal-{reason}", self._language)

    def asked(self, request: Request, on: str) -> str:
        """Return who asks whom for what."""
        return self.text(
            "asked",
            on=on,
            asker=f"{request.asker} {self.unit(request.asker_unit)}",
            procedure=self.procedure(request.procedure),
            holder=request.holder,
            information=self.information(request.information),
            items=self._list(map(self.item, request.items)),
            relation=self.text(f"relation-{request.relation}"),
        )

    def near(self, one: Near) -> str:
        """Return what a row would take to permit the request."""
        row = one.provision
        wanted = self.text("and").join(self.lack(lack) for lack in one.lacks)
        return self.text("near", row=row.row, cited=row.citation, wanted=wanted)

    def lack(self, lack: Lack) -> str:
        """Return what would have to be otherwise."""
        code = f"lack-{lack.reason}"
        match lack:
            case Lack(Reason.ITEM_NOT_NAMED, ()):
                code = "lack-no-item"
            case Lack(Reason.OWN_USE_NOT_NOTIFIED, (_, *_)):
                code = "lack-own-use-not-yet"
        return self.text(code, wanted=self._list(self._wanted(lack)))

    def _wanted(self, lack: Lack) -> Iterator[str]:
        match lack.reason:
            case Reason.PROCEDURE_NOT_NAMED:
                yield from map(self.procedure, lack.wanted)
            case Reason.ASKER_NOT_NAMED:
                kind, unit = lack.wanted
                yield f"{self.kind(kind)} {self.unit(unit)}"
            case Reason.HOLDER_NOT_NAMED:
                yield from map(self.kind, lack.wanted)
            case Reason.INFORMATION_NOT_NAMED:
                yield from map(self.information, lack.wanted)
            case Reason.ITEM_NOT_NAMED:
                yield from map(self.item, lack.wanted)
            case Reason.PERSON_NOT_NAMED:
                yield from (self.text(f"relation-{relation}") for relation in lack.wanted)
            case Reason.NOT_IN_FORCE:
                yield "–".join(lack.wanted)
            case (
                Reason.OWN_USE_NOT_NOTIFIED
                | Reason.CONSENT_MISSING
                | Reason.GUARDIAN_CONSENT_MISSING
                | Reason.YEAR_NOT_NAMED
            ):
                yield from lack.wanted

    def kind(self, kind: str) -> str:
        """Return the kind of organisation; one we have no word for as it is."""
        code = f"kind-{kind}"
        return self.text(code) if code in texts_of(ROOM) else kind

    def unit(self, number: str) -> str:
        """Return a unit by number and name."""
        try:
            found = self._standard.unit(number)
        except DefinitionUnknown:
            return number
        return f"{number} {self._named(found.ja, found.en)}"

    def procedure(self, code: str) -> str:
        """Return a procedure by code and name."""
        try:
            found = self._standard.procedure(code)
        except DefinitionUnknown:
            return code
        return f"{code} {self._named(found.ja, found.en)}"

    def information(self, code: str) -> str:
        """Return an information (特定個人情報) by code and name."""
        known = (one.information for one in self._standard.interfaces)
        found = next((one for one in known if one.code == code), None)
        return code if found is None else f"{code} {self._named(found.ja, found.en)}"

    def item(self, number: str) -> str:
        """Return an item by number and name."""
        try:
            found = self._standard.item(number)
        except DefinitionUnknown:
            return number
        return f"{number} {self._named(found.ja, found.en)}"

    def _named(self, ja: str, en: str) -> str:
        return ja if self._language == "ja" else en

    def _list(self, parts: Iterator[str]) -> str:
        return self.text("comma").join(parts)
