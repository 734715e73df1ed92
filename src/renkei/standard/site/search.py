"""The search index: every definition as one short row of a script, for both languages.

The pages load it as a script, since a page opened from disk may fetch nothing. A row is path,
Japanese name, English name, id, related names and further text; `script.js` ranks in that order.
"""

import json
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from renkei.standard.linkage import Interface, Party, Procedure
from renkei.standard.model import CodeList, Entity, Unit
from renkei.standard.site import addresses
from renkei.standard.site.book import Book
from renkei.standard.site.wording import table, word

Row: TypeAlias = tuple[str, str, str, str, str, str]

KINDS = (
    "interface",
    "cell",
    "unit",
    "entity",
    "item",
    "code-list",
    "value",
    "procedure",
    "provision",
    "rule",
    "flow",
    "party",
)


def script(book: Book) -> str:
    """Return the index as a script that sets two variables."""
    found: dict[str, list[Row]] = {kind: [] for kind in KINDS}
    for kind, row in rows(book):
        found[kind].append(row)
    words = {
        key.removeprefix("search-"): [texts["ja"], texts["en"]]
        for key, texts in table().items()
        if key.startswith("search-")
    }
    kinds = {kind: [word(f"kind-{kind}", "ja"), word(f"kind-{kind}", "en")] for kind in KINDS}
    return (
        f"var renkeiWords = {_json(words)};\n"
        f"var renkeiKinds = {_json(kinds)};\n"
        f"var renkeiIndex = {{\n{_lines(found)}\n}};\n"
    )


def rows(book: Book) -> Iterator[tuple[str, Row]]:
    """Give the kind and the row of every definition."""
    yield from _linkage(book)
    yield from _records(book)
    yield from _codes(book)
    yield from _law(book)


def _linkage(book: Book) -> Iterator[tuple[str, Row]]:
    """Give who exchanges what: interfaces, cells, units, parties, flows."""
    content = book.standard.content
    for interface in content.interfaces:
        yield "interface", _interface(book, interface)
    for (provider, consumer), interfaces in book.cells.items():
        yield "cell", _cell(book, provider, consumer, interfaces)
    for unit in content.units:
        words = [unit.says_ja, unit.says_en, *unit.laws]
        words += [text for one in unit.functions for text in (one.ja, one.en)]
        number = f"{unit.id} {unit.name}"
        yield "unit", (addresses.unit(unit.id), unit.ja, unit.en, number, "", _joined(words))
    for party in content.parties:
        yield "party", (addresses.party(party.id), party.ja, party.en, party.id, "", "")
    for flow in content.flows:
        names = {number for cell in flow.cells for number in cell}
        related = "|".join(_both(book.members[number]) for number in sorted(names))
        words = [flow.trigger_ja, flow.trigger_en]
        path, number = addresses.flow(flow.number), str(flow.number)
        yield "flow", (path, flow.ja, flow.en, number, related, _joined(words))


def _records(book: Book) -> Iterator[tuple[str, Row]]:
    """Give what is kept: entities, their items, their rules."""
    standard = book.standard
    for entity in standard.entities:
        owner = _both(standard.unit(entity.unit))
        path = addresses.entity(entity.name)
        file = entity.migration_file or ""
        yield "entity", (path, entity.ja, entity.en, entity.name, owner, file)
        related = f"{_both(entity)}|{owner}"
        for item in entity.items:
            path = addresses.item(entity.name, item.name)
            yield "item", (path, item.ja, item.en, f"{item.id} {item.name}", related, "")
    for rule in standard.content.rules:
        related = _both(standard.entity(rule.entity))
        yield "rule", (addresses.rule(rule), rule.ja, rule.en, rule.id, related, rule.clause)


def _codes(book: Book) -> Iterator[tuple[str, Row]]:
    """Give the code lists and their values."""
    for codes in book.standard.code_lists:
        words = [codes.number or "", codes.outside_name or ""]
        path = addresses.code_list(codes.id)
        yield "code-list", (path, codes.ja, codes.en, codes.id, "", _joined(words))
        for value in codes.values:
            path = addresses.code_value(codes.id, value.value)
            yield "value", (path, value.ja, value.en, value.value, _both(codes), "")


def _law(book: Book) -> Iterator[tuple[str, Row]]:
    """Give why anything is given: procedures and provisions."""
    standard = book.standard
    for one in standard.procedures:
        related = _both(standard.unit(one.unit))
        words = [one.affair_ja, one.affair_en]
        words += [text for paper in one.documents for text in (paper.ja, paper.en)]
        path = addresses.procedure(one)
        yield "procedure", (path, one.ja, one.en, one.code, related, _joined(words))
    for provision in standard.provisions:
        procedure = standard.procedure(provision.procedure)
        related = "|".join([_both(standard.unit(provision.asker_unit)), _both(procedure)])
        carried = book.information.get(provision.information, ())
        words = [provision.law, provision.information]
        words += [text for one in carried for text in (one.information.ja, one.information.en)]
        citation, path = provision.citation, addresses.provision(provision)
        yield "provision", (path, citation, citation, provision.row, related, _joined(words))


def _interface(book: Book, one: Interface) -> Row:
    """Return the row of an interface: the provider, then the consumers, are related."""
    consumers = [_both(book.members[number]) for number in book.standard.consumers(one)]
    related = "|".join([_both(book.members[one.unit]), *consumers])
    words = [one.trigger_ja, one.trigger_en, one.information.code]
    words += [one.information.ja, one.information.en]
    for number in one.flows:
        words += [book.flows[number].ja, book.flows[number].en]
    for item in book.items(one):
        words += [item.ja, item.en]
    return addresses.interface(one), one.ja, one.en, one.name, related, _joined(words)


def _cell(book: Book, provider: str, consumer: str, interfaces: Iterable[Interface]) -> Row:
    giver, taker = book.members[provider], book.members[consumer]
    words = [text for one in interfaces for text in (one.ja, one.en)]
    for flow in book.flows_of(provider, consumer):
        words += [flow.ja, flow.en]
    ja, en = f"{giver.ja} → {taker.ja}", f"{giver.en} → {taker.en}"
    related = f"{_both(giver)}|{_both(taker)}"
    path = addresses.cell(provider, consumer)
    return path, ja, en, f"{provider}>{consumer}", related, _joined(words)


def _both(one: Unit | Party | Entity | CodeList | Procedure) -> str:
    return f"{one.ja}|{one.en}"


def _joined(words: Iterable[str]) -> str:
    return " ".join(word for word in dict.fromkeys(words) if word)


def _lines(found: dict[str, list[Row]]) -> str:
    kinds = []
    for kind, ranked in found.items():
        lines = ",\n".join(_json(row) for row in ranked)
        kinds.append(f'"{kind}": [\n{lines}\n]')
    return ",\n".join(kinds)


def _json(value: object) -> str:
    """Return JSON that is also a script, whatever a name holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
