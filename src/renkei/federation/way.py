"""The way of a record from one release of the standard to another, and to its reader's characters.

Both ends go it with the same code: the holder from its own release to the one it was asked in, the
asker from there to the one its unit asked in, where these differ.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from renkei import standard, store
from renkei.standard.characters import Charset
from renkei.standard.mediation import Loss, mediation, written_in

Record = dict[str, store.Plain]


@dataclass(frozen=True, slots=True)
class Way:
    """From which release to which, for what one service carries."""

    origin: standard.Catalogue
    target: standard.Catalogue
    unit: str
    service: str

    @property
    def leads_on(self) -> bool:
        """Tell whether the releases are two."""
        return self.origin != self.target

    def check(self, items: Iterable[str]) -> None:
        """Refuse items of the target that the origin does not carry: nobody could bring them."""
        if self.leads_on:
            mediation(self.target, self.origin, self.unit, self.service).check(items)

    def told(
        self,
        record: Record | None,
        characters: Charset = Charset.utf_8,
        before: tuple[Loss, ...] = (),
    ) -> "Told":
        """Return a record at the end of the way; `before` is what it had lost until here."""
        losses = before
        if record is not None and self.leads_on:
            passage = mediation(self.origin, self.target, self.unit, self.service)
            mediated = passage.record(record)
            record = mediated.record
            losses = (*(_named(loss, passage.names) for loss in losses), *mediated.losses)
        if record is not None and characters is not Charset.utf_8:
            fitted = written_in(record, characters)
            record, losses = fitted.record, (*losses, *fitted.losses)
        return Told(self, characters, record, losses)


@dataclass(frozen=True, slots=True)
class Told:
    """What is told at the end of a way, and all that was lost on it."""

    way: Way
    characters: Charset
    record: Record | None
    losses: tuple[Loss, ...]

    def facts(self) -> dict[str, str]:
        """Return what an entry keeps: from where to where, which items lost what; no value."""
        facts = {}
        if self.way.leads_on:
            facts["mediated_from"] = self.way.origin.edition.edition
            facts["mediated_to"] = self.way.target.edition.edition
        if self.characters is not Charset.utf_8:
            facts["characters"] = self.characters.value
        if self.losses:
            facts["lost"] = " ".join(f"{loss.item}:{loss.why}" for loss in self.losses)
        return facts


def _named(loss: Loss, names: Mapping[str, str]) -> Loss:
    """Return a loss by the name that its reader knows the item by."""
    return msgspec.structs.replace(loss, item=names.get(loss.item, loss.item))
