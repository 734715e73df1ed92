"""Our group and our equality proof give the values of RFC 9497, ristretto255-SHA512."""

import json
from hashlib import sha512

import pytest
from tests.identity.world import VECTORS

from renkei.identity.errors import NeutralReached
from renkei.identity.group import GENERATOR, Element, Scalar, hash_to_group, hash_to_scalar
from renkei.identity.proofs import Equality, EqualityProof, _prove_equality, equality_holds

FILE = VECTORS / "rfc9497-allVectors.json"
OPRF, VOPRF, POPRF = range(3)
SUITES = [
    suite
    for suite in (json.loads(FILE.read_text()) if FILE.exists() else [])
    if suite["identifier"] == "ristretto255-SHA512"
]
CASES = [(suite, vector) for suite in SUITES for vector in suite["vectors"]]
PROVEN = [(suite, vector) for suite, vector in CASES if suite["mode"] != OPRF]

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the RFC 9497 vectors are not here")


def several(kind, text):
    return [kind.parse(bytes.fromhex(part)) for part in text.split(",")]


def texts(text):
    return [bytes.fromhex(part) for part in text.split(",")]


def short(*parts):
    return b"".join(len(part).to_bytes(2) + part for part in parts)


def context_of(mode):
    return b"OPRFV1-" + bytes([mode]) + b"-ristretto255-SHA512"


def derived_key(suite):
    """RFC 9497 3.2.1, DeriveKeyPair; the first counter suits every vector."""
    message = bytes.fromhex(suite["seed"]) + short(bytes.fromhex(suite["keyInfo"])) + b"\0"
    return hash_to_scalar(message, b"DeriveKeyPair" + context_of(suite["mode"]))


def tweak(mode, vector):
    """RFC 9497 3.3.3: what a POPRF adds to the key for its public information."""
    framed_info = b"Info" + short(bytes.fromhex(vector["Info"]))
    return hash_to_scalar(framed_info, b"HashToScalar-" + context_of(mode))


def finalized(mode, vector, data, blind, evaluated):
    element = (blind.inverse() * evaluated).encoded
    info = [bytes.fromhex(vector["Info"])] if mode == POPRF else []
    return sha512(short(data, *info, element) + b"Finalize").hexdigest()


@pytest.mark.parametrize(("suite", "vector"), CASES)
def test_an_evaluation_is_that_of_the_rfc(suite, vector):
    mode = suite["mode"]
    key = derived_key(suite)
    assert key.encoded.hex() == suite["skSm"]
    if mode == POPRF:
        key = (key + tweak(mode, vector)).inverse()
    outputs = []
    for data, blind, blinded, evaluated in zip(
        texts(vector["Input"]),
        several(Scalar, vector["Blind"]),
        several(Element, vector["BlindedElement"]),
        several(Element, vector["EvaluationElement"]),
        strict=True,
    ):
        assert blind * hash_to_group(data, b"HashToGroup-" + context_of(mode)) == blinded
        assert key * blinded == evaluated
        outputs.append(finalized(mode, vector, data, blind, evaluated))
    assert ",".join(outputs) == vector["Output"]


@pytest.mark.clause("RK-4.2")
@pytest.mark.parametrize(("suite", "vector"), PROVEN)
def test_a_proof_is_that_of_the_rfc_and_a_changed_one_does_not_hold(suite, vector):
    mode, key = suite["mode"], Scalar.parse(bytes.fromhex(suite["skSm"]))
    c = several(Element, vector["BlindedElement"])
    d = several(Element, vector["EvaluationElement"])
    if mode == POPRF:
        key = key + tweak(mode, vector)
        c, d = d, c
    claim = Equality(Element.base(key), c, d, context_of(mode))
    (r,) = several(Scalar, vector["Proof"]["r"])
    proof = _prove_equality(key, claim, r)
    assert proof.encoded.hex() == vector["Proof"]["proof"]
    assert equality_holds(claim, proof)
    other = EqualityProof(proof.encoded[:32] + r.encoded)
    assert not equality_holds(claim, other)
    assert not equality_holds(Equality(claim.b, c, d, b"another"), proof)


def test_a_claim_about_nothing_cannot_be_proven():
    claim = Equality(GENERATOR, [], [], b"")
    with pytest.raises(NeutralReached):
        _prove_equality(Scalar.random(), claim, Scalar.random())
