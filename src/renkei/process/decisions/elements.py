"""What a model is made of when it runs: inputs, decisions, knowledge, services.

Each gives its value once in an evaluation, after what it needs has given theirs (`needs`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from renkei.process import feel
from renkei.process.decisions.closures import fitting, running
from renkei.process.decisions.needs import Element, Need, bound, plain_names, settle
from renkei.process.decisions.places import Place
from renkei.process.decisions.running import Evaluation
from renkei.process.decisions.shapes import Shape
from renkei.process.decisions.trace import DecisionReason
from renkei.process.feel import Code, Scope, Value


@dataclass(slots=True)
class InputElement:
    """What is given from outside; by its plain name, or with the namespace of its model."""

    key: str
    name: str
    place: Place
    shape: Shape
    namespace: str

    def type(self) -> feel.Type | None:
        """Return the declared type."""
        return self.shape.type

    def needs(self) -> Sequence[Need]:
        """Return nothing: it comes from outside."""
        return ()

    def give(self, run: Evaluation) -> Value:
        """Return what was given, handed over to the declared type."""
        name, inputs = self.name, run.inputs
        shape = self.shape
        if name in inputs:
            value = inputs[name]
            if shape.check is None and value is not None and shape.type.holds(value):
                return value
        else:
            name = f"{{{self.namespace}}}{name}"
            if name not in inputs:
                run.tell("decision-input-missing", self.place, name=self.name)
                return None
        return fitting(inputs[name], shape, self.place, run)


@dataclass(slots=True)
class DecisionElement:
    """A decision, compiled when it is first asked for.

    `sees_inputs`: its model declares no inputs, so that every name may be one.
    """

    key: str
    name: str
    place: Place
    model: str
    version: Callable[[], str]
    question: str
    articles: tuple[str, ...]
    sees_inputs: bool
    _link: Callable[[], Sequence[Need]]
    _compile: Callable[[], Code]
    _type: Callable[[], feel.Type | None]
    _needs: Sequence[Need] | None = field(default=None)
    _code: Code | None = field(default=None)
    _plain: tuple[tuple[str, str], ...] | None = field(default=None)

    def type(self) -> feel.Type | None:
        """Return the declared type, or what its logic shows."""
        return self._type()

    def needs(self) -> Sequence[Need]:
        """Return the inputs, decisions and knowledge it needs."""
        if self._needs is None:
            self._needs = self._link()
        return self._needs

    def code(self) -> Code:
        """Return its logic."""
        if self._code is None:
            self._code = self._compile()
        return self._code

    def give(self, run: Evaluation) -> Value:
        """Decide."""
        if self._plain is None:
            self._plain = plain_names(self.needs())
        values = run.values
        names = {name: values[key] for name, key in self._plain} or bound(self.needs(), run)
        outer = Scope(run.inputs, run, run.library) if self.sees_inputs else run.library
        scope = Scope(names, run, outer)
        code = self._code or self.code()
        reasons = run.reasons
        if reasons is None:
            return run.weighed(code(scope))
        with reasons.collecting() as tables:
            value = run.weighed(code(scope))
        given = tuple((n, v) for n, v in names.items() if not isinstance(v, feel.Function))
        reasons.decisions.append(
            DecisionReason(
                name=self.name,
                question=self.question,
                place=self.place,
                given=given,
                tables=tuple(tables),
                value=value,
                articles=self._cited(),
                model=self.model,
                version=self.version(),
            )
        )
        return value

    def _cited(self) -> tuple[str, ...]:
        """Return what the decision rests on, and the knowledge it calls."""
        known = [need.element for need in self.needs()]
        knowledge = [one for one in known if isinstance(one, KnowledgeElement)]
        return (*self.articles, *(article for one in knowledge for article in one.articles))


@dataclass(slots=True)
class KnowledgeElement:
    """A knowledge model: its value is a function, which may call itself."""

    key: str
    name: str
    place: Place
    articles: tuple[str, ...]
    _link: Callable[[], Sequence[Need]]
    _compile: Callable[[], Callable[[Scope], feel.Function]]
    _type: Callable[[], feel.Type | None]
    _needs: Sequence[Need] | None = field(default=None)
    _make: Callable[[Scope], feel.Function] | None = field(default=None)

    def type(self) -> feel.Type | None:
        """Return the type of the function."""
        return self._type()

    def needs(self) -> Sequence[Need]:
        """Return the knowledge it needs."""
        if self._needs is None:
            self._needs = self._link()
        return self._needs

    def make(self) -> Callable[[Scope], feel.Function]:
        """Return what makes the function."""
        if self._make is None:
            self._make = self._compile()
        return self._make

    def give(self, run: Evaluation) -> Value:
        """Return the function."""
        names = bound(self.needs(), run)
        function = self.make()(Scope(names, run, run.library))
        names.setdefault(self.name, function)
        return function


@dataclass(slots=True)
class ServiceElement:
    """Decisions behind one door: a function that knows nothing but its arguments."""

    key: str
    name: str
    place: Place
    outputs: Sequence[DecisionElement]
    parameters: Sequence[Element]
    shapes: Sequence[Shape]
    result: Shape

    def type(self) -> feel.Type | None:
        """Return the type of the function."""
        given = tuple(shape.type for shape in self.shapes)
        return feel.FunctionOf(given, self.result.type)

    def needs(self) -> Sequence[Need]:
        """Return nothing: what it needs are its arguments."""
        return ()

    def give(self, run: Evaluation) -> Value:
        """Return the function."""
        parameters = tuple(
            feel.Parameter(element.name, shape.type)
            for element, shape in zip(self.parameters, self.shapes, strict=True)
        )

        def call(run: feel.Run, arguments: list[Value]) -> Value:
            return self.call(running(Scope({}, run)), arguments)

        return feel.Function(parameters, self.result.type, call, frames=12)

    def call(self, run: Evaluation, arguments: Sequence[Value]) -> Value:
        """Decide behind the door: outside inputs and what was decided before are not seen."""
        outside, inputs, place = run.values, run.inputs, run.place
        run.values, run.inputs = {}, {}
        for element, shape, value in zip(self.parameters, self.shapes, arguments, strict=True):
            run.values[element.key] = fitting(value, shape, element.place, run)
        try:
            settle(self.outputs, run)
            made = {one.name: run.values[one.key] for one in self.outputs}
        finally:
            run.values, run.inputs, run.place = outside, inputs, place
        whole: Value = next(iter(made.values())) if len(self.outputs) == 1 else dict(made)
        return fitting(whole, self.result, self.place, run)
