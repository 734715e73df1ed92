"""The texts of a model compiled to closures; what is no FEEL is a finding, and null when asked."""

from collections.abc import Iterable

from renkei.kit import NodeError
from renkei.process import feel
from renkei.process.decisions.closures import failing, placed, typed
from renkei.process.decisions.findings import Finding
from renkei.process.decisions.model import LiteralBox
from renkei.process.decisions.shapes import ANYTHING, Shape, Shapes
from renkei.process.decisions.vocabulary import Vocabulary
from renkei.process.feel import Code, Value


class TextCompiler:
    """Compiles texts of one model; `findings` collects those that are no FEEL."""

    def __init__(self, shapes: Shapes, library: feel.Library) -> None:
        """Take the types of the model and the functions its expressions may call."""
        self.shapes = shapes
        self.library = library
        self.findings: list[Finding] = []

    def literal(self, box: LiteralBox, known: Vocabulary) -> Code:
        """Return the closure of a text; one that is no FEEL is a finding, and null."""
        return self.handed(box, ANYTHING, known)

    def handed(self, box: LiteralBox, shape: Shape, known: Vocabulary) -> Code:
        """Return the closure of a text whose value is handed over to its own type and a further.

        What is known beforehand costs nothing later: a literal is handed over here, and a name
        that already has the type is taken as it is.
        """
        if box.language:
            return failing(box.place, "decision-language-unknown", language=box.language)
        try:
            read = feel.expression(box.text, known.names, library=self.library)
        except NodeError as error:
            return self._malformed(box, error)
        wanted = (self.shapes.named(box.type_ref), shape)
        if read.is_constant:
            return _constant(read.value({}), wanted, box)
        code = read.code if read.is_name else placed(read.code, box.place)
        for one in wanted:
            if not (read.is_name and one.check is None and read.type == one.type):
                code = typed(code, one, box.place)
        return code

    def _malformed(self, box: LiteralBox, error: NodeError) -> Code:
        facts = {"ja": error.text("ja"), "en": error.text("en")}
        self.findings.append(Finding("decision-text-malformed", box.place, facts=facts))
        return failing(box.place, "decision-text-malformed", **facts)

    def tests(self, box: LiteralBox, known: Vocabulary) -> feel.Test | None:
        """Return the closure of unary tests; nothing, and a finding, where they are none."""
        try:
            return feel.unary_tests(box.text, known.names, library=self.library).code
        except NodeError as error:
            self._malformed(box, error)
            return None


def _constant(value: Value, wanted: Iterable[Shape], box: LiteralBox) -> Code:
    """Return a literal handed over to types; one that does not fit fails when it is asked for."""
    code: Code = lambda _: value  # noqa: E731
    for shape in wanted:
        is_fit, taken = shape.take(value)
        if not is_fit:
            return typed(code, shape, box.place)
        value = taken
    return lambda _: value
