"""The Rust package `voprf` accepts our proofs, and we accept its own."""

import pytest

from renkei.identity.group import Element, Scalar, hash_to_group
from renkei.identity.proofs import Equality, EqualityProof, equality_holds, prove_equality

ristretto = pytest.importorskip("voprf").ristretto

CONTEXT = b"OPRFV1-\x01-ristretto255-SHA512"
INPUTS = [b"one", b"two", b"three"]


def test_it_accepts_what_we_evaluate_and_prove():
    key = Scalar.random()
    public = Element.base(key)
    clients, blinded = zip(*(ristretto.Client.blind(text) for text in INPUTS), strict=True)
    c = [Element.parse(each.serialize()) for each in blinded]
    d = [key * each for each in c]
    proof = prove_equality(key, Equality(public, c, d, CONTEXT))
    answer = proof.encoded + b"".join(each.encoded for each in d)
    outputs = ristretto.VerifiableBatchOutput.deserialize(answer)
    its_key = ristretto.PublicKey.deserialize(public.encoded)
    assert len(ristretto.Client.finalize_batch(list(clients), outputs, its_key)) == len(INPUTS)


def test_we_accept_what_it_evaluates_and_proves():
    evaluator = ristretto.Evaluator(b"\x07" * 32)
    blinds = [Scalar.random() for _ in INPUTS]
    c = [
        blind * hash_to_group(text, b"HashToGroup-" + CONTEXT)
        for blind, text in zip(blinds, INPUTS, strict=True)
    ]
    blinded = [ristretto.BlindedInput.deserialize(each.encoded) for each in c]
    answer = evaluator.evaluate_batch(blinded).serialize()
    d = [Element.parse(answer[n : n + 32]) for n in range(64, len(answer), 32)]
    public = Element.parse(evaluator.public_key.serialize())
    claim = Equality(public, c, d, CONTEXT)
    assert equality_holds(claim, EqualityProof.parse(answer[:64]))
