"""A model with those it imports, linked and ready to be asked."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from renkei import kit
from renkei.process import feel
from renkei.process.decisions.boxes import Compiler
from renkei.process.decisions.elements import DecisionElement, KnowledgeElement, ServiceElement
from renkei.process.decisions.errors import DecisionUnknown
from renkei.process.decisions.findings import Finding
from renkei.process.decisions.making import ElementMaker
from renkei.process.decisions.model import Decision, DecisionService, Definitions, InputData
from renkei.process.decisions.names import tidy
from renkei.process.decisions.needs import Element, Need, order
from renkei.process.decisions.shapes import Shape, Shapes
from renkei.process.decisions.walking import tables_in


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
        self._version = ""
        self._reach: dict[str, tuple[str, Model]] | None = None
        self._orders: dict[str, tuple[Element, ...] | None] = {}
        self._inputs: dict[str, Shape] | None = None
        self._maker = ElementMaker(
            definitions,
            self.shapes,
            self.compiler,
            find=self.find,
            version=lambda: self.version,
        )

    @property
    def version(self) -> str:
        """Return the content hash of this model and all it imports, in hexadecimal."""
        if not self._version:
            parts = sorted({m.version for m in self.imported.values()})
            own = self.definitions.hash
            self._version = kit.digest([own, *parts]).hex() if parts else own
        return self._version

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

    def takes(self) -> dict[str, Shape]:
        """Return all that may be given: the inputs, and decisions that services take as input.

        Where no inputs are declared it is what tables ask for, with the types they say it has.
        """
        found = dict(self.all_inputs())
        if self.definitions.is_open:
            for table in tables_in(self.definitions):
                for clause in table.inputs:
                    shape = self.shapes.named(clause.expression.type_ref)
                    found.setdefault(tidy(clause.expression.text), shape)
        for node in self.definitions.nodes.values():
            if isinstance(node, DecisionService):
                service = cast("ServiceElement", self.element(node.id))
                names = [one.name for one in service.parameters]
                for name, shape in zip(names, service.shapes, strict=True):
                    found.setdefault(name, shape)
        return found

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

    def order(self, wanted: DecisionElement) -> tuple[Element, ...] | None:
        """Return a decision with all it needs in the order of need, unless there is a circle."""
        if wanted.key not in self._orders:
            self._orders[wanted.key] = order(wanted)
        return self._orders[wanted.key]

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
            self._elements[key] = self._maker.make(key)
        return self._elements[key]

    def find(self, reference: str) -> Need | None:
        """Return what a reference names: here, or in a model that is imported, however deep."""
        namespace, _, key = reference.rpartition("#")
        prefix, model = self.reach().get(namespace, ("", None))
        if model is None or key not in model.definitions.nodes:
            return None
        return Need(model.element(key), prefix)

    def reach(self) -> "dict[str, tuple[str, Model]]":
        """Return the models there are by namespace, and the import of this one that leads there."""
        if self._reach is None:
            found = {self.namespace: ("", self)}
            for name, model in self.imported.items():
                found.setdefault(model.namespace, (name, model))
            for name, model in self.imported.items():
                for namespace, (_, deeper) in model.reach().items():
                    found.setdefault(namespace, (name, deeper))
            self._reach = found
        return self._reach

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
            *self._maker.findings,
            *self.shapes.findings,
            *self.compiler.findings,
            *unknown,
        )
        return tuple(sorted(dict.fromkeys(found), key=lambda one: one.place))
