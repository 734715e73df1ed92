"""A model with those it imports, linked and ready to be asked."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from renkei import kit
from renkei.process import feel
from renkei.process.decisions.boxes import Compiler
from renkei.process.decisions.closures import typed
from renkei.process.decisions.elements import (
    DecisionElement,
    Element,
    InputElement,
    KnowledgeElement,
    Need,
    ServiceElement,
)
from renkei.process.decisions.errors import DecisionUnknown
from renkei.process.decisions.findings import Finding
from renkei.process.decisions.model import (
    Decision,
    DecisionService,
    Definitions,
    FunctionBox,
    InputData,
    KnowledgeModel,
    LiteralBox,
)
from renkei.process.decisions.shapes import Shape, Shapes
from renkei.process.decisions.vocabulary import Vocabulary
from renkei.process.feel import Code


class Model:
    """A model: its elements are linked and compiled when they are first asked for."""

    def __init__(
        self,
        definitions: Definitions,
        imported: "Mapping[str, Model]",
        *,
        found: Sequence[Finding] = (),
        library: feel.Library = feel.CONFORMANCE,
    ) -> None:
        """Take what was read, and the models it imports by the names they have in it."""
        self.definitions = definitions
        self.imported = imported
        self.file = definitions.place.file
        self.name = definitions.name
        self.namespace = definitions.namespace
        self._found = tuple(found)
        self.shapes: Shapes = Shapes(
            definitions, {name: one.shapes for name, one in imported.items()}
        )
        self.compiler = Compiler(self.shapes, library)
        self._elements: dict[str, Element] = {}
        self._asked: dict[str, DecisionElement | ServiceElement] = {}
        self._inputs: dict[str, Shape] | None = None
        self._links: list[Finding] = []
        self._types = None if imported else self.shapes.all()

    @property
    def version(self) -> str:
        """Return the content hash of this model and all it imports, in hexadecimal."""
        if not self.imported:
            return self.definitions.hash
        parts = sorted({self.definitions.hash, *(m.version for m in self.imported.values())})
        return kit.digest(list(parts)).hex()

    @property
    def decisions(self) -> tuple[str, ...]:
        """Return the names of the decisions, in the order of the file."""
        return tuple(self._named(Decision))

    @property
    def services(self) -> tuple[str, ...]:
        """Return the names of the decision services, in the order of the file."""
        return tuple(self._named(DecisionService))

    @property
    def inputs(self) -> dict[str, Shape]:
        """Return what can be given from outside, with its type."""
        nodes = self.definitions.nodes.values()
        found = [node for node in nodes if isinstance(node, InputData)]
        return {one.variable.name: self.shapes.named(one.variable.type_ref) for one in found}

    def named_shapes(self) -> dict[str, Shape]:
        """Return the declared types of the inputs and decisions, by their names."""
        nodes = self.definitions.nodes.values()
        found = [node.variable for node in nodes if isinstance(node, InputData | Decision)]
        return {one.name: self.shapes.named(one.type_ref) for one in found if one.type_ref}

    def all_inputs(self) -> dict[str, Shape]:
        """Return the inputs of this model and of those it imports; its own come first."""
        if self._inputs is None:
            found = dict(self.inputs)
            for model in self.imported.values():
                for name, shape in model.all_inputs().items():
                    found.setdefault(name, shape)
            self._inputs = found
        return self._inputs

    def _named(self, kind: type) -> Iterator[str]:
        for node in self.definitions.nodes.values():
            if isinstance(node, kind):
                yield node.variable.name

    def outermost(self) -> tuple[str, ...]:
        """Return the decisions no other decision needs: what a model is made for."""
        decisions = [n for n in self.definitions.nodes.values() if isinstance(n, Decision)]
        needed = {one for decision in decisions for one in decision.needs.decisions}
        return tuple(
            one.variable.name for one in decisions if f"{self.namespace}#{one.id}" not in needed
        )

    def asked(self, name: str) -> DecisionElement | ServiceElement:
        """Return the decision or service of a name or id."""
        if name not in self._asked:
            self._asked[name] = self._look_up(name)
        return self._asked[name]

    def _look_up(self, name: str) -> DecisionElement | ServiceElement:
        for kind in (Decision, DecisionService):
            for key, node in self.definitions.nodes.items():
                if isinstance(node, kind) and name in (node.variable.name, key):
                    return cast("DecisionElement | ServiceElement", self.element(key))
        known = ", ".join((*self.decisions, *self.services)) or "-"
        raise DecisionUnknown(file=self.file, name=name, known=known)

    def element(self, key: str) -> Element:
        """Return an element of this model by its id."""
        if key not in self._elements:
            self._elements[key] = self._make(key)
        return self._elements[key]

    def _make(self, key: str) -> Element:
        node = self.definitions.nodes[key]
        full, name = f"{self.namespace}#{key}", node.variable.name
        match node:
            case InputData():
                shape = self.shapes.named(node.variable.type_ref)
                return InputElement(full, name, node.place, shape, self.namespace)
            case Decision():
                return DecisionElement(
                    key=full,
                    name=name,
                    place=node.place,
                    model=self.name,
                    version=lambda: self.version,
                    articles=self._articles(node),
                    _link=lambda: self._needs(node),
                    _compile=lambda: self._decision_code(node),
                    _type=lambda: self._decision_type(node),
                )
            case KnowledgeModel():
                return KnowledgeElement(
                    key=full,
                    name=name,
                    place=node.place,
                    _link=lambda: self._needs(node),
                    _compile=lambda: self.compiler.function(self._logic(node), self._known(node)),
                    _type=lambda: self._knowledge_type(node),
                )
            case DecisionService():
                return self._service(node, full)

    def _articles(self, node: Decision) -> tuple[str, ...]:
        """Return what a decision cites: its own articles, then its knowledge sources."""
        start = len(self.namespace) + 1
        sources = [self.definitions.sources.get(ref[start:]) for ref in node.needs.authorities]
        return (*node.articles, *(one.name for one in sources if one is not None and one.name))

    def find(self, reference: str) -> Need | None:
        """Return what a reference names: here, or in a model that is imported, however deep."""
        namespace, _, key = reference.rpartition("#")
        if namespace == self.namespace and key in self.definitions.nodes:
            return Need(self.element(key))
        for name, model in self.imported.items():
            if model.namespace == namespace and key in model.definitions.nodes:
                return Need(model.element(key), name)
        for name, model in self.imported.items():
            if (found := model.find(reference)) is not None:
                return Need(found.element, name)
        return None

    def _needs(self, node: Decision | KnowledgeModel) -> tuple[Need, ...]:
        wanted = (*node.needs.inputs, *node.needs.decisions, *node.needs.knowledge)
        found: list[Need] = []
        for reference in dict.fromkeys(wanted):
            need = self.find(reference)
            if need is None:
                facts = {"reference": reference.removeprefix(self.namespace)}
                self._links.append(Finding("decision-reference-missing", node.place, facts=facts))
            elif need.element.key != f"{self.namespace}#{node.id}":
                found.append(need)
        return tuple(found)

    def _known(self, node: Decision | KnowledgeModel) -> Vocabulary:
        """Return the names the logic of an element may use."""
        known: dict[str, feel.Type | None] = {}
        inside: dict[str, dict[str, feel.Type]] = {}
        for need in self.element(node.id).needs():
            of = need.element.type()
            if need.prefix:
                inside.setdefault(need.prefix, {})[need.element.name] = of or feel.ANY
            else:
                known[need.element.name] = of
        known |= {prefix: feel.ContextOf(entries) for prefix, entries in inside.items()}
        if isinstance(node, KnowledgeModel):
            known.setdefault(node.variable.name, None)
        if self._types is None:
            self._types = self.shapes.all()
        return Vocabulary(known, self._types)

    def _decision_code(self, node: Decision) -> Code:
        logic = node.logic or LiteralBox(node.place, "null")
        if node.logic is None:
            self._links.append(Finding("decision-logic-missing", node.place, "alert"))
        code = self.compiler.code(logic, self._known(node))
        return typed(code, self.shapes.named(node.variable.type_ref), node.place)

    def _decision_type(self, node: Decision) -> feel.Type | None:
        shape = self.shapes.named(node.variable.type_ref)
        if not shape.is_anything or node.logic is None:
            return shape.type
        return self.compiler.guess(node.logic)

    def _logic(self, node: KnowledgeModel) -> FunctionBox:
        """Return the logic of a knowledge model; its variable may say what comes out of it."""
        logic = node.logic or FunctionBox(node.place, (), None)
        declared = self.shapes.named(node.variable.type_ref)
        if logic.type_ref or declared.is_anything or isinstance(declared.type, feel.FunctionOf):
            return logic
        return FunctionBox(
            logic.place, logic.parameters, logic.body, node.variable.type_ref, logic.kind
        )

    def _knowledge_type(self, node: KnowledgeModel) -> feel.Type | None:
        declared = self.shapes.named(node.variable.type_ref).type
        return (
            declared
            if isinstance(declared, feel.FunctionOf)
            else self.compiler.guess(self._logic(node))
        )

    def _service(self, node: DecisionService, full: str) -> ServiceElement:
        given = [self._reference(ref, node) for ref in (*node.input_data, *node.input_decisions)]
        outputs = [self._reference(ref, node) for ref in node.outputs]
        parameters = [one for one in given if one is not None]
        declared = self.shapes.named(node.variable.type_ref)
        if isinstance(declared.type, feel.FunctionOf):
            declared = Shape(declared.type.result)
        return ServiceElement(
            key=full,
            name=node.variable.name,
            place=node.place,
            outputs=[one for one in outputs if isinstance(one, DecisionElement)],
            parameters=parameters,
            shapes=[self._shape_of(one) for one in parameters],
            result=declared,
        )

    def _reference(self, reference: str, node: DecisionService) -> Element | None:
        need = self.find(reference)
        if need is None:
            facts = {"reference": reference.removeprefix(self.namespace)}
            self._links.append(Finding("decision-reference-missing", node.place, facts=facts))
            return None
        return need.element

    @staticmethod
    def _shape_of(element: Element) -> Shape:
        if isinstance(element, InputElement):
            return element.shape
        return Shape(element.type() or feel.ANY)

    def findings(self) -> tuple[Finding, ...]:
        """Return everything that cannot work in this model, found by compiling all of it."""
        for key in self.definitions.nodes:
            element = self.element(key)
            element.needs()
            if isinstance(element, DecisionElement):
                element.code()
            elif isinstance(element, KnowledgeElement):
                element.make()
        unknown = [
            Finding("decision-type-unknown", self.definitions.place, facts={"name": name})
            for name in sorted(self.shapes.unknown)
        ]
        found = (
            *self._found,
            *self._links,
            *self.shapes.findings,
            *self.compiler.findings,
            *unknown,
        )
        return tuple(sorted(dict.fromkeys(found), key=lambda one: one.place))
