"""A question reaches the right person at B, and the log operator knows, or nothing happens."""

from functools import partial

import msgspec
import pytest
from tests.identity.world import CONTEXT, FIRST, LOG, SECOND, A, B, another_context

from renkei.identity import (
    ConversionIncomplete,
    ConversionProofWrong,
    ConverterKeys,
    ConverterOutOfTurn,
    DecryptionKey,
    EqualityProofWrong,
    KeyVersionUnknown,
    LegMissing,
    MessageMalformed,
    NeutralReached,
    PartyDiffers,
    Question,
    blind,
    convert,
    opened,
    parse,
    render,
    verify,
)
from renkei.identity.group import GENERATOR, SUITE, Scalar
from renkei.identity.legs import Leg

replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def question(world, nym):
    return world.question(nym)


def test_b_opens_the_code_it_was_issued_and_the_log_operator_the_handle(world, pid, question):
    arrived = parse(render(question), Question)
    assert arrived == question
    assert opened(world.verified(arrived), world.keys[B]) == world.nyms([pid], B)[0]
    assert opened(world.verified(arrived), world.keys[LOG]) == world.nyms([pid], LOG)[0]


def test_two_questions_about_one_person_share_nothing(world, nym):
    def values(question):
        request, steps = question.request, question.conversions
        yield from (request.c1, request.c_provider, request.c_log, request.proof)
        for step in steps:
            yield from (step.provider_leg.c1, step.provider_leg.c2, step.provider_proof)
            yield from (step.log_leg.c1, step.log_leg.c2, step.log_proof)

    seen = [value for _ in range(2) for value in values(world.question(nym))]
    assert len(set(seen)) == len(seen)


@pytest.mark.clause("RK-4.6")
def test_everyone_gets_the_same_digest_of_one_chain_and_of_no_other(world, nym, question):
    chain = world.verified(question).digest
    assert len(chain) == 32
    assert world.verified(parse(render(question), Question)).digest == chain
    assert world.verified(world.question(nym)).digest != chain


@pytest.mark.clause("RK-4.2", "RK-4.3")
def test_a_leg_altered_by_the_asker_is_refused_by_the_first_converter(world, nym):
    fresh = blind(nym, B, world.directory, context=CONTEXT)
    request = fresh.request
    for changed in (
        {"c1": request.c1 + GENERATOR},
        {"c_provider": request.c_provider + GENERATOR},
        {"c_log": request.c_provider},
        # both legs moved alike: the equation still holds, the context does not
        {"c_provider": request.c_provider + GENERATOR, "c_log": request.c_log + GENERATOR},
        {"asker": replace(request.asker, kv=2)},
        {"log_operator": replace(request.log_operator, kv=2)},
    ):
        altered = Question(replace(request, **changed))
        with pytest.raises(EqualityProofWrong) as caught:
            world.converted(altered, world.first)
        assert set(caught.value.facts) == {"asker"}


@pytest.mark.clause("RK-4.4", "RK-4.6")
@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize("leg", ["provider", "log"])
def test_a_converter_that_alters_a_leg_is_named_with_the_leg(world, question, step, leg):
    steps = list(question.conversions)
    right = getattr(steps[step], f"{leg}_leg")
    for wrong in (Leg(right.c1 + GENERATOR, right.c2), Leg(right.c1, right.c2 + GENERATOR)):
        steps[step] = replace(steps[step], **{f"{leg}_leg": wrong})
        with pytest.raises(ConversionProofWrong) as caught:
            world.verified(replace(question, conversions=tuple(steps)))
        expected = {"provider": B, "log": LOG}[leg]
        assert caught.value.facts == {"converter": (FIRST, SECOND)[step], "leg": expected}


@pytest.mark.clause("RK-4.3")
def test_the_second_converter_does_not_go_on_from_a_wrong_step(world, nym, question):
    fresh = blind(nym, B, world.directory, context=CONTEXT)
    foreign = Question(fresh.request, question.conversions[:1])
    with pytest.raises(ConversionProofWrong):
        world.converted(foreign, world.second)


