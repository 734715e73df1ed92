"""Formulas of a model: FEEL, as the file has it or as other makers spell it.

`= a > 1` is FEEL after the manner of Zeebe; `${a > 1}` is the expression language of Camunda 7, of
which the part is read that means the same in FEEL; anything else is FEEL as it stands. What cannot
be read keeps its words: it is a finding of the linter, and an incident where a case needs it.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from renkei import kit
from renkei.process import feel
from renkei.process.bpmn.case import Variables


class Problem(Exception):
    """Something a token cannot go on from: an incident. Never leaves the core."""

    def __init__(self, code: str, reason: str = "", **facts: object) -> None:
        """Take a code of `texts`, and what it is about."""
        super().__init__(code)
        self.code = code
        self.reason = reason or " ".join(f"{name}={value}" for name, value in facts.items())


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula, read once: an expression, a constant, or what could not be read."""

    text: str
    line: int
    read: feel.Expression | None = None
    constant: feel.Value = None
    trouble: str = ""
    """Why it cannot be read; then it has no value."""

    def value(self, variables: Variables, at: datetime) -> feel.Value:
        """Return what it gives; what went wrong inside is a Problem."""
        if self.read is None:
            if self.trouble:
                raise Problem("formula-unread", self.text)
            return self.constant
        run = feel.Run(lambda: at)
        value = self.read.within(run, variables)
        if run.problems:
            raise Problem("formula-failed", f"{self.text}: {run.problems[0].text('en')}")
        if not is_kept(value):
            raise Problem("formula-failed", f"{self.text}: no case keeps such a value")
        return value


def is_kept(value: feel.Value) -> bool:
    """Tell whether a value can be kept with a case, wherever its parts stand.

    No function can, and no text with characters that no database keeps: NUL, or half of a pair.
    """
    if isinstance(value, str):
        return _UNKEPT.search(value) is None
    if isinstance(value, list):
        return all(is_kept(one) for one in value)
    if isinstance(value, dict):
        return all(is_kept(one) for one in (*value, *value.values()))
    return not isinstance(value, feel.Function)


def formula(text: str, line: int = 0) -> Formula:
    """Read a formula.

    >>> from decimal import Decimal
    >>> formula("= 1 + amount").value({"amount": Decimal(2)}, datetime(2027, 1, 1))
    Decimal('3')
    """
    words = text.strip()
    spelled = _spelled(words)
    if spelled is None:
        return Formula(words, line, trouble="not FEEL")
    try:
        return Formula(words, line, feel.expression(spelled))
    except kit.NodeError as error:
        return Formula(words, line, trouble=str(error))


def is_formula(text: str) -> bool:
    """Tell whether a text that may also be plain is a formula."""
    words = text.strip()
    return words.startswith("=") or _JUEL.fullmatch(words) is not None


def text_or_formula(text: str, line: int = 0) -> Formula:
    """Read what is marked as a formula as one, and else itself."""
    words = text.strip()
    return formula(words, line) if is_formula(words) else Formula(words, line, constant=words)


def as_text(value: feel.Value) -> str:
    """Return a value as a key or a name: a text as it is, nothing as an empty one.

    >>> from decimal import Decimal
    >>> as_text(Decimal("1.50")), as_text(None)
    ('1.50', '')
    """
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


LONGEST_KEY = 255
"""Characters of what is looked for: ids, names of messages and jobs, keys of messages."""
_UNKEPT = re.compile("[\0\ud800-\udfff]")
_JUEL = re.compile(r"[$#]\{(?P<inner>[^{}]*)\}", re.DOTALL)
_TOKENS = re.compile(
    r"""(?P<text>"[^"]*"|'[^']*')|(?P<sign>==|!=|&&|\|\||!|\bempty\b|\beq\b|\bne\b
    |\blt\b|\bgt\b|\ble\b|\bge\b|\band\b|\bor\b|\bnot\b)""",
    re.VERBOSE,
)
_SIGNS = {
    "==": "=",
    "eq": "=",
    "!=": "!=",
    "ne": "!=",
    "&&": " and ",
    "||": " or ",
    "and": " and ",
    "or": " or ",
    "lt": "<",
    "gt": ">",
    "le": "<=",
    "ge": ">=",
}


def _spelled(words: str) -> str | None:
    """Return the same in FEEL; None where it is something else."""
    if words.startswith("="):
        return words[1:]
    if (found := _JUEL.fullmatch(words)) is None:
        return words
    inner = found["inner"].strip()
    if inner.startswith("!"):
        inner = f"not({inner[1:]})"
    if re.search(r"!(?!=)|\bnot\b(?!\()|\bempty\b", inner):
        return None

    def one(token: re.Match[str]) -> str:
        if token["text"] is not None:
            return '"' + token["text"][1:-1] + '"'
        return _SIGNS.get(token["sign"], token["sign"])

    return _TOKENS.sub(one, inner)
