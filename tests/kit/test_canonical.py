"""One value has one byte string, the one RFC 8785 gives it."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from renkei.kit import NotCanonical, canonical, digest

WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_the_canonical_form_is_that_of_rfc_8785(value: None) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_members_are_ordered_by_their_utf_16_code_units() -> None:
    # RFC 8785 3.2.3: U+1F600 is D83D DE00 and comes before U+FB33, although its number is larger.
    members = {"\ufb33": 1, "\U0001f600": 2, "\xf6": 3}
    assert canonical(members) == '{"\xf6":3,"\U0001f600":2,"\ufb33":1}'.encode()


@given(st.dictionaries(TEXT, WHOLE, max_size=6))
def test_the_order_of_writing_does_not_count(members: dict[str, int]) -> None:
    assert digest(members) == digest(dict(reversed(members.items())))


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        b"bytes",
        {1, 2},
        {"a": [{"b": 0.1}]},
        "\ud800",
        {"\udfff": 1},
        {1: "a key that is no text"},
        {None: 1, "None": 2},
    ],
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_what_is_nested_without_end_is_refused() -> None:
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(NotCanonical, match="too deep"):
        canonical(nested)
