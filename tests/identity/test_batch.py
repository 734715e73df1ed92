"""A batch of questions arrives whole and in its order, or is refused and the cheat is named."""

import secrets
from base64 import urlsafe_b64encode

import msgspec
import pytest
from tests.identity.world import CONTEXT, FIRST, LOG, SECOND, A, B, World, another_context

from renkei import identity
from renkei.identity import Batch, MessageMalformed, Nym, Pid, parse, render
from renkei.identity.packed import Elements, Legs, Numbers

SIZE = 5
PIDS = [Pid.random() for _ in range(SIZE)]
replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def persons(world):
    return [(secrets.token_bytes(16), nym) for nym in world.nyms(PIDS, A)]


@pytest.fixture(scope="module", params=["ordered", "shuffled"])
def batch(request, world, persons):
    return world.batch(persons, mode=request.param)


@pytest.fixture(scope="module")
def ordered(world, persons):
    return world.batch(persons)


def refused(world: World, batch: Batch, error: type[Exception]):
    with pytest.raises(error) as caught:
        world.verified_batch(batch)
    return caught.value


@pytest.mark.clause("RK-24.1", "RK-24.2")
def test_what_travels_arrives_equal_and_opens_in_order(world, persons):
    arrived = parse(render(world.batch(persons)), Batch)
    verified = world.verified_batch(arrived)
    assert list(verified.batch.request.numbers.values) == [number for number, _ in persons]
    assert identity.open_batch(verified, world.keys[B]) == world.nyms(PIDS, B)
    assert identity.open_batch(verified, world.keys[LOG]) == world.nyms(PIDS, LOG)


@pytest.mark.clause("RK-24.6")
def test_a_shuffled_batch_opens_to_the_same_persons_and_carries_no_number(world, persons):
    batch = parse(render(world.batch(persons, mode="shuffled")), Batch)
    opened = identity.open_batch(world.verified_batch(batch), world.keys[B])
    assert sorted(nym.code for nym in opened) == sorted(n.code for n in world.nyms(PIDS, B))
    for number, nym in persons:
        assert identity.checked_code(nym.code)
        assert number not in render(batch)
    assert len(batch.request.numbers) == 0


@pytest.mark.clause("RK-24.6")
def test_two_columns_of_a_shuffled_batch_stand_in_orders_of_their_own(world):
    """Of 40 persons no column keeps its order but once in 40! batches."""
    pids = [Pid.random() for _ in range(40)]
    persons = [(b"", nym) for nym in world.nyms(pids, A)]
    verified = world.verified_batch(world.batch(persons, mode="shuffled"))
    at_b = {nym: n for n, nym in enumerate(world.nyms(pids, B))}
    at_log = {nym: n for n, nym in enumerate(world.nyms(pids, LOG))}
    order = [at_b[nym] for nym in identity.open_batch(verified, world.keys[B])]
    log_order = [at_log[nym] for nym in identity.open_batch(verified, world.keys[LOG])]
    assert sorted(order) == sorted(log_order) == list(range(40))
    assert order != log_order
    assert list(range(40)) not in (order, log_order)


@pytest.mark.clause("RK-24.3")
@pytest.mark.parametrize("column", ["c1", "c_provider", "c_log", "numbers"])
@pytest.mark.parametrize("change", ["reordered", "altered"])
def test_a_request_in_another_order_or_with_one_altered_leg_is_refused(
    world, ordered, column, change
):
    values = list(getattr(ordered.request, column).values)
    if change == "reordered":
        values[0], values[1] = values[1], values[0]
    else:
        values[-1] = bytes(16) if column == "numbers" else world.keys[A].public().public
    kind = type(getattr(ordered.request, column))
    changed = replace(ordered.request, **{column: kind.of(values)})
    error = refused(world, Batch(changed, ordered.conversions), identity.EqualityProofWrong)
    assert error.facts == {"asker": A}


@pytest.mark.clause("RK-24.2")
@pytest.mark.parametrize("column", ["c_provider", "c_log", "numbers"])
def test_columns_that_are_cut_are_refused_by_name(world, ordered, column):
    kept = getattr(ordered.request, column)
    changed = replace(ordered.request, **{column: type(kept).of(kept.values[:-1])})
    error = refused(world, Batch(changed), identity.LengthWrong)
    assert error.facts == {"what": column, "length": SIZE - 1, "wanted": SIZE}


