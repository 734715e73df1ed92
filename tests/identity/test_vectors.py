"""Our reference vectors come out again from their seed, and another implementation agrees."""

import json
import subprocess
import sys
from base64 import b32encode, urlsafe_b64decode
from hashlib import sha256, sha512
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from tests.identity import oracle
from tests.identity.oracle import GENERATOR, L, Point, decode, digest, encode, framed, scalar
from tests.identity.vectors import FILE, PERSONS

SAID: dict[str, Any] = json.loads(FILE.read_text(encoding="ascii"))
ASKER, PROVIDER = SAID["parties"]["asker"], SAID["parties"]["provider"]
LOG = SAID["parties"]["log_operator"]
CONVERTERS = SAID["parties"]["converters"]
CONTEXT = bytes.fromhex(SAID["context"])
SUITE = oracle.SUITE


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def split(text: str, size: int = 32) -> list[bytes]:
    data = raw(text)
    return [data[n : n + size] for n in range(0, len(data), size)]


def points(text: str) -> list[Point]:
    return [decode(part) for part in split(text)]


def legs(text: str) -> list[tuple[Point, Point]]:
    return [(decode(one[:32]), decode(one[32:])) for one in split(text, 64)]


def factor(converter: int, organisation: str, kv: int = 1) -> int:
    table = SAID["secrets"]["converters"][converter]["factors"]
    return scalar(raw(table[organisation][str(kv)]))


def secret(organisation: str) -> int:
    return scalar(raw(SAID["secrets"]["decryption"][organisation]["secret"]))


def nym(organisation: str, person: int) -> Point:
    whole = factor(0, organisation) * factor(1, organisation)
    return oracle.times(whole, decode(bytes.fromhex(SAID["elements"][person])))


def address(said: dict[str, Any]) -> bytes:
    """RK-4.2: an origin or an address."""
    return framed(
        *(str(said[name]).encode() for name in ("organisation", "kv", "dv") if name in said)
    )


def opened(leg: tuple[Point, Point], organisation: str) -> str:
    return encode(oracle.minus(leg[1], oracle.times(secret(organisation), leg[0]))).hex()


