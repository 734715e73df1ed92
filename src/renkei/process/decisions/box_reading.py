"""Reading boxed expressions: every shape of DMN 1.5, each with its place."""

from collections.abc import Iterator

from lxml import etree

from renkei.process.decisions.model import (
    Box,
    ConditionalBox,
    ContextBox,
    ContextEntry,
    FilterBox,
    FunctionBox,
    InvocationBox,
    IteratorBox,
    ListBox,
    LiteralBox,
    Named,
    RelationBox,
)
from renkei.process.decisions.names import tidy
from renkei.process.decisions.places import Place
from renkei.process.decisions.table_reading import TableReader
from renkei.process.decisions.xml import Element, line_of

KINDS = frozenset(
    [
        *("literalExpression", "decisionTable", "context", "list", "relation", "invocation"),
        *("functionDefinition", "conditional", "filter", "for", "some", "every"),
    ]
)


class BoxReader(TableReader):
    """Reads the boxes of one file."""

    def only_box(self, element: Element, outer: Place) -> Box | None:
        """Return the one expression an element holds, or nothing."""
        for child in self.children(element):
            if etree.QName(child).localname in KINDS:
                return self.box(child, outer)
        return None

    def wanted(self, element: Element, kind: str, outer: Place) -> Box:
        """Return the expression in a part that must be there; without it, null and a finding."""
        part = element.find(self.tag(kind))
        inner = None if part is None else self.only_box(part, outer.inside(kind))
        if inner is not None:
            return inner
        place = self.place(element, outer)
        self.found("decision-part-missing", place, part=kind)
        return LiteralBox(place, "null")

    def box(self, element: Element, outer: Place) -> Box:
        """Return an expression of any kind."""
        kind = etree.QName(element).localname
        place = outer if kind == "literalExpression" else outer.inside(kind)
        place = Place(place.file, line_of(element), place.element)
        type_ref = self.type_ref(element)
        match kind:
            case "literalExpression":
                return self.literal(element, place)
            case "context":
                return ContextBox(place, tuple(self._entries(element, place)), type_ref)
            case "list":
                boxes = [self.box(one, place) for one in self._boxes(element)]
                return ListBox(place, tuple(boxes), type_ref)
            case "relation":
                return self._relation(element, place)
            case "invocation":
                return self._invocation(element, place)
            case "functionDefinition":
                return self.function(element, place)
            case "decisionTable":
                return self.table(element, place)
            case "conditional":
                condition = self.wanted(element, "if", place)
                then = self.wanted(element, "then", place)
                otherwise = self.wanted(element, "else", place)
                return ConditionalBox(place, condition, then, otherwise, type_ref)
            case "filter":
                source = self.wanted(element, "in", place)
                return FilterBox(place, source, self.wanted(element, "match", place), type_ref)
        return self._iterator(element, place)

    def _boxes(self, element: Element) -> Iterator[Element]:
        return (c for c in self.children(element) if etree.QName(c).localname in KINDS)

    def _entries(self, element: Element, place: Place) -> Iterator[ContextEntry]:
        for number, entry in enumerate(element.findall(self.tag("contextEntry")), 1):
            variable = entry.find(self.tag("variable"))
            name = "" if variable is None else tidy(variable.get("name", ""))
            inside = place.inside(name or f"entry {number}", line_of(entry))
            value = self.only_box(entry, inside)
            if value is None:
                self.found("decision-part-missing", inside, part="expression")
                value = LiteralBox(inside, "null")
            named = Named(name, self.type_ref(variable)) if variable is not None and name else None
            yield ContextEntry(named, value)

    def _relation(self, element: Element, place: Place) -> RelationBox:
        columns = tuple(
            Named(tidy(column.get("name", "")), self.type_ref(column))
            for column in element.findall(self.tag("column"))
        )
        rows = []
        for number, row in enumerate(element.findall(self.tag("row")), 1):
            inside = place.inside(f"row {number}", line_of(row))
            cells = tuple(self.box(cell, inside) for cell in self._boxes(row))
            if len(cells) != len(columns):
                wanted = len(columns)
                self.found("decision-cells-differ", inside, found=len(cells), wanted=wanted)
            rows.append(cells)
        return RelationBox(place, columns, tuple(rows), self.type_ref(element))

    def _invocation(self, element: Element, place: Place) -> InvocationBox:
        called = self.only_box(element, place)
        if called is None:
            self.found("decision-part-missing", place, part="expression")
            called = LiteralBox(place, "null")
        bindings: list[tuple[Named, Box]] = []
        for binding in element.findall(self.tag("binding")):
            parameter = binding.find(self.tag("parameter"))
            if parameter is None:
                self.found("decision-part-missing", place, part="parameter")
                continue
            name = Named(tidy(parameter.get("name", "")), self.type_ref(parameter))
            inside = place.inside(name.name, line_of(binding))
            value = self.only_box(binding, inside) or LiteralBox(inside, "null")
            bindings.append((name, value))
        return InvocationBox(place, called, tuple(bindings), self.type_ref(element))

    def function(self, element: Element, place: Place) -> FunctionBox:
        """Return a function, or the logic of a knowledge model, which is one."""
        parameters = tuple(
            Named(tidy(one.get("name", "")), self.type_ref(one))
            for one in element.findall(self.tag("formalParameter"))
        )
        kind = element.get("kind", "FEEL")
        kind = "FEEL" if kind in ("F", "FEEL") else kind
        if kind != "FEEL":
            self.found("decision-function-foreign", place, "alert", kind=kind)
        body = self.only_box(element, place)
        return FunctionBox(place, parameters, body, self.type_ref(element), kind)

    def _iterator(self, element: Element, place: Place) -> IteratorBox:
        kind = etree.QName(element).localname
        is_for = kind == "for"
        source = element.find(self.tag("in"))
        variable = Named(
            tidy(element.get("iteratorVariable", "")),
            "" if source is None else self.type_ref(source),
        )
        body = self.wanted(element, "return" if is_for else "satisfies", place)
        return IteratorBox(
            place,
            "for" if is_for else "some" if kind == "some" else "every",
            variable,
            self.wanted(element, "in", place),
            body,
            self.type_ref(element),
        )
