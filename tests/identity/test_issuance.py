"""A batch of persons becomes one organisation's codes, or nothing."""

from functools import partial

import msgspec
import pytest
from tests.identity.world import CONTEXT, FIRST, SECOND, A, B, another_context

from renkei.identity import (
    AcquisitionNumber,
    BatchSizeWrong,
    ConversionIncomplete,
    ConversionProofWrong,
    ConverterOutOfTurn,
    Issuance,
    LegMissing,
    LengthWrong,
    MessageMalformed,
    PartyDiffers,
    Pid,
    convert_issuance,
    encrypt_persons,
    open_issuance,
    parse,
    render,
    verify_issuance,
)

PIDS = [Pid.random() for _ in range(3)]
check = partial(verify_issuance, organisation=A, context=CONTEXT)
go_on = partial(convert_issuance, organisation=A, context=CONTEXT)
replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def issuance(world):
    return world.issuance(PIDS, A)


def verified(world, issuance):
    return check(issuance, world.directory)


def test_a_person_has_the_same_code_however_often_it_is_issued(world):
    assert world.nyms(PIDS, A) == [world.nyms([pid], A)[0] for pid in PIDS]
    assert world.nyms(PIDS, A) != world.nyms(PIDS, B)


def test_what_travels_arrives_equal_and_opens_under_its_numbers(world, issuance):
    arrived = parse(render(issuance), Issuance)
    assert arrived == issuance
    opened = open_issuance(verified(world, arrived), world.keys[A])
    assert [number for number, _ in opened] == list(issuance.encrypted.numbers)


def test_neither_pid_nor_nym_is_to_be_seen_in_what_travels(world, issuance):
    nyms = [nym.element.encoded for nym in world.nyms(PIDS, A)]
    seen = {leg.encoded for step in issuance.conversions for leg in step.legs}
    seen |= {leg.encoded for leg in issuance.encrypted.legs}
    for secret in (*nyms, *(pid.encoded for pid in PIDS)):
        assert not any(secret in leg for leg in seen)


@pytest.mark.parametrize("step", [0, 1])
def test_a_converter_that_alters_one_leg_is_named(world, issuance, step):
    cheat = issuance.conversions[step]
    legs = (*cheat.legs[:-1], cheat.legs[0])
    steps = list(issuance.conversions)
    steps[step] = replace(cheat, legs=legs)
    with pytest.raises(ConversionProofWrong) as caught:
        verified(world, replace(issuance, conversions=tuple(steps)))
    assert caught.value.facts == {"converter": (FIRST, SECOND)[step], "leg": A}


def test_a_step_left_out_doubled_or_out_of_turn_is_refused(world, issuance):
    first, second = issuance.conversions
    with pytest.raises(ConversionIncomplete):
        verified(world, replace(issuance, conversions=(first,)))
    for steps in ((second, first), (second,), (first, second, second)):
        with pytest.raises(ConverterOutOfTurn):
            verified(world, replace(issuance, conversions=steps))
    with pytest.raises(ConverterOutOfTurn):
        go_on(issuance, world.second, world.directory)


@pytest.mark.clause("RK-7.4")
def test_another_context_number_or_order_is_refused(world, issuance):
    with pytest.raises(ConversionProofWrong):
        check(issuance, world.directory, context=another_context())
    encrypted = issuance.encrypted
    for numbers in (
        (AcquisitionNumber.random(), *encrypted.numbers[1:]),
        encrypted.numbers[::-1],
    ):
        changed = replace(issuance, encrypted=replace(encrypted, numbers=numbers))
        with pytest.raises(ConversionProofWrong):
            verified(world, changed)


def test_numbers_and_legs_go_in_pairs(world, issuance):
    encrypted = issuance.encrypted
    for numbers in (encrypted.numbers[:2], encrypted.numbers[:2] + encrypted.numbers[:1]):
        with pytest.raises(LengthWrong):
            verified(world, Issuance(replace(encrypted, numbers=numbers)))
    with pytest.raises(BatchSizeWrong):
        verified(world, Issuance(replace(encrypted, numbers=(), legs=())))
    with pytest.raises(BatchSizeWrong):
        encrypt_persons([], A, world.directory)


def test_codes_are_issued_to_the_organisation_that_was_agreed_on(world, issuance):
    with pytest.raises(PartyDiffers):
        check(issuance, world.directory, organisation=B)
    with pytest.raises(PartyDiffers):
        go_on(Issuance(issuance.encrypted), world.first, world.directory, organisation=B)


def test_only_the_organisation_it_is_for_opens_it(world, issuance):
    with pytest.raises(LegMissing):
        open_issuance(verified(world, issuance), world.keys[B])


def test_a_context_is_32_bytes(world, issuance):
    with pytest.raises(LengthWrong):
        check(issuance, world.directory, context=b"short")


def test_a_point_that_is_none_is_refused_with_its_place(issuance):
    text = msgspec.json.decode(render(issuance))
    text["conversions"][1]["legs"][2]["c2"] = "A" * 43
    with pytest.raises(MessageMalformed, match=r"point-refused.*conversions.*legs"):
        parse(msgspec.json.encode(text), Issuance)
