"""Printing one page: the templates, and the links, signs and badges every page uses."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from typing import TypeAlias, get_args

import jinja2
from markupsafe import Markup

from renkei.kit import Language
from renkei.standard.generate.forms import form
from renkei.standard.generate.records import json_value
from renkei.standard.linkage import (
    ALL,
    OWN,
    Condition,
    Fault,
    Interface,
    Party,
    Procedure,
    Provision,
    SubjectRelation,
    Timing,
)
from renkei.standard.model import (
    CodeList,
    CodeMapping,
    CodeValue,
    Entity,
    Function,
    Handling,
    Item,
    ItemType,
    Provenance,
    Standardised,
    Unit,
)
from renkei.standard.row_rules import Level, Rule
from renkei.standard.site import addresses
from renkei.standard.site.book import Book, symbol
from renkei.standard.site.contents import Page
from renkei.standard.site.data_flow import data_flow
from renkei.standard.site.entity_relations import entity_relations
from renkei.standard.site.wording import day, table, word

Named: TypeAlias = (
    Unit
    | Party
    | Entity
    | Item
    | CodeList
    | CodeMapping
    | CodeValue
    | Function
    | Interface
    | Procedure
    | Rule
    | Fault
)
"""What has a name in both languages."""

Dated: TypeAlias = Unit | Item | CodeValue | Interface | Procedure | Provision
"""What may be at its end."""

TEMPLATES = files("renkei.standard.site") / "templates"


@dataclass
class Press:
    """The templates of one site, loaded once; everything they print is escaped."""

    book: Book
    downloads: tuple[str, ...] = ()
    _templates: jinja2.Environment = field(init=False)

    def __post_init__(self) -> None:
        """Load the templates."""
        self._templates = jinja2.Environment(
            loader=jinja2.FunctionLoader(lambda name: (TEMPLATES / name).read_text("utf-8")),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._templates.globals = {
            "ALL": ALL,
            "OWN": OWN,
            "Handling": Handling,
            "ItemType": ItemType,
            "Level": Level,
            "Provenance": Provenance,
            "Standardised": Standardised,
            "Timing": Timing,
            "all_conditions": get_args(Condition),
            "all_relations": get_args(SubjectRelation),
            "at": addresses,
            "book": self.book,
            "standard": self.book.standard,
            "symbol": symbol,
        }
        self._templates.tests["unit"] = lambda one: isinstance(one, Unit)
        self._templates.tests["abolished"] = self._is_abolished

    def _is_abolished(self, one: Dated) -> bool:
        return one.until is not None and one.until < self.book.today

    def print(self, page: Page, language: Language) -> str:
        """Return a page of a tree."""
        up = "../" * page.path.count("/")
        return self._render(page, Sheet(self.book, language, up, f"../{up}", self.downloads))

    def front(self, page: Page) -> str:
        """Return the Japanese front page as it stands above the trees."""
        return self._render(page, Sheet(self.book, "ja", "ja/", "", self.downloads))

    def _render(self, page: Page, sheet: "Sheet") -> str:
        template = self._templates.get_template(page.template)
        return template.render(
            page=page,
            lang=sheet.language,
            base=sheet.base,
            top=sheet.top,
            s=sheet,
            t=sheet.word,
            name=sheet.name,
            link=sheet.link,
            downloads=self.downloads,
            **page.facts,
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page being printed: its language and where it stands, and what follows from both.

    `base` leads to the tree of its language, `top` to the folder of the site.
    """

    book: Book
    language: Language
    base: str
    top: str
    downloads: tuple[str, ...]

    def word(self, key: str, **facts: object) -> str:
        """Return a text of the pages."""
        return word(key, self.language, **facts)

    def name(self, one: Named) -> str:
        """Return the name of a definition in the language of the page."""
        return one.ja if self.language == "ja" else one.en

    def pick(self, one: object, word: str) -> str:
        """Return one of the texts a definition has in both languages, e.g. `trigger`."""
        return str(getattr(one, f"{word}_{self.language}"))

    def link(self, one: Unit | Party | Entity | CodeList | Interface | Procedure) -> Markup:
        """Return a link to the page of a definition."""
        match one:
            case Unit():
                return self._link(addresses.unit(one.id), f"{one.id} {self.name(one)}")
            case Party():
                return self._link(addresses.party(one.id), f"{one.id} {self.name(one)}")
            case Entity():
                return self._link(addresses.entity(one.name), self.name(one))
            case CodeList():
                return self._link(addresses.code_list(one.id), self.name(one))
            case Interface():
                return self._link(addresses.interface(one), self.name(one))
            case Procedure():
                return self._link(addresses.procedure(one), self.name(one))

    def link_item(self, entity: Entity, item: Item) -> Markup:
        """Return a link to an item on the page of its entity."""
        return self._link(addresses.item(entity.name, item.name), self.name(item))

    def link_member(self, number: str) -> Markup:
        """Return a link to a unit or a party by its number."""
        return self.link(self.book.members[number])

    def link_interface(self, name: str) -> Markup:
        """Return a link to an interface by its name, e.g. `06/income`."""
        return self.link(self.book.standard.interface(*name.split("/")))

    def link_cell(self, provider: str, consumer: str) -> Markup:
        """Return a link to all that one gives to another, under the name of the consumer."""
        return self._link(
            addresses.cell(provider, consumer), self.name(self.book.members[consumer])
        )

    def interfaces(self, names: tuple[str, ...]) -> list[Interface]:
        """Return interfaces by their names."""
        return [self.book.standard.interface(*name.split("/")) for name in names]

    def link_to(self, path: str, text: str) -> Markup:
        """Return a link to a path of the tree."""
        return self._link(path, text)

    def day(self, value: date) -> Markup:
        """Return a day."""
        shown = day(value, self.language)
        return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), shown)

    def span(self, since: date, until: date | None) -> Markup:
        """Return from when to when something is used; an end is made visible."""
        between = "〜" if self.language == "ja" else "–"
        begin = Markup('<span class="begin">{} {}</span>').format(self.day(since), between)
        if until is None:
            return begin
        return begin + Markup(' <span class="end">{}</span>').format(self.day(until))

    def typed(self, item: Item) -> str:
        """Return type and digits of an item, e.g. `文字 100`."""
        digits = "" if item.digits is None else f" {item.digits}"
        if item.decimals is not None:
            digits = f" {item.digits}.{item.decimals}"
        return self.word(f"type-{item.type}") + digits

    def listed(self, named: Iterable[Named]) -> str:
        """Return names in a row."""
        return self.comma.join(self.name(one) for one in named)

    @property
    def comma(self) -> str:
        """Return what stands between the names of a row."""
        return "、" if self.language == "ja" else ", "

    def sign(self, interfaces: Iterable[Interface]) -> str:
        """Return what the sign of a cell says."""
        words = {"●": "symbol-sent", "○": "symbol-asked", "◎": "symbol-both"}
        return self.word(words[symbol(interfaces)])

    def kind_of_organisation(self, kind: str) -> str:
        """Return the kind of asking or holding organisation; one we have no word for as it is."""
        return self.word(f"kind-of-{kind}") if f"kind-of-{kind}" in table() else kind

    def limits_of(self, provision: Provision) -> list[str]:
        """Return the words for the conditions of a row and for whom it may be asked about."""
        relations = (f"concerns-{relation}" for relation in provision.persons)
        return [*(f"condition-{condition}" for condition in provision.conditions), *relations]

    def days_and_years(self, provision: Provision) -> list[str]:
        """Return which years may be asked today, and the items that have days of their own."""
        years = provision.named_years(self.book.today)
        said = []
        if years is not None:
            span = f"{years[0]}–{years[-1]}"
            said.append(self.word("years-counted", years=span))
        for term in provision.item_terms:
            days = f"{term.since or provision.since}–{term.until or ''}"
            said.append(self.word("item-term", item=term.item, span=days))
        return said

    def example(self, entity: Entity, item: Item) -> str:
        """Return a value of an item, with its meaning where it is a code."""
        value = self.book.example(entity)[item.name]
        if item.code_list is None:
            return value
        meaning = self.book.standard.code_list(item.code_list).label(value, self.language)
        return f"{value} {meaning}" if meaning else value

    def answer(self, interface: Interface) -> str:
        """Return an example of an answer as JSON."""
        row = self.book.example(self.book.standard.entity(interface.entity))
        found = {item.name: json_value(item, row[item.name]) for item in self.book.items(interface)}
        return json.dumps(found, ensure_ascii=False, indent=2)

    def form(self, entity: Entity) -> Markup:
        """Return the fields in which a record of an entity is entered."""
        made = form(entity, self.book.standard, self.language, on=self.book.today)
        return Markup(made)  # noqa: S704  # it escapes what a catalogue says

    def items_of(self, provision: Provision) -> list[Markup]:
        """Return links to the items a row names."""
        found = (self.book.standard.holder_of(number) for number in provision.items)
        return [self.link_item(entity, item) for entity, item in found]

    def downloads_of(self, unit: str) -> list[str]:
        """Return the files of a unit: those whose name begins with its number."""
        return [name for name in self.downloads if name.startswith(unit)]

    def flow_diagram(self, unit: Unit) -> Markup | None:
        """Return the data-flow diagram of a unit."""
        return data_flow(self.book, unit, self.language, self.base)

    def relation_diagram(self, unit: Unit) -> Markup | None:
        """Return the entity-relation diagram of a unit."""
        return entity_relations(self.book, unit, self.language, self.base)

    def _link(self, path: str, text: str) -> Markup:
        return Markup('<a href="{}{}">{}</a>').format(self.base, path, text)
