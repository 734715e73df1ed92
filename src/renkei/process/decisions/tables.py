"""Decision tables compiled: cells to sets of rules, results to closures, one look-up per column.

What a cell accepts is mostly said by its text (`cells`). A value then falls into one piece of its
column, the piece tells the rules that accept it, and the rules that match are the intersection over
the columns. Cells that show only when they are evaluated are asked for the rules that are left.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from renkei.kit import NodeError
from renkei.process import feel
from renkei.process.decisions.cells import cell
from renkei.process.decisions.closures import running
from renkei.process.decisions.columns import Accepted, Axis, Column, column
from renkei.process.decisions.hits import Decided, Gave, HitPolicy
from renkei.process.decisions.model import InputClause, LiteralBox, OutputClause, TableBox
from renkei.process.decisions.shapes import Shape, both
from renkei.process.decisions.texts import TextCompiler
from renkei.process.decisions.trace import Hit, TableReason, hit
from renkei.process.decisions.vocabulary import Vocabulary
from renkei.process.feel import Code, Scope, Value

Choose: TypeAlias = Callable[[Value, int, Scope], int]
"""The rules, of those that are left, whose cell in a column accepts a value."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A column of conditions: what it asks, what is allowed there, and how it chooses rules."""

    clause: InputClause
    ask: Code
    choose: Choose


class TableCompiler(TextCompiler):
    """Compiles decision tables of one model."""

    def table(self, box: TableBox, known: Vocabulary) -> Code:
        """Return the closure of a table."""
        conditions = [self._condition(box, at, known) for at in range(len(box.inputs))]
        shapes = [self._result_shape(box, clause) for clause in box.outputs]
        rows = [
            [
                self._result(text, shape, known)
                for text, shape in zip(rule.results, shapes, strict=True)
            ]
            for rule in box.rules
        ]
        defaults = self._defaults(box, shapes, known)
        ranks = [_ranks(self, shape) for shape in shapes]

        def row(rule: int, scope: Scope) -> Gave:
            return tuple([code(scope) for code in rows[rule]])

        def rank(given: Gave) -> tuple[int, ...]:
            return tuple(
                order.get(_key(value), len(order))
                for order, value in zip(ranks, given, strict=True)
            )

        return _table(box, conditions, HitPolicy(box, row, rank), rows, defaults)

    def _condition(self, box: TableBox, at: int, known: Vocabulary) -> Condition:
        clause = box.inputs[at]
        shape = self.shapes.named(clause.expression.type_ref)
        ask = self.literal(clause.expression, known)
        if clause.values is not None and (allowed := self.tests(clause.values, known)) is not None:
            ask = _allowed(ask, allowed, clause, "decision-input-not-allowed")
        inside = known.plus({"?": shape.type})
        texts = [rule.conditions[at] for rule in box.rules]
        tests = [self.tests(text, inside) for text in texts]
        cells = [cell(text.text) for text in texts]
        return Condition(clause, ask, _chooser(cells, tests, texts))

    def _result_shape(self, box: TableBox, clause: OutputClause) -> Shape:
        """Return what an output may be: its own declared values, else those of its type.

        A column without a type has that of the table, or of the entry of its name therein.
        """
        shape = self.shapes.named(clause.type_ref)
        whole = self.shapes.named(box.type_ref)
        if shape.is_anything and len(box.outputs) > 1 and whole.parts:
            shape = whole.parts.get(clause.name, shape)
        if clause.values is None:
            if shape.allowed is None and len(box.outputs) == 1 and whole.allowed is not None:
                return Shape(shape.type, shape.check, whole.allowed, shape.parts)
            return shape
        check = self.shapes.check_of(clause.values)
        return Shape(shape.type, both(shape.check, check), clause.values, shape.parts)

    def _result(self, text: LiteralBox, shape: Shape, known: Vocabulary) -> Code:
        return self.handed(text, shape, known)

    def _defaults(
        self, box: TableBox, shapes: Sequence[Shape], known: Vocabulary
    ) -> list[Code] | None:
        """Return what the outputs are where no rule matches, if the table says it of any."""
        if all(clause.default is None for clause in box.outputs):
            return None
        nothing = LiteralBox(box.place, "null")
        return [
            self._result(clause.default or nothing, shape, known)
            for clause, shape in zip(box.outputs, shapes, strict=True)
        ]


def _table(
    box: TableBox,
    conditions: Sequence[Condition],
    policy: HitPolicy,
    rows: Sequence[Sequence[Code]],
    defaults: Sequence[Code] | None,
) -> Code:
    every_rule = (1 << len(box.rules)) - 1
    steps = [(one.ask, one.choose) for one in conditions]
    labels = [one.clause.label for one in conditions]
    takes_one = box.policy in ("U", "A", "P", "F")
    is_plain = takes_one and len(box.outputs) == 1
    results = [row[0] for row in rows] if box.outputs else []

    def table(scope: Scope) -> Value:
        left = every_rule
        saw: list[Value] = []
        for ask, choose in steps:
            value = ask(scope)
            saw.append(value)
            left = choose(value, left, scope)
        reasons = running(scope).reasons
        if is_plain and reasons is None and left and not left & (left - 1):
            return results[left.bit_length() - 1](scope)
        return decided(left, saw, scope)

    def decided(left: int, saw: list[Value], scope: Scope) -> Value:
        """Decide with none or several rules, or with somebody who wants to know why."""
        run = running(scope)
        hits = _numbers(left)
        if hits:
            made = policy.decide(hits, scope)
        elif defaults is not None:
            given = [code(scope) for code in defaults]
            names = [one.name for one in box.outputs]
            single = given[0] if len(given) == 1 else dict(zip(names, given, strict=True))
            made = Decided(single if takes_one or box.aggregator else [single])
        else:
            run.tell("decision-no-rule", box.place)
            made = Decided(None)
        if run.reasons is not None:
            reason = TableReason(
                place=box.place,
                policy=box.policy + box.aggregator,
                saw=tuple(zip(labels, saw, strict=True)),
                hits=tuple(_told(box, hits, made, policy, scope)),
                gave=made.value,
                by_default=not hits and defaults is not None,
            )
            run.reasons.add(reason)
        return made.value

    return table


