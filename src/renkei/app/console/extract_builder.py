"""Building a query on a page, with plain forms: every button sends the draft and gets it changed.

Only items are offered that some permit of the day names for the unit and the procedure chosen; the
law is asked of the whole query when its rows are counted and when it is saved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from renkei import kit, law
from renkei.app.console.extract_buttons import CHANGES
from renkei.app.console.extract_drafts import (
    Draft,
    changed,
    day_from,
    moment_from,
    read_draft,
)
from renkei.app.console.extract_words import OPERATORS, Words
from renkei.app.console.frame import HEADERS, PREFIX, Console, Visit
from renkei.app.disclosure import extracting
from renkei.app.disclosure.extracting import Bureau
from renkei.standard import Entity, Item, ItemType
from renkei.store import extracts

NUMERIC = frozenset({ItemType.number, ItemType.decimal})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a button said besides changing the draft: a count, a refusal, defects."""

    count: int | None = None
    refusal: law.Refusal | None = None
    said: str = ""

    @property
    def status(self) -> int:
        """Return the status of the page that tells it."""
        if self.refusal is not None:  # a refusal reads as no, so it is asked for by name
            return 403
        return 422 if self.said else 200

    @property
    def refused_items(self) -> tuple[str, ...]:
        """Return the items that were refused."""
        return () if self.refusal is None else self.refusal.request.items


@dataclass(frozen=True, slots=True)
class Builder:
    """The page on which a query is built."""

    console: Console
    bureau: Bureau

    def page(self, visit: Visit) -> Response:
        """Show the draft, changed by the button that was pressed."""
        draft = read_draft(visit.field("draft"))
        if visit.request.method == "GET":
            return self._page(visit, draft, Outcome())
        draft = self._with_settings(draft, visit)
        button, _, about = visit.field("do").partition(" ")
        if button in CHANGES:
            known = Words(draft.sources, self.bureau.standard, visit.language)
            return self._page(visit, CHANGES[button](draft, visit, about, known), Outcome())
        if button in ("count", "save"):
            return self._ask(visit, draft, button)
        return self._page(visit, draft, Outcome())

    def _with_settings(self, draft: Draft, visit: Visit) -> Draft:
        """Take the fields that stand on the page whatever button was pressed."""
        if "unit" not in visit.form:
            return draft
        unit, procedure = visit.field("unit"), visit.field("procedure")
        known = {one.code for one in self.bureau.standard.procedures if one.unit == unit}
        limit = visit.field("limit")
        return changed(
            draft,
            unit=unit,
            procedure=procedure if procedure in known else "",
            purpose=visit.field("purpose")[:300],
            name=visit.field("name")[:100],
            on=day_from(visit.field("on")),
            known=moment_from(visit.field("known")),
            distinct=visit.field("distinct") == "1",
            limit=int(limit)
            if limit.isascii() and limit.isdigit() and 0 < len(limit) < 8
            else None,
        )

    def _ask(self, visit: Visit, draft: Draft, button: str) -> Response:
        """Count the rows of the draft or save it, if the law permits it."""
        query, reader = draft.query(), visit.language
        if query is None or not draft.procedure or not draft.purpose:
            return self._page(visit, draft, Outcome(said=kit.say("extract-incomplete", reader)))
        if defects := extracts.defects(query, self.bureau.standard):
            said = "\n".join(defect.says(reader) for defect in defects)
            return self._page(visit, draft, Outcome(said=said))
        asker = self.bureau.asker(draft.unit, draft.procedure, draft.purpose)
        by, at = visit.staff.number, visit.at
        try:
            if button == "count":
                answer = extracting.count(self.bureau, query, asker, by=by, at=at)
            else:
                answer = extracting.save(self.bureau, draft.name, query, asker, by=by, at=at)
        except kit.NodeError as error:
            return self._page(visit, draft, Outcome(said=error.text(reader)))
        match answer:
            case law.Refusal():
                return self._page(visit, draft, Outcome(refusal=answer))
            case rows if button == "count":
                return self._page(visit, draft, Outcome(count=rows))
            case version:
                told = urlencode({"name": draft.name, "version": version})
                address = f"{PREFIX}/extracts/show?{told}"
                return RedirectResponse(address, 303, headers=HEADERS)

    def _page(self, visit: Visit, draft: Draft, outcome: Outcome) -> Response:
        standard, reader = self.bureau.standard, visit.language
        words = Words(draft.sources, standard, reader)
        button = visit.field("do").partition(" ")[0]
        picked = visit.field("item") if button == "pick" else ""
        joining = visit.field("join-entity") if button == "ways" else ""
        return self.console.page(
            visit,
            "extract-builder.html",
            status=outcome.status,
            draft=draft,
            words=words,
            outcome=outcome,
            units=standard.units,
            procedures=[one for one in standard.procedures if one.unit == draft.unit],
            entities=self._entities(draft),
            links=self._links(words, joining),
            join_entity=joining,
            offered=self._offered(draft, words, visit),
            picked=picked if words.found(picked) else "",
            picked_item=words.found(picked),
            operators=[OPERATORS[kind] for kind in extracts.operators(found)]
            if (found := words.found(picked))
            else [],
            choices=self._choices(words.found(picked), reader, visit),
            codes=lambda item: item.code_list is not None,
            number=lambda item: item.type in NUMERIC,
            of_refusal=[standard.item(number) for number in outcome.refused_items],
            japan=lambda moment: moment.strftime("%Y-%m-%dT%H:%M") if moment else "",
            today=kit.day_of(visit.at),
        )

    def _entities(self, draft: Draft) -> "Mapping[str, list[Entity]]":
        """Return the entities to begin with, by unit, the own unit's first."""
        standard = self.bureau.standard
        own = [unit for unit in standard.units if unit.id == draft.unit]
        others = [unit for unit in standard.units if unit.id != draft.unit]
        return {unit.id: [*standard.entities_of(unit.id)] for unit in (*own, *others)}

    def _links(self, words: Words, entity: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
        """Return the ways from the sources to an entity: (source, pairs)."""
        if not entity:
            return []
        return [
            (name, pairs)
            for name, reading in words.readings.items()
            for pairs in extracts.links(reading, entity, self.bureau.standard)
        ]

    def _offered(
        self, draft: Draft, words: Words, visit: Visit
    ) -> dict[str, list[tuple[Item, bool]]]:
        """Return the items of each source, and whether a permit of today names them."""
        asker = self.bureau.asker(draft.unit, draft.procedure, draft.purpose)
        open_ids = (
            extracts.open_items(
                asker, self.bureau.desk.provisions, self.bureau.standard, on=kit.day_of(visit.at)
            )
            if draft.procedure
            else frozenset()
        )
        return {
            name: [
                (item, open_ids.issuperset(reading.ids(item.name)))
                for item in reading.items.values()
            ]
            for name, reading in words.readings.items()
        }

    def _choices(
        self, item: Item | None, reader: kit.Language, visit: Visit
    ) -> list[tuple[str, str]]:
        """Return the values an item may have, with their names; those in use today first."""
        if item is None:
            return []
        if item.type is ItemType.flag:
            return [
                (value, kit.say(f"fact-{word}", reader))
                for value, word in (("1", "yes"), ("0", "no"))
            ]
        if item.code_list is None:
            return []
        known = self.bureau.standard.code_list(item.code_list).known
        ordered = sorted(known, key=lambda value: not value.is_in_force(kit.day_of(visit.at)))
        return [(value.value, value.label(reader)) for value in ordered]
