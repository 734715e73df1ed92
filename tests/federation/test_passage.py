"""What is sealed for a passage opens at its holder, in this passage, and nowhere else."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from renkei import exchange
from renkei.exchange import Answer, Question
from renkei.federation.errors import RelayTooLarge, SealedMalformed, SealedUnreadable
from renkei.federation.passage import MOST_SEALED, Passage
from renkei.federation.sealing import STEP, SealingKey, seal

PASSAGE = Passage("131016", "130001", "131024")
HOLDER = SealingKey.generate()
QUESTION = Question("POST", "/r1/x", "a=1", (("x-road-id", "m-1"), ("x-note", "é")), b"\x00body")
ANSWER = Answer(403, (("content-type", "text/plain"), ("set-cookie", "a"), ("set-cookie", "b")))


@pytest.mark.clause("RK-18.2")
@given(body=st.binary(max_size=3 * STEP))
def test_a_question_and_its_answer_come_out_as_they_went_in(body: bytes) -> None:
    asked = replace(QUESTION, body=body)
    sealed, key = PASSAGE.seal_question(asked, HOLDER.listed)
    opened, reply = PASSAGE.open_question(sealed, [HOLDER])
    assert (opened, reply) == (asked, key.public)
    told = PASSAGE.seal_answer(replace(ANSWER, body=body), reply, sealed)
    assert PASSAGE.open_answer(told, key, sealed) == replace(ANSWER, body=body)


@pytest.mark.clause("RK-18.2")
@given(short=st.integers(0, 1500), long=st.integers(0, 1500))
def test_what_is_sealed_is_as_long_whatever_it_says(short: int, long: int) -> None:
    sizes = {len(seal(bytes(size), HOLDER.public, b"")) for size in (short, long)}
    assert len(sizes) == 1


@pytest.mark.clause("RK-18.2")
def test_a_member_may_be_sealed_to_with_a_key_on_p_256() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    sealed, _ = PASSAGE.seal_question(QUESTION, exchange.encode(point))
    info = b"renkei-relay/1 question 131016 130001 131024 "
    opened = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM).decrypt(sealed, private, info)
    assert b"/r1/x" in opened
    assert b"/r1/x" not in sealed


@pytest.mark.clause("RK-18.2", "RK-18.5")
@pytest.mark.parametrize("part", ["asker", "relay", "holder"])
def test_it_opens_in_no_other_passage(part: str) -> None:
    sealed, _ = PASSAGE.seal_question(QUESTION, HOLDER.listed)
    PASSAGE.open_question(sealed, [HOLDER])
    with pytest.raises(SealedUnreadable):
        replace(PASSAGE, **{part: "131032"}).open_question(sealed, [HOLDER])


@pytest.mark.clause("RK-18.5")
def test_of_two_keys_of_a_holder_either_opens_and_another_one_does_not() -> None:
    older, stranger = SealingKey.generate(), SealingKey.generate()
    for key in (older, HOLDER):
        sealed, _ = PASSAGE.seal_question(QUESTION, key.listed)
        assert PASSAGE.open_question(sealed, [HOLDER, older])[0] == QUESTION
        with pytest.raises(SealedUnreadable):
            PASSAGE.open_question(sealed, [stranger])


@pytest.mark.clause("RK-18.2")
def test_an_answer_to_another_question_does_not_open() -> None:
    first, key = PASSAGE.seal_question(QUESTION, HOLDER.listed)
    second, _ = PASSAGE.seal_question(QUESTION, HOLDER.listed)
    told = PASSAGE.seal_answer(ANSWER, key.public, second)
    with pytest.raises(SealedUnreadable):
        PASSAGE.open_answer(told, key, first)


@pytest.mark.clause("RK-18.8")
def test_what_is_too_large_for_a_relay_is_refused() -> None:
    PASSAGE.seal_question(replace(QUESTION, body=bytes(MOST_SEALED - 2 * STEP)), HOLDER.listed)
    with pytest.raises(RelayTooLarge):
        PASSAGE.seal_question(replace(QUESTION, body=bytes(MOST_SEALED - 64)), HOLDER.listed)


@pytest.mark.clause("RK-18.5")
@pytest.mark.parametrize(
    "change",
    [
        {"method": "get"},
        {"path": "inquiries"},
        {"path": "/a b"},
        {"path": "/髙"},
        {"path": "/a?b"},
        {"query": "a#b"},
        {"fields": (("x-a", "1\r\nx-b: 2"),)},
        {"fields": (("x-a", "髙"),)},
        {"fields": tuple(("x-a", "1") for _ in range(65))},
    ],
)
def test_what_no_line_would_let_through_is_no_message(change: dict[str, object]) -> None:
    sealed, _ = PASSAGE.seal_question(replace(QUESTION, **change), HOLDER.listed)  # type: ignore[arg-type]
    with pytest.raises(SealedMalformed):
        PASSAGE.open_question(sealed, [HOLDER])


@pytest.mark.clause("RK-18.5")
@pytest.mark.parametrize("content", [b"", b"\xff", b"\x80", b"\x00" * 2000])
def test_what_is_no_message_at_all_is_refused(content: bytes) -> None:
    sealed = seal(content, HOLDER.public, b"renkei-relay/1 question 131016 130001 131024 ")
    with pytest.raises(SealedMalformed):
        PASSAGE.open_question(sealed, [HOLDER])


def test_a_key_that_hides_nothing_is_not_sealed_to() -> None:
    with pytest.raises(SealedUnreadable):
        PASSAGE.seal_question(QUESTION, exchange.encode(bytes(32)))


def test_an_answer_with_a_status_that_is_none_is_no_answer() -> None:
    sealed, key = PASSAGE.seal_question(QUESTION, HOLDER.listed)
    told = PASSAGE.seal_answer(replace(ANSWER, status=99), key.public, sealed)
    with pytest.raises(SealedMalformed):
        PASSAGE.open_answer(told, key, sealed)