def test_the_proof_of_the_other_leg_does_not_do(world, question):
    first, second = question.conversions
    crossed = replace(second, provider_proof=second.log_proof, log_proof=second.provider_proof)
    with pytest.raises(ConversionProofWrong):
        world.verified(replace(question, conversions=(first, crossed)))


def test_a_question_is_good_for_the_parties_that_were_permitted(world, question):
    begun = Question(question.request)
    for asker, provider in ((B, B), (A, A), (A, LOG), (FIRST, B)):
        check = partial(verify, asker=asker, provider=provider, context=CONTEXT)
        with pytest.raises(PartyDiffers):
            check(question, world.directory)
        go_on = partial(convert, asker=asker, provider=provider, context=CONTEXT)
        with pytest.raises(PartyDiffers):
            go_on(begun, world.first, world.directory)


@pytest.mark.clause("RK-3.3")
def test_a_question_is_good_for_one_context(world, question):
    with pytest.raises(EqualityProofWrong):
        world.verified(question, context=another_context())
    begun = Question(question.request)
    with pytest.raises(EqualityProofWrong):
        world.converted(begun, world.first, context=another_context())


def test_a_converter_with_another_key_is_caught(world, nym):
    fresh = blind(nym, B, world.directory, context=CONTEXT)
    other = ConverterKeys(SUITE, FIRST, {**world.first.factors, B: {1: Scalar.random()}})
    wrong = world.converted(fresh, other)
    with pytest.raises(ConversionProofWrong):
        world.converted(wrong, world.second)


@pytest.mark.clause("RK-4.5")
def test_converters_work_in_their_order_each_once(world, nym, question):
    fresh = blind(nym, B, world.directory, context=CONTEXT)
    first, second = question.conversions
    with pytest.raises(ConverterOutOfTurn):
        world.converted(fresh, world.second)
    with pytest.raises(ConverterOutOfTurn):
        world.converted(question, world.first)
    with pytest.raises(ConverterOutOfTurn):
        world.verified(replace(question, conversions=(second, first)))
    with pytest.raises(ConversionIncomplete):
        world.verified(replace(question, conversions=(first,)))


def test_a_leg_opens_with_the_key_it_is_addressed_to(world, question):
    for key in (world.keys[A], DecryptionKey.draw(B, dv=2)):
        with pytest.raises(LegMissing):
            opened(world.verified(question), key)


def test_the_audit_leg_goes_to_the_log_operator_and_to_nobody_else(world, question):
    request = question.request
    diverted = replace(request, log_operator=replace(request.log_operator, organisation=A))
    with pytest.raises(LegMissing):
        world.converted(Question(diverted), world.first)


def test_a_question_to_the_log_operator_itself_cannot_be_built(world, nym, question):
    with pytest.raises(NeutralReached):
        blind(nym, LOG, world.directory, context=CONTEXT)
    same = replace(question.request, provider=question.request.log_operator)
    with pytest.raises(EqualityProofWrong):
        convert(
            Question(same), world.first, world.directory, asker=A, provider=LOG, context=CONTEXT
        )


def test_a_withdrawn_key_version_is_named(world, question):
    request = question.request
    old = replace(request, provider=replace(request.provider, dv=9))
    with pytest.raises(KeyVersionUnknown) as caught:
        world.converted(Question(old), world.first)
    assert caught.value.facts == {"organisation": B, "version": "dv 9"}


@pytest.mark.clause("RK-4.1")
@pytest.mark.parametrize(
    ("point", "reason"),
    [
        ("A" * 43, "point-refused"),  # the neutral element
        ("AQ" + "A" * 41, "point-refused"),  # negative
        ("_" * 43, "base64url"),  # bits beyond the 256th
        ("A" * 42, "length-wrong"),
        ("", "length-wrong"),
        ("A" * 44, "length-wrong"),
        ("A" * 42 + "=", "base64url"),
        ("é" * 43, "base64url"),
    ],
)
def test_what_is_no_group_element_does_not_come_in(question, point, reason):
    text = msgspec.json.decode(render(question))
    text["request"]["c1"] = point
    with pytest.raises(MessageMalformed, match=reason):
        parse(msgspec.json.encode(text), Question)
