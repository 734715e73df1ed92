"""A cell of a table accepts a value, does not, or cannot say."""

from decimal import Decimal

import pytest
from tests.process.feel.evaluating import value

from renkei.process import feel


@pytest.mark.parametrize(
    ("cell", "given_", "accepts"),
    [
        ("-", "1", True),
        ("-", "null", True),
        ("> 5", "6", True),
        ("> 5", "5", False),
        ("> 5", "null", None),
        ('> 5', '"a"', None),
        ("[18..65)", "65", False),
        ("1, 2, 3", "2", True),
        ("not(1, 2)", "3", True),
        ("not(1, 2)", "2", False),
        ("not(> 5)", "null", None),
        ('"A", "B"', '"B"', True),
        ("null", "null", True),
        ("null", "1", False),
        ("true", "false", False),
        ("? > 5 and ? < 9", "7", True),
        ("contains(?, \"b\")", '"abc"', True),
        ("limit", "10", True),
        ("< limit + 1", "10", True),
        ("list of numbers", "2", True),
        ("list of numbers", "9", False),
        ("count(list of numbers) = 2", '"x"', True),
        ("-5", "-5", True),
        ("not(true)", "false", True),
        ("not(? > 5) and ? != 3", "4", True),
        ("not(? > 5) and ? != 3", "3", False),
        ("@\"2026-04-01\"", '@"2026-04-01"', True),
        ("(> 5)", "6", True),
    ],
)  # fmt: skip
def test_a_cell_and_a_value(cell, given_, accepts):
    context: dict[str, feel.Value] = {
        "limit": Decimal(10), "list of numbers": [Decimal(1), Decimal(2)],
    }  # fmt: skip
    made = feel.unary_tests(cell, feel.Names(context))
    assert made.matches(value(given_), context) is accepts


@pytest.mark.parametrize("cell", ["", "1,", "not(1", "> ", "- 1 2", "1 2"])
def test_what_is_no_cell_is_refused(cell):
    with pytest.raises(feel.FeelSyntaxError):
        feel.unary_tests(cell)