@pytest.mark.clause("RK-24.14")
def test_the_vectors_come_out_again_from_their_seed():
    command = [sys.executable, "-m", "tests.identity.vectors", "--print"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == FILE.read_text(encoding="ascii"), "run python -m tests.identity.vectors"


@pytest.mark.clause("RK-7.3", "RK-7.4")
def test_pids_give_the_elements_and_elements_the_nyms_codes_and_handles():
    for n, pid in enumerate(SAID["secrets"]["pids"]):
        element = oracle.hash_to_group(bytes.fromhex(pid), SUITE + b"-H2G")
        assert encode(element).hex() == SAID["elements"][n]
        for each in (ASKER, PROVIDER, LOG):
            said = SAID["nyms"][each][n]
            assert said["element"] == encode(nym(each, n)).hex()
            place = each.encode() + (1).to_bytes(4) + bytes.fromhex(said["element"])
            body = b32encode(sha512(b"PFC1-code" + place).digest()[:20]).decode()
            assert said["code"][:-1] == body
            assert said["handle"] == sha256(b"PFC1-handle" + place).hexdigest()
    for organisation, issued in SAID["issuances"].items():
        for n, leg in enumerate(issued["issuance"]["conversions"][-1]["legs"]):
            pair = (decode(raw(leg["c1"])), decode(raw(leg["c2"])))
            assert opened(pair, organisation) == SAID["nyms"][organisation][n]["element"]


@pytest.mark.clause("RK-4.2", "RK-4.3")
def test_a_question_opens_to_one_person_on_either_side_and_its_proof_holds():
    request = SAID["question"]["request"]
    last = SAID["question"]["conversions"][-1]
    for part, each in (("provider_leg", PROVIDER), ("log_leg", LOG)):
        leg = (decode(raw(last[part]["c1"])), decode(raw(last[part]["c2"])))
        assert opened(leg, each) == SAID["nyms"][each][0]["element"]
    columns = [raw(request[name]) for name in ("c1", "c_provider", "c_log")]
    parties = [address(request[name]) for name in ("asker", "provider", "log_operator")]
    start = digest(b"blinded", SUITE, CONTEXT, *parties, *columns)
    c1, to_provider, to_log = map(decode, columns)
    assert oracle.equality_holds(
        c1,
        oracle.times(secret(PROVIDER) - secret(LOG), GENERATOR),
        oracle.minus(to_provider, to_log),
        SUITE + b"-equality-" + start,
        raw(request["proof"]),
    )


class BatchSaid:
    """A batch of the vectors, read by the other implementation."""

    def __init__(self, name: str) -> None:
        self.said = SAID[name]
        self.request = self.said["request"]
        columns = [raw(self.request[one]) for one in ("numbers", "c1", "c_provider", "c_log")]
        self.parties = [address(self.request[one]) for one in ("asker", "provider", "log_operator")]
        mode = self.request["mode"].encode()
        self.start = digest(b"blinded-batch", SUITE, mode, CONTEXT, *self.parties, *columns)

    def check_equality(self) -> None:
        w = oracle.weights(self.start, PERSONS, first=1)
        c1, p, log = (points(self.request[one]) for one in ("c1", "c_provider", "c_log"))
        between = [oracle.minus(a, b) for a, b in zip(p, log, strict=True)]
        assert oracle.equality_holds(
            oracle.sum_of(w, c1),
            oracle.times(secret(PROVIDER) - secret(LOG), GENERATOR),
            oracle.sum_of(w, between),
            SUITE + b"-batch-equality-" + self.start,
            raw(self.request["proof"]),
        )

    def steps(self):
        """Yield each column of each step: whose, to whom, before, after, binding, proof."""
        so_far = digest(b"request-batch", self.start, raw(self.request["proof"]))
        c1 = points(self.request["c1"])
        before = {
            "provider": list(zip(c1, points(self.request["c_provider"]), strict=True)),
            "log": list(zip(c1, points(self.request["c_log"]), strict=True)),
        }
        for n, step in enumerate(self.said["conversions"]):
            assert (step["type"], step["converter"]) == (self.request["mode"], CONVERTERS[n])
            hashed = []
            for side, target in (("provider", self.parties[1]), ("log", self.parties[2])):
                after, proof = legs(step[f"{side}_legs"]), step[f"{side}_proof"]
                binding = digest(
                    b"passage", so_far, step["converter"].encode(), self.parties[0], target
                )
                yield (
                    n,
                    (PROVIDER if side == "provider" else LOG),
                    before[side],
                    after,
                    binding,
                    proof,
                )
                before[side] = after
                hashed += [raw(step[f"{side}_legs"]), self.text(proof)]
            so_far = digest(b"converted-batch", so_far, step["converter"].encode(), *hashed)

    @staticmethod
    def text(proof: Any) -> bytes:
        if isinstance(proof, str):
            return raw(proof)
        parts = ("permutation", "chain", "fixed", "chain_answers", "order_answers")
        return framed(*(raw(proof[one]) for one in parts))

    def opened(self, side: str, organisation: str) -> list[str]:
        return [
            opened(leg, organisation) for leg in legs(self.said["conversions"][-1][f"{side}_legs"])
        ]


def flat(*columns: list[tuple[Point, Point]]) -> bytes:
    return b"".join(encode(c1) + encode(c2) for column in columns for c1, c2 in column)


def keys_of(n: int, organisation: str) -> list[Point]:
    exponents = (factor(n, ASKER), factor(n, organisation), secret(organisation))
    return [oracle.times(one, GENERATOR) for one in exponents]


def folded(w: list[int], column: list[tuple[Point, Point]]) -> tuple[Point, Point]:
    return oracle.sum_of(w, [leg[0] for leg in column]), oracle.sum_of(
        w, [leg[1] for leg in column]
    )


@pytest.mark.clause("RK-4.4", "RK-24.1", "RK-24.3", "RK-24.4")
def test_an_ordered_batch_opens_in_its_order_and_every_proof_holds():
    batch = BatchSaid("ordered")
    batch.check_equality()
    for n, organisation, before, after, binding, proof in batch.steps():
        origin, target, receiver = keys_of(n, organisation)
        said = [binding, *map(encode, (origin, target, receiver)), flat(before, after)]
        seed = sha512(framed(SUITE + b"-conversion", *said)).digest()
        w = oracle.weights(seed, PERSONS, first=1)
        e, z1, z2 = (scalar(part) for part in split(proof))
        (b1, b2), (a1, a2) = folded(w, before), folded(w, after)
        sums = (
            oracle.sum_of([z1, z2, e], [b1, GENERATOR, a1]),
            oracle.sum_of([z1, z2, e], [b2, receiver, a2]),
            oracle.sum_of([z1, e], [origin, target]),
        )
        text = framed(seed, *map(encode, sums))
        assert oracle.hash_to_scalar(text, SUITE + b"-conversion") == e
    for side, each in (("provider", PROVIDER), ("log", LOG)):
        assert batch.opened(side, each) == [one["element"] for one in SAID["nyms"][each]]


@pytest.mark.clause("RK-24.6")
def test_a_shuffled_batch_opens_to_the_same_persons_and_every_proof_holds():
    batch = BatchSaid("shuffled")
    batch.check_equality()
    dst = SUITE + b"-shuffle"
    h, *places = (
        oracle.hash_to_group(n.to_bytes(4), dst + b"-generators") for n in range(PERSONS + 1)
    )
    ones = [1] * PERSONS
    for n, organisation, before, after, binding, proof in batch.steps():
        origin, target, receiver = keys_of(n, organisation)
        said = [binding, *map(encode, (origin, target, receiver)), flat(before, after)]
        seed = sha512(framed(dst, *said, raw(proof["permutation"]))).digest()
        u = oracle.weights(seed, PERSONS)
        product = 1
        for one in u:
            product = product * one % L
        committed, chain = points(proof["permutation"]), points(proof["chain"])
        e, z1, z2, z3, z_factor, z_fresh = (scalar(part) for part in split(proof["fixed"]))
        z_links = [scalar(part) for part in split(proof["chain_answers"])]
        z_places = [scalar(part) for part in split(proof["order_answers"])]
        (b1, b2), (a1, a2) = folded(u, before), folded(z_places, after)
        opening = oracle.minus(oracle.sum_of(ones, committed), oracle.sum_of(ones, places))
        ended = oracle.minus(chain[-1], oracle.times(product, h))
        sums = (
            oracle.sum_of([z1, e], [GENERATOR, opening]),
            oracle.sum_of([z2, e], [GENERATOR, ended]),
            oracle.sum_of([z3, *z_places, e], [GENERATOR, *places, oracle.sum_of(u, committed)]),
            oracle.minus(oracle.sum_of([z_factor, z_fresh], [b1, GENERATOR]), a1),
            oracle.minus(oracle.sum_of([z_factor, z_fresh], [b2, receiver]), a2),
            oracle.sum_of([z_factor, e], [origin, target]),
        )
        links = b"".join(
            encode(oracle.sum_of([z, place, e], [GENERATOR, link_before, link]))
            for z, place, link_before, link in zip(
                z_links, z_places, [h, *chain[:-1]], chain, strict=True
            )
        )
        text = framed(seed, raw(proof["chain"]), *map(encode, sums), links)
        assert oracle.hash_to_scalar(text, dst) == e
    for side, each in (("provider", PROVIDER), ("log", LOG)):
        assert sorted(batch.opened(side, each)) == sorted(
            one["element"] for one in SAID["nyms"][each]
        )


@pytest.mark.clause("RK-24.8")
def test_the_quotients_open_and_lead_to_the_rotated_codes():
    whole = 1
    for n, said in enumerate(SAID["quotients"]):
        shared = oracle.times(secret(ASKER), decode(raw(said["c1"])))
        about = [said["converter"].encode(), str(said["before"]).encode()]
        parts = framed(
            b"PFC1",
            b"quotient",
            SUITE,
            *about,
            address(said["receiver"]),
            raw(said["c1"]),
            encode(shared),
        )
        plain = AESGCM(sha256(parts).digest()).decrypt(bytes(12), raw(said["sealed"]), None)
        assert scalar(plain) * factor(n, ASKER, 1) % L == factor(n, ASKER, 2)
        whole = whole * scalar(plain) % L
    for n, said in enumerate(SAID["rotated"]):
        element = encode(oracle.times(whole, nym(ASKER, n)))
        assert said["element"] == element.hex()
        place = ASKER.encode() + (2).to_bytes(4) + element
        body = b32encode(sha512(b"PFC1-code" + place).digest()[:20]).decode()
        assert said["code"][:-1] == body


def test_the_other_implementation_knows_bad_encodings():
    for bad in (bytes(32), b"\xff" * 32, b"\x01" + bytes(31), bytes(31)):
        with pytest.raises(ValueError, match=r"canonical|element"):
            decode(bad)
