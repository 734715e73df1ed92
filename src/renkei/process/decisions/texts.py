"""The texts of a model compiled to closures; what is no FEEL is a finding, and null when asked."""

from renkei.kit import NodeError
from renkei.process import feel
from renkei.process.decisions.closures import failing, placed
from renkei.process.decisions.findings import Finding
from renkei.process.decisions.model import LiteralBox
from renkei.process.decisions.shapes import Shapes
from renkei.process.decisions.vocabulary import Vocabulary
from renkei.process.feel import Code


class TextCompiler:
    """Compiles texts of one model; `findings` collects those that are no FEEL."""

    def __init__(self, shapes: Shapes, library: feel.Library) -> None:
        """Take the types of the model and the functions its expressions may call."""
        self.shapes = shapes
        self.library = library
        self.findings: list[Finding] = []

    def literal(self, box: LiteralBox, known: Vocabulary) -> Code:
        """Return the closure of a text; one that is no FEEL is a finding, and null."""
        if box.language:
            return failing(box.place, "decision-language-unknown", language=box.language)
        try:
            read = feel.expression(box.text, known.names, library=self.library)
        except NodeError as error:
            return self._malformed(box, error)
        return read.code if read.is_constant else placed(read.code, box.place)

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
