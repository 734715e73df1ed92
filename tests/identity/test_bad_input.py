"""Whatever one changes in a message that holds, it is refused by name."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from tests.identity.world import CONTEXT, A, B, World, another_context

from renkei import identity
from renkei.identity import Batch, Issuance, MessageMalformed, Pid, Question, parse, render
from renkei.kit import NodeError

NAMES = ["question", "ordered", "shuffled", "issuance"]
BAD = {
    "neutral": bytes(32),
    "not reduced": b"\xed" + b"\xff" * 30 + b"\x7f",
    "negative": b"\x01" + bytes(31),
    "high bit": bytes(31) + b"\x80",
    "order four of the curve below": bytes.fromhex(
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"
    ),
    "no point": b"\xff" * 32,
}

Check = Callable[[World, bytes], object]


def check_question(world: World, text: bytes, context: bytes = CONTEXT) -> object:
    return world.verified(parse(text, Question), context=context)


def check_batch(world: World, text: bytes, context: bytes = CONTEXT) -> object:
    return identity.verify_batch(
        parse(text, Batch), world.directory, asker=A, provider=B, context=context
    )


def check_issuance(world: World, text: bytes, context: bytes = CONTEXT) -> object:
    return identity.verify_issuance(
        parse(text, Issuance), world.directory, organisation=A, context=context
    )


CHECKS = {
    "question": check_question,
    "ordered": check_batch,
    "shuffled": check_batch,
    "issuance": check_issuance,
}


@pytest.fixture(scope="module")
def messages(world) -> dict[str, bytes]:
    pids = [Pid.random() for _ in range(3)]
    nyms = world.nyms(pids, A)
    persons = [(secrets.token_bytes(16), nym) for nym in nyms]
    made: dict[str, msgspec.Struct] = {
        "question": world.question(nyms[0]),
        "ordered": world.batch(persons),
        "shuffled": world.batch(persons, mode="shuffled"),
        "issuance": world.issuance(pids, A),
    }
    return {name: render(message) for name, message in made.items()}


def leaves(said: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything in a message that is not a container."""
    parts = said.items() if isinstance(said, dict) else enumerate(said)
    for name, part in parts:
        if isinstance(part, dict | list):
            yield from leaves(part, (*path, name))
        else:
            yield (*path, name)


def changed(text: bytes, path: tuple[Any, ...], change: Callable[[Any], Any]) -> bytes:
    """Return the message with one leaf changed."""
    said = json.loads(text)
    place = said
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = change(place[path[-1]])
    return json.dumps(said).encode()


def flipped(at: float) -> Callable[[Any], Any]:
    """Return what changes one bit of bytes, one digit of a number, one letter of a word."""

    def change(value: Any) -> Any:
        if isinstance(value, int):
            return value + 1
        if not value:  # the numbers of a shuffled batch
            return "A" * 22
        try:
            data = bytearray(urlsafe_b64decode(value + "=" * (-len(value) % 4)))
        except ValueError:
            data = bytearray()
        if len(data) < 16 or value.isdigit():
            return value[:-1] + ("x" if value[-1] != "x" else "y")
        data[int(at * (len(data) - 1))] ^= 2
        return urlsafe_b64encode(data).rstrip(b"=").decode()

    return change


@pytest.mark.parametrize("name", NAMES)
def test_every_leaf_of_a_message_counts(world, messages, name):
    """One bit of any value, at its beginning, middle or end: nothing is without meaning."""
    check, text = CHECKS[name], messages[name]
    assert check(world, text)
    ways = list(leaves(json.loads(text)))
    assert len(ways) > 10
    for way in ways:
        for at in (0.0, 0.5, 1.0):
            altered = changed(text, way, flipped(at))
            assert altered != text
            with pytest.raises(NodeError):
                check(world, altered)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", BAD)
def test_no_bad_encoding_comes_in_wherever_an_element_stands(world, messages, name, bad):
    text = messages[name]
    tried = 0
    for way in leaves(json.loads(text)):
        if way[-1] not in {"c1", "c2", "c_provider", "c_log", "provider_legs", "log_legs", "chain"}:
            continue
        tried += 1

        def begin_badly(value: str) -> str:
            data = BAD[bad] + urlsafe_b64decode(value + "=" * (-len(value) % 4))[32:]
            return urlsafe_b64encode(data).rstrip(b"=").decode()

        with pytest.raises(MessageMalformed, match="point-refused"):
            CHECKS[name](world, changed(text, way, begin_badly))
    assert tried >= 3


@pytest.mark.parametrize("name", NAMES)
def test_another_suite_an_unknown_part_or_half_a_message_is_refused(world, messages, name):
    text = messages[name].decode()
    suite = f'"{identity.SUITE}"'
    for wrong in (
        text.replace(suite, '"P256-SHA256"'),
        text.replace(f'"suite":{suite},', ""),
        text.replace(f'"suite":{suite}', f'"suite":{suite},"more":1'),
        text[: len(text) // 2],
        "",
        "[]",
        '{"a":' * 500,
    ):
        with pytest.raises(MessageMalformed):
            CHECKS[name](world, wrong.encode())


@pytest.mark.parametrize("name", NAMES)
def test_a_message_of_yesterday_proves_nothing_about_today(world, messages, name):
    with pytest.raises(NodeError):
        CHECKS[name](world, messages[name], another_context())


def test_parts_of_two_good_messages_make_no_third(world):
    """A converter that answers with the steps of another batch is caught."""
    persons = [(secrets.token_bytes(16), nym) for nym in world.nyms([Pid.random()], A)]
    for mode in ("ordered", "shuffled"):
        one, other = (world.batch(persons, mode=mode) for _ in range(2))
        with pytest.raises(identity.ConversionProofWrong):
            world.verified_batch(Batch(one.request, other.conversions))
        mixed = (one.conversions[0], other.conversions[1])
        with pytest.raises(identity.ConversionProofWrong):
            world.verified_batch(Batch(one.request, mixed))