def _told(
    box: TableBox, hits: Sequence[int], made: Decided, policy: HitPolicy, scope: Scope
) -> Iterator[Hit]:
    """Yield what is told of each rule that matched; problems of those not taken are no problems."""
    for one in hits:
        if one in made.counted:
            yield hit(box, box.rules[one], made.counted[one], counts=True)
        else:
            yield hit(box, box.rules[one], _passed(one, policy, scope), counts=False)


def _passed(rule: int, policy: HitPolicy, scope: Scope) -> Gave:
    """Return what a rule would have given; to ask why costs the decision nothing."""
    run = running(scope)
    kept, steps, frames = len(run.troubles), run.steps, run.frames
    try:
        return policy.row(rule, scope)
    except feel.Exhausted:
        return (None,) * len(policy.table.outputs)
    finally:
        del run.troubles[kept:]
        run.steps, run.frames = steps, frames


def _numbers(rules: int) -> list[int]:
    found = []
    while rules:
        lowest = rules & -rules
        found.append(lowest.bit_length() - 1)
        rules ^= lowest
    return found


def _chooser(
    cells: Sequence[Accepted | None],
    tests: Sequence[feel.Test | None],
    texts: Sequence[LiteralBox],
) -> Choose:
    """Return how a column chooses: by the piece of a value, or by asking cell after cell."""
    dashes = 0
    for at, text in enumerate(texts):
        dashes |= (text.text == "-") << at
    asked = [(at, test, texts[at].place) for at, test in enumerate(tests) if test is not None]
    broken = sum(1 << at for at, test in enumerate(tests) if test is None)
    by_piece = column([None if broken >> at & 1 else one for at, one in enumerate(cells)])
    by_asking = _asking([one for one in asked if not dashes >> one[0] & 1], dashes)
    if by_piece is None:
        return by_asking
    later = sum(1 << at for at, one in enumerate(by_piece.accepted) if one is None)
    return _by_piece(by_piece, by_asking, later)


def _by_piece(known: Column, by_asking: Choose, later: int) -> Choose:
    rules, kind, pieces = known.rules, known.pieces.kind, known.pieces
    if isinstance(pieces, Axis):
        piece: Callable[[Value], int] = pieces.piece  # type: ignore[assignment]  # of its kind
    else:
        numbers = {value: at for at, value in enumerate(pieces.values)}
        others = len(pieces.values)
        piece = lambda value: numbers.get(value, others)  # type: ignore[arg-type]  # noqa: E731

    def choose(value: Value, left: int, scope: Scope) -> int:
        if type(value) is not kind:
            return by_asking(value, left, scope)
        left &= rules[piece(value)]
        if left & later:
            return left & ~later | by_asking(value, left & later, scope)
        return left

    return choose


def _asking(asked: Sequence[tuple[int, feel.Test, object]], dashes: int) -> Choose:
    def choose(value: Value, left: int, scope: Scope) -> int:
        found = left & dashes
        run = running(scope)
        run.spend(len(asked))
        inside = Scope({"?": value}, run, scope)
        for at, test, place in asked:
            if left >> at & 1:
                run.place = place  # type: ignore[assignment]
                if test(value, inside) is True:
                    found |= 1 << at
        return found

    return choose


def _allowed(ask: Code, allowed: feel.Test, clause: InputClause, code: str) -> Code:
    """Return a question whose answer must be among the declared values; null need not be."""

    def checked(scope: Scope) -> Value:
        value = ask(scope)
        if value is not None and allowed(value, Scope({"?": value}, scope.run, scope)) is not True:
            running(scope).tell(code, clause.place, label=clause.label)
            return None
        return value

    return checked


def _ranks(compiler: TextCompiler, shape: Shape) -> dict[object, int]:
    """Return the order of an output's declared values, the first of which counts most."""
    if shape.allowed is None:
        return {}
    try:
        read = feel.expression(f"[{shape.allowed.text}]", feel.Names(), library=compiler.library)
    except NodeError:
        return {}
    values = read.value({})
    order: dict[object, int] = {}
    for value in values if isinstance(values, list) else []:
        order.setdefault(_key(value), len(order))
    return order


def _key(value: Value) -> object:
    """Return a value as a key: of a type that has one, with its type, so that true is not 1."""
    return (type(value), value) if isinstance(value, str | bool | feel.Date) else str(value)
