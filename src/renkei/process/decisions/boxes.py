"""Boxed expressions compiled to closures: what is known beforehand is done beforehand."""

from collections.abc import Callable, Sequence
from typing import cast

from renkei.process import feel
from renkei.process.decisions.closures import failing, running, typed
from renkei.process.decisions.findings import Finding
from renkei.process.decisions.iterators import boxed_filter, boxed_for, boxed_quantifier
from renkei.process.decisions.model import (
    Box,
    ConditionalBox,
    ContextBox,
    FilterBox,
    FunctionBox,
    InvocationBox,
    IteratorBox,
    ListBox,
    LiteralBox,
    Named,
    RelationBox,
    TableBox,
)
from renkei.process.decisions.places import Place
from renkei.process.decisions.running import Evaluation
from renkei.process.decisions.tables import TableCompiler
from renkei.process.decisions.vocabulary import Vocabulary
from renkei.process.feel import Code, Scope, Value


class Compiler(TableCompiler):
    """Compiles the boxes of one model."""

    def code(self, box: Box, known: Vocabulary) -> Code:
        """Return the closure of a box, whose result is handed over to the type it declares."""
        match box:
            case LiteralBox():
                return self.literal(box, known)
            case ContextBox():
                code = self._context(box, known)
            case ListBox():
                code = _list([self.code(item, known) for item in box.items])
            case RelationBox():
                code = self._relation(box, known)
            case InvocationBox():
                code = self._invocation(box, known)
            case FunctionBox():
                return self._function(box, known)
            case ConditionalBox():
                parts = [self.code(one, known) for one in (box.condition, box.then, box.otherwise)]
                code = _conditional(box.place, *parts)
            case FilterBox():
                code = self._filter(box, known)
            case IteratorBox():
                code = self._iterator(box, known)
            case TableBox():
                code = self.table(box, known)
        return typed(code, self.shapes.named(box.type_ref), box.place)

    def _context(self, box: ContextBox, known: Vocabulary) -> Code:
        entries: list[tuple[str, Code]] = []
        seen: set[str] = set()
        result: Code | None = None
        for entry in box.entries:
            if entry.variable is None:
                result = self.code(entry.value, known)
                continue
            name = entry.variable.name
            if name in seen:
                facts = {"name": name}
                self.findings.append(Finding("decision-entry-twice", box.place, facts=facts))
            seen.add(name)
            shape = self.shapes.named(entry.variable.type_ref)
            if isinstance(entry.value, FunctionBox):
                known = known.plus({name: self._signature(entry.value)})
            code = typed(self.code(entry.value, known), shape, entry.value.place)
            entries.append((name, code))
            known = known.plus(
                {name: shape.type if not shape.is_anything else self.guess(entry.value)}
            )
        return _context(entries, result)

    def guess(self, box: Box) -> feel.Type | None:
        """Return the type a box will have as far as it shows, for paths into it."""
        if box.type_ref and (shape := self.shapes.named(box.type_ref)) and not shape.is_anything:
            return shape.type
        match box:
            case ContextBox():
                results = [entry.value for entry in box.entries if entry.variable is None]
                return self.guess(results[-1]) if results else self._entries_guess(box)
            case RelationBox():
                columns = {c.name: self.shapes.named(c.type_ref).type for c in box.columns}
                return feel.ListOf(feel.ContextOf(columns))
            case FunctionBox():
                return self._signature(box)
            case TableBox() if len(box.outputs) > 1:
                named = {o.name: self.shapes.named(o.type_ref).type for o in box.outputs}
                return feel.ContextOf(named)
            case FilterBox():
                return self.guess(box.source)
        return None

    def _entries_guess(self, box: ContextBox) -> feel.Type:
        entries: dict[str, feel.Type] = {}
        for entry in box.entries:
            if entry.variable is not None:
                declared = self.shapes.named(entry.variable.type_ref)
                of = self.guess(entry.value) if declared.is_anything else declared.type
                entries[entry.variable.name] = of or feel.ANY
        return feel.ContextOf(entries)

    def _signature(self, box: FunctionBox) -> feel.Type:
        parameters = tuple(self.shapes.named(one.type_ref).type for one in box.parameters)
        result = None if box.body is None else self.guess(box.body)
        return feel.FunctionOf(parameters, result or feel.ANY)

    def _relation(self, box: RelationBox, known: Vocabulary) -> Code:
        names = [column.name for column in box.columns]
        shapes = [self.shapes.named(column.type_ref) for column in box.columns]
        rows = [
            [typed(self.code(c, known), s, c.place) for c, s in zip(row, shapes, strict=False)]
            for row in box.rows
        ]

        def relation(scope: Scope) -> Value:
            return [dict(zip(names, [cell(scope) for cell in row], strict=False)) for row in rows]

        return relation

    def _invocation(self, box: InvocationBox, known: Vocabulary) -> Code:
        called = self.code(box.called, known)
        given = [(name.name, self.code(value, known)) for name, value in box.bindings]
        place = box.place

        def invocation(scope: Scope) -> Value:
            arguments = {name: code(scope) for name, code in given}
            function = called(scope)
            running(scope).place = place
            return feel.call_by_name(scope.run, function, arguments, feel.NOWHERE)

        return invocation

    def _function(self, box: FunctionBox, known: Vocabulary) -> Code:
        make = self.function(box, known)
        return lambda scope: make(scope)

    def function(self, box: FunctionBox, known: Vocabulary) -> Callable[[Scope], feel.Function]:
        """Return what makes the function at a place: it sees the names in force there."""
        parameters = tuple(self._parameter(one) for one in box.parameters)
        names = [one.name for one in box.parameters]
        inside = known.plus({one.name: one.type for one in parameters})
        checks = [self.shapes.named(one.type_ref) for one in box.parameters]
        if box.kind != "FEEL":
            body = failing(box.place, "decision-function-foreign", kind=box.kind)
        elif box.body is None:
            body = failing(box.place, "decision-logic-missing")
        else:
            body = self.code(box.body, inside)
        body = typed(body, self.shapes.named(box.type_ref), box.place)
        result = feel.ANY if box.body is None else self.guess(box.body) or feel.ANY

        def make(outer: Scope) -> feel.Function:
            def call(under: feel.Run, arguments: list[Value]) -> Value:
                run = cast("Evaluation", under)
                place = run.place
                for name, shape, value in zip(names, checks, arguments, strict=True):
                    if shape.check is not None and value is not None and not shape.check(value):
                        run.tell("decision-value-not-allowed", box.place.inside(name))
                        return None
                value = body(Scope(dict(zip(names, arguments, strict=True)), run, outer))
                run.place = place
                return value

            return feel.Function(parameters, result, call)

        return make

    def _parameter(self, named: Named) -> feel.Parameter:
        return feel.Parameter(named.name, self.shapes.named(named.type_ref).type)

    def _filter(self, box: FilterBox, known: Vocabulary) -> Code:
        source = self.code(box.source, known)
        more: dict[str, feel.Type | None] = {"item": None}
        of = self.guess(box.source)
        if isinstance(of, feel.ListOf):
            more["item"] = of.item
            if isinstance(of.item, feel.ContextOf):
                more |= of.item.entries
        match = self.code(box.match, known.plus(more))
        return boxed_filter(source, match, box.place)

    def _iterator(self, box: IteratorBox, known: Vocabulary) -> Code:
        source = self.code(box.source, known)
        of = self.guess(box.source)
        name = box.variable.name
        more: dict[str, feel.Type | None] = {name: of.item if isinstance(of, feel.ListOf) else None}
        if box.kind == "for":
            body = self.code(box.body, known.plus({**more, "partial": feel.ListOf(feel.ANY)}))
            return boxed_for(name, source, body, box.place)
        body = self.code(box.body, known.plus(more))
        return boxed_quantifier(name, source, body, box.place, is_every=box.kind == "every")


def _list(items: Sequence[Code]) -> Code:
    return lambda scope: [item(scope) for item in items]


def _conditional(place: Place, condition: Code, then: Code, otherwise: Code) -> Code:
    def conditional(scope: Scope) -> Value:
        chosen = condition(scope)
        if chosen is True:
            return then(scope)
        if chosen is False or chosen is None:
            return otherwise(scope)
        running(scope).tell("decision-not-boolean", place, part="if")
        return None

    return conditional


def _context(entries: Sequence[tuple[str, Code]], result: Code | None) -> Code:
    def context(scope: Scope) -> Value:
        made: dict[str, Value] = {}
        inside = Scope(made, scope.run, scope)
        for name, code in entries:
            made[name] = code(inside)
        return made if result is None else result(inside)

    return context
