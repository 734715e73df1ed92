"""Which pages there are: each with its place in a tree, its template and what it is about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from renkei.standard.linkage import Party
from renkei.standard.site import addresses
from renkei.standard.site.book import Book, functions

OVERVIEWS = (
    "entities.html",
    "code-lists.html",
    "interfaces.html",
    "procedures.html",
    addresses.PROVISIONS,
    addresses.RULES,
    addresses.GLOSSARY,
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page, the same in both languages but for its words."""

    path: str
    template: str
    facts: Mapping[str, object] = field(default_factory=dict)


def contents(book: Book) -> Iterator[Page]:
    """Give every page of a tree, the front page first."""
    standard = book.standard
    yield Page(addresses.HOME, "home.html")
    for name in OVERVIEWS:
        yield Page(name, name)
    for unit in standard.units:
        facts: dict[str, object] = {"unit": unit, "functions": functions(unit)}
        yield Page(addresses.unit(unit.id), "unit.html", facts)
    for member in book.members.values():
        if isinstance(member, Party):
            yield Page(addresses.party(member.id), "party.html", {"party": member})
    for (provider, consumer), interfaces in book.cells.items():
        facts = {
            "provider": book.members[provider],
            "consumer": book.members[consumer],
            "interfaces": interfaces,
        }
        yield Page(addresses.cell(provider, consumer), "cell.html", facts)
    for entity in standard.entities:
        yield Page(addresses.entity(entity.name), "entity.html", {"entity": entity})
    for codes in standard.code_lists:
        yield Page(addresses.code_list(codes.id), "code-list.html", {"codes": codes})
    for interface in standard.interfaces:
        yield Page(addresses.interface(interface), "interface.html", {"interface": interface})
    for procedure in standard.procedures:
        yield Page(addresses.procedure(procedure), "procedure.html", {"procedure": procedure})
    for number, rows in book.provisions_of.items():
        facts = {"unit": standard.unit(number), "rows": rows}
        yield Page(addresses.provisions_of(number), "unit-provisions.html", facts)
