"""Three logs of the same exchanges held against each other: who lacks what of which.

Each party does so for itself, every day: its own entries against what the other party and the log
operator say of theirs, and theirs against its own. Pure; the lists are read elsewhere.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from renkei import kit
from renkei.app.proofs.exchange_lists import Kept, Part
from renkei.app.proofs.proven_places import Standing

Fault = Literal["lacks", "unproven", "unreceived", "receipt-broken", "receipt-late", "left"]
"""What is wrong with a part: it is not named, not proven, entered as a failure though it was given,
a receipt's promise was not kept, or neither party has an end of the question it was given for."""

UNKEPT = frozenset[Fault]({"receipt-broken", "receipt-late"})
"""What is said again of a receipt at each comparison of its day: a word broken stays broken."""

CLOCKS = timedelta(minutes=5)
"""How far our clock may be from the log operator's, before it is said that it broke its word."""


@dataclass(frozen=True, slots=True, order=True)
class Lack:
    """An exchange of which a party lacks a part, or has another one than was named, or too late.

    `by` is who told us so; empty for what we found ourselves.
    """

    request: str
    tenant: str
    part: Part
    fault: Fault = "lacks"
    by: str = ""

    def text(self, language: kit.Language) -> str:
        """Return it as a sentence."""
        part = kit.say(f"exchange-part-{self.part}", language)
        said = kit.say(
            f"exchange-{self.fault}", language, request=self.request, tenant=self.tenant, part=part
        )
        return kit.say("exchange-told-by", language, by=self.by, said=said) if self.by else said


class Told:
    """The list of one party, found by request and part; and which of it stands in its log."""

    def __init__(self, exchanges: Iterable[Kept], proven: Standing) -> None:
        """Take the list whole."""
        self.all = tuple(exchanges)
        self._proven = proven
        self._entries = defaultdict[tuple[str, Part], set[str]](set)
        for one in self.all:
            self._entries[one.request, one.part].add(one.entry)

    def fault(self, request: str, part: Part, entry: str = "") -> Fault | None:
        """Tell what is wrong with a part of an exchange, that very entry where one is named."""
        found = self._entries.get((request, part), set())
        named = {one for one in found if not entry or one == entry}
        if not named:
            return "lacks"
        return None if named & self._proven.keys() else "unproven"

    def since(self, entry: str) -> datetime | None:
        """Return since when an entry is signed; None for one that is not proven."""
        return self._proven.get(entry)


@dataclass(frozen=True, slots=True)
class Three:
    """The lists of a day: ours, the other parties' and the log operators' by their numbers.

    Who could not be asked has no list: nothing is said of them. `knows` tells whether an entry
    stands here under a request, and that very one where it is named, whatever its day. `at` is
    when the lists were asked for, `broken` the requests whose receipt was found broken before.
    """

    us: str
    ours: Sequence[Kept]
    parties: Mapping[str, Told]
    operators: Mapping[str, Told]
    knows: Callable[[str, str], bool]
    at: datetime
    broken: Collection[str] = ()

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
                yield from self._of_party(one, one.holder, "provision", one.holder_entry)
            case "provision" if one.holder == self.us:
                yield from self._of_party(one, one.asker, "question")
                yield from self._of_party(one, one.asker, "answer")
            case _:
                return
        if self.operators:
            yield from self._of_receipt(one)

    def _of_party(self, one: Kept, who: str, part: Part, entry: str = "") -> Iterator[Lack]:
        """Yield what another party lacks of an exchange, if it could be asked."""
        told = self.parties.get(who)
        fault = told and told.fault(one.request, part, entry)
        if not told or not fault:
            return
        if part == "answer" and told.fault(one.request, "in-set") is None:
            return
        if part == "answer" and told.fault(one.request, "failure") is None:
            fault = "unreceived"
        yield Lack(one.request, who, part, fault)

    def _of_receipt(self, one: Kept) -> Iterator[Lack]:
        """Yield what became of the promise that was made for an exchange."""
        # 1. Which operator gave the receipt stands in its signature alone: one of them has it.
        faults = {
            who: told.fault(one.request, "receipt", one.receipt) if one.receipt else "lacks"
            for who, told in self.operators.items()
        }
        kept = [who for who, fault in faults.items() if fault is None]
        # 2. Nobody has it: until it is due that is a lack, from then on a word that was broken.
        if not kept:
            unproven = [who for who, fault in faults.items() if fault == "unproven"]
            is_due = one.due is not None and one.due + CLOCKS < self.at
            who = min(unproven or self.operators)
            fault: Fault = "receipt-broken" if is_due else "unproven" if unproven else "lacks"
            yield Lack(one.request, who, "receipt", fault)
            return
        # 3. It is there: too late by the operator's own word, or by what we saw before.
        since = self.operators[kept[0]].since(one.receipt)
        is_late = one.due is not None and since is not None and since > one.due
        if is_late or one.request in self.broken:
            yield Lack(one.request, kept[0], "receipt", "receipt-late")

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


def left_open(receipts: Iterable[Kept], ended: Mapping[str, Collection[str]]) -> list[Lack]:
    """Return the questions with our receipt of which neither party has an end.

    `ended` names, by party, the requests it told an end of; who was not asked is not there, and
    nothing is said of its questions.
    """
    return [
        Lack(one.request, one.asker, "answer", "left")
        for one in receipts
        if one.asker in ended
        and one.holder in ended
        and one.request not in ended[one.asker]
        and one.request not in ended[one.holder]
    ]


def others_of(us: str, exchanges: Iterable[Kept]) -> set[str]:
    """Return the other parties of some exchanges."""
    return {number for one in exchanges for number in (one.asker, one.holder)} - {us}
