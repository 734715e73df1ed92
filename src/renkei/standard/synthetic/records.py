"""Records of any entity, made from the catalogue alone: the generic half of the simulator.

Keys are unique, relations name records that exist, every value keeps its item's rule and every
record the rules of its entity. Where a person is known (`Card`), the record says the same of them.
Families, incomes and moves, which a catalogue cannot tell, are the models' beside this file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from renkei.standard.content import Catalogue, grouped
from renkei.standard.judgement import meets, sortable, wrong_items
from renkei.standard.model import Entity, ItemType, Relation
from renkei.standard.row_rules import (
    BeEmpty,
    BeFilled,
    BeInOrder,
    BeOneOf,
    BeUnique,
    NotMatch,
    NumberVersions,
    OccurOnce,
    Rule,
    When,
)
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.values import Make, Values

Row = dict[str, str]
Index = dict[tuple[str, ...], tuple[tuple[str, ...], ...]]
Card = Mapping[str, str]
"""What other files of the town say of one person or body, by item name."""

# What a register says of somebody and every other record repeats; the rest is the record's own.
REPEATED = frozenset(
    {
        *("name", "kana", "former_surname", "birth_date", "sex", "relationship"),
        *("household_number", "postal_code", "address_code", "address", "building"),
        *("personal_number", "resident_record_code", "person_kind", "protected"),
    }
)
FILLED = 0.7  # share of the optional values that are there
TRIES = 50
SUBJECT_KEPT = 20_000  # keys of an entity that others may refer to
ORDERED = {ItemType.date, ItemType.uncertain_date, ItemType.month, ItemType.datetime, ItemType.year}


def example_row(entity: Entity, standard: Catalogue, on: date = date(2026, 4, 1)) -> Row:
    """Return one record with every value, the same every time: what documents show.

    >>> from renkei.standard import catalogue
    >>> example_row(catalogue().entity("child_medical"), catalogue())["recipient_number"].isdigit()
    True
    """
    records = Records(standard, Dice("example", entity.name), on, ())
    told = {item.name: item.example for item in entity.items if item.example is not None}
    for share in (1.0, 0.9, FILLED, 0.5):
        maker = _Maker(records, entity, share)
        maker.makers |= {name: partial(str, example) for name, example in told.items()}
        row = maker.row()
        if row is not None:
            return row
    return {item.name: item.example or "" for item in entity.items}


@dataclass(slots=True)
class Records:
    """The records of a town, entity by entity; later ones refer to earlier ones."""

    standard: Catalogue
    dice: Dice
    day: date
    cards: Sequence[Card]
    kept: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)

    def in_order(self, entities: Sequence[Entity]) -> list[Entity]:
        """Return entities so that each comes after those it refers to, as far as that goes."""
        ordered: list[Entity] = []
        names = {entity.name for entity in entities}

        def add(entity: Entity, above: frozenset[str]) -> None:
            for relation in entity.relations:
                if relation.to in names and relation.to not in above:
                    add(self.standard.entity(relation.to), above | {relation.to})
            if entity not in ordered:
                ordered.append(entity)

        for entity in entities:
            add(entity, frozenset({entity.name}))
        return ordered

    def remember(self, entity: Entity, row: Mapping[str, str]) -> None:
        """Let later records refer to a record made elsewhere."""
        keys = self.kept.setdefault(entity.name, [])
        if len(keys) < SUBJECT_KEPT:
            keys.append(tuple(row[name] for name in entity.key))

    def make(self, entity: Entity, count: int) -> Iterator[Row]:
        """Give up to so many records; fewer where the keys there can be are used up."""
        self.kept.setdefault(entity.name, [])  # it may refer to its own records
        maker = _Maker(self, entity)
        for _ in range(count):
            row = maker.row()
            if row is None:
                return
            self.remember(entity, row)
            yield row


class _Maker:
    """Makes the records of one entity."""

    def __init__(self, records: Records, entity: Entity, filled: float = FILLED) -> None:
        self.filled = filled
        self.records = records
        self.entity = entity
        self.dice = records.dice
        self.rules = records.standard.rules_of(entity.name, records.day)
        values = Values(records.standard, records.dice, records.day)
        self.makers: dict[str, Make] = {item.name: values.maker(item) for item in entity.items}
        self._optional = [item.name for item in entity.items if not item.required]
        self._keys: set[tuple[str, ...]] = set()
        self._seen: set[tuple[str, tuple[str, ...]]] = set()
        self._indexes: dict[tuple[str, tuple[int, ...]], Index] = {}
        self._cards = self._fitting(records.cards)

    def row(self) -> Row | None:
        """Return one more record, or None where no new one could be made."""
        for _ in range(TRIES):
            row = {name: make() for name, make in self.makers.items()}
            for name in self._optional:
                if not self.dice.chance(self.filled):
                    row[name] = ""
            row |= self._person(row)
            referred = self._refer(row)
            if referred is None:
                continue
            fixed, empty = referred
            key = tuple(row[name] for name in self.entity.key)
            if key in self._keys:
                continue
            obeyed = self.obeyed(row, (*self.entity.key, *fixed))
            if obeyed is not None and not any(obeyed[name] for name in empty):
                self._keys.add(key)
                return obeyed
        return None

    def _fitting(self, cards: Sequence[Card]) -> Sequence[Card]:
        """Return the cards of those a record of this entity may be about: bodies, or persons."""
        is_body = self.entity.item("corporate_number") and not self.entity.item("birth_date")
        bodies = [card for card in cards if card.get("person_kind", "1") != "1"]
        if is_body:
            return bodies
        return [card for card in cards if card.get("person_kind", "1") == "1"]

    def _person(self, row: Row) -> Row:
        subject = self.entity.subject
        if subject is None or not self._cards:
            return {}
        card = self.dice.pick(self._cards)
        same = {name: card[name] for name in REPEATED if name in row and name in card}
        return {**same, subject: card["register_number"]}

    def _refer(self, row: Row) -> tuple[Sequence[str], Sequence[str]] | None:
        """Let the items of each relation name a record that exists; return them and those left out.

        The longest relation is settled first and the others agree with it; where none can, an
        optional reference stays empty, and a required one makes the record impossible: None.
        """
        fixed: list[str] = []
        empty: list[str] = []
        for relation in sorted(self.entity.relations, key=lambda one: -len(one.items)):
            if relation.to not in self.records.kept:
                continue
            keys = self._agreeing(relation, row, fixed)
            if keys:
                row |= dict(zip(relation.items, self.dice.pick(keys), strict=False))
            else:
                loose = [n for n in relation.items if n in self._optional and n not in fixed]
                if not loose:
                    return None
                row |= dict.fromkeys(loose, "")
                empty += loose
            fixed += relation.items
        return fixed, empty

    def _agreeing(
        self, relation: Relation, row: Row, fixed: Sequence[str]
    ) -> Sequence[tuple[str, ...]]:
        """Return the keys a relation may name that agree with what is settled already."""
        keys = self.records.kept[relation.to]
        places = tuple(n for n, name in enumerate(relation.items) if name in fixed)
        if not places:
            return keys
        index = self._indexes.get((relation.to, places))
        if index is None:
            index = grouped((tuple(key[n] for n in places), key) for key in keys)
            self._indexes[relation.to, places] = index
        return index.get(tuple(row[relation.items[n]] for n in places), ())

    def obeyed(self, row: Row, fixed: Sequence[str]) -> Row | None:
        """Return the record changed so that it keeps the rules; None where it cannot."""
        for _ in range(3):
            before = dict(row)
            for rule in self.rules:
                if meets(row, rule.when):
                    self._obey(rule, row, fixed)
            if row == before:
                break
        binding = [rule for rule in self.rules if meets(row, rule.when)]
        standard = self.records.standard
        if any(wrong_items(rule, self.entity, row, standard) for rule in binding):
            return None  # two rules pull one item both ways: another draw may avoid that
        if not all(self._fits(rule, row) for rule in binding):
            return None
        for rule in binding:
            self._seen.add(self._group(rule, row))
        return row

    def _obey(self, rule: Rule, row: Row, fixed: Sequence[str]) -> None:
        match rule.then:
            case BeFilled(items=items):
                for name in items:
                    row[name] = row[name] or self.makers[name]()
            case BeEmpty(items=items):
                for name in items:
                    row[name] = ""
            case BeOneOf(item=item, values=values):
                if row[item] and row[item] not in values:
                    row[item] = self.dice.pick(values)
            case BeInOrder(items=items):
                self._put_in_order(row, [name for name in items if row[name]], fixed)
            case OccurOnce(where=where):
                self._settle(row, where, wanted=self._group(rule, row) not in self._seen)
            case NumberVersions(item=item):
                row[item] = "1"
            case _:
                pass

    def _put_in_order(self, row: Row, names: Sequence[str], fixed: Sequence[str]) -> None:
        """Let days and numbers not fall from one item to the next; `fixed` ones stay."""
        for n, name in enumerate(names[1:], 1):
            before = row[names[n - 1]]
            if sortable(before) <= sortable(row[name]):
                continue
            if name not in fixed:
                row[name] = before
                continue
            for earlier in names[:n]:
                if earlier not in fixed and sortable(row[earlier]) > sortable(row[name]):
                    row[earlier] = row[name]

    def _fits(self, rule: Rule, row: Row) -> bool:
        """Tell whether a record fits those before it, by a rule about several."""
        match rule.then:
            case BeUnique(items=items) | NotMatch(items=items):
                return self._group(rule, row) not in self._seen or not all(row[i] for i in items)
            case NumberVersions():
                return self._group(rule, row) not in self._seen
            case _:
                return True

    def _group(self, rule: Rule, row: Row) -> tuple[str, tuple[str, ...]]:
        """Return what the records share that a rule about several compares."""
        match rule.then:
            case (
                BeUnique(items=names)
                | NotMatch(items=names)
                | OccurOnce(by=names)
                | NumberVersions(by=names)
            ):
                return rule.id, tuple(row[name] for name in names)
            case _:
                return rule.id, ()

    def _settle(self, row: Row, where: Sequence[When], *, wanted: bool) -> None:
        """Make a record meet the conditions, or fail the first of them."""
        if wanted:
            for one in where:
                if one.one_of and row[one.item] not in one.one_of:
                    row[one.item] = self.dice.pick(one.one_of)
                if one.filled:
                    row[one.item] = row[one.item] or self.makers[one.item]()
        else:
            for _ in range(TRIES):
                if not meets(row, where):
                    return
                row[where[0].item] = self.makers[where[0].item]()
