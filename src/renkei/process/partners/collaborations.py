"""Public processes read from their files, and those at hand by hash and by day."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache

from renkei import standard
from renkei.process import bpmn
from renkei.process.bpmn.document import MODEL, Xml, children, is_yes, local, own
from renkei.process.bpmn.expressions import Problem
from renkei.process.bpmn.times import later
from renkei.process.partners.errors import (
    CollaborationNotInForce,
    CollaborationUnfit,
    CollaborationUnknown,
)
from renkei.process.partners.parties import About, Collaboration, LetterItem, LetterType, Party

log = logging.getLogger("renkei.process")

KEPT = timedelta(days=30)
"""How long a letter waits for its case where the public process says nothing."""
LONGEST = timedelta(days=400)


class Collaborations:
    """The public processes that a node knows: each version for as long as a procedure may run."""

    def __init__(self, known: Iterable[Collaboration]) -> None:
        """Take them."""
        self._by_hash = {one.hash: one for one in known}

    @classmethod
    def shipped(cls) -> "Collaborations":
        """Return those of the standard."""
        return cls(_shipped())

    def __iter__(self) -> Iterator[Collaboration]:
        return iter(self._by_hash.values())

    def by_hash(self, hash_: str) -> Collaboration:
        """Return the one a letter names."""
        found = self._by_hash.get(hash_)
        if found is None:
            raise CollaborationUnknown(name=hash_[:12])
        return found

    def on(self, name: str, day: date) -> Collaboration:
        """Return the version by which a procedure begins on a day, the newest."""
        fitting = [one for one in self if one.name == name]
        if not fitting:
            raise CollaborationUnknown(name=name[:80])
        valid = [one for one in fitting if one.published.in_force(day)]
        if not valid:
            raise CollaborationNotInForce(name=name[:80], day=day.isoformat())
        return max(valid, key=lambda one: one.version)


@cache
def _shipped() -> tuple[Collaboration, ...]:
    return tuple(_fitting(standard.public_processes(), standard.catalogue()))


def _fitting(
    published: Iterable[standard.PublicProcess], catalogue: standard.Catalogue
) -> Iterator[Collaboration]:
    """Yield those that fit a standard: in another release an item may be called otherwise.

    One that does not is unknown here, and its letters are refused; it stops nothing else.
    """
    for one in published:
        try:
            yield read(one, catalogue)
        except CollaborationUnfit as error:
            log.warning("%s: %s", error.code(), error)


def read(published: standard.PublicProcess, catalogue: standard.Catalogue) -> Collaboration:
    """Read a public process; CollaborationUnfit for one that fits neither itself nor the standard.

    An item must be one of its service, and may go to the party that asks by the law alone.
    """
    definition = bpmn.read(published.data, published.file)
    return Reader(published, definition, catalogue).collaboration()


class Reader:
    """One file while it is read."""

    def __init__(
        self,
        published: standard.PublicProcess,
        definition: bpmn.Definition,
        catalogue: standard.Catalogue,
    ) -> None:
        """Take the file and the standard it names items of."""
        self._published, self._definition, self._catalogue = published, definition, catalogue
        self._root = definition.document.root
        found = self._root.find(f"{{{MODEL}}}collaboration")
        if found is None:
            raise self._unfit("collaboration")
        self._xml = found
        self._owners = self._owner_of_elements()

    def collaboration(self) -> Collaboration:
        """Return what it says."""
        said = own(self._xml, "collaboration")
        if said is None:
            raise self._unfit("collaboration")
        parties = {one.id: one for one in self._parties()}
        asker, question = said.get("asker", ""), said.get("question", "")
        letters = {}
        for one in self._letters(parties, asker):
            if one.name in letters:
                raise self._unfit(one.name)
            letters[one.name] = one
        about = said.get("about", "person")
        names = {*letters, ""}
        if any({one.counters, one.answers} - names for one in letters.values()):
            raise self._unfit("counters")
        if about == "person" and (asker not in parties or not question):
            raise self._unfit("asker")
        return Collaboration(
            self._published.name,
            self._published.version,
            self._definition,
            self._xml.get("name", self._published.name),
            said.get("en", self._published.name),
            self._about(about),
            self._catalogue.procedure(said.get("procedure", "")).code,
            asker,
            question,
            parties,
            letters,
            self._published,
        )

    def _about(self, said: str) -> About:
        match said:
            case "person" | "nobody":
                return said
            case _:
                raise self._unfit("about")

    def _parties(self) -> Iterator[Party]:
        for xml in children(self._xml, "participant"):
            said = own(xml, "party")
            if said is None or not said.get("kind"):
                raise self._unfit(xml.get("id", "participant"))
            ja = xml.get("name", "") or xml.get("id", "")
            kind, unit = said.get("kind", ""), said.get("unit", "")
            yield Party(xml.get("id", ""), ja, said.get("en", ja), kind, unit)

    def _owner_of_elements(self) -> Mapping[str, str]:
        """Return which participant each element of a process belongs to."""
        owners = {}
        for xml in children(self._xml, "participant"):
            id_ = xml.get("id", "")
            owners[id_] = id_
            process = self._definition.processes.get(xml.get("processRef", ""))
            if process is not None:
                owners |= dict.fromkeys(process.by_id, id_)
        return owners

    def _letters(self, parties: Mapping[str, Party], asker: str) -> Iterator[LetterType]:
        for xml in children(self._xml, "messageFlow"):
            name, said = xml.get("name", ""), own(xml, "letter")
            sender = self._owners.get(xml.get("sourceRef", ""), "")
            receiver = self._owners.get(xml.get("targetRef", ""), "")
            if said is None or not name or sender == receiver or {sender, receiver} - {*parties}:
                raise self._unfit(name or xml.get("id", "messageFlow"))
            service = said.get("service", "")
            items = tuple(self._items(said, name, service))
            if items and receiver != asker and asker:
                raise self._unfit(name)
            yield LetterType(
                name,
                said.get("en", name),
                sender,
                receiver,
                items,
                service,
                said.get("opens", "") == "true",
                said.get("counters", ""),
                said.get("answers", ""),
                self._span(said.get("replyBy", ""), name),
                self._span(said.get("keep", ""), name) or KEPT,
            )

    def _items(self, letter: Xml, name: str, service: str) -> Iterator[LetterItem]:
        named = [one for one in letter if local(one) == "item"]
        if not named:
            return
        unit, _, code = service.partition("/")
        try:
            interface = self._catalogue.shared_interface(unit, code)
            entity = self._catalogue.entity(interface.entity)
        except standard.DefinitionUnknown:
            raise self._unfit(name) from None
        for one in named:
            item = entity.item(one.get("name", ""))
            if item is None or item.name not in interface.items:
                raise self._unfit(f"{name}: {one.get('name', '')}")
            yield LetterItem(item, is_yes(one, "required"))

    def _span(self, said: str, name: str) -> timedelta | None:
        """Return a span of time; none for none."""
        if not said:
            return None
        try:
            epoch = datetime(2000, 1, 1, tzinfo=UTC)
            span = later(epoch, said) - epoch
        except Problem:
            raise self._unfit(name) from None
        if not timedelta() < span <= LONGEST:
            raise self._unfit(name)
        return span

    def _unfit(self, about: str) -> CollaborationUnfit:
        return CollaborationUnfit(file=self._published.file, about=about[:80])
