"""What travels is what docs/protocol says: digests and proofs, computed here anew from the JSON."""

import json
from base64 import urlsafe_b64decode
from hashlib import sha256, sha512
from typing import Any

import pytest
from tests.identity.world import CONTEXT, FIRST, LOG, REGISTRAR, SECOND, A, B

from renkei.identity import Chain, Pid, render
from renkei.identity.group import GENERATOR, ORDER, Element, Scalar, expand
from renkei.identity.proofs import Equality, EqualityProof, equality_holds

SUITE = b"PFC1-V01-CS-ristretto255-SHA512"


def framed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def d(name: str, *parts: bytes) -> bytes:
    return sha256(framed(b"PFC1", name.encode(), *parts)).digest()


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def domain(said: dict[str, Any]) -> bytes:
    """Encode an origin or an address: its organisation and its versions as decimal text."""
    versions = [str(said[name]).encode() for name in ("kv", "dv") if name in said]
    return framed(said["organisation"].encode(), *versions)


def reduced(data: bytes) -> Scalar:
    return Scalar((int.from_bytes(data, "little") % ORDER).to_bytes(32, "little"))


def side_by_side(legs: list[dict[str, str]]) -> bytes:
    return b"".join(raw(leg["c1"]) + raw(leg["c2"]) for leg in legs)


def folded(legs: list[dict[str, str]], seed: bytes) -> tuple[Element, Element]:
    """Return the weighted sums of both halves of many legs."""
    c1, c2 = Element(raw(legs[0]["c1"])), Element(raw(legs[0]["c2"]))
    for n, leg in enumerate(legs[1:], 1):
        weight = reduced(sha512(seed + n.to_bytes(4, "big")).digest())
        c1, c2 = c1 + weight * Element(raw(leg["c1"])), c2 + weight * Element(raw(leg["c2"]))
    return c1, c2


def proof_holds(
    proof: bytes,
    before: list[dict[str, str]],
    after: list[dict[str, str]],
    keys: tuple[Element, Element, Element],
    binding: bytes,
) -> bool:
    """Check a conversion proof as RK-4.4 words it; keys are X_origin, X_target and Y."""
    origin, target, y = keys
    named = b"".join(side_by_side(part) for part in (before, after))
    seed = sha512(
        framed(SUITE + b"-conversion", binding, *(key.encoded for key in keys), named)
    ).digest()
    e, z1, z2 = (Scalar(proof[n : n + 32]) for n in (0, 32, 64))
    (c1, c2), (c1_, c2_) = folded(before, seed), folded(after, seed)
    parts = (
        z1 * c1 + Element.base(z2) + e * c1_,
        z1 * c2 + z2 * y + e * c2_,
        z1 * origin + e * target,
    )
    hashed = expand(framed(seed, *(part.encoded for part in parts)), SUITE + b"-conversion", 64)
    return len(proof) == 96 and reduced(hashed) == e


@pytest.fixture
def sent(world, nym) -> Any:
    """Give a converted question as its JSON says it."""
    return json.loads(render(world.question(nym)))


def start_of(request: dict[str, Any]) -> bytes:
    parties = (domain(request[name]) for name in ("asker", "provider", "log_operator"))
    elements = (raw(request[name]) for name in ("c1", "c_provider", "c_log"))
    return d("blinded", SUITE, CONTEXT, *parties, *elements)


@pytest.mark.clause("RK-4.1", "RK-4.2")
def test_the_asker_proves_that_both_legs_hold_one_element(world, sent):
    request, keys = sent["request"], world.directory.organisations
    y_p, y_l = (keys[one].receivers[1].public for one in (B, LOG))
    c1, c_p, c_l = (Element.parse(raw(request[n])) for n in ("c1", "c_provider", "c_log"))
    context = SUITE + b"-equality-" + start_of(request)
    proof = EqualityProof.parse(raw(request["proof"]))
    assert equality_holds(Equality(c1, [y_p - y_l], [c_p - c_l], context), proof)
    assert not equality_holds(Equality(c1, [y_l - y_p], [c_p - c_l], context), proof)


@pytest.mark.clause("RK-4.3", "RK-4.4", "RK-4.6")
def test_each_conversion_is_proven_after_all_before_and_the_last_digest_is_the_transcript(
    world, nym
):
    question = world.question(nym)
    sent = json.loads(render(question))
    request, keys = sent["request"], world.directory.organisations
    t = d("request", start_of(request), raw(request["proof"]))
    legs = {name: {"c1": request["c1"], "c2": request[f"c_{name}"]} for name in ("provider", "log")}
    for converter, step in zip((FIRST, SECOND), sent["conversions"], strict=True):
        assert step["converter"] == converter
        for name, party, said in (("provider", B, "provider"), ("log", LOG, "log_operator")):
            binding = d(
                "passage", t, converter.encode(), domain(request["asker"]), domain(request[said])
            )
            factors = (keys[one].factors[converter][1] for one in (A, party))
            known = (*factors, keys[party].receivers[1].public)
            after, proof = step[f"{name}_leg"], raw(step[f"{name}_proof"])
            assert proof_holds(proof, [legs[name]], [after], known, binding)
            assert not proof_holds(proof, [legs[name]], [after], known, bytes(32))
            legs[name] = after
        told = [
            part
            for name in ("provider", "log")
            for part in (side_by_side([legs[name]]), raw(step[f"{name}_proof"]))
        ]
        t = d("converted", t, converter.encode(), *told)
    assert world.verified(question).digest == t


@pytest.mark.clause("RK-7.4")
def test_each_step_of_an_issuance_is_proven_for_the_whole_batch(world):
    sent = json.loads(render(world.issuance([Pid.random() for _ in range(3)], A)))
    encrypted, keys = sent["encrypted"], world.directory.organisations[A]
    numbers = b"".join(raw(number) for number in encrypted["numbers"])
    before, receiver = encrypted["legs"], domain(encrypted["receiver"])
    t = d("encrypted", SUITE, CONTEXT, receiver, numbers, side_by_side(before))
    origin = framed(REGISTRAR.encode(), b"0")
    for converter, step in zip((FIRST, SECOND), sent["conversions"], strict=True):
        binding = d("passage", t, converter.encode(), origin, receiver)
        known = (GENERATOR, keys.factors[converter][1], keys.receivers[1].public)
        assert proof_holds(raw(step["proof"]), before, step["legs"], known, binding)
        t = d("issued", t, converter.encode(), side_by_side(step["legs"]), raw(step["proof"]))
        before = step["legs"]


@pytest.mark.clause("RK-9.2", "RK-45.1")
def test_a_label_is_the_hash_of_the_year_and_the_secret_of_the_chain(nym):
    chain = Chain(bytes(range(32)))
    assert chain.label(2026) == sha256(b"label2026" + bytes(range(32))).digest()
    assert chain.sealed_label(2026) == sha256(b"sealed-label2026" + bytes(range(32))).digest()
    assert Chain.of_handle(nym).label(2026) == sha256(b"label2026" + nym.element.encoded).digest()
    assert "secret" not in repr(chain)
