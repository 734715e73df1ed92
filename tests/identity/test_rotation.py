"""The codes of one organisation become others, half way or whole; a stolen table stays behind."""

from collections.abc import Iterable

import msgspec
import pytest
from tests.identity.world import CONTEXT, FIRST, LOG, REGISTRAR, SECOND, A, B, World

from renkei import identity
from renkei.identity import (
    ConverterKeys,
    DecryptionKey,
    Directory,
    KeyVersionUnknown,
    Nym,
    Pid,
    PublicKeys,
    Quotient,
    QuotientWrong,
    RotationUnfinished,
    Seal,
    hand_over,
    parse,
    render,
    take_over,
)
from renkei.identity.group import Element, Scalar
from renkei.identity.keys import Address
from renkei.identity.rotation import NONCE, SealedScalar

SEAL = Seal(bytes(32))
PIDS = [Pid.random() for _ in range(5)]
replace = msgspec.structs.replace


def directory(first: ConverterKeys, second: ConverterKeys, keys, kv: int = 0) -> Directory:
    published = [
        PublicKeys(
            identity.SUITE,
            each,
            {FIRST: first.public(each), SECOND: second.public(each)},
            {key.dv: key.public()},
            kv if each == A else 0,
        )
        for each, key in keys.items()
    ]
    return Directory.checked(
        published, converters=(FIRST, SECOND), registrar=REGISTRAR, log_operator=LOG
    )


class Turn:
    """A world in which A's codes rotate: before, in the window, after."""

    def __init__(self, world: World) -> None:
        self.keys, self.first, self.second = world.keys, world.first, world.second
        self.more = (world.first.admit(A, kv=2), world.second.admit(A, kv=2))
        self.window = directory(*self.more, world.keys)
        self.less = (self.more[0].destroy(A, 1), self.more[1].destroy(A, 1))
        self.after = directory(*self.less, world.keys, 2)
        self.nyms = world.nyms(PIDS, A)

    def quotients(self) -> list[Quotient]:
        return [hand_over(keys, A, 1, 2, self.window) for keys in self.more]

    def factor(self) -> Scalar:
        return take_over(self.quotients(), 1, 2, self.window, self.keys[A])

    def asked(self, nym: Nym, where: Directory, hub: Iterable[ConverterKeys]) -> Nym:
        """Ask B about a nym of A and return whom B understands."""
        question = identity.blind(nym, B, where, context=CONTEXT)
        for keys in hub:
            question = identity.convert(question, keys, where, asker=A, provider=B, context=CONTEXT)
        verified = identity.verify(question, where, asker=A, provider=B, context=CONTEXT)
        return identity.opened(verified, self.keys[B])


@pytest.fixture(scope="module")
def turn(world) -> Turn:
    return Turn(world)


@pytest.mark.clause("RK-24.8")
def test_in_the_window_old_and_new_codes_mean_the_same_person(turn, world):
    arrived = [parse(render(one), Quotient) for one in turn.quotients()]
    factor = take_over(arrived, 1, 2, turn.window, turn.keys[A])
    at_b = world.nyms(PIDS, B)
    for nym, wanted in zip(turn.nyms, at_b, strict=True):
        newer = identity.rotated(nym, factor, 2)
        assert newer.code != nym.code
        assert turn.asked(nym, turn.window, turn.more) == wanted
        assert turn.asked(newer, turn.window, turn.more) == wanted


@pytest.mark.clause("RK-24.10")
def test_after_it_the_old_codes_are_dead_and_the_new_ones_live(turn, world):
    newer = identity.rotated(turn.nyms[0], turn.factor(), 2)
    assert turn.asked(newer, turn.after, turn.less) == world.nyms(PIDS[:1], B)[0]
    with pytest.raises(KeyVersionUnknown):
        turn.asked(turn.nyms[0], turn.after, turn.less)
    as_new = Nym(A, 2, turn.nyms[0].element)
    assert turn.asked(as_new, turn.after, turn.less) not in world.nyms(PIDS, B)


@pytest.mark.clause("RK-24.8")
def test_a_newly_issued_code_is_the_rotated_one(turn):
    issued = World(turn.less[0], turn.less[1], turn.keys, turn.after).nyms(PIDS[:1], A)
    assert issued == [identity.rotated(turn.nyms[0], turn.factor(), 2)]


@pytest.mark.clause("RK-24.8")
def test_a_quotient_opens_for_its_organisation_alone_and_is_checked(turn):
    first, second = turn.quotients()
    for keys in ((turn.keys[B],), (DecryptionKey.draw(A),), ()):
        error = QuotientWrong if keys and keys[0].organisation == A else identity.LegMissing
        with pytest.raises(error):
            take_over([first, second], 1, 2, turn.window, *keys)
    other = ConverterKeys.draw(SECOND, (A,)).admit(A, kv=2)
    for wrong in (
        first,  # another converter's
        replace(second, before=2),
        replace(second, sealed=SealedScalar(bytes(48))),
        replace(second, c1=Element.base(Scalar.random())),
        hand_over(other, A, 1, 2, turn.window),  # keys that are not the published ones
    ):
        with pytest.raises(QuotientWrong) as caught:
            take_over([first, wrong], 1, 2, turn.window, turn.keys[A])
        assert caught.value.facts == {"converter": SECOND}
    with pytest.raises(identity.ConversionIncomplete):
        take_over([first], 1, 2, turn.window, turn.keys[A])


