"""The entity-relation diagram of a unit: the person, its entities, those of other units it names.

Entities stand in one column. A relation leaves its item to the right, runs along the track
of the entity it names and comes back to it, so no line passes through a box or along a stranger.
"""

from dataclasses import dataclass

from markupsafe import Markup

from renkei.kit import Language
from renkei.standard.model import Entity, Unit
from renkei.standard.site import addresses
from renkei.standard.site.book import Book
from renkei.standard.site.drawing import SIZE, Drawing, width
from renkei.standard.site.wording import word

HEAD = 26.0
LINE = 19.0
GAP = 22.0
PAD = 10.0
TRACK = 14.0
RAIL = 56.0
WIDEST = 24 * SIZE


@dataclass(frozen=True, slots=True)
class _Placed:
    """An entity where it stands: its top, its rows by item name."""

    entity: Entity
    top: float
    rows: dict[str, float]

    @property
    def head(self) -> float:
        return self.top + HEAD / 2

    @property
    def bottom(self) -> float:
        return self.top + _height(self.entity)


def entity_relations(book: Book, unit: Unit, language: Language, base: str) -> Markup | None:
    """Return the diagram; None for a unit that keeps no records."""
    entities = book.standard.entities_of(unit.id)
    return _Sketch(book, unit, language, base).draw(entities) if entities else None


@dataclass
class _Sketch:
    """One diagram being drawn."""

    book: Book
    unit: Unit
    language: Language
    base: str

    def draw(self, entities: tuple[Entity, ...]) -> Markup:
        """Draw the person, the entities, the tracks and the entities of others."""
        name = self._name(self.unit)
        drawing = Drawing(word("diagram-relations-title", self.language, name=name))
        person = word("diagram-person", self.language)
        subjects = [entity for entity in entities if entity.subject]
        left = width(person) + 2 * PAD + RAIL if subjects else 0
        wide = max(self._width(entity) for entity in entities)
        placed = self._stack(entities)
        for one in placed.values():
            self._entity(drawing, one, left, wide)
        if subjects:
            self._person(drawing, person, [placed[entity.name] for entity in subjects], left)
        self._relations(drawing, placed, left + wide)
        return drawing.svg()

    def _stack(self, entities: tuple[Entity, ...]) -> dict[str, _Placed]:
        placed, top = {}, 0.0
        for entity in entities:
            rows = {
                name: top + HEAD + (index + 0.5) * LINE for index, name in enumerate(_shown(entity))
            }
            placed[entity.name] = _Placed(entity, top, rows)
            top += _height(entity) + GAP
        return placed

    def _entity(self, drawing: Drawing, one: _Placed, x: float, wide: float) -> None:
        entity = one.entity
        drawing.box(x, one.top, wide, _height(entity), "entity")
        drawing.line([(x, one.top + HEAD), (x + wide, one.top + HEAD)], "rule")
        tip = f"{self._name(entity)} ({entity.name})"
        address = self.base + addresses.entity(entity.name)
        drawing.link(x + PAD, one.top + 18, self._name(entity), address, tip, WIDEST)
        for name, y in one.rows.items():
            drawing.text(x + PAD, y + 5, self._row(entity, name), "small", wide - PAD)

    def _person(self, drawing: Drawing, person: str, placed: list[_Placed], left: float) -> None:
        wide = left - RAIL
        high = max(placed[-1].head + HEAD / 2 - placed[0].top, HEAD)
        drawing.box(0, placed[0].top, wide, high, "person")
        drawing.text(PAD, placed[0].top + 18, person, "strong")
        for one in placed:
            drawing.line([(wide, one.head), (left, one.head)])
            drawing.text(wide + 4, one.head - 4, "1", "small")
            single = one.entity.key == (one.entity.subject,)
            drawing.text(left - 12, one.head - 4, "1" if single else "n", "small")

    def _relations(self, drawing: Drawing, placed: dict[str, _Placed], edge: float) -> None:
        """Give each entity that is named a track, those of other units to the right of ours."""
        named: dict[str, set[float]] = {}
        single: dict[float, bool] = {}
        for one in placed.values():
            for relation in one.entity.relations:
                begin = one.rows[relation.items[0]]
                named.setdefault(relation.to, set()).add(begin)
                whole = set(relation.items) == set(one.entity.key)
                single[begin] = single.get(begin, True) and whole
        for y, is_single in single.items():
            drawing.text(edge + 3, y - 3, "1" if is_single else "n", "small")
        inner = {name: begins for name, begins in named.items() if name in placed}
        outer = {name: begins for name, begins in named.items() if name not in placed}
        tracks: list[list[tuple[float, float]]] = []
        for name, begins in inner.items():
            end = placed[name].head
            track = _free(tracks, (min(end, *begins) - 3, max(end, *begins) + 3))
            x = edge + 2 * PAD + TRACK * track
            self._track(drawing, begins, edge, x, end)
            drawing.line([(x, end), (edge, end)])
            drawing.text(edge + 3, end - 4, "1", "small")
        near = edge + 2 * PAD + TRACK * (len(tracks) + 1)
        far = near + TRACK * len(outer) + PAD
        for index, (name, begins) in enumerate(outer.items()):
            x, y = near + TRACK * index, index * 2 * HEAD + HEAD / 2
            self._track(drawing, begins, edge, x, y)
            drawing.line([(x, y), (far, y)])
            drawing.text(far - 9, y - 4, "1", "small")
            self._other(drawing, name, far, y)

    def _track(
        self, drawing: Drawing, begins: set[float], edge: float, x: float, end: float
    ) -> None:
        """Draw what leads to one entity: its track, and a line from each item that names it."""
        drawing.line([(x, min(end, *begins)), (x, max(end, *begins))])
        for begin in sorted(begins):
            drawing.line([(edge, begin), (x, begin)])

    def _other(self, drawing: Drawing, name: str, x: float, y: float) -> None:
        entity = self.book.standard.entity(name)
        label = f"{entity.unit} {self._name(entity)}"
        drawing.box(x, y - HEAD / 2, min(width(label), WIDEST) + 2 * PAD, HEAD, "neighbour")
        address = self.base + addresses.entity(name)
        drawing.link(x + PAD, y + 5, label, address, f"{label} ({name})", WIDEST)

    def _width(self, entity: Entity) -> float:
        texts = [self._name(entity), *(self._row(entity, name) for name in _shown(entity))]
        return min(max(width(text) for text in texts), WIDEST) + 2 * PAD

    def _row(self, entity: Entity, name: str) -> str:
        item = entity.item(name)
        label = name if item is None else (item.ja if self.language == "ja" else item.en)
        return f"{'◆' if name in entity.key else '◇'} {label}"

    def _name(self, definition: Entity | Unit) -> str:
        return definition.ja if self.language == "ja" else definition.en


def _shown(entity: Entity) -> list[str]:
    """Return the items a box shows: the key, then those that name other records."""
    named = (name for relation in entity.relations for name in relation.items)
    return list(dict.fromkeys([*entity.key, *named]))


def _height(entity: Entity) -> float:
    return HEAD + len(_shown(entity)) * LINE + 6


def _free(tracks: list[list[tuple[float, float]]], span: tuple[float, float]) -> int:
    """Take the first track where nothing runs beside the span."""
    for index, taken in enumerate(tracks):
        if all(span[1] < low or high < span[0] for low, high in taken):
            taken.append(span)
            return index
    tracks.append([span])
    return len(tracks) - 1
