"""Reading a DMN file of any version from 1.1 to 1.5: leniently, losing no place.

What is unknown is passed over and told of; refused is only what nobody could use.
"""

import hashlib
from collections.abc import Iterator

from lxml import etree

from renkei.process.decisions.box_reading import BoxReader
from renkei.process.decisions.errors import ModelForeign, ModelNamedTwice, ModelNameless
from renkei.process.decisions.findings import Finding
from renkei.process.decisions.model import (
    Decision,
    DecisionService,
    Definitions,
    FunctionBox,
    Import,
    InputData,
    ItemDefinition,
    KnowledgeModel,
    Named,
    Node,
    Requirements,
    Source,
)
from renkei.process.decisions.names import DMN, FEEL, tidy
from renkei.process.decisions.places import Place
from renkei.process.decisions.xml import Element, line_of, parse

PASSED = frozenset(
    [
        *("description", "extensionElements", "artifact", "textAnnotation", "association", "group"),
        *(
            "elementCollection",
            "performanceIndicator",
            "organizationUnit",
            "businessContextElement",
        ),
        *("DMNDI", "question", "allowedAnswers", "impactedPerformanceIndicator", "decisionMaker"),
        *("decisionOwner", "usingProcess", "usingTask", "supportedObjective", "owner", "type"),
    ]
)


def read_definitions(data: bytes, file: str) -> tuple[Definitions, tuple[Finding, ...]]:
    """Read a model, and say what in it was passed over or cannot work; `file` is what it is called.

    Raised is what leaves no model: no XML, no DMN, an element without a name, an id twice.
    """
    root = parse(data, file)
    name = etree.QName(root)
    version = DMN.get(name.namespace or "")
    if name.localname != "definitions" or version is None:
        raise ModelForeign(file=file, element=str(root.tag), known=", ".join(DMN))
    reader = ModelReader(root, file, version)
    model = reader.definitions(hashlib.sha256(data).hexdigest())
    return model, tuple(sorted(reader.findings, key=lambda finding: finding.place))


