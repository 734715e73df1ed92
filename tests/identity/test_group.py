"""The group is the one of the RFCs, and nothing malformed or neutral enters it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.identity.world import VECTORS

from renkei.identity.errors import LengthWrong, NeutralReached, PointRefused, ScalarRefused
from renkei.identity.group import (
    GENERATOR,
    ONE,
    ORDER,
    Element,
    Scalar,
    expand,
    hash_to_group,
    hash_to_scalar,
    sum_of,
)

EXPANSIONS = VECTORS / "rfc9380-expand_message_xmd_SHA512_38.json"
scalars = st.binary(max_size=40).map(lambda text: hash_to_scalar(text, b"test"))
elements = st.binary(max_size=40).map(hash_to_group)


def test_the_generator_is_that_of_rfc_9496():
    encoded = "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"
    assert Element.base(ONE).encoded.hex() == GENERATOR.encoded.hex() == encoded


@pytest.mark.skipif(not EXPANSIONS.exists(), reason="the RFC 9380 vectors are not here")
def test_messages_expand_as_rfc_9380_says():
    vectors = json.loads(EXPANSIONS.read_text())
    for case in vectors["tests"]:
        uniform = expand(
            case["msg"].encode(), vectors["DST"].encode(), int(case["len_in_bytes"], 16)
        )
        assert uniform.hex() == case["uniform_bytes"]


@settings(max_examples=10)
@given(scalars, scalars, elements, elements)
def test_the_laws_of_a_group_hold(a, b, p, q):
    assert (a + b) * p == a * p + b * p
    assert p + b * q == sum_of([ONE, b], [p, q])
    assert a * (b * p) == (a * b) * p
    assert (a - b) + b == a
    assert a.inverse() * (a * p) == p
    assert (p + q) - q == p


@pytest.mark.parametrize(
    "encoded",
    [
        "00" * 32,  # the neutral element
        "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",  # not reduced
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # not reduced
        "0100000000000000000000000000000000000000000000000000000000000000",  # negative
        "0000000000000000000000000000000000000000000000000000000000000080",  # neutral, high bit
        "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2df6",  # G, high bit
        "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",  # not a square
    ],
)
def test_an_encoding_that_rfc_9496_calls_bad_is_refused(encoded):
    with pytest.raises(PointRefused):
        Element.parse(bytes.fromhex(encoded))


def test_an_unreduced_scalar_is_refused_and_the_largest_one_is_not():
    assert Scalar.parse((ORDER - 1).to_bytes(32, "little")) + ONE == Scalar(bytes(32))
    with pytest.raises(ScalarRefused):
        Scalar.parse(ORDER.to_bytes(32, "little"))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_an_encoding_of_another_length_is_refused(length):
    for kind in (Scalar, Element):
        with pytest.raises(LengthWrong):
            kind.parse(bytes(length))


def test_no_operation_gives_the_neutral_element():
    zero = Scalar(bytes(32))
    for neutral in (
        lambda: GENERATOR - GENERATOR,
        lambda: GENERATOR + (ONE - ONE - ONE) * GENERATOR,
        lambda: zero * GENERATOR,
        lambda: Element.base(zero),
    ):
        with pytest.raises(NeutralReached):
            neutral()
    with pytest.raises(ScalarRefused):
        zero.inverse()


def test_a_value_never_changes_and_never_shows_itself():
    with pytest.raises(AttributeError):
        GENERATOR.encoded = bytes(32)
    assert repr(Scalar.random()) == "Scalar(…)"