@pytest.mark.clause("RK-24.2")
def test_a_whole_item_left_out_or_doubled_is_refused(world, ordered):
    request = ordered.request
    columns = ("numbers", "c1", "c_provider", "c_log")

    def taken(*places):
        return replace(
            request,
            **{
                name: type(getattr(request, name)).of(
                    getattr(request, name).values[place] for place in places
                )
                for name in columns
            },
        )

    refused(world, Batch(taken(0, 1, 2, 3)), identity.EqualityProofWrong)
    error = refused(world, Batch(taken(0, 1, 2, 3, 3)), identity.ItemRepeated)
    assert error.facts == {"what": "number", "times": 2}
    doubled = taken(0, 1, 2, 3, 3)
    renumbered = replace(doubled, numbers=request.numbers)
    assert refused(world, Batch(renumbered), identity.ItemRepeated).facts["what"] == "c1"
    refused(world, Batch(taken()), identity.BatchSizeWrong)


@pytest.mark.clause("RK-24.4", "RK-24.6")
@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize("column", ["provider_legs", "log_legs"])
@pytest.mark.parametrize("change", ["swapped", "doubled", "cut", "altered"])
def test_a_converter_that_changes_its_column_is_named(world, batch, step, column, change):
    steps = list(batch.conversions)
    legs = list(getattr(steps[step], column).values)
    match change:
        case "swapped":
            legs[0], legs[1] = legs[1], legs[0]
        case "doubled":
            legs[0] = legs[1]
        case "cut":
            del legs[-1]
        case "altered":
            legs[2] = replace(legs[2], c2=legs[2].c2 + legs[2].c1)
    steps[step] = replace(steps[step], **{column: Legs.of(legs)})
    error = refused(world, replace(batch, conversions=tuple(steps)), identity.ConversionProofWrong)
    leg = B if column == "provider_legs" else LOG
    assert error.facts == {"converter": (FIRST, SECOND)[step], "leg": leg}


@pytest.mark.clause("RK-24.5")
def test_a_step_left_out_doubled_or_of_the_other_mode_is_refused(world, persons, ordered):
    first, second = ordered.conversions
    refused(world, replace(ordered, conversions=(first,)), identity.ConversionIncomplete)
    for steps in ((second, first), (first, second, second)):
        refused(world, replace(ordered, conversions=steps), identity.ConverterOutOfTurn)
    shuffled = world.batch(persons, mode="shuffled")
    for one, other in ((ordered, shuffled), (shuffled, ordered)):
        mixed = replace(one, conversions=other.conversions)
        assert refused(world, mixed, identity.ModeWrong).facts["converter"] == FIRST


@pytest.mark.clause("RK-24.3")
def test_a_batch_of_another_request_party_or_mode_is_refused(world, batch):
    with pytest.raises(identity.EqualityProofWrong):
        identity.verify_batch(
            batch, world.directory, asker=A, provider=B, context=another_context()
        )
    with pytest.raises(identity.PartyDiffers):
        identity.verify_batch(batch, world.directory, asker=B, provider=B, context=CONTEXT)
    mode = "shuffled" if batch.request.mode == "ordered" else "ordered"
    numbers = Numbers.of(n.to_bytes(16) for n in range(SIZE if mode == "ordered" else 0))
    changed = replace(batch.request, mode=mode, numbers=numbers)
    refused(world, Batch(changed), identity.EqualityProofWrong)


def test_a_mixture_of_two_persons_opens_to_nobody_enrolled(world, persons):
    """RK-24.7 rests on this: the hub converts it blindly, the log operator knows no such handle."""
    mixed = Nym(A, 1, persons[0][1].element + persons[1][1].element)
    verified = world.verified_batch(world.batch([*persons, (bytes(16), mixed)]))
    enrolled = {nym.handle for nym in world.nyms(PIDS, LOG)}
    known = [nym.handle in enrolled for nym in identity.open_batch(verified, world.keys[LOG])]
    assert known == [True] * SIZE + [False]


def test_codes_of_two_owners_or_two_versions_go_in_no_batch(world, persons):
    number, nym = persons[0]
    with pytest.raises(identity.NymForeign):
        world.batch([*persons, (number, Nym(B, 1, nym.element))])
    with pytest.raises(identity.VersionsMixed):
        world.batch([*persons, (number, Nym(A, 2, nym.element))])


@pytest.mark.clause("RK-24.1")
@pytest.mark.parametrize("column", ["c1", "c_provider", "numbers"])
def test_a_column_of_a_broken_length_or_with_a_bad_element_is_refused(ordered, column):
    text = msgspec.json.decode(render(ordered))
    whole = text["request"][column]
    short = getattr(ordered.request, column).encoded[:-1]
    text["request"][column] = urlsafe_b64encode(short).rstrip(b"=").decode()
    with pytest.raises(MessageMalformed, match="length-wrong"):
        parse(msgspec.json.encode(text), Batch)
    if column != "numbers":
        text["request"][column] = "A" * 43 + whole[43:]
        with pytest.raises(MessageMalformed, match="point-refused"):
            parse(msgspec.json.encode(text), Batch)


def test_a_column_holds_what_was_put_into_it():
    assert Elements(b"").values == ()
    with pytest.raises(identity.PointRefused):
        Legs.parse(bytes(64))