class ModelReader(BoxReader):
    """One reading of one file."""

    def __init__(self, root: Element, file: str, version: str) -> None:
        """Take the root; imports are read first, since prefixes of types name them."""
        super().__init__(file, etree.QName(root).namespace or "")
        self._root = root
        self._version = version
        self.own = root.get("namespace", "")
        self.default_language = root.get("expressionLanguage", "") or FEEL[0]

    def definitions(self, content_hash: str) -> Definitions:
        """Return everything the file holds."""
        root, place = self._root, self.place(self._root)
        imports = tuple(self._imports())
        self.prefixes = {one.namespace: one.name for one in imports}
        nodes: dict[str, Node] = {}
        sources: dict[str, Source] = {}
        items: list[ItemDefinition] = []
        ids: dict[str, int] = {}
        for child in self.children(root):
            kind = etree.QName(child).localname
            if kind == "import" or kind in PASSED:
                continue
            if kind == "itemDefinition":
                items.append(self._item(child, place))
            elif kind == "knowledgeSource":
                source = self._source(child)
                self._once(ids, source.id, child)
                sources[source.id] = source
            elif (node := self._node(kind, child)) is not None:
                self._once(ids, node.id, child)
                nodes[node.id] = node
            else:
                self.unknown(child)
        return Definitions(
            place=place,
            name=tidy(root.get("name", "")),
            namespace=self.own,
            version=self._version,
            hash=content_hash,
            imports=imports,
            items=tuple(items),
            nodes=nodes,
            sources=sources,
        )

    def _once(self, ids: dict[str, int], known: str, element: Element) -> None:
        line = line_of(element)
        if known in ids:
            label = etree.QName(element).localname
            raise ModelNamedTwice(
                file=self.file, line=line, name=known, other=ids[known], element=label
            )
        ids[known] = line

    def _imports(self) -> Iterator[Import]:
        for child in self._root.findall(self.tag("import")):
            if child.get("importType", "") in DMN:
                place = self.place(child)
                yield Import(place, tidy(child.get("name", "")), child.get("namespace", ""))

    def _node(self, kind: str, element: Element) -> Node | None:
        match kind:
            case "inputData":
                name, place = self._name(element), self.place(element)
                return InputData(place, self._id(element, name), self._variable(element, name))
            case "decision":
                return self._decision(element)
            case "businessKnowledgeModel":
                return self._knowledge(element)
            case "decisionService":
                return self._service(element)
        return None

    def _decision(self, element: Element) -> Decision:
        name, place = self._name(element), self.place(element)
        question = self.text(element, "question")
        return Decision(
            place=place,
            id=self._id(element, name),
            variable=self._variable(element, name),
            needs=self._needs(element),
            logic=self.only_box(element, place),
            question=question,
            articles=self.articles(element),
        )

    def _knowledge(self, element: Element) -> KnowledgeModel:
        name, place = self._name(element), self.place(element)
        inside = element.find(self.tag("encapsulatedLogic"))
        logic: FunctionBox | None = None
        if inside is not None:
            logic = self.function(inside, self.place(inside, place))
        else:
            self.found("decision-logic-missing", place, "alert")
        return KnowledgeModel(
            place=place,
            id=self._id(element, name),
            variable=self._variable(element, name),
            needs=self._needs(element),
            logic=logic,
            articles=self.articles(element),
        )

    def _service(self, element: Element) -> DecisionService:
        name = self._name(element)
        return DecisionService(
            place=self.place(element),
            id=self._id(element, name),
            variable=self._variable(element, name),
            outputs=self._references(element, "outputDecision"),
            encapsulated=self._references(element, "encapsulatedDecision"),
            input_decisions=self._references(element, "inputDecision"),
            input_data=self._references(element, "inputData"),
        )

    def _source(self, element: Element) -> Source:
        name = self._name(element)
        location = element.get("locationURI", "")
        return Source(self.place(element), self._id(element, name), name, location)

    def _needs(self, element: Element) -> Requirements:
        found: dict[str, list[str]] = {}
        for child in self.children(element):
            for part in self.children(child):
                if href := part.get("href"):
                    found.setdefault(etree.QName(part).localname, []).append(self.reference(href))
        return Requirements(
            decisions=tuple(found.get("requiredDecision", ())),
            inputs=tuple(found.get("requiredInput", ())),
            knowledge=tuple(found.get("requiredKnowledge", ())),
            authorities=tuple(found.get("requiredAuthority", ())),
        )

    def _references(self, element: Element, kind: str) -> tuple[str, ...]:
        hrefs = [child.get("href", "") for child in element.findall(self.tag(kind))]
        return tuple(self.reference(href) for href in hrefs)

    def reference(self, href: str) -> str:
        """Return a reference with its namespace: `#d` is in this model."""
        namespace, _, known = href.rpartition("#")
        return f"{namespace or self.own}#{known}"

    def _name(self, element: Element) -> str:
        if name := tidy(element.get("name", "")):
            return name
        if known := element.get("id", ""):
            self.found("decision-name-missing", self.place(element), "alert", name=known)
            return known
        raise ModelNameless(
            file=self.file,
            line=line_of(element),
            element=etree.QName(element).localname,
            attribute="name",
        )

    @staticmethod
    def _id(element: Element, name: str) -> str:
        return element.get("id") or f"({etree.QName(element).localname}) {name}"

    def _variable(self, element: Element, name: str) -> Named:
        variable = element.find(self.tag("variable"))
        if variable is None:
            return Named(name)
        return Named(tidy(variable.get("name", "")) or name, self.type_ref(variable))

    def _item(self, element: Element, outer: Place) -> ItemDefinition:
        """Return a type with its components, which are types without a name outside it."""
        place = self.place(element, outer if outer.element != "definitions" else None)
        base = element.find(self.tag("typeRef"))
        function = element.find(self.tag("functionItem"))
        signature = None
        if function is not None:
            given = function.findall(self.tag("parameters"))
            names = [Named(tidy(one.get("name", "")), self.type_ref(one)) for one in given]
            signature = (tuple(names), self.resolve_type(function.get("outputTypeRef"), function))
        return ItemDefinition(
            place=place,
            name=self._name(element),
            type_ref="" if base is None else self.resolve_type(base.text, base),
            is_collection=element.get("isCollection", "").strip() in ("true", "1"),
            allowed=self.tests(element, "allowedValues", place),
            constraint=self.tests(element, "typeConstraint", place),
            components=tuple(
                self._item(child, place) for child in element.findall(self.tag("itemComponent"))
            ),
            function=signature,
        )
