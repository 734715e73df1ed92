"""Small models for tests, written in a few lines: inputs, tables, expressions."""

from collections.abc import Iterable, Mapping
from html import escape

from renkei.process import decisions

SPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"
Rows = Iterable[str]


def definitions(inside: str, *, namespace: str = "urn:test", head: str = "") -> bytes:
    """Return a model file around elements."""
    return (
        f'<definitions xmlns="{SPACE}" xmlns:r="urn:renkei:decisions" name="test" id="test"'
        f' namespace="{namespace}"{head}>{inside}</definitions>'
    ).encode()


def opened(inside: str, **others: bytes) -> decisions.Model:
    """Return the model around elements, ready to be asked."""
    return decisions.open_model(definitions(inside), "test.dmn", others)


def given(**types: str) -> str:
    """Return inputs with their types."""
    return "".join(
        f'<inputData id="i-{name}" name="{name}">'
        f'<variable name="{name}" typeRef="{of}"/></inputData>'
        for name, of in types.items()
    )


def literal(text: str) -> str:
    """Return a literal expression."""
    return f"<literalExpression><text>{escape(text, quote=False)}</text></literalExpression>"


def decision(name: str, logic: str, *needs: str, of: str = "Any") -> str:
    """Return a decision; a need is `i-…` an input, `d-…` a decision, `k-…` knowledge."""
    kinds = {"i": "requiredInput", "d": "requiredDecision", "k": "requiredKnowledge"}
    wanted = "".join(
        f"<{'knowledge' if one[0] == 'k' else 'information'}Requirement>"
        f'<{kinds[one[0]]} href="#{one}"/>'
        f"</{'knowledge' if one[0] == 'k' else 'information'}Requirement>"
        for one in needs
    )
    return (
        f'<decision id="d-{name}" name="{name}"><variable name="{name}" typeRef="{of}"/>'
        f"{wanted}{logic}</decision>"
    )


def table(
    inputs: Mapping[str, str],
    rules: Rows,
    *,
    policy: str = "UNIQUE",
    aggregation: str = "",
    outputs: str = '<output name="out"/>',
    notes: str = "",
) -> str:
    """Return a table; a rule is a line `cell | cell => result | result # note`."""
    columns = "".join(
        f'<input label="{name}"><inputExpression typeRef="{of}"><text>{name}</text>'
        "</inputExpression></input>"
        for name, of in inputs.items()
    )
    total = f' aggregation="{aggregation}"' if aggregation else ""
    body = "".join(map(_rule, rules))
    return (
        f'<decisionTable hitPolicy="{policy}"{total}>{columns}{outputs}{notes}{body}'
        "</decisionTable>"
    )


def _rule(line: str) -> str:
    rule, _, note = line.partition(" # ")
    conditions, _, results = rule.partition("=>")
    cells = [
        f"<inputEntry><text>{escape(one.strip())}</text></inputEntry>"
        for one in conditions.split("|")
    ]
    cells += [
        f"<outputEntry><text>{escape(one.strip())}</text></outputEntry>"
        for one in results.split("|")
    ]
    if note:
        cells.append(f"<annotationEntry><text>{escape(note)}</text></annotationEntry>")
    return f"<rule>{''.join(cells)}</rule>"