@pytest.mark.clause("RK-24.8")
@pytest.mark.parametrize(
    "said", [{"converter": FIRST}, {"before": 3}, {"receiver": Address(A, 3, 1)}]
)
def test_a_quotient_of_another_step_is_refused_before_it_is_opened(turn, said):
    """What is sealed leads where it should; what is said of it is of another step."""
    (first, second), hub = turn.quotients(), turn.more[1]
    randomness = Scalar.random()
    true = hub.scalar(A, 2) * hub.scalar(A, 1).inverse()
    draft = replace(second, c1=Element.base(randomness), **said)
    cipher = draft.key(randomness * turn.window.receiver(second.receiver))
    sealed = SealedScalar(cipher.encrypt(NONCE, true.encoded, None))
    with pytest.raises(QuotientWrong) as caught:
        take_over([first, replace(draft, sealed=sealed)], 1, 2, turn.window, turn.keys[A])
    assert caught.value.facts == {"converter": SECOND}


@pytest.mark.clause("RK-24.11")
def test_a_new_decryption_key_changes_no_code_and_both_open_for_a_time(world, turn):
    newer = world.keys[B].next()
    keys = {**world.keys, B: newer}
    where = directory(world.first, world.second, keys)
    question = identity.blind(turn.nyms[0], B, where, context=CONTEXT)
    for hub in (world.first, world.second):
        question = identity.convert(question, hub, where, asker=A, provider=B, context=CONTEXT)
    verified = identity.verify(question, where, asker=A, provider=B, context=CONTEXT)
    wanted = world.nyms(PIDS[:1], B)[0]
    assert identity.opened(verified, newer, world.keys[B]) == wanted
    assert (
        identity.opened(world.verified(world.question(turn.nyms[0])), newer, world.keys[B])
        == wanted
    )
    with pytest.raises(identity.LegMissing):
        identity.opened(verified, world.keys[B])


def stored(conn, turn) -> dict[str, Nym]:
    people = [f"{number:03}" for number in range(len(PIDS))]
    named = list(zip(people, turn.nyms, strict=True))
    identity.keep_codes(conn, A, named, seal=SEAL)
    return dict(named)


@pytest.mark.clause("RK-24.9")
def test_a_rotation_that_is_killed_half_way_goes_on_where_it_was(conn, turn):
    named, factor = stored(conn, turn), turn.factor()
    first = identity.rotate_codes(conn, A, 1, 2, factor, seal=SEAL, limit=2)
    assert first == identity.Rotated(2, "001")
    with pytest.raises(RotationUnfinished) as caught:
        identity.forget_codes(conn, A, 1)
    assert caught.value.facts == {"left": 3, "version": "kv 1"}
    behind = ""  # killed: it knows nothing of where it was
    changed: list[int] = []
    while not changed or changed[-1]:
        step = identity.rotate_codes(conn, A, 1, 2, factor, seal=SEAL, behind=behind, limit=2)
        changed, behind = [*changed, step.changed], step.last
    assert changed == [2, 1, 0]
    for person, nym in named.items():
        newer = identity.rotated(nym, factor, 2)
        assert identity.code_of(conn, A, person, seal=SEAL) == newer
        assert identity.person_of(conn, A, newer) == identity.person_of(conn, A, nym) == person
    assert identity.forget_codes(conn, A, 1) == len(PIDS)
    assert identity.person_of(conn, A, named["000"]) is None
    assert identity.forget_codes(conn, A, 1) == 0


@pytest.mark.clause("RK-24.12")
def test_codes_follow_a_new_pid_or_end(conn, turn, world):
    named = stored(conn, turn)
    fresh = world.nyms([Pid.random()], A)[0]
    first, second, third = (named[f"00{n}"] for n in range(3))
    stranger = world.nyms([Pid.random()], A)[0]
    followed = [(first, fresh), (second, None), (third, named["003"]), (stranger, fresh)]
    shared = identity.follow_codes(conn, A, followed, seal=SEAL)
    assert shared == [identity.SharedCode("002", "003")]
    assert identity.code_of(conn, A, "000", seal=SEAL) == fresh
    assert identity.person_of(conn, A, first) is None
    assert identity.code_of(conn, A, "001", seal=SEAL) is None
    assert identity.code_of(conn, A, "002", seal=SEAL) is None
    assert identity.person_of(conn, A, named["003"]) == "003"
