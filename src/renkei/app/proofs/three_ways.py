"""Three logs of the same exchanges held against each other: who lacks what of which.

Each party does so for itself, every day: its own entries against what the other party and the log
operator say of theirs, and theirs against its own. Pure; the lists are read elsewhere.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from renkei import kit
from renkei.app.proofs.exchange_lists import Kept, Part


@dataclass(frozen=True, slots=True, order=True)
class Lack:
    """An exchange of which a party lacks a part; or has another one than was named."""

    request: str
    tenant: str
    part: Part

    def text(self, language: kit.Language) -> str:
        """Return it as a sentence."""
        part = kit.say(f"exchange-part-{self.part}", language)
        return kit.say(
            "exchange-lacks", language, request=self.request, tenant=self.tenant, part=part
        )


class Told:
    """The list of one party, found by request and part."""

    def __init__(self, exchanges: Iterable[Kept]) -> None:
        """Take the list whole."""
        self.all = tuple(exchanges)
        self._entries = defaultdict[tuple[str, Part], set[str]](set)
        for one in self.all:
            self._entries[one.request, one.part].add(one.entry)

    def has(self, request: str, part: Part, entry: str = "") -> bool:
        """Tell whether it has a part of an exchange, and that very entry where one is named."""
        found = self._entries.get((request, part))
        return bool(found) and (not entry or entry in (found or ()))


@dataclass(frozen=True, slots=True)
class Three:
    """The lists of a day: ours, the other parties' and the log operators' by their numbers.

    Who could not be asked has no list: nothing is said of them. `knows` tells whether an entry
    stands here under a request, and that very one where it is named, whatever its day.
    """

    us: str
    ours: Sequence[Kept]
    parties: Mapping[str, Told]
    operators: Mapping[str, Told]
    knows: Callable[[str, str], bool]

    def lacks(self, is_today: Callable[[Kept], bool]) -> list[Lack]:
        """Return who lacks what of the exchanges of the day."""
        found = set[Lack]()
        for one in filter(is_today, self.ours):
            found.update(self._of_ours(one))
        for told in (*self.parties.values(), *self.operators.values()):
            for one in filter(is_today, told.all):
                found.update(self._of_theirs(one))
        return sorted(found)

    def _of_ours(self, one: Kept) -> Iterator[Lack]:
        """Yield what others lack of an exchange of which we hold an end."""
        match one.part:
            case "answer" if one.asker == self.us:
                wanted: tuple[str, Part, str] = one.holder, "provision", one.holder_entry
            case "provision" if one.holder == self.us:
                wanted = one.asker, "question", ""
            case _:
                return
        who, part, entry = wanted
        told = self.parties.get(who)
        if told is not None and not told.has(one.request, part, entry):
            yield Lack(one.request, who, part)
        # Which operator gave the receipt stands in its signature alone: one of them has it.
        operators = self.operators.values()
        if operators and not (
            one.receipt and any(told.has(one.request, "receipt", one.receipt) for told in operators)
        ):
            yield Lack(one.request, min(self.operators), "receipt")

    def _of_theirs(self, one: Kept) -> Iterator[Lack]:
        """Yield what we lack of an exchange that somebody else says we took part in."""
        match one.part:
            case "answer" if one.holder == self.us:
                if not self.knows(one.request, one.holder_entry):
                    yield Lack(one.request, self.us, "provision")
            case "provision" | "receipt" if one.asker == self.us:
                if not self.knows(one.request, ""):
                    yield Lack(one.request, self.us, "question")
            case _:
                return


def others_of(us: str, exchanges: Iterable[Kept]) -> set[str]:
    """Return the other parties of some exchanges."""
    return {number for one in exchanges for number in (one.asker, one.holder)} - {us}
