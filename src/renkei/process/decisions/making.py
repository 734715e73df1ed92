"""Making the elements of a model: what each needs, which names it knows, when it is compiled."""

from collections.abc import Callable

from renkei.process import feel
from renkei.process.decisions.boxes import Compiler
from renkei.process.decisions.closures import typed
from renkei.process.decisions.elements import (
    DecisionElement,
    InputElement,
    KnowledgeElement,
    ServiceElement,
)
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
from renkei.process.decisions.needs import Element, Need
from renkei.process.decisions.shapes import Shape, Shapes
from renkei.process.decisions.vocabulary import Vocabulary
from renkei.process.feel import Code


class ElementMaker:
    """Makes elements of one model; `findings` collects references to nothing, and what is empty."""

    def __init__(
        self,
        definitions: Definitions,
        shapes: Shapes,
        compiler: Compiler,
        *,
        find: Callable[[str], Need | None],
        version: Callable[[], str],
    ) -> None:
        """Take the model's parts; `find` follows a reference, also into imported models."""
        self._definitions = definitions
        self._shapes = shapes
        self._compiler = compiler
        self._find = find
        self._version = version
        self._types: dict[str, feel.Type] | None = None
        self._needed: dict[str, tuple[Need, ...]] = {}
        self.findings: list[Finding] = []

    def make(self, key: str) -> Element:
        node = self._definitions.nodes[key]
        full, name = f"{self._definitions.namespace}#{key}", node.variable.name
        match node:
            case InputData():
                shape = self._shapes.named(node.variable.type_ref)
                return InputElement(full, name, node.place, shape, self._definitions.namespace)
            case Decision():
                return DecisionElement(
                    key=full,
                    name=name,
                    place=node.place,
                    model=self._definitions.name,
                    version=self._version,
                    question=node.question,
                    articles=self._articles(node),
                    sees_inputs=self._definitions.is_open,
                    _link=lambda: self._needs(node),
                    _compile=lambda: self._decision_code(node),
                    _type=lambda: self._decision_type(node),
                )
            case KnowledgeModel():
                return KnowledgeElement(
                    key=full,
                    name=name,
                    place=node.place,
                    articles=self._articles(node),
                    _link=lambda: self._needs(node),
                    _compile=lambda: self._compiler.function(self._logic(node), self._known(node)),
                    _type=lambda: self._knowledge_type(node),
                )
            case DecisionService():
                return self._service(node, full)

    def _articles(self, node: Decision | KnowledgeModel) -> tuple[str, ...]:
        """Return what an element cites: its own articles, then its knowledge sources."""
        start = len(self._definitions.namespace) + 1
        sources = [self._definitions.sources.get(ref[start:]) for ref in node.needs.authorities]
        return (*node.articles, *(one.citation for one in sources if one is not None))

    def _needs(self, node: Decision | KnowledgeModel) -> tuple[Need, ...]:
        if node.id not in self._needed:
            self._needed[node.id] = self._follow(node)
        return self._needed[node.id]

    def _follow(self, node: Decision | KnowledgeModel) -> tuple[Need, ...]:
        wanted = (*node.needs.inputs, *node.needs.decisions, *node.needs.knowledge)
        found: list[Need] = []
        for reference in dict.fromkeys(wanted):
            need = self._find(reference)
            if need is None:
                facts = {"reference": reference.removeprefix(self._definitions.namespace)}
                self.findings.append(Finding("decision-reference-missing", node.place, facts=facts))
            elif need.element.key != f"{self._definitions.namespace}#{node.id}":
                found.append(need)
        return tuple(found)

    def _known(self, node: Decision | KnowledgeModel) -> Vocabulary:
        """Return the names the logic of an element may use."""
        known: dict[str, feel.Type | None] = {}
        inside: dict[str, dict[str, feel.Type]] = {}
        for need in self._needs(node):
            of = need.element.type()
            if need.prefix:
                inside.setdefault(need.prefix, {})[need.element.name] = of or feel.ANY
            else:
                known[need.element.name] = of
        known |= {prefix: feel.ContextOf(entries) for prefix, entries in inside.items()}
        if isinstance(node, KnowledgeModel):
            known.setdefault(node.variable.name, None)
        if self._types is None:
            self._types = self._shapes.all()
        return Vocabulary(known, self._types)

    def _decision_code(self, node: Decision) -> Code:
        logic = node.logic or LiteralBox(node.place, "null")
        if node.logic is None:
            self.findings.append(Finding("decision-logic-missing", node.place, "alert"))
        code = self._compiler.code(logic, self._known(node))
        return typed(code, self._shapes.named(node.variable.type_ref), node.place)

    def _decision_type(self, node: Decision) -> feel.Type | None:
        shape = self._shapes.named(node.variable.type_ref)
        if not shape.is_anything or node.logic is None:
            return shape.type
        return self._compiler.guess(node.logic)

    def _logic(self, node: KnowledgeModel) -> FunctionBox:
        """Return the logic of a knowledge model; its variable may say what comes out of it."""
        logic = node.logic or FunctionBox(node.place, (), None)
        declared = self._shapes.named(node.variable.type_ref)
        if logic.type_ref or declared.is_anything or isinstance(declared.type, feel.FunctionOf):
            return logic
        return FunctionBox(
            logic.place, logic.parameters, logic.body, node.variable.type_ref, logic.kind
        )

    def _knowledge_type(self, node: KnowledgeModel) -> feel.Type | None:
        declared = self._shapes.named(node.variable.type_ref).type
        return (
            declared
            if isinstance(declared, feel.FunctionOf)
            else self._compiler.guess(self._logic(node))
        )

    def _service(self, node: DecisionService, full: str) -> ServiceElement:
        given = [self._reference(ref, node) for ref in (*node.input_data, *node.input_decisions)]
        outputs = [self._reference(ref, node) for ref in node.outputs]
        parameters = [one for one in given if one is not None]
        declared = self._shapes.named(node.variable.type_ref)
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
        need = self._find(reference)
        if need is None:
            facts = {"reference": reference.removeprefix(self._definitions.namespace)}
            self.findings.append(Finding("decision-reference-missing", node.place, facts=facts))
            return None
        return need.element

    @staticmethod
    def _shape_of(element: Element) -> Shape:
        if isinstance(element, InputElement):
            return element.shape
        return Shape(element.type() or feel.ANY)
