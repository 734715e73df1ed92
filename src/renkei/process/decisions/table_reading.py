"""Reading decision tables: columns, rules, annotations, and the articles a rule cites."""

from collections.abc import Iterator
from itertools import zip_longest

from renkei.process.decisions.element_reading import ElementReader
from renkei.process.decisions.model import InputClause, LiteralBox, OutputClause, Rule, TableBox
from renkei.process.decisions.names import AGGREGATORS, ARTICLE_COLUMNS, POLICIES, tidy
from renkei.process.decisions.places import Place
from renkei.process.decisions.xml import Element, line_of

CELLS = 50_000
"""Cells of one table that are read; a larger one belongs in a relation that is filtered."""


class TableReader(ElementReader):
    """Reads the tables of one file."""

    def table(self, element: Element, place: Place) -> TableBox:
        """Return a table; rules are numbered from 1, as people count them."""
        policy = element.get("hitPolicy", "UNIQUE").strip().upper()
        aggregator = element.get("aggregation", "").strip().upper()
        if policy not in POLICIES and policy not in POLICIES.values():
            self.found("decision-policy-unknown", place, policy=policy)
        if aggregator and aggregator not in AGGREGATORS:
            self.found("decision-policy-unknown", place, policy=aggregator)
        inputs = tuple(self._inputs(element, place))
        outputs = tuple(self._outputs(element, place))
        annotations = [tidy(one.get("name", "")) for one in element.findall(self.tag("annotation"))]
        rows = element.findall(self.tag("rule"))
        most = max(1, CELLS // (len(inputs) + len(outputs) + 1))
        if len(rows) > most:
            self.found("decision-table-large", place, found=len(rows), most=most)
        rules = (
            self._rule(row, number, place, (inputs, outputs), annotations)
            for number, row in enumerate(rows[:most], 1)
        )
        return TableBox(
            place=place,
            policy=next((one for name, one in POLICIES.items() if policy in (name, one)), "U"),
            aggregator=AGGREGATORS.get(aggregator, ""),
            inputs=inputs,
            outputs=outputs,
            rules=tuple(rules),
            type_ref=self.type_ref(element),
            label=tidy(element.get("outputLabel", "")),
        )

    def _inputs(self, element: Element, place: Place) -> Iterator[InputClause]:
        for number, clause in enumerate(element.findall(self.tag("input")), 1):
            inside = place.inside(f"input {number}", line_of(clause))
            expression = clause.find(self.tag("inputExpression"))
            if expression is None:
                self.found("decision-part-missing", inside, part="inputExpression")
                asked = LiteralBox(inside, "null")
            else:
                asked = self.literal(expression, inside)
            label = tidy(clause.get("label", "")) or asked.text
            yield InputClause(inside, label, asked, self.tests(clause, "inputValues", inside))

    def _outputs(self, element: Element, place: Place) -> Iterator[OutputClause]:
        clauses = element.findall(self.tag("output"))
        for number, clause in enumerate(clauses, 1):
            inside = place.inside(f"output {number}", line_of(clause))
            name, default = (
                tidy(clause.get("name", "")),
                clause.find(self.tag("defaultOutputEntry")),
            )
            if len(clauses) > 1 and not name:
                self.found("decision-output-nameless", inside)
            yield OutputClause(
                place=inside,
                name=name,
                label=tidy(clause.get("label", "")) or name,
                type_ref=self.type_ref(clause),
                values=self.tests(clause, "outputValues", inside),
                default=None
                if default is None
                else self.literal(default, inside.inside("default")),
            )

    def _rule(
        self,
        row: Element,
        number: int,
        place: Place,
        clauses: tuple[tuple[InputClause, ...], tuple[OutputClause, ...]],
        columns: list[str],
    ) -> Rule:
        """Return a rule with a cell for every column; one that is missing is empty."""
        inside = place.inside(f"rule {number}", line_of(row))
        cells: dict[str, tuple[LiteralBox, ...]] = {}
        for kind, wanted in zip(("inputEntry", "outputEntry"), map(len, clauses), strict=True):
            entries = row.findall(self.tag(kind))
            if len(entries) != wanted:
                self.found("decision-cells-differ", inside, found=len(entries), wanted=wanted)
            empty = "-" if kind == "inputEntry" else "null"
            read = [
                self._cell(e, inside.inside(f"{kind} {n}"), empty) for n, e in enumerate(entries, 1)
            ]
            read += [LiteralBox(inside, empty)] * (wanted - len(read))
            cells[kind] = tuple(read[:wanted])
        texts = [self.text(entry) for entry in row.findall(self.tag("annotationEntry"))]
        notes = list(zip_longest(columns, texts[: len(columns) or len(texts)], fillvalue=""))
        articles = [text for name, text in notes if name.lower() in ARTICLE_COLUMNS and text]
        if said := self.text(row, "description"):
            notes.append(("description", said))
        return Rule(
            place=inside,
            number=number,
            id=row.get("id", ""),
            conditions=cells["inputEntry"],
            results=cells["outputEntry"],
            annotations=tuple((name, text) for name, text in notes if text),
            articles=(*articles, *self.articles(row)),
        )

    def _cell(self, entry: Element, place: Place, empty: str) -> LiteralBox:
        place = Place(place.file, line_of(entry), place.element)
        return self.literal(entry, place, empty=empty)
