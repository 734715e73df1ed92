"""What a person may write for a value gives that value back."""

from hypothesis import given
from tests.process.feel.test_json_form import SCALARS, VALUES

from renkei.process import feel


def read(text):
    return feel.expression(text).evaluate({})


@given(SCALARS)
def test_a_single_value_is_read_from_what_was_written(value):
    if isinstance(value, feel.Time | feel.DateTime | feel.Date):
        return  # years of eleven digits and zones are read by the functions' own tests
    result = read(feel.literal(value))
    assert result.problems == ()
    assert result.value == value


@given(VALUES)
def test_what_is_written_is_one_expression_that_can_be_read(value):
    feel.expression(feel.literal(value))


def test_a_text_is_written_as_people_read_it():
    assert feel.literal("山田　太郎") == '"山田　太郎"'
    assert feel.literal('"a"\\\n') == r'"\"a\"\\\n"'
