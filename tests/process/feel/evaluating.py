"""Evaluating texts in tests, briefly."""

from collections.abc import Mapping

from renkei.process import feel


def value(text: str, context: Mapping[str, feel.Value] | None = None) -> feel.Value:
    """Return the value of a text among the names of a context."""
    return outcome(text, context).value


def outcome(text: str, context: Mapping[str, feel.Value] | None = None) -> feel.Result:
    """Return the value of a text and the problems met."""
    known = context or {}
    return feel.expression(text, feel.Names(known)).evaluate(known)


def problems(text: str, context: Mapping[str, feel.Value] | None = None) -> list[str]:
    """Return the codes of the problems a text meets."""
    return [problem.code for problem in outcome(text, context).problems]


def agree(text: str, expected: str) -> bool:
    """Say whether two texts have the same value, kind for kind."""
    found, wanted = value(text), value(expected)
    return type(found) is type(wanted) and feel.equal(found, wanted, feel.Run()) is True
